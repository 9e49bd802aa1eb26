"""PNG pictures of 8-bit RGBA, read and written without an image library."""
import struct
import zlib

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def read(path):
    """Width, height, and the pixels as words R + 256 G + 65536 B + 16777216 A, in address order."""
    with open(path, "rb") as file:
        data = file.read()
    if data[:8] != SIGNATURE:
        raise ValueError(f"{path}: not a PNG")
    at, packed, header = 8, b"", None
    while at < len(data):
        length, kind = struct.unpack(">I4s", data[at:at + 8])
        body = data[at + 8:at + 8 + length]
        at += 12 + length
        if kind == b"IHDR":
            header = struct.unpack(">IIBBBBB", body)
        elif kind == b"IDAT":
            packed += body
    w, h = header[:2]
    if header[2:] != (8, 6, 0, 0, 0):
        raise ValueError(f"{path}: not 8-bit RGBA without interlacing")
    raw, stride = zlib.decompress(packed), 4 * w
    words, above = [], bytes(stride)
    for y in range(h):
        line = y * (stride + 1)
        above = unfilter(raw[line], bytearray(raw[line + 1:line + 1 + stride]), above)
        words.extend(struct.unpack(f"<{w}I", above))
    return w, h, words


def unfilter(kind, row, above):
    if kind == 2:
        return bytes((a + b) & 255 for a, b in zip(row, above))
    if kind != 0:
        for k in range(len(row)):
            left = row[k - 4] if k >= 4 else 0
            corner = above[k - 4] if k >= 4 else 0
            row[k] = (row[k] + predict(kind, left, above[k], corner)) & 255
    return bytes(row)


def predict(kind, left, up, corner):
    if kind == 1:
        return left
    if kind == 3:
        return (left + up) // 2
    guess = left + up - corner
    return min((abs(guess - left), 0, left), (abs(guess - up), 1, up), (abs(guess - corner), 2, corner))[2]


def write(path, w, h, words):
    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    lines = b"".join(b"\0" + struct.pack(f"<{w}I", *words[y * w:(y + 1) * w]) for y in range(h))
    with open(path, "wb") as file:
        file.write(SIGNATURE + chunk(b"IHDR", struct.pack(">IIBBBBB", w, h, 8, 6, 0, 0, 0)) +
                   chunk(b"IDAT", zlib.compress(lines, 9)) + chunk(b"IEND", b""))
