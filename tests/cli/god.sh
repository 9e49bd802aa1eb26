#!/usr/bin/env bash
# god.sh - the God Pixel: names worked out by Python's hashlib and zlib, each way to keep a picture, two pictures that share a
# name, damage. TAP.
. tests/cli/lib.sh
export PX_GOD=$dir/store PYTHONPATH=tests/cli PYTHONDONTWRITEBYTECODE=1
cat >"$dir/first.pxa" <<'PXA'
        .size 48, 36
        .checksum none
        set   r2, 4 * W                 ; row 4 on: r1 counts up
        set   r4, N - 4 * W
        vl    r4
        li    r5, 3
        iota  [r2], r1, r5
        halt
PXA
"$PX" asm -q "$dir/first.pxa" -o "$dir/first.pxi"
"$PX" run -q "$dir/first.pxi" -o "$dir/drawn.pxi"
# The names of a picture, of its pixels as px dis tells them.
cat >"$dir/names.py" <<'PY'
import hashlib, png_rows, struct, sys, zlib
w, h, rows = png_rows.read(sys.argv[1])
pixels = b''.join(rows)
print(hashlib.sha256(struct.pack('<2I', w, h) + pixels).hexdigest()[:8], hashlib.sha256(zlib.compress(pixels, 9)).hexdigest()[:8])
PY
read -r name founding < <(python3 "$dir/names.py" "$dir/drawn.pxi")
expect 'keeps a picture under its name' 0 "^$name .*48x36  stored .*founding name $founding" "$PX" god put "$dir/drawn.pxi" -o "$dir/name.png"
expect 'which is one pixel' 0 'image 1x1' "$PX" info "$dir/name.png"
for by in "$name" "#${name^^}" "$((16#${name:0:2})),$((16#${name:2:2})),$((16#${name:4:2})),$((16#${name:6:2}))" "$dir/name.png" "$founding"; do
    rm -f "$dir/again.pxi"
    expect "gets it by $(basename "$by")" 0 'stored' "$PX" god get "$by" -o "$dir/again.pxi"
    expect 'the same pixels' 0 'same' "$PX" diff "$dir/drawn.pxi" "$dir/again.pxi"
done
expect 'put twice is there once' 0 '' bash -c "'$PX' god put -q '$dir/drawn.pxi' && [ \$('$PX' god show | wc -l) = 1 ]"

# ---- drawn ----
# What first.pxa draws with 77 in r1: its own first rows, and 77, 80, ..
python3 - "$dir/first.pxi" "$dir/want.pxi" <<'PY'
import png_rows, struct, sys, zlib
rows = [b'\0' + row for row in png_rows.read(sys.argv[1], 4)[2]]
for y in range(32): rows.append(b'\0' + b''.join(struct.pack('<I', 77 + 3 * (48 * y + x)) for x in range(48)))
chunk = lambda t, b: struct.pack('>I', len(b)) + t + b + struct.pack('>I', zlib.crc32(t + b))
open(sys.argv[2], 'wb').write(b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', struct.pack('>2I5B', 48, 36, 8, 6, 0, 0, 0)) + chunk(b'IDAT', zlib.compress(b''.join(rows))) + chunk(b'IEND', b''))
PY
expect 'keeps what a rule draws' 0 '48x36  rule ' "$PX" god put "$dir/want.pxi" --by "$dir/first.pxi" --seed 77 -o "$dir/rule.png"
for on in ref fast rtl opencl; do
    "$PX" run -q "$dir/first.pxi" --on $on 2>/dev/null || continue
    expect "and draws it on $on" 0 'rule' "$PX" god get "$dir/rule.png" --on $on -o "$dir/again.pxi"
    expect 'to the same pixels' 0 'same' "$PX" diff "$dir/want.pxi" "$dir/again.pxi"
done
expect 'with another seed it is refused' 2 'draws another picture' "$PX" god put "$dir/want.pxi" --by "$dir/first.pxi" --seed 78
expect 'a picture that draws itself' 0 "^$name .*stored" "$PX" god put --self "$dir/first.pxi"
printf '        .size 256, 256\n        .checksum none\n        set r4, N - 64\n        vl r4\n        li r2, 64\n        iota [r2], r2, r2\n        halt\n' >"$dir/large.pxa"
expect 'a few pixels for 65,536' 0 '256x256  self ' "$PX" god put --self "$dir/large.pxa" -o "$dir/large.png"
expect 'unfold' 0 'by name 65,536:1' "$PX" god get "$dir/large.png" -o "$dir/again.pxi"
"$PX" run -q "$dir/large.pxa" -o "$dir/large.pxi"
expect 'to what it draws' 0 'same' "$PX" diff "$dir/large.pxi" "$dir/again.pxi"
expect 'kept in a few dozen pixels' 0 '' bash -c "'$PX' god show --json | python3 -c 'import json, sys; assert any(o[\"method\"] == \"self\" and o[\"kept\"] < 300 for o in json.load(sys.stdin))'"
expect 'a program that traps draws nothing' 2 'does not come to HALT' "$PX" god put --self <(printf '        .size 8, 2\n        .pixel 0xFF\n')

# ---- two pictures, one name: found by Python among pictures of one column ----
python3 - "$dir" <<'PY'
import hashlib, struct, sys, zlib
chunk = lambda t, b: struct.pack('>I', len(b)) + t + b + struct.pack('>I', zlib.crc32(t + b))
seen, number = {}, 0
while True:
    pixels = struct.pack('<3I', 7, number, 9)
    short = hashlib.sha256(struct.pack('<2I', 1, 3) + pixels).digest()[:4]
    if short in seen: break
    seen[short] = pixels
    number += 1
for name, px in ('one', seen[short]), ('two', pixels):
    rows = b''.join(b'\0' + px[i:i + 4] for i in (0, 4, 8))
    open(f'{sys.argv[1]}/{name}.pxi', 'wb').write(b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', struct.pack('>2I5B', 1, 3, 8, 6, 0, 0, 0)) + chunk(b'IDAT', zlib.compress(rows)) + chunk(b'IEND', b''))
full = hashlib.sha256(struct.pack('<2I', 1, 3) + pixels).hexdigest()
open(f'{sys.argv[1]}/shared', 'w').write(f'{full[:8]} {full[8:16]}\n')
PY
read -r shared second <"$dir/shared"
expect 'who came first has the name' 0 "^$shared " "$PX" god put "$dir/one.pxi"
expect 'the next has its next four bytes' 0 "^$second " "$PX" god put "$dir/two.pxi"
expect 'and keeps them' 0 "^$second " "$PX" god put "$dir/two.pxi"
"$PX" god get -q "$shared" -o "$dir/a.pxi" && "$PX" god get -q "$second" -o "$dir/b.pxi"
expect 'the first is the first' 0 'same' "$PX" diff "$dir/one.pxi" "$dir/a.pxi"
expect 'the second is the second' 0 'same' "$PX" diff "$dir/two.pxi" "$dir/b.pxi"

# ---- forgetting ----
expect 'a name goes' 0 '' "$PX" god drop "$second"
expect 'and means nothing then' 2 "no picture is called $second" "$PX" god get "$second" -o "$dir/b.pxi"
expect 'its picture goes with gc' 0 '^1 file removed' "$PX" god gc
expect 'nothing else does' 0 '^0 files removed' "$PX" god gc
expect 'the program of a rule stays' 0 'rule' "$PX" god get "$dir/rule.png" -o "$dir/again.pxi"

# ---- damage ----
object=$(ls "$dir"/store/objects/*.png | head -1)
cp "$object" "$dir/kept"
cp "$dir/large.pxi" "$object"
expect 'another picture in its place is seen' 2 'is damaged: it is another picture' "$PX" god show
head -c 50 "$dir/kept" >"$object"
expect 'a picture cut off' 2 'objects/' "$PX" god show
rm "$object"
expect 'a picture that is gone' 2 'the picture of a name is not there|draws|No such file' "$PX" god show
cp "$dir/kept" "$object"
rule=$(ls "$dir"/store/objects/*.rule)
cp "$rule" "$dir/kept.rule"
sed 's/seed 77/seed 78/' "$dir/kept.rule" >"$rule"
expect 'another seed is seen' 2 'another picture than the one that was kept' "$PX" god get "$dir/rule.png" -o "$dir/again.pxi"
echo nonsense >"$rule"
expect 'a rule that is none' 2 'is damaged: it is no rule' "$PX" god get "$dir/rule.png" -o "$dir/again.pxi"
cp "$dir/kept.rule" "$rule"
echo xyz >"$dir/store/names/$shared"
expect 'a name that is none' 2 'is damaged: it holds no SHA-256' "$PX" god get "$shared" -o "$dir/a.pxi"

# ---- the command ----
expect 'no store' 2 'is no store' "$PX" god show --store "$dir/none"
expect 'no pixel' 2 "'xyz' is no pixel" "$PX" god get xyz -o "$dir/a.pxi"
expect 'a picture of many pixels' 2 'more than one pixel' "$PX" god get "$dir/large.pxi" -o "$dir/a.pxi"
expect 'get without a place' 2 '-o says' "$PX" god get "$name"
expect 'two ways at once' 2 'exclude each other' "$PX" god put --self --by "$dir/first.pxi" "$dir/want.pxi"
expect 'a seed without a rule' 2 '--seed is for' "$PX" god put --seed 1 "$dir/want.pxi"
expect 'no command' 2 'put, get, show, drop and gc are there' "$PX" god
expect 'a wrong one' 2 "'puts' is no command of px god" "$PX" god puts
finish
