#!/usr/bin/env bash
# cycles.sh - what calls of one process and of many take on the Verilated core, in clock cycles of the kernel's own: those of a
# whole round less its RESUME's. Prints a table; `make os-figures` runs it. CORE is a px that has rtl, MANY how many ask at once,
# FILES how many read and write: more than 160 and 128 need a core of more than 2^20 pixels: make RTL_AW=22 RTL_MODELS=plain B=DIR DIR/px,
# and CORE=DIR/px MANY=1000 FILES=256.
. tests/os/lib.sh
CORE=${CORE:-$PX} MANY=${MANY:-160} FILES=${FILES:-128}
"$CORE" devices 2>/dev/null | grep -qE '^ *rtl[^-]* the Verilog core' || { echo 'px has no rtl, so there are no cycles'; exit 0; }

# system MOST [FLAG..]: $dir/os.pxi, in which crowd, made with these flags, has room for so many processes.
system() {
    rm -f "$dir"/*.pxi
    program "-Os --freestanding --stack 256 --heap 64 ${*:2}" crowd
    with_programs
    local pixels
    pixels=$("$PX" info "$dir/crowd.pxi" | sed -nE '1s/.* ([0-9]+) pixels/\1/p')
    "$PX" mkos -q --from "$dir/os.pxi" --slots $((pixels + 384))=$((2 * $1 + 4)),16K=3 -o "$dir/os.pxi" || exit 1
    retired os "crowd g $1 2"
    case $own in '' | *[!0-9]*) echo "cycles.sh: no $1 processes fit: ${own:-no answer}" >&2; exit 1 ;; esac
}

# cycles STATE BUDGET
cycles() { "$CORE" run --on rtl --budget "$2" "$1" 2>&1 | sed -nE 's/.* ([0-9,]+) cycles.*/\1/p' | tr -d ,; }

# Eight rounds in the middle, where all are there: the host is heard in one of them. A round begins before its RESUME.
rounds() { # WHAT KIND PROCESSES BUDGET
    "$PX" run -q --host --budget "$4" --state "$dir/os.pxi" -o "$dir/state.pxi" <<<"crowd $2 $3 100000" >/dev/null 2>&1
    "$PX" run --on ref --budget $((400000 + 1000 * $3)) --trace "$dir/state.pxi" 2>/dev/null | awk '
        /^slot/ { next } $3 == "resume" { print last, NR } { last = NR }' | sed -n '2p;10p' >"$dir/rounds"
    local begin end next at_begin at_end at_next
    { read -r begin end && read -r next _; } <"$dir/rounds"
    at_begin=$(cycles "$dir/state.pxi" "$begin") at_end=$(cycles "$dir/state.pxi" "$end") at_next=$(cycles "$dir/state.pxi" "$next")
    resume=$((at_end - at_begin)) kernel=$(((at_next - at_begin) / 8 - resume))
    printf '%-28s %4d at once: %8d cycles a round, %6d for each; RESUME beside them %8d\n' "$1" "$3" $kernel $((kernel / $3)) $resume
}
system "$MANY" -D FEW
for what in 'getpid g' 'PROCESS s' 'STAT d' 'a message m'; do
    kind=${what##* } name=${what% *}
    [ "$kind" = m ] || { rounds "$name" "$kind" 1 400000; one=$kernel; }
    rounds "$name" "$kind" "$MANY" $((MANY * 12500))
    [ "$kind" = m ] || echo "$name: $((one * MANY / kernel)) times fewer cycles than $MANY rounds of one, in a table of $((2 * MANY + 7)) columns"
done
system "$FILES"
for what in 'a pipe q' 'read of a file r' 'write of a file o'; do
    rounds "${what% *}, 64 bytes" "${what##* }" "$FILES" $((FILES * 12500 + 400000))
done
