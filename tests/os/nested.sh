#!/usr/bin/env bash
# nested.sh - processes that run machines of their own: another pxOS in pxOS, which ends in the same pixels as alone, and one in that;
# RESUME traps as it does outside; and machines without end are no neighbour's trouble. TAP.
. tests/os/lib.sh
small lists
cp "$OS-mini.pxi" "$dir/mini.pxi"
kernel=(--kernel "$OS/kernel/kernel.pxi")

# ---- pxOS in pxOS

mkdir -p "$dir/tree/home"
printf 'echo inside; ls /bin | wc\nps | head -n 3; nosuch\nyes | head -n 1; sh -c "exit 3"; echo $?\nexit 7\n' | tee "$dir/in" >"$dir/tree/home/in"
"$PX" run --host --on ref --state "$dir/mini.pxi" -o "$dir/alone.png" <"$dir/in" >"$dir/wanted" 2>"$dir/err"
[ $? = 7 ] && grep -q '^inside$' "$dir/wanted"
result $? 'a session of the mini system alone' "$(cat "$dir/wanted" "$dir/err")"

"$PX" mkos -q "${kernel[@]}" --tree "$dir/tree" --slots 2K=8,16K=2,48K=1 "$OS"/{sh,echo,cat}.pxi "$dir/mini.pxi" -o "$dir/os.pxi" || exit 1
echo 'status 7' >>"$dir/wanted"
printf 'mini </home/in; echo status $?\n' >"$dir/in"
session 'the same as a process' 0

# The last slot, a state of 64 columns, and the state that was left alone; a program's pixel 4 is 0 where it runs.
cat >"$dir/compare.py" <<'END'
import os, sys
sys.path.insert(0, "tests/gallery")
import png
alone, nested = (png.read(path)[2] for path in sys.argv[1:3])
slot = nested[-48 * 1024:]
wrong = [i for i in range(len(alone)) if slot[i] != alone[i] and (i >= 320 or i == 9)]
print("retired", slot[9], alone[9], "first difference", wrong[:1])
sys.exit(bool(wrong) or slot[9] < 100000)
END
for on in $OS_ON; do
    python3 "$dir/compare.py" "$dir/alone.png" "$dir/$on.png" >"$dir/got" 2>&1
    result $? "the same pixels and as many instructions as alone, on $on" "$(cat "$dir/got")"
done

# The kernel that runs it is a process itself.
cp "$dir/os.pxi" "$dir/middle.pxi"
"$PX" mkos -q "${kernel[@]}" --root pxfs=600K --slots 2K=8,16K=2,512K=1 "$OS"/{sh,echo,cat}.pxi "$dir/middle.pxi" -o "$dir/os.pxi" || exit 1
printf 'echo "mini </home/in; echo status \\$?; exit 5" | middle; echo and $?\n' >"$dir/in"
echo 'and 5' >>"$dir/wanted"
session 'a system in a system in a system' 0

# ---- RESUME in a process

# resume NAME TEXT: a picture of 64 x 30, with slots of r1, r2 pixels, allowances of r3, vl r4; it traps as it does alone
: >"$dir/wanted"
names=()
resume() {
    printf '.size 64, 30\n set r1, %d\n set r2, %d\n set r3, %d\n set r4, %d\n vl r4\n resume [r1], [r3]\n halt\n' "${@:2}" >"$dir/$1.pxa"
    "$PX" asm -q "$dir/$1.pxa" -o "$dir/$1.pxi" || exit 1
    names+=("$1")
    "$PX" run --on ref "$dir/$1.pxi" -o "$dir/$1.png" 2>&1 | sed -nE 's/.*trapped at pc ([0-9]+),.*: ([A-Z]+), .*\(value 0x([0-9A-F]+)\)/\1 \2 \3/p' |
        while read -r pc cause value; do
            echo "pxos: process $((1 + ${#names[@]})), $1: trap $cause at pc $pc, value $((16#$value))" >>"$dir/wanted"
        done
}
resume slots-out 1500 300 100 2
resume slots-far 4294967295 4294967295 100 2
resume slots-wrap 1000 2147483648 100 2
resume allow-out 1000 300 1919 2
resume both-out 1900 300 1919 2
resume overlap 1000 300 1599 2
resume apart 1000 300 1600 2
resume pc-in-slots 0 300 1600 2
resume pc-allow 1000 300 10 2
resume no-slots 4294967295 300 4294967295 0
resume no-pixels 1919 0 100 2
resume small-slots 1000 200 100 2
traps=$(wc -l <"$dir/wanted")
[ "$traps" = 8 ]
result $? "8 of ${#names[@]} that trap alone" "$(cat "$dir/wanted")"
for name in "${names[@]}"; do echo "$name"; done >"$dir/in"
"$PX" mkos -q --from "$OS.pxi" $(printf "$dir/%s.pxi " "${names[@]}") -o "$dir/os.pxi" || exit 1 # names have no blanks
session 'RESUME traps as it does alone' 0

# One with machines of which two never end, with all that 32 bits allow; a third halts, which nobody waits for.
cat >"$dir/deep.pxa" <<'END'
        .size 64, 40
        set r1, 1000
        set r2, 320
        set r3, 640
        set r4, 3
        vl r4
        resume [r1], [r3]
        halt
        .org 640
        .word 0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF
        .org 1000
        .word 0x01535850, 1, 1, 4
        .org 1266
loop:   jmp loop
        .org 1320
        .word 0x01535850, 1, 1, 4
        .org 1586
        halt
        .org 1640
        .word 0x01535850, 1, 1, 4
        .org 1906
more:   jmp more
END
"$PX" asm -q "$dir/deep.pxa" -o "$dir/deep.pxi" && "$PX" mkos -q --from "$OS.pxi" "$dir/deep.pxi" "$dir/lists.pxi" -o "$dir/os.pxi" || exit 1
printf 'deep & deep & echo on\nps | grep -c deep; kill %%1 %%2; echo off\n' >"$dir/in"
printf 'on\n2\noff\n' >"$dir/wanted"
session 'machines without end, and a neighbour' 0

# ---- lists
echo lists >"$dir/in"
printf '%s\n' in 'several 4: 3 1, -5 1, 7 1, -4 1, -5 1, 7 2' 'again 0: 3 1, -5 1, 7 1, -4 1, -5 1, 7 2' 'none 0' 'too many -15' 'outside -3' \
    'two 1: 7 2, 2 1' 'ye one 1: 2 1, 2 1' 'no' >"$dir/wanted"
session 'SUBMIT and POLL' 0
finish
