#!/usr/bin/env bash
# gallery_command.sh - px gallery: pictures that agree and are wrong, the line to type, the contact sheet, places.
. tests/cli/lib.sh

printf '  .size 8, 4\n  li r1, 24\n  set r2, rgba(255, 128, 0, 255)\n  st [r1], r2\n  halt\n' >"$dir/dot.pxa"
printf '  .size 8, 4\n  li r1, 32\n  jr r1\n' >"$dir/jump.pxa"

# ---- expected pictures ----
# Row 3 is one orange pixel and seven that nobody drew; its CRC is Python's.
crc=$(python3 -c 'import zlib; print("%08X" % zlib.crc32(bytes([255, 128, 0, 255]) + bytes(28)))')
printf '# name x y w h crc\n\ndot 0 3 8 1 %s # the last row\n' "$crc" >"$dir/right"
printf 'dot 0 3 8 1 %s\ndot 0 3 1 1 12345678\n' "$crc" >"$dir/wrong"
printf 'dot 1 3 8 1 %s\n' "$crc" >"$dir/outside"
printf 'dot 4294967295 3 2 1 %s\n' "$crc" >"$dir/wraps"
printf 'other 0 3 8 1 %s\n' "$crc" >"$dir/other"
printf 'dot 0 3 8 1 %s\ndot 0 3 8\n' "$crc" >"$dir/short"
gallery() { "$PX" gallery --on ref "$@"; }
expect 'the right picture' 0 '1 picture right, 0 wrong' gallery --expect "$dir/right" "$dir/dot.pxa"
expect 'executors agree, but it is not the picture' 1 \
    "it is not the picture: 1x1 pixels at \(0,3\) have CRC [0-9A-F]{8}, expected 12345678" gallery --expect "$dir/wrong" "$dir/dot.pxa"
expect 'and the line says so' 1 '^dot .*  WRONG$' gallery --expect "$dir/wrong" "$dir/dot.pxa"
expect 'a region outside' 1 'not the picture: 8x1 pixels at \(1,3\) are not there' gallery --expect "$dir/outside" "$dir/dot.pxa"
expect 'a region far outside' 1 'are not there' gallery --expect "$dir/wraps" "$dir/dot.pxa"
expect 'a program of which nothing is known' 0 '0 pictures right, 0 wrong' gallery --expect "$dir/other" "$dir/dot.pxa"
expect 'a line that is no region' 2 "short:2: 'dot 0 3 8', expected NAME X Y W H CRC" gallery --expect "$dir/short" "$dir/dot.pxa"
echo 'dot 4294967297 3 1 1 12345678' >"$dir/wide"
expect 'a place beyond 32 bits' 2 "wide:1: 'dot 4294967297 3 1 1 12345678', expected NAME X Y W H CRC" gallery --expect "$dir/wide" "$dir/dot.pxa"
expect 'a list that is not there' 2 'nowhere' gallery --expect "$dir/nowhere" "$dir/dot.pxa"
expect 'in TAP' 1 '^not ok 1 - dot is the picture' gallery --tap --expect "$dir/wrong" "$dir/dot.pxa"
expect 'a plan that counts it' 1 '^1..1$' gallery --tap --expect "$dir/wrong" "$dir/dot.pxa"
expect 'a program that traps' 1 'ends TRAPPED' gallery "$dir/jump.pxa"
expect 'a program that traps, in TAP' 1 '^not ok 1 - jump ends in HALT' gallery --tap "$dir/jump.pxa"
# The list in the repository is the models'.
python3 tests/gallery/expect.py --regions >"$dir/regions"
cmp "$dir/regions" tests/gallery/expected.txt >"$dir/said" 2>&1
result $? 'tests/gallery/expected.txt is what the models say' "$(cat "$dir/said")"

# ---- the line to type ----
cat >"$dir/liar" <<SH
#!/bin/sh
"$PX" run "\$1" --budget "\$3" --state -q -o "\$2.right" || [ \$? -ne 2 ] || exit 2
python3 - "\$2.right" "\$2" <<'PY'
import sys
sys.path.insert(0, "$PWD/tests/gallery")
sys.dont_write_bytecode = True
import png
w, h, words = png.read(sys.argv[1])
words[-1] ^= 1
png.write(sys.argv[2], w, h, words)
PY
rm "\$2.right"
SH
chmod +x "$dir/liar"
expect 'a difference comes with the command that explains it' 1 "^    px diff $dir/dot.pxa --on ref,cmd:$dir/liar shows where it began" \
    "$PX" gallery --on "ref,cmd:$dir/liar" "$dir/dot.pxa"
expect 'which does' 1 'first at instruction' "$PX" diff "$dir/dot.pxa" --on "ref,cmd:$dir/liar"

# ---- the sheet ----
expect 'a contact sheet' 0 '2 programs' "$PX" gallery --on ref --sheet "$dir/sheet.png" "$dir/dot.pxa" build/programs/life.pxi
cat >"$dir/sheet.py" <<'PY'
import struct, sys, zlib
data = open(sys.argv[1], 'rb').read()
at, body = 8, b''
while at < len(data):
    n, kind = struct.unpack('>I4s', data[at:at + 8])
    if kind == b'IHDR':
        w, h, depth, colour = struct.unpack('>IIBB', data[at + 8:at + 18])
    if kind == b'IDAT':
        body += data[at + 8:at + 8 + n]
    at += 12 + n
raw = zlib.decompress(body)
rows = [raw[y * (1 + 3 * w) + 1:(y + 1) * (1 + 3 * w)] for y in range(h)]
assert (depth, colour) == (8, 2) and all(raw[y * (1 + 3 * w)] == 0 for y in range(h))
pixel = lambda x, y: tuple(rows[y][3 * x:3 * x + 3])
ground, ink = pixel(0, 0), (0xB8, 0xC0, 0xC8)
assert w == 2 * 528 + 12, w
# A pixel is a square of 516 / 8 = 64 a side; the program's literal is as orange as what it draws.
orange = [(x, y) for y in range(h) for x in range(w // 2) if pixel(x, y) == (255, 128, 0)]
assert len(orange) == 2 * 64 * 64, len(orange)
# Names below the cells: ink in both halves, and not the same.
left, right = ({(x % (w // 2), y) for y in range(432, h) for x in half if pixel(x, y) == ink}
               for half in (range(w // 2), range(w // 2, w)))
assert left and right and left != right
PY
python3 "$dir/sheet.py" "$dir/sheet.png" 2>"$dir/said"
result $? 'enlarged by whole pixels, opaque, with names' "$(cat "$dir/said")"
expect 'a sheet is no program' 2 'copy for viewing' "$PX" run "$dir/sheet.png"
"$PX" gallery --on ref --sheet - "$dir/dot.pxa" build/programs/life.pxi 2>"$dir/said" >"$dir/out"
cmp "$dir/sheet.png" "$dir/out" 2>&1 >"$dir/cmp" && grep -q '2 programs' "$dir/said"
result $? 'a sheet to standard output, the table beside it' "$(cat "$dir/cmp" "$dir/said")"
printf '  .size 2000, 3\n  halt\n' >"$dir/wide.pxa"
expect 'a picture wider than a cell' 0 '1 program' "$PX" gallery --on ref --sheet "$dir/wide.png" "$dir/wide.pxa"

# ---- places, before anything runs ----
printf '  .size 8, 4\nloop: jmp loop\n' >"$dir/forever.pxa"
expect '--out is a file' 2 'Not a directory' timeout 20 "$PX" gallery --on ref --out "$dir/right" "$dir/forever.pxa"
expect '--out in no folder' 2 'no file can be made in the directory' timeout 20 "$PX" gallery --on ref --out "$dir/no/dir" "$dir/forever.pxa"
expect '--sheet in no folder' 2 'no file can be made in the directory' timeout 20 "$PX" gallery --on ref --sheet "$dir/no/x" "$dir/forever.pxa"
finish
