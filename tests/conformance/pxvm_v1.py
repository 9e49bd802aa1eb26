"""pxvm_v1.py - the v1 machine of pxvm.py, one instruction at a time: SPEC.md sections 3 to 7."""
import os
import re

MASK = 0xFFFFFFFF


class Isa:
    def __init__(self, path):
        with open(path, encoding="ascii") as file:
            text = file.read()
        text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
        self.op, self.classic = {}, {}
        for number, group, function in re.findall(r'^PXI_OP\(\w+, *"[^"]*", *(\w+), *(\w+), *(\w+),', text, re.M):
            self.op[int(number, 0)] = (group, function)
        for name, number in re.findall(r'^PXI_CLASSIC\(C_(\w+), *"[^"]*", *(\w+),', text, re.M):
            self.classic[int(number, 0)] = name
        self.status = {n: int(v, 0) for n, v in re.findall(r"^PXI_STATUS\((\w+), *(\w+),", text, re.M)}
        self.cause = {n: int(v, 0) for n, v in re.findall(r"^PXI_CAUSE\((\w+), *(\w+),", text, re.M)}
        self.get = {int(v, 0): n for n, v in re.findall(r"^PXI_GET\((\w+), *(\w+),", text, re.M)}


ISA = Isa(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "pxi", "isa.def"))


class Trap(Exception):
    """Section 7: cause by name, and value."""

    def __init__(self, cause, value):
        super().__init__(cause)
        self.cause, self.value = cause, value & MASK


# ---- numbers ---------------------------------------------------------------------------------------------------


def signed(x, bits=32):
    x &= (1 << bits) - 1
    return x - (1 << bits) if x >> (bits - 1) else x


def bytes_of(x):
    return [x & 255, x >> 8 & 255, x >> 16 & 255, x >> 24 & 255]


def word_of(b):
    return b[0] | b[1] << 8 | b[2] << 16 | b[3] << 24


def clamp(x, low, high):
    return max(low, min(high, x))


def round255(p):
    """p / 255 to the nearest integer, for 0 <= p <= 65025; there are no ties."""
    return (2 * p + 255) // 510


def dot4(x, y):
    return sum(signed(a, 8) * signed(b, 8) for a, b in zip(bytes_of(x), bytes_of(y)))


WORD = {  # section 5, the functions
    "ADD": lambda x, y: x + y,
    "SUB": lambda x, y: x - y,
    "AND": lambda x, y: x & y,
    "OR": lambda x, y: x | y,
    "XOR": lambda x, y: x ^ y,
    "SHL": lambda x, y: x << (y & 31),
    "SHR": lambda x, y: x >> (y & 31),
    "SAR": lambda x, y: signed(x) >> (y & 31),
    "SLT": lambda x, y: signed(x) < signed(y),
    "SLTU": lambda x, y: x < y,
    "SEQ": lambda x, y: x == y,
    "MIN": lambda x, y: min(signed(x), signed(y)),
    "MAX": lambda x, y: max(signed(x), signed(y)),
    "MUL": lambda x, y: x * y,
    "MULH": lambda x, y: signed(x) * signed(y) >> 32,
    "MULHU": lambda x, y: x * y >> 32,
}

BYTE = {  # section 6, the byte functions g
    "ADD": lambda x, y: x + y,
    "SUB": lambda x, y: x - y,
    "ADDU": lambda x, y: min(255, x + y),
    "SUBU": lambda x, y: max(0, x - y),
    "ADDS": lambda x, y: clamp(signed(x, 8) + signed(y, 8), -128, 127),
    "SUBS": lambda x, y: clamp(signed(x, 8) - signed(y, 8), -128, 127),
    "SHL": lambda x, y: x << (y & 7),
    "SHR": lambda x, y: x >> (y & 7),
    "SLT": lambda x, y: signed(x, 8) < signed(y, 8),
    "SLTU": lambda x, y: x < y,
    "SEQ": lambda x, y: x == y,
    "MIN": lambda x, y: min(signed(x, 8), signed(y, 8)),
    "MAX": lambda x, y: max(signed(x, 8), signed(y, 8)),
    "MINU": min,
    "MAXU": max,
    "MULU": lambda x, y: round255(x * y),
}


def word_f(name, x, y):
    return int(WORD[name](x, y)) & MASK


def byte_g(name, x, y):
    return word_of([int(BYTE[name](a, b)) & 255 for a, b in zip(bytes_of(x), bytes_of(y))])


# ---- section 7: the checks -------------------------------------------------------------------------------------


def disjoint(x1, n1, x2, n2):
    return n1 == 0 or n2 == 0 or x1 + n1 <= x2 or x2 + n2 <= x1


def check_range(machine, *runs):
    for base, length in runs:
        if length > 0 and base + length > machine.n:
            raise Trap("RANGE", base)


def check_overlap(d, *rules):
    """rules: (source run, whether it may be the same as d)."""
    for s, may_be_same in rules:
        if not disjoint(*d, *s) and not (may_be_same and d == s):
            raise Trap("OVERLAP", s[0])


# ---- sections 3 to 6: one instruction of v1 --------------------------------------------------------------------


class Step:
    """One instruction under way. Effects are collected and made by commit, so that a trap leaves nothing behind."""

    def __init__(self, machine):
        self.machine = machine
        if machine.pc == machine.n:  # section 3, 1
            raise Trap("PC", machine.n)
        self.word = word = machine.m[machine.pc]
        self.opcode, self.a, self.b, self.c = bytes_of(word)
        if self.opcode not in ISA.op:  # section 3, 2
            raise Trap("OPCODE", word)
        self.group, self.name = ISA.op[self.opcode]
        self.imm16 = self.b + 256 * self.c
        self.next = machine.pc + 1
        self.registers, self.pixels, self.fields = {}, {}, {}
        self.slot = None  # whose machine does this step in RESUME's place

    def r(self, number):
        return self.machine.r[number % 256]

    def set_r(self, number, value):
        self.registers[number % 256] = int(value) & MASK

    def set_m(self, address, value):
        self.pixels[address] = int(value) & MASK

    def run(self, base, length):
        return self.machine.m[base : base + length] if length else []

    def jump(self, target):
        if not 0 <= target < self.machine.n:
            raise Trap("PC", target)
        self.next = target

    def execute(self):
        group = self.group
        if group in ("VV", "VX", "BVV", "BVX"):
            self.map()
        elif group in ("REDUCE", "RUN") and self.machine.vl == 0 and self.name not in EMPTY_WRITES:
            pass
        elif group == "BRANCH":
            self.branch()
        elif group == "ALU":
            self.set_r(self.a, word_f(self.name, self.r(self.b), self.r(self.c)))
        elif group == "ALUI":
            self.set_r(self.a, word_f(self.name, self.r(self.b), signed(self.c, 8) & MASK))
        else:
            getattr(self, "op_" + self.name.lower())()

    def commit(self):
        """Whether an instruction retired."""
        machine = self.machine
        if self.slot is not None:
            if not self.slot.step():
                return False
            machine.retired = (machine.retired + 1) & MASK
            return True
        for number, value in self.registers.items():
            machine.r[number] = value
        for address, value in self.pixels.items():
            machine.m[address] = value
        for field, value in self.fields.items():
            setattr(machine, field, value)
        machine.pc = self.next
        machine.retired = (machine.retired + 1) & MASK
        return True

    # Section 5, control

    def op_halt(self):
        self.fields["status"] = ISA.status["HALTED"]
        self.next = self.machine.pc

    def op_sys(self):
        self.fields["status"] = ISA.status["WAITING"]
        self.fields["value"] = self.b

    def op_jmp(self):
        self.jump(self.machine.pc + signed(self.imm16, 16))

    def op_call(self):
        self.jump(self.machine.pc + signed(self.imm16, 16))
        self.set_r(self.a, self.machine.pc + 1)

    def op_jr(self):
        self.jump(self.r(self.b))

    def op_vl(self):
        if self.r(self.b) > self.machine.n:
            raise Trap("VL", self.r(self.b))
        self.fields["vl"] = self.r(self.b)

    def op_get(self):
        machine = self.machine
        what = {"N": machine.n, "W": machine.w, "H": machine.h, "VL": machine.vl}
        self.set_r(self.a, what[ISA.get[self.b & 3]])

    def op_lit(self):
        if self.machine.pc + 1 == self.machine.n:
            raise Trap("PC", self.machine.n)
        self.set_r(self.a, self.machine.m[self.machine.pc + 1])
        self.next = self.machine.pc + 2

    def branch(self):
        x, y = self.r(self.b), self.r(self.c)
        taken = {
            "EQ": x == y,
            "NE": x != y,
            "LT": signed(x) < signed(y),
            "GE": signed(x) >= signed(y),
            "LTU": x < y,
            "GEU": x >= y,
        }[self.name]
        if taken:
            self.jump(self.machine.pc + signed(self.a, 8))

    def op_resume(self):
        machine = self.machine
        if machine.in_slot:
            raise Trap("NEST", self.word)
        s, q, t, count = self.r(self.a), self.r(self.a + 1), self.r(self.b), machine.vl
        if count == 0:
            return
        slots, allowances, here = (s, count * q), (t, count), (machine.pc, 1)
        check_range(machine, slots, allowances)
        check_overlap(slots, (allowances, False), (here, False))
        check_overlap(allowances, (here, False))
        every = (Slot(machine, s + i * q, q, t + i) for i in range(count))
        self.slot = next((slot for slot in every if slot.ready()), None)

    # Section 5, divide, loads and stores

    def op_div(self):
        x, y = signed(self.r(self.b)), signed(self.r(self.c))
        self.set_r(self.a, MASK if y == 0 else abs(x) // abs(y) * (1 if (x < 0) == (y < 0) else -1))

    def op_divu(self):
        x, y = self.r(self.b), self.r(self.c)
        self.set_r(self.a, MASK if y == 0 else x // y)

    def op_rem(self):
        x, y = signed(self.r(self.b)), signed(self.r(self.c))
        self.set_r(self.a, x if y == 0 else abs(x) % abs(y) * (-1 if x < 0 else 1))

    def op_remu(self):
        x, y = self.r(self.b), self.r(self.c)
        self.set_r(self.a, x if y == 0 else x % y)

    def address(self, exact):
        if exact >= self.machine.n:
            raise Trap("RANGE", exact)
        return exact

    def op_ld(self):
        self.set_r(self.a, self.machine.m[self.address(self.r(self.b) + self.c)])

    def op_st(self):
        self.set_m(self.address(self.r(self.b) + self.a), self.r(self.c))

    def op_ldb(self):
        pixel = self.machine.m[self.address(self.r(self.b) + (self.r(self.c) >> 2))]
        self.set_r(self.a, bytes_of(pixel)[self.r(self.c) & 3])

    def op_stb(self):
        address = self.address(self.r(self.b) + (self.r(self.c) >> 2))
        channels = bytes_of(self.machine.m[address])
        channels[self.r(self.c) & 3] = self.r(self.a) & 255
        self.set_m(address, word_of(channels))

    def op_li(self):
        self.set_r(self.a, signed(self.imm16, 16))

    def op_lui(self):
        self.set_r(self.a, self.imm16 << 16)

    def op_ext(self):
        self.set_r(self.a, bytes_of(self.r(self.b))[self.c & 3])

    def op_ins(self):
        channels = bytes_of(self.r(self.a))
        channels[self.c & 3] = self.r(self.b) & 255
        self.set_r(self.a, word_of(channels))

    # Section 6. Each does: checks in the order of section 7, read, compute.

    def bases(self):
        return self.r(self.a), self.r(self.b), self.r(self.c), self.machine.vl

    def store(self, d, values):
        for i, value in enumerate(values):
            self.set_m(d + i, value)

    def map(self):
        d, s, t, n = self.bases()
        if n == 0:
            return
        if self.group in ("VV", "BVV"):
            self.check_three(d, s, t, n)
            ys = self.run(t, n)
        else:
            self.check_two(d, s, n)
            ys = [t] * n
        f = word_f if self.group in ("VV", "VX") else byte_g
        self.store(d, [f(self.name, x, y) for x, y in zip(self.run(s, n), ys)])

    def check_two(self, d, s, n):
        check_range(self.machine, (d, n), (s, n))
        check_overlap((d, n), ((s, n), True))

    def check_three(self, d, s, t, n, t_may_be_same=True):
        check_range(self.machine, (d, n), (s, n), (t, n))
        check_overlap((d, n), ((s, n), True), ((t, n), t_may_be_same))

    def source(self):
        _, s, _, n = self.bases()
        check_range(self.machine, (s, n))
        return [signed(x) for x in self.run(s, n)]

    def op_sum(self):
        self.set_r(self.a, sum(self.source()))

    def op_min(self):
        self.set_r(self.a, min(self.source(), default=0x7FFFFFFF))

    def op_max(self):
        self.set_r(self.a, max(self.source(), default=0x80000000))

    def op_argmin(self):
        xs = self.source()
        self.set_r(self.a, xs.index(min(xs)) if xs else 0)

    def op_argmax(self):
        xs = self.source()
        self.set_r(self.a, xs.index(max(xs)) if xs else 0)

    def scan(self, f):
        d, s, total, n = self.bases()
        self.check_two(d, s, n)
        for i, x in enumerate(self.run(s, n)):
            self.set_m(d + i, total)
            total = f(total, x)
        self.set_r(self.c, total)

    def op_scanadd(self):
        self.scan(lambda x, y: (x + y) & MASK)

    def op_scanmax(self):
        self.scan(lambda x, y: max(x, y, key=signed))

    def op_fill(self):
        d, _, x, n = self.bases()
        check_range(self.machine, (d, n))
        self.store(d, [x] * n)

    def op_iota(self):
        d, first, step, n = self.bases()
        check_range(self.machine, (d, n))
        self.store(d, [first + i * step for i in range(n)])

    def op_copys(self):
        d, s, _, n = self.bases()
        p, q = self.r(self.a + 1), self.r(self.b + 1)
        to, source = (d, (n - 1) * p + 1), (s, (n - 1) * q + 1)
        check_range(self.machine, to, source)
        if p == 0 and n > 1:
            raise Trap("OVERLAP", d)
        check_overlap(to, (source, False))
        for i in range(n):
            self.set_m(d + i * p, self.machine.m[s + i * q])

    def op_pack(self):
        d, s, t, n = self.bases()
        self.check_three(d, s, t, n, t_may_be_same=False)
        kept = [x for x, y in zip(self.run(s, n), self.run(t, n)) if y != 0]
        self.store(d, kept)
        self.set_r(self.a, d + len(kept))

    def op_gather(self):
        d, s, t, n = self.bases()
        size = self.r(self.b + 1)
        check_range(self.machine, (d, n), (s, size), (t, n))
        check_overlap((d, n), ((s, size), False), ((t, n), True))
        self.store(d, [self.machine.m[s + j] if j < size else 0 for j in self.run(t, n)])

    def op_scatadd(self):
        d, s, t, n = self.bases()
        size = self.r(self.a + 1)
        check_range(self.machine, (d, size), (s, n), (t, n))
        check_overlap((d, size), ((s, n), False), ((t, n), False))
        table = self.run(d, size)
        for x, j in zip(self.run(s, n), self.run(t, n)):
            if j < size:
                table[j] += x
                self.set_m(d + j, table[j])

    def op_select(self):
        d, s, t, n = self.bases()
        self.check_three(d, s, t, n)
        for i, (x, y) in enumerate(zip(self.run(s, n), self.run(t, n))):
            if y != 0:
                self.set_m(d + i, x)

    def op_lut(self):
        d, s, t, n = self.bases()
        check_range(self.machine, (d, n), (s, n), (t, 256))
        check_overlap((d, n), ((s, n), True), ((t, 256), False))
        table = [bytes_of(x) for x in self.run(t, 256)]
        self.store(d, [word_of([table[x][k] for k, x in enumerate(bytes_of(p))]) for p in self.run(s, n)])

    def op_blend(self):
        d, s, _, n = self.bases()
        self.check_two(d, s, n)
        for i, (x, y) in enumerate(zip(self.run(s, n), self.run(d, n))):
            alpha = x >> 24
            mixed = [round255(p * alpha + q * (255 - alpha)) for p, q in zip(bytes_of(x), bytes_of(y))]
            self.set_m(d + i, word_of(mixed))

    def op_dot4_vv(self):
        d, s, t, n = self.bases()
        self.check_three(d, s, t, n)
        self.store(d, [dot4(x, y) for x, y in zip(self.run(s, n), self.run(t, n))])

    def op_dot4_vx(self):
        d, s, t, n = self.bases()
        self.check_two(d, s, n)
        self.store(d, [dot4(x, t) for x in self.run(s, n)])

    def op_vdot(self):
        _, s, t, n = self.bases()
        check_range(self.machine, (s, n), (t, n))
        self.set_r(self.a, self.r(self.a) + sum(dot4(x, y) for x, y in zip(self.run(s, n), self.run(t, n))))

    def op_matmul(self):
        c, cs, a, a_s, b, bs, rows, columns, depth = (self.r(self.a + i) for i in range(9))
        if rows == 0 or columns == 0 or depth == 0:
            return
        to = c, (rows - 1) * cs + columns
        left = a, (rows - 1) * a_s + depth
        right = b, (columns - 1) * bs + depth
        check_range(self.machine, to, left, right)
        if cs < columns:
            raise Trap("OVERLAP", c)
        check_overlap(to, (left, False), (right, False))
        for m in range(rows):
            for n in range(columns):
                xs, ys = self.run(a + m * a_s, depth), self.run(b + n * bs, depth)
                at = c + m * cs + n
                self.set_m(at, self.machine.m[at] + sum(dot4(x, y) for x, y in zip(xs, ys)))

    def op_req(self):
        d, s, factor, n = self.bases()
        check_range(self.machine, (d, n), (s, 4 * n))
        check_overlap((d, n), ((s, 4 * n), False))
        shift, zero = self.r(self.c + 1) & 31, self.r(self.c + 2)
        for i in range(n):
            self.set_m(d + i, word_of([self.requantize(x, factor, shift, zero) for x in self.run(s + 4 * i, 4)]))

    @staticmethod
    def requantize(x, factor, shift, zero):
        h = q = word_f("MULH", x, factor)
        if shift != 0:
            q = word_f("SAR", h, shift) + (word_f("SHR", h, shift - 1) & 1)
        return clamp(signed(q + zero), -128, 127) & 255


# Section 6, vl = 0: these write a register even for an empty run; no other instruction of their classes does anything.
EMPTY_WRITES = ("SUM", "MIN", "MAX", "ARGMIN", "ARGMAX")


# ---- section 5, nested machines --------------------------------------------------------------------------------


class Part:
    """Words of a list, from the one at base on, as a list."""

    def __init__(self, words, base):
        self.words, self.base = words, base

    def __getitem__(self, at):
        if isinstance(at, slice):
            return self.words[self.base + at.start : self.base + at.stop]
        return self.words[self.base + at]

    def __setitem__(self, at, value):
        self.words[self.base + at] = value


class Slot:
    """The slot of q pixels at `at`, with its allowance; while it does its step, the machine in it."""

    in_slot = True
    FIELDS = ("pc", "vl", "status", "cause", "value", "retired")

    def __init__(self, outer, at, q, allowance):
        self.outer, self.words, self.at, self.q, self.allowance = outer, outer.m, at, q, allowance

    def ready(self):
        if self.q < 267 or self.words[self.allowance] == 0:
            return False
        magic, profile, w, h, pc, vl, status, cause, value = self.words[self.at : self.at + 9]
        if magic != 0x01535850 or profile != 1 or w < 1 or h < 1:
            return False
        fits = -(-266 // w) * w + w * h <= self.q
        return fits and pc <= w * h and vl <= w * h and status == 0 and cause == 0 and value == 0

    def step(self):
        """Whether an instruction retired."""
        self.w, self.h = self.words[self.at + 2 : self.at + 4]
        self.n = self.w * self.h
        for i, field in enumerate(self.FIELDS):
            setattr(self, field, self.words[self.at + 4 + i])
        self.r = Part(self.words, self.at + 10)
        self.m = Part(self.words, self.at + -(-266 // self.w) * self.w)
        retired = step_v1(self)
        for i, field in enumerate(self.FIELDS):
            self.words[self.at + 4 + i] = getattr(self, field)
        if retired:
            self.words[self.allowance] -= 1
        return retired


def step_v1(machine):
    """Whether an instruction retired."""
    try:
        step = Step(machine)
        step.execute()
    except Trap as trap:
        machine.status = ISA.status["TRAPPED"]
        machine.cause, machine.value = ISA.cause[trap.cause], trap.value
        return False
    return step.commit()
