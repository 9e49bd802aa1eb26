"""served.py - what the tests of px view share: the process that serves, and a page at its socket."""
import atexit
import json
import os
import re
import signal
import struct
import subprocess
import sys
import time

from websocket import WebSocket

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))

PX = os.environ.get("PX", "build/px")


class Served:
    def __init__(self, *arguments):
        self.process = subprocess.Popen([PX, "view", *arguments], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        atexit.register(self.process.kill)
        self.url = self.process.stdout.readline().strip()  # empty: px cannot serve
        self.place = self.url.split("/")[2] if self.url else ""

    def resident(self):
        return int(re.search(r"VmRSS:\s+(\d+)", open(f"/proc/{self.process.pid}/status").read())[1]) // 1024

    def processor(self):
        """The seconds that all of its threads have had."""
        fields = open(f"/proc/{self.process.pid}/stat").read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.communicate(timeout=20)
        return self.process.returncode


class Page:
    """A page: its window as pixels, and the state that came with the last frame."""
    keeps = True  # pixels are looked at

    def __init__(self, served, **more):
        self.socket = WebSocket(served.url.replace("http", "ws") + "socket", protocol="px-view", **more)
        self.program = json.loads(self.socket.receive())
        self.pixels, self.state, self.answers, self.screen, self.tiles, self.console = {}, None, [], None, 0, ""

    def say(self, text):
        self.socket.send(text)

    def take(self):
        """The next message; whether it was a frame."""
        message = self.socket.receive()
        if isinstance(message, str):
            self.answers.append(json.loads(message))
            return False
        head = struct.unpack_from("<11I", message)
        self.window, (across, down), self.tiles = head[2:6], head[6:8], head[10]
        self.size = across, down
        self.state = json.loads(message[44:44 + head[1]])
        self.console = ("" if self.state["again"] else self.console) + self.state["console"]
        if not self.state["displays"]:
            self.screen = None
        if not self.keeps:
            self.say("had")
            return True
        at = 44 + (head[1] + 3 & ~3)
        for _ in range(self.tiles):
            place, = struct.unpack_from("<I", message, at)
            x, y = place & 0xFFFF, place >> 16
            w, h = min(64, across - x), min(64, down - y)
            words = struct.unpack_from(f"<{w * h}I", message, at + 4)
            for j in range(h):
                for i in range(w):
                    self.pixels[x + i, y + j] = words[j * w + i]
            at += 4 + 4 * w * h
        if head[8]:
            self.screen = head[8], head[9], struct.unpack_from(f"<{head[8] * head[9]}I", message, at)
            at += 4 * head[8] * head[9]
        assert at == len(message), (at, len(message))
        self.say("had")
        return True

    def ask(self, words):
        """The answer to a word of px debug, or to another question."""
        self.answers = []
        self.say(words)
        while not self.answers:
            self.take()
        return self.answers[0]

    def count(self):
        """The position in the next frame."""
        while not self.take():
            pass
        return self.state["count"]

    def goes(self, count):
        """Winds there, and has the frame of it."""
        self.ask(f"do goto {count}")
        while self.state["count"] != count:
            self.take()

    def until(self, good, seconds=10):
        end = time.time() + seconds
        while time.time() < end:
            if self.take() and good(self.state):
                return True
        return False

    def whole(self):
        return [self.pixels[x, y] for y in range(self.size[1]) for x in range(self.size[0])]
