"""png_rows.py - a reader of 8-bit RGB and RGBA PNG files for the tests, written from the PNG specification and not from px."""
import struct
import zlib


def paeth(a, b, c):
    p = a + b - c
    return min((abs(p - a), 0, a), (abs(p - b), 1, b), (abs(p - c), 2, c))[2]


def read(path, most=None):
    """Width, height and the rows, each as bytes, unfiltered; with most only the first so many of them."""
    data, at, body = open(path, 'rb').read(), 8, b''
    while at < len(data):
        size, kind = struct.unpack_from('>I4s', data, at)
        if kind == b'IHDR':
            w, h, depth, colour = struct.unpack_from('>2I2B', data, at + 8)
        if kind == b'IDAT':
            body += data[at + 8:at + 8 + size]
        at += 12 + size
    assert depth == 8 and colour in (2, 6)
    step = 3 if colour == 2 else 4
    raw, rows, above = zlib.decompress(body), [], bytes(step * w)
    for y in range(h if most is None else min(h, most)):
        start = y * (step * w + 1)
        kind, line = raw[start], bytearray(raw[start + 1:start + 1 + step * w])
        for i in range(step * w):
            a, b, c = (line[i - step] if i >= step else 0), above[i], (above[i - step] if i >= step else 0)
            line[i] = line[i] + (0, a, b, (a + b) // 2, paeth(a, b, c))[kind] & 255
        above = bytes(line)
        rows.append(above)
    return w, h, rows
