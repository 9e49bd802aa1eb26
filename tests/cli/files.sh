#!/usr/bin/env bash
# files.sh - where px reads and writes: - and pipes, sources in place of pictures, places that are looked at before a run.
. tests/cli/lib.sh

cat >"$dir/dot.pxa" <<'PXA'
        .size 8, 4
        li   r1, 7
        halt
PXA
"$PX" asm -q "$dir/dot.pxa" -o "$dir/dot.pxi"
"$PX" run -q "$dir/dot.pxi" -o "$dir/result.png"

# same NAME FILE FILE
same() {
    cmp "$2" "$3" >"$dir/cmp" 2>&1
    result $? "$1" "$(cat "$dir/cmp")"
}

# ---- standard input and output ----
"$PX" asm - -o - <"$dir/dot.pxa" 2>"$dir/said" >"$dir/out"
same 'px asm - -o -: the picture' "$dir/dot.pxi" "$dir/out"
grep -q '^/dev/stdin: 8x4, 2 instructions' "$dir/said"
result $? 'and what it says on standard error' "$(cat "$dir/said")"
"$PX" asm - <"$dir/dot.pxa" 2>"$dir/said" | cat >"$dir/out"
same 'px asm -: to standard output' "$dir/dot.pxi" "$dir/out"
"$PX" run - -o - <"$dir/dot.pxi" 2>"$dir/said" >"$dir/out"
same 'px run - -o -: the image' "$dir/result.png" "$dir/out"
[ "$(grep -c . "$dir/said")" = 2 ]
result $? 'and its two lines on standard error' "$(cat "$dir/said")"
"$PX" run --trace - -o - <"$dir/dot.pxi" 2>"$dir/said" >"$dir/out"
same 'a trace does not get into the picture' "$dir/result.png" "$dir/out"
for name in /dev/stdout /dev/fd/1; do
    { printf head; "$PX" run "$dir/dot.pxi" -o $name; } 2>"$dir/said" >"$dir/out"
    { printf head; cat "$dir/result.png"; } >"$dir/expected"
    same "-o $name goes on where standard output is" "$dir/expected" "$dir/out"
done
cat "$dir/dot.pxa" | "$PX" asm - -o - 2>"$dir/said" | "$PX" run - -o - 2>"$dir/said" | cat >"$dir/out"
same 'through pipes' "$dir/result.png" "$dir/out"
python3 - "$PX" "$dir" <<'PY'
import socket, subprocess, sys
near, far = socket.socketpair()
far.sendall(open(sys.argv[2] + '/dot.pxi', 'rb').read())
far.shutdown(socket.SHUT_WR)
subprocess.run([sys.argv[1], 'run', '-q', '-', '-o', '-'], stdin=near, stdout=near)
near.close()
open(sys.argv[2] + '/out', 'wb').write(far.makefile('rb').read())
PY
same 'through a socket' "$dir/result.png" "$dir/out"
for command in info check dis 'import -o /dev/null' 'gallery --on ref'; do
    "$PX" $command - <"$dir/dot.pxi" >"$dir/out" 2>&1
    result $? "px $command - reads standard input" "$(cat "$dir/out")"
done
expect 'px dis to standard output by name' 0 'halt' "$PX" dis "$dir/dot.pxi" -o -
"$PX" import "$dir/dot.pxi" -o - 2>"$dir/said" >"$dir/out"
same 'px import -o -' "$dir/dot.pxi" "$dir/out"
"$PX" info "$dir/dot.pxi" --map="$dir/map.png" >"$dir/said" 2>&1
"$PX" info "$dir/dot.pxi" --map=- 2>"$dir/said" >"$dir/out"
same 'px info --map=-: the map alone' "$dir/map.png" "$dir/out"
"$PX" serial hi -o - 2>"$dir/said" >"$dir/out"
"$PX" serial hi -q -o "$dir/serial.pxi"
same 'px serial -o -' "$dir/serial.pxi" "$dir/out"
printf '  .size 8, 4\nstart: halt\n' >"$dir/named.pxa"
expect 'symbols to standard output' 0 '^5 .*start' "$PX" asm -q "$dir/named.pxa" -o "$dir/out" -s -
expect 'symbols and picture are two things' 2 'would replace another file' "$PX" asm "$dir/dot.pxa" -o - -s -
(cd "$dir" && [ ! -e - ])
result $? 'no file is called -'
expect 'standard input that is empty' 2 '/dev/stdin is empty' "$PX" run -
expect 'standard input that is closed' 2 '/dev/stdin: cannot read it' bash -c '"$0" run - <&-' "$PX"
expect 'the lines of standard input' 2 '<stdin>:1:2: error' bash -c 'echo " foo" | "$0" asm -' "$PX"
expect 'two files from standard input' 2 'standard input can be read once' bash -c '"$0" diff - - <"$1"' "$PX" "$dir/dot.pxi"
mkdir "$dir/empty"
for command in 'gallery --on ref,rtl --out -' 'conformance --export -'; do
    case $command in gallery*) file=$dir/dot.pxi ;; *) file=$(realpath tests/conformance/budget.pxt) ;; esac
    expect "px $command: no directory" 2 "is '-', standard output, expected a directory" \
        bash -c 'cd "$1" && shift && "$@"' "" "$dir/empty" "$(realpath "$PX")" $command "$file"
done
"$PX" mkfs "$dir/disk" --size 1M
printf '.size 16, 2\n.include "host.inc"\n halt\n' >"$dir/quiet.pxa"
mkdir "$dir/packing" && cp "$dir/dot.pxi" "$dir/packing" && "$PX" pack -q "$dir/packing" -o "$dir/packed.pxi"
"$PX" cp --png "$dir/disk" "$dir/disk.png"
# refuses_dash WHAT COMMAND...
refuses_dash() {
    local what=$1
    shift
    expect "px $1: no $what" 2 "is '-', standard output, expected a $what; ./- is one" \
        bash -c 'cd "$1" && shift && "$@"' "" "$dir/empty" "$(realpath "$PX")" "$@"
}
refuses_dash directory unpack "$dir/packed.pxi" -o -
refuses_dash directory run "$dir/quiet.pxa" --host --screen=-
refuses_dash file run "$dir/quiet.pxa" --host --record -
refuses_dash file mkfs - --size 1M
refuses_dash file cp --raw "$dir/disk.png" -
[ -z "$(ls -A "$dir/empty")" ]
result $? 'and none is made' "$(ls -A "$dir/empty")"
printf 'some words' | "$PX" cp - "$dir/disk:/words"
result $? 'px cp from standard input'
"$PX" cp "$dir/disk:/words" "$dir/disk:/words" - >"$dir/out"
[ "$(cat "$dir/out")" = 'some wordssome words' ]
result $? 'and to standard output' "$(cat "$dir/out")"
"$PX" cp --picture - "$dir/disk:/dot" <"$dir/dot.pxi" && "$PX" cp --picture "$dir/disk:/dot" - >"$dir/out"
"$PX" run -q "$dir/out" -o "$dir/out.png"
same 'pictures, too' "$dir/result.png" "$dir/out.png"
expect 'which needs a name in a disk' 1 'a folder; what comes from standard input needs a name' "$PX" cp - "$dir/disk:/"

# ---- standard streams that are full, or closed ----
for command in $("$PX" --help | sed -n 's/^  \([a-z]*\)  *.*/\1/p'); do
    for to in '>/dev/full' '>&-'; do
        bash -c "\"\$1\" $command --help $to" _ "$PX" 2>"$dir/said"
        [ $? = 2 ] && grep -qx 'px: cannot write to standard output' "$dir/said" || echo "$command $to"
    done
done >"$dir/wrong"
[ ! -s "$dir/wrong" ]
result $? 'help that cannot be written, of each command' "$(cat "$dir/wrong")"
echo junk >"$dir/packing/junk.pxi"
"$PX" fleet "$dir/packing" --on ref --out "$dir/fleet" -q 2>&-
[ ! -s "$dir/fleet/.fleet.lock" ] && [ -e "$dir/fleet/dot.png" ]
result $? 'what is said on a closed stream goes into no file' "$(cat "$dir/fleet/.fleet.lock")"
expect 'px cp to a device that is full' 1 'px cp: /dev/stdout: writing failed: No space left' bash -c '"$1" cp "$2:/words" - >/dev/full' _ "$PX" "$dir/disk"
cat >"$dir/terminal.py" <<'PY'
import os, pty, sys
pid, master = pty.fork()
if pid == 0:
    os.execv(sys.argv[1], sys.argv[1:])
said = b''
while True:
    try:
        part = os.read(master, 4096)
    except OSError:
        break
    if not part:
        break
    said += part
sys.stdout.write(said.decode('latin-1'))
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
PY
for output in - /dev/tty; do
    expect "a picture is not written to a terminal, $output" 2 'is a terminal, and a picture is no text' \
        python3 "$dir/terminal.py" "$PX" run "$dir/dot.pxi" -o $output
done
mkfifo "$dir/pipe"
cat "$dir/pipe" >"$dir/out" &
"$PX" run -q "$dir/dot.pxi" -o "$dir/pipe"
wait $!
same 'into a named pipe' "$dir/result.png" "$dir/out"
expect 'into nothing' 0 '/dev/null: image, 8x4' "$PX" run "$dir/dot.pxi" -o /dev/null

# ---- sources ----
expect 'px run of a source' 0 'halted at pc 6, \(6,0\), after 2 instructions' "$PX" run "$dir/dot.pxa"
"$PX" run -q "$dir/dot.pxa" -o "$dir/out"
same 'with the same result' "$dir/result.png" "$dir/out"
cp "$dir/dot.pxa" "$dir/dot.txt"
expect 'a source of another name' 0 'halted' "$PX" run "$dir/dot.txt"
expect 'a source from standard input' 0 'halted' bash -c '"$0" run - <"$1"' "$PX" "$dir/dot.pxa"
expect 'px info of a source' 0 'v1 program, image 8x4' "$PX" info "$dir/dot.pxa"
expect 'px gallery of a source' 0 'dot  .*8x4' "$PX" gallery --on ref,ref "$dir/dot.pxa"
printf '  .size 8, 4\n  hlt\n' >"$dir/wrong.pxa"
expect 'a source with an error' 2 'wrong.pxa:2:3: error' "$PX" run "$dir/wrong.pxa"
expect 'and what comes of it' 2 'px run: .*wrong.pxa does not assemble' "$PX" run "$dir/wrong.pxa"
cp "$dir/dot.pxa" "$dir/text.png"
expect 'a text that is called a picture' 2 'text.png is not a PNG file' "$PX" run "$dir/text.png"

# ---- places ----
# forever.pxa would run until it is ended: the place is looked at first.
printf '  .size 8, 4\nloop: jmp loop\n' >"$dir/forever.pxa"
mkdir "$dir/folder"
place() { expect "-o $1" 2 "$2" timeout 20 "$PX" run "$dir/forever.pxa" -o "$dir/$1"; }
place no/dir/out.png 'no file can be made in the directory .*no/dir: No such file'
place folder 'folder is a directory; name a file in it'
place folder/none/ 'No such file'
place dot.pxa/out.png 'Not a directory'
place "$(printf 'x%.0s' {1..300})" 'name too long'
expect '-o with an empty name' 2 'the name of an output is empty' timeout 20 "$PX" run "$dir/forever.pxa" -o ''
expect '-o to an input' 2 '/dev/fd/5: cannot write it: it is not open for writing' \
    timeout 20 bash -c '"$0" run "$1" -o /dev/fd/5 5<"$1"' "$PX" "$dir/forever.pxa"
for command in "asm dot.pxa" "asm dot.pxa -o $dir/out -s no/x" "dis dot.pxi" "import dot.pxi" "serial hi" "info dot.pxi --map=no/x"; do
    set -- $command
    case $command in *no/x*) ;; *) set -- "$@" -o no/x ;; esac
    expect "px $*" 2 'no file can be made in the directory no: No such file' bash -c 'cd "$1" && shift && "$@"' \
        "" "$dir" "$(realpath "$PX")" "$@"
done
long=$(printf 'n%.0s' {1..250}).png
expect 'a name as long as they may be' 0 'image, 8x4' "$PX" run "$dir/dot.pxi" -o "$dir/$long"

ln -s new.png "$dir/folder/relative"
ln -s relative "$dir/folder/twice"
"$PX" run -q "$dir/dot.pxi" -o "$dir/folder/twice"
same 'a link to a file that is not there yet is followed' "$dir/result.png" "$dir/folder/new.png"
[ -L "$dir/folder/twice" ] && [ -L "$dir/folder/relative" ]
result $? 'and stays a link' "$(ls -l "$dir/folder")"
ln -s "$dir/no/such.png" "$dir/folder/lost"
place folder/lost 'no file can be made in the directory .*/no: No such file'
expect 'a text that cannot be written' 2 'could not be written: No space left on device' "$PX" dis "$dir/dot.pxi" -o /dev/full

# ---- what is read is not written over ----
"$PX" asm -q "$dir/dot.pxa" -o "$dir/in.pxi" -s "$dir/in.sym"
cp "$dir/dot.pxa" "$dir/in.pxa"
ln "$dir/in.pxa" "$dir/hard.pxa"
for command in 'run in.pxa -o in.pxa' 'run hard.pxa -o in.pxa' 'run in.pxi --zoom 2 -o in.pxi' 'run in.pxi --opaque -o ./in.pxi' \
    'run in.pxi -s in.sym -o in.sym' 'info in.pxi --map=in.pxi' 'info in.pxa --map=in.pxa' \
    'gallery --on ref,rtl in.pxi --sheet in.pxi' 'gallery --on ref,rtl in.png --out .'; do
    cp "$dir/dot.pxi" "$dir/in.png"
    expect "px $command" 2 'would replace .*, which is read' bash -c 'cd "$1" && shift && "$@"' "" "$dir" "$(realpath "$PX")" $command
done
cmp -s "$dir/dot.pxa" "$dir/in.pxa" && cmp -s "$dir/dot.pxi" "$dir/in.pxi" && cmp -s "$dir/dot.pxi" "$dir/in.png"
result $? 'all of them are as they were'
expect 'a program may become its result' 0 'image, 8x4' "$PX" run "$dir/in.pxi" -o "$dir/in.pxi"

# ---- results are not lost ----
mkdir "$dir/tmp"
expect 'a device that is full' 2 '/dev/full: writing failed: No space left on device; the result is kept in .*/tmp/px-result-' \
    env TMPDIR="$dir/tmp" "$PX" run "$dir/dot.pxi" -o /dev/full
same 'the result is there' "$dir/result.png" "$dir"/tmp/px-result-*
rm -f "$dir"/tmp/*
cp "$dir/dot.pxi" "$dir/kept.png"
expect 'a limit on the size of files' 2 'nor can it be kept elsewhere' \
    bash -c 'ulimit -f 0; TMPDIR=$1/tmp exec "$0" run "$1/dot.pxi" -o "$1/kept.png"' "$PX" "$dir"
same 'what was there is still there' "$dir/dot.pxi" "$dir/kept.png"
[ -z "$(ls -A "$dir/tmp")" ]
result $? 'and no half of a file' "$(ls -A "$dir/tmp")"

# Every output on a disk without room: the reason, and nothing left.
cat >"$dir/commands" <<'COMMANDS'
asm dot.pxa -o no/y
run dot.pxi -o no/y
run dot.pxi --apng every=1 -o no/y.png
dis dot.pxi -o no/y
view dot.pxi -o no/y
trace dot.pxi -o no/y
profile dot.pxi --heat no/y.png
info dot.pxi --map=no/y.png
diff dot.pxi result.png --picture no/y.png
import result.png -o no/y
pack packing -o no/y
unpack packed.pxi -o no/y
mkfs no/y --size 1M
cp disk:/words no/y
cp --png disk no/y.png
COMMANDS
"$PX" run -q --on rtl "$dir/dot.pxi" 2>"$dir/said" && echo 'trace dot.pxi --on rtl --wave no/y.fst' >>"$dir/commands"
cat >"$dir/full.sh" <<'SCRIPT'
cd "$2" && mkdir no && mount -t tmpfs -o size=16k none no || exit 77
dd if=/dev/zero of=no/x bs=4k 2>/dev/null
while read -r command; do
    "$1" $command >out 2>why </dev/null
    status=$?
    [ $status = 1 ] || [ $status = 2 ] && grep -q 'No space left\|no room is left' why && [ "$(ls no)" = x ] ||
        echo "$command: status $status, $(tail -n 1 why), leaves $(ls no | tr '\n' ' ')"
done <commands
echo done
SCRIPT
unshare -m bash "$dir/full.sh" "$(realpath "$PX")" "$dir" >"$dir/said" 2>&1
if [ $? = 77 ]; then
    result 0 'each output on a full disk # SKIP no small file system can be mounted here'
else
    [ "$(cat "$dir/said")" = done ]
    result $? 'each output on a full disk: the reason, and nothing left' "$(cat "$dir/said")"
fi

# ---- temporary files are where TMPDIR says, however long its name is ----
long=$dir/$(printf 'long%.0s' {1..40})
mkdir "$long"
for tmp in "$long" "$dir/nowhere"; do
    case $tmp in "$long") status=0 why=same ;; *) status=2 why="no temporary f.* $dir/nowhere/px-.*: No such file.*TMPDIR says where" ;; esac
    printf '#!/bin/sh\necho "$2" >>"%s"\n"%s" run -q "$1" --state -o "$2"\n' "$dir/placed" "$(realpath "$PX")" >"$dir/outside"
    chmod +x "$dir/outside"
    expect "an outside program's, $status" $status "$why" env TMPDIR="$tmp" "$PX" diff "$dir/dot.pxi" --on "ref,cmd:$dir/outside"
    expect "a disk's that is a picture, $status" $status "${why#same}" env TMPDIR="$tmp" "$PX" run "$dir/quiet.pxa" --host --disk "$dir/disk.png"
done
grep -q "^$long/px-cmd-" "$dir/placed" && [ -z "$(ls -A "$long")" ]
result $? 'there, and gone' "$(cat "$dir/placed"; ls -A "$long")"

# ---- copies for viewing ----
expect 'a copy for viewing' 0 'copy.png: a copy for viewing, 24x12' "$PX" run "$dir/dot.pxa" -o "$dir/copy.png" --zoom 3
cat >"$dir/copy.py" <<'PY'
# Every pixel of the copy is R, G, B of the image's pixel, by zlib alone: filter type 0 in each row.
import struct, sys, zlib
sys.path.insert(0, 'tests/gallery')
sys.dont_write_bytecode = True
import png
w, h, words = png.read(sys.argv[1])
data, zoom = open(sys.argv[2], 'rb').read(), int(sys.argv[3])
assert struct.unpack('>IIBBBBB', data[16:29]) == (w * zoom, h * zoom, 8, 2, 0, 0, 0), data[16:29]
at = data.index(b'IDAT')
raw = zlib.decompress(data[at + 4:at + 4 + struct.unpack('>I', data[at - 4:at])[0]])
rows = []
for y in range(h * zoom):
    row = b''.join(bytes([words[y // zoom * w + x // zoom] >> 8 * k & 255 for k in range(3)]) for x in range(w * zoom))
    rows.append(b'\0' + row)
assert raw == b''.join(rows)
PY
python3 "$dir/copy.py" "$dir/result.png" "$dir/copy.png" 3 2>"$dir/said"
result $? 'each pixel 3 x 3, alpha left out' "$(cat "$dir/said")"
"$PX" run -q "$dir/dot.pxa" -o "$dir/copy1.png" --opaque
python3 "$dir/copy.py" "$dir/result.png" "$dir/copy1.png" 1 2>"$dir/said"
result $? '--opaque alone' "$(cat "$dir/said")"
for command in run info dis 'import -o /dev/null' 'serial --ops'; do
    expect "px $command refuses a copy" 2 'copy.png is a copy for viewing.*holds no program' "$PX" $command "$dir/copy.png"
done
expect 'px check tells a copy' 1 'copy.png: no picture' "$PX" check "$dir/copy.png"
expect 'a copy of a state' 2 'exclude each other' "$PX" run --state --zoom 2 "$dir/dot.pxi" -o "$dir/x"
expect 'a copy without a file' 2 'for the file of -o' "$PX" run --zoom 2 "$dir/dot.pxi"
expect 'a zoom of 0' 2 '--zoom' "$PX" run --zoom 0 "$dir/dot.pxi" -o "$dir/x"
printf '  .size 8192, 256\nloop: jmp loop\n' >"$dir/wide.pxa"
expect 'a copy too large, before the run' 2 'expected at most 2\^28 pixels' timeout 20 "$PX" run --zoom 64 "$dir/wide.pxa" -o "$dir/x"
expect 'a copy of a run that was stopped' 3 'a copy for viewing, 16x8' "$PX" run --budget 10 "$dir/forever.pxa" --zoom 2 -o "$dir/x"
finish
