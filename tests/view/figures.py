#!/usr/bin/env python3
"""What looking costs, beside what is promised: the instructions that a machine of 4096x4096 retires in a second of the processor while
nobody looks, and while a page takes windows of 1,024x768; the windows that it gets, and those that headless Chromium shows with WebGL in
software; heat on ref in times of the run; and of a run of 10^8 instructions, what its snapshots take of it, and steps back.

    PX=build/px tests/view/figures.py [EXECUTOR] [ROUNDS]
"""
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True  # leave nothing beside the sources
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import browser
from served import PX, Page, Served

ON = sys.argv[1] if len(sys.argv) > 1 else "opencl"
ROUNDS = int(sys.argv[2]) if len(sys.argv) > 2 else 5
SECONDS = 3

PROGRAM = """.size 4096, 4096
.checksum none
        set   r1, 65536
        vl    r1
        set   r6, 16777216 - 65536
again:  set   r3, 65536
line:   fill  [r3], r2
        add   r3, r3, r1
        addi  r2, r2, 17
        bltu  r3, r6, line
        jmp   again
"""


def page_of(served, window):
    page = Page(served)
    page.keeps = False
    page.say("window " + window)
    return page


def begin(served):
    """The machine runs, and its kernel is there: what goes before a page has gone has no effect."""
    page = page_of(served, "0 0 1 1 1 1 picture")
    page.socket.socket.settimeout(300)
    page.say("do run")
    while page.count() < 100000:
        pass
    page.socket.close()


def retired(served):
    """The position now, and the processor's seconds that went into it."""
    page = page_of(served, "0 0 1 1 1 1 picture")
    count = page.count()
    page.socket.close()
    return count, served.processor()


def alone(served):
    first, began = retired(served)
    time.sleep(SECONDS)
    last, ended = retired(served)
    return (last - first) / (ended - began)


def looked_at(served):
    page = page_of(served, "0 0 4096 4096 1024 768 picture")
    first, began, start, frames = page.count(), served.processor(), time.time(), 0
    while time.time() < start + SECONDS:
        last = page.count()
        frames += 1
    page.socket.close()
    took = served.processor() - began
    return (last - first) / took, frames / (time.time() - start), took / frames


def chromium(url):
    b = browser.Browser()
    try:
        b.go(url)
        b.wait("document.body.dataset.ready && state && shown.frames > 3")
        first = b.run("shown.frames")
        began = time.time()
        time.sleep(SECONDS)
        return (b.run("shown.frames") - first) / (time.time() - began)
    finally:
        b.close()


# Without an end; a fourth are stores all over the picture.
LONG = """.size 512, 512
.checksum none
        set   r6, 262144
again:  set   r3, 1024
line:   st    [r3], r2
        addi  r3, r3, 1
        addi  r2, r2, 17
        bltu  r3, r6, line
        jmp   again
"""

LOOPS = {"scalar": """
again:  ld    r3, [r2]
        add   r3, r3, r5
        st    [r2], r3
""", "vl 1": """set   r1, 1
        vl    r1
again:  vadd.vv [r2], [r3], [r4]
        vxor.vv [r3], [r2], [r4]
        vsub.vv [r4], [r3], [r2]
""", "vl 64": """set   r1, 64
        vl    r1
again:  vadd.vv [r2], [r3], [r4]
        vxor.vv [r3], [r2], [r4]
        vsub.vv [r4], [r3], [r2]
"""}


def source(folder, name, text):
    path = os.path.join(folder, name + ".pxa")
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def processor(*arguments):
    """The processor's seconds that a command has had."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([PX, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def heat(folder, body):
    """The run's rounds with heat, in times of those without: what each command takes besides is left out."""
    took = {}
    for rounds in (2, 2000000):
        path = source(folder, "loop", f""".size 64, 64
.checksum none
        set   r2, 1000
        set   r3, 1100
        set   r4, 1200
        set   r5, 1
        set   r6, {rounds}
        {body}
        sub   r6, r6, r5
        bne   r6, r0, again
        halt
""")
        took[rounds] = [min(processor(*command, path, "--on", "ref") for _ in range(7))
                        for command in (("run", "-q", "-o", os.path.join(folder, "end.pxi")), ("profile", "--heat", os.path.join(folder, "heat.png")))]
    plain, counted = (took[2000000][i] - took[2][i] for i in range(2))
    return counted / plain


def back(path, on, count):
    """Seconds that steps back took after so many instructions, and the share of the run that its snapshots took."""
    with subprocess.Popen([PX, "debug", "--json", path, "--on", on], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as debugger:
        def ask(word):
            debugger.stdin.write(word + "\n")
            debugger.stdin.flush()
            return json.loads(debugger.stdout.readline())

        ask(f"run {count}")
        about = ask("info")
        steps = []
        for _ in range(4):
            start = time.time()
            ask("back")
            steps.append(time.time() - start)
        debugger.stdin.close()
    return steps, about["snapping_us"] / about["running_us"]


def row(what, promised, measured):
    print(f"{what:<58} {promised:>12}   {measured}", flush=True)


with tempfile.TemporaryDirectory() as folder:
    row("", "promised", "measured")
    for name, body in LOOPS.items():
        row(f"heat on ref, {name}", "<= 1.50 x", f"{heat(folder, body):.2f} x")
    for text, count, name in ((LONG, 10 ** 8, "512x512, 10^8 instructions"), (PROGRAM, 3 * 10 ** 5, "4096x4096, written everywhere")):
        steps, share = back(source(folder, "long", text), "ref", count)
        row(f"ref, {name}: snapshots", "<= 10 %", f"{100 * share:.1f} %")
        row(f"ref, {name}: steps back", "<= 0.2 s", "  ".join(f"{s:.3f}" for s in steps) + " s")
    path = source(folder, "busy", PROGRAM)
    served = Served(path, "--on", ON)
    begin(served)
    pairs = [(alone(served), *looked_at(served)) for _ in range(ROUNDS)]
    cost = statistics.median(1 - seen / quiet for quiet, seen, _, _ in pairs)
    each = statistics.median((1 - seen / quiet) * took for quiet, seen, _, took in pairs)
    row(f"{ON}, 4096x4096: windows of 1,024x768", ">= 30 /s", f"{statistics.median(p[2] for p in pairs):.1f} /s")
    row("its instructions a second of the processor, fewer by", "<= 15 %", f"{100 * cost:.1f} %")
    row("a window, of the processor's time", "<= 5.0 ms", f"{1000 * each:.1f} ms")
    row("Chromium shows, WebGL in software", ">= 10 /s", f"{chromium(served.url):.1f} /s" if browser.find() else "there is none")
    served.end()
    print(f"load {os.getloadavg()[0]:.1f}")
