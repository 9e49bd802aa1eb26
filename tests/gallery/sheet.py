#!/usr/bin/env python3
"""Lays result pictures out as one sheet, each enlarged by a whole number, program on top, result below.

    sheet.py DIRECTORY OUT.png [NAME ..]     from DIRECTORY/NAME.png, as `px gallery --out DIRECTORY` writes them

Rows that a program left empty are not shown where there is more than one, and alpha counts as opaque: the colours of
the instructions themselves have an alpha that is an operand.
"""
import os
import sys

sys.dont_write_bytecode = True  # leave nothing beside the sources
import png

COLUMNS, CELL_W, CELL_H, MARGIN, GROUND = 3, 516, 420, 12, 0xFF181410
BEST = """sphere_large mandelbrot_large terrain_large
    matmul_large bitonic_large voronoi_large
    atlas mlp creeper
    life_large equalise_large digits_large""".split()


def shown(w, words):
    rows, empty = [], 0
    for i in range(0, len(words), w):
        row = words[i:i + w]
        empty = 0 if any(row) else empty + 1
        if empty <= 1:
            rows.append(row)
    return rows


def place(sheet, rows, x0, y0):
    scale = max(1, min(CELL_W // len(rows[0]), CELL_H // len(rows)))
    x0 += (CELL_W - scale * len(rows[0])) // 2
    y0 += (CELL_H - scale * len(rows)) // 2
    for y, row in enumerate(rows):
        wide = [word | 0xFF000000 for word in row for _ in range(scale)]
        for k in range(scale):
            sheet[y0 + y * scale + k][x0:x0 + len(wide)] = wide


def main(directory, out, *names):
    names = names or BEST
    lines = -(-len(names) // COLUMNS)
    w, h = COLUMNS * (CELL_W + MARGIN) + MARGIN, lines * (CELL_H + MARGIN) + MARGIN
    sheet = [[GROUND] * w for _ in range(h)]
    for k, name in enumerate(names):
        width, _, words = png.read(os.path.join(directory, name + ".png"))
        rows = shown(width, words)
        if width > CELL_W or len(rows) > CELL_H:
            sys.exit(f"{name}: {width}x{len(rows)} does not fit a cell of {CELL_W}x{CELL_H}")
        place(sheet, rows, MARGIN + k % COLUMNS * (CELL_W + MARGIN), MARGIN + k // COLUMNS * (CELL_H + MARGIN))
    png.write(out, w, h, [word for row in sheet for word in row])


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
