#!/usr/bin/env python3
"""driver.py ASSEMBLED.pxi COMPILED.pxi PX: the serial driver in C leaves what the one in assembly does. Batches by chance, and
edges, are put into both pictures, run, and every pixel behind the driver and every result compared; of its own first pixels the
driver in C has changed none but the results. TAP."""
import os
import random
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "gallery"))
import png

WIDTH, PLANES, HOST, RESULTS = 256, 256, range(5, 14), range(14, 22)
assembled, compiled, px = sys.argv[1:4]


def operations(n):
    made = []
    for _ in range(n):
        kind = random.choice((0, 1, 1, 1, 1, 2, 2, 3, 3, random.randrange(256)))
        small = random.choice((0, 0, random.randrange(256)))
        made.append(random.randrange(256) | small << 8 | random.choice((3, 0x1B, random.randrange(256))) << 16 | kind << 24)
    return made


def picture(driver, ops, received, setup, clock):
    """As SERIAL.md has it: the driver's row, and each run on rows of its own, operations first."""
    n = len(ops)
    room = max(1, -(-n // WIDTH)) * WIDTH
    at = [PLANES + i * room for i in range(7)]
    words = driver[:PLANES - 1] + [setup] + [0] * (7 * room)
    words[at[0]:at[0] + n] = ops
    words[at[1]:at[1] + len(received)] = received
    words[4] = 0  # no checksum
    words[5:14] = [n, at[0], len(received), at[1], at[2], at[3], at[4], at[5], clock]
    for place in RESULTS:
        words[place] = 0
    return words


def ran(words, folder, name):
    path, result = os.path.join(folder, name + ".pxi"), os.path.join(folder, name + ".png")
    png.write(path, WIDTH, len(words) // WIDTH, words)
    subprocess.run([px, "run", "-q", "--image", "--budget", "1000", path, "-o", result], check=True)
    return png.read(result)[2]


def batch(number):
    n = (1, 2, 256, 257, 700)[number] if number < 5 else random.randrange(1, 400)
    ops = [0x03 << 24] * n if number == 2 else operations(n)
    received = [random.getrandbits(8) | random.randrange(32) << 24 for _ in range(random.randrange(0, min(n, 200) + 1))]
    return ops, received, random.choice((1, 0, 12, 65535)) | random.randrange(256) << 16, random.getrandbits(32)


random.seed(7)
drivers = [png.read(path)[2][:PLANES] for path in (assembled, compiled)]
wrong = 0
with tempfile.TemporaryDirectory() as folder:
    for number in range(25):
        given = batch(number)
        before = [picture(driver, *given) for driver in drivers]
        one, two = (ran(words, folder, "batch") for words in before)
        places = [i for i in range(len(one)) if (i >= PLANES - 1 or i in RESULTS) and one[i] != two[i]]
        touched = [i for i in range(PLANES) if i not in RESULTS and two[i] != before[1][i]]
        wrong += bool(places or touched)
        print(f"{'not ' if places or touched else ''}ok {number + 1} - {len(given[0])} operations")
        if places:
            print(f"# pixel {places[0]}: 0x{one[places[0]]:08X} in assembly, 0x{two[places[0]]:08X} in C; {len(places)} differ")
        if touched:
            print(f"# of its own pixels it has changed {touched[:5]}")
print("1..25")
sys.exit(1 if wrong else 0)
