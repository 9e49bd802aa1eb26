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

# Two sessions that differ by 1,000 calls; the caller's own instructions are taken off.
retired 'calls 1' && one=$((all - own)) && retired 'calls 1001' && many=$((all - own))
kernel=$(((many - one) / 1000))
[ "$kernel" -gt 0 ] && [ "$kernel" -le 400 ]
result $? "a getpid of one process: $kernel kernel instructions (at most 400)"
finish
