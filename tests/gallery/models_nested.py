"""Models of the programs that run machines in slots; what a model is, models_pictures.py says. To a model a machine's
picture is what it is alone, somewhere in another one."""
import sys

import models_numbers
import models_pictures
from model_tools import OPAQUE, clamp, randoms, rgba, rows_of, times

THIS = sys.modules[__name__]

# The programs that a kernel runs, with their sizes; the row where the first one's slot begins, and the rows of a slot.
TENANTS = {
    "scheduler_large": ([("sieve", 60, 33), ("bitonic", 64, 29), ("equalise", 48, 42), ("life", 48, 42),
                         ("mandelbrot", 44, 45), ("blend", 56, 36), ("matmul", 48, 42), ("mlp", 32, 49),
                         ("terrain", 48, 37), ("voronoi", 64, 32), ("atlas", 44, 46), ("scalar", 55, 29),
                         ("creeper", 44, 46), ("rule90", 64, 31), ("fire", 64, 32), ("sphere", 48, 42)], 1, 9),
    "hyper_large": ([("scheduler", 38, 51), ("fork", 38, 35), ("cells", 38, 52), ("hyper", 38, 53)], 2, 13),
}


# ---- scheduler ----

def dusk(n):
    return [rgba(250 - 2 * i, 96, 16 + 2 * i) for i in range(n)]


def primes(n):
    def colour(i):
        divisors = [d for d in range(2, i) if d * d <= i and i % d == 0]
        if i >= 2 and not divisors:
            return 0xFF50D8FF
        steps = divisors[-1] - 1 if i >= 2 else 0
        return rgba(16 + 6 * steps, 16 + 12 * steps, 31 + 20 * steps)

    return [colour(i) for i in range(n)]


def three_hills():
    heights = [x * (37 - x) * 93 // 128 for x in range(38)]
    return [rgba(h >> y, h >> 1, 0) for y in range(3) for h in heights]


def stars(n):
    source = randoms()
    sky = [next(source) for _ in range(n)]
    return [OPAQUE | word if word < 1 << 29 else rgba(0, 0, 48) for word in sky]


def scheduler():
    drawn = [("the dusk", dusk(114)), ("the primes", primes(114)), ("the hills", three_hills()), ("the stars", stars(114))]
    return [(what, 0, 7 + 11 * i + 8, 38, rows_of(words, 38)) for i, (what, words) in enumerate(drawn)]


def desk(name, across, place_w, place_h, top):
    """The regions of each program that a kernel runs, with the program in the middle of its place."""
    found = []
    for i, (program, w, h) in enumerate(TENANTS[name][0]):
        left = i % across * place_w + (place_w - w) // 2
        above = top + i // across * place_h + (place_h - h) // 2
        model = next(vars(models)[program] for models in (models_numbers, models_pictures, THIS) if program in vars(models))
        found += [(f"{program}: {what}", left + x, above + y, width, expected)
                  for what, x, y, width, expected in model() if expected is not None]
    return found


def scheduler_large():
    return desk("scheduler_large", 4, 68, 54, 145)


# ---- fork ----

def history(number, forks, strip):
    """The colours of a machine: at each fork the later half of the family gets lighter."""
    colour = [128, 128, 128]
    words = [rgba(*colour)] * strip
    for k in range(forks):
        later = number >> forks - 1 - k & 1
        colour[k % 3] += (64 >> k // 3) * (1 if later else -1)
        words += [rgba(*colour)] * strip
    return words


def fork():
    """The colours stand from the header's pixel 23 on, in rows of 38."""
    found = []
    for i in range(4):
        words = history(i, 2, 81)
        found.append((f"machine {i}, its first colours", 23, 3 + 8 * i, 15, [words[:15]]))
        found.append((f"machine {i}, the rest", 0, 4 + 8 * i, 38, rows_of(words[15:], 38)))
    return found


def fork_large():
    return [("the family", 23, 6, 243, [history(i, 8, 27) for i in range(256)])]


# ---- cells ----

def water(height, shade):
    c = clamp(height >> shade, -96, 127)
    return rgba(2 * max(c, 0), 96 + c, 128 + c)


def waves(w, h, turns, stiff, drop, fall, centre, shade):
    """The colours of the grid in each turn."""
    height = [[max(0, drop - fall * ((x - centre[0]) ** 2 + (y - centre[1]) ** 2)) for x in range(w)] for y in range(h)]
    speed = [[0] * w for _ in range(h)]
    for _ in range(turns):
        yield [[water(v, shade) for v in line] for line in height]
        at = lambda x, y: height[y][x] if 0 <= x < w and 0 <= y < h else 0
        pull = [[at(x - 1, y) + at(x + 1, y) + at(x, y - 1) + at(x, y + 1) - 4 * at(x, y) for x in range(w)] for y in range(h)]
        speed = [[v + (p >> stiff) for v, p in zip(*lines)] for lines in zip(speed, pull)]
        height = [[v + u for v, u in zip(*lines)] for lines in zip(height, speed)]


def cells():
    rows = [sum(([word] * 8 + [0] for word in grid[0]), [])[:-1] for grid in waves(4, 1, 16, 4, 120, 30, (0, 0), 0)]
    return [("the floats", 0, 36, 35, rows)]


def cells_large():
    found = []
    for i, grid in enumerate(waves(32, 32, 24, 1, 2000, 125, (9, 12), 2)):
        large = [[word for word in line for _ in range(4)] for line in grid for _ in range(4)]
        found.append((f"turn {i + 1}", 12 + i % 8 * 152, 272 + i // 8 * 136, 128, large))
    return found


# ---- hyper ----

def glow(rows, tint):
    found = []
    for y in range(-(rows // 2), rows - rows // 2):
        light = [255 - min(255, x * x + 16 * y * y >> 1) for x in range(-19, 19)]
        found.append([rgba(*(times(v, c) for c in tint)) for v in light])
    return found


def hyper():
    tints = [(48, 96, 255), (160, 64, 255), (255, 64, 128), (255, 208, 64)]
    bands = [(f"the glow of kernel {i}", 0, 51 - 2 * i, 38, glow(2, tint)) for i, tint in enumerate(tints)]
    return [("what the innermost paints", 0, 37, 38, glow(8, tints[3]))] + bands


def hyper_large():
    return desk("hyper_large", 4, 48, 57, 54)
