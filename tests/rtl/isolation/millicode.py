#!/usr/bin/env python3
"""millicode.py - symbolic execution of the ROM: what the millicode addresses lies in the image of the machine whose
instruction it carries out; RESUME gives a machine in a slot an image inside of the slot, with pc and vl in it, and
takes its own machine back as it was.

    millicode.py SOURCE GEN            proves that of GEN/px_rom.vh, which was made from SOURCE
    millicode.py --opcodes SOURCE GEN  the opcodes in it, for isolation.vh

Every path from an entry is followed; it ends at UEND, UTRAP or UGO, or at the head of a loop, where INVARIANT says
what holds each time. Numbers are integers from 0 to 2^32 - 1, wrapping where the machine's do; each claim is one
question to z3, whether it can be wrong. What an operation gives of which nothing is known here is any number.
"""
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.join(HERE, "..", "..", "..")
M = 1 << 32
MOST = 1 << 26  # pixels
KEPT = 64  # hidden registers from here on keep their words while a machine in a slot runs

# What holds whenever the head of a loop is reached; vl0 is the vl that the instruction began with.
INVARIANT = {
    "scatadd_one": "l >= 1, zero = 0, vl = vl0, d + l <= N, s + l <= N, len = 0 or tab + len <= N",
    "lut_one": "l >= 1, zero = 0, vl = vl0, y = 4, d + l <= N, s + l <= N, tab + 256 <= N",
    "lut_byte": "l >= 1, zero = 0, vl = vl0, y = 4, d + l <= N, s + l <= N, tab + 256 <= N, i <= 3",
    "blend_one": "l >= 1, zero = 0, vl = vl0, d + l <= N, s + l <= N",
    "matmul_row": "x >= 1, y >= 1, z >= 1, zero = 0, vl = z, l = vl0, d + (x - 1) * ds + y <= N, "
                  "s + (x - 1) * ss + z <= N, tab + (y - 1) * len + z <= N",
    "matmul_one": "x >= 1, y >= 1, z >= 1, zero = 0, vl = z, l = vl0, d + (x - 1) * ds + y <= N, "
                  "s + (x - 1) * ss + z <= N, tab + (y - 1) * len + z <= N, n >= 1, n <= y, p + n = d + y, "
                  "q + (n - 1) * len + z <= N",
    "req_one": "l >= 1, zero = 0, vl = vl0, d + l <= N, s + 4 * l <= N",
    "req_byte": "l >= 1, zero = 0, vl = vl0, i >= 1, i <= 4, d + l <= N, s + 4 * (l - 1) + i <= N",
    "slot": "ml >= 1, zero = 0, below = 265, mq >= 267, SLOT + ml * mq <= N, ma + ml <= N, on = N, opc < N, "
            "ovl <= N, pc = opc, vl = ovl, base = 0",
}
# What RESUME leaves behind when a machine in a slot goes on, and finds when it has stopped. N is that machine's.
OUTER = ("ml >= 1, zero = 0, below = 265, mq >= 267, SLOT + ml * mq <= on, ma + ml <= on, opc < on, ovl <= on, "
         "on <= {most}").format(most=MOST)
INSIDE = "N >= 1, pc <= N, vl <= N, SLOT + 266 <= base, base + N <= SLOT + mq"


class Rom:
    """The words, and from the lists and the source what their numbers mean."""

    def __init__(self, source, gen):
        def text(*path):
            with open(os.path.join(*path), encoding="utf-8") as file:
                return file.read()

        rom = text(gen, "px_rom.vh")
        used = int(re.search(r": (\d+) of \d+ instructions", rom).group(1))
        words = re.findall(r"^(?:rom\[|`MORE\()(\d+)[\])] = 32'h(\w+);", rom, re.M)
        self.word = {int(at): int(word, 16) for at, word in words if int(at) < used}
        isa, micro = text(ROOT, "pxi", "isa.def"), text(ROOT, "rtl", "gen", "micro.def")
        self.op = {}
        line = r'^PXI_OP\((\w+), *"[^"]*", *(\w+), *(\w+), *(\w+),'
        for name, number, group, function in re.findall(line, isa, re.M):
            self.op[int(number, 0)] = (group, function if group in ("ALU", "ALUI", "BRANCH") else name)
        for name, number in re.findall(r'^MICRO\((\w+), *"[^"]*", *(\w+),', micro, re.M):
            self.op[int(number, 0)] = ("MICRO", name)
        constants = dict(re.findall(r"localparam \[\d+:0\] (\w+) = \d+'d(\d+);", text(gen, "px_isa.vh")))
        self.control = {int(v): k[4:] for k, v in constants.items() if k.startswith("CTL_")}
        self.entry = {f"op 0x{o}": int(a, 16) for o, a in
                      re.findall(r"8'h(\w\w): f_entry = 10'h(\w+);", text(gen, "px_facts.vh"))}
        self.leave = int(constants["ENTRY_LEAVE"])
        self.names(text(source), constants)
        self.check_entries(isa)

    def names(self, source, constants):
        """Registers and labels of the source; a line that is neither is an instruction."""
        self.register = {"W": 0, "H": 1, "VALUE": 2, "SLOT": int(constants["HID_SLOT"])}
        self.label, at = {}, 0
        for line in source.splitlines():
            line = line.split(";")[0].strip()
            if m := re.fullmatch(r"(\w+)\s*=\s*(\d+)", line):
                self.register[m.group(1)] = int(m.group(2))
            elif m := re.fullmatch(r"(\w+):", line):
                self.label[m.group(1)] = at
            elif line:
                at += 1
        if at != len(self.word):
            raise SystemExit(f"the source has {at} instructions, the ROM {len(self.word)}")

    def check_entries(self, isa):
        for name, number in re.findall(r'^PXI_OP\(\w+, *"([^"]*)", *(\w+),', isa, re.M):
            key = f"op 0x{int(number, 0):02x}"
            if key in self.entry:
                if self.label.get(name) != self.entry[key]:
                    raise SystemExit(f"{name}: the source and the ROM differ about its entry")
                self.entry[name] = self.entry.pop(key)


class Path:
    """A way through the millicode so far: registers, the machine's fields, and what is known of them."""

    count = 0

    def __init__(self, entry):
        self.entry, self.at, self.known = entry, None, []
        self.reg, self.field, self.product = {}, {}, {}

    def copy(self):
        other = Path(self.entry)
        other.at, other.known = self.at, list(self.known)
        other.reg, other.field, other.product = dict(self.reg), dict(self.field), dict(self.product)
        return other

    def some(self, most=M - 1):
        """Any number."""
        Path.count += 1
        name = f"v{Path.count}"
        self.known.append((name, f"(<= 0 {name} {most})"))
        return name

    def know(self, fact):
        self.known.append((None, fact))

    def get(self, number):
        if number not in self.reg:
            self.reg[number] = self.some()
        return self.reg[number]


def expression(text, path, rom):
    """SMT of a comparison such as d + (l - 1) * ds < N, or of several with commas or `or` between."""
    def value(name):
        if name.isdigit():
            return name
        if name in path.field:
            return str(path.field[name])
        return str(path.get(rom.register[name]))

    def parse_sum(tokens):
        left = parse_product(tokens)
        while tokens and tokens[0] in "+-":
            sign = tokens.pop(0)
            left = f"({sign} {left} {parse_product(tokens)})"
        return left

    def parse_product(tokens):
        left = parse_atom(tokens)
        while tokens and tokens[0] == "*":
            tokens.pop(0)
            left = f"(* {left} {parse_atom(tokens)})"
        return left

    def parse_atom(tokens):
        token = tokens.pop(0)
        if token == "(":
            inner = parse_sum(tokens)
            tokens.pop(0)
            return inner
        return value(token)

    def comparison(part):
        left, relation, right = re.split(r"\s(<=|>=|<|>|=)\s", part)
        sides = [parse_sum(re.findall(r"\w+|[-+*()]", side)) for side in (left, right)]
        return f"({relation} {sides[0]} {sides[1]})"

    return ["(or " + " ".join(comparison(c) for c in part.split(" or ")) + ")" for part in text.split(", ")]


RESUME = ("resume", "leave", "slot")  # where its paths begin


class Proof:
    def __init__(self, rom):
        self.rom, self.questions, self.seen = rom, [], set()
        self.heads = {rom.label[name]: name for name in INVARIANT if name in rom.label}

    # ---- claims

    def claim(self, path, facts, why):
        for fact in facts:
            self.questions.append((list(path.known), fact, f"{path.entry}: {why}"))

    def inside(self, path, first, count, what):
        """An access of count pixels from first on: in the image, or in RESUME in the slot or an allowance."""
        where = f"{what} at {self.where(path.at)}"
        if path.entry in RESUME:
            if path.field["nested"]:
                self.claim(path, ["false"], where + " while the other machine's image is in place")
            slot, q, ma = (path.get(self.rom.register[r]) for r in ("SLOT", "mq", "ma"))
            self.claim(path, [f"(or (and (<= {slot} {first}) (<= (+ {first} {count}) (+ {slot} {q})))"
                              f" (and (= {first} {ma}) (= {count} 1)))",
                              f"(<= (+ {first} {count}) {path.field['outer']})"], where)
        else:
            self.claim(path, [f"(<= (+ {first} {count}) {path.field['N']})"], where)

    def where(self, at):
        name = max((l for l in self.rom.label if self.rom.label[l] <= at), key=lambda l: self.rom.label[l])
        return f"{name}+{at - self.rom.label[name]}"

    # ---- numbers

    @staticmethod
    def sum(path, a, b, sign="+"):
        if isinstance(a, int) and isinstance(b, int):
            return (a + b if sign == "+" else a - b) % M
        if b == 0:
            return a
        v = path.some()
        path.know(f"(or (= {v} ({sign} {a} {b})) (= {v} ({'-' if sign == '+' else '+'} ({sign} {a} {b}) {M})))")
        return v

    @staticmethod
    def times(path, a, b):
        """Low and high word of the product."""
        if (a, b) not in path.product:
            low, high = path.some(), path.some()
            path.know(f"(= (* {a} {b}) (+ {low} (* {M} {high})))")
            path.product[a, b] = low, high
        return path.product[a, b]

    def alu(self, path, name, a, b):
        if name in ("ADD", "SUB"):
            return self.sum(path, a, b, "+" if name == "ADD" else "-")
        if name in ("MUL", "MULHU"):
            return self.times(path, a, b)[name == "MULHU"]
        v = path.some()
        if name == "SHL" and isinstance(b, int):
            path.know(f"(= {v} (mod (* {1 << (b & 31)} {a}) {M}))")
        elif name == "SHR" and isinstance(b, int):
            path.know(f"(= {v} (div {a} {1 << (b & 31)}))")
        elif name == "OR":
            path.know(f"(and (>= {v} {a}) (>= {v} {b}) (<= {v} (+ {a} {b})))")
        elif name == "UREM":
            path.know(f"(and (<= {v} {a}) (=> (> {b} 0) (< {v} {b})))")
        return v

    # ---- instructions

    def step(self, path):
        """The paths that go on from here."""
        word = self.rom.word[path.at]
        group, name = self.rom.op[word & 255]
        a, b, c = word >> 8 & 255, word >> 16 & 255, word >> 24
        signed = c - 256 if c > 127 else c
        imm = (b | c << 8) - (65536 if c > 127 else 0)
        here, path.at = path.at, path.at + 1
        if group == "ALU":
            return self.put(path, a, self.alu(path, name, path.get(b), path.get(c)))
        if group == "ALUI":
            return self.put(path, a, self.alu(path, name, path.get(b), signed % M))
        if group == "BRANCH":
            return self.branch(path, name, path.get(b), path.get(c), here + (a - 256 if a > 127 else a))
        path.at = here
        handler = getattr(self, "op_" + name.lower(), None)
        if handler is None:
            raise SystemExit(f"the millicode has {name} at {self.where(here)}, which millicode.py does not know")
        return handler(path, a, b, c, imm)

    def put(self, path, number, value):
        resume = path.entry in RESUME
        if number == 3 and value != 0:
            raise SystemExit(f"{path.entry}: register zero is written at {self.where(path.at - 1)}")
        if number >= KEPT and not resume:
            self.claim(path, ["false"], f"writes hidden register {number}, which is RESUME's")
        path.reg[number] = value
        return [path]

    def on(self, path, number=None, value=None):
        path.at += 1
        return [path] if number is None else self.put(path, number, value)

    def branch(self, path, name, x, y, target):
        tests = {"EQ": f"(= {x} {y})", "NE": f"(not (= {x} {y}))", "LTU": f"(< {x} {y})", "GEU": f"(>= {x} {y})"}
        test = tests.get(name)
        if isinstance(x, int) and isinstance(y, int) and test:
            taken = {"EQ": x == y, "NE": x != y, "LTU": x < y, "GEU": x >= y}[name]
            path.at = target if taken else path.at
            return [path]
        other = path.copy()
        other.at = target
        if test:
            other.know(test)
            path.know(f"(not {test})")
        return [path, other]

    def op_jmp(self, path, a, b, c, imm):
        path.at += imm
        return [path]

    def op_call(self, path, a, b, c, imm):
        path.reg[a] = path.at + 1
        path.at += imm
        return [path]

    def op_jr(self, path, a, b, c, imm):
        path.at = path.reg[b]
        return [path]

    def op_vl(self, path, a, b, c, imm):
        self.claim(path, [f"(<= {path.get(b)} {path.field['N']})"], f"vl at {self.where(path.at)}")
        path.field["vl"] = path.get(b)
        return self.on(path)

    def op_get(self, path, a, b, c, imm):
        return self.on(path, a, (path.field["N"], path.some(), path.some(), path.field["vl"])[b & 3])

    def op_li(self, path, a, b, c, imm):
        return self.on(path, a, imm % M)

    def op_lui(self, path, a, b, c, imm):
        return self.on(path, a, (b | c << 8) << 16)

    def op_ext(self, path, a, b, c, imm):
        return self.on(path, a, path.some(255))

    def op_any(self, path, a, b, c, imm):
        return self.on(path, a, path.some())

    op_ins = op_uget = op_usee = op_udiv = op_any

    def op_urem(self, path, a, b, c, imm):
        return self.on(path, a, self.alu(path, "UREM", path.get(b), path.get(c)))

    def op_ld(self, path, a, b, c, imm):
        self.inside(path, self.sum(path, path.get(b), c), 1, "load")
        return self.on(path, a, path.some())

    def op_st(self, path, a, b, c, imm):
        self.inside(path, self.sum(path, path.get(b), a), 1, "store")
        return self.on(path)

    def op_ldb(self, path, a, b, c, imm):
        self.inside(path, self.sum(path, path.get(b), self.alu(path, "SHR", path.get(c), 2)), 1, "load")
        return self.on(path, a, path.some(255))

    def op_vdot(self, path, a, b, c, imm):
        self.some_pixels(path)
        for run in (b, c):
            self.inside(path, path.get(run), path.field["vl"], "run")
        return self.on(path, a, path.some())

    def strided(self, path, base, stride):
        """vl pixels, stride apart: the last of them lies in the image."""
        self.claim(path, [f"(< (+ {base} (* (- {path.field['vl']} 1) {stride})) {path.field['N']})"],
                   f"strides at {self.where(path.at)}")

    def some_pixels(self, path):
        """What the loops of px_vec are promised of vl."""
        self.claim(path, [f"(<= 1 {path.field['vl']} {path.field['N']})"], f"vl at {self.where(path.at)}")

    def op_copys(self, path, a, b, c, imm):
        self.some_pixels(path)
        for run in (a, b):
            self.strided(path, path.get(run), path.get(run | 1))
        return self.on(path)

    def op_gather(self, path, a, b, c, imm):
        self.some_pixels(path)
        for run in (a, c):
            self.inside(path, path.get(run), path.field["vl"], "run")
        table, length = path.get(b), path.get(b | 1)
        self.claim(path, [f"(or (= {length} 0) (<= (+ {table} {length}) {path.field['N']}))"],
                   f"table at {self.where(path.at)}")
        return self.on(path)

    def op_vadd_vx(self, path, a, b, c, imm):
        self.some_pixels(path)
        for run in (a, b):
            self.inside(path, path.get(run), path.field["vl"], "run")
        return self.on(path)

    def op_upc(self, path, a, b, c, imm):
        return self.on(path, a, path.field["pc"])

    def op_uput(self, path, a, b, c, imm):
        return self.on(path)

    def op_uend(self, path, a, b, c, imm):
        resume = path.entry in RESUME
        self.claim(path, [f"(= {path.field['vl']} {path.field['vl0']})"] if not resume else
                   [f"(= {path.field[f]} {path.field[f + '0']})" for f in ("vl", "pc")] +
                   [f"(= {path.field['N']} {path.field['outer']})", f"(= {path.field['base']} 0)"], "its end")
        return []

    op_utrap = op_uend

    def op_uswap(self, path, a, b, c, imm):
        self.inside(path, path.get(b), 256, "exchange")
        return self.on(path)

    def op_uctl(self, path, a, b, c, imm):
        name = self.rom.control[a]
        if path.entry not in RESUME:
            self.claim(path, ["false"], "UCTL outside of RESUME")
        if name in ("IN", "OUT"):
            path.field["base"], path.field["nested"] = path.get(b), name == "IN"
            if name == "OUT":
                self.claim(path, [f"(= {path.get(b)} 0)"], "OUT")
        elif name in ("PC", "VL", "N"):
            path.field[{"PC": "pc", "VL": "vl", "N": "N"}[name]] = path.get(b)
        return self.on(path)

    def op_ugo(self, path, a, b, c, imm):
        if a == 0:  # the machine in the slot goes on
            self.claim(path, ["true" if path.field["nested"] else "false"], "the machine in the slot has its image")
            self.claim(path, expression(OUTER, path, self.rom) + expression(INSIDE, path, self.rom),
                       "what a machine in a slot is given")
            self.claim(path, [f"(= {path.get(self.rom.register['on'])} {path.field['outer']})"], "the outer N is kept")
            return []
        self.op_uend(path, a, b, c, imm)
        return self.on(path)

    # ---- paths

    def begin(self, entry, at, facts):
        path = Path(entry)
        path.at = at
        for field in ("N", "vl", "pc"):
            path.field[field] = path.some(MOST)
        path.field["base"], path.field["nested"] = (path.some(MOST), True) if entry == "leave" else (0, False)
        path.field["vl0"], path.field["pc0"] = path.field["vl"], path.field["pc"]
        path.field["outer"] = path.field["N"]
        if entry == "leave":
            path.field["outer"] = path.get(self.rom.register["on"])
            path.field["vl0"], path.field["pc0"] = (path.get(self.rom.register[r]) for r in ("ovl", "opc"))
            path.reg[3] = 0
        path.know(f"(and (<= 1 {path.field['N']}) (<= {path.field['vl']} {path.field['N']})"
                  f" (< {path.field['pc']} {path.field['N']}))" if entry != "leave" else "true")
        for fact in expression(facts, path, self.rom) if facts else ():
            path.know(fact)
        return path

    def head(self, path):
        """At the head of a loop its invariant holds; the way on from there need be followed only once."""
        name = self.heads[path.at]
        self.claim(path, expression(INVARIANT[name], path, self.rom), f"invariant of {name}")
        if path.entry == "leave" or name == "slot":
            self.claim(path, [f"(= {path.field[x]} {path.field[y]})" for x, y in
                              (("outer", "N"), ("vl0", "vl"), ("pc0", "pc"))], f"fields at {name}")
        if name in self.seen:
            return []
        self.seen.add(name)
        fresh = Path(path.entry if name != "slot" else "slot")
        fresh.at = path.at
        for field in ("N", "vl", "pc"):
            fresh.field[field] = fresh.some(MOST)
        fresh.field["base"], fresh.field["nested"], fresh.field["outer"] = 0, False, fresh.field["N"]
        fresh.field["vl0"] = fresh.some(MOST)
        fresh.field["pc0"] = fresh.field["pc"]
        if name == "slot":
            fresh.field["vl0"] = fresh.field["vl"]
        fresh.know(f"(and (<= 1 {fresh.field['N']}) (<= {fresh.field['vl0']} {fresh.field['N']}))")
        fresh.reg[3] = 0
        for fact in expression(INVARIANT[name], fresh, self.rom):
            fresh.know(fact)
        return [fresh]

    def follow(self, start, steps=200000):
        todo = [start]
        while todo:
            path = todo.pop()
            steps -= 1
            if steps == 0:
                raise SystemExit(f"{start.entry}: a loop without an invariant, near {self.where(path.at)}")
            if path.at in self.heads:
                for fresh in self.head(path):
                    todo += self.step(fresh)
            else:
                todo += self.step(path)

    def run(self):
        for name, at in self.rom.entry.items():
            self.follow(self.begin(name, at, None))
        self.follow(self.begin("leave", self.rom.leave, OUTER))
        return self.ask()

    def ask(self):
        """What z3 can refute."""
        lines = ["(set-option :timeout 20000)"]
        for known, fact, _ in self.questions:
            lines.append("(push)")
            for name, what in known:
                if name:
                    lines.append(f"(declare-const {name} Int)")
                lines.append(f"(assert {what})")
            lines += [f"(assert (not {fact}))", "(check-sat)", "(pop)"]
        done = subprocess.run(["z3", "-in"], input="\n".join(lines), stdout=subprocess.PIPE, text=True, check=False)
        answers = done.stdout.split("\n")[:-1]
        if len(answers) != len(self.questions):
            raise SystemExit(f"z3 answered {len(answers)} of {len(self.questions)} questions: {answers[:3]}")
        return sorted({why for (_, _, why), answer in zip(self.questions, answers) if answer != "unsat"})


def main(arguments):
    if arguments[0] == "--opcodes":
        rom = Rom(*arguments[1:])
        opcodes = ", ".join(f"8'h{op:02x}" for op in sorted({word & 255 for word in rom.word.values()}))
        print(f"function in_rom(input [7:0] op);\n    in_rom = 1'b0;\n    case (op)\n    {opcodes}: in_rom = 1'b1;\n"
              "    default: ;\n    endcase\nendfunction")
        return 0
    proof = Proof(Rom(*arguments))
    wrong = proof.run()
    for why in wrong:
        print(f"not so: {why}")
    print(f"{len(proof.questions)} claims about {len(proof.rom.word)} words, {len(wrong)} not so")
    return len(wrong) > 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
