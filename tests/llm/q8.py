#!/usr/bin/env python3
"""A legacy float checkpoint of llama2.c as one of version 2: q8.py FLOAT.bin Q8.bin GROUP"""
import array
import struct
import sys


def main(source, target, group):
    data = open(source, "rb").read()
    dim, hidden, layers, heads, kv, vocab, _ = sizes = struct.unpack("<7i", data[:28])
    kv_dim, shared = dim // heads * kv, vocab > 0
    values, at = array.array("f", data[28:]), 0
    order = [("m", abs(vocab) * dim), ("v", layers * dim)] + [("m", layers * n) for n in (dim * dim, kv_dim * dim, kv_dim * dim, dim * dim)]
    order += [("v", layers * dim)] + [("m", layers * hidden * dim)] * 3 + [("v", dim)]
    vectors, matrices = b"", []
    for kind, count in order:
        part = values[at:at + count]
        at += count
        if kind == "v":
            vectors += part.tobytes()
        else:
            matrices.append(part)
    if not shared:
        matrices.append(values[-abs(vocab) * dim:])
    with open(target, "wb") as file:
        head = struct.pack("<Ii", 0x616B3432, 2) + struct.pack("<7i", *sizes[:5], abs(vocab), sizes[6]) + struct.pack("<Bi", shared, group)
        file.write(head.ljust(256, b"\0") + vectors)
        for number, part in enumerate(matrices):
            for first in range(0, len(part), len(part) // (1 if number in (0, 8) else layers)):
                tensor = part[first:first + len(part) // (1 if number in (0, 8) else layers)]
                scales = [max(map(abs, tensor[i:i + group])) / 127 or 1.0 for i in range(0, len(tensor), group)]
                file.write(bytes(round(v / scales[i // group]) & 255 for i, v in enumerate(tensor)) + struct.pack(f"<{len(scales)}f", *scales))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
