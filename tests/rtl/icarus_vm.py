"""icarus_vm.py INPUT OUTPUT BUDGET - the core under Icarus as an executor (SPEC.md section 11).

BENCH names the compiled bench.v. An X or a hang is an error, with the word where it is."""
import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "conformance"))
import pxvm

PIXELS = 65536  # of bench.v


def simulate(m, budget):
    words = [m.profile, m.w, m.h, m.pc, m.vl, m.status, m.cause, m.value, budget] + m.r + m.m
    with tempfile.TemporaryDirectory() as room:
        given, got = os.path.join(room, "in"), os.path.join(room, "out")
        with open(given, "w") as file:
            file.write("\n".join(f"{word:x}" for word in words))
        subprocess.run(
            ["vvp", "-n", os.environ["BENCH"], f"+in={given}", f"+out={got}"], check=True, stdout=subprocess.DEVNULL
        )
        with open(got) as file:
            lines = file.read().split()
    for i, line in enumerate(lines):
        if not re.fullmatch("[0-9a-f]+", line):
            raise SystemExit(f"icarus_vm: word {i} of the bench's output is '{line}'")
    return [int(line, 16) for line in lines]


def main(source, target, budget):
    try:
        m = pxvm.load(*pxvm.png_read(source))
        if m.n > PIXELS:
            raise pxvm.Refused(f"{m.n} pixels, the bench has {PIXELS}")
    except (pxvm.Refused, OSError) as error:
        print(f"icarus_vm: {source}: {error}", file=sys.stderr)
        return 2
    budget = min(int(budget), (1 << 32) - 1)
    if m.status == pxvm.ISA.status["RUNNING"]:
        m.pc, m.vl, m.status, m.cause, m.value, left, *words = simulate(m, budget)
        m.retired = (m.retired + budget - left) & pxvm.MASK
        m.r, m.m = words[:256], words[256:]
    pxvm.png_write(target, *m.save())
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
