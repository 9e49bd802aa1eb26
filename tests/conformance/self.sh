#!/usr/bin/env bash
# self.sh - the conformance set on the second implementation, and the runner on executors that are wrong on purpose.
# TAP. From the repository root; PX and PYTHON name the programs.
set -u
. tests/cli/lib.sh
here=tests/conformance
# The interpreter itself, without site packages: its start is most of the time that a case takes.
python=$(${PYTHON:-python3} -c 'import sys; print(sys.executable)') || { echo '1..0 # SKIP python3 is not here'; exit; }
python="$python -sS"
unset PYTHONDONTWRITEBYTECODE
export PYTHONPYCACHEPREFIX=$dir

# As anybody's executor is run, a process a case: files taken and refused, budgets, examples. At the end all of the set follows, in one
# process: what more of these would add is the interpreter's start. Two halves at a time.
files=("$here"/{budget,examples,load}.pxt)
for half in 0 1; do
    mine=()
    for i in "${!files[@]}"; do [ $((i % 2)) = $half ] && mine+=("${files[i]}"); done
    "$PX" conformance --tap --on "cmd:$python $here/pxvm.py" "${mine[@]}" >"$dir/half$half" 2>&1 &
done
wait
for half in 0 1; do
    while IFS= read -r line; do
        case $line in
        'ok '*) result 0 "pxvm: ${line#* - }" ;;
        'not ok '*) result 1 "pxvm: ${line#* - }" "$(grep '^#' "$dir/half$half" | head -n 40)" ;;
        esac
    done <"$dir/half$half"
done
[ $count = ${#files[@]} ]
result $? "pxvm: every file was run" "$(cat "$dir"/half?)"

# Wrong executors, on two cases: one to run, one to refuse.
cat >"$dir/two.pxt" <<'CASES'
case runs
size 16x4
given r1 = 5
run addi r1, r1, 2
budget 2
expect halted, pc = 6, retired = 2, r1 = 7

case refuses
given m[3] = 1
expect refused
CASES
wrong() {
    local how=$1 status=$2 pattern=$3
    PX_CMD_TIMEOUT=${timeout-60} expect "wrong.py $how: $pattern" "$status" "$pattern" \
        "$PX" conformance --on "cmd:$python $here/wrong.py $how" "$dir/two.pxt"
}
wrong honest 0 '2 cases, 0 failed'
wrong pixel 1 'pixel \(15,3\), address 63: expected 0x00000000 \(0\), got 0x01000000'
wrong register 1 'r200: expected 0x00000000 \(0\), got 0x00000001'
wrong retired 1 'retired: expected 0x00000002 \(2\), got 0x00000003'
wrong pc 1 'not a state that can be'
wrong row 1 'expected a 16x4 image of profile 1, got 16x3 of 1'
wrong image 1 'not a saved state: pixel 0 is 0x01495850'
wrong early 1 'status: expected HALTED, got RUNNING'
wrong trash 1 'not a whole picture'
wrong short 1 'not a whole picture'
wrong surplus 1 'not a whole picture'
wrong empty 1 'not a whole picture'
wrong accepts 1 'expected to be refused, was run'
wrong refuses 1 'was refused: not today'
wrong mute 1 'refused the input with status 2 and no message'
wrong both 1 'refused the input with status 2, yet wrote an output'
wrong silent 1 'ended with status 0 and wrote no output'
wrong fails 1 'ended with status 1, .*it said: the second line\?'
wrong directory 1 'not a regular file'
wrong dies 1 'was ended by signal 11'
timeout=1 wrong hangs 1 'did not end within 1 s'
expect "a program that is not there" 1 "cannot start './nothing'" "$PX" conformance --on cmd:./nothing "$dir/two.pxt"
expect "no program" 2 'needs a program' "$PX" conformance --on 'cmd: ' "$dir/two.pxt"
PX_CMD_TIMEOUT=soon expect "a limit that is none" 2 "PX_CMD_TIMEOUT is 'soon'" "$PX" conformance --on cmd:x "$dir/two.pxt"

# Called wrongly, which is no refusal (SPEC.md section 11).
"$PX" conformance --export "$dir/one" "$here/examples.pxt"
input=$(echo "$dir"/one/examples/001-*.input.pxi)
expect "pxvm.py: an input that is not there" 1 'no.pxi' $python $here/pxvm.py "$dir/no.pxi" "$dir/out.pxi" 1
expect "pxvm.py: an output that cannot be written" 1 'no/out.pxi' $python $here/pxvm.py "$input" "$dir/no/out.pxi" 1
for budget in 18446744073709551616 -1 1.5 0x10 ''; do
    expect "pxvm.py: a budget of '$budget'" 1 'usage' $python $here/pxvm.py "$input" "$dir/out.pxi" "$budget"
done
expect "pxvm.py: an input that is refused" 2 'not a PNG' $python $here/pxvm.py "$dir/two.pxt" "$dir/out.pxi" 1

# The executor interface, behind px run: chunks, and a reply that cannot follow from what was sent.
"$PX" conformance --export "$dir/two" "$dir/two.pxt"
input=$dir/two/two/001-runs.input.pxi
for how in row retired early; do
    case $how in
    row) pattern='was given a 16 x 4 image of profile 1 and replied with a 16 x 3 one' ;;
    retired) pattern='says that it retired 2 instructions within a budget of 1' ;;
    early) pattern='stopped a running program after 0 instructions of 1' ;;
    esac
    expect "px run, wrong.py $how: $pattern" 2 "$pattern" \
        "$PX" run "$input" --budget 1 --on "cmd:$python $here/wrong.py $how" -o "$dir/out.pxi"
done

# A differing case names the instruction and everything that differs, in this process too.
sed 's/r1 = 7/r1 = 8, m[2,3] = 9/' "$dir/two.pxt" >"$dir/false.pxt"
expect "a false expectation, its case" 1 'false.pxt:1: runs$' "$PX" conformance "$dir/false.pxt"
expect "a false expectation, the register" 1 'r1: expected 0x00000008 \(8\), got 0x00000007 \(7\)' \
    "$PX" conformance "$dir/false.pxt"
expect "a false expectation, the pixel" 1 'pixel \(2,3\), address 50: expected 0x00000009' \
    "$PX" conformance "$dir/false.pxt"
expect "a false expectation, the instruction" 1 'from pc 5: addi r1, r1, 2' "$PX" conformance "$dir/false.pxt"
sed 's/^run/rule addi, budget\nrun/' "$dir/false.pxt" >"$dir/cites.pxt"
expect "a false expectation, what it cites" 1 'SPEC.md: addi, budget$' "$PX" conformance "$dir/cites.pxt"
expect "a false expectation, in TAP" 1 '^not ok 1 - ' "$PX" conformance --tap "$dir/false.pxt"

cat >"$dir/slots.pxt" <<'CASES'
case slots
size 16x60
slot A 64 1x1 x2 apart 270
slot B 690 3x1
given r1 = 64 270 40, vl = 2, m[40] = 1 1
run resume [r1], [r3]
budget 2
expect retired = 2, A.next, A.r7 = 1, B.m[2] = 5, B[266] = 6, m[40] = 0 0
CASES
differs() { expect "a false expectation, $1" 1 "$2" "$PX" conformance "$dir/slots.pxt"; }
differs 'a register in a slot' 'address 81, A number 0.r7: expected 0x00000001'
differs 'that of the next' 'address 351, A number 1.r7: expected 0x00000001'
differs 'a field in a slot' 'address 70, A number 0.status: expected 0x00000000 \(0\), got 0x00000001'
differs 'how many there are' 'and [0-9]+ more'
sed -i 's/A.next, A.r7 = 1, /A.halted, A.retired = 1, /' "$dir/slots.pxt"
differs 'the padding of a slot' 'address 956, B\[266\]: expected 0x00000006'
differs 'a pixel of its image' 'address 959, B.m\[2\]: expected 0x00000005'

# Bad files: FILE:LINE and what is wrong.
bad() {
    printf '%b' "$2" >"$dir/bad.pxt"
    expect "bad file: $1" 2 "bad.pxt:$3: .*$4" "$PX" conformance "$dir/bad.pxt"
}
bad 'empty' '' 1 'no case'
bad 'a binary' 'case a\0b\n' 1 'a text holds no byte 0'
bad 'a tab' 'case a\n\trun halt\n' 2 'a tab'
bad 'no case yet' '# x\nrun halt\n' 2 'before the first case'
bad 'a case without a name' 'case\n' 1 'needs a name'
bad 'a name twice' 'case a\nexpect nothing\ncase a\nexpect nothing\n' 3 'in line 1 already'
bad 'no expectation' 'case a\nrun halt\n' 1 'expects nothing'
bad 'an unknown line' 'case a\nruns halt\n' 2 'expected case, rule, size'
bad 'a rule without an id' 'case a\nrule\nrun halt\n' 2 'one line of ids'
bad 'two lines of rules' 'case a\nrule halt\nrule pc\n' 3 'one line of ids'
bad 'two runs' 'case a\nrun halt\nrun halt\n' 3 'one run or code'
bad 'code without code' 'case a\ncode\nexpect next\n' 3 'without an indented line'
bad 'an indented line' 'case a\n  halt\n' 2 'outside code and png'
bad 'png without bytes' 'case a\npng\nexpect refused\n' 3 'png without an indented line'
bad 'half a byte' 'case a\npng\n  89504E4\nexpect refused\n' 3 "found '4', expected bytes"
bad 'no hexadecimal digit' 'case a\npng\n  89 5x\nexpect refused\n' 3 "found '5x'"
bad 'png and what it is' 'case a\npng here.png\nexpect refused\n' 2 "'png here.png', expected png alone"
bad 'a picture of no size' 'case a\npng zeros 0x4\nexpect refused\n' 2 'expected png alone'
bad 'two files' 'case a\npng zeros 4x4\npng zeros 4x4\nexpect refused\n' 3 'expected case, rule, size'
bad 'a checksum in given bytes' 'case a\ngiven checksum\npng zeros 4x4\nexpect refused\n' 1 'png is the whole input file'
bad 'an assembly error' 'case a\ncode\n    halt\n    hlat\nexpect next\n' 4 'does not assemble: .*hlat'
bad 'a size' 'case a\nsize 16\n' 2 'expected a size'
bad 'a budget' 'case a\nbudget -1\n' 2 'a number of instructions'
bad 'a budget beyond 64 bits' 'case a\nbudget 18446744073709551616\n' 2 'a number of instructions'
bad 'a register' 'case a\ngiven r256 = 1\nexpect nothing\n' 2 'expected 0 to 255'
bad 'a value' 'case a\ngiven r1 = 4294967296\nexpect nothing\n' 2 'found .4294967296'
bad 'no value' 'case a\ngiven r1 =\nexpect nothing\n' 2 'expected a number'
bad 'a pixel outside' 'case a\ngiven m[127] = 1 2\nexpect nothing\n' 2 'of an image of 128'
bad 'a column outside' 'case a\ngiven m[16,0] = 1\nexpect nothing\n' 2 'column 16'
bad 'a channel' 'case a\ngiven m[6] = (1,2,3,256)\nexpect nothing\n' 2 'found .256'
bad 'a mnemonic' 'case a\ngiven m[6] = hlat(1,2,3)\nexpect nothing\n' 2 "no instruction 'hlat'"
bad 'a field' 'case a\nexpect pd = 5\n' 2 "'pd' is not known"
bad 'a cause' 'case a\nexpect trap RANG 5\n' 2 "'RANG' is no status or cause"
bad 'named twice' 'case a\nexpect r1 = 5 6, r2 = 7\n' 2 'r2 is named twice'
bad 'refused and more' 'case a\nexpect refused\nexpect next\n' 2 'no other expectation'
bad 'a slot without a letter' 'case a\nslot 64 2x2\n' 2 'expected a letter, an address and a size'
bad 'a slot of no size' 'case a\nslot A 64 0x2\n' 2 'expected a letter, an address and a size'
bad 'slots that are not apart' 'case a\nslot A 64 2x2 x3\n' 2 'x100 apart 267'
bad 'two slots of one letter' 'case a\nslot A 0 1x1\nslot A 300 1x1\n' 3 'a second slot A'
bad 'a slot that is not there' 'case a\nexpect B.pc = 1\n' 2 "there is no slot 'B'"
bad 'a slot outside' 'case a\nsize 16x16\nslot A 0 1x1\nexpect nothing\n' 1 'slot A does not lie within the image of 256'
bad 'slots over one another' 'case a\nsize 16x40\nslot A 0 1x1 x2 apart 266\nexpect nothing\n' 1 'slots A of 267 pixels overlap'
bad 'a pixel outside of a slot' 'case a\nsize 16x40\nslot A 0 2x2\nexpect A.m[4] = 1\n' 4 'of an image of 4'
bad 'a pixel of a slot named twice' 'case a\nsize 16x40\nslot A 0 2x2\nexpect A.pc = 1, A[4] = 1\n' 4 'A\[4\] is named twice'
bad 'trailing words' 'case a\nexpect next 1 2\n' 2 'found .2., expected'

# make.py and make_png.py write what is committed.
mkdir "$dir/made"
$python $here/make.py "$dir/made"
$python $here/make_png.py "$dir/made"
for file in "$dir"/made/*; do
    cmp -s "$file" "$here/${file##*/}"
    result $? "the committed ${file##*/} is what its maker writes"
done

# The exported set, read and run by the second implementation without px.
"$PX" conformance --export "$dir/set" &&
    $python $here/exported.py "$dir/set" >"$dir/exported"
result $? "the exported set, without px" "$(tail -n 20 "$dir/exported")"
finish
