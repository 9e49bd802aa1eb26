#!/usr/bin/env python3
"""Trains a small language model on the King James text: a checkpoint and a tokenizer in the formats of llama2.c.

    llm/train/train.py OUT.bin OUT.tok [--dim 64 ..]      README.md has the two commands that made the models here

It needs Debian's python3-torch, and of bible-kjv the command `bible`, which prints the text of bible-kjv-text (public domain
in most of the world: the translation is of 1611). One thread on a processor, or with --device cuda a GPU; a fixed seed: the
same packages on the same machine make the same bytes. It is trained as it will be used: matrices, and q, k and v, are rounded
to bytes on the way forward, as px llm rounds them.
"""
import argparse
import collections
import math
import os
import re
import struct
import subprocess
import sys
import time

os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # what cuBLAS is always the same with
import torch
from torch import nn
from torch.nn import functional

SPECIAL = ["<unk>", "\n<s>\n", "\n</s>\n"]
BOS = 1


def chapters():
    """The text, a string a chapter, a line a verse."""
    lines = subprocess.run(["bible", "-f", "-l", "100000", "gen1:1-rev22:21"], check=True, capture_output=True,
                           text=True).stdout.splitlines()
    found = collections.OrderedDict()
    for line in lines:
        match = re.match(r"(\w+?\d+):\d+ (.*)", line)
        if match:
            found.setdefault(match[1], []).append(re.sub(r"[^A-Za-z ,.;:?!'()-]", "", match[2]).strip())
    return [" " + "\n".join(verses) for verses in found.values()]


def words_of(text):
    return re.findall(r"\n| ?[A-Za-z']+| ?[^A-Za-z'\s]| ", text)


def train_tokenizer(texts, size):
    """Byte pairs within words: the pieces in the order in which they are merged."""
    count = collections.Counter(word for text in texts for word in words_of(text))
    split = {word: list(word) for word in count}
    pieces = sorted({letter for word in count for letter in word})
    while len(SPECIAL) + len(pieces) < size:
        pairs = collections.Counter()
        for word, parts in split.items():
            for pair in zip(parts, parts[1:]):
                pairs[pair] += count[word]
        (a, b), _ = max(pairs.items(), key=lambda item: (item[1], item[0]))
        pieces.append(a + b)
        for parts in split.values():
            merge(parts, a, b)
    return pieces


def merge(parts, a, b):
    at = 0
    while at + 1 < len(parts):
        if parts[at] == a and parts[at + 1] == b:
            parts[at:at + 2] = [a + b]
        at += 1


def encode(texts, pieces):
    rank = {piece: i + len(SPECIAL) for i, piece in enumerate(pieces)}
    known, tokens = {}, []
    for text in texts:
        tokens.append(BOS)
        for word in words_of(text):
            if word not in known:
                parts = list(word)
                while True:
                    pairs = [(rank.get(a + b, len(rank) + 9), a, b) for a, b in zip(parts, parts[1:])]
                    if not pairs or min(pairs)[0] > len(rank) + 3:
                        break
                    merge(parts, *min(pairs)[1:])
                known[word] = [rank[part] for part in parts]
            tokens += known[word]
    return tokens


def as_bytes(x, over):
    """Rounded to 127 steps of the greatest over these axes; its gradient is that of x."""
    step = x.detach().abs().amax(over, keepdim=True).clamp_min(1e-9) / 127
    return x + (torch.round(x / step) * step - x).detach()


class Linear(nn.Linear):
    def forward(self, x):
        return functional.linear(x, as_bytes(self.weight, -1))


class Block(nn.Module):
    def __init__(self, a):
        super().__init__()
        size = a.dim // a.heads
        self.att_norm, self.ffn_norm = nn.Parameter(torch.ones(a.dim)), nn.Parameter(torch.ones(a.dim))
        linear = lambda n, m: Linear(n, m, bias=False)
        self.q, self.k, self.v = linear(a.dim, a.dim), linear(a.dim, a.kv_heads * size), linear(a.dim, a.kv_heads * size)
        self.o = linear(a.dim, a.dim)
        self.up, self.down, self.gate = linear(a.dim, a.hidden), linear(a.hidden, a.dim), linear(a.dim, a.hidden)
        self.heads, self.kv_heads, self.size = a.heads, a.kv_heads, size

    def forward(self, x, cos, sin, mask):
        batch, length, dim = x.shape
        y = norm(x, self.att_norm)
        split = lambda t, n: t.view(batch, length, n, self.size).transpose(1, 2)
        q, k, v = split(self.q(y), self.heads), split(self.k(y), self.kv_heads), split(self.v(y), self.kv_heads)
        q, k, v = as_bytes(rotate(q, cos, sin), (0, 2)), as_bytes(rotate(k, cos, sin), (0, 2)), as_bytes(v, (0, 2))
        k, v = (t.repeat_interleave(self.heads // self.kv_heads, 1) for t in (k, v))
        weights = torch.softmax(q @ k.transpose(2, 3) / math.sqrt(self.size) + mask, -1)
        x = x + self.o((weights @ v).transpose(1, 2).reshape(batch, length, dim))
        y = norm(x, self.ffn_norm)
        return x + self.down(functional.silu(self.gate(y)) * self.up(y))


def norm(x, gain):
    return x * torch.rsqrt((x * x).mean(-1, keepdim=True) + 1e-5) * gain


def rotate(x, cos, sin):
    even, odd = x[..., 0::2], x[..., 1::2]
    return torch.stack((even * cos - odd * sin, even * sin + odd * cos), -1).flatten(-2)


class Model(nn.Module):
    def __init__(self, a):
        super().__init__()
        self.embed = nn.Embedding(a.vocab, a.dim)
        self.blocks = nn.ModuleList(Block(a) for _ in range(a.layers))
        self.final_norm = nn.Parameter(torch.ones(a.dim))
        for p in self.parameters():
            if p.dim() > 1:
                nn.init.normal_(p, std=0.05 if p.shape[0] == a.vocab else 0.7 / math.sqrt(p.shape[1]))
        size = a.dim // a.heads
        angle = torch.arange(a.context)[:, None] / 10000 ** (torch.arange(0, size, 2) / size)
        self.register_buffer("cos", angle.cos())
        self.register_buffer("sin", angle.sin())
        self.register_buffer("mask", torch.full((a.context, a.context), -1e9).triu(1))

    def forward(self, tokens):
        embed = as_bytes(self.embed.weight, -1)
        x = functional.embedding(tokens, embed)
        for block in self.blocks:
            x = block(x, self.cos, self.sin, self.mask)
        return norm(x, self.final_norm) @ embed.T


def tensors(model):
    """In the order of llama2.c's files."""
    blocks = model.blocks
    groups = [[model.embed.weight], [b.att_norm for b in blocks], [b.q.weight for b in blocks], [b.k.weight for b in blocks],
              [b.v.weight for b in blocks], [b.o.weight for b in blocks], [b.ffn_norm for b in blocks],
              [b.gate.weight for b in blocks], [b.down.weight for b in blocks], [b.up.weight for b in blocks],
              [model.final_norm], [model.cos], [model.sin]]
    return [tensor for group in groups for tensor in group]


def header(a):
    return struct.pack("<7i", a.dim, a.hidden, a.layers, a.heads, a.kv_heads, a.vocab, a.context)


def write_model(path, model, a):
    with open(path, "wb") as file:
        file.write(header(a))
        for tensor in tensors(model):
            file.write(tensor.detach().cpu().contiguous().numpy().astype("<f4").tobytes())


def read_model(path, model, a):
    with open(path, "rb") as file:
        if file.read(28) != header(a):
            sys.exit(f"{path} has other sizes")
        values, at = torch.frombuffer(bytearray(file.read()), dtype=torch.float32), 0
    with torch.no_grad():
        for tensor in tensors(model):
            tensor.copy_(values[at:at + tensor.numel()].view(tensor.shape))
            at += tensor.numel()


def write_tokenizer(path, pieces):
    entries = [(0.0, piece.encode()) for piece in SPECIAL] + [(-float(i), p.encode()) for i, p in enumerate(pieces)]
    with open(path, "wb") as file:
        file.write(struct.pack("<i", max(len(text) for _, text in entries)))
        for score, text in entries:
            file.write(struct.pack("<fi", score, len(text)) + text)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("model")
    parser.add_argument("tokenizer")
    for name, usual in dict(dim=64, hidden=128, layers=3, heads=4, kv_heads=2, vocab=256, context=128, batch=16, steps=1500,
                            seed=1).items():
        parser.add_argument("--" + name, type=int, default=usual)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--rate", type=float, default=6e-3, help="the greatest, which falls to nothing over the steps")
    parser.add_argument("--stop", type=int, help="the step to end at, before the last")
    parser.add_argument("--start", metavar="MODEL", help="go on with this one")
    a = parser.parse_args()
    torch.manual_seed(a.seed)
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True, warn_only=True)
    texts = chapters()
    pieces = train_tokenizer(texts, a.vocab)
    write_tokenizer(a.tokenizer, pieces)
    data = torch.tensor(encode(texts, pieces))
    held = len(data) // 50
    training, kept = data[:-held], data[-held:]
    model, began = Model(a), time.time()
    if a.start:
        read_model(a.start, model, a)
    model.to(a.device)
    optimizer = torch.optim.AdamW(model.parameters(), betas=(0.9, 0.95), weight_decay=0.05)
    draw = lambda source, n: source[torch.randint(len(source) - a.context - 1, (n, 1)) + torch.arange(a.context + 1)].to(a.device)
    loss_of = lambda batch: functional.cross_entropy(model(batch[:, :-1]).flatten(0, 1), batch[:, 1:].flatten())
    end = a.steps if a.stop is None else min(a.stop, a.steps)
    for step in range(end + 1):
        for group in optimizer.param_groups:
            group["lr"] = a.rate * min(1, (step + 1) / 60, 0.02 + (1 - step / (a.steps + 1)) * 1.1)
        optimizer.zero_grad()
        loss = loss_of(draw(training, a.batch))
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        if step == end or step % max(1, a.steps // 20) == 0:
            with torch.no_grad():
                print(f"step {step}: loss {loss:.3f}, held out {loss_of(draw(kept, 64)):.3f}, {time.time() - began:.0f} s", file=sys.stderr)
            write_model(a.model, model, a)


if __name__ == "__main__":
    main()
