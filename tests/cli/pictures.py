#!/usr/bin/env python3
"""Pictures as px writes them: other programs read the same pixels from them, they are no larger than plain level 6 makes
them, always the same bytes, and are not in memory twice.

    PX=build/px tests/cli/pictures.py        TAP; pngcheck, ImageMagick and Pillow are asked where they are
"""
import glob
import os
import pty
import random
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import zlib

sys.dont_write_bytecode = True  # leave nothing beside the sources
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
sys.path.insert(0, os.path.join(sys.path[0], "gallery"))
import png
from tap import finish, result

PX = os.environ.get("PX", "build/px")


def px(*arguments, **more):
    done = subprocess.run([PX, *arguments], stdin=subprocess.DEVNULL, capture_output=True, check=False, **more)
    return done.returncode, done.stdout, done.stderr.decode(errors="replace")


def plain_size(w, h, words):
    """Bytes of the file without a filter, by zlib's level 6, in IDAT chunks of 8,192 bytes as libpng has them."""
    rows = struct.pack(f"<{w * h}I", *words)
    packed = len(zlib.compress(b"".join(b"\0" + rows[y * 4 * w:(y + 1) * 4 * w] for y in range(h)), 6))
    return 8 + 25 + packed + 12 * ((packed + 8191) // 8192) + 12


def kinds(path):
    data, at, found = open(path, "rb").read(), 8, []
    while at < len(data):
        length, kind = struct.unpack(">I4s", data[at:at + 8])
        found.append(kind)
        if struct.unpack(">I", data[at + 8 + length:at + 12 + length])[0] != zlib.crc32(data[at + 4:at + 8 + length]):
            return "CRC"
        at += 12 + length
    return found


def made():
    """Pictures of every kind that a way to compress is for, on both sides of the size below which all of it is tried.
    Their first pixel is a classic NOP or data, so px import takes them."""
    chance = random.Random(20)
    noise = chance.getrandbits
    word = 0xFF000000
    yield "one_pixel", 1, 1, [word]
    yield "a_row", 700, 1, [word + i for i in range(700)]
    yield "a_column", 1, 700, [word + 7 * i for i in range(700)]
    yield "small_gradient", 200, 150, [word + 0x010203 * i & 0xFFFFFFFF for i in range(30000)]
    yield "small_noise", 150, 90, [word] + [noise(32) for _ in range(13499)]
    yield "gradient", 500, 400, [word + 0x00010203 * i & 0xFFFFFFFF for i in range(200000)]
    yield "noise", 500, 300, [word] + [noise(32) for _ in range(149999)]
    yield "zeros", 600, 400, [word] + [0] * 239999
    yield "upright", 400, 500, [word + 0x3050709 * (i % 400) ** 2 & 0xFFFFFFFF for i in range(200000)]
    yield "letters", 500, 400, [word] + [chance.choice((0, 0x01020304, 0xFFFFFFFF, 0x80808080)) for _ in range(199999)]
    yield "wide", 70000, 3, [word + (i * i >> 7) & 0xFFFFFFFF for i in range(210000)]
    yield "widest", 210000, 1, [word + (i * i >> 7) & 0xFFFFFFFF for i in range(210000)]
    yield "high", 1, 200000, [word + i for i in range(200000)]


def raw_bytes(words):
    return struct.pack(f"<{len(words)}I", *words)


MOST_OF_CONVERT = 16000  # columns and rows: Debian's policy.xml for ImageMagick has 16KP


def by_convert(path, words):
    done = subprocess.run(["convert", path, "-depth", "8", "rgba:-"], capture_output=True, check=False)
    return done.stdout == raw_bytes(words)


def is_imagemagick():
    """There are other programs of that name."""
    return shutil.which("convert") and b"Version: ImageMagick" in subprocess.run(
        ["convert", "-version"], capture_output=True, check=False).stdout


def by_pillow(path, w, h, words):
    from PIL import Image
    with Image.open(path) as picture:
        return picture.mode == "RGBA" and picture.size == (w, h) and picture.tobytes() == raw_bytes(words)


def foreign_readers():
    found = ["pngcheck"] * bool(shutil.which("pngcheck")) + ["convert"] * bool(is_imagemagick())
    try:
        import PIL  # noqa: F401
        found.append("Pillow")
    except ImportError:
        pass
    return found


def read_by_others(readers, path, w, h, words):
    if kinds(path) not in ([b"IHDR", b"IDAT", b"IEND"], [b"IHDR"] + [b"IDAT"] * (len(kinds(path)) - 2) + [b"IEND"]):
        return f"chunks {kinds(path)}"
    if png.read(path) != (w, h, words):
        return "png.py reads other pixels"
    if "pngcheck" in readers and subprocess.run(["pngcheck", "-q", path], capture_output=True, check=False).returncode:
        return "pngcheck complains"
    if "convert" in readers and max(w, h) <= MOST_OF_CONVERT and not by_convert(path, words):
        return "convert reads other pixels"
    if "Pillow" in readers and not by_pillow(path, w, h, words):
        return "Pillow reads other pixels"
    return ""


def every_kind(readers, folder):
    given, new = os.path.join(folder, "given.png"), os.path.join(folder, "new.png")
    for name, w, h, words in made():
        png.write(given, w, h, words)
        status, _, said = px("import", "-q", given, "-o", new)
        if status != 0:
            result(False, f"{name} is written", said)
            continue
        why = read_by_others(readers, new, w, h, words)
        result(not why, f"{name}: {', '.join(['zlib'] + readers)} read the same pixels", why)
        size, plain = os.path.getsize(new), plain_size(w, h, words)
        result(size <= plain, f"{name}: no larger than plain level 6", f"{size} bytes, plain {plain}")
        again = px("import", "-q", given, "-o", "-")[1]
        result(again == open(new, "rb").read(), f"{name}: the same bytes in a pipe")


def gallery(folder):
    large, total, plain = [], 0, 0
    out = os.path.join(folder, "out.png")
    programs = sorted(glob.glob(os.path.join(os.path.dirname(PX), "programs", "*.pxi")))
    for program in programs:
        for given in ("--image", "--state"):
            px("run", "-q", program, given, "-o", out)
            w, h, words = png.read(out)
            size, most = os.path.getsize(out), plain_size(w, h, words)
            total, plain = total + size, plain + most
            if size > most:
                large.append(f"{program} {given}: {size} bytes, plain {most}")
    result(programs and not large, f"{len(programs)} programs' images and states are no larger than plain level 6",
           "\n".join(large))
    result(total < plain * 0.85, "and together smaller by a sixth", f"{total} of {plain}")


SOURCE = """
    .size 4096, 4096
    set r1, N - 64
    set r3, 64
    vl r1
    set r4, 0x01020305
    set r5, 0x00010203
    iota [r3], r4, r5
    halt
"""


def peak(*arguments):
    """Megabytes that a px has had at most; by a process of its own, whose children are this one alone."""
    script = "import resource,subprocess,sys;subprocess.run(sys.argv[1:],check=True);" \
             "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    done = subprocess.run([sys.executable, "-c", script, PX, *arguments], capture_output=True, text=True, check=True)
    return int(done.stdout.split()[-1]) / 1024


def memory(folder):
    """An image of 64 MiB is there once, however it came and goes."""
    source, image, state, again = (os.path.join(folder, name) for name in ("m.pxa", "m.png", "s.pxi", "t.pxi"))
    with open(source, "w") as file:
        file.write(SOURCE)
    most = 1.3 * 64
    for name, arguments in (
            ("run and saved", ("run", "-q", source, "-o", image)),
            ("run and saved as a state", ("run", "-q", source, "--state", "-o", state)),
            ("a state run on and saved", ("run", "-q", state, "--state", "-o", again)),
            ("a state checked", ("check", "-q", state)),
            ("a state imported", ("import", "-q", state, "-o", again)),
            ("an image as a copy for viewing", ("run", "-q", state, "--opaque", "-o", again + ".png"))):
        used = peak(*arguments)
        result(used < most, f"{name}: 1.3 images at most", f"{used:.1f} MiB of {most:.1f}")
    result(open(state, "rb").read() == open(again, "rb").read(), "a halted state that is run is the same file")


def progress(folder):
    """Bits of noise are what takes long, some four seconds here; on a terminal it shows."""
    w, h = 4096, 4096
    pixels = bytearray(4 * w * h)
    pixels[0::4] = random.Random(1).randbytes(w * h).translate(bytes(i & 1 for i in range(256)))
    given, new = os.path.join(folder, "bits.png"), os.path.join(folder, "new.png")
    lines = b"".join(b"\0" + pixels[y * 4 * w:(y + 1) * 4 * w] for y in range(h))
    with open(given, "wb") as file:
        file.write(png.SIGNATURE + b"".join(
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
            for kind, body in ((b"IHDR", struct.pack(">IIBBBBB", w, h, 8, 6, 0, 0, 0)),
                               (b"IDAT", zlib.compress(lines, 1)), (b"IEND", b""))))
    master, slave = pty.openpty()
    with subprocess.Popen([PX, "run", "-q", given, "--budget", "0", "-o", new], stdin=subprocess.DEVNULL,
                          stderr=slave) as run:
        os.close(slave)
        said = read_terminal(master)
    result(run.returncode == 3 and re.search(r"\rwriting [0-9,]+ of 16,7[0-9,]+ pixels ", said) and
           said.endswith("\r\033[K"), "a long writing shows how far it is, and nothing in the end",
           f"{run.returncode}: {said[-300:]!r}")


def read_terminal(master):
    """Until the other side is closed, which is an error on Linux."""
    said = b""
    try:
        while part := os.read(master, 4096):
            said += part
    except OSError:
        pass
    os.close(master)
    return said.decode()


def main():
    with tempfile.TemporaryDirectory() as folder:
        readers = foreign_readers()
        every_kind(readers, folder)
        gallery(folder)
        memory(folder)
        progress(folder)
    finish()


if __name__ == "__main__":
    main()
