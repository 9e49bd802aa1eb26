#!/usr/bin/env python3
"""What others do on the same GPU, for figures.py: a line `NAME MICROSECONDS` a figure.

Torch's own kernels, cuBLASLt by way of torch._int_mm, and copies, launched one after the other as a pixel program's steps
are. Exit status 77, with a sentence, where there is no torch or no GPU for it.
"""
import sys
import time

try:
    import torch
except ImportError:
    sys.exit(print("torch is not here: no peers") or 77)
if not torch.cuda.is_available():
    sys.exit(print("torch finds no GPU: no peers") or 77)

M = 1 << 20


def microseconds(step):
    """The best of five rounds of a twentieth of a second each, after one to warm."""
    best, count = None, 10
    for _ in range(6):
        torch.cuda.synchronize()
        began = time.perf_counter()
        for _ in range(count):
            step()
        torch.cuda.synchronize()
        each = (time.perf_counter() - began) / count
        best = each if best is None or each < best else best
        count = max(10, int(0.05 / each))
    return best * 1e6


def words(count):
    return torch.randint(-(1 << 31), (1 << 31) - 1, (count,), dtype=torch.int32, device="cuda")


def matrix(side):
    return torch.randint(-128, 127, (side, side), dtype=torch.int8, device="cuda")


def main():
    a, b, c = words(16 * M), words(16 * M), words(16 * M)
    far, near = words(64 * M), words(64 * M)
    sums = torch.empty(16 * M, dtype=torch.int64, device="cuda")
    print(f"torch {torch.__version__}, {torch.cuda.get_device_name()}")
    rows = [("copy", lambda: far.copy_(near)),
            ("add-16M", lambda: torch.add(a, b, out=c)),
            ("add-1M", lambda: torch.add(a[:M], b[:M], out=c[:M])),
            ("cumsum-16M", lambda: torch.cumsum(a, 0, out=sums)),
            ("argmax-16M", lambda: torch.argmax(a))]
    for side in (1024, 4096):
        x, y = matrix(side), matrix(side).t()
        rows.append((f"int_mm-{side}", lambda x=x, y=y: torch._int_mm(x, y)))
    for name, step in rows:
        print(name, f"{microseconds(step):.2f}")


if __name__ == "__main__":
    main()
