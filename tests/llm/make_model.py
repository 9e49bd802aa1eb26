#!/usr/bin/env python3
"""Writes small checkpoints of llama2.c with weights by chance: make_model.py DIR

    float.bin, own.bin (a classifier of its own), q8.bin (version 2, groups of 4), same.bin (what q8.bin's numbers are as floats), tok
"""
import random
import struct
import sys

DIM, HIDDEN, LAYERS, HEADS, KV, VOCAB, CONTEXT = 32, 44, 2, 4, 2, 60, 16
GROUP = 4
LETTERS = " abcdefghijklmnopqrstuvwxyz.,"


def matrix(outs, ins):
    return [random.gauss(0, 1.5 / ins ** 0.5) for _ in range(outs * ins)]


def gains(count):
    return [random.uniform(0.5, 1.5) for _ in range(count)]


def parts():
    """Name, number of floats, and whether it is a matrix, in the legacy file's order."""
    kv_dim = DIM // HEADS * KV
    per_layer = lambda name, outs, ins: [(f"{name}{i}", outs, ins) for i in range(LAYERS)]
    return ([("embed", VOCAB, DIM)] + per_layer("att", DIM, 0) + per_layer("q", DIM, DIM) + per_layer("k", kv_dim, DIM) +
            per_layer("v", kv_dim, DIM) + per_layer("o", DIM, DIM) + per_layer("ffn", DIM, 0) + per_layer("w1", HIDDEN, DIM) +
            per_layer("w2", DIM, HIDDEN) + per_layer("w3", HIDDEN, DIM) + [("final", DIM, 0)])


def floats(values):
    return struct.pack(f"<{len(values)}f", *values)


def quantise(values):
    """Bytes and scales of each group, and the numbers that they are."""
    bytes_, scales, same = [], [], []
    for i in range(0, len(values), GROUP):
        group = values[i:i + GROUP]
        scale = struct.unpack("<f", struct.pack("<f", max(map(abs, group)) / 127))[0]
        q = [round(v / scale) for v in group]
        bytes_ += q
        scales.append(scale)
        same += [v * scale for v in q]
    return struct.pack(f"<{len(bytes_)}b", *bytes_) + floats(scales), same


def main(folder):
    random.seed(18)
    weights = {name: gains(outs) if ins == 0 else matrix(outs, ins) for name, outs, ins in parts()}
    own = matrix(VOCAB, DIM)
    rope = floats([0.0] * (CONTEXT * DIM // HEADS))
    header = lambda vocab: struct.pack("<7i", DIM, HIDDEN, LAYERS, HEADS, KV, vocab, CONTEXT)
    legacy = lambda w: b"".join(floats(w[name]) for name, _, _ in parts()) + rope
    write = lambda name, data: open(f"{folder}/{name}", "wb").write(data)
    write("float.bin", header(VOCAB) + legacy(weights))
    write("own.bin", header(-VOCAB) + legacy(weights) + floats(own))
    vectors = [name for name, _, ins in parts() if ins == 0]
    same, packed = dict(weights), b""
    for name, _, ins in parts():
        if ins:
            data, same[name] = quantise(weights[name])
            packed += data
    head = struct.pack("<Ii", 0x616B3432, 2) + header(VOCAB) + struct.pack("<Bi", 1, GROUP)
    write("q8.bin", head.ljust(256, b"\0") + b"".join(floats(weights[name]) for name in vectors) + packed)
    write("same.bin", header(VOCAB) + legacy(same))
    pieces = ["<unk>", "\n<s>\n", "\n</s>\n"] + list(LETTERS)
    pieces += random.sample([a + b for a in LETTERS for b in LETTERS[1:27]], VOCAB - len(pieces))
    write("tok", struct.pack("<i", 5) + b"".join(struct.pack("<fi", -float(i), len(p)) + p.encode() for i, p in enumerate(pieces)))


if __name__ == "__main__":
    main(sys.argv[1])
