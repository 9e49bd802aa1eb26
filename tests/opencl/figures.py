#!/usr/bin/env python3
"""The figures that a GPU is to reach, out of bench_opencl's lines and those of peers.py.

    figures.py BENCH [PEERS [FLEET]]

FLEET has seconds of a fleet on one device and on two. A figure whose peer is not there is printed without its ratio. Speed is not
judged by the exit status.
"""
import re
import sys

COPY_BYTES, VADD_BYTES = 8 * (64 << 20), 12 * (16 << 20)


def lines(path):
    with open(path, encoding="utf-8") as file:
        return file.read().splitlines()


class Figures:
    def __init__(self, bench, peers, fleet):
        self.bench = [line for line in bench if line.strip()]
        self.peers = dict(line.split() for line in peers if re.fullmatch(r"\S+ [\d.]+", line))
        self.fleet = [float(word) for line in fleet for word in line.split()]

    def px(self, begins, pattern):
        """The number in the first line of that name."""
        for line in self.bench:
            if line.strip().startswith(begins):
                return float(re.search(pattern, line).group(1))
        return None

    def us(self, begins):
        return self.px(begins, r"([\d.]+) us")

    def speed(self, begins):
        """Thousand million instructions a second."""
        value = self.px(begins, r"([\d.]+) M instr")
        return None if value is None else value / 1000

    def peer(self, name):
        return float(self.peers[name]) if name in self.peers else None

    def rows(self):
        """What, what is measured, its unit, the peer in it, the goal: at least (a ratio or a number), or at most."""
        copy = self.peer("copy")
        roof = None if copy is None else copy * VADD_BYTES / COPY_BYTES
        for begins, what, peer, least in (("scanadd, 16777216", "scanadd of 16 M against torch.cumsum", "cumsum-16M", 0.7),
                                          ("argmax, 16777216", "argmax of 16 M against torch", "argmax-16M", 0.5),
                                          ("matmul 4096^3", "MATMUL 4,096^3 against cuBLASLt", "int_mm-4096", 0.45),
                                          ("matmul 1024^3", "MATMUL 1,024^3 against cuBLASLt", "int_mm-1024", 0.6)):
            yield what, self.us(begins), "us", self.peer(peer), ("ratio", least)
        yield "vadd.vv of 16 M against the copy's roof", self.us("vadd.vv, 16777216"), "us", roof, ("ratio", 0.8)
        yield "vadd.vv of 16 M beside torch.add", self.us("vadd.vv, 16777216"), "us", self.peer("add-16M"), None
        yield "vadd.vv of 1 M, beside torch.add", self.us("vadd.vv, 1048576"), "us", self.peer("add-1M"), ("most", 12)
        yield "16,384 scalar programs", self.speed("scalar code,  16384"), "G/s", None, ("least", 60)
        yield "131,072 scalar programs", self.speed("scalar code, 131072"), "G/s", None, ("least", 150)
        yield "4,096 slots x 1,000", self.speed("4096 slots x 1000"), "G/s", None, ("least", 10)
        yield "16,384 slots x 1,000", self.speed("16384 slots x 1000"), "G/s", None, None
        yield "131,072 slots x 1,000", self.speed("131072 slots x 1000"), "G/s", None, None
        yield "a round of 1,024 slots x 100", self.px("1024 slots x  100", r"([\d.]+) us"), "us", None, ("most", 60)
        yield "256 serial operations", self.us("a batch of 256 serial"), "us", None, ("most", 60)
        yield "load 201 MB", self.px("an image of 201 MB, at once", r"load +([\d.]+) ms"), "ms", None, ("most", 25)
        yield "load 201 MB again", self.px("an image of 201 MB, again", r"load +([\d.]+) ms"), "ms", None, ("most", 25)
        if len(self.fleet) == 2:
            yield "a fleet on two devices against one", self.fleet[1], "s", self.fleet[0], ("ratio", 1.8)


def judged(value, peer, goal):
    if goal is None:
        return ""
    kind, bound = goal
    if kind == "ratio" and peer is None:
        return f"goal {bound} of a peer that is not here"
    reached = value <= bound if kind == "most" else (peer / value if kind == "ratio" else value) >= bound
    return f"goal {'<=' if kind == 'most' else '>='} {bound}: {'reached' if reached else 'MISSED'}"


def main(bench, peers=None, fleet=None):
    figures = Figures(lines(bench), lines(peers) if peers else [], lines(fleet) if fleet else [])
    for what, value, unit, peer, goal in figures.rows():
        if value is None:
            print(f"{what:<42} not measured")
            continue
        beside = "" if peer is None else f"peer {peer:9.1f}, ratio {peer / value:5.2f}"
        print(f"{what:<42} {value:9.1f} {unit:<4} {beside:<30} {judged(value, peer, goal)}")


if __name__ == "__main__":
    main(*sys.argv[1:])
