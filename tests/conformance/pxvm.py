#!/usr/bin/env python3
"""pxvm.py - a second pixel machine, written from pxi/SPEC.md alone: PROGRAM INPUT OUTPUT BUDGET (section 11).

It shares nothing with the C code but isa.def, from which it takes the opcode numbers. It is meant to be read beside
the text, section by section, and it is slow; where it and another executor differ, one of them or the text is wrong.
"""
import re
import struct
import sys
import zlib

from pxvm_png import MAX_PIXELS, Refused, png_read, png_write
from pxvm_v1 import ISA, MASK, bytes_of, step_v1

MAGIC_PROGRAM = 0x01495850  # 'P' 'X' 'I' 1
MAGIC_STATE = 0x01535850  # 'P' 'X' 'S' 1
CLASSIC, V1 = 0, 1

# ---- sections 1, 2 and 9: the machine, loaded and saved --------------------------------------------------------


class Machine:
    in_slot = False

    def __init__(self, profile, w, h, m):
        self.profile, self.w, self.h, self.m = profile, w, h, m
        self.n = w * h
        self.pc = self.vl = self.value = self.retired = 0
        self.status = ISA.status["RUNNING"]
        self.cause = ISA.cause["NONE"]
        self.r = [0] * 256

    def save(self):
        words = [MAGIC_STATE, self.profile, self.w, self.h, self.pc, self.vl]
        words += [self.status, self.cause, self.value, self.retired] + self.r
        words += [0] * (-len(words) % self.w)
        return self.w, len(words) // self.w + self.h, words + self.m


def load(w, h, words):
    if words[0] == MAGIC_PROGRAM:
        return load_program(w, h, words)
    if words[0] == MAGIC_STATE:
        return load_state(w, h, words)
    if words[0] & 0xFFFFFF in (MAGIC_PROGRAM & 0xFFFFFF, MAGIC_STATE & 0xFFFFFF):
        raise Refused(f"version {words[0] >> 24}, this machine has version 1")
    if w * h > MAX_PIXELS:
        raise Refused(f"{w * h} pixels, at most {MAX_PIXELS}")
    return Machine(CLASSIC, w, h, words)


def load_program(w, h, words):
    n = w * h
    if n < 5 or n > MAX_PIXELS:
        raise Refused(f"a program of {n} pixels")
    _, entry, end, flags, checksum = words[:5]
    if entry >= n:
        raise Refused(f"entry {entry} in an image of {n} pixels")
    if end > n:
        raise Refused(f"end of code {end} in an image of {n} pixels")
    if flags != 0:
        raise Refused(f"flags {flags:#x}, expected 0")
    words[4] = 0
    crc = zlib.crc32(struct.pack(f"<{n + 2}I", w, h, *words)) or MASK
    if checksum not in (0, crc):
        raise Refused(f"checksum {checksum:#010x}, expected {crc:#010x}")
    machine = Machine(V1, w, h, words)
    machine.pc = entry
    return machine


def load_state(w, h, words):
    rows = -(-266 // w)
    if w * h < 266 or words[2] != w or words[3] + rows != h or words[3] < 1:
        raise Refused("a saved state whose dimensions are not its picture's")
    machine = Machine(words[1], w, words[3], words[rows * w :])
    machine.pc, machine.vl, machine.status, machine.cause, machine.value, machine.retired = words[4:10]
    machine.r = words[10:266]
    n, limit, status = machine.n, min(w, 1024), ISA.status
    running, waiting, trapped = (machine.status == status[s] for s in ("RUNNING", "WAITING", "TRAPPED"))
    wrong = [
        (machine.profile not in (CLASSIC, V1), "profile"),
        (machine.status not in status.values(), "status"),
        (machine.cause not in ISA.cause.values(), "cause"),
        (n > MAX_PIXELS, "size"),
        ((machine.cause != ISA.cause["NONE"]) != trapped, "cause for this status"),
        (not waiting and not trapped and machine.value != 0, "value for this status"),
        (waiting and machine.value > 255, "value for this status"),
        (any(words[266 : rows * w]), "padding"),
    ]
    if machine.profile == V1:
        wrong += [(machine.pc > n, "pc"), (machine.vl > n, "vl")]
    else:
        wrong += [
            (machine.pc > limit, "pc"),
            (machine.vl != 0, "vl"),
            (any(machine.r), "registers"),
            (waiting or trapped, "status"),
            (running and machine.pc == limit, "pc of a running machine"),
        ]
    for bad, what in wrong:
        if bad:
            raise Refused(f"a saved state that no machine can be in: {what}")
    return machine


# ---- section 10: the classic profile ---------------------------------------------------------------------------


class Classic:
    def __init__(self, machine):
        self.machine, self.w, self.h = machine, machine.w, machine.h

    def get(self, x, y):
        return self.machine.m[y * self.w + x]

    def red(self, x, y):
        return self.get(x, y) & 255

    def set_red(self, x, y, value):
        at = y * self.w + x
        self.machine.m[at] = (self.machine.m[at] & ~255) | value

    def scan_length(self, a, b):
        return next((x for x in range(self.w) if self.get(x, a) == 0 and self.get(x, b) == 0), self.w)

    def dot(self, a, b, c):
        total = sum(self.red(x, a) * self.red(x, b) for x in range(self.scan_length(a, b)))
        at = c * self.w
        self.machine.m[at] = (self.machine.m[at] & 0xFFFF0000) | (total % 65536)

    def add(self, a, b, c):
        for x in range(self.scan_length(a, b)):
            self.set_red(x, c, min(255, self.red(x, a) + self.red(x, b)))

    def place(self, y, i):
        return 1 + i % (self.w - 1), y + i // (self.w - 1)

    def fits(self, y, count):
        return count == 0 or y + (count - 1) // (self.w - 1) < self.h

    def matmul(self, a, b, c):
        first, second = self.get(0, a), self.get(0, b)
        a_cols, a_rows, b_cols, b_rows = first & 0xFFFF, first >> 16, second & 0xFFFF, second >> 16
        if self.w == 1 or a_cols != b_rows:
            return
        if not (self.fits(a, a_rows * a_cols) and self.fits(b, b_rows * b_cols) and self.fits(c, a_rows * b_cols)):
            return
        self.machine.m[c * self.w] = b_cols | a_rows << 16
        for i in range(a_rows):
            for j in range(b_cols):
                total = sum(
                    self.red(*self.place(a, i * a_cols + k)) * self.red(*self.place(b, k * b_cols + j))
                    for k in range(a_cols)
                )
                self.set_red(*self.place(c, i * b_cols + j), min(255, total))

    def step(self):
        machine = self.machine
        opcode, a, b, c = bytes_of(machine.m[machine.pc])
        name = ISA.classic.get(opcode)
        machine.retired = (machine.retired + 1) & MASK
        if name == "HALT":
            machine.status = ISA.status["HALTED"]
            return
        if name in ("DOT", "ADD", "MATMUL") and max(a, b, c) < self.h:
            getattr(self, name.lower())(a, b, c)
        machine.pc += 1
        if machine.pc == min(self.w, 1024):
            machine.status = ISA.status["HALTED"]


# ---- sections 3 and 11 -----------------------------------------------------------------------------------------


def run(machine, budget):
    classic = Classic(machine)
    executed = 0
    while machine.status == ISA.status["RUNNING"] and executed < budget:
        if machine.profile == CLASSIC:
            classic.step()
            executed += 1
        else:
            executed += step_v1(machine)


def main(arguments):
    if len(arguments) != 4 or not re.fullmatch("[0-9]+", arguments[3]) or int(arguments[3]) >= 1 << 64:
        print("usage: pxvm.py INPUT OUTPUT BUDGET", file=sys.stderr)
        return 1
    _, source, target, budget = arguments
    try:
        machine = load(*png_read(source))
    except (Refused, OSError) as error:
        print(f"pxvm: {source}: {error}", file=sys.stderr)
        return 2 if isinstance(error, Refused) else 1
    run(machine, int(budget))
    try:
        png_write(target, *machine.save())
    except OSError as error:
        print(f"pxvm: {target}: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
