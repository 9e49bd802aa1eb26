#!/usr/bin/env python3
"""Trains the small network of mlp.inc and writes its weights as assembler data:

    python3 pxi/programs/mlp_train.py > pxi/programs/mlp_weights.inc

Three interleaved spirals, red, green and blue; 2-15-15-3 neurons with ReLU, Adam, logistic loss; then every layer is
brought to int8 with one scale a layer. Neuron 15 of each layer is the constant 127 that carries the next layer's
biases. Plain Python with a fixed seed: the same file each time (a few minutes).
"""
import math
import random
import sys

HIDDEN, OUT = 15, 3
POINTS, EPOCHS, BATCH = 900, 600, 30


def spirals(rng):
    points = []
    for i in range(POINTS):
        arm = i % 3
        r = 0.06 + 1.05 * math.sqrt(rng.random())
        angle = 2 * math.pi * arm / 3 + 6.4 * r + rng.gauss(0, 0.08)
        points.append((r * math.cos(angle), r * math.sin(angle), arm))
    return points


class Layer:
    """Rows of weights, the bias last."""

    def __init__(self, rng, inputs, outputs):
        spread = math.sqrt(2 / inputs)
        self.w = [[rng.gauss(0, spread) for _ in range(inputs)] + [rng.uniform(-0.5, 0.5)] for _ in range(outputs)]
        self.g = [[0.0] * (inputs + 1) for _ in range(outputs)]
        self.m = [[0.0] * (inputs + 1) for _ in range(outputs)]
        self.v = [[0.0] * (inputs + 1) for _ in range(outputs)]

    def forward(self, x):
        self.x = x + [1.0]
        return [sum(map(float.__mul__, row, self.x)) for row in self.w]

    def backward(self, dz):
        for d, g in zip(dz, self.g):
            if d:
                for j, xj in enumerate(self.x):
                    g[j] += d * xj
        return [sum(d * row[j] for d, row in zip(dz, self.w)) for j in range(len(self.x) - 1)]

    def step(self, rate, t):
        c1, c2 = 1 - 0.9 ** t, 1 - 0.999 ** t
        for w, g, m, v in zip(self.w, self.g, self.m, self.v):
            for j in range(len(w)):
                m[j] = 0.9 * m[j] + 0.1 * g[j]
                v[j] = 0.999 * v[j] + 0.001 * g[j] * g[j]
                w[j] -= rate * m[j] / c1 / (math.sqrt(v[j] / c2) + 1e-8)
                g[j] = 0.0


def relu(z):
    return [max(0.0, v) for v in z]


def train():
    rng = random.Random(7)
    points = spirals(rng)
    layers = [Layer(rng, 2, HIDDEN), Layer(rng, HIDDEN, HIDDEN), Layer(rng, HIDDEN, OUT)]
    t = 0
    for epoch in range(EPOCHS):
        rng.shuffle(points)
        rate = 0.008 * (1 - epoch / EPOCHS) + 0.0003
        right = 0
        for start in range(0, POINTS, BATCH):
            for x, y, arm in points[start:start + BATCH]:
                z1 = layers[0].forward([x, y])
                z2 = layers[1].forward(relu(z1))
                z3 = layers[2].forward(relu(z2))
                right += max(range(3), key=lambda k: z3[k]) == arm
                d = [(1 / (1 + math.exp(-max(-30, min(30, z)))) - (k == arm)) / BATCH for k, z in enumerate(z3)]
                d = [v * (z > 0) for v, z in zip(layers[2].backward(d), z2)]
                d = [v * (z > 0) for v, z in zip(layers[1].backward(d), z1)]
                layers[0].backward(d)
            t += 1
            for layer in layers:
                layer.step(rate, t)
        if epoch % 20 == 19:
            print(f"epoch {epoch + 1}: {right} of {POINTS} right", file=sys.stderr)
    return layers, points


def greatest(layers, points):
    """The greatest activation of each hidden layer, over the picture's square."""
    top = [0.0, 0.0]
    for i in range(0, 33):
        for j in range(0, 33):
            a1 = relu(layers[0].forward([i / 16 - 1, j / 16 - 1]))
            a2 = relu(layers[1].forward(a1))
            top = [max(top[0], *a1), max(top[1], *a2)]
    return top


def quantise(layers, points):
    """For each layer: rows of int8 (16 of them but for the last: 4), and (M, e) of REQ."""
    top = greatest(layers, points)
    scale_in = [1 / 127, top[0] / 127, top[1] / 127]  # of one step of the layer's input
    scale_out = scale_in[1:] + [16.0 / 127]           # a logit of 16 is full colour
    result = []
    for n, layer in enumerate(layers):
        # The constant input is 127 steps: a bias becomes a weight of bias / (127 steps).
        rows = [row[:-1] + [row[-1] / (127 * scale_in[n])] for row in layer.w]
        step = max(abs(v) for row in rows for v in row) / 127
        inputs = len(rows[0]) - 1
        width = 4 if n == 0 else 16
        constant = 2 if n == 0 else 15
        quantised = []
        for row in rows:
            q = [0] * width
            for j in range(inputs):
                q[j] = round(row[j] / step)
            q[constant] = round(row[-1] / step)
            quantised.append(q)
        one = [0] * width
        one[constant] = 127
        quantised.append(one)
        factor = step * scale_in[n] / scale_out[n]
        e = 0
        while factor * 2 ** (33 + e) < 2 ** 31:  # M fills 31 bits
            e += 1
        result.append((quantised, round(factor * 2 ** (32 + e)), e))
    return result


def main():
    layers, points = train()
    print("; Weights of mlp.inc, made by mlp_train.py. A line is a neuron, four int8 weights to a pixel.")
    for n, (rows, m, e) in enumerate(quantise(layers, points), 1):
        print(f"\n; layer {n}: sums are scaled by M{n} / 2^(32 + E{n})\nM{n} = {m}\nE{n} = {e}")
        print(f"weights{n}:\n    .matrix {len(rows)}, {len(rows[0])},")
        print(",\n".join("        " + ", ".join("%4d" % v for v in row) for row in rows))


main()
