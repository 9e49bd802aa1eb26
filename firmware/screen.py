#!/usr/bin/env python3
"""screen.py - the 4,000 bytes of a PC's text memory, as bochs.sh --screen saves them, as text or as a picture.

    firmware/screen.py --text FILE              its lines, without what is blank below
    firmware/screen.py --png PICTURE FILE...    the screens one below the other, with the display's font and colours

The font is looked up in the display's BIOS (VGABIOS=/usr/share/vgabios/vgabios-stdvga.bin): 256 characters of 16 rows."""
import os
import struct
import sys
import zlib

COLUMNS, ROWS, CELL, HEIGHT = 80, 25, 9, 16
MARGIN = 8
# IBM's 16 colours: two thirds of an intensity, one third more when bright; dark yellow is brown.
PALETTE = [(0, 0, 0), (0, 0, 170), (0, 170, 0), (0, 170, 170), (170, 0, 0), (170, 0, 170), (170, 85, 0), (170, 170, 170),
           (85, 85, 85), (85, 85, 255), (85, 255, 85), (85, 255, 255), (255, 85, 85), (255, 85, 255), (255, 255, 85), (255, 255, 255)]
# By these two the font is found, whatever version of the BIOS: character 0 is blank and 1 a smiling face, whose outline every
# VGA font shares; 219 (DBh) is a full block.
FACE, BLOCK = bytes.fromhex('00007e81a58181'), bytes([255] * HEIGHT)


def fail(text):
    sys.exit('screen.py: ' + text)


def read_screen(path):
    with open(path, 'rb') as file:
        memory = file.read()
    if len(memory) != 2 * COLUMNS * ROWS:
        fail(f'{path}: {len(memory)} bytes; text memory has {2 * COLUMNS * ROWS}')
    return memory


def text(memory):
    page = memory[::2].decode('cp437').replace('\0', ' ')
    return '\n'.join(page[at:at + COLUMNS].rstrip() for at in range(0, COLUMNS * ROWS, COLUMNS)).rstrip('\n')


def read_font():
    path = os.environ.get('VGABIOS', '/usr/share/vgabios/vgabios-stdvga.bin')
    try:
        with open(path, 'rb') as file:
            rom = file.read()
    except OSError as error:
        fail(f'no font: {error}; expected the display\'s BIOS (Debian: apt install vgabios), or VGABIOS=FILE')
    at = -1
    while (at := rom.find(bytes(HEIGHT) + FACE, at + 1)) >= 0:
        font = rom[at:at + 256 * HEIGHT]
        if font[0xDB * HEIGHT:0xDC * HEIGHT] == BLOCK:
            return font
    fail(f'{path}: has no font of 256 characters with {HEIGHT} rows')


def draw(memory, font):
    """Rows of colours. The ninth column of a cell is blank but for C0h to DFh, as a VGA draws it."""
    rows = []
    for line in range(ROWS):
        cells = memory[line * 2 * COLUMNS:(line + 1) * 2 * COLUMNS]
        for y in range(HEIGHT):
            row = bytearray()
            for character, attribute in zip(cells[::2], cells[1::2]):
                bits = font[character * HEIGHT + y] << 1
                if 0xC0 <= character <= 0xDF:
                    bits |= bits >> 1 & 1
                ink, paper = attribute & 15, attribute >> 4 & 7
                row += bytes(ink if bits >> (CELL - 1 - x) & 1 else paper for x in range(CELL))
            rows.append(bytes(MARGIN) + bytes(row) + bytes(MARGIN))
    margin = [bytes(len(rows[0]))] * MARGIN
    return margin + rows + margin


def chunk(kind, data):
    return struct.pack('>I', len(data)) + kind + data + struct.pack('>I', zlib.crc32(kind + data))


def write_png(path, rows):
    """Sixteen colours, four bits a pixel."""
    width = len(rows[0])
    packed = b''.join(b'\0' + bytes(row[x] << 4 | (row[x + 1] if x + 1 < width else 0) for x in range(0, width, 2)) for row in rows)
    data = b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', struct.pack('>IIBBBBB', width, len(rows), 4, 3, 0, 0, 0)) + \
        chunk(b'PLTE', bytes(sum(PALETTE, ()))) + chunk(b'IDAT', zlib.compress(packed, 9)) + chunk(b'IEND', b'')
    with open(path + '.new', 'wb') as file:
        file.write(data)
    os.replace(path + '.new', path)


def main(arguments):
    if len(arguments) == 2 and arguments[0] == '--text':
        print(text(read_screen(arguments[1])))
    elif len(arguments) >= 3 and arguments[0] == '--png':
        font = read_font()
        write_png(arguments[1], [row for path in arguments[2:] for row in draw(read_screen(path), font)])
    else:
        sys.exit(__doc__)


main(sys.argv[1:])
