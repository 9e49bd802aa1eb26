#!/usr/bin/env bash
# diff.sh - px diff says why: the instruction, its operands and line, what each made of it, a picture and a case. The
# executor that is wrong is the second machine with a fault whose first victim is known. TAP.
. tests/cli/lib.sh
cat >"$dir/count.pxa" <<'PXA'
    .size 16, 8
      li r1, 9
      li r2, 1
      li r3, 40
again: sub r1, r1, r2
      st [r3 + 0], r1
      bne r1, r0, again
      halt
PXA
mkdir -p "$dir/second/tests/conformance" "$dir/second/pxi"
cp pxi/isa.def "$dir/second/pxi"
cp tests/conformance/pxvm*.py "$dir/second/tests/conformance"
wrong="cmd:$dir/second/tests/conformance/pxvm.py"
# 6 - 1 is 4: three rounds of three instructions, 3 before them, and the subtraction is the 13th.
sed -i -E 's/^( *)"SUB": lambda x, y: (.*),$/\1"SUB": lambda x, y: (\2) - (x == 6 and y == 1),/' \
    "$dir/second/tests/conformance/pxvm_v1.py"
said=$("$PX" diff "$dir/count.pxa" --on "ref,$wrong" --picture "$dir/why.png" --shrink "$dir/case.pxt" 2>&1)
[ $? = 1 ]
result $? 'they differ' "$said"
says() { grep -qE -- "$2" <<<"$said"; result $? "$1" "$said"; }
says 'the instruction by its number' 'first at instruction 13, pc 8, \(8,0\): sub r1, r1, r2'
says 'its line, its place and its operands' 'count.pxa:5: again: sub r1, r1, r2; r1 = 6, r2 = 1'
says 'what each made of it' '^  r1 +0x00000005 +0x00000004$'
says 'a case' "the case is in $dir/case.pxt"
expect 'which the first agrees with' 0 '1 cases, 0 failed' "$PX" conformance --on ref "$dir/case.pxt"
expect 'and the other does not' 1 'r1: expected 0x00000005 \(5\), got 0x00000004' "$PX" conformance --on "$wrong" "$dir/case.pxt"
[ "$(grep -c '^given' "$dir/case.pxt")" -le 4 ]
result $? 'with little in it' "$(cat "$dir/case.pxt")"
# 8 of a gap, panels of 16 x 16 pixels each 16 wide, three times with a gap; 13 of a title above, 8 below.
expect 'a picture of three panels' 0 '800x149' pngcheck "$dir/why.png"
sed 's/li r3, 40/li r3, 41/' "$dir/count.pxa" >"$dir/other.pxa"
sed 's/size 16, 8/size 16, 9/' "$dir/count.pxa" >"$dir/higher.pxa"
for name in count other higher; do "$PX" run -q "$dir/$name.pxa" -o "$dir/$name.png"; done
expect 'two pictures, side by side' 1 'first in pixel' "$PX" diff "$dir/count.png" "$dir/other.png" --picture "$dir/two.png"
expect 'in three panels' 0 '800x149' pngcheck "$dir/two.png"
expect 'two of different sizes' 2 'side by side are pictures of one size' \
    "$PX" diff "$dir/count.png" "$dir/higher.png" --picture "$dir/none.png"
expect 'two pictures and --shrink' 2 'options are for a program that is run' "$PX" diff "$dir/why.png" "$dir/why.png" --shrink "$dir/x.pxt"
expect 'no difference, no case' 0 'the same image and state' "$PX" diff "$dir/count.pxa" --on ref,fast --shrink "$dir/none.pxt"
[ ! -e "$dir/none.pxt" ]
result $? 'and no file'
finish
