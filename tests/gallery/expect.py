#!/usr/bin/env python3
"""Compares the picture that an executor left with what the models say it must be.

    expect.py NAME PICTURE.png      prints TAP; the exit status is 1 when they differ
    expect.py --list                the programs that have a model
    expect.py --regions             what `px gallery --expect` reads: each region that is known as a whole, and its CRC

    tests/gallery/expect.py --regions >tests/gallery/expected.txt
"""
import struct
import sys
import zlib

sys.dont_write_bytecode = True  # leave nothing beside the sources
import models_nested
import models_numbers
import models_pictures
import png

PROGRAMS = """dot_test classic_matmul forward_classic forward sieve sieve_large bitonic bitonic_large equalise equalise_large life life_large
    mandelbrot mandelbrot_large blend blend_large matmul matmul_large mlp mlp_large atlas atlas_large creeper rule90
    rule90_large fire fire_large voronoi voronoi_large sphere sphere_large
    terrain terrain_large digits digits_large scalar scheduler scheduler_large fork fork_large cells cells_large
    hyper hyper_large""".split()

MODELS = (models_numbers, models_pictures, models_nested)


def model(name):
    return next(getattr(models, name) for models in MODELS if hasattr(models, name))


def first_difference(w, words, column, row, width, expected):
    """A sentence on the first pixel that is wrong, or None. expected None: every row must be like the first."""
    at = lambda x, y: words[y * w + x]
    h = len(words) // w
    if expected is None:
        expected = [[at(column + x, row) for x in range(width)]] * (h - row)
    if column + width > w or row + len(expected) > h:
        return f"the picture is {w}x{h}, too small for {width}x{len(expected)} at ({column},{row})"
    for j, line in enumerate(expected):
        for i, word in enumerate(line):
            if word is not None and at(column + i, row + j) != word:
                return f"pixel ({column + i},{row + j}) is 0x{at(column + i, row + j):08X}, expected 0x{word:08X}"
    return None


def main(name, path):
    w, _, words = png.read(path)
    regions = model(name)()
    wrong = 0
    for number, (what, *region) in enumerate(regions, 1):
        difference = first_difference(w, words, *region)
        wrong += difference is not None
        print(f"{'not ' if difference else ''}ok {number} - {name}: {what}")
        if difference:
            print(f"# {difference}")
    print(f"1..{len(regions)}")
    return 1 if wrong else 0


def regions():
    """A line a region: NAME X Y W H CRC. A pixel that the model leaves open is a gap that nobody draws in: 0."""
    print("# Made by tests/gallery/expect.py --regions from the models, not by a pixel machine.")
    for name in PROGRAMS:
        for _, column, row, width, expected in model(name)():
            if expected is not None:
                words = [word or 0 for line in expected for word in line]
                crc = zlib.crc32(struct.pack(f"<{len(words)}I", *words))
                print(f"{name} {column} {row} {width} {len(expected)} {crc:08X}")


if __name__ == "__main__":
    if sys.argv[1:] == ["--list"]:
        print("\n".join(PROGRAMS))
    elif sys.argv[1:] == ["--regions"]:
        regions()
    elif len(sys.argv) != 3 or sys.argv[1] not in PROGRAMS:
        sys.exit(__doc__)
    else:
        sys.exit(main(*sys.argv[1:]))
