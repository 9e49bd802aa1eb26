#!/usr/bin/env python3
"""pxfs.py - a second reader of pxFS, written from os/fs/PXFS.md: checks all of a disk and tells what is in it.

    pxfs.py DISK            every file and folder, a line each: kind, size, CRC-32 of the content, path
    pxfs.py --spoil DISK N  writes wrong words with right seals into it, by chance of this number
    pxfs.py --test PX       TAP: what px makes is what this reads, and what this finds damaged px fsck finds too
"""
import json
import os
import random
import struct
import subprocess
import sys
import tempfile
import zlib

M = 0xFFFFFFFF
PAYLOAD = 255


class Damaged(Exception):
    pass


def seal(words, key):
    total = 0
    for i, word in enumerate(words):
        v = (word ^ (key + i * 0x9E3779B1 & M)) * 0x85EBCA6B & M
        total += (v ^ v >> 15) * 0xC2B2AE35
    return total & M


class Disk:
    def __init__(self, raw):
        self.raw = raw
        self.ident = 0
        records = [r for r in map(self.record, (0, 1)) if r]
        if not records:
            raise Damaged("no root record")
        root = records[0]
        if len(records) == 2 and 0 < (records[1][2] - root[2] & M) < 1 << 31:
            root = records[1]
        self.root = root
        self.ident, self.blocks = root[1], root[3]
        self.maps = (self.blocks + 8159) // 8160
        self.first = 2 + 2 * self.maps
        if not 256 <= self.blocks <= 1 << 22 or self.blocks * 1024 > len(raw):
            raise Damaged("a wrong number of blocks")
        self.seen = set()
        self.nodes = {}

    def row(self, block):
        return struct.unpack_from("<256I", self.raw, block * 1024)

    def record(self, block):
        words = self.row(block)
        good = words[0] == 0x01465850 and words[255] == seal(words[:255], block * 0x2545F491 & M)
        return words if good else None

    def load(self, block):
        if not 2 <= block < self.blocks:
            raise Damaged(f"no block {block}")
        words = self.row(block)
        if words[255] != seal(words[:255], self.ident + block * 0x2545F491 & M):
            raise Damaged(f"block {block}: its seal is wrong")
        return words[:255]

    def own(self, block):
        if not self.first <= block or block in self.seen:
            raise Damaged(f"block {block} is in two trees, or in none's place")
        self.seen.add(block)
        return self.load(block)

    def leaves(self, block, height, at, out):
        if block == 0:
            return
        words = self.own(block)
        if height == 0:
            out[at] = words
        else:
            for i, child in enumerate(words):
                self.leaves(child, height - 1, at + i * PAYLOAD ** (height - 1), out)

    def tree(self, height, roots):
        if height > 3:
            raise Damaged(f"a tree of height {height}")
        out = {}
        for k, block in enumerate(roots):
            self.leaves(block, height, k * PAYLOAD ** height, out)
        return out

    def read_nodes(self):
        table = self.tree(self.root[8], self.root[9:17])
        for index, words in table.items():
            for i in range(17):
                node = words[15 * i : 15 * i + 15]
                number = 17 * index + i
                if node[0] == 0:
                    if any(node):
                        raise Damaged(f"node {number} is free and not 0")
                    continue
                if number >= self.root[5] or number == 0:
                    raise Damaged(f"node {number} is behind the table's end")
                kind, height, names = node[0] & 0xFF, node[0] >> 8 & 0xFF, node[0] >> 16
                if kind not in (1, 2) or (kind == 2 and names > 1) or node[6]:
                    raise Damaged(f"node {number} has impossible values")
                self.nodes[number] = (kind, names, node[1], node[4], node[5], self.tree(height, node[7:15]))
        free = [n for n in range(1, min(self.root[7], self.root[5])) if n not in self.nodes]
        if free:
            raise Damaged(f"node {free[0]} is free below the hint")
        if sum(1 for n in self.nodes.values() if n[1] == 0) != self.root[6]:
            raise Damaged("a wrong number of orphans")

    def content(self, number):
        kind, names, size, parent, held, leaves = self.nodes[number]
        out = bytearray(size)
        for index, words in leaves.items():
            piece = struct.pack("<255I", *words)
            begin = 1020 * index
            if begin >= size or any(piece[size - begin :]):
                raise Damaged(f"node {number}: something is behind its end")
            out[begin : begin + 1020] = piece[: size - begin]
        return bytes(out)

    def names(self, number):
        kind, _, size, parent, held, leaves = self.nodes[number]
        if size % 16320 or size // 16320 > 256 or any(i >= size // 1020 for i in leaves):
            raise Damaged(f"folder {number} has a wrong size")
        found = {}
        empty = (0,) * PAYLOAD
        for group in range(size // 16320):
            hashes = leaves.get(16 * group, empty)
            for e in range(255):
                words = leaves.get(16 * group + 1 + e // 17, empty)[15 * (e % 17) : 15 * (e % 17) + 15]
                if hashes[e] == 0:
                    if any(words):
                        raise Damaged(f"folder {number}: entry {e} is free and not 0")
                    continue
                name = struct.pack("<14I", *words[1:])
                text = name.rstrip(b"\0")
                if not text or b"\0" in text or b"/" in text or text in (b".", b"..") or text in found:
                    raise Damaged(f"folder {number}: a wrong name {text!r}")
                if hashes[e] != (seal(words[1:], 0) or 1):
                    raise Damaged(f"folder {number}: the hash of {text!r} is wrong")
                found[text] = words[0]
        if len(found) != held:
            raise Damaged(f"folder {number} holds {len(found)} names, and says {held}")
        return found

    def walk(self):
        self.read_nodes()
        out, reached, todo = [], {1: 1}, [(1, b"")]
        if self.nodes.get(1, (0,))[0] != 2:
            raise Damaged("node 1 is no folder")
        while todo:
            number, path = todo.pop()
            for name, child in self.names(number).items():
                if child not in self.nodes or (child in reached and self.nodes[child][0] == 2):
                    raise Damaged(f"{path + b'/' + name!r} leads to nothing, or to what has a name")
                reached[child] = reached.get(child, 0) + 1
                kind, names, size, parent = self.nodes[child][:4]
                if names == 0 or (parent != number and (kind == 2 or parent != 0)):
                    raise Damaged(f"{path + b'/' + name!r}: its node says something else")
                if kind == 2:
                    todo.append((child, path + b"/" + name))
                    out.append(("d", 0, 0, path + b"/" + name))
                else:
                    data = self.content(child)
                    out.append(("-", size, zlib.crc32(data), path + b"/" + name))
        if any(reached.get(n, 0) != node[1] for n, node in self.nodes.items()):
            raise Damaged("a node has another number of names")
        self.check_map()
        return sorted(out, key=lambda entry: entry[3])

    def check_map(self):
        free = 0
        for i in range(self.maps):
            side = self.root[17 + i // 32] >> i % 32 & 1
            words = self.load(2 + 2 * i + side)
            for b in range(8160):
                block, used = 8160 * i + b, words[b // 32] >> b % 32 & 1
                wanted = block < self.first or block >= self.blocks or block in self.seen
                if used != wanted:
                    raise Damaged(f"block {block}: the map says {used}")
                free += not used
        if free != self.root[4]:
            raise Damaged(f"{free} blocks are free, and the root record says {self.root[4]}")


def told(path):
    with open(path, "rb") as file:
        return Disk(file.read()).walk()


def make_tree(folder, chance):
    """Files of many sizes, in folders; what the reader must tell of it."""
    want = []
    for i in range(60):
        deep = "/".join(chance.choice("abc") for _ in range(chance.randrange(4)))
        name = "é" * chance.randrange(1, 28) if i % 7 == 0 else f"f{i}"
        path = os.path.join(folder, deep, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        data = chance.randbytes(chance.choice((0, 1, 1019, 1020, 1021, 8160, 8161, 30000)))
        with open(path, "wb") as file:
            file.write(data)
    os.makedirs(os.path.join(folder, "many"))
    for i in range(300):
        open(os.path.join(folder, "many", f"n{i}"), "w").close()
    with open(os.path.join(folder, "large"), "wb") as file:  # 2,500 blocks: a tree of height 2
        file.write(chance.randbytes(2500 * 1020 + 7))
    for above, folders, files in os.walk(folder):
        inside = "/" + os.path.relpath(above, folder)
        inside = "" if inside == "/." else inside
        want += [("d", 0, 0, f"{inside}/{n}".encode()) for n in folders]
        for n in files:
            with open(os.path.join(above, n), "rb") as file:
                data = file.read()
            want.append(("-", len(data), zlib.crc32(data), f"{inside}/{n}".encode()))
    return sorted(want, key=lambda entry: entry[3])


class Tap:
    def __init__(self):
        self.count = self.bad = 0

    def result(self, good, name, more=""):
        self.count += 1
        self.bad += not good
        print(f"{'ok' if good else 'not ok'} {self.count} - {name}")
        if not good and more:
            print("# " + str(more)[:1000].replace("\n", "\n# "))


def tests_folder():
    return os.path.dirname(os.path.abspath(__file__))


def damage(run, disk, chance):
    with open(disk, "rb") as file:
        whole = file.read()
    used = Disk(whole)
    used.walk()
    agree, blocks = 0, sorted(used.seen)
    for k in range(15):
        raw = bytearray(whole)
        block = chance.choice(blocks) if k % 3 else chance.randrange(used.first, used.blocks)
        raw[1024 * block + chance.randrange(1024)] ^= 1 << chance.randrange(8)
        with open(disk, "wb") as file:
            file.write(raw)
        try:
            told(disk)
            mine = 0
        except Damaged:
            mine = 4
        agree += mine == run("fsck", "-q", disk).returncode == (4 if block in used.seen else 0)
    return agree == 15, "where a bit is wrong, both say so, and where it does not matter, neither", agree


class Spoiler:
    """Writes words into a disk's blocks, with right seals."""

    def __init__(self, raw):
        self.raw, self.disk = bytearray(raw), Disk(raw)
        self.disk.walk()

    def change(self, block, change):
        words = list(self.disk.row(block))
        change(words)
        ident = 0 if block < 2 else self.disk.ident
        words[255] = seal(words[:255], ident + block * 0x2545F491 & M)
        self.raw[1024 * block : 1024 * block + 1024] = struct.pack("<256I", *words)
        self.disk.raw = bytes(self.raw)

    def root(self, word, value):
        def change(words):
            words[word] = value
        self.change(self.disk.root[2] % 2, change)

    def map_bit(self, block):
        def change(words):
            words[block % 8160 // 32] ^= 1 << block % 32
        self.change(2 + 2 * (block // 8160) + (self.disk.root[17] >> block // 8160 & 1), change)

    def node(self, kind, word, change_of):
        """The last node of a kind, in a table of height 0."""
        number = max(n for n, node in self.disk.nodes.items() if node[0] == kind and node[1] == 1)
        def change(words):
            at = 15 * (number % 17) + word
            words[at] = change_of(words[at])
        self.change(self.disk.root[9 + number // 17], change)


def spoil(disk, number):
    chance = random.Random(number)
    with open(disk, "rb") as file:
        s = Spoiler(file.read())
    filled = [b for b in sorted(s.disk.seen) if sum(map(bool, s.disk.row(b))) > 20]

    def change(words):
        there = [k for k in range(PAYLOAD) if words[k]]
        at = chance.choice(there) if chance.random() < 0.8 else chance.randrange(PAYLOAD)
        words[at] = chance.choice((0, words[at] ^ 1 << chance.randrange(32), words[at] + 1 & M, words[chance.choice(there)]))

    for _ in range(chance.choice((1, 1, 2, 5))):
        s.change(chance.choice(filled), change)
    with open(disk, "wb") as file:
        file.write(s.raw)


def repair(run, disk):
    """What can be repaired is, and then both readers find the same tree as before; what cannot is told, and left alone."""
    with open(disk, "rb") as file:
        whole = file.read()
    before, used = told(disk), Disk(whole)
    used.walk()
    lost = [block for block in range(used.first, used.blocks) if block not in used.seen]
    spoils = {
        "a lost block": lambda s: s.map_bit(lost[0]),
        "blocks that are in use and free in the map": lambda s: (s.map_bit(max(used.seen)), s.map_bit(min(used.seen))),
        "a count of free blocks": lambda s: s.root(4, used.root[4] + 5),
        "a count of orphans": lambda s: s.root(6, 3),
        "a hint": lambda s: (s.root(5, used.root[5] + 3), s.root(7, used.root[5] + 3)),
        "a folder's count of names": lambda s: s.node(2, 5, lambda word: word + 1),
        "a file's count of names": lambda s: s.node(1, 0, lambda word: word + 0x20000),
    }
    def all_of_them(s):
        for spoil in list(spoils.values()):
            spoil(s)
    bad = []
    for name, spoil in [*spoils.items(), ("all of them", all_of_them)]:
        s = Spoiler(whole)
        spoil(s)
        with open(disk, "wb") as file:
            file.write(s.raw)
        seen = run("fsck", "--json", disk)
        found, made, again = json.loads(seen.stdout), run("fsck", "--repair", disk), run("fsck", "-q", disk)
        if (seen.returncode, made.returncode, again.returncode) != (4, 1, 0) or found["outcome"] != "not clean" or not found["problems"] or told(disk) != before:
            bad.append((name, seen.stdout, made.stdout, again.stdout))
    s = Spoiler(whole)
    all_of_them(s)
    s.raw[1024 * max(used.seen) + 5] ^= 1
    with open(disk, "wb") as file:
        file.write(s.raw)
    made = run("fsck", "--repair", disk)
    with open(disk, "rb") as file:
        if made.returncode != 4 or "nothing is repaired" not in made.stdout or file.read() != s.raw:
            bad.append(("a damaged block beside it", made.stdout))
    with open(disk, "wb") as file:
        file.write(whole)
    clean = run("fsck", "--repair", "--json", disk)
    with open(disk, "rb") as file:
        if clean.returncode != 0 or json.loads(clean.stdout)["outcome"] != "clean" or file.read() != whole:
            bad.append(("one that is clean", clean.stdout))
    return not bad, "px fsck --repair", bad


def test(px):
    tap, chance = Tap(), random.Random(1)
    with tempfile.TemporaryDirectory() as folder:
        disk, tree = os.path.join(folder, "disk"), os.path.join(folder, "tree")
        os.mkdir(tree)
        want = make_tree(tree, chance)
        run = lambda *words: subprocess.run([px, *words], capture_output=True, text=True)
        made = run("mkfs", disk, "--size", "8M", "--id", "77")
        tap.result(made.returncode == 0 and told(disk) == [], "an empty file system", made.stderr)
        copied = run("cp", "-r", *[os.path.join(tree, n) for n in sorted(os.listdir(tree))], disk + ":/")
        got = told(disk)
        tap.result(copied.returncode == 0 and got == want, "all that px cp has copied", copied.stderr)
        again = run("cp", os.path.join(tree, "large"), disk + ":/f1")
        tap.result(again.returncode == 0 and len(told(disk)) == len(want) + (b"/f1" not in [e[3] for e in want]),
                   "a file written over", again.stderr)
        small = os.path.join(folder, "small")
        run("mkfs", small, "--size", "700000", "--id", "78")
        run("cp", "-r", os.path.join(tree, "many"), tests_folder(), small + ":/")
        tap.result(*damage(run, small, chance))
        os.unlink(small)
        run("mkfs", small, "--size", "700000", "--id", "79")
        run("cp", "-r", os.path.join(tests_folder(), "..", "os"), small + ":/")
        tap.result(*repair(run, small))
    print(f"1..{tap.count}")
    return tap.bad > 0


def main():
    if sys.argv[1] == "--test":
        return test(sys.argv[2])
    if sys.argv[1] == "--spoil":
        return spoil(sys.argv[2], int(sys.argv[3]))
    for kind, size, crc, path in told(sys.argv[1]):
        print(f"{kind} {size:10} {crc:08x} {path.decode(errors='replace')}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
