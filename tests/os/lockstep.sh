#!/usr/bin/env bash
# lockstep.sh - px os on several executors: they run one session, and where one of them goes wrong, the process and its system call
# are told. The wrong one is tests/os/wrong.c; and the keys that px os takes. TAP.
. tests/os/lib.sh
WRONG=${WRONG:-build/tests/os/wrong}
"$PX" mkos -q --from "$OS.pxi" --slots 2K=6,16K=2 -o "$dir/os.pxi" || exit 1

# ---- what is no pxOS
expect 'a program that is no system' 2 'echo.pxi is no picture of pxOS, and no saved one' "$PX" os "$OS/echo.pxi"
"$PX" run -q "$OS/true.pxi" --budget 3 -o "$dir/other.pxi" >/dev/null 2>&1
expect 'a saved state of another' 2 'other.pxi is no picture of pxOS' "$PX" os "$dir/other.pxi"

# ---- one session
echo 'echo hello | cat; exit 4' >"$dir/in"
others=fast
"$PX" devices 2>/dev/null | grep -q "Portable Computing Language" && others=fast,opencl
"$PX" os "$dir/os.pxi" --on "ref,$others" --record "$dir/log" <"$dir/in" >"$dir/got" 2>"$dir/err"
got=$?
[ $got = 4 ] && echo hello | cmp -s - "$dir/got" && ! [ -s "$dir/err" ]
result $? "a session on ref,$others, which do the same" "exit $got; $(cat "$dir/got" "$dir/err")"
"$PX" os "$dir/os.pxi" --on "fast,ref" --replay "$dir/log" >"$dir/got" 2>"$dir/err" </dev/null
got=$?
[ $got = 4 ] && echo hello | cmp -s - "$dir/got"
result $? 'its log, fed to two' "exit $got; $(cat "$dir/got" "$dir/err")"

# ---- one of them goes wrong. The calls of process 2, by the instructions that have retired; its slot is the last that is begun.
"$PX" run --host --on ref --trace "$dir/os.pxi" <"$dir/in" 2>"$dir/trace" >/dev/null
slot=$(sed -nE 's/^slot ([0-9]+) .*/\1/p' "$dir/trace" | sort -un | head -n 1)
at=$(awk -v slot="$slot" '$1 == "slot" && $2 == slot && /sys/ { print NR; exit }' "$dir/trace")
# goes_wrong AT ADDRESS: what px os says of it, in $said
goes_wrong() {
    said=$(timeout 200 "$PX" os "$dir/os.pxi" --on "fast,cmd:$WRONG $1 $2" <"$dir/in" 2>&1)
    [ $? = 2 ]
    result $? 'executors that differ end it' "$said"
}
says() { grep -qE -- "$2" <<<"$said"; result $? "$1" "$said"; }
goes_wrong "$at" $((slot + 10 + 11)) # the argument
says 'a process that does something else: which instruction' "first at instruction $(sed -E ':a;s/([0-9])([0-9]{3})($|,)/\1,\2\3/;ta' <<<"$at"), in the slot at $slot"
says 'which process, and its system call' '^  process 2, echo: asks [A-Z]+$'
goes_wrong $((at + 200)) $((slot + 4)) # where it goes on
says 'a kernel that does something else: for whom' '^  process 2, echo: is (served [A-Z]+|written to)$'
says 'and with which instruction' "first at instruction $(sed -E ':a;s/([0-9])([0-9]{3})($|,)/\1,\2\3/;ta' <<<$((at + 200))), pc"

# ---- keys
cat >"$dir/keys.py" <<'PY'
"""keys.py COMMAND..: types into px os at a terminal of its own; what is printed, and its status."""
import os, pty, sys, termios, time
main, other = pty.openpty()
before = termios.tcgetattr(other)
pid = os.fork()
if pid == 0:
    os.setsid()
    for fd in (0, 1, 2):
        os.dup2(other, fd)
    os.execv(sys.argv[1], sys.argv[1:])
text = b''
def until(wanted):
    global text
    end = time.time() + 30
    while wanted not in text and time.time() < end:
        text += os.read(main, 1000)
    if wanted not in text:
        print('never came:', wanted)
    text = text[text.find(wanted) + len(wanted):]
os.write(main, b'echo re""ady\n')
until(b'ready\r\n')
os.write(main, b'\x1d')
os.write(main, b'?')
until(b'saves it')
os.write(main, b'echo p\x1das""sed\n')     # Ctrl-] and another key is that key
until(b'passed\r\n')
os.write(main, b'sleep 100\n')            # nobody reads now
time.sleep(0.5)
os.write(main, b'\x1dq')
until(b'saved state')
status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
print(status, termios.tcgetattr(other) == before)
PY
px=$(realpath "$(command -v "$PX")") system=$dir/os.pxi keys=$dir/keys.py
expect 'Ctrl-] ? helps, Ctrl-] q ends' 0 '^3 True$' sh -c "cd '$dir' && timeout 100 python3 '$keys' '$px' os '$system'"
"$PX" info "$dir/os.saved.pxi" 2>&1 | grep -qE 'process [0-9]+, sleep: BLOCKED in slot [0-9]+, .* asks WAIT$'
result $? 'it is saved, with what was at work, in os.saved.pxi'
"$PX" info --json "$dir/os.saved.pxi" | grep -q '"retired"' && echo 'exit 6' |
    timeout 60 "$PX" os "$dir/os.saved.pxi" --record "$dir/saved.log" --replay "$dir/saved.log" >/dev/null 2>&1
[ $? = 2 ]
result $? 'a log is not written and read at once'

# ---- a saved system goes on, on another executor, recorded; and its log is fed to a third
mkfifo "$dir/typed"
exec 3<>"$dir/typed"
"$PX" os "$dir/os.pxi" --save "$dir/half.pxi" <"$dir/typed" >"$dir/got" 2>"$dir/err" &
running=$!
echo 'echo ready' >&3
for _ in $(seq 600); do grep -q ready "$dir/got" && break; sleep 0.1; done
kill -TERM $running
wait $running
exec 3>&-
"$PX" os "$dir/half.pxi" --on ref --record "$dir/half.log" <<<'uptime | wc; exit 5' >"$dir/got" 2>"$dir/err"
[ $? = 5 ] && "$PX" os "$dir/half.pxi" --on fast --replay "$dir/half.log" >"$dir/again" 2>>"$dir/err" </dev/null
[ $? = 5 ] && cmp -s "$dir/got" "$dir/again" && [ -s "$dir/got" ]
result $? 'a saved system goes on and is recorded; the log is fed to it' "$(cat "$dir/got" "$dir/again" "$dir/err")"
"$PX" diff "$dir/half.pxi" --replay "$dir/half.log" --on ref,fast >"$dir/said" 2>&1
result $? 'px diff compares the session' "$(cat "$dir/said")"
finish
