#!/usr/bin/env python3
"""Compares the machines in a kernel's picture with what the same programs leave when they run alone: every pixel of the
saved states, registers and retired included.

    alone.py NAME PICTURE.png PX [OPTION ..]    `PX run OPTION ..` runs the programs; exit status 1 when one differs
    alone.py --list                             the kernels that run programs of the gallery
"""
import os
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True  # leave nothing beside the sources
import models_nested
import png

PROGRAMS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "pxi", "programs")
FIELDS = ["magic", "profile", "W", "H", "pc", "vl", "status", "cause", "value", "retired"]


def pixel_name(i, w):
    if i < len(FIELDS):
        return FIELDS[i]
    if i < 266:
        return f"r{i - len(FIELDS)}"
    i -= -(-266 // w) * w
    return f"({i % w},{i // w}) of its image" if i >= 0 else "its header's padding"


def difference(program, slot, run):
    """A sentence on the first pixel of the slot that is not as the program alone leaves it, or None."""
    with tempfile.TemporaryDirectory() as folder:
        state = os.path.join(folder, "state.png")
        subprocess.run([*run, "--state", "-q", "-o", state, os.path.join(PROGRAMS, program + ".pxa")], check=True)
        w, _, alone = png.read(state)
    for i, word in enumerate(alone):
        if slot[i] != word:
            return f"{program}: {pixel_name(i, w)} is 0x{slot[i]:08X}, alone it is 0x{word:08X}"
    return None


def main(name, picture, px, *options):
    tenants, first, rows = models_nested.TENANTS[name]
    w, _, words = png.read(picture)
    wrong = 0
    for i, (program, _, _) in enumerate(tenants):
        start = (first + i * rows) * w
        message = difference(program, words[start:start + rows * w], [px, "run", *options])
        if message:
            print(message)
            wrong = 1
    return wrong


if __name__ == "__main__":
    if sys.argv[1:] == ["--list"]:
        print("\n".join(models_nested.TENANTS))
    elif len(sys.argv) < 4 or sys.argv[1] not in models_nested.TENANTS:
        sys.exit(__doc__)
    else:
        sys.exit(main(*sys.argv[1:]))
