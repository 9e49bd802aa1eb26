"""pxlink.py - the link and the serial driver once more, written from LINK.md and SERIAL.md alone, and what the tests of
px serve share: a server under test, a client, TAP."""
import atexit
import os
import random
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import tty
import zlib

PX = os.environ.get("PX", "build/px")
PYTHON = sys.executable + " -sS"
DIR = tempfile.mkdtemp(prefix="px-serve-")

HELLO, RESET, READ, WRITE, RUN, STATUS, STOP, BATCH, BYE = 1, 2, 3, 4, 5, 6, 7, 0x10, 0x11
BUSY, ERROR = 0xFE, 0xFF
VERSION, TYPE, LENGTH, RANGE, RUNNING, FULL, EXECUTOR, DIFFER, OWNED, ORDER, WIRE = range(1, 12)


# ---- frames ----

def cobs(data):
    out = bytearray()
    for n, piece in enumerate(pieces := (data + b"\0").split(b"\0")[:-1]):
        while len(piece) >= 254:
            out += b"\xff" + piece[:254]
            piece = piece[254:]
            if not piece and n == len(pieces) - 1:
                return bytes(out)
        out += bytes([len(piece) + 1]) + piece
    return bytes(out)


def uncobs(data):
    out, at = bytearray(), 0
    while at < len(data):
        code = data[at]
        if at + code > len(data):
            return None
        out += data[at + 1:at + code]
        at += code
        if code < 255 and at < len(data):
            out.append(0)
    return bytes(out)


def encode(kind, sequence, words=(), version=1):
    body = struct.pack("<%dI" % (2 + len(words)), version | kind << 8 | sequence << 16, len(words), *words)
    return b"\0" + cobs(body + struct.pack("<I", zlib.crc32(body))) + b"\0"


def decode(data):
    body = uncobs(data)
    if body is None or len(body) < 12 or len(body) % 4 or zlib.crc32(body[:-4]) != struct.unpack("<I", body[-4:])[0]:
        return None
    words = struct.unpack("<%dI" % (len(body) // 4), body)
    return words[0] >> 8 & 255, words[0] >> 16 & 255, words[2:-1]


def planes(operations):
    """Packing 1 in its plainest form: runs where a plane is one byte throughout, else the plane as it is."""
    out = bytearray()
    for shift in (0, 8, 16, 24):
        plane = bytes(o >> shift & 255 for o in operations)
        if plane and plane == plane[:1] * len(plane):
            out.append(1)
            left = len(plane)
            while left:
                n = min(left, 129)
                out += bytes([n + 126, plane[0]]) if n > 1 else bytes([0, plane[0]])
                left -= n
        else:
            out += b"\0" + plane
    out += bytes(-len(out) % 4)
    return struct.unpack("<%dI" % (len(out) // 4), bytes(out))


# ---- the serial driver ----

def drive(operations, clock=0, setup=0x03030001):
    """SERIAL.md: frames, clock afterwards, errors."""
    frames, errors = [], 0
    divisor = setup & 0xFFFF or 1
    for o in operations:
        data, own, line, kind = o & 255, o >> 8 & 255, o >> 16 & 127, o >> 24
        if kind == 3:
            divisor = o & 0xFFFF or divisor
        elif kind == 1:
            d = own or divisor
            bits = 5 + (line & 3)
            stop = 2 if not line & 4 else 3 if bits == 5 else 4
            frames.append(data & (1 << bits) - 1 | (d & 255) << 8 | line << 16 | d >> 8 << 24)
            clock = clock + (2 + 2 * bits + 2 * (line >> 3 & 1) + stop) * 8 * d & 0xFFFFFFFF
        elif kind > 3:
            errors += 1
    return frames, clock, errors


def some_operations(count, seed):
    rnd = random.Random(seed)
    out = [0x03030001]
    while len(out) < count:
        kind = rnd.choices((1, 0, 2, 3, 77), (80, 3, 5, 10, 2))[0]
        if kind == 1:
            out.append(rnd.randrange(256) | rnd.choice((0, 0, 1, 12, 255)) << 8 | rnd.randrange(256) << 16 | 1 << 24)
        else:
            out.append(rnd.choice((0, 1, 12, 96, 0x900, 0xFFFF)) | rnd.randrange(256) << 16 | kind << 24)
    return out


def in_batches(operations, size):
    """Each of size operations and the set-up in force before them, as a stream is cut so that batches stand alone."""
    setup, out = 0x03030001, []
    for at in range(0, len(operations), size):
        part = operations[at:at + size]
        out.append([setup] + part)
        for o in part:
            if o >> 24 == 3:
                setup = o & 0xFFFF0000 | (o & 0xFFFF or setup & 0xFFFF)
    return out


# ---- a client ----

class Gone(Exception):
    """The connection ended, or nothing came in time."""


class Client:
    def __init__(self, place):
        self.sequence, self.buffer, self.busy, self.total = random.randrange(256), b"", 0, 0
        if place.startswith("/dev/"):
            self.fd = os.open(place, os.O_RDWR | os.O_NOCTTY)
            tty.setraw(self.fd)
            self.socket = None
        else:
            kind, where = place.split(":", 1)
            if kind == "unix":
                self.socket = socket.socket(socket.AF_UNIX)
                self.socket.connect(where)
            else:
                host, port = where.rsplit(":", 1)
                self.socket = socket.create_connection((host, int(port)))
            self.fd = self.socket.fileno()

    def close(self):
        if self.socket:
            self.socket.close()
        else:
            os.close(self.fd)

    def send(self, data):
        while data:
            try:
                data = data[os.write(self.fd, data):]
            except OSError as error:
                raise Gone(str(error)) from None

    def receive(self, timeout):
        """The next whole frame: type, sequence number, words."""
        end = time.monotonic() + timeout
        while True:
            while b"\0" in self.buffer:
                piece, self.buffer = self.buffer.split(b"\0", 1)
                frame = decode(piece) if piece else None
                if frame:
                    return frame
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.fd], [], [], left)[0]:
                raise Gone("no answer")
            try:
                got = os.read(self.fd, 65536)
            except OSError as error:
                raise Gone(str(error)) from None
            if not got:
                raise Gone("closed")
            self.buffer += got

    def wait(self, kind, timeout=20):
        end = time.monotonic() + timeout
        while True:
            got, sequence, words = self.receive(end - time.monotonic())
            if sequence == self.sequence and got == BUSY:
                self.busy += 1
            elif sequence == self.sequence and got in (kind | 0x80, ERROR):
                return words if got != ERROR else Refusal(words)

    def ask(self, kind, *words, timeout=20, same=False, version=1):
        if not same:
            self.sequence = (self.sequence + 1) % 256
        self.send(encode(kind, self.sequence, words, version))
        return self.wait(kind, timeout)

    def load(self, w, h, pixels, pc, profile=1):
        self.ask(RESET, profile, w, h, w * h)
        for at in range(0, w * h, 256):
            self.ask(WRITE, at, *pixels[at:at + 256])
        return self.ask(WRITE, 2 << 28, pc)

    def hello(self, session):
        reply = self.ask(HELLO, session & 0xFFFFFFFF, session >> 32)
        self.session, self.flags, self.last = session, reply[9], reply[10]
        self.wire_total = reply[11] | reply[12] << 32
        return reply

    def batch_words(self, number, operations, total, credit=0, clock=0, first=0, packed=False):
        body = planes(operations) if packed else operations
        return (self.session & 0xFFFFFFFF, self.session >> 32, number, first, 0, total & 0xFFFFFFFF, total >> 32, credit,
                clock, len(operations) | (1 << 24 if packed else 0), *body)

    def batch(self, number, operations, total, timeout=20, **more):
        return self.ask(BATCH, *self.batch_words(number, operations, total, **more), timeout=timeout)


class Refusal:
    def __init__(self, words):
        self.error = words[0]
        self.text = struct.pack("<%dI" % (len(words) - 1), *words[1:]).rstrip(b"\0").decode()

    def __repr__(self):
        return f"error {self.error}: {self.text}"


def error_of(reply):
    return reply.error if isinstance(reply, Refusal) else 0


def text_of(reply):
    return reply.text if isinstance(reply, Refusal) else ""


# ---- a server ----

SERVERS = []


class Server:
    def __init__(self, *arguments, on="ref", listen=None, test=None, stdout=None, limit=None):
        places = listen or ["unix:" + os.path.join(DIR, f"s{len(SERVERS)}")]
        command = [PX + "-test" if test else PX, "serve", "--on", on] + [x for p in places for x in ("--listen", p)] + list(arguments)
        env = dict(os.environ, PX_SERVE_TEST=test) if test else os.environ
        self.log = tempfile.TemporaryFile("w+", dir=DIR)
        self.out = stdout or tempfile.TemporaryFile("w+", dir=DIR)
        self.process = subprocess.Popen(command, stdout=self.out, stderr=self.log, env=env, preexec_fn=limit)
        self.places, self.wire = [], None
        SERVERS.append(self)
        end = time.monotonic() + 120
        while len(self.places) < len(places) and self.process.poll() is None and time.monotonic() < end:
            lines = self.text().splitlines()
            if limit and os.path.exists(places[0][5:]): # it may not even print
                self.places = places
                break
            self.places = [x.split(" on ", 1)[1] for x in lines if x.startswith("listening on ")]
            self.wire = next((x[5:].rsplit(",", 1)[0] for x in lines if x.startswith("wire ")), None)
            time.sleep(0.01)
        self.place = self.places[0] if self.places else None

    def text(self):
        out = ""
        for file in (self.log, self.out):
            if hasattr(file, "name") and not isinstance(file, int):
                try:
                    out += os.pread(file.fileno(), 1 << 20, 0).decode(errors="replace")
                except OSError:
                    pass
        return out

    def children(self):
        try:
            with open(f"/proc/{self.process.pid}/task/{self.process.pid}/children") as file:
                return [int(x) for x in file.read().split()]
        except OSError:
            return []

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def end(self, how=signal.SIGTERM, timeout=20):
        """The exit status."""
        if self.process.poll() is None:
            self.process.send_signal(how)
        return self.wait(timeout)

    def wait(self, timeout=20):
        try:
            return self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            return None


@atexit.register
def clean_up():
    for server in SERVERS:
        if server.process.poll() is None:
            server.process.kill()
            server.process.wait()
    shutil.rmtree(DIR, ignore_errors=True)


def px(*arguments, timeout=120):
    """Exit status and all output of a px command."""
    try:
        done = subprocess.run([PX, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=timeout, check=False)
    except subprocess.TimeoutExpired:
        return None, "no end in time"
    return done.returncode, done.stdout.decode(errors="replace")


def present(executor):
    return px("run", "-q", "--on", executor, "build/programs/dot_test.pxi")[0] == 0


def until(condition, timeout=10):
    end = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


# ---- TAP ----

COUNT = BAD = 0


def check(good, name, diagnostic=""):
    global COUNT, BAD
    COUNT += 1
    BAD += not good
    print(f"{'ok' if good else 'not ok'} {COUNT} - {name}", flush=True)
    if not good:
        for line in str(diagnostic).splitlines()[:20]:
            print("# " + line, flush=True)
    return good


def skip(name, why):
    global COUNT
    COUNT += 1
    print(f"ok {COUNT} - {name} # SKIP {why}", flush=True)


def run(tests, long=()):
    """Each test by itself: one that fails in its own ways does not take the others along. Arguments name those to run;
    without any, all but the long ones."""
    only = sys.argv[1:]
    for test in [*tests, *long] if only else tests:
        if only and test.__name__ not in only:
            continue
        try:
            test()
        except Exception as error:  # pylint: disable=broad-except
            import traceback
            check(False, test.__name__, traceback.format_exc() + "\n" + (SERVERS[-1].text() if SERVERS else ""))
        for server in SERVERS:
            server.end(signal.SIGKILL)
    print(f"1..{COUNT}")
    sys.exit(BAD > 0)
