#!/usr/bin/env python3
"""screen.py PX OS.PXI - display, keyboard and pointer of pxOS' processes: what is typed and pointed at is painted, and what was shown last is
looked at. The session is fed to the reference, which must end in the same pixels. TAP."""
import glob
import os
import pty
import select
import struct
import subprocess
import sys
import tempfile
import time
import zlib

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "cli"))
import png_rows  # noqa: E402
from tap import finish, result, skip  # noqa: E402

PX, SYSTEM = sys.argv[1:3]
WIDTH, HEIGHT, SECONDS = 64, 40, 60
UP, DOWN, RIGHT, LEFT = "\x1b[A", "\x1b[B", "\x1b[C", "\x1b[D"


def pointed(x, y, button):
    """What a terminal sends (xterm, SGR); a character is one pixel wide and two high."""
    return f"\x1b[<{button};{x + 1};{y // 2 + 1}M"


class Session:
    def __init__(self, *arguments):
        self.text = b""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execv(PX, [PX, "os", *arguments])

    def until(self, wanted):
        end = time.monotonic() + SECONDS
        while not wanted():
            if time.monotonic() > end:
                return False
            if select.select([self.fd], [], [], 0.05)[0]:
                try:
                    self.text += os.read(self.fd, 65536)
                except OSError:
                    return wanted()
        return True

    def says(self, text):
        """Whether it comes; what is before it is forgotten."""
        good = self.until(lambda: text.encode() in self.text)
        self.text = self.text[self.text.find(text.encode()) + len(text):] if good else self.text
        return good

    def type(self, keys):
        os.write(self.fd, keys.encode())

    def ends(self):
        self.until(lambda: False)  # till its terminal is closed
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def last_frame(folder):
    """The picture that was shown last, as {place: colour} of what is not black; None: it is not there, or being written."""
    try:
        w, h, rows = png_rows.read(sorted(glob.glob(folder + "/*.png"))[-1])
    except (IndexError, OSError, AssertionError, UnboundLocalError, ValueError, zlib.error, struct.error):
        return None
    step = len(rows[0]) // w
    dots = {(x, y): tuple(row[step * x:step * x + 3]) for y, row in enumerate(rows) for x in range(w)}
    return (w, h), {place: colour for place, colour in dots.items() if colour != (0, 0, 0)}


def main():
    if not os.path.exists(SYSTEM):
        skip(f"{SYSTEM} is not here: what it is made with is missing")
    with tempfile.TemporaryDirectory() as folder:
        frames, log, ended = folder + "/frames", folder + "/log", folder + "/end.png"
        s = Session(SYSTEM, f"--screen={frames}", "--record", log, "--save", ended)

        def shows(name, keys, wanted):
            s.type(keys)
            s.until(lambda: last_frame(frames) == ((WIDTH, HEIGHT), wanted))
            result(last_frame(frames) == ((WIDTH, HEIGHT), wanted), name, last_frame(frames), s.text)

        s.says("$ ")
        s.type("paint\r")
        shows("a black picture", "", {})
        white, red, blue = (255,) * 3, (255, 0, 0), (0, 0, 255)
        dots = {(32, 20): white}
        shows("a dot", " ", dots)
        dots.update({(33, 20): red, (33, 21): red, (32, 21): red})
        shows("keys without a character, and colours", f"4{RIGHT} {DOWN} {LEFT} ", dots)
        dots[(5, 8)] = red
        shows("the pointer's left button", pointed(5, 8, 0), dots)
        dots[(63, 38)] = blue
        shows("at the edge, in another colour", "1" + pointed(63, 38, 0) + pointed(64, 40, 0), dots)
        del dots[(33, 20)]
        shows("its right button, which takes a dot away", pointed(33, 20, 2), dots)
        shows("all is black", "c" + pointed(0, 0, 2) + "7", {})
        for end in (21, 41, 61):
            shows(f"keys that are typed at once, {end} dots", f" {RIGHT}" * 20 + " ", {(x, 0): white for x in range(end)})
        s.text = b""
        s.type("q")
        result(s.says("$ "), "its end, and the shell's keys are its own again", s.text)
        s.type("echo a\x7fb; echo $?\r")
        result(s.says("b\r\n0\r\n"), "which edits its line", s.text)

        s.says("$ ")
        s.type("sh -c 'paint; echo ended' & sleep 1; paint; echo $?\r")
        result(s.says("paint: keyboard: the host was not given what this needs"), "one process at a time", s.text)
        shows("what is typed is the other's", " ", {(32, 20): white})
        s.type("q")
        result(s.says("ended"), "then q ends the one that has it", s.text)
        s.type("\rpaint\r")
        shows("another has it then", "", {})
        shows("and its keys", DOWN + " ", {(32, 21): white})
        s.text = b""
        s.type("\x03")
        result(s.says("$ "), "and Ctrl-C ends it", s.text)
        s.type("exit 5\r")
        status = s.ends()
        result(status == 5, "the end", status, s.text)

        again = folder + "/again.png"
        done = subprocess.run([PX, "os", SYSTEM, "--on", "ref", "--replay", log, "--save", again], capture_output=True, check=False,
                              timeout=300)
        same = os.path.exists(again) and open(again, "rb").read() == open(ended, "rb").read()
        result(done.returncode == 5 and same, "the same pixels on ref", done.returncode, done.stderr)
    done = subprocess.run([PX, "os", SYSTEM], input=b"paint; echo $?\n", capture_output=True, check=False, timeout=300)
    result(done.stdout == b"paint: keyboard: the host was not given what this needs\n1\n", "without a display", done.stdout)
    finish()


main()
