#!/usr/bin/env python3
"""Each pixel of a picture of pxOS belongs to a region that has a name: what px info says of one that is new and of one that has run,
against what stands in its pixels.

    PX=build/px OS=build/os tests/os/regions.py        TAP
"""
import json
import os
import re
import subprocess
import struct
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from tap import finish, result
import zlib

sys.dont_write_bytecode = True  # leave nothing beside the sources
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "gallery"))
import png

PX, OS = os.environ.get("PX", "build/px"), os.environ.get("OS", "build/os")
SLOTS = [2048] * 8 + [16384] * 2
STATE_ROWS = 2  # of 256 pixels: 266 words come before the image of a saved state
MAP, STATE, PXFS = 0x50414D4F, 0x01535850, 0x01465850
LIKE = {
    "kernel": lambda r, g, b: b > g > r,
    "drivers": lambda r, g, b: g > b > r,
    "file systems": lambda r, g, b: r > b and g > b and r - g < r // 4,
    "programs": lambda r, g, b: r > g > b and g < r * 3 // 4,
    "slot, free": lambda r, g, b: r > g > b,
    "slot, READY": lambda r, g, b: r > 250 and r > g > b,
    "slot, BLOCKED": lambda r, g, b: 150 < r < 250 and r > g > b,
    "slot, ENDED": lambda r, g, b: r > 2 * g,
}


def cells_of(path):
    """Width of a map and its bytes, a row's filter before each: px leaves them as they are."""
    with open(path, "rb") as file:
        data = file.read()
    at, packed, width = 8, b"", 0
    while at < len(data):
        size, kind = struct.unpack_from(">I4s", data, at)
        if kind == b"IHDR":
            width = struct.unpack_from(">I", data, at + 8)[0]
        elif kind == b"IDAT":
            packed += data[at + 8:at + 8 + size]
        at += 12 + size
    return width, zlib.decompress(packed)


def check(name, path, rows_before):
    """The regions of an image that begins after some rows of a picture."""
    told = subprocess.run([PX, "info", "--json", f"--map={path}.map.png", path], capture_output=True, check=True)
    info = json.loads(told.stdout)
    width, _, words = png.read(path)
    image = words[rows_before * width:]
    at, gaps = 0, []
    for region in info["regions"]:
        if region["from"] != at or region["pixels"] == 0 or region["name"] == "":
            gaps.append(region)
        at = region["from"] + region["pixels"]
    result(not gaps and at == len(image) == info["width"] * info["height"], f"{name}: no pixel without a region, none in two", gaps)

    text = subprocess.run([PX, "info", path], capture_output=True, check=True, text=True).stdout
    runs = [tuple(map(int, run)) for run in re.findall(r"^  pixels +(\d+) to +(\d+)  ", text, re.M)]
    joined = all(last + 1 == begin for (_, last), (begin, _) in zip(runs, runs[1:]))
    result(joined and runs[0][0] == 0 and runs[-1][1] == len(image) - 1, f"{name}: nor in what is printed", runs)

    by_name = {}
    for region in info["regions"]:
        by_name.setdefault(region["name"], region)
    slots = [r for r in info["regions"] if r["name"].startswith("slot ")]
    places = {r["from"] for r in slots if r["kind"] != "slot, free"}
    begin = slots[0]["from"]
    machines = {at for at in range(begin, len(image), 1024) if image[at] == STATE and image[at + 1] == 1}
    root = by_name["root"]["from"]
    result([slot["pixels"] for slot in slots] == SLOTS, f"{name}: slots are as large as they were wanted", slots)
    result(image[by_name["map"]["from"]] == MAP and PXFS in image[root:root + 2048:128] and by_name["data"]["from"] == image[2],
           f"{name}: map, root and the end of the code are where they are said to be", by_name)
    result(places <= machines, f"{name}: there is a machine in each slot that is taken", places - machines)

    map_width, cells = cells_of(f"{path}.map.png")
    scale, wrong = map_width // width, []
    for region in info["regions"]:
        x, y = region["from"] % width, region["from"] // width
        at = y * scale * (4 * map_width + 1) + 1 + 4 * x * scale
        r, g, b = cells[at:at + 3]
        part = region["kind"].split(",")[0] if not region["kind"].startswith("slot") else ",".join(region["kind"].split(",")[:2])
        bright = 1 if image[region["from"]] != 0 else 2
        if not LIKE[part](r * bright, g * bright, b * bright):
            wrong.append((region, r, g, b))
    result(not wrong, f"{name}: each region has its part's colour", wrong)
    return info


def kinds(info):
    return {region["kind"] for region in info["regions"]}


with tempfile.TemporaryDirectory() as folder:
    system = f"{folder}/os.pxi"
    subprocess.run([PX, "mkos", "-q", "--from", f"{OS}.pxi", "--slots", "2K=8,16K=2", "-o", system], check=True)
    info = check("a new system", system, 0)
    parts = {kind for kind in kinds(info) if kind.endswith(", code")}
    result(parts == {"kernel, code", "drivers, code", "file systems, code"} and info["processes"] == [], "code of three parts", parts)

    # Process 2 waits for the clock, the third has ended and nobody has asked, 1 waits for 4, which runs.
    saved = f"{folder}/saved.pxi"
    subprocess.run([PX, "run", "-q", "--host", "--budget", "400000", "--state", system, "-o", saved],
                   input=b"sleep 1000 & true & yes | wc\n", capture_output=True, check=False)
    info = check("one that runs", saved, STATE_ROWS)
    result({p["number"]: (p["name"], p["parent"]) for p in info["processes"]} ==
           {1: ("sh", 0), 2: ("sleep", 1), 3: ("true", 1), 4: ("yes", 1), 5: ("wc", 1)}, "its processes", info["processes"])
    states = {p["number"]: p["state"] for p in info["processes"]}
    result(states[1] == states[2] == "BLOCKED" and states[3] == "ENDED" and "READY" in (states[4], states[5]), "and how they are", states)
    asks = {p["number"]: p["asks"] for p in info["processes"]}
    result(asks[1] == "WAITPID" and asks[2] == "WAIT" and asks[3] is None, "and what they ask", asks)
    result({"slot, free", "slot, BLOCKED, sleep", "slot, ENDED, true"} <= kinds(info), "their slots have their names", kinds(info))

finish()
