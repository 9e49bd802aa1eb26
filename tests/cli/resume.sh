#!/usr/bin/env bash
# resume.sh - stop on one executor, save, resume on another; the end is the same as without the stop.
. tests/cli/lib.sh

on=(ref fast)
for executor in rtl opencl; do
    "$PX" run --on $executor build/programs/dot_test.pxi -q 2>/dev/null && on+=($executor)
done
for program in sieve life dot_test; do
    file=build/programs/$program.pxi
    "$PX" run "$file" --on ref --state -q -o "$dir/whole.pxi"
    for first in "${on[@]}"; do
        for second in "${on[@]}"; do
            "$PX" run "$file" --on "$first" --budget 777 --state -q -o "$dir/part.pxi"
            "$PX" run "$dir/part.pxi" --on "$second" --state -q -o "$dir/end.pxi"
            cmp -s "$dir/whole.pxi" "$dir/end.pxi"
            result $? "$program: 777 instructions on $first, the rest on $second"
        done
    done
done

# SPEC.md section 3: when the last instruction within the budget is SYS, the status is WAITING, answers or not.
printf '.size 16, 2\n set r2, 0\n sys r2\n halt\n' >"$dir/sys.pxa"
"$PX" asm "$dir/sys.pxa" -q -o "$dir/sys.pxi"
for executor in "${on[@]}"; do
    expect "$executor: a SYS that ends the budget waits" 3 'waiting for an answer .*after 2 instructions' \
        "$PX" run "$dir/sys.pxi" --on "$executor" --budget 2 --answers 5 -o "$dir/waits.pxi"
    expect "$executor: it has taken no answer" 0 'halted .*after 1 instruction\b' \
        "$PX" run "$dir/waits.pxi" --on "$executor" --answers 5
    expect "$executor: one instruction more, and it is answered" 0 'halted .*after 3 instructions' \
        "$PX" run "$dir/sys.pxi" --on "$executor" --budget 3 --answers 5
done
# The example of ASSEMBLY.md: the blocks of its section.
sed -n '/^## Machines in the image/,/^## The command/p' pxi/ASSEMBLY.md |
    awk -v dir="$dir" '/^```/ { if (inside) n++; inside = !inside; next } inside { print >(dir "/" (n ? "kernel" : "worker") ".pxa") }'
expect 'a machine that has not begun' 3 'after 0 instructions' "$PX" run "$dir/worker.pxa" --budget 0 --state -o "$dir/worker.state.pxi"
expect 'counts to 500 in an image' 0 'r5 = 0x000001F4' "$PX" run --trace=last:3 "$dir/kernel.pxa"
expect 'and is found there' 0 'a saved machine of 16x2 at 14, \(14,0\): RUNNING at pc 5' "$PX" info "$dir/kernel.pxa"
finish
