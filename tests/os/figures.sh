#!/usr/bin/env bash
# figures.sh - what pxOS costs, in instructions of the machine: booting, and a system call. TAP, with the figures.
. tests/os/lib.sh
with_programs calls

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
finish
