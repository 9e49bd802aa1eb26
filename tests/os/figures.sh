#!/usr/bin/env bash
# figures.sh - what pxOS costs, in instructions of the machine: booting, and a system call. TAP, with the figures.
. tests/os/lib.sh
with_programs calls endless

# retired INPUT: instructions of a whole session, and what it printed, in $all and $own.
retired() {
    "$PX" run -q --host --state "$dir/os.pxi" -o "$dir/state.png" <<<"$1" >"$dir/own" || return 1
    all=$("$PX" info --json "$dir/state.png" | tr ',{}' '\n' | sed -nE 's/^ *"retired": *([0-9]+).*/\1/p' | head -n 1) own=$(cat "$dir/own")
}

retired '' && boot=$all && [ "$boot" -gt 0 ] && [ "$boot" -le 3000000 ]
result $? "boot, and the end of the shell: $boot instructions (at most 3,000,000)"

# together CALLS PROCESSES: the kernel's own instructions in a session where so many processes ask so often.
together() {
    local line= i
    for ((i = 1; i < $2; i++)); do line+="calls $1 & "; done
    retired "${line}calls $1; wait" || return 1
    kernel=$((all - ($(tr '\n' ' ' <<<"$own" | sed 's/ *$//; s/ /+/g'))))
}

# Two sessions that differ by 1,000 calls of each, in which all are there at once.
figure() { # PROCESSES MOST
    together 1000 "$1" && local few=$kernel && together 2000 "$1" && kernel=$(((kernel - few) / (1000 * $1))) &&
        [ "$kernel" -gt 0 ] && [ "$kernel" -le "$2" ]
    result $? "a getpid, $1 processes asking in each round: $kernel kernel instructions (at most $2)"
}
figure 1 400
figure 20 20

# A text without an end, of nearly a slot: refusing it must cost less than the asker's share of a round.
retired 'endless 0' && few=$all && retired 'endless 100' && kernel=$(((all - few) / 100)) && [ "$kernel" -gt 0 ] && [ "$kernel" -le 16384 ]
result $? "a text without an end: $kernel instructions (at most 16,384)"
"$PX" run -q --host "$dir/os.pxi" <<<'endless; exit $?' >"$dir/got"
status=$? bytes=$(wc -c <"$dir/got")
[ $status = 0 ] && [ "$bytes" = 18364 ] # four times the sum of its lengths
result $? 'texts of all lengths end where they should' "exit $status, $bytes bytes"
finish
