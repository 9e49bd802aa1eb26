"""What the pictures of pxi/programs must look like, worked out without any pixel machine.

Each function gives one program's regions: a list of (name, column, row, width, rows of words). Where a program has one
formula, this has another one if there is one: trial division for the sieve, a turtle for Ulam's spiral, sets of live
cells for Life, compare-and-exchange for the network, exact integers and one rounding everywhere.
"""
import math
import os
import re

from model_tools import (M32, OPAQUE, channels, clamp, divide_round, randoms, rgba, rows_of, signed, times, towards_zero)

PROGRAMS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "pxi", "programs")


# ---- pictures ----

CIRCLE = [(25, 7, 26), (9, 1, 47), (4, 4, 73), (0, 7, 100), (12, 44, 138), (24, 82, 177), (57, 125, 209), (134, 181, 229),
          (211, 236, 248), (241, 233, 191), (248, 201, 95), (255, 170, 0), (204, 128, 0), (153, 87, 0), (106, 52, 3), (66, 30, 15)]


def escape(left, top, pitch, w, h, rounds, row):
    rows = []
    for y in range(h):
        line = []
        for x in range(w):
            cu, cv = left + x * pitch, top + y * pitch
            u, v, count = cu, cv, 0
            while count < rounds:
                uu, vv = u * u >> 32, v * v >> 32
                if uu + vv >= 4 << 26:
                    break
                count += 1
                u, v = (uu - vv << 3) + cu, ((u * v >> 32) << 4) + cv
            line.append(OPAQUE if count == rounds else rgba(*CIRCLE[count % 16]))
        rows.append(line)
    return [("the set", 0, row, w, rows)]


def mandelbrot():
    one = 1 << 29
    pitch = 28 * one // 440
    return escape(towards_zero(-21 * one, 10), towards_zero(-33 * pitch, 2), pitch, 44, 34, 32, 11)


def mandelbrot_large():
    one = 1 << 29
    pitch = 56 * one // 112000
    return escape(towards_zero(-163 * one, 1000) - 56 * pitch, 1034 * one // 1000 - 40 * pitch, pitch, 112, 80, 48, 10)


def glass(w, h, check, across, down, discs, top):
    rows = []
    for y in range(h):
        line = []
        for x in range(w):
            square = [16, 24, 32] if (x ^ y) >> check & 1 else [0, 0, 0]
            colour = [min(255, c + x * a + y * d + s) for c, a, d, s in zip((40, 48, 80), across, down, square)]
            for cx, cy, reach, steep, tint in discs:
                alpha = clamp((reach - (x - cx) ** 2 - (y - cy) ** 2) * steep, 0, 160)
                colour = [divide_round(t * alpha + c * (255 - alpha), 255) for t, c in zip(tint, colour)]
            line.append(rgba(*colour))
        rows.append(line)
    return [("the discs", 0, top, w, rows)]


RED, GREEN, BLUE = (240, 48, 40), (80, 216, 64), (48, 128, 240)


def blend():
    discs = [(20, 12, 121, 5, RED), (35, 12, 121, 5, GREEN), (28, 21, 121, 5, BLUE)]
    return glass(56, 32, 2, (2, 1, 0), (0, 1, 3), discs, 4)


def blend_large():
    discs = [(45, 34, 841, 2, RED), (76, 34, 841, 2, GREEN), (60, 57, 841, 2, BLUE)]
    return glass(120, 88, 3, (1, 0, 0), (1, 1, 0), discs, 3)


def parabola(turn):
    """The sine of turn / 2^32 turns in signed bytes, as matmul.inc defines it."""
    s = (turn & M32) >> 16
    s -= (s & 0x8000) << 1
    return min(127, s * (0x8000 - abs(s)) >> 21)


def quasicrystal(w, h, wave, top):
    angles = [math.pi * k / 7 for k in range(7)]
    across = [round(32767 * math.cos(a)) * wave for a in angles] + [0]
    down = [-round(32767 * math.sin(a)) * wave for a in angles] + [0]
    quarter = 1 << 30

    def table(n, turns):
        return [[parabola((i - n // 2) * t + q) for t in turns for q in (quarter, 0)] for i in range(n)]

    columns, lines = table(w, across), table(h, down)
    sums = [sum(a * b for a, b in zip(line, column)) for line in lines for column in columns]
    low, high = min(sums), max(sums)
    scale = M32 // (high - low + 1) << 6
    stops = [((16, 8, 32), (5, 2, 6)), ((96, 40, 128), (7, 3, -4)), ((208, 88, 64), (3, 8, -2)), ((255, 216, 32), (0, 2, 13))]
    colours = [rgba(*(c + i * s for c, s in zip(*stop))) for stop in stops for i in range(16)]
    return [("the interference", 0, top, w, rows_of([colours[(s - low) * scale >> 32] for s in sums], w))]


def matmul():
    return quasicrystal(48, 28, 14564, 14)


def matmul_large():
    return quasicrystal(256, 192, 5461, 12)


def layers():
    """The weights, M and e of the three layers, from the data the program includes."""
    with open(os.path.join(PROGRAMS, "mlp_weights.inc"), encoding="ascii") as file:
        text = re.sub(";.*", "", file.read())
    for n in "123":
        constant = {name: int(re.search(rf"^{name}{n} = (\d+)", text, re.M)[1]) for name in "ME"}
        block = re.search(rf"weights{n}:\s+\.matrix (\d+), (\d+),([-\d,\s]+)", text)
        values = [int(v) for v in block[3].split(",")]
        yield rows_of(values, int(block[2])), constant["M"], constant["E"]


def spirals(w, h, first, step, top):
    network_layers = list(layers())
    rows = []
    for j in range(h):
        line = []
        for i in range(w):
            values = [first + step * i, first + step * j, 127, 0]
            for n, (weights, m, e) in enumerate(network_layers):
                sums = [sum(a * b for a, b in zip(values, neuron)) for neuron in weights]
                half = 1 << 31 + e if e else 0
                values = [clamp(s * m + half >> 32 + e, 0 if n < 2 else -128, 127) for s in sums]
            line.append(rgba(*(v + 128 for v in values)))
        rows.append(line)
    return [("the spirals", 0, top, w, rows)]


def mlp():
    return spirals(32, 32, -124, 8, 17)


def mlp_large():
    return spirals(48, 48, -118, 5, 25)


def panes(w, h, columns, lines, lead, fade, top):
    source, seeds = randoms(), []
    for i in range(columns * lines):
        x = i % columns * (w // columns) + next(source) % (w // columns)
        y = i // columns * (h // lines) + next(source) % (h // lines)
        seeds.append((x, y, channels(next(source) | 0x404040)))
    rows = []
    for y in range(h):
        line = []
        for x in range(w):
            order = sorted((((x - sx) ** 2 + (y - sy) ** 2), k) for k, (sx, sy, _) in enumerate(seeds))
            near, second = order[0][0], order[1][0]
            light = 0 if second - near < second // 4 + lead else max(0, 255 - near * fade // 256)
            line.append(rgba(*(times(c, light) for c in seeds[order[0][1]][2][:3])))
        rows.append(line)
    return [("the panes", 0, top, w, rows)]


def voronoi():
    return panes(64, 27, 6, 3, 8, 600, 5)


def voronoi_large():
    return panes(128, 88, 6, 4, 24, 170, 3)


LAND = [(60, 125, 225), (220, 205, 150), (120, 180, 80), (110, 175, 75), (100, 170, 70), (90, 160, 65), (80, 150, 60),
        (72, 140, 55), (66, 130, 50), (60, 120, 48), (64, 112, 50), (76, 108, 56), (90, 104, 64), (104, 102, 74), (118, 104, 84),
        (130, 110, 94), (140, 120, 106), (150, 130, 118), (160, 142, 132), (172, 156, 148), (186, 174, 168), (202, 194, 190),
        (218, 214, 212), (232, 230, 230), (240, 240, 242), (246, 246, 250), (250, 250, 255)] + [(255, 255, 255)] * 5


def hills(w, h, depth, lake, rise, shore, paler, waves, row):
    """The painter's way: strips from the back to the front, each over what is behind it."""
    picture = [[rgba(60 + y * paler[0], 110 + y * paler[1], 190 + y * paler[2])] * w for y in range(h)]
    for x in range(w):
        ground = []
        for k in range(depth):
            height = min(0, 2 * k - shore)
            for per_column, per_strip, first in waves:
                s = signed((x * per_column + k * per_strip + first & M32) >> 16, 16)
                height += s * (0x8000 - abs(s)) >> rise
            ground.append(max(lake, height))
        for k in reversed(range(depth)):
            slope = ground[k] - ground[k - 1] if k else 0
            light = clamp(170 + 40 * slope, 40, 255)
            colour = rgba(*(times(c, light) for c in LAND[min(31, ground[k] - lake)]))
            for y in range(ground[k] + k):
                picture[h - 1 - y][x] = colour
    return [("the land", 0, row, w, picture)]


def terrain():
    waves = [(0x05000000, 0x0C000000, 0x30000000), (0x0B000000, -0x06000000, 0x08000000), (-0x02800000, 0x05000000, 0x50000000)]
    return hills(48, 30, 18, 3, 26, 8, (5, 4, 2), waves, 7)


def terrain_large():
    waves = [(0x01500000, 0x03000000, 0x30000000), (0x02E00000, -0x01900000, 0x08000000), (-0x00A80000, 0x01680000, 0x50000000)]
    return hills(172, 104, 64, 6, 24, 40, (1, 1, 0), waves, 4)


# ---- the ray tracer ----

LIGHT = (-150, -170, -118)
HORIZON = (200, 216, 240)


def over(front, alpha, back):
    return [divide_round(f * alpha + b * (255 - alpha), 255) for f, b in zip(front, back)]


def trace(ox, oz, height, dx, dy, dz):
    """The colour that a ray meets: floor or sky."""
    if dy <= 0:
        return [max(0, c - min(120, -dy // 4)) for c in HORIZON]
    far = height * 256 // dy
    u, v = (dx * far >> 8) + ox, (dz * far >> 8) + oz
    colour = [48, 72, 128] if (u ^ v) >> 8 & 1 else [240, 240, 216]
    along = (LIGHT[0] * u + LIGHT[2] * v >> 8) + LIGHT[1]
    if far < 2048 and u * u + v * v < along * along:
        colour = [times(c, k) for c, k in zip(colour, (96, 96, 112))]
    return over(HORIZON, min(255, far >> 3), colour)


def ball(w, h, unit, first_y, top):
    rows = []
    for j in range(h):
        line = []
        for i in range(w):
            x, y = towards_zero(-unit * (w - 1), 2) + i * unit, first_y + j * unit
            below = 65536 - x * x - y * y
            if below < 0:
                line.append(rgba(*trace(0, -700, 200, x, y - 56, 700)))
                continue
            z = math.isqrt(below)
            mirrored = (z * x >> 7, z * y >> 7, 256 - (z * z >> 7))
            colour = trace(x, -z, 256 - y, *mirrored)
            lit = min(255, max(0, x * LIGHT[0] + y * LIGHT[1] - z * LIGHT[2] >> 8) + 24)
            colour = over([times(lit, c) for c in (255, 64, 32)], 150, colour)
            shine = max(0, sum(a * b for a, b in zip(mirrored, LIGHT)) >> 8)
            for _ in range(4):
                shine = shine * shine >> 8
            line.append(rgba(*(min(255, c + min(255, shine)) for c in colour)))
        rows.append(line)
    return [("the ball", 0, top, w, rows)]


def sphere():
    return ball(48, 38, 15, -270, 4)


def sphere_large():
    return ball(96, 76, 8, -292, 2)
