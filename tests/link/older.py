"""older.py - an end of the link that is older than RESUME: what px says of it and leaves out. The end is written from
LINK.md, around the second machine of the conformance set without that instruction. TAP; from the repository root."""
import re

from pxlink import *

sys.path.insert(0, "tests/conformance")
from pxvm import V1, Machine, run as run_machine  # pylint: disable=wrong-import-position
from pxvm_v1 import ISA  # pylint: disable=wrong-import-position

CAP_CLASSIC, CAP_RESUME = 1 << 16, 1 << 21
MOST = 1 << 16
RESUME = next(number for number, (_, name) in ISA.op.items() if name == "RESUME")
NEST = "tests/conformance/nest.pxt"
del ISA.op[RESUME]


class OldEnd:
    """One machine at the end of one connection, LINK.md sections 1 to 3. A run is over before RUN is answered."""

    def __init__(self, connection):
        self.connection, self.machine, self.left = connection, Machine(V1, 0, 0, []), 0
        self.last = None  # the last request's number, and its answer
        with connection:
            self.serve()

    def serve(self):
        buffer = b""
        while got := self.connection.recv(65536):
            *pieces, buffer = (buffer + got).split(b"\0")
            for frame in filter(None, map(decode, filter(None, pieces))):
                self.request(*frame)

    def request(self, kind, sequence, words):
        if kind == HELLO or self.last is None or self.last[0] != sequence:
            kind, answer = self.answer(kind, words)
            self.last = sequence, encode(kind, sequence, answer)
        self.connection.sendall(self.last[1])

    def answer(self, kind, words):
        answers = {HELLO: self.hello, RESET: self.reset, READ: self.read, WRITE: self.write, RUN: self.run,
                   STATUS: self.status, STOP: list}
        if kind not in answers:
            return ERROR, [TYPE]
        reply = answers[kind](*([words] if kind in (RESET, READ, WRITE, RUN) else []))
        return (ERROR, [RANGE]) if reply is None else (kind | 0x80, reply)

    @staticmethod
    def hello():
        return [0x014C5850, 1 | 1 << 8 | CAP_CLASSIC, MOST, 257, 0, *struct.unpack("<4I", b"old end".ljust(16, b"\0"))]

    def reset(self, words):
        profile, w, h, n = words
        if profile > V1 or not 0 < n <= MOST:
            return None
        self.machine, self.left = Machine(profile, w, h, [0] * n), 0
        return []

    def words_of(self, place):
        return (self.machine.m, self.machine.r)[place >> 28], place & 0xFFFFFFF

    def read(self, words):
        space, at = self.words_of(words[0])
        return space[at:at + words[1]] if at + words[1] <= len(space) else None

    def write(self, words):
        if words[0] >> 28 == 2:
            return self.write_state(words[0] & 0xFFFFFFF, words[1:])
        space, at = self.words_of(words[0])
        if at + len(words) - 1 > len(space):
            return None
        space[at:at + len(words) - 1] = words[1:]
        return []

    def write_state(self, at, words):
        m = self.machine
        for field, word in enumerate(words, at):
            if field == 2:
                m.profile, m.cause, m.status = word >> 16 & 1, word >> 8 & 7, word & 3
            else:
                setattr(m, ("pc", "vl", "", "value")[field], word)
        return []

    def run(self, words):
        before = self.machine.retired
        run_machine(self.machine, words[0])
        self.left = words[0] - (self.machine.retired - before & 0xFFFFFFFF)
        return []

    def status(self):
        m = self.machine
        return [m.profile << 16 | m.cause << 8 | m.status, m.pc, m.vl, m.value, self.left]


def old_end():
    """Listens as long as this process lives; its place."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(os.path.join(DIR, "old"))
    listener.listen()

    def accept():
        while True:
            threading.Thread(target=OldEnd, args=(listener.accept()[0],), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    return "link:unix:" + os.path.join(DIR, "old")


OLD = old_end()
FORK = "build/programs/fork.pxi"


def count_of(pattern, text):
    found = re.search(pattern, text)
    return int(found.group(1)) if found else None


def all_left_out(on, name):
    """Every case of RESUME is named, and none is run. (One has more pixels than the end holds.)"""
    status, out = px("conformance", "--on", on, NEST)
    named = len(re.findall(rf"^{NEST}:\d+: .*: left out, .* (is older than RESUME|holds \d+)$", out, re.M))
    check(status == 0 and named > 100 and count_of(r"(\d+) left out", out) == named
          and count_of(r"(\d+) cases", out) == 0, name, out)


def test_conformance():
    all_left_out(OLD, "conformance: the cases of RESUME are left out, each by name")
    for file in ("control", "classic", "state", "move"):
        status, out = px("conformance", "--on", OLD, f"tests/conformance/{file}.pxt")
        check(status == 0 and count_of(r"(\d+) cases", out) > 10, f"conformance: {file} is run", out)


def test_commands():
    status, out = px("link", OLD[5:])
    check(status == 0 and "CLASSIC" in out and "RESUME" not in out, "px link does not say that it knows RESUME", out)
    status, out = px("run", "-q", "--on", OLD, "build/programs/sieve.pxi", "-o", f"{DIR}/there.pxi")
    here = px("run", "-q", "build/programs/sieve.pxi", "-o", f"{DIR}/here.pxi")[0]
    check(status == here == 0 and open(f"{DIR}/here.pxi", "rb").read() == open(f"{DIR}/there.pxi", "rb").read(),
          "a program without slots runs there", out)
    status, out = px("run", "--on", OLD, FORK, "-o", f"{DIR}/there.pxi")
    check(status == 1 and "OPCODE, illegal opcode" in out and "the other end is older than RESUME" in out,
          "one with slots traps, and px says that the other end is older", out)
    status, out = px("diff", "--on", f"ref,{OLD}", FORK)
    check(status == 1 and re.search(r"^  link:.* is older than RESUME$", out, re.M) and "  ref is older" not in out,
          "so does px diff", out)


def test_behind():
    """px serve in front of it knows no more than it does, alone and in lockstep with others."""
    for on, knows in ((OLD, False), ("ref," + OLD, False), (OLD + ",ref", False), ("ref,ref", True)):
        server = Server(on=on)
        hello = Client(server.place).ask(HELLO)
        check(bool(hello[1] & CAP_RESUME) == knows,
              f"px serve --on {on.replace(DIR, '..')} says {'' if knows else 'no '}RESUME", hello)
        if on == OLD:
            all_left_out("link:" + server.place, "and cases are left out there, too")


if __name__ == "__main__":
    run([test_conformance, test_commands, test_behind])
