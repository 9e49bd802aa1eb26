#!/usr/bin/env python3
"""What looking costs: the instructions that a machine of 4096x4096 retires in a second of the processor while nobody looks, and while
a page takes windows of 1,024x768; the windows that it gets, and those that headless Chromium shows with WebGL in software.

    PX=build/px tests/view/figures.py [EXECUTOR] [ROUNDS]
"""
import os
import statistics
import sys
import tempfile
import time

sys.dont_write_bytecode = True  # leave nothing beside the sources
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import browser
from served import Page, Served

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
    return (last - first) / (served.processor() - began), frames / (time.time() - start)


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


with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "busy.pxa")
    with open(path, "w", encoding="utf-8") as file:
        file.write(PROGRAM)
    served = Served(path, "--on", ON)
    begin(served)
    pairs = [(alone(served), *looked_at(served)) for _ in range(ROUNDS)]
    cost = statistics.median(1 - seen / quiet for quiet, seen, _ in pairs)
    print(f"{ON}: {statistics.median(p[0] for p in pairs):,.0f} instructions a second of the processor alone, {100 * cost:.0f} % fewer while a page "
          f"takes {statistics.median(p[2] for p in pairs):.0f} windows a second of 1,024x768; load {os.getloadavg()[0]:.1f}")
    if browser.find():
        print(f"Chromium, WebGL in software: {chromium(served.url):.0f} windows a second shown")
    served.end()
