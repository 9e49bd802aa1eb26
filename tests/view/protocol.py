#!/usr/bin/env python3
"""px view's server: what frames hold, who may come, and who cannot hold it up.

    PX=build/px tests/view/protocol.py        TAP
"""
import json
import os
import re
import socket
import struct
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import zlib

sys.dont_write_bytecode = True  # leave nothing beside the sources
here = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [here, os.path.join(here, "..", "gallery")]
import png
from served import PX, Page, Served
from tap import finish, result
from websocket import Refused, WebSocket


def status_of(url, **headers):
    try:
        return urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=10).status
    except urllib.error.HTTPError as e:
        return e.code


def socket_status(served, url=None, **headers):
    try:
        WebSocket(url or served.url.replace("http", "ws") + "socket", {k.title(): v for k, v in headers.items()}, "px-view").close()
        return 101
    except Refused as e:
        return e.args[0]


def image_after(program, folder, *arguments):
    """The pixels that another command leaves."""
    path = os.path.join(folder, "out.pxi")
    subprocess.run([PX, "run", program, "-q", "-o", path, *arguments], check=False, stdout=subprocess.DEVNULL)
    return png.read(path)


def frames(folder):
    program = "pxi/programs/mandelbrot.pxa"
    w, h, end = image_after(program, folder)
    served = Served(program)
    page = Page(served)
    result(page.program["w"] == w and page.program["h"] == h and any(n["name"] == "iterate" for n in page.program["names"]),
           "a page is told the size and the names", page.program)
    page.say(f"window 0 0 {w} {h} {w} {h} picture")
    page.say("do run")
    result(page.until(lambda s: s["status"] == "HALTED") and page.whole() == end, "the frame after a run is the image that px run leaves")
    answer = page.ask("do goto 1000")
    page.until(lambda s: s["count"] == 1000) if page.state["count"] != 1000 else None
    subprocess.run([PX, "run", program, "-q", "--budget", "1000", "-o", os.path.join(folder, "state.pxi")], check=False)
    state = png.read(os.path.join(folder, "state.pxi"))
    rows = -(-266 // w)
    result(answer["ok"] and page.whole() == state[2][rows * w:], "and back, after 1,000 instructions, that of a run so long")
    result(page.state["registers"] == state[2][10:266], "with its registers")
    was = page.whole()
    page.ask("do set [5] = 0x01020304")
    page.until(lambda s: page.pixels[5, 0] == 0x01020304) if page.pixels[5, 0] != 0x01020304 else None
    changed = [i for i, (a, b) in enumerate(zip(was, page.whole())) if a != b]
    result(changed == [5] and page.tiles == 1, "a pixel that is set changes one tile", (changed, page.tiles))
    answer = page.ask("look 5")
    result(answer["pixel"] == 0x01020304 and answer["look"] == 5, "a pixel is told", answer)
    answer = page.ask("do break nowhere")
    result(answer["ok"] is False and "nowhere" in answer["error"], "what is wrong is told in a sentence", answer)
    answer = page.ask("do save " + os.path.join(folder, "kept.pxi"))
    result(answer["ok"] is False and not os.path.exists(os.path.join(folder, "kept.pxi")), "a page writes no files", answer)
    page.say("window 3 4 20 10 10 5 picture")
    page.until(lambda s: page.window == (3, 4, 20, 10))
    all_of = was[:5] + [0x01020304] + was[6:]
    result(page.size == (10, 5) and [page.pixels[i, j] for j in range(5) for i in range(10)] ==
           [all_of[(4 + 2 * j) * w + 3 + 2 * i] for j in range(5) for i in range(10)], "a part of it, sampled")
    page.say("window 4000000000 7 4000000000 0 99999 99999 picture")
    page.until(lambda s: page.window[1] == 7)
    result(page.window == (0, 7, w, 1), "a window beyond the image is cut", page.window)
    result(served.end() == 0, "SIGTERM ends it with status 0")


def breaks(folder):
    """Three rounds: again is reached at 2, 4 and 6."""
    path = os.path.join(folder, "loop.pxa")
    open(path, "w").write(".size 16, 4\n.checksum none\nmain: li r1, 3\nnop_: li r2, 0\nagain: addi r1, r1, -1\n bne r1, r0, again\n halt\n")
    served = Served(path, "--on", "ref")
    page = Page(served)
    page.say("window 0 0 16 4 16 4 heat")
    page.ask("do break again")
    counts = []
    for _ in range(3):
        answer = page.ask("do run")
        counts.append(answer.get("count"))
    result(counts == [2, 4, 6], "a run stops at a breakpoint each time", counts)
    result([page.ask("do rrun").get("count") for _ in range(2)] == [4, 2], "and back")
    page.ask("do delete")
    page.say("do run")
    page.until(lambda s: s["status"] == "HALTED" and s["counted"])
    main = [n["at"] for n in page.program["names"] if n["name"] == "main"][0]
    executed = [page.ask(f"look {a}")["executed"] for a in range(main, main + 6)]
    result(executed == [1, 1, 3, 3, 1, 0], "heat counts each instruction once, however often it was wound over", executed)
    page.ask("do goto 3")
    page.ask("do set r1 = 1")
    page.say("do run")
    page.until(lambda s: s["status"] == "HALTED" and s["counted"])
    executed = [page.ask(f"look {a}")["executed"] for a in range(main, main + 6)]
    result(executed == [1, 1, 2, 2, 1, 0], "and of a run that was changed, those that it has now", executed)
    served.end()


def strangers():
    served = Served("pxi/programs/life.pxa")
    token = served.url.split("/")[3]
    result(status_of(served.url) == 200 and status_of(served.url + "page.js") == 200, "the page is there")
    head = urllib.request.urlopen(served.url).headers["content-security-policy"]
    result("default-src 'none'" in head and "script-src 'self'" in head, "its policy lets it load from px alone", head)
    result(status_of(f"http://{served.place}/") == 404, "not without the token")
    result(status_of(f"http://{served.place}/{'0' * 32}/") == 404, "not with another")
    result(status_of(served.url, Host="px.example") == 403, "a foreign Host is refused")
    result(status_of(served.url, Host="px.example:" + served.place.split(":")[1]) == 403, "with our port, too")
    result(status_of(served.url, Origin="http://px.example") == 403, "a foreign Origin is refused")
    result(socket_status(served) == 101, "a socket without Origin may come")
    result(socket_status(served, origin="http://" + served.place) == 101, "and one of our page")
    result(socket_status(served, origin="http://px.example") != 101, "a foreign page's may not")
    result(socket_status(served, origin="null") != 101, "nor a sandboxed page's")
    result(socket_status(served, host="px.example") != 101, "nor one for a foreign Host")
    result(socket_status(served, f"ws://{served.place}/{'0' * 32}/socket") != 101, "nor one without the token")
    port = served.place.split(":")[1]
    done = subprocess.run([PX, "view", "pxi/programs/life.pxa", "--port", port], capture_output=True, text=True, timeout=20, check=False)
    result(done.returncode == 2 and f"port {port} of 127.0.0.1 cannot be had" in done.stderr, "a port in use", done.stderr)
    listening = subprocess.run(["ss", "-ltn"], capture_output=True, text=True, check=False).stdout if os.path.exists("/usr/bin/ss") else ""
    result(not listening or f"127.0.0.1:{port}" in listening and f"0.0.0.0:{port}" not in listening, "it listens on the loopback alone", listening)
    served.end()


def crowd(folder):
    """A machine of 1024x1024 that writes everywhere, for ever."""
    path = os.path.join(folder, "busy.pxa")
    open(path, "w").write(".size 1024, 1024\n.checksum none\n set r1, 20000\n set r3, 1024 * 512\n vl r1\nagain: fill [r3], r2\n addi r2, r2, 1\n jmp again\n")
    served = Served(path)
    deaf = Page(served)
    deaf.say("window 0 0 1024 768 1024 768 picture")
    deaf.say("do run")
    first, second = Page(served), Page(served)
    for page in (first, second):
        page.say("window 0 512 8 8 8 8 picture")
        page.until(lambda s: True)
    before = served.resident()
    seen, start = 0, time.time()
    while time.time() - start < 1.5:
        seen += first.take()
        deaf.say("look 1") if seen < 4 else None
    result(seen >= 8, "who never reads does not hold up who does", f"{seen} frames")
    result(second.until(lambda s: s["running"] and s["count"] > 0), "two pages see one machine", second.state)
    deaf.socket.socket.settimeout(0.5)
    try:
        for _ in range(4000):
            deaf.say("had")
            deaf.say("look 1")
    except OSError:
        pass
    result(first.until(lambda s: s["running"]), "nor who asks and asks without reading")
    grown = served.resident() - before
    result(grown < 32, "nothing piles up", f"{grown} MiB more")
    raw = socket.create_connection((served.place.split(":")[0], int(served.place.split(":")[1])))
    raw.sendall(b"GET / HT")
    result(first.until(lambda s: s["running"]), "nor does half a request hold it up")
    second.socket.close()
    first.say("x" * 5000)
    try:
        while True:
            first.take()
    except (EOFError, OSError):
        pass
    third = Page(served)
    third.say("window 0 0 8 8 8 8 picture")
    third.say("pause")
    result(third.until(lambda s: not s["running"]), "a line of 5,000 bytes closes its page alone")
    pages = []
    try:
        for _ in range(40):
            pages.append(Page(served))
    except (EOFError, OSError):
        pass
    result(10 < len(pages) < 17, "at most 16 pages at a time", len(pages))
    result(served.end() == 0, "and it ends while they are there")


def changed_below(folder):
    """The file is written anew while it is looked at: the machine goes on as it was, and the next one is the new."""
    path = os.path.join(folder, "changes.pxa")
    open(path, "w").write(".size 8, 2\n li r1, 1\n li r2, 2\n halt\n")
    served = Served(path)
    page = Page(served)
    page.say("window 0 0 8 2 8 2 picture")
    open(path, "w").write(".size 4, 4\n li r1, 7\n")
    page.goes(2)
    result(page.state["registers"][1:3] == [1, 2] and page.program["w"] == 8, "a file that changes below a page changes nothing", page.state["text"])
    served.end()
    served = Served(path)
    result(Page(served).program["w"] == 4, "until it is looked at anew")
    served.end()


def seldom_at_rest(folder):
    """An executor that can be looked at between launches only: a frame leaves in a few looks, however large it is."""
    name = "the largest window leaves while OpenCL runs"
    if "opencl:0" not in subprocess.run([PX, "devices"], capture_output=True, text=True, check=False).stdout:
        result(True, f"{name} # SKIP there is no OpenCL device")
        return
    path = os.path.join(folder, "filled.pxa")
    open(path, "w").write(".size 4096, 4096\n.checksum none\n set r1, 65536\n set r3, 65536\n vl r1\nagain: fill [r3], r2\n addi r2, r2, 1\n jmp again\n")
    served = Served(path, "--on", "opencl")
    page = Page(served)
    page.keeps = False
    page.socket.socket.settimeout(300)  # its kernels are made
    page.say("window 0 0 1 1 1 1 picture")
    page.say("do run")
    page.until(lambda s: s["count"] > 0, 300)
    page.say("window 0 0 4096 4096 1024 768 picture")
    first, start = page.state["count"], time.time()
    for _ in range(5):
        page.count()
    result(page.size == (1024, 683) and page.state["count"] > first and time.time() - start < 15, name, f"{time.time() - start:.0f} s, {page.state}")
    served.end()


def hosted(folder):
    path = os.path.join(folder, "screen.pxa")
    open(path, "w").write('''.size 16, 16
        .include "host.inc"
        puts  "ready\\n"
        set   r1, SYS_KEYBOARD | 1
        sys   r1
        set   r1, SYS_POINTER | 1
        sys   r1
again:  set   r1, SYS_DISPLAY
        set   r2, block * 4
        sys   r1
        set   r1, SYS_WAIT
        set   r2, ring * 4
        sys   r1
        set   r3, event
        ld    r4, [r3 + 1]
        set   r5, image
        st    [r5], r4
        jmp   again
block:  .word image * 4, 2, 2, 2
ring:   .word event * 4, 1, 0, 1, 0, 0
event:  .zero 4
image:  .word 0x00112233, 2, 3, 4
''')
    served = Served(path, "--host")
    page = Page(served)
    page.say("window 0 0 16 16 16 16 picture")
    page.say("do run")
    page.until(lambda s: page.screen is not None)
    result(page.screen == (2, 2, (0x00112233, 2, 3, 4)), "the display of a program that waits", page.screen)
    result("ready" in page.console, "its console", page.console)
    page.say("key 97 1")
    page.until(lambda s: page.screen[2][0] == 97)
    result(page.screen[2][0] == 97, "a key is an event", page.screen)
    page.say("pointer 1 1 1")
    page.until(lambda s: page.screen[2][0] == 0x10001)
    result(page.screen[2][0] == 0x10001, "and the pointer", page.screen)
    page.say("pause")
    result(page.until(lambda s: not s["running"]), "a program that waits can be made to pause", page.state)
    before = page.state["count"]
    answer = page.ask("do back 3")
    result(answer["ok"] and answer["count"] == before - 3, "and wound back", answer)
    # Ends of displays: the first with what the picture held, then a key, then the pointer.
    page.goes(0)
    result(page.screen is None and page.console == "", "at the beginning nothing is displayed or printed", (page.screen, page.console))
    shown = []
    for at in range(4, before + 4, 4):
        page.goes(min(at, before))
        if page.screen is not None and page.screen[2][0] not in [s for _, s in shown]:
            shown.append((at, page.screen[2][0]))
    result([s for _, s in shown] == [0x00112233, 97, 0x10001] and page.console == "ready\n", "on the way they are shown again", (shown, page.console))
    first = shown[0][0]
    page.goes(first)
    result(page.screen[2][0] == 0x00112233 and page.console == "ready\n", "and back, what was there then", (page.screen, page.console))
    page.ask("do set r20 = 1")
    page.ask("do step")
    page.until(lambda s: s["count"] == first + 1) if page.state["count"] != first + 1 else None
    result(page.state["furthest"] == first + 1 and page.screen[2][0] == 0x00112233, "a run that is changed forgets what came after", page.screen)
    served.end()
    served = Served("examples/guess.pxa", "--host", "--seed", "1")
    page = Page(served)
    page.say("window 0 0 16 12 16 12 picture")
    page.say("do run")
    page.until(lambda s: "Which is it? " in page.console)
    for c in "50\n":
        page.say(f"key {ord(c)} 1")
    result(page.until(lambda s: "It is less" in page.console or "It is more" in page.console), "what is typed is read", page.console)
    result("? 50\n" in page.console, "and echoed, as a terminal does with lines", page.console)
    page.ask("look 5")
    result(page.until(lambda s: True) and page.state["running"], "a question does not end the wait for what is typed", page.state)
    served.end()


def slots():
    """Machines in slots, as tiles; one of them in full from px info."""
    program = "pxi/programs/scheduler.pxa"
    served = Served(program)
    page = Page(served)
    page.say("window 0 0 8 8 8 8 picture")
    page.ask("do run 2000")
    told = page.ask("slots")["slots"]
    result(len(told) > 1 and all(s["status"] in ("RUNNING", "WAITING", "HALTED", "TRAPPED") for s in told), "machines in slots are told", told)
    w, h = page.program["w"], page.program["h"]
    page.say(f"window 0 0 {w} {h} {w} {h} picture")
    page.until(lambda s: page.size == (w, h))
    image, s = page.whole(), told[0]
    step = max(-(-s["w"] // 40), -(-s["h"] // 30))
    tile = ["".join("".join(f"{image[s['image'] + y * s['w'] + x] >> k & 255:02X}" for k in (0, 8, 16)) for x in range(0, s["w"], step))
            for y in range(0, s["h"], step)]
    result(s["tile"] == tile, "each with its picture in small", (s["tile"], tile))
    result(image[s["at"] + 4] == s["pc"] or s["pc"] in image[s["at"]:s["at"] + 10], "and its pc", (s["pc"], image[s["at"]:s["at"] + 10]))
    served.end()


def kept(folder):
    path = os.path.join(folder, "out.html")
    done = subprocess.run([PX, "view", "pxi/programs/mandelbrot.pxa", "-o", path], capture_output=True, text=True, check=False)
    text = open(path).read() if os.path.exists(path) else ""
    result(done.returncode == 0 and text.startswith("<!doctype html>"), "a page in a file", done.stderr)
    data = json.loads(re.search(r'<script id="saved" type="application/json">(.*?)</script>', text, re.S)[1])
    import base64
    w, h, end = image_after("pxi/programs/mandelbrot.pxa", folder)
    pixels = zlib.decompress(base64.b64decode(data["picture"]))
    result(list(struct.unpack(f"<{w * h}I", pixels)) == end, "it holds the image that px run leaves")
    counts = [f["count"] for f in data["frames"]]
    result(1 < len(counts) <= 16 and counts[0] == 0 and counts == sorted(counts) and counts[-1] == data["state"]["count"], "frames of the run", counts)
    result(sum(r[2] for r in data["ran"]) == data["state"]["count"], "what ran, as often as instructions were counted")
    result(not re.search(r'(src|href)="(?!data:)', text) and "http://" not in text, "and nothing is loaded from anywhere")
    done = subprocess.run([PX, "view", "pxi/programs/life.pxa", "-o", os.path.join(folder, "none", "x.html")], capture_output=True, text=True, check=False)
    result(done.returncode == 2 and "none" in done.stderr, "a file that cannot be written", done.stderr)
    done = subprocess.run([PX, "view", "pxi/programs/life.pxa", "-o", path, "--port", "1"], capture_output=True, text=True, check=False)
    result(done.returncode == 2 and "exclude" in done.stderr, "a file and a port", done.stderr)


with tempfile.TemporaryDirectory() as temporary:
    kept(temporary)
    served = Served("pxi/programs/life.pxa")
    served.end()
    if not served.url:
        result(True, "the server # SKIP px was built without libwebsockets")
    else:
        for part in (frames, breaks, crowd, changed_below, seldom_at_rest, hosted):
            part(temporary)
        slots()
        strangers()
finish()
