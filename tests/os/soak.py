#!/usr/bin/env python3
"""Random sessions of pxOS with a disk, each cut off somewhere as by a loss of power: no file that was synced is lost, the disk is
whole, and other executors that are fed the session end in the same state.

    PX=build/px tests/os/soak.py OS.pxi INSTRUCTIONS FIRST-SEED ON [OTHER..]

OS.pxi has the programs of the tests (soak.sh makes it). A session is run on ON until so many instructions have retired in all of
them together; the seed of one that goes wrong is printed.
"""
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile

PX = os.environ.get("PX", "build/px")
NAMES, PROGRAMS = [f"f{number}" for number in range(8)], ["cat", "echo", "hello", "ls", "wc", "yes", "true", "sleep"]
WORK = ["echo some words | cat | wc", "yes | head 300 | wc", "spin & spin & kill {a}; wait", "crowd p 8 20 quietly", "crowd m 6 20 quietly",
        "crowd q 9 20 quietly", "family", "grow", "dirty | cat", "neighbour | cat | wc", "yes | true", "crash 3", "hostile many", "race",
        "sh -c 'yes | head 50 & wait' | wc", "stuck", "cat /disk0/f0 | wc", "ls /disk0 | cat", "nice 3 neighbour | wc", "kill {a}",
        "life; fork; time life", "show -o /tmp/{a} life; rm /tmp/{a}", "ln /bin/true /tmp/t; rm /tmp/t", "yes | head {n} >/dev/null",
        "crowd p {c} {n} quietly", "crowd m {c} {n} quietly", "spin & sleep 0; kill %1", "for i in 1 2 3 4 5 6 7 8 9; do neighbour | cat | wc; done"]


def px(*arguments, **more):
    return subprocess.run([PX, *map(str, arguments)], capture_output=True, check=False, **more)


def session(chance, files):
    """Lines for the shell; and what the files are when a `synced N` has been printed."""
    lines, states, files = [], [], dict(files)
    for step in range(chance.randrange(4, 14)):
        for _ in range(chance.randrange(4)):
            lines.append(chance.choice(WORK).format(a=chance.randrange(2, 40), c=chance.randrange(2, 30), n=chance.choice((20, 200, 2000))))
        for _ in range(chance.randrange(1, 4)):
            name, other, program = chance.choice(NAMES), chance.choice(NAMES), chance.choice(PROGRAMS)
            act = chance.randrange(4)
            if act == 0 and name in files:
                lines.append(f"rm /disk0/{name}")
                del files[name]
            elif act == 1 and name in files and other != name:
                lines.append(f"mv /disk0/{name} /disk0/{other}" if chance.randrange(2) else
                             f"rm /disk0/{other}; ln /disk0/{name} /disk0/{other}; rm /disk0/{name}")
                files[other] = files.pop(name)
            else:
                lines.append(f"cp /bin/{program} /disk0/{name}")
                files[name] = program
        lines.append(f"sync; echo synced {step}")
        states.append(dict(files))
    return "\n".join(lines) + "\nexit 0\n", states


def contents(disk, folder):
    out, path = {}, f"{folder}/out"
    shutil.rmtree(path, ignore_errors=True)
    px("cp", "-r", f"{disk}:/", path)
    for name in NAMES:
        if os.path.exists(f"{path}/{name}"):
            with open(f"{path}/{name}", "rb") as file:
                out[name] = file.read()
    return out


def agrees(there, wanted, before, after):
    """Whether the files are as at the last sync, or, where the next step touches one, as it may have left it."""
    wrong = []
    for name in NAMES:
        touched = before.get(name) != after.get(name) or re.search(rf"/disk0/{name}\b", wanted["touched"])
        if not touched and there.get(name) != wanted["bytes"].get(before.get(name)):
            wrong.append(name)
    return wrong


def main():
    system, most, seed, first, others = sys.argv[1], int(float(sys.argv[2])), int(sys.argv[3]), sys.argv[4], sys.argv[5:]
    done = sessions = cuts = 0
    with tempfile.TemporaryDirectory() as folder:
        disk, log, state = f"{folder}/disk.raw", f"{folder}/log", f"{folder}/state.png"
        px("mkfs", disk, "--size", "2M")
        px("run", "--host", "--disk", disk, system, input="".join(f"cp /bin/{p} /disk0/{p}\n" for p in PROGRAMS).encode())
        originals = {}
        for program in PROGRAMS:
            px("cp", f"{disk}:/{program}", f"{folder}/{program}")
            with open(f"{folder}/{program}", "rb") as file:
                originals[program] = file.read()
        files = {}
        while done < most:
            chance = random.Random(seed)
            lines, states = session(chance, files)
            budget = 2 * 10 ** 8 if chance.randrange(4) == 0 else chance.randrange(30000, 30000000)
            ran = px("run", "--host", "--on", first, "--seed", seed, "--disk", disk, "--budget", budget, "--record", log, "--state", system,
                     "-o", state, input=lines.encode())
            synced = [int(step) for step in re.findall(rb"^synced (\d+)$", ran.stdout, re.M)]
            retired = json.loads(px("info", "--json", state).stdout)["retired"]
            last = synced[-1] if synced else -1
            before = states[last] if synced else files
            rest = lines.split(f"echo synced {last}\n")[1] if synced else lines
            part = rest.split("echo synced")[0]
            # What was printed need not have come out: the next sync may have been done, too.
            after_that = rest.split("echo synced")[1] if "echo synced" in rest[len(part) + 12:] else ""
            there = contents(disk, folder)
            wrong = agrees(there, {"touched": part + after_that, "bytes": originals}, before, before)
            checked = px("fsck", "-q", disk)
            problem = ("lost: " + ", ".join(wrong)) if wrong else checked.stdout.decode() + checked.stderr.decode() if checked.returncode else ""
            for other in others:
                fed = px("diff", "-q", system, "--replay", log, "--budget", budget, "--on", f"{first},{other}")
                problem += fed.stdout.decode() + fed.stderr.decode() if fed.returncode != 0 else ""
            if problem:
                print(f"seed {seed}, budget {budget}: {problem}")
                return 1
            back = {data: program for program, data in originals.items()}
            strange = [name for name, data in there.items() if data not in back]
            for name in strange: # half copied when it was cut: of no known content, so it is removed
                px("run", "--host", "--disk", disk, system, input=f"rm /disk0/{name}\n".encode())
            files = {name: back[data] for name, data in there.items() if data in back}
            done, sessions, cuts, seed = done + retired, sessions + 1, cuts + (last + 1 < len(states)), seed + 1
            if sessions % 20 == 0:
                print(f"{sessions} sessions, {cuts} cut off, {done:,} instructions", flush=True)
    print(f"{sessions} sessions, {cuts} of them cut off, {done:,} instructions on {', '.join([first, *others])}: no file lost, no difference")
    return 0


if __name__ == "__main__":
    sys.exit(main())
