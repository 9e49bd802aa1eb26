#!/usr/bin/env python3
"""One system, one session, many cases: what processes ask, and what harm they do, a line for each case and each executor.

    PX=build/px tests/os/check.py OS.pxi ON..        TAP; OS.pxi has the programs of the tests (check.sh makes it)

A case is a line for the shell and all that must be printed for it, as a regular expression; `=N` is the status at its end. The system
is booted once for each executor. The first one's session is recorded, the others are fed with it, and all must end in the same pixels.
"""
import os
import re
import subprocess
import sys
import tempfile

PX = os.environ.get("PX", "build/px")
SECONDS = int(os.environ.get("OS_SECONDS", "60"))

CASES = [
    # -- processes
    ("a program", "hello", r"Hello from process \d+\n=0"),
    ("two, one after the other", "hello; hello", r"Hello from process \d+\nHello from process \d+\n=0"),
    ("arguments as they are", "echo a  'b  c' \"d\"", r"a b  c d\n=0"),
    ("no argument", "echo", r"\n=0"),
    ("a status of 0", "true", "=0"),
    ("a status of 1", "false", "=1"),
    ("a status of one's own", "sh -c 'exit 77'", "=77"),
    ("a status of 8 bits", "sh -c 'exit 255'", "=255"),
    ("a shell in a shell", "sh -c \"sh -c 'exit 5'\"", "=5"),
    ("a program that is not there", "nosuch", r".*nosuch.*\n=127"),
    ("a path that is not there", "/nosuch/program", r".*\n=127"),
    ("a file that is no program", "/home/../tmp", r".*\n=\d+"),
    ("fork, exec, messages, priorities", "family", r"a family\n=0"),
    ("heap up to the largest slot", "grow", r"grown to \d+ KB, LIMIT\n=0"),
    ("a process that waits for itself", "stuck", "=137"),
    ("an orphan", "sh -c 'sh -c true & exit 3'", "=3"),
    ("less priority", "nice 7 echo low", r"low\n=0"),
    ("better priority than one's own", "nice 3 nice 1 echo no", r"nice: .*\n=1"),
    ("a sleep", "sleep 0", "=0"),
    ("a memory that others have left", "dirty; dirty", r"clean\nclean\n=0"),
    ("what is killed while it asks", "race", r"killed \d+\n=0"),
    # -- traps
    *[(f"a trap {name}", f"crash {cause}", rf"pxos: process \d+, crash: trap {name} at pc \d+, value \d+\n={128 + cause}")
      for cause, name in enumerate(("OPCODE", "PC", "RANGE", "OVERLAP", "VL"), 1)],
    ("a RESUME whose runs overlap", "crash 6", r"pxos: process \d+, crash: trap OVERLAP at pc \d+, value \d+\n=132"),
    ("a trap in a pipe", "crash 3 | wc", r"pxos: .* trap RANGE .*\n +0 +0 +0\n=0"),
    # -- pipes
    ("a pipe", "echo one two | wc", r" +1 +2 +8\n=0"),
    ("four pipes", "echo through | cat | cat | cat | cat", r"through\n=0"),
    ("twelve commands", "echo through" + " | cat" * 11, r"through\n=0"),
    ("thirteen", "echo through" + " | cat" * 12, r"sh: too many commands in a pipeline\n=2"),
    ("a pipe that is full", "yes | head 200 | wc", r" +200 +200 +400\n=0"),
    ("a reader that ends first", "yes | true", "=0"),
    ("a writer that ends first", "true | cat", "=0"),
    ("a pipe to what is not there", "echo x | nosuch", r".*nosuch.*\n=127"),
    ("a program through a pipe", "cat /bin/hello | wc", r" +\d+ +\d+ +\d+\n=0"),
    # -- bad requests
    ("pointers and requests that are wrong", "hostile", r"all refused\n=0"),
    ("of many at once", "hostile many", r"all refused\n=0"),
    ("with others at work", "hostile | cat", r"all refused\n=0"),
    # -- many at once
    *[(f"{what}, {count} at once", f"crowd {kind} {count} 8 quietly", "=0")
      for kind, what in (("g", "getpid"), ("s", "PROCESS"), ("q", "a pipe of one's own"), ("p", "pipes of two"), ("m", "messages"),
                         ("c", "kind c"), ("w", "kind w"), ("r", "a file"), ("o", "a file that is written"), ("l", "a log"),
                         ("h", "a file that is shared"), ("f", "FSTAT"), ("t", "STAT"), ("d", "STAT of several"))
      for count in (2, 6, 24)],
    # -- harm
    ("forking without end", "bomb f & true; neighbour | wc", r" +20 +60 +\d+\n=0"),
    ("is over", "echo here", r"here\n=0"),
    # -- files
    ("a folder", "mkdir /home/a; ls /home", r"a/?\n=0"),
    ("a folder that is there", "mkdir /home/a", r".*\n=1"),
    ("a copy", "cp /bin/true /home/a/t; /home/a/t", "=0"),
    ("the same bytes", "cat /bin/true | wc; cat /home/a/t | wc", r"(.*\n)\1=0"),
    ("another name", "mv /home/a/t /home/a/u; ls /home/a", r"u\n=0"),
    ("the old name", "cat /home/a/t", r".*\n=1"),
    ("a folder that is not empty", "rm /home/a", r".*\n=1"),
    ("a file is removed", "rm /home/a/u; ls /home/a", "=0"),
    ("a folder is removed", "rm /home/a; ls /home", "=0"),
    ("names with dots", "cp /bin/../bin/./false /tmp//x; /tmp/x", "=1"),
    ("more files", "cp /tmp/x /tmp/y; cp /tmp/x /tmp/z; ls /tmp", r"x\ny\nz\n=0"),
    ("one of them", "rm /tmp/y; ls /tmp", r"x\nz\n=0"),
    ("a second name", "ln /tmp/x /tmp/w; rm /tmp/x; /tmp/w; mv /tmp/w /tmp/x", "=0"),
    ("a name that is there", "ln /tmp/x /tmp/z", r"ln: .*\n=1"),
    ("a second name of a folder", "ln /home /tmp/h", r"ln: .*\n=1"),
    ("into nothing", "yes | head 300 >/dev/null; cat /dev/null | wc", r" +0 +0 +0\n=0"),
    ("a program over another", "cp /bin/true /tmp/x; /tmp/x", "=0"),
    ("on the disks", "sync", "=0"),
    # -- pictures
    ("a picture", "life", "=0"),
    ("a picture that is shown", "show life | wc", r" +21 +21 +13363\n=0"),
    ("a picture that is kept", "show -o /tmp/end life; show /tmp/end | wc", r" +21 +21 +\d+\n=0"),
    ("a picture with slots", "fork", "=0"),
    ("what a picture takes", "time life 2>/tmp/t; wc </tmp/t", r" +1 +4 +\d+\n=0"),
    ("no disk to save on", "px-snap 0", r"px-snap: .*\n=1"),
]


def session(system, on, first, folder):
    """What each case printed; how it ended; the picture."""
    lines = "".join(f"echo @{number}\n{command}\necho =$?\n" for number, (_, command, _) in enumerate(CASES))
    picture = f"{folder}/{on.replace(':', '_')}.png"
    try:
        host = ["--host", "--record"] if on == first else ["--replay"]
        done = subprocess.run([PX, "run", *host, f"{folder}/log", "--on", on, "--image", system, "-o", picture], capture_output=True,
                              input=(lines + "exit 9\n").encode(), timeout=SECONDS, check=False)
        printed, how = done.stdout.decode(errors="replace"), f"exit {done.returncode}; {done.stderr.decode(errors='replace')[:400]}"
    except subprocess.TimeoutExpired as late:
        printed, how = (late.stdout or b"").decode(errors="replace"), f"no end after {SECONDS} s"
    return dict(re.findall(r"^@(\d+)\n(.*?=\d+)$", printed, re.S | re.M)), how, picture


def main():
    system, executors, count, bad, first = sys.argv[1], sys.argv[2:], 0, 0, None
    with tempfile.TemporaryDirectory() as folder:
        for on in executors:
            got, how, picture = session(system, on, executors[0], folder)
            results = [(f"{on}: {name}", re.fullmatch(wanted, got.get(str(number), "")), f"{command}: {got.get(str(number))!r}")
                       for number, (name, command, wanted) in enumerate(CASES)]
            results.append((f"{on}: the session's end", how.startswith("exit 9"), how))
            if first is None:
                first = picture
            else:
                same = os.path.exists(first) and os.path.exists(picture) and open(first, "rb").read() == open(picture, "rb").read()
                results.append((f"{on}: the same pixels as {executors[0]}", same, ""))
            for name, good, why in results:
                count += 1
                bad += not good
                print(f"{'ok' if good else 'not ok'} {count} - {name}" + ("" if good else f"\n# {why}"), flush=True)
    print(f"1..{count}")
    return bad != 0


if __name__ == "__main__":
    sys.exit(main())
