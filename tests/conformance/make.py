#!/usr/bin/env python3
"""make.py - writes the .pxt files that are tables: make.py [DIRECTORY]

One case for each function and each check of the regular classes, with the same edge values for all. The expected
values are worked on lists of bits, as on paper - carries, partial products, sign bits - and so by other means than those
of the executors and of pxvm.py. The other .pxt files are written by hand.
"""
import os
import re
import sys
from fractions import Fraction

HERE = os.path.dirname(os.path.abspath(__file__))

# ---- arithmetic on lists of bits, least significant first ------------------------------------------------------


def bits(x, n=32):
    return [x >> i & 1 for i in range(n)]


def value(b):
    return sum(bit << i for i, bit in enumerate(b))


def add(x, y, carry=0):
    out = []
    for a, b in zip(x, y):
        out.append(a ^ b ^ carry)
        carry = (a & b) | (carry & (a | b))
    return out, carry


def inverse(x):
    return [1 - b for b in x]


def subtract(x, y):
    """The difference, and whether there was no borrow."""
    return add(x, inverse(y), 1)


def less_unsigned(x, y):
    return not subtract(x, y)[1]


def less_signed(x, y):
    return less_unsigned(x[:-1] + [1 - x[-1]], y[:-1] + [1 - y[-1]])


def product(x, y, sign):
    """All 2n bits: both extended by zeros or their signs, then shifted copies added."""
    n = len(x)
    x, y = (v + [v[-1] & sign] * n for v in (x, y))
    total = [0] * (2 * n)
    for i, bit in enumerate(y):
        if bit:
            total, _ = add(total, ([0] * i + x)[: 2 * n])
    return total


def flag(condition, n):
    return bits(1 if condition else 0, n)


def shift_count(y, n):
    return value(y[: 5 if n == 32 else 3])


def shift_left(x, y):
    k, n = shift_count(y, len(x)), len(x)
    return ([0] * k + x)[:n]


def shift_right(x, y, enters=0):
    k, n = shift_count(y, len(x)), len(x)
    return (x + [enters] * k)[k : k + n]


def saturate_unsigned(x, y, minus):
    total, carry = subtract(x, y) if minus else add(x, y)
    if minus:
        return total if carry else [0] * len(x)
    return [1] * len(x) if carry else total


def saturate_signed(x, y, minus):
    """One bit more holds every result; where it differs from the sign, the result is beyond the limit."""
    wide, _ = (subtract if minus else add)(x + x[-1:], y + y[-1:])
    n = len(x)
    if wide[n] == wide[n - 1]:
        return wide[:n]
    return [0] * (n - 1) + [1] if wide[n] else [1] * (n - 1) + [0]


def fraction_of_255(x, y):
    exact = Fraction(value(x) * value(y), 255)
    return bits(min(range(256), key=lambda q: abs(q - exact)), 8)


COMMON = {
    "add": lambda x, y: add(x, y)[0],
    "sub": lambda x, y: subtract(x, y)[0],
    "shl": shift_left,
    "shr": shift_right,
    "slt": lambda x, y: flag(less_signed(x, y), len(x)),
    "sltu": lambda x, y: flag(less_unsigned(x, y), len(x)),
    "seq": lambda x, y: flag(x == y, len(x)),
    "min": lambda x, y: x if less_signed(x, y) else y,
    "max": lambda x, y: y if less_signed(x, y) else x,
}
WORD = {
    **COMMON,
    "and": lambda x, y: [a & b for a, b in zip(x, y)],
    "or": lambda x, y: [a | b for a, b in zip(x, y)],
    "xor": lambda x, y: [a ^ b for a, b in zip(x, y)],
    "sar": lambda x, y: shift_right(x, y, x[-1]),
    "mul": lambda x, y: product(x, y, 0)[:32],
    "mulh": lambda x, y: product(x, y, 1)[32:],
    "mulhu": lambda x, y: product(x, y, 0)[32:],
}
BYTE = {
    **COMMON,
    "addu": lambda x, y: saturate_unsigned(x, y, False),
    "subu": lambda x, y: saturate_unsigned(x, y, True),
    "adds": lambda x, y: saturate_signed(x, y, False),
    "subs": lambda x, y: saturate_signed(x, y, True),
    "minu": lambda x, y: x if less_unsigned(x, y) else y,
    "maxu": lambda x, y: y if less_unsigned(x, y) else x,
    "mulu": fraction_of_255,
}


def word(name, x, y):
    return value(WORD[name](bits(x & 0xFFFFFFFF), bits(y & 0xFFFFFFFF)))


def four_bytes(name, x, y):
    """Every byte of pixel x with the same byte of pixel y."""
    return sum(
        value(BYTE[name](bits(x >> 8 * k & 255, 8), bits(y >> 8 * k & 255, 8))) << 8 * k for k in range(4)
    )


# ---- operands --------------------------------------------------------------------------------------------------

PAIRS = [
    (0x00000000, 0x00000000), (0x00000001, 0xFFFFFFFF), (0x7FFFFFFF, 0x00000001), (0x80000000, 0xFFFFFFFF),
    (0x80000000, 0x80000000), (0xFFFFFFFF, 0xFFFFFFFF), (0x12345678, 0x9ABCDEF0), (0x00000005, 0x00000005),
    (0xFFFFFFFF, 0x0000001F), (0x80000001, 0x00000020), (0x80000001, 0x00000021), (0xFFFF0000, 0x00010001),
    (0x00000003, 0x80000000), (0xDEADBEEF, 0x00000004), (0x7FFFFFFF, 0x7FFFFFFF), (0x00000000, 0x80000000),
]
XS, YS = [x for x, _ in PAIRS], [y for _, y in PAIRS]
IMMEDIATES = [0, -1, 1, -128, 127, 31, 32, 33, 4, -5, -32, -33, 5, 64, 126, -127]
EDGE_BYTES = [0, 1, 3, 127, 128, 129, 200, 255]
BYTE_PAIRS = [(x, y) for x in EDGE_BYTES for y in EDGE_BYTES]


def pixels(channels):
    return [sum(channels[i + k] << 8 * k for k in range(4)) for i in range(0, len(channels), 4)]


BYTE_XS, BYTE_YS = pixels([x for x, _ in BYTE_PAIRS]), pixels([y for _, y in BYTE_PAIRS])

# ---- text ------------------------------------------------------------------------------------------------------


def words(values):
    return " ".join(f"0x{v & 0xFFFFFFFF:08X}" for v in values)


class File:
    def __init__(self, name, about):
        self.name = name
        self.lines = [f"# {name} - {line}" if i == 0 else f"# {line}" for i, line in enumerate(about)]
        self.lines.append("# Made by: python3 tests/conformance/make.py")

    def case(self, name, *lines):
        self.lines += ["", f"case {name}"] + [line for line in lines if line]

    def long(self, key, target, values, step=8):
        """given or expect, a line of 8 values each."""
        base, first = target
        return "\n".join(
            f"{key} {base % (first + i)} = {words(values[i : i + step])}" for i in range(0, len(values), step)
        )

    def write(self, directory):
        with open(os.path.join(directory, self.name), "w", encoding="ascii") as file:
            file.write("\n".join(self.lines) + "\n")


def code(lines):
    return "code\n" + "\n".join(f"    {line}" for line in lines)


# ---- scalar functions ------------------------------------------------------------------------------------------


def alu():
    f = File("alu.pxt", ["classes ALU and ALUI: each function on sixteen operand pairs and sixteen immediates.",
                         "r16.. hold the first operands, r32.. the second, r64.. the results."])
    for name in WORD:
        f.case(f"{name}, sixteen pairs", f"rule {name}", f.long("given", ("r%d", 16), XS), f.long("given", ("r%d", 32), YS),
               code(f"{name} r{64 + i}, r{16 + i}, r{32 + i}" for i in range(16)), "budget 16",
               "expect next 16", f.long("expect", ("r%d", 64), [word(name, x, y) for x, y in PAIRS]))
    for name in WORD:
        f.case(f"{name}i, sixteen immediates", f"rule {name}i, alui", f.long("given", ("r%d", 16), XS),
               code(f"{name}i r{64 + i}, r{16 + i}, {y}" for i, y in enumerate(IMMEDIATES)), "budget 16",
               "expect next 16",
               f.long("expect", ("r%d", 64), [word(name, x, y) for x, y in zip(XS, IMMEDIATES)]))
    return f


# ---- maps ------------------------------------------------------------------------------------------------------


def checks(f, op, three):
    """vl = 4 on an image of 128 pixels: each run alone out of the image, and each overlap alone."""
    t = ", [r3]" if three else ", r3"
    run = f"run {op} [r1], [r2]{t}"
    third = 96 if three else 0x01020304
    data = "given vl = 4, m[64] = 1 2 3 4 5 6 7 8, m[96] = 9 8 7 6"
    f.case(f"{op}, d ends past N", "rule range", f"given r1 = 125 64 {third}", data, run, "expect trap RANGE 125")
    f.case(f"{op}, s ends past N", "rule range", f"given r1 = 64 125 {third}", data, run, "expect trap RANGE 125")
    f.case(f"{op}, s starts within d", "rule overlap", f"given r1 = 64 67 {third}", data, run, "expect trap OVERLAP 67")
    if three:
        f.case(f"{op}, t ends past N", "rule range", "given r1 = 64 96 125", data, run, "expect trap RANGE 125")
        f.case(f"{op}, d starts within t", "rule overlap", "given r1 = 64 96 61", data, run, "expect trap OVERLAP 61")


def one_map(f, name, suffix, function, xs, ys, constants):
    op = f"{name}.{suffix}"
    if suffix == "vv":
        f.case(f"{op}, sixteen pixels", "rule by-255" if name == "bmulu" else "",
               "given r1 = 64 80 96, vl = 16", f.long("given", ("m[%d]", 80), xs),
               f.long("given", ("m[%d]", 96), ys), f"run {op} [r1], [r2], [r3]", "expect next",
               f.long("expect", ("m[%d]", 64), [function(x, y) for x, y in zip(xs, ys)]))
        f.case(f"{op}, onto its first source", "rule atomic", "given r1 = 80 80 96, vl = 16", f.long("given", ("m[%d]", 80), xs),
               f.long("given", ("m[%d]", 96), ys), f"run {op} [r1], [r2], [r3]", "expect next",
               f.long("expect", ("m[%d]", 80), [function(x, y) for x, y in zip(xs, ys)]))
    else:
        rows = range(len(constants))
        f.case(f"{op}, sixteen pixels and {len(constants)} registers", f"rule {op}", "given r1 = 32, vl = 16",
               f"given r2 = {' '.join(str(64 + 16 * i) for i in rows)}", f"given r8 = {words(constants)}",
               f.long("given", ("m[%d]", 32), xs), code(f"{op} [r{2 + i}], [r1], r{8 + i}" for i in rows),
               f"budget {len(constants)}", f"expect next {len(constants)}",
               *[f.long("expect", ("m[%d]", 64 + 16 * i), [function(x, constants[i]) for x in xs]) for i in rows])
    checks(f, op, suffix == "vv")


def maps(file_name, about, letter, functions, apply, xs, ys, constants):
    f = File(file_name, about)
    for suffix in ("vv", "vx"):
        for name in functions:
            one_map(f, letter + name, suffix, lambda x, y, n=name: apply(n, x, y), xs, ys, constants)
    return f


def illegal():
    """Every number that isa.def does not give to a v1 instruction, with operand bytes that would mean something."""
    with open(os.path.join(HERE, "../../pxi/isa.def"), encoding="ascii") as listing:
        legal = {int(n, 16) for n in re.findall(r'^PXI_OP\(\w+, *"[^"]+", *(0x[0-9A-F]{2})', listing.read(), re.M)}
    f = File("illegal.pxt", ["every opcode that is not in the table of SPEC.md section 4, with operand bytes that would",
                             "mean something to an executor that knows the number for itself."])
    for number in sorted(set(range(256)) - legal):
        for operands in (0x050403, 0xFF02FE):
            pixel = f"0x{operands << 8 | number:08X}"
            f.case(f"opcode: {number:#04x}, operands {operands:06X}", "rule opcode", f"given m[5] = {pixel}",
                   f"expect trap OPCODE {pixel}")
    return f


# ---- the files -------------------------------------------------------------------------------------------------


def main(directory):
    alu().write(directory)
    illegal().write(directory)
    maps("words.pxt", ["classes VV and VX: each word function on runs of pixels, and each of its checks.",
                       "An image of 16x8 pixels; runs begin at 64, 80 and 96."],
         "v", WORD, word, XS, YS, [0xFFFFFFFF, 0x00000021, 0x80000000, 0x12345678]).write(directory)
    maps("bytes.pxt", ["classes BVV and BVX: each byte function on all pairs of eight edge values, and each of its",
                       "checks. An image of 16x8 pixels."],
         "b", BYTE, four_bytes, BYTE_XS, BYTE_YS, [0x807F0100, 0xFFC88109, 0x01030780]).write(directory)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else HERE)
