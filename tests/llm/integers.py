#!/usr/bin/env python3
"""A model's picture worked out by llm/README.md's definition alone, and compared with what an executor left, word by word.

    integers.py MODEL.pxi DUMP TOKEN ..     DUMP is what `px llm inspect --dump` wrote for a text of these tokens; TAP
"""
import math
import os
import re
import struct
import sys

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "gallery"))
import png


def signed(x):
    return (x + (1 << 31)) % (1 << 32) - (1 << 31)


def byte(x):
    return (x + 128) % 256 - 128


def half(x):
    return (x + 32768) % 65536 - 32768


def mulh(x, y):
    return (signed(x) * signed(y)) >> 32


def lim(x, a, b):
    return max(a, min(b, x))


class Picture:
    """The places of llm.def."""

    def __init__(self, path):
        self.width, self.height, self.words = png.read(path)
        w = self.words
        (self.dim, hidden, self.layers, self.heads, self.kv, self.vocab, self.context, pieces) = w[14:22]
        self.ffn = (hidden + 3) // 4 * 4
        self.size = self.dim // self.heads
        self.kv_dim = self.kv * self.size
        z = dict(dim=self.dim, ffn=self.ffn, heads=self.heads, context=self.context, vocab=self.vocab, size=self.size, kv_dim=self.kv_dim,
                 qkv=self.dim + 2 * self.kv_dim, half=(self.dim + self.kv_dim) // 2, piece_pixels=pieces & 0x7FFFFFFF, shared=pieces >> 31)
        self.at, self.count = {}, {}
        at = self.up(24 + self.context + 1 + 1024)
        self.layer_at = self.up(self.place("LLM_TABLE", z, at))
        self.layer_pixels = self.up(self.place("LLM_LAYER", z, 0))

    def up(self, at):
        return -(-at // self.width) * self.width

    def place(self, kind, z, at):
        with open(os.path.join(HERE, "..", "..", "llm", "llm.def"), encoding="utf-8") as file:
            text = file.read().split("#endif\n\nLLM_WORD", 1)[1]
        for row, name, pixels in re.findall(r"^(LLM_ROW )?" + kind + r"\((\w+), (.*?), \"", text, re.M):
            expression = re.sub(r"(.+) \? (.+) : (.+)", r"(\2) if (\1) else (\3)", pixels.replace("z->", "")).replace("/", "//")
            at = self.up(at) if row else at
            self.at[name], self.count[name] = at, eval(expression, {}, z)
            at += self.count[name]
        return at

    def run(self, name, layer=0):
        at = self.at[name] + (self.layer_at + layer * self.layer_pixels if name.startswith("L_") else 0)
        return [signed(word) for word in self.words[at:at + self.count[name]]]

    def matrix(self, name, ins, layer=0):
        quarter = ins // 4
        pixels = self.run(name, layer)
        rows = []
        for first in range(0, len(pixels), quarter):
            row = pixels[first:first + quarter]
            rows.append([byte(pixel >> (8 * k)) for k in range(4) for pixel in row])
        return rows


class Machine:
    def __init__(self, picture):
        p = self.p = picture
        self.embed = p.matrix("EMBED" if p.count["EMBED"] else "CLASS", p.dim)
        self.classes = p.matrix("CLASS", p.dim)
        self.layer = [dict(qkv=p.matrix("L_QKV", p.dim, i), o=p.matrix("L_O", p.dim, i), gate=p.matrix("L_GATE", p.dim, i),
                           down=p.matrix("L_DOWN", p.ffn, i), keys=[], values=[],
                           **{name: p.run(name, i) for name in p.at if name.startswith("L_") and ("GAIN" in name or "SCALE" in name)})
                      for i in range(p.layers)]
        self.power_table, self.silu, self.rope = p.run("POWER"), p.run("SILU"), p.run("ROPE")
        self.row, self.column, self.final_gain, self.class_scale = (p.run(n) for n in ("EMBED_ROW", "EMBED_COLUMN", "FINAL_GAIN", "CLASS_SCALE"))
        residual = 2 ** p.words[22]
        self.epsilon = min(int(p.dim * 1e-5 * residual * residual), 0xFFFFFFFF)

    def product(self, a, matrix, scale):
        low = [byte(x) for x in a]
        high = [(x - l) >> 8 for x, l in zip(a, low)]
        dot = lambda row, v: sum(map(int.__mul__, row, v))
        return [mulh(256 * dot(row, high) + dot(row, low), m) for row, m in zip(matrix, scale)]

    def norm(self, x, gain):
        m, k = max(map(abs, x)) | 1, 0
        bits = (62 - math.ceil(math.log2(self.p.dim))) // 2
        while m << k < 1 << (bits - 1):
            k += 1
        s = (sum(mulh(v << k, v << k) for v in x) + ((1 << min(2 * k, 31)) * self.epsilon >> 32)) | 1
        while s < 1 << 26:
            s, k = s << 2, k + 1
        v = (0xFFFFFFFF // math.isqrt(s)) << 11
        return [lim(mulh(mulh(w << k, v), g), -32768, 32639) for w, g in zip(x, gain)]

    def power(self, y):
        z = max(y, -7936)
        return self.power_table[z % 256] >> -(z >> 8)

    def rotate(self, e, o, pos):
        out_e, out_o = [], []
        pairs = self.p.size // 2
        for i, (a, b) in enumerate(zip(e, o)):
            entry = self.rope[pos * pairs + i % pairs]
            c, s = half(entry), entry >> 16
            out_e.append(lim((a * c - b * s + (1 << 22)) >> 23, -128, 127))
            out_o.append(lim((a * s + b * c + (1 << 22)) >> 23, -128, 127))
        return out_e, out_o

    def attend(self, layer, projected, pos, seen):
        p, half_pairs, pairs = self.p, (self.p.dim + self.p.kv_dim) // 2, self.p.size // 2
        clipped = [lim(v, -32767, 32767) for v in projected[:2 * half_pairs]]
        e, o = self.rotate(clipped[:half_pairs], clipped[half_pairs:], pos)
        seen["QUERY"] = e + o
        first_key = p.heads * pairs
        layer["keys"].append((e[first_key:], o[first_key:]))
        values = [lim((v + 128) >> 8, -127, 127) for v in projected[2 * half_pairs:]]
        layer["values"].append(values)
        seen["PROJECTED"] = clipped + values
        blended, weights = [], []
        for head in range(p.heads):
            kv = head // (p.heads // p.kv)
            part = lambda v, n: v[n * pairs:(n + 1) * pairs]
            q = part(e, head) + part(o, head)
            d = [sum(map(int.__mul__, q, part(ke, kv) + part(ko, kv))) for ke, ko in layer["keys"]]
            shift = 15 - math.ceil(math.log2(p.size))
            w = [self.power(mulh((v - max(d)) << shift, layer["L_SCORE_SCALE"][head])) for v in d]
            weights += w + [0] * (-len(w) % 4)
            total, k = 2 * sum(w), 9
            while total >= 65536:
                total, k = total >> 1, k - 1
            for i in range(p.size):
                a = sum(x * v[kv * p.size + i] for x, v in zip(w, layer["values"]))
                blended.append(mulh(a << k, 0xFFFFFFFF // total))
        seen["POWERS"] = weights
        return blended

    def forward(self, token, pos):
        """Yields (layer, what each table holds then); the last is the logits'."""
        p = self.p
        x = [mulh(w * self.row[token], c) for w, c in zip(self.embed[token], self.column)]
        for number, layer in enumerate(self.layer):
            seen = {}
            seen["ATT_IN"] = self.norm(x, layer["L_ATT_GAIN"])
            mixed = self.attend(layer, self.product(seen["ATT_IN"], layer["qkv"], layer["L_QKV_SCALE"]), pos, seen)
            seen["MIXED"] = mixed
            seen["ATT_OUT"] = self.product(mixed, layer["o"], layer["L_O_SCALE"])
            x = [lim(a + b, -(1 << 25), (1 << 25) - 1) for a, b in zip(x, seen["ATT_OUT"])]
            seen["FFN_IN"] = self.norm(x, layer["L_FFN_GAIN"])
            hidden = [lim(v, -32768, 32767) for v in self.product(seen["FFN_IN"], layer["gate"], layer["L_GATE_SCALE"])]
            seen["HIDDEN"] = hidden
            gated = []
            for g, u, m in zip(hidden[:p.ffn], hidden[p.ffn:], layer["L_GATED_SCALE"]):
                entry = self.silu[(g + 32768) >> 7]
                gated.append(lim(mulh((half(entry) + ((g & 127) * (entry >> 16) >> 7)) * u, m), -32768, 32639))
            seen["GATED"] = gated
            seen["FFN_OUT"] = self.product(gated, layer["down"], layer["L_DOWN_SCALE"])
            x = [lim(a + b, -(1 << 25), (1 << 25) - 1) for a, b in zip(x, seen["FFN_OUT"])]
            seen["X"] = x
            yield number, seen
        final = self.norm(x, self.final_gain)
        yield p.layers, {"FINAL": final, "LOGITS": self.product(final, self.classes, self.class_scale)}


PACKED = {"ATT_IN", "MIXED", "FFN_IN", "GATED", "FINAL"}  # as two bytes a channel: high ones, then low ones


def as_words(name, values, dump):
    """What an executor left of a table, in the form of the model's values."""
    if name in PACKED:
        n = len(values) // 4
        take = lambda first: [byte(dump[first + i] >> (8 * k)) for k in range(4) for i in range(n)]
        return [256 * h + l for h, l in zip(take(0), take(n))]
    if name == "QUERY":
        return [byte(word >> (8 * k)) for word in dump for k in range(4)][:len(values)]
    return [signed(word) for word in dump[:len(values)]]


def main(path, dump_path, tokens):
    picture = Picture(path)
    machine = Machine(picture)
    with open(dump_path, "rb") as file:
        data = file.read()
    first, length = picture.at["X"], picture.at["WEIGHTS"] - picture.at["X"]
    stops = list(struct.iter_unpack(f"<{length + 2}I", data))
    wrong, compared, at = [], 0, 0
    for pos, token in enumerate(tokens):
        for layer, seen in machine.forward(token, pos):
            if at == len(stops) or stops[at][:2] != (layer, pos):
                wrong.append(f"position {pos}, layer {layer}: the dump has no such stop")
                break
            words = stops[at][2:]
            at += 1
            for name, values in seen.items():
                got = as_words(name, values, words[picture.at[name] - first:])
                compared += len(values)
                for i, (a, b) in enumerate(zip(got, values)):
                    if a != b:
                        wrong.append(f"position {pos}, layer {layer}: {name}[{i}] is {a}, expected {b}")
                        break
    if at != len(stops):
        wrong.append(f"the dump has {len(stops)} stops, expected {at}")
    print(f"{'not ' if wrong else ''}ok 1 - {compared} activations of {len(tokens)} positions are those of the definition")
    for line in wrong[:5]:
        print(f"# {line}")
    print("1..1")
    return 1 if wrong or not compared else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], [int(token) for token in sys.argv[3:]]))
