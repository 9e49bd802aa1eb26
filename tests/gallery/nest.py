#!/usr/bin/env python3
"""A RESUME that nest.inc does for a machine in a slot leaves what the machine's own RESUME leaves when it runs alone: the
same pixels, or the same trap with the same value.

    PX=build/px ON=ref tests/gallery/nest.py        TAP
"""
import os
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True  # leave nothing beside the sources
import alone
import png

PX = os.environ.get("PX", "build/px")
ON = os.environ.get("ON", "ref")

# A machine of 38 x 33: RESUME at 20, allowances at 40, three slots of 304 at 76, 380 and 684, each with a machine that
# counts
# to 4. The allowances let the first stop on its way, the second not begin, the third end.
MACHINE = """
.size 38, 33
.include "{programs}/slots.inc"
    set r{a}, {slots}
    set r{b}, {each}
    set r{c}, {allowances}
    set r7, {many}
    vl r7
    jmp go
.org 20
go: resume [r{a}], [r{c}]
    addi r9, r9, 1
    halt
.org 40
    .pixel 7, 0, 20, 3
.rept 3, i
.org 76 + 304 * i
    unstarted 38, 1
    addi r5, r5, 1
    slti r6, r5, 4
    bne r6, r0, . - 2
    halt
.endr
.org N - 1
    .pixel 0
"""

KERNEL = """
.size 38, 56
.entry main
.reg zero, r0
.reg first, r1
.reg q, r2
.reg count, r3
.reg back, r5
.reg allowance, r6
.reg t, r7
.include "{programs}/slots.inc"
.include "{programs}/nest.inc"
main:
    set  first, slots
    set  q, 40 * W
    set  count, 1
    set  allowance, allowed
    set  t, slots + 266         ; loaded: from its entry on, without a checksum
    st   [t + 4], zero
    ld   t, [t + 1]
    st   [first + 4], t
    vl   count
turn:
    set  t, 5
    st   [allowance], t
    resume [first], [allowance]
    call back, nested
    ld   t, [first + 6]
    beq  t, zero, turn
    halt
allowed:
    .pixel 0
.row 10
slots:
    unstarted W, 33
    .incimage "machine.pxa"
.org N - 1
    .pixel 0
"""

N = 38 * 33
CASES = {  # slots, pixels of each, allowances, vl, registers a and c
    "three machines": (76, 304, 40, 3),
    "no slots, addresses outside": (5000, 304, 5000, 0),
    "slots of no pixels": (5000, 0, 40, 3),
    "slots too small": (76, 200, 40, 2),
    "slots end at the image's end": (N - 608, 304, 40, 2),
    "slots end behind it": (N - 607, 304, 40, 2),
    "slots begin behind it": (N, 304, 40, 1),
    "slots wrap around": (0xFFFFFFF0, 304, 40, 1),
    "slots wrap to 0": (0xFFFFFFFF, 1, 40, 1),
    "slots of 2^32 pixels together": (76, 0x40000000, 40, 4),
    "slots of more": (76, 0xFFFFFFFF, 40, 3),
    "allowances end at the image's end": (76, 304, N - 3, 3),
    "allowances end behind it": (76, 304, N - 2, 3),
    "allowances wrap around": (76, 304, 0xFFFFFFFF, 3),
    "both outside": (N, 304, N, 1),
    "allowances before the slots": (76, 304, 73, 3),
    "allowances reach into the slots": (76, 304, 74, 3),
    "allowances in the slots": (76, 304, 400, 3),
    "allowances at the slots' end": (76, 304, 76 + 911, 3),
    "allowances behind the slots": (76, 304, 76 + 912, 3),
    "allowances within slots of no pixels": (76, 0, 76, 3),
    "slots of no pixels within allowances": (41, 0, 40, 3),
    "the instruction before the slots": (21, 304, 1000, 3),
    "the instruction in the slots": (20, 304, 1000, 3),
    "the instruction behind the slots": (20 - 15, 5, 1000, 3),
    "the instruction, last in the slots": (20 - 14, 5, 1000, 3),
    "the instruction before the allowances": (76, 304, 21, 3),
    "the instruction in the allowances": (76, 304, 20, 3),
    "the instruction, last in the allowances": (76, 304, 18, 3),
    "the instruction behind the allowances": (76, 304, 17, 3),
    "slots and allowances on the instruction": (20, 5, 20, 3),
    "r255, then r0": (76, 304, 40, 3, 255),
}


def write(path, text):
    with open(path, "w", encoding="ascii") as file:
        file.write(text)


def run(folder, name):
    """The state in which it stops, as words."""
    out = os.path.join(folder, name + ".png")
    done = subprocess.run([PX, "run", "--on", ON, "--state", "-q", "--budget", "10000", "-o", out,
                           os.path.join(folder, name + ".pxa")], capture_output=True, text=True, check=False)
    if not os.path.exists(out):
        sys.exit(f"{name}: {done.stderr}")
    words = png.read(out)[2]
    os.remove(out)
    return words


def difference(folder, slots, each, allowances, many, a=1):
    fields = {"a": a, "b": (a + 1) % 256, "c": 4, "slots": slots, "each": each, "allowances": allowances, "many": many,
              "programs": os.path.realpath(alone.PROGRAMS)}
    write(os.path.join(folder, "machine.pxa"), MACHINE.format(**fields))
    by_itself, kernel = run(folder, "machine"), run(folder, "kernel")
    slot = kernel[266 + 10 * 38:]
    for i, word in enumerate(by_itself):
        if slot[i] != word:
            return f"{alone.pixel_name(i, 38)} is 0x{slot[i]:08X}, alone it is 0x{word:08X}"
    return None


def main():
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        write(os.path.join(folder, "kernel.pxa"), KERNEL.format(programs=os.path.realpath(alone.PROGRAMS)))
        for number, (name, case) in enumerate(CASES.items(), 1):
            message = difference(folder, *case)
            wrong += message is not None
            print(f"{'not ' if message else ''}ok {number} - {name}")
            if message:
                print(f"# {message}")
    print(f"1..{len(CASES)}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
