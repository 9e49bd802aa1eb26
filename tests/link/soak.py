"""soak.py - px serve among the rude: connections come and go, SOAK_CONNECTIONS in SOAK_SECONDS, in every bad manner there
is, while two good clients work. They are answered throughout and no frame is lost or doubled; afterwards the server has as
many descriptors, processes and as much memory as before. TAP; from the repository root. Without these two in the environment:
the short form of `make test`; `make soak-serve` is the long one."""
import resource

from pxlink import *

sys.path.insert(0, "tests/conformance")
from pxvm_png import png_read  # pylint: disable=wrong-import-position

SECONDS = float(os.environ.get("SOAK_SECONDS", "5"))
CONNECTIONS = int(os.environ.get("SOAK_CONNECTIONS", "150"))
SEED = int(os.environ.get("SOAK_SEED", str(random.randrange(1 << 32))))
RUDE = 12 # at a time
CLIENTS, FILES = 48, 200
SETUP, LETTER = 0x03030001, 0x01030000

print(f"# {CONNECTIONS} connections in {SECONDS:g} s, seed {SEED}")


# ---- good manners ----

class Good(threading.Thread):
    """Works until told to stop; what went wrong, and the longest wait for an answer."""

    def __init__(self, place):
        super().__init__(daemon=True)
        self.client, self.stop, self.wrong, self.done, self.longest = Client(place), threading.Event(), None, 0, 0

    def run(self):
        try:
            while not self.stop.is_set() and self.wrong is None:
                begin = time.monotonic()
                self.wrong = self.work()
                self.longest = max(self.longest, time.monotonic() - begin)
                self.done += 1
        except (Gone, OSError) as error:
            self.wrong = f"after {self.done} turns: {error!r}"


class GoodMachine(Good):
    """Writes pixels and reads them back."""

    def work(self):
        c, pixels = self.client, [random.getrandbits(32) for _ in range(64)]
        if c.ask(RESET, 1, 16, 16, 256) != () or c.ask(WRITE, 17, *pixels) != ():
            return "RESET or WRITE was refused"
        return None if c.ask(READ, 17, 64) == tuple(pixels) else "READ gave other pixels"


class GoodSession(Good):
    """Sends frames that are numbered by their data, and keeps the account."""

    def __init__(self, place):
        super().__init__(place)
        self.client.hello(0x600D600D600D600D)
        self.number, self.frames = 0, []

    def work(self):
        c, count = self.client, random.randrange(1, 60)
        frames = [(len(self.frames) + i) & 255 for i in range(count)]
        reply = c.batch(self.number + 1, [SETUP] + [LETTER | x for x in frames], len(self.frames))
        if isinstance(reply, Refusal):
            return f"batch {self.number + 1}: {reply}"
        self.number += 1
        self.frames += frames
        total = reply[2] | reply[3] << 32
        time.sleep(0.005)
        return None if total == len(self.frames) else f"the wire has {total} frames, {len(self.frames)} were sent"


# ---- bad manners: each takes a fresh connection, and leaves it as it likes ----

def leaves_at_once(c):
    """Says nothing."""


def half_a_frame(c):
    frame = encode(WRITE, 1, [0] + [7] * 256)
    c.send(frame[:random.randrange(1, len(frame))])


def garbage(c):
    c.send(os.urandom(random.randrange(1, 50000)))


def resets(c):
    """Requests on their way, answers unread: a TCP connection goes with RST."""
    c.send(encode(STATUS, 1) * 20)
    c.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def never_reads(c):
    c.socket.setblocking(False)
    frame = encode(HELLO, 1) * 100
    try:
        for _ in range(200):
            c.socket.send(frame)
        c.send(frame)
    except OSError:
        pass
    time.sleep(random.random() * 0.5)


def reads_slowly(c):
    c.ask(RESET, 1, 16, 16, 256)
    c.send(b"".join(encode(READ, i, [0, 256]) for i in range(20)))
    for _ in range(20):
        c.socket.recv(1)
        time.sleep(0.02)


def trickles(c):
    for byte in encode(STATUS, 1):
        c.send(bytes([byte]))
        time.sleep(0.02)


def claims_much(c):
    """Frames longer than any, an image as large as there is, batches of 2^24 operations."""
    body = struct.pack("<2I", 1 | WRITE << 8 | 1 << 16, 65535)
    c.send(b"\0" + cobs(body + os.urandom(3000)) + b"\0")
    c.ask(RESET, 1, 65536, 65535, 0xFFFF0000)
    c.ask(RESET, 1, 4096, 4096, 1 << 24)
    c.ask(READ, 0, 0xFFFFFFFF)
    c.ask(BATCH, 1, 0, 1, 0, 0, 0, 0, 0xFFFFFFFF, 0, 0xFFFFFF)


def runs_for_ever(c):
    w, h, pixels = LOOP
    c.load(w, h, pixels, pixels[1])
    c.ask(RUN, 0xFFFFFFFF)


def wants_the_wire(c):
    reply = c.hello(random.getrandbits(64) | 1)
    if reply[9] & 1:
        STOLEN.append(reply)
    c.batch(1, [SETUP, LETTER | 0x58], 0)
    c.ask(BYE, 0x600D600D, 0x600D600E)


def comes_in_a_crowd(c):
    """More at once than --clients, and than there are descriptors."""
    others = []
    try:
        for _ in range(CLIENTS + 40):
            others.append(connection())
    except OSError:
        pass
    time.sleep(0.1)
    for x in others:
        x.close()


MANNERS = (leaves_at_once, half_a_frame, garbage, resets, never_reads, reads_slowly, trickles, claims_much, runs_for_ever,
           wants_the_wire, comes_in_a_crowd)
STOLEN, MADE, LOCK = [], {m.__name__: 0 for m in MANNERS}, threading.Lock()


def connection():
    return Client(random.choice(SERVER.places))


def be_rude(left, end, pace):
    """Connections until all are made: as many a second as the time allows."""
    while True:
        with LOCK:
            if not left or time.monotonic() > end + 30:
                return
            manner = left.pop()
        try:
            c = connection()
            try:
                manner(c)
            finally:
                c.close()
        except (Gone, OSError, TypeError, IndexError): # refused, cut off: what it deserves
            pass
        with LOCK:
            MADE[manner.__name__] += 1
        wait = pace * RUDE * random.random() * 2
        time.sleep(max(0, min(wait, end - time.monotonic())))


# ---- the account ----

def memory(server):
    with open(f"/proc/{server.process.pid}/status") as file:
        return next(int(x.split()[1]) for x in file if x.startswith("VmRSS")) # KiB


def zombies(server):
    out = []
    for child in server.children():
        try:
            with open(f"/proc/{child}/stat") as file:
                if file.read().rsplit(")", 1)[1].split()[0] == "Z":
                    out.append(child)
        except OSError:
            pass
    return out


def cpu(server):
    with open(f"/proc/{server.process.pid}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def starve(server, end):
    """Now and then the server is left with fewer descriptors than it has open."""
    while time.monotonic() < end:
        time.sleep(SECONDS / 10)
        resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, (16, FILES))
        time.sleep(min(0.5, SECONDS / 20))
        resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, (FILES, FILES))


def soak():
    goods = [GoodMachine(SERVER.places[0]), GoodSession(SERVER.places[1])]
    for g in goods:
        g.start()
    for manner in MANNERS: # once each, so that what is allocated once is
        be_rude([manner], time.monotonic(), 0)
    if not check(SERVER.process.poll() is None, "the server outlives each of them", (SERVER.process.poll(), SERVER.text())):
        return
    until(lambda: len(SERVER.children()) <= 2)
    before = SERVER.descriptors(), len(SERVER.children()), memory(SERVER)
    end = time.monotonic() + SECONDS
    left = [MANNERS[i % len(MANNERS)] for i in range(CONNECTIONS)]
    random.shuffle(left)
    threads = [threading.Thread(target=be_rude, args=(left, end, SECONDS / CONNECTIONS)) for _ in range(RUDE)]
    threads.append(threading.Thread(target=starve, args=(SERVER, end)))
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    made = sum(MADE.values()) - len(MANNERS)
    check(made == CONNECTIONS, f"{CONNECTIONS} rude connections in {len(MANNERS)} manners", MADE)
    for g in goods:
        g.stop.set()
        g.join(30)
        check(g.wrong is None and not g.is_alive(), f"{type(g).__name__} was answered throughout", (g.wrong, SERVER.text()))
        print(f"# {g.done} turns, the longest {g.longest:.2f} s")
    check(not STOLEN, "nobody took the wire from its owner", STOLEN)
    session = goods[1]
    with open(WIRE_FILE, "rb") as file:
        wire = list(file.read())
    check(wire == session.frames and len(wire) > 100, f"the wire has each of {len(session.frames)} frames once, in order",
          (len(wire), len(session.frames)))
    check(until(lambda: SERVER.descriptors() <= before[0]), "no descriptor is left over", (before, SERVER.descriptors()))
    check(until(lambda: len(SERVER.children()) <= before[1] and not zombies(SERVER)), "no process, no zombie",
          (before, SERVER.children(), zombies(SERVER)))
    check(memory(SERVER) < before[2] + 768, "no memory", (before, memory(SERVER)))
    print(f"# descriptors {before[0]}, processes {before[1]}, KiB {before[2]} to {memory(SERVER)}")
    for g in goods:
        g.client.close()
    start = cpu(SERVER)
    time.sleep(1)
    check(cpu(SERVER) - start < 0.3, "it rests when nobody is there", cpu(SERVER) - start)
    fresh = Client(SERVER.places[0])
    check(not isinstance(fresh.ask(HELLO), Refusal), "a new client is answered", SERVER.text())
    lines = len(SERVER.text().splitlines())
    check(lines < 60 + 8 * SECONDS, "the log is no flood", lines)
    check(SERVER.end() == 0, "it ends well", SERVER.text())


random.seed(SEED)
WIRE_FILE = os.path.join(DIR, "soak-wire")
with open(os.path.join(DIR, "loop.pxa"), "w") as source:
    source.write(".size 16, 2\nstart:\n addi r1, r1, 1\n jmp start\n")
px("asm", "-q", os.path.join(DIR, "loop.pxa"), "-o", os.path.join(DIR, "loop.pxi"))
LOOP = png_read(os.path.join(DIR, "loop.pxi"))
SERVER = Server("--wire", WIRE_FILE, "--clients", str(CLIENTS), "--pixels", "1M", listen=[f"unix:{DIR}/soak", "tcp:0"],
                limit=None)
resource.prlimit(SERVER.process.pid, resource.RLIMIT_NOFILE, (FILES, FILES))
run([soak])
