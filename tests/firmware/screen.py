#!/usr/bin/env python3
# screen.py - firmware/screen.py: text memory as text and as a picture. The glyphs expected are written out here, from IBM's
# VGA font of 8 x 16; so are the colours and the ninth column. TAP.
import os, struct, subprocess, sys, tempfile, zlib

count = bad = 0
place = tempfile.TemporaryDirectory()


def result(good, name, detail=''):
    global count, bad
    count, bad = count + 1, bad + (not good)
    print(('ok' if good else 'not ok') + f' {count} - {name}' + (f'\n# {detail}' if not good else ''))


def path(name):
    return os.path.join(place.name, name)


def run(*arguments, **environment):
    return subprocess.run(['firmware/screen.py', *arguments], capture_output=True, text=True, env=os.environ | environment)


def read_png(name):
    """Rows of colour triples of a PNG of 4 bits a pixel; every chunk's CRC is asked."""
    with open(name, 'rb') as file:
        data = file.read()
    at, chunks = 8, {}
    while at < len(data):
        length, kind = struct.unpack('>I4s', data[at:at + 8])
        body = data[at + 8:at + 8 + length]
        assert zlib.crc32(kind + body) == struct.unpack('>I', data[at + 8 + length:at + 12 + length])[0]
        chunks[kind], at = body, at + 12 + length
    width, height, bits, colour, *rest = struct.unpack('>IIBBBBB', chunks[b'IHDR'])
    assert (bits, colour, rest) == (4, 3, [0, 0, 0])
    pixels, stride = zlib.decompress(chunks[b'IDAT']), (width + 1) // 2 + 1
    palette = [tuple(chunks[b'PLTE'][i:i + 3]) for i in range(0, 48, 3)]
    rows = []
    for y in range(height):
        row = pixels[y * stride:(y + 1) * stride]
        assert row[0] == 0
        rows.append([palette[row[1 + x // 2] >> (0 if x % 2 else 4) & 15] for x in range(width)])
    return rows


def cell(rows, column, line):
    return [rows[8 + 16 * line + y][8 + 9 * column:17 + 9 * column] for y in range(16)]


def drawn(glyph, ink, paper, ninth=False):
    return [[ink if bits >> (7 - x) & 1 else paper for x in range(8)] + [ink if ninth and bits & 1 else paper]
            for bits in bytes.fromhex(glyph)]


screen = bytearray(b' \x07' * 2000)
for column, character, attribute in ((0, 'A', 0x07), (1, 'A', 0x1E), (2, '\u2500', 0x0C), (3, '\u2588', 0x62), (4, 'g', 0xF0)):
    screen[2 * column:2 * column + 2] = character.encode('cp437') + bytes([attribute])
screen[2 * (24 * 80 + 79):] = b'\xe9\x07'
with open(path('screen'), 'wb') as file:
    file.write(screen)

told = run('--text', path('screen'))
result(told.stdout.split('\n') == ['AA\u2500\u2588g'] + [''] * 23 + [' ' * 79 + '\u0398', ''], 'text', repr(told))
told = run('--png', path('png'), path('screen'), path('screen'))
if 'vgabios' in told.stderr:
    print(f'ok {count + 1} - pictures # SKIP no font (Debian: apt install vgabios)\n1..{count + 1}')
    sys.exit(bad)
rows = read_png(path('png'))
GREY, RED, GREEN, BROWN, BLUE, YELLOW, WHITE = (170,) * 3, (255, 85, 85), (0, 170, 0), (170, 85, 0), (0, 0, 170), (255, 255, 85), (255,) * 3
BLACK, A = (0, 0, 0), '000010386cc6c6fec6c6c6c600000000'
result((len(rows), len(rows[0])) == (2 * (25 * 16 + 16), 80 * 9 + 16), 'two screens, one below the other', told)
result(cell(rows, 0, 0) == drawn(A, GREY, BLACK), 'a glyph, nine columns wide')
result(cell(rows, 1, 0) == drawn(A, YELLOW, BLUE), 'its attribute: bright yellow on blue')
result(cell(rows, 2, 0) == drawn('00' * 7 + 'ff' + '00' * 8, RED, BLACK, ninth=True), 'a line goes through the ninth column')
result(cell(rows, 3, 0) == drawn('ff' * 16, GREEN, BROWN, ninth=True), 'a full block covers it; colour 6 is brown')
result(cell(rows, 4, 0) == drawn('000000000076cccccccccc7c0ccc7800', BLACK, GREY), 'bit 7 of an attribute blinks: it is no colour')
result(rows[416:] == rows[:416], 'the second is drawn like the first')
with open(path('short'), 'wb') as file:
    file.write(screen[:-1])
told = run('--png', path('other'), path('short'))
result(told.returncode != 0 and '3999 bytes; text memory has 4000' in told.stderr and not os.path.exists(path('other')), 'a file of another length is refused', told)
told = run('--png', path('other'), path('screen'), VGABIOS=path('screen'))
result(told.returncode != 0 and 'has no font' in told.stderr and not os.path.exists(path('other')), 'a ROM without font is named', told)
print(f'1..{count}')
sys.exit(bad != 0)
