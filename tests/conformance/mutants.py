#!/usr/bin/env python3
"""mutants.py - what the conformance set sees: pxvm.py with one thing wrong, some two hundred times.

    mutants.py [--all] [--eighteen] [--tap] [--jobs N] [WORDS ...]

Each line of mutant_table.py is one misreading of SPEC.md. It is applied to a copy of pxvm*.py, and the copy runs the
exported set until a case tells it from the honest one (with --all: the whole set, for the table of which cases kill
which). WORDS pick mutants by name. A mutant that no case kills is a gap of the set, or is marked in the table as one that
no case can kill, with the reason; those do not count. Exit status: 0 at least 98 % killed, 1 fewer, 2 a broken table.
"""
import argparse
import contextlib
import importlib
import io
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from mutant_table import MUTANTS

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.join(HERE, "..", "..")
MODULES = ("pxvm.py", "pxvm_png.py", "pxvm_v1.py")
LEAST = 98  # per cent
SECONDS_A_CASE, BYTES = 20, 3 << 30

# Which files are asked first. All of them are asked of a mutant that survives.
FIRST = {
    "pxvm_png.py": ["png", "load", "state"],
    "pxvm.py": ["load", "state", "classic", "budget"],
    "pxvm_v1.py": ["control", "move", "alu", "order", "runs", "reduce", "tensor", "long", "budget", "nest"],
}

# ---- the set ---------------------------------------------------------------------------------------------------


class Case:
    def __init__(self, folder, directory, line):
        self.stem, self.budget, what, self.title = line.rstrip("\n").split("\t")
        self.folder, self.name = folder, f"{folder}/{self.stem}"
        self.input = os.path.join(directory, folder, self.stem + ".input.pxi")
        self.runs = what == "run"
        self.expected = os.path.join(directory, folder, self.stem + ".expected.pxi")


def export(directory):
    px = os.environ.get("PX", "build/px")
    subprocess.run([px, "conformance", "--export", directory], check=True, cwd=ROOT)
    cases = []
    for folder in sorted(os.listdir(directory)):
        with open(os.path.join(directory, folder, "cases.tsv"), encoding="utf-8") as table:
            cases += [Case(folder, directory, line) for line in table]
    return cases


# ---- one mutant ------------------------------------------------------------------------------------------------


def write_mutant(mutant, directory):
    """The three modules, one of them changed, in a tree in which they find isa.def."""
    where = os.path.join(directory, "tests", "conformance")
    os.makedirs(where)
    os.makedirs(os.path.join(directory, "pxi"))
    shutil.copy(os.path.join(ROOT, "pxi", "isa.def"), os.path.join(directory, "pxi"))
    for module in MODULES:
        with open(os.path.join(HERE, module), encoding="utf-8") as file:
            text = file.read()
        if mutant is not None and module == mutant.module:
            text = text.replace(mutant.pattern, mutant.replacement)
        with open(os.path.join(where, module), "w", encoding="utf-8") as file:
            file.write(text)
    return where


def too_long(_signal, _frame):
    raise TimeoutError


def differs(pxvm, honest, case, output):
    """Section 11: whether what the program does is not what the case wants."""
    with contextlib.suppress(FileNotFoundError):
        os.unlink(output)
    said = io.StringIO()
    signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS_A_CASE)
    try:
        with contextlib.redirect_stderr(said):
            status = pxvm.main(["pxvm.py", case.input, output, case.budget])
    except (Exception, SystemExit):  # pylint: disable=broad-except
        return True
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    if not case.runs:
        return status != 2 or os.path.exists(output) or not said.getvalue()
    if status != 0:
        return True
    try:
        return honest.png_read(output) != honest.png_read(case.expected)
    except (honest.Refused, OSError):
        return True


def judge(mutant, cases, every, report):
    """In a process of its own: the names of the cases that kill, to the file report."""
    resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))
    signal.signal(signal.SIGVTALRM, too_long)
    honest = importlib.import_module("pxvm_png")
    with tempfile.TemporaryDirectory() as directory:
        where = write_mutant(mutant, directory)
        for module in MODULES:
            sys.modules.pop(module[:-3], None)
        sys.path.insert(0, where)
        sys.dont_write_bytecode = True
        killers = []
        try:
            pxvm = importlib.import_module("pxvm")
        except Exception:  # pylint: disable=broad-except
            killers = ["(it does not start)"]
        first = FIRST[mutant.module] if mutant is not None else []
        rank = {folder: i for i, folder in enumerate(first)}
        for case in sorted(cases, key=lambda c: rank.get(c.folder, len(first))) if not killers else []:
            if differs(pxvm, honest, case, os.path.join(directory, "output.pxi")):
                killers.append(case.name)
                if not every:
                    break
    with open(report, "w", encoding="utf-8") as file:
        json.dump(killers, file)


class Pool:
    """At most so many processes at a time, each ending in a file; results in the order in which they were asked for."""

    def __init__(self, directory, jobs):
        self.directory, self.jobs, self.running, self.done = directory, jobs, {}, {}

    def start(self, index, work):
        while len(self.running) >= self.jobs:
            self.wait()
        report = os.path.join(self.directory, f"{index}.json")
        sys.stdout.flush()
        pid = os.fork()
        if pid == 0:
            try:
                work(report)
            finally:
                os._exit(0)
        self.running[pid] = index, report

    def wait(self):
        pid, _ = os.wait()
        index, report = self.running.pop(pid)
        try:
            with open(report, encoding="utf-8") as file:
                self.done[index] = json.load(file)
        except (OSError, ValueError):
            self.done[index] = ["(its process ended)"]

    def result(self, index):
        while index not in self.done:
            self.wait()
        return self.done[index]


# ---- the table -------------------------------------------------------------------------------------------------


def check_table():
    wrong, names = [], set()
    texts = {}
    for module in MODULES:
        with open(os.path.join(HERE, module), encoding="utf-8") as file:
            texts[module] = file.read()
    for mutant in MUTANTS:
        count = texts[mutant.module].count(mutant.pattern)
        if count != 1 or mutant.name in names or mutant.pattern == mutant.replacement:
            wrong.append(f"{mutant.module}: {mutant.name}: the pattern is there {count} times, expected once")
        names.add(mutant.name)
    return wrong


def describe(killers, every):
    if not every or len(killers) < 2:
        return killers[0] if killers else ""
    return f"{len(killers):4} cases: {', '.join(killers[:3])}{' ..' if len(killers) > 3 else ''}"


def line_of(mutant, killers, arguments, number):
    good = bool(killers) or bool(mutant.equivalent)
    word = "killed" if killers else "same" if mutant.equivalent else "SURVIVES"
    if arguments.tap:
        return f"{'' if good else 'not '}ok {number} - {mutant.name} is caught"
    return f"{word:9} {mutant.module[:-3]:9} {mutant.name:58} {mutant.equivalent or describe(killers, arguments.all)}"


def run_all(mutants, cases, directory, arguments):
    pool = Pool(directory, arguments.jobs)
    pool.start("honest", lambda report: judge(None, cases, True, report))
    if pool.result("honest"):
        print(f"# the honest machine fails {pool.result('honest')[:5]}")
        return None
    results = {}
    for index, mutant in enumerate(mutants):
        pool.start(index, lambda report, m=mutant: judge(m, cases, arguments.all, report))
        while len(results) in pool.done:
            results[len(results)] = pool.done[len(results)]
            print(line_of(mutants[len(results) - 1], results[len(results) - 1], arguments, len(results)))
    for index in range(len(results), len(mutants)):
        results[index] = pool.result(index)
        print(line_of(mutants[index], results[index], arguments, index + 1))
    return results


def sum_up(mutants, results, arguments, seconds):
    survivors = [m for i, m in enumerate(mutants) if not results[i] and not m.equivalent]
    same = sum(1 for m in mutants if m.equivalent)
    mistaken = [m.name for i, m in enumerate(mutants) if results[i] and m.equivalent]
    counted = len(mutants) - same
    killed = counted - len(survivors)
    if arguments.tap:
        print(f"1..{len(mutants)}")
        return 1 if survivors or mistaken else 0
    if arguments.all:
        alone = {results[i][0] for i in range(len(mutants)) if len(results[i]) == 1}
        print(f"\ncases that are the only ones to kill some mutant: {len(alone)}")
        for name in sorted(alone):
            print(f"    {name}")
    print(f"\n{counted} mutants, {killed} killed: {100 * killed / max(1, counted):.1f} %; {same} more are the same machine; {seconds:.0f} s")
    for mutant in survivors:
        print(f"    survives: {mutant.name}")
    for name in mistaken:
        print(f"    marked as the same machine, and yet killed: {name}")
    return 0 if 100 * killed >= LEAST * counted and not mistaken else 1


def main():
    parser = argparse.ArgumentParser(description="the conformance set on executors with one thing wrong each")
    parser.add_argument("--all", action="store_true", help="go on after the first kill, and show how many cases kill")
    parser.add_argument("--eighteen", action="store_true", help="only those that an earlier form of the set let through")
    parser.add_argument("--tap", action="store_true", help="print TAP")
    parser.add_argument("--jobs", type=int, default=2, help="processes at a time (2)")
    parser.add_argument("words", nargs="*", help="only mutants whose names contain one of these")
    arguments = parser.parse_args()
    wrong = check_table()
    if wrong:
        print("\n".join(wrong), file=sys.stderr)
        return 2
    mutants = [m for m in MUTANTS if (m.eighteen or not arguments.eighteen)
               and (not arguments.words or any(w in m.name for w in arguments.words))]
    start = time.monotonic()
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=memory) as directory:
        cases = export(os.path.join(directory, "set")) if os.mkdir(os.path.join(directory, "set")) is None else []
        tempfile.tempdir = directory
        results = run_all(mutants, cases, directory, arguments)
        tempfile.tempdir = None
    return 2 if results is None else sum_up(mutants, results, arguments, time.monotonic() - start)


if __name__ == "__main__":
    sys.exit(main())
