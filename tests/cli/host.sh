#!/usr/bin/env bash
# host.sh - px run --host: programs that talk, files, disks, frames and a display, on each executor that is here; sessions recorded
# and fed again; terminals that are left as they were. TAP.
. tests/cli/lib.sh
executors=(ref fast)
for kind in rtl opencl; do "$PX" run examples/hello.pxa --host --on $kind >"$dir/out" 2>/dev/null && executors+=($kind); done

# talks NAME INPUT OUTPUT STATUS COMMAND..: what a program prints, byte by byte.
talks() {
    local name=$1 input=$2 output=$3 status=$4 got
    shift 4
    printf -- "$input" | "$@" >"$dir/said" 2>"$dir/err"
    got=$?
    printf -- "$output" >"$dir/wanted"
    [ $got = "$status" ] && cmp "$dir/said" "$dir/wanted" >"$dir/cmp"
    result $? "$name" "exit $got, $(cat "$dir/cmp" "$dir/err"); printed: $(head -c 300 "$dir/said")"
}
# program NAME: a source from standard input, with room and the names of services.
program() { { printf '.size 64, 40\n.include "host.inc"\n'; cat; } >"$dir/$1.pxa"; }

# ---- three small programs, everywhere
seq 3000 >"$dir/numbers"
for on in "${executors[@]}"; do
    talks "hello on $on" '' 'Hello, world!\n' 0 "$PX" run examples/hello.pxa --host --on $on
    talks "the game on $on" '50\nnot 25\n12\n49\n48' \
        'I think of a number from 1 to 100. Which is it? It is less: It is more: It is more: It is less: Yes, it is!\n' \
        0 "$PX" run examples/guess.pxa --host --on $on --seed 17
    "$PX" run examples/cat.pxa --host --on $on <"$dir/numbers" | cmp - "$dir/numbers" >"$dir/cmp" 2>&1
    result $? "cat on $on" "$(cat "$dir/cmp")"
done
result 0 "executors: ${executors[*]}"
[ "${#executors[@]}" = 3 ]
[ $? = 0 ] || result 0 'on rtl and opencl # SKIP not all of them are here'
expect 'and px run says what helps' 3 'px run: it asks for PRINT of HOST.md, which --host answers' "$PX" run examples/hello.pxa
[ "$("$PX" run --answers 13 examples/hello.pxa 2>&1 | grep -c 'asks for')" = 0 ]
result $? 'unless it knows'
expect 'without --host SYS stops as ever' 3 'waiting for an answer at pc .*, for register r254' "$PX" run examples/hello.pxa

program numbers <<'END'
        set r1, -2147483648
        putn r1
        puts " "
        putn r0
        puts " "
        li r1, 1234
        putn r1
        li r1, '\n'
        putc r1
        getn r1
        putn r1
        getn r1
        putn r1
        getc r1
        putn r1
        print text, 7
        exit 42
text:   .bytes "\tbytes\n"
END
talks 'the words of host.inc' 'a 17 x9' '-2147483648 0 1234\n179-6\tbytes\n' 42 "$PX" run "$dir/numbers.pxa" --host
printf '.size 8, 4\n.include "host.inc"\n halt\n' >"$dir/own.pxa"
printf 'SYS_PRINT = \n' >"$dir/host.inc"
expect 'a host.inc beside the source comes first' 2 'host.inc:1:' "$PX" asm "$dir/own.pxa"
rm "$dir/host.inc"
expect 'and is not needed' 0 'own.pxa' "$PX" asm "$dir/own.pxa"

# ---- how a program ends
program leave <<'END'
        exit 7
END
expect 'EXIT is the exit status' 7 '^$' "$PX" run "$dir/leave.pxa" --host -o "$dir/left.png" -q
expect 'and what it leaves is an image' 0 'v1 program' "$PX" info "$dir/left.png"
program trap <<'END'
        puts "before\n"
        lit r1, 70000
        st [r1 + 0], r1
END
expect 'a trap is told on standard error' 1 'trapped.*RANGE' "$PX" run "$dir/trap.pxa" --host
"$PX" run "$dir/trap.pxa" --host 2>/dev/null | cmp - <(printf 'before\n') >"$dir/cmp" 2>&1
result $? 'and standard output is the program'"'"'s' "$(cat "$dir/cmp")"
program flood <<'END'
next:   puts "line\n"
        bge r254, r0, next
        sub r254, r0, r254
        lui r255, SYS_EXIT >> 16
        or r255, r255, r254
        sys r255
        halt
END
"$PX" run "$dir/flood.pxa" --host 2>"$dir/err" | head -n 1 >"$dir/said"
[ "${PIPESTATUS[0]}" = 7 ] && [ "$(cat "$dir/said")" = line ]
result $? 'a pipe that closes is CLOSED, which the program may take for its status' "$(cat "$dir/err")"
"$PX" run examples/hello.pxa --host >/dev/full 2>"$dir/err"
[ $? = 2 ] && grep -q 'not all that the program printed could be written' "$dir/err"
result $? 'what could not be written is told' "$(cat "$dir/err")"

# ---- files
mkdir "$dir/files"
printf 'of a file\n' >"$dir/files/one"
ln -s /etc/passwd "$dir/files/out"
program file <<'END'
        set r1, SYS_OPEN | SYS_FOR_READ
        set r2, name * 4
        sys r1
        blt r1, r0, bad
        lui r3, SYS_READ >> 16
        or  r3, r3, r1
        set r4, block * 4
        sys r3
        set r1, SYS_PRINT
        or  r1, r1, r3
        set r2, buffer * 4
        sys r1
        halt
bad:    putn r1
        halt
name:   .word text * 4, NAME_LENGTH
block:  .word buffer * 4, 100
text:   .bytes "out"
buffer: .zero 25
END
sed 's/NAME_LENGTH/3/; s/"out"/"one"/' "$dir/file.pxa" >"$dir/one.pxa"
sed -i 's/NAME_LENGTH/3/' "$dir/file.pxa"
talks 'a file below --grant' '' 'of a file\n' 0 "$PX" run "$dir/one.pxa" --host --grant "$dir/files"
talks 'a link to outside is NAME' '' '-8' 0 "$PX" run "$dir/file.pxa" --host --grant "$dir/files"
talks 'without --grant it is DENIED' '' '-2' 0 "$PX" run "$dir/one.pxa" --host
expect 'a folder that is not there' 2 'px run: --grant: .*nowhere: cannot open this folder: No such file' "$PX" run "$dir/one.pxa" --host --grant "$dir/nowhere"

# ---- disks
truncate -s 1000 "$dir/disk"
expect 'a disk that is not there' 2 'px run: --disk: .*nowhere: cannot open it' "$PX" run "$dir/one.pxa" --host --disk "$dir/nowhere"
: >"$dir/empty"
expect 'a disk without a sector' 2 'px run: --disk: .*empty has 0 bytes, expected at least a sector' "$PX" run "$dir/one.pxa" --host --disk "$dir/empty"
expect 'one disk twice' 2 'px run: --disk: .*disk is in use' "$PX" run "$dir/one.pxa" --host --disk "$dir/disk" --disk "$dir/disk"
expect 'but twice to read' 3 '' "$PX" run "$dir/leave.pxa" --host --disk "$dir/disk:ro" --disk "$dir/disk:ro" --budget 0

# ---- frames, between two px
program send <<'END'
        set r1, SYS_SEND | 20
        set r2, frame * 4
        sys r1
        putn r1
        halt
frame:  .bytes "............frame!\n\n"
END
program receive <<'END'
        set r1, SYS_RECEIVE | 100
        set r2, frame * 4
        sys r1
        putn r1
        print frame + 3, 8
        halt
frame:  .zero 25
END
"$PX" run "$dir/receive.pxa" --host --net "unix:$dir/a" >"$dir/received" &
for try in {1..100}; do [ -S "$dir/a" ] && break; sleep 0.05; done
talks 'a frame goes out' '' '20' 0 "$PX" run "$dir/send.pxa" --host --net "unix:$dir/b,$dir/a"
wait $!
[ "$(cat "$dir/received")" = 20frame! ] && ! [ -e "$dir/a" ]
result $? 'and comes in' "$(cat "$dir/received")"
expect 'an odd place' 2 "px run: --net is 'tcp:1', expected unix:PATH" "$PX" run "$dir/send.pxa" --host --net tcp:1
expect 'a name too long' 2 'px run: --net: the name of a socket has at most 107 characters' "$PX" run "$dir/send.pxa" --host --net "unix:$(printf 'a%.0s' {1..200})"
: >"$dir/taken"
expect 'a file in the way stays' 2 'taken: cannot make this socket: something of that name is there already' "$PX" run "$dir/send.pxa" --host --net "unix:$dir/taken"

# ---- display
program screen <<'END'
        set r1, SYS_DISPLAY
        set r2, block * 4
        sys r1
        putn r1
        halt
block:  .word picture * 4, 2, 2, 2
picture: .rgba 255, 0, 0, 0,  0, 255, 0, 0,  0, 0, 255, 0,  9, 9, 9, 0
END
talks 'a display as files' '' '0' 0 "$PX" run "$dir/screen.pxa" --host --screen="$dir/frames"
[ "$(od -An -tx1 -j16 -N9 "$dir/frames/frame-000000.png" | tr -d ' ')" = 000000020000000208 ]
result $? 'of the right size'
"$PX" run "$dir/screen.pxa" --host --screen | grep -q $'38;2;255;0;0;48;2;0;0;255m\xE2\x96\x80'
result $? 'a display as half blocks'

# ---- sessions
printf '50\n25\n12\n' | "$PX" run examples/guess.pxa --host --seed 17 --record "$dir/game" >"$dir/played"
result $? 'a session is recorded'
for on in "${executors[@]}"; do
    "$PX" run examples/guess.pxa --replay "$dir/game" --on $on >"$dir/said" 2>"$dir/err"
    [ $? = 0 ] && cmp "$dir/said" "$dir/played" >"$dir/cmp"
    result $? "and fed again on $on, where it prints the same" "$(cat "$dir/err" "$dir/cmp")"
done
"$PX" run examples/guess.pxa --replay "$dir/game" -q >"$dir/said" && ! [ -s "$dir/said" ]
result $? 'with -q it prints nothing'
if [ "${#executors[@]}" -gt 1 ]; then
    list=$(IFS=,; echo "${executors[*]}")
    expect 'executors compared over a session' 0 "same image and state on ${#executors[@]} executors" "$PX" diff examples/guess.pxa --replay "$dir/game" --on $list
fi
expect 'a session of another program' 2 'px run: .*game is the log of another start: an image of 16x12 with checksum 0x[0-9A-F]{8}, and this is one of 16x2' \
    "$PX" run examples/hello.pxa --replay "$dir/game"
expect 'a text as a log' 2 'px run: .*one is no log of px run --record' "$PX" run examples/hello.pxa --replay "$dir/files/one"
expect 'a log that is not there' 2 'px run: .*nowhere: .*No such file' "$PX" run examples/hello.pxa --replay "$dir/nowhere"
expect 'a log that cannot be written' 2 'px run: /nowhere/log: cannot write the log: No such file' "$PX" run examples/hello.pxa --host --record /nowhere/log
cp examples/hello.pxa "$dir/hello.pxa"
expect 'a log in place of the program' 2 'px run: .*hello.pxa would replace .*hello.pxa, which is read' "$PX" run "$dir/hello.pxa" --host --record "$dir/hello.pxa"
cmp -s examples/hello.pxa "$dir/hello.pxa"
result $? 'which is as it was'
head -c -3 "$dir/game" >"$dir/cut"
expect 'a log that is cut off' 3 'px: note: .*cut is cut off: only its first 0 answers are there' "$PX" run examples/guess.pxa --replay "$dir/cut"
cp "$dir/game" "$dir/changed"
printf 'x' | dd of="$dir/changed" bs=1 seek=60 conv=notrunc status=none
expect 'a log that was changed' 2 'px run: .*changed: the log is damaged: the block at byte 32 has a wrong checksum' "$PX" run examples/guess.pxa --replay "$dir/changed"
# An executor that does something else is found, with the instruction.
cat >"$dir/liar" <<'END'
#!/usr/bin/env python3
import os, subprocess, sys
px, source, target, budget = os.environ['PX'], *sys.argv[1:]
subprocess.run([px, 'run', '-q', source, '--state', '-o', target, '--budget', budget])
END
chmod +x "$dir/liar"
expect 'an outside program feeds on a log too' 0 'same image and state on 2 executors' env PX="$PX" "$PX" diff examples/guess.pxa --replay "$dir/game" --on "ref,cmd:$dir/liar"
cat >"$dir/liar" <<'END'
#!/usr/bin/env python3
# Adds 1 to r200 when the session has become long.
import os, struct, subprocess, sys, zlib
px, source, target, budget = os.environ['PX'], *sys.argv[1:]
subprocess.run([px, 'run', '-q', source, '--state', '-o', target, '--budget', budget])
data = open(target, 'rb').read()
width, height = struct.unpack('>II', data[16:24])
at, packed = 8, b''
while at < len(data):
    length, kind = struct.unpack('>I4s', data[at:at + 8])
    packed += data[at + 8:at + 8 + length] if kind == b'IDAT' else b''
    at += 12 + length
rows = bytearray(zlib.decompress(packed))
assert all(rows[y * (1 + 4 * width)] == 0 for y in range(height)), 'a filter'
def place(pixel): return pixel // width * (1 + 4 * width) + 1 + pixel % width * 4
retired = struct.unpack_from('<I', rows, place(9))[0]
if retired > 100:
    rows[place(10 + 200)] |= 1
def chunk(kind, body): return struct.pack('>I', len(body)) + kind + body + struct.pack('>I', zlib.crc32(kind + body))
open(target, 'wb').write(data[:33] + chunk(b'IDAT', zlib.compress(bytes(rows))) + chunk(b'IEND', b''))
END
expect 'an executor that does something else is found' 1 'r200' env PX="$PX" "$PX" diff examples/guess.pxa --replay "$dir/game" --on "ref,cmd:$dir/liar"
expect 'and the instruction' 1 'first at instruction 10[1-9], pc' env PX="$PX" "$PX" diff examples/guess.pxa --replay "$dir/game" --on "ref,cmd:$dir/liar"

# A run that a signal ends while it waits, and its log.
program wait <<'END'
        puts "waiting\n"
        set r1, SYS_GETC
        sys r1
        halt
END
mkfifo "$dir/never"
sleep 100 >"$dir/never" &
holder=$!
"$PX" run "$dir/wait.pxa" --host --record "$dir/ended" -o "$dir/ended.pxi" <"$dir/never" >"$dir/said" 2>"$dir/err" &
for try in {1..100}; do [ -s "$dir/said" ] && break; sleep 0.05; done
kill -TERM $!
wait $!
[ $? = 3 ] && grep -q 'waiting for an answer' "$dir/err"
result $? 'a signal ends a run that waits for its user' "$(cat "$dir/err")"
kill $holder
expect 'what it saved goes on' 0 '' "$PX" run "$dir/ended.pxi" --host
expect 'its log leads there' 3 'waiting' "$PX" run "$dir/wait.pxa" --replay "$dir/ended" -o "$dir/again.pxi"
expect 'to the same state' 0 'the same' "$PX" diff "$dir/ended.pxi" "$dir/again.pxi"

# ---- options
for wrong in '--grant .' '--disk x' '--net unix:x' '--screen' '--seed 1' '--record x'; do
    # shellcheck disable=SC2086
    expect "$wrong without --host" 2 "px run: ${wrong%% *} is for the host that --host starts" "$PX" run examples/hello.pxa $wrong
done
expect '--host and --replay' 2 '--host and --replay exclude each other' "$PX" run examples/hello.pxa --host --replay x
expect '--host and --answers' 2 '--answers and --host exclude each other' "$PX" run examples/hello.pxa --host --answers 1
expect '--replay and --answers' 2 '--answers and --replay exclude each other' "$PX" diff examples/hello.pxa --replay x --answers 1
expect '--host and -o -' 2 '-o - and the program.s console are both standard output' "$PX" run examples/hello.pxa --host -o -
expect '--seed' 2 "--seed is 'x', expected a number" "$PX" run examples/hello.pxa --host --seed x

# ---- terminals
program raw <<'END'
        lit r1, SYS_CONSOLE | 1
        sys r1
        puts "go\n"
next:   set r1, SYS_GETC
        sys r1
        putn r1
        puts " "
        li r2, 'q'
        bne r1, r2, next
        halt
END
cat >"$dir/terminal.py" <<'PY'
"""terminal.py PX SOURCE WHAT: the program at a terminal of its own, which must be as before when it has ended."""
import os, pty, signal, sys, termios, time
px, source, what = sys.argv[1:]
main, other = pty.openpty()
before = termios.tcgetattr(other)
pid = os.fork()
if pid == 0:
    os.setsid()
    for fd in (0, 1, 2):
        os.dup2(other, fd)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    os.execv(px, [px, 'run', source, '--host', '--on', 'ref'])
text = b''
def until(wanted):
    global text
    end = time.time() + 20
    while wanted not in text and time.time() < end:
        text += os.read(main, 1000)
until(b'go')
raw = termios.tcgetattr(other)
assert not raw[3] & (termios.ECHO | termios.ICANON | termios.ISIG), 'not raw'
os.write(main, b'a\x03\r')
until(b'97 3 13 ')
if what == 'quit':
    os.write(main, b'q')
elif what == 'leave':
    os.write(main, b'\x1d')
else:
    os.kill(pid, signal.SIGTERM)
status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
assert termios.tcgetattr(other) == before, 'the terminal is not as it was'
print(status)
PY
px=$(command -v "$PX")
expect 'bytes as they come, and a terminal left as it was' 0 '^0$' python3 "$dir/terminal.py" "$px" "$dir/raw.pxa" quit
expect 'Ctrl-] ends the run' 0 '^3$' python3 "$dir/terminal.py" "$px" "$dir/raw.pxa" leave
expect 'a signal does, and the terminal is as it was' 0 '^3$' python3 "$dir/terminal.py" "$px" "$dir/raw.pxa" signal
finish
