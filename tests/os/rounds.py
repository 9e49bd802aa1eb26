#!/usr/bin/env python3
"""What a round of many processes takes on an executor, in microseconds: pxOS' own clock is no help, so it is the difference
between a short and a long piece of the same session.

    PX=build/px tests/os/rounds.py prepare DIR      makes the pictures and DIR/rounds.json; needs clang, as os.pxi does
    PX=build/px tests/os/rounds.py measure DIR ON   runs them on this executor: needs px alone, as on a machine with a GPU
"""
import json
import os
import re
import shutil
import subprocess
import sys
import time

PX = os.environ.get("PX", "build/px")
OS = os.environ.get("OS", "build/os")
PROCESSES, SHARE, TIMES = 1024, 100, 5
LONG = {"n": 4000, "g": 2000}  # rounds
WHAT = {"n": f"{PROCESSES} processes of {SHARE} instructions, none calling", "g": f"{PROCESSES} processes, each calling getpid"}


def px(*words, **more):
    done = subprocess.run([PX, *map(str, words)], capture_output=True, text=True, check=False, **more)
    if done.returncode not in (0, 3): # 3: the budget is used up
        sys.exit(f"rounds.py: px {words[0]}: {done.stderr.strip()}")


def make_system(folder):
    """The kernel with so short a share that 'none calling' is that many instructions, and room for all."""
    source, picture = os.path.join(folder, "source"), os.path.join(folder, "os.pxi")
    shutil.copytree("os", os.path.join(source, "os"), dirs_exist_ok=True)
    header = os.path.join(source, "os/kernel/kernel.h")
    with open(header, encoding="utf-8") as file:
        text = file.read()
    changed = re.sub(r"SHARE = 16384,", f"SHARE = {SHARE},", text)
    assert changed != text
    with open(header, "w", encoding="utf-8") as file:
        file.write(changed)
    files = [os.path.join(source, "os", room, name) for room in ("kernel", "drivers", "fs")
             for name in sorted(os.listdir(os.path.join("os", room))) if name.endswith(".c") and name != "pxfs_check.c"]
    kernel, crowd = os.path.join(folder, "kernel.pxi"), os.path.join(folder, "crowd.pxi")
    px("cc", "-q", "-O2", "--freestanding", "-I", source, "-I.", "-I", "os/kernel/libc", "--width", 256, "--stack", 3072, "--heap", 0,
       "-D", "OS_DEVICES=", *files, "-o", kernel)
    px("cc", "-q", "-Os", "--freestanding", "-I.", "--stack", 256, "--heap", 64, "tests/os/programs/crowd.c", "-o", crowd)
    programs = [os.path.join(OS, name) for name in sorted(os.listdir(OS)) if name.endswith(".pxi")]
    px("mkos", "-q", "--kernel", kernel, *programs, crowd, "--slots", f"3K={2 * PROCESSES + 8},16K=4", "-o", picture)
    shutil.rmtree(source)
    return picture


def rounds_of(state, budget):
    """Instructions from one round's RESUME to that of eight rounds later, from a trace of the reference VM."""
    trace = subprocess.Popen([PX, "run", "--on", "ref", "--budget", str(budget), "--trace", state], stdout=subprocess.PIPE,
                             stderr=subprocess.DEVNULL, text=True)
    at = []
    for number, line in enumerate(trace.stdout):
        if not line.startswith("slot") and line.split()[2:3] == ["resume"]:
            at.append(number)
            if len(at) == 20:
                break
    trace.kill()
    trace.wait()
    assert len(at) == 20, f"{state}: {len(at)} rounds in {budget} instructions"
    return at[2], (at[18] - at[2]) // 16


def prepare(folder):
    os.makedirs(folder, exist_ok=True)
    picture, told = make_system(folder), {}
    for kind in WHAT:
        state = os.path.join(folder, f"{kind}.pxi")
        px("run", "-q", "--host", "--on", "fast", "--budget", 60_000_000, "--state", picture, "-o", state,
           input=f"crowd {kind} {PROCESSES} 1000000\n")
        begin, each = rounds_of(state, 40_000_000)
        told[kind] = {"begin": begin, "each": each}
        print(f"{WHAT[kind]}: {each} instructions a round")
    with open(os.path.join(folder, "rounds.json"), "w", encoding="utf-8") as file:
        json.dump(told, file)
    for name in ("kernel.pxi", "crowd.pxi", "os.pxi"):
        os.unlink(os.path.join(folder, name))


def seconds(state, on, budget):
    best = None
    for _ in range(TIMES):
        start = time.monotonic()
        px("run", "-q", "--host", "--on", on, "--budget", budget, "--state", state, "-o", os.devnull, stdin=subprocess.DEVNULL)
        took = time.monotonic() - start
        best = took if best is None else min(best, took)
    return best


def measure(folder, on):
    with open(os.path.join(folder, "rounds.json"), encoding="utf-8") as file:
        told = json.load(file)
    for kind, t in told.items():
        state = os.path.join(folder, f"{kind}.pxi")
        short, long = (seconds(state, on, t["begin"] + n * t["each"]) for n in (LONG[kind] // 10, LONG[kind]))
        print(f"{WHAT[kind]}: {(long - short) / (LONG[kind] - LONG[kind] // 10) * 1e6:.1f} us a round on {on}, of {t['each']} instructions")


def main():
    if len(sys.argv) == 3 and sys.argv[1] == "prepare":
        prepare(sys.argv[2])
    elif len(sys.argv) == 4 and sys.argv[1] == "measure":
        measure(sys.argv[2], sys.argv[3])
    else:
        print(__doc__.strip(), file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
