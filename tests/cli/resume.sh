#!/usr/bin/env bash
# resume.sh - stop on one executor, save, resume on another; the end is the same as without the stop.
. tests/cli/lib.sh

on=(ref)
for executor in rtl opencl; do
    "$PX" run --on $executor build/programs/dot_test.pxi -q 2>/dev/null && on+=($executor)
done
for program in sieve life dot_test; do
    file=build/programs/$program.pxi
    "$PX" run "$file" --state -q -o "$dir/whole.pxi"
    for first in "${on[@]}"; do
        for second in "${on[@]}"; do
            "$PX" run "$file" --on "$first" --budget 777 --state -q -o "$dir/part.pxi"
            "$PX" run "$dir/part.pxi" --on "$second" --state -q -o "$dir/end.pxi"
            cmp -s "$dir/whole.pxi" "$dir/end.pxi"
            result $? "$program: 777 instructions on $first, the rest on $second"
        done
    done
done
finish
