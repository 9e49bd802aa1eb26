#!/usr/bin/env python3
"""second_check.py DIR SESSIONS SEED - the sessions of second.txt, and random ones, by pxOS and by second.py: see second.sh. TAP.

DIR has the programs beside the system's own, and the tree of its root file system."""
import glob
import os
import random
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, ".."))
import tap  # noqa: E402

PX, OS = os.environ["PX"], os.environ["OS"]
CROWD = "8K=90,16K=8,32K=2,128K=1"  # slots
ALL = "2K=88,8K=16,16K=8,32K=2,128K=1"


def repeated(match):
    return "".join(match[2].replace("@", str(i)) for i in range(int(match[1])))


def sessions_of(path):
    """Kind, name and text of each; their comments are left out."""
    with open(path, encoding="ascii") as file:
        text = file.read()
    for head, body in re.findall(r"^== (.*)\n((?:(?!== ).*\n)*)", text, re.M):
        what, name = head.split(": ", 1)
        body = re.sub(r"^repeat (\d+)\n((?:.*\n)*?)again\n", repeated, body.strip("\n") + "\n", flags=re.M)
        yield what.split(), name, body


NAMES = ["/home/a", "/home/b", "/home/d", "/home/d/e", "/home/d/e/f", "/home/d/../a", "a", "d", "d/e", "..", ".", "/", "",
         "/home", "/dev/null", "/bin/true", "/bin/true/x", "/home/none/x", "//home//a/", "/home/" + "n" * 57, "/home/" + "m" * 56,
         r"x\0y", "/tmp/t", "b/", "d/e/../../b"]
WRITTEN = ['"text"', '"longer text"', "&9 5", "-4 5", "-8 5", "-4 0", "&0 0x7FFFFFFF", "&0 600", "-1 0"]


class Random:
    """Lines of calls whose answers are no time, no chance and nobody's number, and that never wait."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.pick = self.random.choice

    def one(self, *among):
        return self.pick(among)

    def name(self):
        return f'"{self.pick(NAMES)}"'

    def address(self):
        return self.pick(["&0"] * 12 + ["&1", "&2", "&1020", "0", "-4", "-8", "-1", "2", "0x7FFFFFFC", "4", "20"])

    def block(self, *words):
        return self.one("2", "-4", "-8", "0x7FFFFFF0") if self.random.random() < 0.05 else f"({' '.join(map(str, words))})"

    def handle(self):
        return self.one(0, 1, 2, 3, 3, 3, 4, 4, 4, 5, 5, 6, 7, 8, 9, 0xFFFF, 0x10003)

    def payload(self):
        return self.pick([0] * 14 + [1, 0x800000])

    def flags(self):
        return self.one(1, 2, 3, 6, 7, 14, 15, 0x12, 0x16, 0x26, 0x27, 0, 4, 8, 0x10, 0x20, 0x41, 0x80, 0x3F, 7, 7, 7, 0x40, 0x40)

    def transfer(self, service, words, offsets):
        """READ or WRITE, in a list, where it does not wait."""
        at = self.one(0, 0, 0x10000)
        offset = f" {self.pick(offsets)} {self.one(0, 0, 0, 1)}" if at else ""
        return f"fill {service << 24 | at | max(3, self.handle() & 0xFFFF)} ({words}{offset}) 0 0\nSUBMIT 1 &0\ntell 8 2"

    def line(self):
        one, name, address, block = self.one, self.name, self.address, self.block
        lengths = ("0", "1", "2", "3", "5", "100", "1000", "2000", "0xFFFFFFFF")
        return self.pick([
            lambda: f"OPEN {self.flags()} {block(name())}",
            lambda: f"OPEN {self.flags()} {block(name())}",
            lambda: f"OPEN {self.flags()} {block(name())}",
            lambda: f'OPEN {one(7, 0x40, 7, 3)} ("/home{one("", "/a", "/d")}")',
            lambda: f"CLOSE {one(self.handle(), 3, 4, 5, 6, 7)} 0",
            lambda: f"CLOSE {one(self.handle(), 3, 4, 5, 6, 7)} 0",
            lambda: self.transfer(0x22, f"{address()} {one(0, 1, 4, 7, 30, 2000, 0x7FFFFFFF)}", lengths),
            lambda: self.transfer(0x23, self.pick(WRITTEN), (0, 3, 700, 3000, 0xFFFFFFFF)),
            lambda: f"SIZE {self.handle()} {address()}\ntell 0 2",
            lambda: f"LIST {self.handle()} {block(address(), one(0, 16, 20, 24, 60, 200, 2000), one(0, 0, 1, 2, 5))}\ntell 0 8",
            lambda: f"MKDIR {self.payload()} {block(name())}",
            lambda: f"REMOVE {self.payload()} {block(name())}",
            lambda: f"RENAME {self.payload()} {block(name(), name())}",
            lambda: f"LINK {self.payload()} {block(name(), name())}",
            lambda: f"STAT {self.payload()} {block(name(), address())}\ntell 0 3\ntell 24 1\nfill 0",
            lambda: f"FSTAT {self.handle()} {address()}\ntell 0 3\ntell 24 1\nfill 0",
            lambda: f"SEEK {self.handle()} {block(one(*lengths), one(0, 0, 0, 1))}",
            lambda: f"RESIZE {self.handle()} {block(one(0, 1, 5, 700, 3000), one(0, 0, 0, 1))}",
            lambda: f"CHDIR {self.payload()} {block(name())}",
            lambda: f"FOLDER {one(0, 1, 5, 6, 200, 200, 200, 5000)} {address()}\ntext 0 12",
            lambda: f"PIPE {self.payload()} {address()}\ntell 0 2",
            lambda: f"SPACE {self.payload()} {block(name(), address())}\nfill 0",
            lambda: f"UNMOUNT {self.payload()} {block(name())}",
            lambda: f"PROCESS {one(0, 0, 1, 2, 99)} {address()}\ntell 0 2\nfill 0",
            lambda: f"INPUT {one(0, 5)} {address()}",
            lambda: f"PRINT {one(0, 0xFFFFFF)} {one(-1, -4, 0x7FFFFFFF)}",
            lambda: f"MOUNTS {one(0, 1, 5)} {address()}\nfill 0",
            lambda: f"TAKE {one(1, 0x800000)} {address()}",
            lambda: f"WAITPID {one(0, 5, 0x800000)} {address()}",
            lambda: f"KILL {one(0, 1, 2, 9)} 0",
            lambda: f"PICTURE {one(1, 2, 9)} {block(address(), 4, 0, 0, 0)}",
            lambda: f"POST {one(0, 2, 9)} {address()}",
            lambda: f"PRIORITY {one(0, 1, 9)} {one(0, 7, 8)}",
            lambda: f"HEAP {self.payload()} {one(0, 100, -1)}",
        ])()

    def script(self, lines, most=6000):
        out = ""
        for _ in range(lines):
            line = self.line() + "\n"
            out += line if len(out) + len(line) < most else ""
        return out


def run(command, text, seconds):
    try:
        got = subprocess.run(command, input=text.encode(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=seconds)
    except subprocess.TimeoutExpired as late:
        return f"{(late.stdout or b'').decode(errors='replace')}not ended after {seconds} s\n"
    return f"{got.stdout.decode(errors='replace')}status {got.returncode}\n"


def any_error(text):
    """HOST.md leaves open which of several errors is told: of random calls all are one."""
    return re.sub(r"\b42949672[89]\d\b", "ERROR", re.sub(r": [A-Z]+$", ": ERROR", text, flags=re.M))


def first_difference(wanted, got):
    wanted, got = wanted.splitlines() + [""], got.splitlines() + [""]
    at = next((i for i, (a, b) in enumerate(zip(wanted, got)) if a != b), min(len(wanted), len(got)) - 1)
    return "\n".join([*wanted[max(0, at - 3) : at], f"second kernel: {wanted[at]}", f"pxOS:          {got[at]}"])


def compare(folder, slots, text, name, same=str):
    picture = os.path.join(folder, f"{slots}.pxi")
    wanted = same(run([sys.executable, os.path.join(HERE, "second.py"), picture, slots], text, 300))
    got = same(run([PX, "os", picture], text, 60))
    tap.result(wanted == got and len(wanted.splitlines()) > 5, name, first_difference(wanted, got))


def main():
    folder, count, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    sessions = list(sessions_of(os.path.join(HERE, "second.txt")))
    chances = {f"random{seed + i}": Random(seed + i).script(120) for i in range(count)}
    os.mkdir(os.path.join(folder, "tree/s"))
    for name, text in [*((what[-1], text) for what, _, text in sessions), *chances.items()]:
        with open(os.path.join(folder, "tree/s", name), "w", encoding="ascii") as file:
            file.write(text)
    for slots in (ALL, CROWD):
        programs = glob.glob(f"{OS}/*.pxi") + glob.glob(f"{folder}/[!0-9]*.pxi")
        command = [PX, "mkos", "-q", "--kernel", f"{OS}/kernel/kernel.pxi", "--tree", f"{folder}/tree",
                   "--root", f"pxfs={200 + 4 * count}K", "--slots", slots, *programs]
        subprocess.run([*command, "-o", f"{folder}/{slots}.pxi"], check=True)
    called = " ".join(text for what, _, text in sessions if what[-1] == "exec")
    for what, name, text in sessions:
        if what[0] == "long" and not os.environ.get("LONG"):
            continue
        if what[-1] == "sh":
            compare(folder, ALL, text, name)
        elif f"/s/{what[-1]}" not in called:  # those that EXEC calls are not there for themselves
            compare(folder, CROWD if what[0] == "crowd" else ALL, f"ask /s/{what[-1]}\n", name)
    for name in chances:
        compare(folder, ALL, f"ask /s/{name}\n", f"random calls, seed {name[6:]}", any_error)
    tap.finish()


main()
