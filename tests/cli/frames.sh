#!/usr/bin/env bash
# frames.sh - a run as an animated PNG or a filmstrip. The animation is taken apart by a reader of its own and its frames compared
# with the images of runs that stop there. TAP.
. tests/cli/lib.sh
export PYTHONPATH=tests/cli PYTHONDONTWRITEBYTECODE=1
cat >"$dir/draw.pxa" <<'PXA'
        .size 16, 12                    ; a pixel more with each three instructions; for a while nothing
        set   r1, 32
        set   r3, rgba(1, 2, 3, 7)
loop:   add   r2, r2, r3
        st    [r1], r2
        addi  r1, r1, 1
        bltu  r1, r4, loop
        set   r4, N
        bltu  r1, r4, loop
        halt
PXA
cat >"$dir/frames.py" <<'PY'
"""frames.py APNG PREFIX: each frame as PREFIX.0.ppm ..; prints how long each lasts, as PNG Third Edition has it."""
import struct, sys, zlib
data, at = open(sys.argv[1], 'rb').read(), 8
assert data[:8] == b'\x89PNG\r\n\x1a\n'
sequence, frames, control, head, count = 0, [], None, None, None
while at < len(data):
    size, kind = struct.unpack_from('>I4s', data, at)
    body = data[at + 8:at + 8 + size]
    assert struct.unpack_from('>I', data, at + 8 + size)[0] == zlib.crc32(kind + body), kind
    at += 12 + size
    if kind == b'IHDR': head = struct.unpack('>2I5B', body)
    if kind == b'acTL': count, plays = struct.unpack('>2I', body); assert plays == 0 and not frames
    if kind == b'fcTL':
        control = struct.unpack('>5I2H2B', body)
        assert control[0] == sequence and control[7:] == (0, 0); sequence += 1
    if kind == b'IDAT': frames.append((control, body))
    if kind == b'fdAT':
        assert struct.unpack_from('>I', body)[0] == sequence; sequence += 1
        frames.append((control, body[4:]))
assert len(frames) == count and head[2:] == (8, 2, 0, 0, 0)
W, H = head[:2]
canvas = bytearray(3 * W * H)
for number, (c, packed) in enumerate(frames):
    _, w, h, x, y, num, den = c[:7]
    assert number or (w, h, x, y) == (W, H, 0, 0)
    assert x + w <= W and y + h <= H
    raw, above = zlib.decompress(packed), bytes(3 * w)
    assert len(raw) == h * (1 + 3 * w)
    for row in range(h):
        kind, line = raw[row * (1 + 3 * w)], raw[row * (1 + 3 * w) + 1:(row + 1) * (1 + 3 * w)]
        if kind == 2: line = bytes((a + b) & 255 for a, b in zip(line, above))
        else: assert kind == 0
        above = line
        canvas[3 * ((y + row) * W + x):3 * ((y + row) * W + x + w)] = line
    open(f'{sys.argv[2]}.{number}.ppm', 'wb').write(b'P6 %d %d 255\n' % (W, H) + canvas)
    print(f'{num}/{den}', end=' ')
print()
PY
cat >"$dir/ppm.py" <<'PY'
"""ppm.py PNG: an RGB PNG as PPM on standard output."""
import png_rows, sys
w, h, rows = png_rows.read(sys.argv[1])
sys.stdout.buffer.write(b'P6 %d %d 255\n' % (w, h) + b''.join(rows))
PY
expect 'an animation' 0 'ani.png: [0-9]+ frames' "$PX" run "$dir/draw.pxa" --apng every=100,fps=10 -o "$dir/ani.png"
total=$("$PX" run "$dir/draw.pxa" | sed -nE 's/.*after ([0-9,]+) instr.*/\1/p' | tr -d ,)
lasts=$(python3 "$dir/frames.py" "$dir/ani.png" "$dir/frame" 2>"$dir/errors")
result $? 'is what PNG Third Edition says' "$(cat "$dir/errors")"
failed=
frames=$(wc -w <<<"$lasts")
for ((k = 0; k < frames; k++)); do
    budget=$((k * 100 < total ? k * 100 : total))
    "$PX" run -q "$dir/draw.pxa" --budget $budget --image --opaque -o "$dir/one.png"
    python3 "$dir/ppm.py" "$dir/one.png" | cmp -s - "$dir/frame.$k.ppm" || failed+=" $k"
done
[ "$frames" = $(((total + 99) / 100 + 1)) ] && [ -z "$failed" ]
result $? 'each frame is the image there' "$frames frames of $total instructions; wrong:$failed"
[[ $lasts == "1/10 "*"11/10 " ]]
result $? 'ten a second, the last for a second more' "$lasts"
expect 'enlarged' 0 '' "$PX" run -q "$dir/draw.pxa" --apng every=100 --zoom 3 -o "$dir/large.png"
python3 "$dir/frames.py" "$dir/large.png" "$dir/wide" >/dev/null && "$PX" run -q "$dir/draw.pxa" --zoom 3 -o "$dir/one.png" &&
    python3 "$dir/ppm.py" "$dir/one.png" | cmp -s - "$dir/wide.$((frames - 1)).ppm"
result $? 'its last frame, too'
printf '        .size 8, 2\nloop: addi r1, r1, 1\n        jmp loop\n' >"$dir/still.pxa"
expect 'frames that are alike are one' 3 'still.png: 1 frame$' "$PX" run "$dir/still.pxa" --budget 1000 --apng every=10 -o "$dir/still.png"
expect 'that lasts' 0 '^121/20' python3 "$dir/frames.py" "$dir/still.png" "$dir/still"
expect 'pngcheck finds nothing wrong' 0 'OK|No errors' bash -c "command -v pngcheck >/dev/null && pngcheck '$dir/ani.png' || echo OK"
expect 'an animation is no program' 2 'copy for viewing' "$PX" run "$dir/ani.png"
expect 'the same on another executor' 0 '' bash -c "'$PX' run -q '$dir/draw.pxa' --on ref --apng every=100,fps=10 -o '$dir/ref.png' && cmp '$dir/ref.png' '$dir/ani.png'"
expect 'a filmstrip' 0 'strip.png: 7 frames' "$PX" run "$dir/draw.pxa" --filmstrip every=$((total / 6 + 1)) -o "$dir/strip.png"
expect 'is a picture' 0 'intact|classic' "$PX" check "$dir/strip.png"
expect 'too long a one' 2 'a filmstrip of more than 64 frames' "$PX" run "$dir/draw.pxa" --filmstrip every=1 -o "$dir/long.png"
! [ -e "$dir/long.png" ]
result $? 'is not written'
wrong() { expect "--$1 $2" 2 "$3" "$PX" run "$dir/draw.pxa" "--$1" "$2" -o "$dir/x.png" "${@:4}"; }
wrong apng every=0 'expected a number from 1|every is'
wrong apng every=x 'every is .x|not a count'
wrong apng fps=5 'every=N is missing'
wrong apng each=5 "'each=5' is not known"
wrong apng every 'not known'
wrong apng every=5,fps=0 'fps'
wrong filmstrip every=5,fps=5 "'fps=5' is not known"
wrong apng every=5 'goes with neither' --state
wrong filmstrip every=5 'nor --zoom' --zoom 2
wrong apng every=5 'exclude each other' --filmstrip every=5
expect '--apng without a place' 2 'it needs -o' "$PX" run "$dir/draw.pxa" --apng every=5
finish
