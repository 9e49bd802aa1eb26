#!/usr/bin/env bash
# bad_input.sh - what people get wrong: each case checks the exit status and reads the message.
. tests/cli/lib.sh

# program NAME: assembles standard input to $dir/NAME.pxi.
program() {
    cat >"$dir/$1.pxa"
    "$PX" asm -q "$dir/$1.pxa" -o "$dir/$1.pxi" || echo "# $1 does not assemble"
}

# patch FILE OFFSET BYTES: overwrite bytes (printf escapes) in place.
patch() { printf "$3" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none; }

printf '  .size 8, 4\n  li r1, 7\n  halt\n' | program good
good=$dir/good.pxi

# ---- the command line ----
expect 'no command' 2 'Usage: px COMMAND' "$PX"
expect 'help' 0 'Usage: px COMMAND' "$PX" --help
expect 'run without a program' 2 'no program given' "$PX" run
expect 'run with two programs' 2 'one program at a time' "$PX" run a b
expect 'an unknown option' 2 'unrecognized option' "$PX" run --frobnicate x
expect 'a budget that is no number' 2 "'ten' is not a count" "$PX" run --budget ten "$good"
for budget in 1e 1e-3 1e30 99999999999999999999 -5 ' -5' 1Mx ''; do
    expect "a budget of '$budget'" 2 "'$budget' is not a count" "$PX" run --budget "$budget" "$good"
done
# Decimal, leading zeros and all: a budget of ten, not of eight.
printf '  .size 8, 4\n%s\nhalt\n' "$(yes nop | head -20)" | program nops
expect 'a budget with a leading zero' 3 'after 10 instructions' "$PX" run --budget 010 "$dir/nops.pxi"
expect 'a budget in hexadecimal' 3 'after 16 instructions' "$PX" run --budget 0x10 "$dir/nops.pxi"
for seed in -1 -18446744073709551615 18446744073709551617 2147483648 0x 1e2 ''; do
    expect "rtl:'$seed' is no seed" 2 'seed of the power-up state should be a number|executor rtl is absent' \
        "$PX" run --on "rtl:$seed" "$good"
done
for option in '--batch 0' '--batch 65536' '--batch -1' '--batch 4294967297' '--divisor 65537' '--divisor -65535' '--lcr 256' '--lcr x'; do
    expect "px serial $option" 2 "${option%% *} is '${option##* }', expected a number from" "$PX" serial $option text
done
for option in '--clients 0' '--clients 4097' '--clients 4294967297' '--clients -1' '--pixels 2047' '--pixels 4294969344' \
    '--timeout nan' '--timeout -1' '--timeout 1e99' '--timeout 0'; do
    expect "px serve $option" 2 "${option%% *} is '${option##* }', expected a number from" "$PX" serve --listen tcp:0 $option
done
expect 'PX_CMD_TIMEOUT that wraps' 2 "PX_CMD_TIMEOUT is '18446744073709551617'" \
    env PX_CMD_TIMEOUT=18446744073709551617 "$PX" run --on cmd:true "$good"
expect 'an output without room' 2 'cannot write to standard output' bash -c '"$0" info "$1" >/dev/full' "$PX" "$good"
expect 'an answer that is no number' 2 "found 'x'" "$PX" run --answers 1,x "$good"
expect 'an unknown executor' 2 "no executor is called 'gpu'; there are ref, fast, rtl.:SEED., rtl4.:SEED., opencl.:DEVICE., cmd:PROGRAM, link:PORT" "$PX" run --on gpu "$good"
expect 'an executor that is misspelt' 2 "no executor is called 'rlt'; did you mean 'rtl'\?; there are ref" "$PX" run --on rlt "$good"
expect 'a list where one executor is expected' 2 "expected one executor, found 'ref,rtl'; .px diff. takes a list" "$PX" run --on ref,rtl "$good"
for define in NAME '=5' '.include "x"' halt 'A B=5' $'A=1\nhalt'; do
    expect "px asm -D '$define'" 2 'expected name=value' "$PX" asm "$dir/good.pxa" -D "$define" -o "$dir/defined.pxi"
done
for executor in ref fast; do
    expect "$executor takes no device" 2 "$executor takes nothing after a colon" "$PX" run --on $executor:1 "$good"
done
expect 'an outside program that is not there' 2 'no/such/program' "$PX" run --on cmd:/no/such/program "$good"
expect 'state and image at once' 2 'exclude each other' "$PX" run --state --image "$good"

# ---- pictures ----
expect 'a file that is not there' 2 'nowhere.pxi: .*No such file' "$PX" run "$dir/nowhere.pxi"
expect 'a directory' 2 "$dir" "$PX" run "$dir"
: >"$dir/empty.pxi"
expect 'an empty file' 2 'empty.pxi' "$PX" run "$dir/empty.pxi"
echo 'hello, this is text' >"$dir/text.pxi"
expect 'a text file' 2 'text.pxi is not a PNG' "$PX" run "$dir/text.pxi"
format() { # NAME BYTES
    printf "$2" >"$dir/other.png"
    expect "a $1 called PNG" 2 "other.png is not a PNG file but $1.*: it begins with" "$PX" run "$dir/other.png"
}
format JPEG '\377\330\377\340\000\020JFIF'
format GIF 'GIF89a\001\000\001\000\200\000'
format WebP 'RIFF\044\000\000\000WEBPVP8 \000'
format BMP 'BM\106\000\000\000\000\000'
sed 's/$/\r/' "$good" >"$dir/lines.pxi"
expect 'a picture copied as text' 2 'lines.pxi was a PNG file whose line ends were converted' "$PX" run "$dir/lines.pxi"
head -c 60 "$good" >"$dir/short.pxi"
expect 'a truncated picture' 2 'short.pxi' "$PX" run "$dir/short.pxi"
expect 'check tells a truncated picture' 1 '[Tt]runcated|ends' "$PX" check "$dir/short.pxi"
{ cat "$good"; echo; } >"$dir/tail.pxi"
expect 'bytes after the picture' 2 'tail.pxi.*after' "$PX" run "$dir/tail.pxi"
cp "$good" "$dir/crc.pxi"
patch "$dir/crc.pxi" 29 '\000\000\000\000'
expect 'a wrong CRC' 2 'crc.pxi.*CRC' "$PX" run "$dir/crc.pxi"
# The picture claims 2^31-1 columns: refused by its size before anything is allocated. (IHDR's CRC made right by hand: Python's zlib.crc32.)
python3 - "$good" "$dir" <<'PY'
import struct, sys, zlib
data = open(sys.argv[1], 'rb').read()
def header(name, w, h, depth, colour, lace):
    ihdr = b'IHDR' + struct.pack('>IIBBBBB', w, h, depth, colour, 0, 0, lace)
    open(sys.argv[2] + '/' + name, 'wb').write(data[:12] + ihdr + struct.pack('>I', zlib.crc32(ihdr)) + data[33:])
header('huge.pxi', 0x7fffffff, 4, 8, 6, 0)
header('big.pxi', 20000, 20000, 8, 6, 0)
def chunk(kind, body):
    return struct.pack('>I', len(body)) + kind + body + struct.pack('>I', zlib.crc32(kind + body))
def sound(name, depth, colour, raw, more=b'', lace=0):
    body = struct.pack('>IIBBBBB', 8, 4, depth, colour, 0, 0, lace)
    open(sys.argv[2] + '/' + name, 'wb').write(data[:8] + chunk(b'IHDR', body) + more + chunk(b'IDAT', zlib.compress(bytes(raw))) +
                                              chunk(b'IEND', b''))
sound('palette.pxi', 8, 3, 4 * 9, chunk(b'PLTE', b'abc'))
sound('rgb.pxi', 8, 2, 4 * 25)
sound('deep.pxi', 16, 6, 4 * 65)
sound('lace.pxi', 8, 6, 5 + 5 + 9 + 17 + 2 * 17 + 2 * 33, lace=1) # passes 1, 2, 4 and 5 have one row, 6 and 7 two
header('damaged.pxi', 8, 4, 8, 2, 0)
PY
expect 'a picture too wide' 2 'huge.pxi' "$PX" run "$dir/huge.pxi"
expect 'a picture too large' 2 'big.pxi.*(pixel|67,?108,?864|400,?000,?000)' "$PX" run "$dir/big.pxi"
expect 'a palette picture, with the remedy' 2 'palette.*px import' "$PX" run "$dir/palette.pxi"
expect 'an RGB picture, with the remedy' 2 'RGB.*px import' "$PX" run "$dir/rgb.pxi"
expect 'an RGB picture that is damaged as well' 2 'damaged.*px check' "$PX" run "$dir/damaged.pxi"
expect 'a 16-bit picture' 2 '16' "$PX" run "$dir/deep.pxi"
expect 'an interlaced picture' 2 'interlace' "$PX" run "$dir/lace.pxi"

# ---- headers and states ----
# raw NAME W PIXEL...: a picture of these pixels, one row high per W, through the assembler's raw form.
raw() {
    python3 - "$dir/$1.pxi" "$2" "${@:3}" <<'PY'
import struct, sys, zlib
path, w, words = sys.argv[1], int(sys.argv[2]), [int(x, 0) for x in sys.argv[3:]]
rows = [words[i:i + w] for i in range(0, len(words), w)]
def chunk(kind, body): return struct.pack('>I', len(body)) + kind + body + struct.pack('>I', zlib.crc32(kind + body))
raw = b''.join(b'\0' + struct.pack('<%dI' % w, *row) for row in rows)
open(path, 'wb').write(b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', struct.pack('>IIBBBBB', w, len(rows), 8, 6, 0, 0, 0)) +
                       chunk(b'IDAT', zlib.compress(raw)) + chunk(b'IEND', b''))
PY
}
raw entry 4 0x01495850 8 5 0 0 0 0 0
expect 'an entry outside the image' 2 'entry.*8' "$PX" run "$dir/entry.pxi"
raw end 4 0x01495850 5 9 0 0 0 0 0
expect 'an end of code outside the image' 2 'end of code.*9' "$PX" run "$dir/end.pxi"
raw flags 4 0x01495850 5 5 1 0 0 0 0
expect 'flags that mean nothing yet' 2 'flags' "$PX" run "$dir/flags.pxi"
raw sum 4 0x01495850 5 5 0 0x12345678 0 0 0
expect 'a wrong checksum' 2 'checksum.*12345678' "$PX" run "$dir/sum.pxi"
expect 'check tells a wrong checksum' 1 'checksum' "$PX" check "$dir/sum.pxi"
raw version 4 0x02495850 5 5 0 0 0 0 0
expect 'another version' 2 'version' "$PX" run "$dir/version.pxi"
raw tiny 4 0x01495850 0 0 0
expect 'a header without room' 2 'tiny.pxi' "$PX" run "$dir/tiny.pxi"
raw bgra 8 0x01505849 0x05000000 0 0 0 0 0 0
expect 'a v1 program with red and blue exchanged' 0 'runs as a classic program, but is probably damaged: pixel 0 is 0x01505849, the magic' \
    "$PX" run "$dir/bgra.pxi"
raw odd 8 0x01020377 0 0 0 0 0 0 0
expect 'a classic program that does not begin like one' 0 'runs as a classic program, though pixel 0, 0x01020377, is no classic instruction' \
    "$PX" run "$dir/odd.pxi"
raw flip 8 0 0 0 0 0 0 5 0x01495850
expect 'a flipped v1 program, before it runs' 0 'probably damaged: the magic .* is in the top right corner.*flipped' "$PX" run "$dir/flip.pxi"
raw canvas 8 0x01000000 0 0 0 0 0 0 0
expect 'a premultiplied v1 program, before it runs' 0 'probably damaged: pixel 0 is \(0,0,0,1\)' "$PX" run "$dir/canvas.pxi"
raw cleared 8 0x01495850 0 0 0 0 0 0 0
expect 'check tells a cleared header' 1 'within its own header' "$PX" check "$dir/cleared.pxi"
expect 'a cleared header, before it runs' 0 'runs as a v1 program, but is probably damaged.*px check .*cleared.pxi. tells more' \
    "$PX" run "$dir/cleared.pxi"
expect 'a cleared header is not imported' 1 'nothing was written' "$PX" import "$dir/cleared.pxi" -o "$dir/cleared.new.pxi"
for field in entry end flags; do expect "run sends to check for a wrong $field" 2 "px check .*$field.pxi. tells more" "$PX" run "$dir/$field.pxi"; done
raw state 4 0x01535850 1 4 1 0 0 0 0
expect 'a saved state without its registers' 2 'state.pxi' "$PX" run "$dir/state.pxi"

# ---- programs that go wrong ----
printf '  .size 8, 4\n  li r1, 32\n  jr r1\n' | program jump
expect 'a jump out of the image' 1 'trapped at pc 6, \(6,0\), after 1 instruction: PC.*0x00000020' "$PX" run "$dir/jump.pxi"
printf '  .size 8, 4\n  li r1, 30\n  ld r2, [r1 + 2]\n  halt\n' | program read
expect 'a load outside the image' 1 'RANGE.*0x00000020' "$PX" run "$dir/read.pxi"
printf '  .size 8, 4\n  li r1, 4\n  vl r1\n  li r2, 16\n  li r3, 18\n  vadd.vv [r2], [r3], [r3]\n  halt\n' | program overlap
expect 'a partial overlap' 1 'OVERLAP.*0x00000012' "$PX" run "$dir/overlap.pxi"

# What a trap says of the program, worked by hand: 32 x 32 pixels are 0..1023.
cat >"$dir/rows.pxa" <<'PXA'
        .size 32, 32
        li   r1, 32
        vl   r1
        set  r2, W
        set  r3, 7
loop:   fill [r2], r3
        addi r2, r2, W
        jmp  loop
PXA
expect 'a trap shows the line, the label, the instruction and its operands' 1 \
    "^  $dir/rows.pxa:6: loop: fill \\[r2\\], r3; r2 = 1024, r3 = 7, vl = 32\$" "$PX" run "$dir/rows.pxa"
expect 'and the run that does not fit' 1 '^  the run 1024..1055 is outside the image, which has the addresses 0..1023$' \
    "$PX" run "$dir/rows.pxa"
"$PX" asm -q "$dir/rows.pxa" -s "$dir/rows.sym"
expect 'a picture without names' 1 '^  fill \[r2\], r3; ' "$PX" run "$dir/rows.pxi"
expect 'a picture with names' 1 '^  loop: fill ' "$PX" run "$dir/rows.pxi" -s "$dir/rows.sym"
expect 'a run that ends outside' 1 '^  the run 1000..1031 ends outside the image' \
    "$PX" run <(sed 's/set  r2, W/set  r2, 1000/' "$dir/rows.pxa")
expect 'a scalar load outside, without vl' 1 '^  ld r2, \[r1 \+ 2\]; r2 = 0, r1 = 30$' "$PX" run "$dir/read.pxi"
expect 'and its address' 1 '^  address 32 is outside the image, which has the addresses 0..31$' "$PX" run "$dir/read.pxi"
expect 'runs that overlap' 1 '^  the run 16..19 is written and shares pixels with the run 18..21, which is read$' \
    "$PX" run "$dir/overlap.pxi"
resumes() { # NAME S Q T PATTERN: a RESUME of two slots in an image of 960 pixels, its instruction at 10
    sed 's/^    //' >"$dir/resume.pxa" <<PXA
    .size 16, 60
    li r1, $2
    li r2, $3
    li r3, $4
    li r4, 2
    vl r4
    resume [r1], [r3]
    halt
PXA
    expect "$1" 1 "$5" "$PX" run "$dir/resume.pxa"
}
resumes 'a trap of RESUME shows its registers' 64 300 70 ' resume \[r1\], \[r3\]; r1 = 64, r3 = 70, vl = 2, pixels a slot: r2 = 300$'
resumes 'its slots over its allowances' 64 300 70 '^  the slots 64..663 share pixels with the allowances 70..71$'
resumes 'its slots over itself' 8 300 900 '^  the slots 8..607 share pixels with RESUME itself, address 10$'
resumes 'its allowances over itself' 64 300 9 '^  the allowances 9..10 share pixels with RESUME itself, address 10$'
resumes 'its slots outside the image' 64 3000 9 '^  the slots 64..6063 end outside the image, which has the addresses 0..959$'
resumes 'its allowances outside the image' 64 300 2000 '^  the allowances 2000..2001 are outside the image, which'
expect 'a jump, with its register' 1 '^  jr r1; r1 = 32$' "$PX" run "$dir/jump.pxi"
expect 'no more than asked for' 1 '^$' "$PX" run -q "$dir/jump.pxi"

# ---- traces ----
# A machine of 1 x 1 is saved at 64; it halts at once. The registers and the header are words of the program.
cat >"$dir/slot.pxa" <<'PXA'
    .size 16, 60
    li r1, 64
    li r2, 300
    li r3, 40
    li r4, 1
    vl r4
    st [r3 + 0], r4
_here:
    resume [r1], [r3]
    halt
    .org 64
    .word 0x01535850, 1, 1, 1
PXA
expect 'an instruction in a slot' 0 '^slot 64 +0  00000000  halt' "$PX" run --trace "$dir/slot.pxa"
expect 'of that slot alone' 0 '^slot 64 ' "$PX" run --trace=64-64 "$dir/slot.pxa"
[ "$("$PX" run --trace=64-64 "$dir/slot.pxa" | grep -c '  halt')" = 1 ]
result $? 'and nothing else then'
[ "$("$PX" run --trace=11-12 "$dir/slot.pxa" | grep -c '^slot')" = 0 ]
result $? 'an address of the image is not one in a slot'


lines() { # NAME COUNT PATTERN COMMAND...: so many lines of standard output, and the last but one line of the trace.
    local name=$1 count=$2 pattern=$3 output
    shift 3
    output=$("$@" 2>"$dir/said" | grep -E '^ +[0-9]+  |^[a-z]+:$')
    [ "$(wc -l <<<"$output")" = "$count" ] && grep -qE -- "$pattern" <<<"$output"
    result $? "$name" "$output"
}
# 4 instructions, then 31 turns of 3 and the label before each, and the label before the trap is not reached.
lines 'a trace with labels' $((4 + 31 * 3 + 31)) '^loop:$' "$PX" run --trace "$dir/rows.pxa"
lines 'the last two' 2 '^     11  FFFE0006  jmp \. - 2' "$PX" run --trace=last:2 "$dir/rows.pxa"
lines 'the last of more than there are' $((4 + 31 * 3 + 31)) 'li r1, 32' "$PX" run --trace=last:1000 "$dir/rows.pxa"
lines 'some addresses' 62 '^     10  .* addi r2, r2, 32  .* r2 = 0x00000400' "$PX" run --trace=10-11 "$dir/rows.pxi"
expect 'a trace of what is no range' 2 '--trace=foo, expected addresses, A-B, or last:N' "$PX" run --trace=foo "$dir/rows.pxi"
expect 'addresses the wrong way round' 2 "expected a number from 11" "$PX" run --trace=11-10 "$dir/rows.pxi"

printf '  .size 8, 4\n  .pixel 0xFF\n' | program opcode
expect 'an illegal opcode' 1 'OPCODE.*0x000000FF' "$PX" run "$dir/opcode.pxi"
printf '  .size 8, 4\n  li r1, 33\n  vl r1\n  halt\n' | program length
expect 'a vector length above N' 1 'VL.*0x00000021' "$PX" run "$dir/length.pxi"
printf '  .size 8, 4\nloop: jmp loop\n' | program forever
expect 'a program that never halts' 3 'stopped by its budget at pc 5, \(5,0\), after 1,000 instructions' "$PX" run --budget 1000 "$dir/forever.pxi"
printf '  .size 8, 4\n  li r1, 1\n  sys r1\n  halt\n' | program ask
expect 'a program that waits' 3 'waiting for an answer at pc 7, \(7,0\), after 2 instructions, for register r1' "$PX" run "$dir/ask.pxi"
expect 'a program that is answered' 0 'halted' "$PX" run --answers 5 "$dir/ask.pxi"
"$PX" run -q "$dir/ask.pxi" -o "$dir/waiting.pxi"
expect 'a waiting state that is answered' 0 'halted at pc 7, \(7,0\), after 1 instruction' \
    "$PX" run --answers 5 "$dir/waiting.pxi"

# ---- outputs ----
expect 'an output that cannot be written' 2 'no/dir/out.pxi' "$PX" run "$good" -o "$dir/no/dir/out.pxi"
cp "$good" "$dir/kept.pxi"
expect 'a failed run leaves the output alone' 2 'nowhere' "$PX" run "$dir/nowhere.pxi" -o "$dir/kept.pxi"
cmp -s "$good" "$dir/kept.pxi"
result $? 'the old output is still there'
echo old >"$dir/real.pxa" && chmod 640 "$dir/real.pxa" && ln -s real.pxa "$dir/link.pxa"
expect 'a text is written through a symbolic link' 0 '' "$PX" dis "$good" -o "$dir/link.pxa"
[ -L "$dir/link.pxa" ] && grep -q halt "$dir/real.pxa" && [ "$(stat -c %a "$dir/real.pxa")" = 640 ]
result $? 'the link is still one, and its file has its rights'
expect 'a text is written to a pipe' 0 'halt' "$PX" dis "$good" -o /dev/stdout
if [ "$(id -u)" -ne 0 ]; then
    mkdir "$dir/locked" && chmod 555 "$dir/locked"
    expect 'a folder without write permission' 2 'locked.*[Pp]ermission' "$PX" run "$good" -o "$dir/locked/out.pxi"
fi

# ---- executors that are not here ----
if "$PX" devices | grep -q '^opencl' && ! "$PX" devices | grep -A1 '^opencl' | grep -q 'built without'; then
    expect 'an unknown OpenCL device' 2 "no-such-device" "$PX" run --on opencl:no-such-device "$good"
    expect 'no OpenCL driver: a clear sentence' 2 'pocl-opencl-icd' env OCL_ICD_VENDORS="$dir/none" PX_OPENCL_CACHE=off "$PX" run --on opencl "$good"
    expect 'the gallery goes on without OpenCL' 0 'going on without it' env OCL_ICD_VENDORS="$dir/none" "$PX" gallery --on ref,ref,opencl "$good"
fi
expect 'a gallery program that traps is a difference' 1 'ends TRAPPED' "$PX" gallery --on ref,ref "$dir/jump.pxi"

# ---- executors that differ ----
cat >"$dir/liar" <<'SH'
#!/bin/sh
# An executor that runs the program right and then changes one pixel of the answer.
"$PX" run "$1" --budget "$3" --state -q -o "$2" || [ $? -ne 2 ]
python3 - "$2" <<'PY'
import struct, sys, zlib
data = open(sys.argv[1], 'rb').read()
at, body, out = 8, b'', data[:8]
while at < len(data):
    n, kind = struct.unpack('>I', data[at:at + 4])[0], data[at + 4:at + 8]
    if kind == b'IDAT': body += data[at + 8:at + 8 + n]
    if kind == b'IHDR': ihdr = data[at:at + 12 + n]
    at += 12 + n
raw = bytearray(zlib.decompress(body))
w = struct.unpack('>I', ihdr[8:12])[0]
def unfilter(raw, w):  # filter types None, Sub, Up, Average, Paeth of the PNG specification
    n, bpp, rows, prior = 4 * w, 4, [], bytes(4 * w)
    for y in range(len(raw) // (n + 1)):
        kind, line = raw[y * (n + 1)], bytearray(raw[y * (n + 1) + 1:(y + 1) * (n + 1)])
        for i in range(n):
            a, b, c = (line[i - bpp] if i >= bpp else 0), prior[i], (prior[i - bpp] if i >= bpp else 0)
            p = a + b - c
            best = min((abs(p - a), 0, a), (abs(p - b), 1, b), (abs(p - c), 2, c))[2]
            line[i] = (line[i] + [0, a, b, (a + b) // 2, best][kind]) & 255
        rows.append(line); prior = line
    return rows
rows = unfilter(raw, w)
rows[-1][-4] ^= 1
def chunk(kind, body): return struct.pack('>I', len(body)) + kind + body + struct.pack('>I', zlib.crc32(kind + body))
open(sys.argv[1], 'wb').write(out + ihdr + chunk(b'IDAT', zlib.compress(b''.join(b'\0' + bytes(r) for r in rows))) + chunk(b'IEND', b''))
PY
SH
chmod +x "$dir/liar"
export PX
expect 'px diff names the pixel and both values' 1 'pixel \(7,3\).*0x00000000.*0x00000001' "$PX" diff --on "ref,cmd:$dir/liar" "$good"
# The second machine, in Python, with a machine in a slot losing a register.
mkdir -p "$dir/second/tests/conformance" "$dir/second/pxi"
cp pxi/isa.def "$dir/second/pxi"
cp tests/conformance/pxvm*.py "$dir/second/tests/conformance"
sed -i 's/ retired = step_v1(self)$/ retired = step_v1(self); self.r[3] ^= 1/' "$dir/second/tests/conformance/pxvm_v1.py"
expect 'px diff names the slot and its instruction' 1 'first at instruction 7, in the slot at 64, pc 0: halt' \
    "$PX" diff --on "ref,cmd:$dir/second/tests/conformance/pxvm.py" "$dir/slot.pxa"
expect 'what ran it, and what differs' 1 'r3 of the machine saved at 64: ref 0x00000000, .* 0x00000001' \
    "$PX" diff --on "ref,cmd:$dir/second/tests/conformance/pxvm.py" "$dir/slot.pxa"

# ---- nothing to compare ----
expect 'px diff on one executor' 2 'ref alone, nothing to compare it with; name at least two' "$PX" diff --on ref "$good"
expect 'px diff of an executor with itself' 2 'ref is named twice' "$PX" diff --on ref,ref "$good"
expect 'px diff where the others are absent' 2 'ref alone' \
    env OCL_ICD_VENDORS="$dir/none" "$PX" diff --skip-absent --on ref,opencl "$good"

# ---- two pictures ----
raw a 4 1 2 3 4 5 6 7 8
raw b 4 1 2 3 4 5 9 7 0
raw c 2 1 2 3 4 5 6 7 8
expect 'the same pictures' 0 'the same 4x2 pixels' "$PX" diff "$dir/a.pxi" "$dir/a.pxi"
expect 'pictures that differ' 1 \
    'differ in 2 of 8 pixels, first in pixel \(1,1\), address 5: 0x00000006, 0x00000009' "$PX" diff "$dir/a.pxi" "$dir/b.pxi"
expect 'pictures of two sizes' 1 'differ: 4x2 pixels, 2x4 pixels' "$PX" diff "$dir/a.pxi" "$dir/c.pxi"
expect 'a picture and what is none' 2 'text.pxi is not a PNG' "$PX" diff "$dir/a.pxi" "$dir/text.pxi"
expect 'three pictures' 2 'found a third' "$PX" diff "$dir/a.pxi" "$dir/b.pxi" "$dir/c.pxi"
expect 'two pictures and an executor' 2 'compared as they are' "$PX" diff --on ref,rtl "$dir/a.pxi" "$dir/b.pxi"
"$PX" run -q --budget 1 --state "$good" -o "$dir/one.pxi"
"$PX" run -q --budget 2 --state "$good" -o "$dir/two.pxi"
expect 'two saved states' 1 'differ: status: the first RUNNING \(0\), the second HALTED' "$PX" diff "$dir/one.pxi" "$dir/two.pxi"
expect 'a picture from standard input' 1 'in 2 of 8' bash -c '"$0" diff - "$2" <"$1"' "$PX" "$dir/a.pxi" "$dir/b.pxi"
finish
