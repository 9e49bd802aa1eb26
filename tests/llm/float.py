#!/usr/bin/env python3
"""A llama2.c checkpoint in float, written from the architecture: stories that it samples, and how well integers follow. Needs numpy.

    float.py sample CHECKPOINT TOKENS [COUNT]      COUNT tokens (4000), temperature 1, seed 1; numbers, -1 behind each story
    float.py compare CHECKPOINT TOKENS LOGITS      LOGITS: what `px llm loss --tokens --logits` wrote for them
"""
import struct
import sys

import numpy as np

BOS, EOS = 1, 2


class Model:
    def __init__(self, path):
        data = open(path, "rb").read()
        self.dim, self.hidden, self.layers, self.heads, self.kv, vocab, self.context = struct.unpack("<7i", data[:28])
        self.vocab, self.size = abs(vocab), self.dim // self.heads
        values, at = np.frombuffer(data[28:], "<f4"), 0

        def take(*shape):
            nonlocal at
            at += int(np.prod(shape))
            return values[at - int(np.prod(shape)):at].reshape(shape)

        n, kv_dim = self.layers, self.kv * self.size
        self.embed, self.att_norm = take(self.vocab, self.dim), take(n, self.dim)
        self.q, self.k, self.v = take(n, self.dim, self.dim), take(n, kv_dim, self.dim), take(n, kv_dim, self.dim)
        self.o, self.ffn_norm = take(n, self.dim, self.dim), take(n, self.dim)
        self.w1, self.w2, self.w3 = take(n, self.hidden, self.dim), take(n, self.dim, self.hidden), take(n, self.hidden, self.dim)
        self.final_norm = take(self.dim)
        take(2, self.context, self.size // 2)
        self.classes = self.embed if vocab > 0 else take(self.vocab, self.dim)


def plain(x, w):
    return x @ w.T


def int8(x, w):
    """Bytes times bytes: a scale for each row of the matrix, and one for each vector, as large as it is at the time."""
    rows = np.maximum(np.abs(w).max(1, keepdims=True), 1e-9) / 127
    step = np.maximum(np.abs(x).max(-1, keepdims=True), 1e-9) / 127
    return np.rint(x / step) @ np.rint(w / rows).T * step * rows[:, 0]


class Stories:
    """Some stories at once, a position at a time."""

    def __init__(self, model, count, multiply=plain):
        self.m, self.multiply, self.pos = model, multiply, 0
        shape = (model.layers, count, model.context, model.kv, model.size)
        self.keys, self.values = np.zeros(shape, np.float32), np.zeros(shape, np.float32)

    def norm(self, x, gain):
        return x / np.sqrt((x * x).mean(-1, keepdims=True) + 1e-5) * gain

    def rotate(self, x):
        pairs = np.arange(0, self.m.size, 2)
        angle = self.pos / 10000 ** (pairs / self.m.size)
        turned = (x[..., 0::2] + 1j * x[..., 1::2]) * np.exp(1j * angle)
        return np.stack((turned.real, turned.imag), -1).reshape(x.shape)

    def step(self, tokens):
        m, mul, pos = self.m, self.multiply, self.pos
        x = m.embed[tokens]
        for i in range(m.layers):
            y = self.norm(x, m.att_norm[i])
            q = self.rotate(mul(y, m.q[i]).reshape(len(x), m.kv, -1, m.size))
            self.keys[i, :, pos] = self.rotate(mul(y, m.k[i]).reshape(len(x), m.kv, m.size))
            self.values[i, :, pos] = mul(y, m.v[i]).reshape(len(x), m.kv, m.size)
            scores = np.einsum("bkgd,btkd->bkgt", q, self.keys[i, :, :pos + 1]) / np.sqrt(m.size)
            weights = np.exp(scores - scores.max(-1, keepdims=True))
            weights /= weights.sum(-1, keepdims=True)
            x = x + mul(np.einsum("bkgt,btkd->bkgd", weights, self.values[i, :, :pos + 1]).reshape(len(x), -1), m.o[i])
            y = self.norm(x, m.ffn_norm[i])
            gate = mul(y, m.w1[i])
            x = x + mul(gate / (1 + np.exp(-gate)) * mul(y, m.w3[i]), m.w2[i])
        self.pos += 1
        return mul(self.norm(x, m.final_norm), m.classes)


def sample(model, count):
    rng, length = np.random.default_rng(1), min(model.context, 256)
    stories = Stories(model, -(-3 * count // (2 * length)))
    tokens = [np.full(stories.keys.shape[1], BOS)]
    for _ in range(length - 1):
        logits = stories.step(tokens[-1])
        tokens.append((logits + rng.gumbel(size=logits.shape)).argmax(-1))
    found, left = [], count
    for story in np.stack(tokens, 1):
        ends = np.flatnonzero(story[1:] <= EOS)
        story = story[:ends[0] + 1 if len(ends) else length][:left]
        if len(story) > 1:
            found.append([int(t) for t in story])
            left -= len(story)
    return found


def read(path):
    stories, at = [[]], 0
    for token in map(int, open(path).read().split()):
        if token < 0:
            stories.append([])
        else:
            stories[-1].append(token)
    return [story for story in stories if len(story) > 1]


def logits_of(model, stories, multiply):
    length = max(map(len, stories))
    padded = np.array([story + [0] * (length - len(story)) for story in stories])
    run, out = Stories(model, len(stories), multiply), []
    for pos in range(length):
        out.append(run.step(padded[:, pos]))
    out = np.stack(out, 1)
    return np.concatenate([out[i, :len(story)] for i, story in enumerate(stories)])


def judge(logits, stories):
    """Mean loss, and the best token of each."""
    rows, nexts, at = [], [], 0
    for story in stories:
        rows += range(at, at + len(story) - 1)
        nexts += story[1:]
        at += len(story)
    z = logits[rows].astype(np.float64)
    z -= z.max(-1, keepdims=True)
    loss = np.log(np.exp(z).sum(-1)) - z[np.arange(len(nexts)), nexts]
    return loss.mean(), z.argmax(-1)


def main(command, checkpoint, tokens, *more):
    model = Model(checkpoint)
    if command == "sample":
        with open(tokens, "w") as file:
            for story in sample(model, int(more[0]) if more else 4000):
                print(*story, -1, file=file)
        return
    stories = read(tokens)
    integers = np.fromfile(more[0], "<i4").reshape(-1, model.vocab) / 65536
    base, best = judge(logits_of(model, stories, plain), stories)
    print(f"{sum(len(s) - 1 for s in stories)} tokens of {len(stories)} stories")
    print(f"float                 loss {base:.4f}")
    for name, logits in (("int8, float glue", logits_of(model, stories, int8)), ("all integer", integers)):
        loss, top = judge(logits, stories)
        print(f"{name:20}  loss {loss:.4f} ({loss - base:+.4f})  top-1 {100 * (top == best).mean():.1f} %")


if __name__ == "__main__":
    main(*sys.argv[1:])
