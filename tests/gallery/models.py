"""What the pictures of pxi/programs must look like, worked out without any pixel machine.

Each function gives one program's regions: a list of (name, column, row, width, rows of words). Where a program has one
formula, this has another one if there is one: trial division for the sieve, a turtle for Ulam's spiral, sets of live
cells for Life, compare-and-exchange for the network, exact integers and one rounding everywhere.
"""
import math
import os
import re

PROGRAMS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "pxi", "programs")
OPAQUE = 0xFF000000
M32 = 0xFFFFFFFF


def rgba(r, g, b, a=255):
    return r | g << 8 | b << 16 | a << 24


def channels(word):
    return [word >> 8 * k & 255 for k in range(4)]


def word_of(four):
    return sum((v & 255) << 8 * k for k, v in enumerate(four))


def per_channel(f, *words):
    return word_of([f(*bytes_) for bytes_ in zip(*map(channels, words))])


def clamp(x, low, high):
    return max(low, min(high, x))


def divide_round(p, q):
    """p / q, rounded to nearest; for q odd there are no ties."""
    return (2 * p + q) // (2 * q)


def times(x, y):
    """A byte product where 255 is one."""
    return divide_round(x * y, 255)


def xorshift(x):
    x ^= x << 13 & M32
    x ^= x >> 17
    return x ^ (x << 5 & M32)


def randoms(seed=0x2545F491):
    while True:
        seed = xorshift(seed)
        yield seed


def rows_of(words, w):
    return [words[i:i + w] for i in range(0, len(words), w)]


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
    side = 255
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
    return [("the numbers", 0, 1, side, rows_of(colours[:side * side], side)), ("Ulam's spiral", 0, 262, side, spiral)]


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
    return landscape(256, 96, 3, (180, 20, 12), 7)


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
    w, n = 112, 112 * 64

    def drawn(pattern, x0, y0):
        return {(y0 + y) * w + x0 + x for y, row in enumerate(pattern) for x, c in enumerate(row) if c == "#"}

    source = randoms()
    start = [next(source) for _ in range(n)]
    universes = [drawn(GUN, 2, 3), {i for i, word in enumerate(start) if word >> 8 & 1 and i % w >= 68}, drawn(ACORN, 44, 48)]
    trails = [[0] * n for _ in range(3)]
    for _ in range(100):
        for k, keep in enumerate((240, 224, 236)):
            trails[k] = [255 if i in universes[k] else times(v, keep) for i, v in enumerate(trails[k])]
        universes = [next_life(u, w, n) for u in universes]
    for k in range(3):
        trails[k] = [255 if i in universes[k] else times(v, 160) for i, v in enumerate(trails[k])]
    return [("the universes", 0, 134, w, rows_of([rgba(*c) for c in zip(*trails)], w))]


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
    return burning(144, 72, 110, 2, 3)


# ---- pictures ----

CIRCLE = [(25, 7, 26), (9, 1, 47), (4, 4, 73), (0, 7, 100), (12, 44, 138), (24, 82, 177), (57, 125, 209), (134, 181, 229),
          (211, 236, 248), (241, 233, 191), (248, 201, 95), (255, 170, 0), (204, 128, 0), (153, 87, 0), (106, 52, 3), (66, 30, 15)]


def towards_zero(p, q):
    return p // q if p >= 0 else -(-p // q)


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
    pitch = 56 * one // 192000
    return escape(towards_zero(-163 * one, 1000) - 96 * pitch, 1034 * one // 1000 - 68 * pitch, pitch, 192, 136, 80, 9)


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
    discs = [(77, 54, 2116, 1, RED), (133, 54, 2116, 1, GREEN), (105, 92, 2116, 1, BLUE)]
    return glass(208, 140, 4, (1, 0, 0), (0, 1, 0), discs, 3)


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
    return spirals(120, 120, -119, 2, 13)


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
    return panes(192, 128, 6, 4, 40, 80, 3)


# ---- the atlas ----

def signed(x, bits):
    return x - (x >> bits - 1 << bits)


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
    return ball(128, 100, 6, -292, 2)
