#!/usr/bin/env bash
# profile.sh - px profile: counts worked by hand, in tables, pictures and files. TAP.
. tests/cli/lib.sh
# Three rounds of add, call, li, st, jr, addi, bne between two li and a halt: 24 instructions.
cat >"$dir/loop.pxa" <<'PXA'
    .size 16, 4
    .checksum none
main: li r1, 3
      li r2, 0
again: add r2, r2, r1
      call r9, store
      addi r1, r1, -1
      bne r1, r0, again
      halt
store: li r3, 40
      st [r3 + 0], r2
      jr r9
PXA
cat >"$dir/pixel.py" <<'PY'
"""pixel.py PNG X Y: the pixel's R G B of an RGB file."""
import struct, sys, zlib
data, at, body = open(sys.argv[1], 'rb').read(), 8, b''
while at < len(data):
    size, kind = struct.unpack_from('>I4s', data, at)
    if kind == b'IHDR': w, h = struct.unpack_from('>II', data, at + 8)
    if kind == b'IDAT': body += data[at + 8:at + 8 + size]
    at += 12 + size
raw, rows, before = zlib.decompress(body), [], bytes(3 * w)
for y in range(h):
    kind, line = raw[y * (3 * w + 1)], bytearray(raw[y * (3 * w + 1) + 1:(y + 1) * (3 * w + 1)])
    for x in range(3 * w):
        a, b, c = line[x - 3] if x > 2 else 0, before[x], before[x - 3] if x > 2 else 0
        p = a + b - c
        nearest = min((abs(p - a), 0, a), (abs(p - b), 1, b), (abs(p - c), 2, c))[2]
        line[x] = (line[x] + (0, a, b, (a + b) // 2, nearest)[kind]) & 255
    rows.append(line)
    before = line
x, y = int(sys.argv[2]), int(sys.argv[3])
print(w, h, *rows[y][3 * x:3 * x + 3])
PY
for on in ref fast; do
    expect "classes on $on" 0 '^ +8 +33.3 % +load, store' "$PX" profile "$dir/loop.pxa" --on $on
    expect "the hottest piece on $on" 0 '^ +9 +37.5 % +3 +12..14 +store' "$PX" profile "$dir/loop.pxa" --on $on --find-hotspots=1
    rm -f "$dir/heat.png"
    "$PX" profile "$dir/loop.pxa" --on $on -q --heat "$dir/heat.png"
    # Pixels are 16 x 16 each. 12 is executed three times, the most; 5 once; 40 written three times, the most; 41 nothing.
    expect "executed most on $on" 0 '^256 64 0 255 0$' python3 "$dir/pixel.py" "$dir/heat.png" $((12 * 16)) 0
    expect "executed once on $on" 0 '^256 64 0 64 0$' python3 "$dir/pixel.py" "$dir/heat.png" $((5 * 16)) 0
    expect "written on $on" 0 '^256 64 255 0 0$' python3 "$dir/pixel.py" "$dir/heat.png" $((8 * 16)) 32
    expect "not touched on $on" 0 '^256 64 0 0 0$' python3 "$dir/pixel.py" "$dir/heat.png" $((9 * 16)) 32
done
"$PX" profile "$dir/loop.pxa" -q --flame "$dir/calls.txt"
printf 'main 15\nmain;store 9\n' | cmp -s - "$dir/calls.txt"
result $? 'who called whom' "$(cat "$dir/calls.txt")"
"$PX" profile "$dir/loop.pxa" -q --flame "$dir/calls.svg"
expect 'as a picture' 0 '^2 main: 24 of 24, 15 of its own store: 9 of 24, 9 of its own$' python3 -c '
import sys, xml.dom.minidom
titles = [t.firstChild.data for t in xml.dom.minidom.parse(sys.argv[1]).getElementsByTagName("title")]
print(len(titles), *titles)' "$dir/calls.svg"
"$PX" profile "$dir/loop.pxa" -q --save "$dir/whole.json"
expect 'saved' 0 '^24 12 9 3$' python3 -c '
import json, sys
p = json.load(open(sys.argv[1]))
b = p["blocks"][0]
print(p["instructions"], b["first"], b["instructions"], b["times"])' "$dir/whole.json"
expect 'compared' 3 '^ +6 +9 +-33.3%  12..14 store' "$PX" profile "$dir/loop.pxa" --budget 15 --compare "$dir/whole.json"
# An instruction more in the loop: all behind it moves, and is still known by its label.
sed -E 's/^(again:.*)/\1\n      addi r4, r4, 1/' "$dir/loop.pxa" >"$dir/longer.pxa"
expect 'compared with what it was before a change' 0 '^ +9 +6 +\+50.0%  7..9 again' "$PX" profile "$dir/longer.pxa" --compare "$dir/whole.json"
expect 'which has moved the rest' 0 '^ +9 +9 +\+0.0%  13..15 store' "$PX" profile "$dir/longer.pxa" --compare "$dir/whole.json"
expect 'and with another program' 0 '^ +0 +9 +gone  then 12..14 store' "$PX" profile pxi/programs/life.pxa --compare "$dir/whole.json"
expect 'compared with what is no profile' 2 'is not a profile' "$PX" profile "$dir/loop.pxa" --compare "$dir/calls.txt"
expect 'an executor that neither counts nor traces' 2 'has no trace' "$PX" profile "$dir/loop.pxa" --on worker:ref
finish
