#!/usr/bin/env python3
"""What looking costs: the instructions that a machine of 4096x4096 retires a second while nobody looks, and while a page takes
windows of 1,024x768; the windows that it gets, and those that headless Chromium shows with WebGL in software.

    PX=build/px tests/view/figures.py [EXECUTOR] [ROUNDS]
"""
import json
import os
import statistics
import struct
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True  # leave nothing beside the sources
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import browser
from websocket import WebSocket

PX = os.environ.get("PX", "build/px")
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


def say(url, *lines):
    s = WebSocket(url.replace("http", "ws") + "socket", protocol="px-view")
    s.receive()
    for line in lines:
        s.send(line)
    return s


def frame(s):
    while True:
        m = s.receive()
        if not isinstance(m, str):
            s.send("had")
            size, = struct.unpack_from("<I", m, 4)
            return json.loads(m[44:44 + size])["count"]


def retired(url):
    """The position now."""
    s = say(url, "window 0 0 1 1 1 1 picture")
    count = frame(s)
    s.close()
    return count, time.time()


def alone(url):
    first, began = retired(url)
    time.sleep(SECONDS)
    last, ended = retired(url)
    return (last - first) / (ended - began)


def looked_at(url):
    s = say(url, "window 0 0 4096 4096 1024 768 picture")
    first, began, frames = frame(s), time.time(), 0
    while time.time() < began + SECONDS:
        last = frame(s)
        frames += 1
    ended = time.time()
    s.close()
    return (last - first) / (ended - began), frames / (ended - began)


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
    px = subprocess.Popen([PX, "view", path, "--on", ON], stdout=subprocess.PIPE, text=True)
    try:
        place = px.stdout.readline().strip()
        say(place, "do run").close()
        time.sleep(SECONDS)
        pairs = [(alone(place), *looked_at(place)) for _ in range(ROUNDS)]
        cost = statistics.median(1 - seen / quiet for quiet, seen, _ in pairs)
        print(f"{ON}: {statistics.median(p[0] for p in pairs):,.0f} instructions a second alone, {100 * cost:.0f} % fewer while a page takes "
              f"{statistics.median(p[2] for p in pairs):.0f} windows a second of 1,024x768")
        if browser.find():
            print(f"Chromium, WebGL in software: {chromium(place):.0f} windows a second shown")
    finally:
        px.terminate()
        px.wait(30)
