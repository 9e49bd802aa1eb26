#!/usr/bin/env bash
# lookup.sh [NAMES] - FAT on pixels: every name of a folder of NAMES (4096) is found, and what the core with four lanes needs for one. TAP. PX is px,
# OPS tests/fs/ops.c, built.
. tests/os/lib.sh
PATH=$PATH:/usr/sbin:/sbin
command -v mkfs.fat >/dev/null || { echo '1..0 # SKIP mkfs.fat is not here (Debian: apt install dosfstools)'; exit 0; }
all=${1:-4096}
MOST=40000 # cycles of a lookup
kib=1000
mkfs.fat -C -F 32 -s 1 "$dir/disk" $kib >/dev/null 2>&1
: >"$dir/0"; printf x >"$dir/1"
for n in $(seq 0 $((all - 1))); do printf 'put\t%s\tEntry %04d.te\n' "$dir/$((n % 8 == 0))" "$n"; done |
    "$OPS" fat "$dir/disk" >"$dir/said"
[ "$(wc -l <"$dir/said")" = 1 ]
result $? "a folder of $all long names" "$(head -n 3 "$dir/said")"

program() { # NAMES
    "$PX" cc -q -O2 -I. "-DIMAGE=\"$dir/disk\"" -DSECTORS=$((2 * kib)) -DALL="$all" -DNAMES="$1" --stack 4096 --heap 0 tests/fs/lookup.c os/fs/fat*.c -o "$dir/$1.pxi"
}
retired() { sed -nE 's/.* after ([0-9,]+) instructions.*/\1/p' "$1" | tr -d ,; }
program "$all"
"$PX" run --on fast "$dir/$all.pxi" -o "$dir/out.png" >"$dir/said" 2>&1
grep -q 'halted at' "$dir/said"
result $? 'each is found' "$(cat "$dir/said")"

# Two programs of other numbers of names differ by lookups; what the first takes is left to the fast executor.
program 12 && program 2
"$PX" run --on fast "$dir/2.pxi" -o "$dir/out.png" >"$dir/said" 2>&1
begun=$(retired "$dir/said")
"$PX" run --on fast --budget "$begun" --state "$dir/12.pxi" -o "$dir/state.png" >/dev/null 2>&1
if "$PX" run --on rtl4 --state "$dir/state.png" -o "$dir/out.png" >"$dir/said" 2>&1; then
    cycles=$(sed -nE 's/.* ([0-9,]+) cycles.*/\1/p' "$dir/said" | tr -d ,)
    [ $((cycles / 10)) -le $MOST ]
    result $? "a lookup is $((cycles / 10)) cycles of the core with four lanes" "more than $MOST; $(cat "$dir/said")"
else
    echo '# cycles of the core with four lanes are not told: rtl4 is not here'
fi
finish
