"""Models of the programs that count, sort, step and recognise; what a model is, models_pictures.py says."""
import math

from model_tools import (M32, OPAQUE, clamp, per_channel, randoms, rgba, rows_of, signed, times, xorshift)


# ---- the classic profile ----

def dot_test():
    total = sum(a * b for a, b in zip([1, 2, 3, 4], [10, 20, 30, 40]))
    return [("the sum", 0, 3, 1, [[rgba(total % 256, total // 256, 0, 0)]])]


HEART = """
...............
..###.....###..
.#####...#####.
#######.#######
###############
###############
.#############.
..###########..
...#########...
....#######....
.....#####.....
......###......
.......#.......""".split()


def classic_matmul():
    blurred, risen = [], []
    for y, line in enumerate(HEART):
        value = [60 * (c == "#") for c in line]
        sums = [2 * v + (value[i - 1] if i else 0) + (value[i + 1] if i < 14 else 0) for i, v in enumerate(value)]
        sums = [min(255, s) for s in sums]
        blurred.append([OPAQUE | s for s in sums])
        ground = rgba(0, 6 * y, 20 + 8 * y)
        risen.append([ground | min(255, s + 8 * y) for s in sums])
    return [("C = A * B", 1, 29, 15, blurred), ("C over the dawn", 1, 42, 15, risen)]


SEGMENTS = ["abcdef", "bc", "abdeg", "abcdg", "bcfg", "acdfg", "acdefg", "abc", "abcdefg", "abcdfg"]


def digit_scores():
    """How well each digit of a seven-segment display is each other: 8 * (4 * segments that are equal + 2) + 15."""
    equal = lambda a, b: sum((s in a) == (s in b) for s in "abcdefg")
    return [[OPAQUE | min(255, 8 * min(255, 4 * equal(a, b) + 2) + 15) for b in SEGMENTS] for a in SEGMENTS]


def forward_classic():
    return [("scores of ten digits", 1, 8, 100, [sum(digit_scores(), [])])]


def forward():
    return [("scores of ten digits", 0, 11, 10, digit_scores())]


# ---- number and order ----

def least_divisor(n):
    return next((d for d in range(2, math.isqrt(n) + 1) if n % d == 0), n)


def number_colour(n):
    if n < 2:
        return 0xFF1F1010
    d = least_divisor(n)
    return 0xFF50D8FF if d == n else d * 0x00A25B4D & 0x005F5F5F | 0xFF1F1010


def sieve():
    return [("the numbers", 0, 1, 60, rows_of([number_colour(n) for n in range(1920)], 60))]


def sieve_large():
    side = 191
    colours = [number_colour(n) for n in range(side * side + 1)]
    spiral = [[0] * side for _ in range(side)]
    x = y = side // 2
    dx, dy, steps, n = 1, 0, 1, 1
    while n <= side * side:
        for _ in range(2):
            for _ in range(steps):
                if n <= side * side:
                    spiral[y][x] = colours[n]
                n, x, y = n + 1, x + dx, y + dy
            dx, dy = dy, -dx
        steps += 1
    return [("the numbers", 0, 1, side, rows_of(colours[:side * side], side)), ("Ulam's spiral", 0, 198, side, spiral)]


def network(w, step, top):
    values, source = [], randoms()
    for _ in range(w):
        v = next(source) >> 24
        values.append(rgba(255 - v, 2 * min(v, 255 - v), v))
    history = [list(values)]
    size = 2
    while size <= w:
        distance = size // 2
        while distance:
            for i in range(w):
                j = i ^ distance
                if j > i and (values[i] > values[j]) == (i & size == 0):
                    values[i], values[j] = values[j], values[i]
            history.append(list(values))
            distance //= 2
        size *= 2
    assert values == sorted(values)
    return [("the stages", 0, top, w, [row for row in history for _ in range(step)])]


def bitonic():
    return network(64, 1, 7)


def bitonic_large():
    return network(256, 5, 6)


def landscape(w, h, haze, sun, top):
    source, ridges = randoms(), []
    for k in range(3):
        height, ridge = (k + 1) * h // 4, []
        for _ in range(w):
            ridge.append(height)
            height += [0, 1, -1, 0][next(source) >> 30]
        ridges.append(ridge)
    fog = []
    for y in range(h):
        veil = y >> haze
        for x in range(w):
            colour = (130 + veil, 138 + veil, 148 + veil)
            if (x - sun[0]) ** 2 + (y - sun[1]) ** 2 < sun[2] ** 2:
                colour = (160, 150, 140)
            for k in range(3):
                if ridges[k][x] < y:
                    colour = (120 + veil - 12 * k, 128 + veil - 10 * k, 134 + veil - 8 * k)
            fog.append(colour)
    grey = [(38 * (r >> 1) + 75 * (g >> 1) + 15 * (b >> 1)) >> 6 for r, g, b in fog]
    counts = [0] * 256
    for v in grey:
        counts[v] += 1
    curve, darker = [], 0
    for count in counts:
        curve.append(darker * (M32 // len(fog) * 255) >> 32)
        darker += count
    clear = [rgba(*(curve[v] for v in colour)) for colour in fog]
    return [("the fog", 0, top, w, rows_of([rgba(*c) for c in fog], w)), ("the clear day", 0, top + h, w, rows_of(clear, w))]


def equalise():
    return landscape(48, 14, 0, (34, 3, 3), 14)


def equalise_large():
    return landscape(192, 80, 3, (140, 16, 10), 8)


# ---- automata ----

def next_life(alive, w, n):
    """Life on a line of n cells wound into rows of w and closed to a ring."""
    near = {}
    for cell in alive:
        for d in (-w - 1, -w, -w + 1, -1, 1, w - 1, w, w + 1):
            k = (cell + d) % n
            near[k] = near.get(k, 0) + 1
    return {cell for cell, count in near.items() if count == 3 or count == 2 and cell in alive}


def life():
    w, n = 48, 48 * 18
    source = randoms()
    start = [next(source) for _ in range(n)]
    universes = [{i for i, word in enumerate(start) if word >> 8 * k & 1} for k in range(3)]
    for _ in range(60):
        universes = [next_life(u, w, n) for u in universes]
    words = []
    for i in range(n):
        colour = []
        for alive in universes:
            near = sum((i + d) % n in alive for d in (-w - 1, -w, -w + 1, -1, 1, w - 1, w, w + 1))
            colour.append(255 if i in alive else 16 * near)
        words.append(rgba(*colour))
    return [("the universes", 0, 23, w, rows_of(words, w))]


GUN = """
........................#...........
......................#.#...........
............##......##............##
...........#...#....##............##
##........#.....#...##..............
##........#...#.##....#.#...........
..........#.....#.......#...........
...........#...#....................
............##......................""".split()
ACORN = [".#.....", "...#...", "##..###"]


def life_large():
    w, n = 88, 88 * 48

    def drawn(pattern, x0, y0):
        return {(y0 + y) * w + x0 + x for y, row in enumerate(pattern) for x, c in enumerate(row) if c == "#"}

    source = randoms()
    start = [next(source) for _ in range(n)]
    universes = [drawn(GUN, 2, 3), {i for i, word in enumerate(start) if word >> 8 & 1 and i % w >= 52}, drawn(ACORN, 26, 33)]
    trails = [[0] * n for _ in range(3)]
    for _ in range(60):
        for k, keep in enumerate((240, 224, 236)):
            trails[k] = [255 if i in universes[k] else times(v, keep) for i, v in enumerate(trails[k])]
        universes = [next_life(u, w, n) for u in universes]
    for k in range(3):
        trails[k] = [255 if i in universes[k] else times(v, 160) for i, v in enumerate(trails[k])]
    return [("the universes", 0, 102, w, rows_of([rgba(*c) for c in zip(*trails)], w))]


def triangles(w, h):
    cells, rows = [0] * w, []
    for k, colour in enumerate((0x0030FF, 0x40FF20, 0xFF6000), 1):
        cells[k * w // 4] = colour
    for _ in range(h):
        rows.append([c | OPAQUE for c in cells])
        cells = [0] + [cells[x - 1] ^ cells[x + 1] for x in range(1, w - 1)] + [0]
    return [("the triangles", 0, 1, w, rows)]


def rule90():
    return triangles(64, 30)


def rule90_large():
    return triangles(512, 256)


def creeper():
    w, h, code = 44, 46, 13
    tail = [0] * 15 + [0x1890FF] + [0] * 15
    rows = []
    for _ in range(h - 1):
        rows.append([c | OPAQUE for c in tail])
        tail = [0] + [tail[x - 1] ^ tail[x + 1] for x in range(1, len(tail) - 1)] + [0]
    return [("the tails", code, 1, len(tail), rows), ("the copies", 0, 1, code, None)]


def burning(w, h, rounds, cooling, top):
    columns = [0x9E3779B9 + i * 0x85EBCA6B & M32 for i in range(w)]
    heat = [0] * (w * (h + 1) + 1)
    embers = w * h
    before = 0  # left of the first pixel: the palette's last entry, only ever a neighbour of nothing
    for _ in range(rounds):
        columns = [xorshift(c) for c in columns]
        for x, c in enumerate(columns):
            heat[embers + x] = (heat[embers + x] >> 1) + (127 if c >> 31 else 0)
        for y in range(h):
            i = (y + 1) * w
            halves = [v >> 1 for v in ([before] if i == 0 else [heat[i - 1]]) + heat[i:i + w + 1]]
            for x in range(w):
                mixed = (halves[x] + halves[x + 2] >> 1) + halves[x + 1]
                heat[y * w + x] = max(0, mixed - cooling)
    words = [rgba(*(clamp(3 * (v - floor), 0, 255) for floor in (0, 85, 170))) for v in heat[:w * h]]
    return [("the fire", 0, top, w, rows_of(words, w))]


def fire():
    return burning(64, 21, 48, 8, 6)


def fire_large():
    return burning(112, 56, 80, 3, 4)


# ---- digits ----

DIGITS = """
..####..
.##..##.
.##.###.
.######.
.###.##.
.##..##.
..####..
........

...##...
..###...
...##...
...##...
...##...
...##...
.######.
........

..####..
.##..##.
.....##.
...###..
..##....
.##.....
.######.
........

..####..
.##..##.
.....##.
...###..
.....##.
.##..##.
..####..
........

....##..
...###..
..####..
.##.##..
.######.
....##..
....##..
........

.######.
.##.....
.#####..
.....##.
.....##.
.##..##.
..####..
........

..####..
.##.....
.##.....
.#####..
.##..##.
.##..##.
..####..
........

.######.
.....##.
....##..
...##...
...##...
...##...
...##...
........

..####..
.##..##.
.##..##.
..####..
.##..##.
.##..##.
..####..
........

..####..
.##..##.
.##..##.
..#####.
.....##.
.....##.
..####..
........""".split("\n\n")


def recognition(levels, first, more, top):
    source, w = randoms(), 80
    ink = [[c == "#" for c in glyph if c in ".#"] for glyph in DIGITS]
    picture = []
    for level in range(levels):
        rows, right = [[0] * w for _ in range(17)], 0
        for digit in range(10):
            seen = [cell != (next(source) >> 24 < first + level * more) for cell in ink[digit]]
            scores = [64 - 2 * sum(a != b for a, b in zip(seen, template)) for template in ink]
            sure = max(scores)
            guess = scores.index(sure)
            right += guess == digit
            light = max(63, 3 * sure + 63)
            colour = (60, 230, 90) if guess == digit else (255, 40, 30)
            pen = rgba(*(times(c, light) for c in colour))
            for c in range(64):
                rows[c // 8][digit * 8 + c % 8] = rgba(235, 235, 225) if seen[c] else rgba(30, 30, 40)
                rows[8 + c // 8][digit * 8 + c % 8] = pen if ink[guess][c] else rgba(12, 12, 16)
        rows[16][:right] = [M32] * right
        picture += rows
    return [("the digits", 0, top, w, picture)]


def digits():
    return recognition(1, 43, 0, 5)


def digits_large():
    return recognition(5, 32, 22, 5)


# ---- the atlas ----

def word_functions():
    s = lambda x: signed(x, 32)
    return [lambda x, y: x + y, lambda x, y: x - y, lambda x, y: x & y, lambda x, y: x | y, lambda x, y: x ^ y,
            lambda x, y: x << (y & 31), lambda x, y: x >> (y & 31), lambda x, y: s(x) >> (y & 31),
            lambda x, y: s(x) < s(y), lambda x, y: x < y, lambda x, y: x == y,
            lambda x, y: min(s(x), s(y)), lambda x, y: max(s(x), s(y)),
            lambda x, y: x * y, lambda x, y: s(x) * s(y) >> 32, lambda x, y: x * y >> 32]


def byte_functions():
    s = lambda x: signed(x, 8)
    return [lambda x, y: x + y, lambda x, y: x - y, lambda x, y: min(255, x + y), lambda x, y: max(0, x - y),
            lambda x, y: clamp(s(x) + s(y), -128, 127), lambda x, y: clamp(s(x) - s(y), -128, 127),
            lambda x, y: x << (y & 7), lambda x, y: x >> (y & 7),
            lambda x, y: s(x) < s(y), lambda x, y: x < y, lambda x, y: x == y,
            lambda x, y: min(s(x), s(y)), lambda x, y: max(s(x), s(y)), min, max, times]


def tiles(families, tile, step, columns, w, top):
    """families: a list of (functions, whether they work on words, whether y is the run ys)."""
    count = 16 * len(families)
    picture = [[None] * w for _ in range(count // columns * (tile + 1) - 1)]
    for number in range(count):
        functions, words, run = families[number // 16]
        f = functions[number % 16]
        gain = 255 if 8 <= number % 16 <= 10 else 1
        for j in range(tile):
            for i in range(tile):
                x, y = i * step, j * step
                first = rgba(x, y, x, 0)
                second = rgba(y, x if run else 0, 255 - y, 0)
                word = int(f(first, second)) if words else per_channel(lambda p, q: int(f(p, q)), first, second)
                row = number // columns * (tile + 1) + j
                picture[row][number % columns * (tile + 1) + i] = word * gain & M32 | OPAQUE
    return [("the tiles", 0, top, w, picture)]


def atlas():
    return tiles([(byte_functions(), False, True)], 10, 28, 4, 44, 3)


def atlas_large():
    words, bytes_ = word_functions(), byte_functions()
    return tiles([(words, True, True), (words, True, False), (bytes_, False, True), (bytes_, False, False)], 31, 8, 8, 256, 2)


def scalar():
    size, step, w, functions = 6, 51, 55, word_functions()
    picture = [[None] * w for _ in range(4 * (size + 1) - 1)]
    for number in range(32):
        gain = 255 if 8 <= number % 16 <= 10 else 1
        for j in range(size):
            for i in range(size):
                x, y = i * step, j * step
                second = rgba(y, x, 255 - y, 0) if number < 16 else signed(y, 8) & M32
                word = int(functions[number % 16](rgba(x, y, x, 0), second))
                picture[number // 8 * (size + 1) + j][number % 8 * (size + 1) + i] = word * gain & M32 | OPAQUE
    return [("the tiles", 0, 2, w, picture)]
