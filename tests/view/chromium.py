#!/usr/bin/env python3
"""px view in headless Chromium: clicks and keys as a person makes them, and what is to be seen then.

    PX=build/px tests/view/chromium.py       TAP
"""
import json
import os
import re
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True  # leave nothing beside the sources
here = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [here, os.path.join(here, "..", "gallery")]
import browser
import png
from served import PX, Served
from tap import finish, result


# A pixel of the image as WebGL has drawn it: R, G, B.
PIXEL = """(at => { const [x, y] = toScreen(at % program.w + .5, Math.floor(at / program.w) + .5), out = new Uint8Array(4), d = picture.width / stage.clientWidth;
    draw(); gl.readPixels(Math.floor(x * d), Math.floor(picture.height - y * d), 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, out); return [...out].slice(0, 3); })"""


def text(b, selector):
    return b.run(f"document.querySelector({json.dumps(selector)}).textContent")


def place(b, at):
    return b.run(f"(r => [r.x, r.y])(stage.getBoundingClientRect())"), b.run(f"toScreen({at} % program.w + .5, Math.floor({at} / program.w) + .5)")


def click_pixel(b, at, move=False):
    (left, top), (x, y) = place(b, at)
    b.mouse("mouseMoved", left + x, top + y) if move else b.click(left + x, top + y)


def at_count(b, n):
    b.wait(f"document.body.dataset.count === '{n}'")


def seen(b, words, places):
    """Whether these pixels are on the page as they are in the picture."""
    return [p for p in places if b.run(f"{PIXEL}({p})") != [words[p] >> s & 255 for s in (0, 8, 16)]]


def pictures(b, folder):
    program = "pxi/programs/mandelbrot.pxa"
    subprocess.run([PX, "run", program, "-q", "-o", os.path.join(folder, "end.pxi")], check=False)
    w, h, end = png.read(os.path.join(folder, "end.pxi"))
    served = Served(program)
    b.go(served.url)
    b.wait("document.body.dataset.ready && state && has.w")
    b.click_on("#step")
    at_count(b, 1)
    result(True, "a click steps")
    b.click_on("#run")
    b.wait("state.status === 'HALTED'")
    total = b.run("state.count")
    places = [0, 5, 100, w * h // 2, w * h - 1]
    b.wait("shown.frames > 2")
    b.key("l")
    time.sleep(0.2)
    result(not seen(b, end, places), "what WebGL shows is what px run leaves", seen(b, end, places))
    b.key("l")
    b.click_on("#back")
    at_count(b, total - 1)
    result(True, "and one goes back")
    x, y, wide = b.run("(r => [r.x, r.y + r.height / 2, r.width])(document.getElementById('time').getBoundingClientRect())")
    b.mouse("mousePressed", x + wide / 2, y, button="left", clickCount=1)
    for i in range(6):
        b.mouse("mouseMoved", x + wide / 2 - 15 * i, y, button="left", buttons=1)
    b.mouse("mouseReleased", x + wide / 2 - 75, y, button="left", clickCount=1)
    b.wait(f"state.count > {total} * .3 && state.count < {total} * .5 && state.count === Number(document.getElementById('time').value)")
    result(True, "the scrubber goes where it is drawn, back")
    address = b.run("program.names.find(n => n.name === 'iterate').at")
    click_pixel(b, address + 1, move=True)
    b.wait(f"document.getElementById('pixel').textContent.startsWith('{address + 1} ')")
    told = text(b, "#pixel")
    result("iterate + 1" in told and "bytes" in told and "0x" in told, "the pointer over a pixel tells what it is", told)
    b.click_on("#code .here")
    b.wait("document.querySelector('#code .stops.here')")
    was = b.run("state.count")
    b.click_on("#run")
    b.wait(f"state.count > {was} && !state.running")
    result(b.run("state.pc") == b.run("state.code.find(c => c.break).at"), "a click on a line of code stops there")
    b.click_on("#code .stops")
    b.wait("!document.querySelector('#code .stops')")
    click_pixel(b, 5)
    b.key("Enter")
    b.type("0x00ABCDEF")
    b.key("Enter")
    b.wait(f"{PIXEL}(5).join() === [0xEF, 0xCD, 0xAB].join()")
    result(True, "a pixel is set by click and keys")
    b.key("Escape", "")
    b.run("stage.focus()")
    b.key("ArrowRight")
    b.key("ArrowDown")
    result(b.run("cursor") == 5 + 1 + w, "arrows move the cursor")
    before = b.run("zoom")
    b.key("+")
    b.wait(f"zoom === {2 * before}")
    b.wait("has.w < program.w")
    result(True, "plus zooms, and less of the image is asked for")
    b.key("0")
    b.wait(f"zoom === {before}")
    b.key(" ")
    b.wait("state.status === 'HALTED'")
    result(True, "space runs")
    b.key("2")
    b.wait("state.counted && has.w === program.w && " + f"{PIXEL}({address + 1})[1] > 200")
    result(b.run(f"{PIXEL}({address + 1})")[0] == 0, "code that ran is green in the heat")
    b.click_on("#legend button:nth-child(2)")
    b.click_on("#legend button:nth-child(3)")
    b.wait(f"{PIXEL}({address + 1})[0] > 200")
    result(True, "alone it is shown as warmth")
    b.click_on("#legend button:nth-child(2)")
    b.click_on("#legend button:nth-child(3)")
    b.run("stage.focus()")
    b.key("3")
    b.wait("document.querySelectorAll('#legend i').length > 3")
    result(True, "classes have a legend")
    b.key("1")
    b.light(True)
    b.wait("css('--ground') === '#16181b'")
    result(True, "dark where the person likes it dark")
    b.light(False)
    result(served.end() == 0, "px ends")
    b.wait("document.body.dataset.closed")
    result("has ended" in text(b, "#state"), "and the page says so", text(b, "#state"))


def live(b, folder):
    path = os.path.join(folder, "screen.pxa")
    open(path, "w").write('''.size 16, 16
        .include "host.inc"
        set   r1, SYS_KEYBOARD | 1
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
    b.go(served.url)
    b.wait("document.body.dataset.ready && state")
    b.click_on("#run")
    b.wait("!document.getElementById('display-part').hidden")
    b.click_on("#display")
    b.key("a")
    b.wait("document.getElementById('display').getContext('2d').getImageData(0, 0, 1, 1).data[0] === 97")
    result(True, "a key goes to the program, whose display changes")
    b.click_on("#run")
    b.wait("!state.running")
    b.click_on("#words")
    b.type("goto 0")
    b.key("Enter")
    at_count(b, 0)
    b.wait("document.getElementById('display-part').hidden")
    result(True, "and at the beginning there is none")
    served.end()


def terminal(b, folder):
    """A program that takes each byte, and prints it reversed and then in the second line."""
    path = os.path.join(folder, "bytes.pxa")
    open(path, "w").write('''.size 32, 16
        .include "host.inc"
        set   r20, SYS_CONSOLE | 1
        sys   r20
again:  getc  r5
        puts  "\\x1b[2J\\x1b[H\\x1b[7m"
        putc  r5
        puts  "\\x1b[0m\\x1b[2;3H"
        putc  r5
        jmp   again
''')
    served = Served(path, "--host")
    b.go(served.url)
    b.wait("document.body.dataset.ready && state")
    b.click_on("#run")
    b.wait("state.bytes")
    b.click_on("#console")
    b.key("x")
    b.wait("terminal.text() === 'x\\n  x'")
    result(text(b, "#console .turned") == "x", "the console is a terminal, which takes keys and sequences", text(b, "#console"))
    first = b.run("state.count")
    b.key("y")
    b.wait("terminal.text() === 'y\\n  y'")
    b.run("stage.focus()")
    b.key(" ")
    b.wait("!state.running")
    b.run(f"source.go({first})")
    b.wait("terminal.text() === 'x\\n  x'")
    result(True, "what it shows goes back with the run")
    served.end()


def slots(b):
    served = Served("pxi/programs/scheduler.pxa")
    b.go(served.url)
    b.wait("document.body.dataset.ready && state")
    b.click_on("#words")
    b.type("run 2000")
    b.key("Enter")
    b.wait("state.count === 2000")
    b.click_on("#slots")
    b.wait("document.querySelectorAll('#tiles canvas').length > 1")
    x, y = b.run("(r => [r.x + 40, r.y + 30])(document.querySelector('#tiles button').getBoundingClientRect())")
    b.mouse("mouseMoved", x, y)
    b.wait("document.getElementById('pixel').textContent.startsWith('slot at ')")
    told, s = text(b, "#pixel"), b.run("slots[0]")
    result(f"slot at {s['at']} " in told and s["status"].lower() in told and f"pc {s['pc']} " in told, "a tile tells its slot, status and pc", told)
    click_pixel(b, s["image"] + 1, move=True)
    b.wait("document.getElementById('pixel').textContent.includes('its pixel 1, (1,0)')")
    result(True, "and the pointer over its pixels whose they are")
    served.end()


def kept(b, folder):
    path = os.path.join(folder, "out.html")
    subprocess.run([PX, "view", "pxi/programs/mandelbrot.pxa", "-o", path], check=False)
    w, h, end = png.read(os.path.join(folder, "end.pxi"))
    data = json.loads(re.search(r'<script id="saved" type="application/json">(.*?)</script>', open(path).read(), re.S)[1])
    b.events.clear()
    b.go("file://" + path)
    b.wait("document.body.dataset.ready && has.w")
    b.key("l")
    places = [0, 5, 100, w * h // 2, w * h - 1]
    time.sleep(0.2)
    result(not seen(b, end, places), "a page in a file shows the same", seen(b, end, places))
    b.key("2")
    b.wait("document.querySelectorAll('#legend i').length === 3")
    address = data["ran"][-1][0]
    b.wait(f"{PIXEL}({address})[1] > 50 && {PIXEL}({address})[0] === 0")
    b.key("1")
    b.click_on("#strip button:nth-child(2)")
    b.wait("document.getElementById('count').textContent !== state.count.toLocaleString('en')")
    result(True, "and frames of the run")
    asked = [u for u in b.asked() if not u.startswith(("file://", "data:"))]
    result(not asked and not b.troubles(), "and asks nobody for anything", (asked, b.troubles()))


def main():
    if browser.find() is None:
        print("ok 1 - px view in a browser # SKIP chromium is not here (package chromium)\n1..1")
        return
    served = Served("pxi/programs/life.pxa")
    served.end()
    if not served.url:
        print("ok 1 - px view in a browser # SKIP px was built without libwebsockets (package libwebsockets-dev)\n1..1")
        return
    b = browser.Browser()
    try:
        with tempfile.TemporaryDirectory() as folder:
            pictures(b, folder)
            live(b, folder)
            terminal(b, folder)
            slots(b)
            troubles = [t for t in b.troubles() if "ERR_CONNECTION" not in t]
            result(not troubles, "the page has no complaints", troubles)
            foreign = [u for u in b.asked() if not u.startswith(("http://127.0.0.1:", "ws://127.0.0.1:", "data:"))]
            result(not foreign, "and loads nothing from elsewhere", foreign)
            kept(b, folder)
    finally:
        b.close()
    finish()


main()
