#!/usr/bin/env python3
"""Which instructions the gallery executes: a table of programs and classes, and the instructions that nothing uses.

    coverage.py PX FILE.pxi ..      from `px run --trace` on the reference VM; classes and opcodes come from pxi/isa.def
"""
import os
import re
import subprocess
import sys

ISA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "pxi", "isa.def")


def instruction_set():
    with open(ISA, encoding="utf-8") as file:
        text = file.read()
    classes = re.findall(r"^PXI_CLASS\((\w+),", text, re.M)
    found = re.findall(r'^PXI_OP\(\w+,\s*"([^"]+)",\s*(0x\w+),\s*(\w+),', text, re.M)
    return classes, {int(number, 16): (mnemonic, group) for mnemonic, number, group in found}


def executed(px, file):
    """How often each opcode retired."""
    counts = {}
    trace = subprocess.Popen([px, "run", "--trace", "-q", file], stdout=subprocess.PIPE, text=True)
    for line in trace.stdout:
        field = re.match(r"(?:slot \d+)?\s*\d+\s+([0-9A-F]{8})  ", line)
        if field:
            opcode = int(field[1], 16) & 255
            counts[opcode] = counts.get(opcode, 0) + 1
    if trace.wait() != 0:
        sys.exit(f"{file}: px run failed")
    return counts


def main(px, *files):
    classes, opcodes = instruction_set()
    unused = dict(opcodes)
    print("| program | instructions | " + " | ".join(classes) + " |")
    print("| --- " * (len(classes) + 2) + "|")
    for file in files:
        counts = executed(px, file)
        row = dict.fromkeys(classes, 0)
        for opcode, count in counts.items():
            row[opcodes[opcode][1]] += 1
            unused.pop(opcode, None)
        name = os.path.splitext(os.path.basename(file))[0]
        print(f"| {name} | {sum(counts.values()):,} | " + " | ".join(str(row[c] or "") for c in classes) + " |")
    print(f"\n{len(opcodes) - len(unused)} of {len(opcodes)} instructions are used. Not used: "
          + (", ".join(f"`{mnemonic}`" for mnemonic, _ in unused.values()) or "none") + ".")


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
