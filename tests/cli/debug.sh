#!/usr/bin/env bash
# debug.sh - px debug: scripts against positions and values worked by hand. TAP.
. tests/cli/lib.sh
# r2 is 3, 5, 6 after the rounds; a round has 7 instructions, the first begins at 2, and stores r2 in pixel 40 as its fourth.
cat >"$dir/loop.pxa" <<'PXA'
    .size 16, 4
    .reg total, r2
      li r1, 3
      li r2, 0
again: add total, total, r1
      call r9, store
      addi r1, r1, -1
      bne r1, r0, again
      halt
store: li r3, 40
      st [r3 + 0], total
      jr r9
PXA

# answers NAME FIELDS COMMANDS [OPTION...]: of the last answer in JSON, the values of these fields, with | between.
answers() {
    local name=$1 fields=$2 commands=$3
    shift 3
    printf '%b' "$commands" >"$dir/script"
    got=$("$PX" debug "${program:-$dir/loop.pxa}" --json -x "$dir/script" "$@" 2>&1 | tail -n 1)
    local field wrong=0 wanted
    IFS='|' read -ra wanted <<<"$fields"
    for field in "${wanted[@]}"; do
        grep -qF -- "\"${field%%=*}\": ${field#*=}" <<<"$got" || wrong=1
    done
    result $wrong "$name" "wanted $fields; $got"
}

answers 'a step' 'count=1|pc=6|status="RUNNING"' 'step\n'
answers 'to the end' 'count=24|pc=11|status="HALTED"' 'run\n'
answers 'a breakpoint at a label' 'count=2|breakpoint=1' 'break again\nrun\n'
answers 'with a condition' 'count=16|pc=7' 'break again if r1 == 1\nrun\n'
answers 'with one about a pixel' 'count=17' 'break again + 1 if [40] == 5\nrun\n'
answers 'at a line' 'count=4|line=10' 'break loop.pxa:10\nrun\n'
answers 'at an opcode' 'count=5' 'break op st\nrun\n'
answers 'at a class' 'count=8' 'break class branch\nrun\n'
answers 'at a count' 'count=9' 'break count 9\nrun\n'
answers 'once' 'count=24' 'tbreak again\nrun\nrun\n'
answers 'deleted' 'count=24' 'break again\ndelete 1\nrun\n'
answers 'disabled' 'count=24' 'break again\ndisable 1\nrun\n'
answers 'and enabled' 'count=2|breakpoint=1' 'break again\ndisable 1\nenable 1\nrun\n'
answers 'a pixel written' 'count=13|breakpoint=1' 'watch 38, 4\nrun 6\nrun\n'
answers 'a register written' 'count=15' 'watch r1\nrun\nrun\nrun\n'
answers 'back from there' 'count=14' 'watch r1\nrun\nrun\nrun\nrrun\n'
answers 'one that is read' 'count=24' 'rwatch 40\nrun\n'
answers 'one that is written, or read' 'count=6' 'awatch 40\nrun\n'
answers 'over a call' 'count=7|pc=9' 'break again + 1\nrun\ndelete\nnext\n'
answers 'back over a call' 'count=3|pc=8' 'goto 7\nrnext\n'
answers 'out of a function' 'count=7|pc=9' 'goto 5\nfinish\n'
answers 'until an address' 'count=6' 'until store + 2\n'
answers 'back' 'count=20' 'goto 23\nback 3\n'
answers 'the last write of a pixel' 'count=19|place="store + 1"' 'run\nlast 40\n'
answers 'the last write of a register' 'count=21' 'run\nlast r1\n'
answers 'what was never written' 'count=24' 'run\nlast 41\n'
answers 'a value' 'value=10' 'goto 13\nprint total * 2 + r1 - 2\n'
answers 'pixels' 'pixels=[0, 0, 6, 0]' 'run\nmem 38, 4\n'
answers 'registers' 'registers={"r1": 3}' 'step\nregs\n'
answers 'what is set counts' 'count=17|status="HALTED"' 'goto 2\nset r1 = 2\nrun\n'
answers 'and stays where it was set' 'value=2' 'goto 2\nset r1 = 2\nrun\nback 15\nprint r1\n'
answers 'back to the beginning' 'count=0' 'run\nrrun\n'
answers 'on the reference VM' 'count=19' 'run\nlast 40\n' --on ref
answers 'on an executor that traces nothing' 'count=19' 'run\nlast 40\n' --on worker:ref

# An answer is asked for once: the second pass has the same.
cat >"$dir/ask.pxa" <<'PXA'
    .size 16, 4
again: li r1, 0
    sys r1
    add r2, r2, r1
    bne r1, r0, again
    halt
PXA
program=$dir/ask.pxa
answers 'answers are kept' 'value=12' 'run\nback 9\nrun\nprint r2\n' --answers 5,7,0
answers 'SYS is a breakpoint' 'count=6|status="WAITING"' 'break sys\nrun\nrun\n' --answers 5,7,0
answers 'SYS without an answer' 'count=2|status="WAITING"' 'run\n'

cat >"$dir/guest.pxa" <<'PXA'
    .include "host.inc"
    .size 32, 8
    getc r5
    getc r6
    halt
PXA
program=$dir/guest.pxa
printf 'AB' | "$PX" run "$dir/guest.pxa" --host --record "$dir/guest.log" >"$dir/said" 2>&1
answers 'a log is fed' 'value=131' 'run\nback\nrun\nprint r5 + r6\n' --replay "$dir/guest.log"
printf 'run\nback 2\nrun\nprint r5 + r6\n' >"$dir/script"
got=$(printf 'AB' | "$PX" debug "$dir/guest.pxa" --host -x "$dir/script" | tail -n 1)
[ "$got" = '131  0x83' ]
result $? 'a host is asked once' "$got"

# What was printed and displayed is that of where it stands.
cat >"$dir/shows.pxa" <<'PXA'
    .size 16, 16
    .include "host.inc"
    puts  "one "
_first: nop
    set   r1, SYS_DISPLAY
    set   r2, block * 4
    sys   r1
    puts  "two "
_second: nop
    set   r3, image
    set   r4, rgba(255, 0, 0, 255)
    st    [r3], r4
    set   r1, SYS_DISPLAY
    set   r2, block * 4
    sys   r1
    nop
_third: halt
block: .word image * 4, 2, 2, 2
image: .zero 4
PXA
printf '%s\n' 'break _first' 'break _second' 'break _third' run console run console display run console display rrun console display rrun console \
    'set r9 = 1' 'until _second' console >"$dir/script"
got=$("$PX" debug "$dir/shows.pxa" --host --screen="$dir/frames" --json -x "$dir/script" |
      grep -aoE '"console": "((one|two) )*|"text": "2x2[^m]*m' | sed -E 's/"console": "//; s/.*38;//' | tr '\n' ,)
[ "$got" = 'one ,one two ,2;0;0;0m,one two ,2;255;0;0m,one two ,2;0;0;0m,one ,one two ,' ]
result $? 'console and display go back' "$got"
printf 'run\nbreak _first\nrrun\nconsole\n' >"$dir/script"
expect 'as JSON' 0 '"command": "console", "console": "one "' "$PX" debug "$dir/shows.pxa" --host --screen="$dir/frames" --json -x "$dir/script"
printf 'until _second\nback 2\ngoto 100\nconsole\n' >"$dir/script"
"$PX" debug "$dir/shows.pxa" --host --screen="$dir/frames" --json -x "$dir/script" >"$dir/out"
got=$(python3 -c '
import json, sys
for line in sys.stdin:
    answer = json.loads(line)
    print(answer.get("command", "") + "|" + (answer["text"] if "event" in answer else ""), end=";")' <"$dir/out")
[ "$got" = '|one two ;until _second|;back 2|;goto 100|;console|;' ]
result $? 'what is printed is an event of its own, once' "$got"
printf 'display\n' >"$dir/script"
expect 'no display yet' 2 '1: nothing is displayed here' "$PX" debug "$dir/shows.pxa" --host -x "$dir/script"
expect 'and nobody to show it to' 2 '1: .* without --host' "$PX" debug "$dir/shows.pxa" -x "$dir/script"

# says NAME PATTERN COMMANDS: an error in a script.
says() {
    printf '%b' "$3" >"$dir/script"
    expect "$1" 2 "script:?$2" "$PX" debug "$dir/loop.pxa" -x "$dir/script"
}
says 'an unknown word' "2: there is no 'stpe'; did you mean 'step'" 'step\nstpe\n'
says 'an unknown name' "1: column 1 of 'agian': .*again" 'break agian\n'
says 'an address outside' '1: address 64 is outside the image, which has 0 to 63' 'break 64\n'
says 'too many pixels' '1: 5 pixels from 60 on; the image has 64' 'watch 60, 5\n'
says 'an unknown class' "1: 'vectors' is no class" 'break class vectors\n'
says 'no such breakpoint' '1: there is no breakpoint 3' 'delete 3\n'
says 'nor one to disable' '1: there is no breakpoint 3' 'disable 3\n'
says 'a value that does not fit' '1: 4294967296 does not fit' 'set r1 = 1 << 32\n'
says 'a line without an instruction' '1: no instruction is known to be of line 99 of loop.pxa, or of a later one' 'break loop.pxa:99\n'
says 'nor the line before one' '1: no instruction is known to be of line 1 of loop.pxa; the next line that has one is 3$' 'break loop.pxa:1\n'
says 'no number' '1: the number of instructions' 'step x\n'
printf 'ste 2\nwh\nc 3\nr\nq\n' >"$dir/script"
expect 'the beginning of a word is enough, c is continue, r is regs' 0 'after 5 instructions' "$PX" debug "$dir/loop.pxa" -x "$dir/script"
says 'a script from Windows, the line after a mark and CRLF' "3: there is no 'stpe'" '\xEF\xBB\xBFstep\r\nregs\r\nstpe\r\n'
says 'a script in UTF-16' ' is text in UTF-16' '\xFF\xFEs\0t\0e\0p\0\n\0'
expect 'a script that is not there' 2 'no-such: cannot read it: No such file' "$PX" debug "$dir/loop.pxa" -x "$dir/no-such"
expect 'no program' 2 'no program given' "$PX" debug
cat >"$dir/typed.py" <<'PY'
"""typed.py PX FILE: px debug at a terminal, words completed by Tab, and the last one had again by Ctrl-P."""
import os, pty, re, select, sys, time
pid, fd = pty.fork()
if pid == 0:
    os.environ['TERM'] = 'xterm'
    os.environ['NO_COLOR'] = '1'
    os.execv(sys.argv[1], [sys.argv[1], 'debug', sys.argv[2]])
def until(words):
    seen, end = '', time.time() + 20
    while time.time() < end and words not in seen:
        if select.select([fd], [], [], 0.1)[0]:
            seen += re.sub(r'\x1b\[[0-9;?]*[A-Za-z]', '', os.read(fd, 4096).decode(errors='replace'))
    return words in seen
print(until('(px)'))
os.write(fd, b'got\t3\n')
print(until('after 3 instructions'))
os.write(fd, b'step\n')
print(until('after 4 instructions'))
os.write(fd, b'\x10\n')
print(until('after 5 instructions'))
os.write(fd, b'quit\n')
print(os.waitpid(pid, 0)[1])
PY
if ldd "$PX" | grep -q libedit; then
    expect 'at a terminal words are completed, and the last one is had again' 0 '^True True True True 0 $' \
        bash -c "timeout 90 python3 '$dir/typed.py' '$PX' '$dir/loop.pxa' | tr '\\n' ' '"
else
    count=$((count + 1))
    echo "ok $count - a terminal # SKIP px was built without libedit"
fi
finish
