#!/usr/bin/env python3
"""exported.py - runs an exported conformance set on pxvm.py, in one process: exported.py DIR

DIR comes from px conformance --export. This is the whole of what an implementer without px has to write.
"""
import os
import sys

import pxvm


def run(stem, budget):
    """The saved state as width, height and pixels, or None when the input is refused."""
    try:
        machine = pxvm.load(*pxvm.png_read(stem + ".input.pxi"))
    except pxvm.Refused:
        return None
    pxvm.run(machine, budget)
    return machine.save()


def main(directory):
    count = failed = 0
    for folder in sorted(os.listdir(directory)):
        with open(os.path.join(directory, folder, "cases.tsv"), encoding="utf-8") as table:
            cases = [line.rstrip("\n").split("\t") for line in table]
        for name, budget, what, title in cases:
            stem = os.path.join(directory, folder, name)
            expected = pxvm.png_read(stem + ".expected.pxi") if what == "run" else None
            good = run(stem, int(budget)) == expected
            count, failed = count + 1, failed + (not good)
            if not good:
                print(f"{folder}/{name}: {title}")
    print(f"{count} cases, {failed} failed")
    return 1 if failed or not count else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
