#!/usr/bin/env python3
"""How fast machines in slots are: the same instructions run by RESUME and by one program alone, in turn.

    PX=build/px tests/opencl/slots_speed.py [EXECUTOR [SLOTS [TURN [INSTRUCTIONS]]]]

EXECUTOR as in --on, opencl if not given; 64 slots, turns of 1,000 instructions, 128 million instructions in all. What
starting costs is measured with a hundredth of them and taken off. Medians of seven pairs; the ratio is that of speeds in
a pair, by the clock and by CPU seconds.
"""
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time

PX = os.environ.get("PX", "build/px")

LOOP = """
    set r2, 0x12345
    li r6, 200
.loop:
    add r3, r3, r2
    xor r4, r4, r3
    shri r5, r4, 3
    st [r6], r5
    ld r7, [r6 + 1]
    addi r8, r8, 3
    addi r1, r1, -1
    bne r1, r0, .loop
"""
ALONE = f"""
.size 64, 4
    set r1, {{loops}}
{LOOP}
    halt
"""
KERNEL = f"""
.size 64
Q = 9 * W
    set r1, slots
    set r2, Q
    set r3, allowances
    set r4, {{slots}}
    set r5, {{turn}}
    set r6, {{rounds}}
    vl r2
    add r7, r1, r2
    mul r8, r2, r4
    add r8, r8, r1
    jmp more
copy:
    vor.vx [r7], [r1], r0
    add r7, r7, r2
more:
    bne r7, r8, copy
    vl r4
round:
    fill [r3], r5
    resume [r1], [r3]
    addi r6, r6, -1
    bne r6, r0, round
    halt
.row
allowances:
    .zero {{slots}}
.row
slots:
    .pixel 0x01535850, 1, W, 4
    .org slots + 5 * W
_inner:
    set r1, 0x7FFFFFFF
{LOOP}
    halt
    .org slots + Q * {{slots}} - 1
    .pixel 0
"""


def seconds(executor, file):
    before, clock = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    subprocess.run([PX, "run", "--on", executor, "-q", "-o", os.devnull, file], check=True)
    clock, after = time.monotonic() - clock, resource.getrusage(resource.RUSAGE_CHILDREN)
    return clock, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def assemble(folder, name, text):
    source, program = (os.path.join(folder, name + end) for end in (".pxa", ".pxi"))
    with open(source, "w", encoding="ascii") as file:
        file.write(text)
    subprocess.run([PX, "asm", "-q", "-o", program, source], check=True)
    return program


def main(executor="opencl", slots="64", turn="1000", instructions="128000000"):
    slots, turn, instructions = int(slots), int(turn), int(instructions)
    with tempfile.TemporaryDirectory() as folder:
        programs = []
        for count in (instructions, instructions // 100):
            kernel = KERNEL.format(slots=slots, turn=turn, rounds=max(1, count // (slots * turn)))
            programs.append((assemble(folder, f"kernel{count}", kernel),
                             assemble(folder, f"alone{count}", ALONE.format(loops=count // 8))))
        pairs = []
        for _ in range(7):
            took = [[seconds(executor, file) for file in both] for both in programs]
            pairs.append([[took[0][k][by] - took[1][k][by] for k in (0, 1)] for by in (0, 1)])
    for by, name in enumerate(("clock", "CPU")):
        kernel, alone = (statistics.median(pair[by][k] for pair in pairs) for k in (0, 1))
        ratio = statistics.median(pair[by][1] / pair[by][0] for pair in pairs)
        speed = 0.99e-6 * instructions
        print(f"{executor}, {slots} slots x {turn}, {name}: {speed / kernel:,.0f} million instructions/s in slots, "
              f"{speed / alone:,.0f} alone, ratio {ratio:.2f}")


if __name__ == "__main__":
    main(*sys.argv[1:])
