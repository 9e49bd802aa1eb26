#!/usr/bin/env bash
# map.sh - px info --map: what is where in the picture of a program, and how much of a large program it shows. TAP.
. tests/cli/lib.sh
cat >"$dir/pixel.py" <<'PY'
"""pixel.py PNG X Y: the pixel's R G B A; an unfiltered 8-bit RGBA file, as px writes it."""
import struct, sys, zlib
data, at, body = open(sys.argv[1], 'rb').read(), 8, b''
while at < len(data):
    size, kind = struct.unpack_from('>I4s', data, at)
    if kind == b'IHDR': w, h = struct.unpack_from('>II', data, at + 8)
    if kind == b'IDAT': body += data[at + 8:at + 8 + size]
    at += 12 + size
x, y = int(sys.argv[2]), int(sys.argv[3])
row = zlib.decompress(body)[y * (4 * w + 1):(y + 1) * (4 * w + 1)]
print(w, h, *row[1 + 4 * x:5 + 4 * x])
PY

# shows NAME PNG X Y COLOUR
shows() { expect "$1" 0 " $5 255\$" python3 "$dir/pixel.py" "$dir/$2.png" "$3" "$4"; }
map() {
    cat >"$dir/$1.pxa"
    "$PX" asm -q "$dir/$1.pxa" -o "$dir/$1.pxi"
    expect "a map of $1" 0 "$2" "$PX" info "$dir/$1.pxi" --map="$dir/$1.png"
}

# 8 x 4: five pixels of header, lit and its literal, halt; in row 3 data.
map small 'v1 program' <<'PXA'
    .size 8, 4
    .checksum none
    lit r1, 7
    halt
    .org 24
    .word rgba(200, 100, 50, 0), 0
PXA
shows 'the header is grey' small 0 0 '128 128 128'
shows 'cells of code are apart' small 7 0 '0 0 0'
shows 'halt has its colour' small 56 0 '192 57 43'
shows 'a literal is white' small 48 0 '255 255 255'
shows 'data have their own colours, without alpha' small 0 24 '200 100 50'
shows 'to the edge of their cell' small 7 31 '200 100 50'
shows 'nothing is dark' small 8 24 '24 24 24'
shows 'the legend begins below' small 2 43 '128 128 128'

# 16 x 24: a machine of 3 x 3, trapped, saved from (4,2) on; its registers end at (13,18) and its image has the pixels from
# (14,18), with a word at the first of them. 267 pixels of header and padding.
map slot 'a saved machine of 3x3 at 36, \(4,2\): TRAPPED at pc 0, cause NEST, retired 5' <<'PXA'
    .size 16, 24
    .checksum none
    halt
    .org 36
    .word 0x01535850, 1, 3, 3, 0, 0, 3, 6, 12, 5
    .org 36 + 267
    .word 12
PXA
shows 'a saved machine is framed' slot 32 16 '255 64 64'
shows 'to its last pixel' slot 63 159 '255 64 64'
shows 'below the row in which it ends' slot 127 151 '255 64 64'
shows 'and nowhere else' slot 67 156 '24 24 24'
shows 'its header has the colour of its status' slot 36 20 '255 64 64'
shows 'its data have their own' slot 124 148 '12 0 0'

map large 'rows 0 to 255 of 1025, 8 times as large' <<<'    .size 1024, 1025
    halt'
map code 'rows 0 to 63 of 256, 2 times as large' <<<'    .size 65536, 256
    halt
    .org 63 * 65536
    halt'
map wide 'v1 program' <<<'    .size 4000000, 1
    halt'
map tall 'rows 0 to 262143 of 4000000, 8 times as large' <<<'    .size 1, 4000000
    halt'
expect 'a map that cannot be written' 2 'no/such' "$PX" info "$dir/small.pxi" --map="$dir/no/such.png"
finish
