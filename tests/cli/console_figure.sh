#!/usr/bin/env bash
# console_figure.sh - what printing costs: a program that makes 16,384 lines of 64 bytes, with each line printed and without, and one
# that prints 2^20 bytes one by one, against asking for nothing as often. Instructions of this processor, by callgrind.
set -eu
px=${PX:-build/px} dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
lines() { # WHAT stands where a line is printed
    cat <<END
        .size 64, 4
        .include "host.inc"
        set  r4, 16384
next:   li   r5, 62
        mov  r6, r3
        set  r7, line
        li   r8, 10
digit:  rem  r9, r6, r8
        addi r9, r9, '0'
        stb  [r7 : r5], r9
        div  r6, r6, r8
        addi r5, r5, -1
        bge  r5, r0, digit
        set  r1, SYS_PRINT | 64
        set  r2, line * 4
        $1
        addi r3, r3, 1
        bne  r3, r4, next
        halt
        .align 16
line:   .bytes "..............................................................", 32, 10
END
}
bytes() {
    cat <<END
        .size 16, 4
        .include "host.inc"
        set  r4, 1 << 20
        li   r5, 'a'
next:   $1
        sys  r1
        addi r3, r3, 1
        bne  r3, r4, next
        halt
END
}
cost() { valgrind --tool=callgrind --callgrind-out-file=/dev/null "$px" run "$1" --host 2>&1 >/dev/null | sed -n 's/.*Collected : //p'; }
compare() { awk -v a="$2" -v b="$3" -v what="$1" 'BEGIN { printf "%s: %.2f times, %d and %d instructions\n", what, a / b, a, b }'; }
lines 'sys  r1' >"$dir/a.pxa"
lines nop >"$dir/b.pxa"
compare '1 MB by lines, against the same without printing' "$(cost "$dir/a.pxa")" "$(cost "$dir/b.pxa")"
bytes $'lui  r1, SYS_PUTC >> 16\n ins r1, r5, 0' >"$dir/a.pxa"
bytes $'lui  r1, SYS_YIELD >> 16\n ins r2, r5, 0' >"$dir/b.pxa"
compare '1 MB byte by byte, against asking for nothing as often' "$(cost "$dir/a.pxa")" "$(cost "$dir/b.pxa")"
