"""serve_batch.py - px serve: batches, sessions, wires, and the promise of LINK.md section 5 at each point where the
server or its executor can die. TAP; from the repository root."""
import fcntl
import pty
import resource
import termios

from pxlink import *

HERE = os.path.dirname(os.path.abspath(__file__))
DOUBLE = f"cmd:{PYTHON} {HERE}/double.py "
POINTS = ("before-run", "in-run", "after-run", "in-emission", "before-answer")
SESSION = 0x123456789ABCDEF0
SETUP = 0x03030001


def text_operations(text):
    return [SETUP] + [ord(x) | 3 << 16 | 1 << 24 for x in text]


def file_of(name):
    try:
        with open(os.path.join(DIR, name), "rb") as file:
            return file.read()
    except FileNotFoundError:
        return b""


def pixels_of(name):
    data = file_of(name)
    return list(struct.unpack("<%dI" % (len(data) // 4), data))


# ---- transcripts ----

def send_stream(client, operations, size, packed):
    """All of them, in batches of size; whether every DONE was right."""
    clock, total, right = 0, client.wire_total, True
    for number, part in enumerate(in_batches(operations, size), 1):
        frames, after, errors = drive(part, clock)
        reply = client.batch(number, part, total, clock=clock, first=(number - 1) * size, packed=packed)
        total += len(frames)
        right = right and reply == (number, len(part), total & 0xFFFFFFFF, total >> 32, errors, after, 0)
        clock = after
    return right


def test_transcripts():
    """The same frames for every executor, batch size and packing, as SERIAL.md has them."""
    executors = ["ref"] + [x for x in ("rtl", "opencl") if present(x)]
    for name in ("rtl", "opencl"):
        if name not in executors:
            skip(f"{name}: transcripts", f"{name} is not here")
    executors += [",".join(executors[1:])] if len(executors) > 2 else []
    for on in executors:
        server = Server("--wire", f"frames:{DIR}/t-{on}", on=on)
        expected = []
        for size in (1, 16, 256, 4096):
            operations = some_operations(min(4 * size, 5000) if size > 1 else 40, size)
            for packed in (False, True):
                c = Client(server.place)
                c.hello(SESSION + size * 2 + packed)
                right = send_stream(c, operations, size, packed)
                expected += drive(operations)[0]
                got = pixels_of(f"t-{on}")
                check(right and got == expected,
                      f"{on}: batches of {size}, packed in {'planes' if packed else 'words'}: DONE and frames",
                      (right, len(got), len(expected), got[-3:], expected[-3:]))
                c.ask(BYE, c.session & 0xFFFFFFFF, c.session >> 32)
                c.close()
        server.end()
    server = Server("--wire", f"{DIR}/small", "--pixels", "2048")
    operations = some_operations(3000, 9)
    c = Client(server.place)
    c.hello(1)
    reply = c.batch(1, operations, 0)
    frames, clock, errors = drive(operations)
    check(reply[4:6] == (errors, clock) and file_of("small") == bytes(f & 255 for f in frames),
          "a batch larger than the executor's memory is run in parts; a file has one byte a frame", reply)


def test_no_test_points():
    """px itself knows nothing of PX_SERVE_TEST: that is px-test's."""
    os.environ["PX_SERVE_TEST"] = "server:before-run"
    server = Server("--wire", f"{DIR}/points")
    del os.environ["PX_SERVE_TEST"]
    status, out = px("serial", "alive", "--serve", server.place)
    check(status == 0 and server.process.poll() is None, "px does not read PX_SERVE_TEST", (status, out, server.text()))


def test_px_serial():
    server = Server("--wire", f"{DIR}/serial")
    for size in ("1", "5", "4096"):
        status, out = px("serial", "The quick brown fox", "--serve", server.place, "--batch", size, "--check")
        check(status == 0 and "the same as the C version: 19 frames" in out, f"px serial --serve --batch {size}", out)
    check(file_of("serial") == b"The quick brown fox" * 3, "the wire has the text three times")
    status, out = px("serial", "x", "--serve", Server().place)
    check(status == 2 and "--wire" in out, "px serial says when a server has no wire", out)


# ---- sessions ----

def test_sessions():
    server = Server("--wire", f"{DIR}/sessions")
    a, b = Client(server.place), Client(server.place)
    hello = a.hello(1)
    check(len(hello) == 17 and hello[9:13] == (3, 0, 0, 0) and hello[13] == 16384 and hello[14] == 1024 and
          hello[3] >= 10 + hello[13] and hello[1] >> 18 & 3 == 3,
          "HELLO with a session: has the wire, which remembers", hello)
    b.hello(2)
    check(b.flags == 6, "another session is told that the wire has an owner", b.flags)
    check(error_of(b.batch(1, [SETUP], 0)) == OWNED, "and its batches are error OWNED")
    check(error_of(b.ask(BYE, 2, 0)) == OWNED, "and so is its BYE")
    first = a.batch(1, text_operations("one"), 0)
    check(first == (1, 4, 3, 0, 0, 480, 0) and file_of("sessions") == b"one", "a batch is done", first)
    check(a.batch(1, text_operations("one"), 0) == first and file_of("sessions") == b"one",
          "a repeat is answered from memory, and emits nothing")
    for number in (0, 3, 0xFFFFFFFF):
        check(error_of(a.batch(number, [SETUP], 3)) == ORDER, f"batch {number} after batch 1 is error ORDER")
    for known in (2, 4, 0):
        check(error_of(a.batch(2, text_operations("abcdef"), known)) == ORDER,
              f"a client that knows of {known} frames where its DONE said 3 is error ORDER")
    check(error_of(a.batch(2, text_operations("x")[1:], 3)) == RANGE, "a batch without a set-up is error RANGE")
    check(error_of(a.batch(2, [SETUP] * 16385, 3, packed=True)) == RANGE, "a batch too long is error RANGE")
    words = list(a.batch_words(2, [SETUP] * 5, 3))
    check(error_of(a.ask(BATCH, *words[:-1])) == LENGTH, "fewer operations than it says are error LENGTH")
    words[9] |= 2 << 24
    check(error_of(a.ask(BATCH, *words)) == RANGE, "packing 2 is error RANGE")
    words[9] ^= 3 << 24
    check(error_of(a.ask(BATCH, *words)) == LENGTH, "planes that are none are error LENGTH")
    check(error_of(a.ask(BATCH, *words[:9])) == LENGTH, "a BATCH of 9 words is error LENGTH")
    check(error_of(a.ask(HELLO, 0, 0)) == RANGE and error_of(a.ask(HELLO, 1)) == LENGTH,
          "session 0 is error RANGE, half a session error LENGTH")
    check(a.batch(2, [], 3) == (2, 0, 3, 0, 0, 0, 0), "a batch of nothing is done")
    a.close()
    until(lambda: b.hello(2) and b.flags == 3)
    check(b.flags == 3 and b.last == 0 and b.wire_total == 3, "when its connection is closed another session gets it")
    check(error_of(b.batch(1, text_operations("two"), 0)) == ORDER, "frames that others sent are not of its batch")
    check(b.batch(1, text_operations("two"), 3)[2] == 6, "it goes on behind them")
    check(b.ask(BYE, 2, 0) == (), "BYE")
    a = Client(server.place)
    a.hello(1)
    check(a.flags == 3 and a.last == 2 and a.wire_total == 6, "the first session comes back, and is known", a.last)
    check(b.ask(STATUS) is not None and file_of("sessions") == b"onetwo", "all of it, once")
    status, out = px("serve", "--listen", "tcp:0", "--wire", f"{DIR}/sessions", timeout=20)
    check(status == 2 and "another server" in out, "a second server does not get the file", out)


# ---- the promise ----

class Restarting:
    """A server that is started again, at the same place, when it has died."""

    def __init__(self, wire, test, on="ref", stdout=None):
        self.arguments, self.on, self.stdout = ["--wire", wire], on, stdout
        self.server = Server(*self.arguments, on=on, test=test, stdout=stdout,
                             listen=[f"unix:{DIR}/r{len(SERVERS)}"])
        self.place = self.server.place

    def again(self):
        died = self.server.wait(10)
        self.server = Server(*self.arguments, on=self.on, stdout=self.stdout, listen=[self.place])
        return died


TEXTS = ("first", "second batch", "third")


def promise(place, restart):
    """A client that keeps to section 5: what is in doubt at the end, and the totals it was told."""
    c = Client(place)
    c.hello(SESSION)
    total, last, doubts = c.wire_total, c.last, []
    for text in TEXTS:
        number, known = last + 1, total
        while True:
            try:
                reply = c.batch(number, text_operations(text), known)
                assert not isinstance(reply, Refusal), reply
                last, total = number, reply[2] | reply[3] << 32
                break
            except Gone:
                restart()
                c = Client(place)
                c.hello(SESSION)
                last, total = c.last, c.wire_total
                if last == number or (last == number - 1 and last > 0):
                    continue
                if c.flags & 2:
                    number = last + 1
                    continue
                doubts.append(text)
                break
    return doubts, total


def test_server_killed_file():
    for kind, size in (("", 1), ("frames:", 4)):
        for n, (point, frames) in enumerate([(p, 0) for p in POINTS] + [("in-emission", 5), ("in-emission", 12)]):
            name = f"killed-{size}-{n}"
            died = []
            s = Restarting(f"{kind}{DIR}/{name}", f"server:{point}:2:{frames}")
            doubts, total = promise(s.place, lambda s=s, died=died: died.append(s.again()))
            got = file_of(name)[::size]
            check(died == [-9] and not doubts and got == "".join(TEXTS).encode() and total == len(got),
                  f"server killed {point}, {frames} frames out, wire {kind}FILE: each frame once",
                  (died, doubts, total, got))
            s.server.end(signal.SIGKILL)
    # The same through px serial, which waits for the server to come back.
    name, text = "killed-serial", "0123456789" * 4
    s = Restarting(f"{DIR}/{name}", "server:in-emission:3:4")
    c = subprocess.Popen([PX, "serial", text, "--serve", s.place, "--batch", "8", "--check"], stdout=subprocess.PIPE,
                         stderr=subprocess.STDOUT)
    s.again()
    out = c.communicate(timeout=30)[0].decode()
    check(c.returncode == 0 and file_of(name) == text.encode(), "the same with px serial: each frame once",
          (out, file_of(name)))


def test_server_killed_stream():
    """On a wire that does not remember: at most once, and what is in doubt is told."""
    for point in POINTS:
        with open(os.path.join(DIR, "stream-" + point), "w+b") as stream:
            s = Restarting("-", f"server:{point}:2:5", stdout=stream)
            c = subprocess.Popen([PX, "serial", "aaaaabbbbbbbbccccc", "--serve", s.place, "--batch", "6"],
                                 stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            s.again()
            out = c.communicate(timeout=30)[0].decode()
            got = file_of("stream-" + point)
            expected = {"in-emission": b"aaaaab" + b"bbbbb" + b"bccccc", "before-answer": b"aaaaab" + b"bbbbbb" +
                        b"bccccc"}.get(point, b"aaaaab" + b"bccccc")
            check(c.returncode == 1 and "operations 6 to 11 are in doubt" in out and got == expected,
                  f"server killed {point}, wire -: the batch is reported in doubt, not sent again", (out, got, expected))
            s.server.end(signal.SIGKILL)


def test_link_dies():
    """The connection is lost, the server is not."""
    server = Server("--wire", f"{DIR}/lost", on=DOUBLE + "slow")
    c = Client(server.place)
    c.hello(SESSION)
    c.batch(1, text_operations("a"), 0)
    c.send(encode(BATCH, 99, c.batch_words(2, text_operations("b"), 1)))
    time.sleep(0.3)
    c.close()
    c = Client(server.place)
    c.hello(SESSION)
    check(c.last == 2 and c.busy > 0, "HELLO while the session's batch is at work waits for its end", (c.last, c.busy))
    check(c.batch(2, text_operations("b"), 1)[2] == 2 and file_of("lost") == b"ab", "and the repeat is from memory")
    c.send(encode(BATCH, 100, c.batch_words(3, text_operations("c"), 2)))
    time.sleep(0.2)
    check(server.end() == 0 and file_of("lost") == b"abc", "SIGTERM lets the batch under way end", file_of("lost"))


def test_executor_killed():
    for point in POINTS:
        name = "executor-" + point
        server = Server("--wire", f"{DIR}/{name}", test=f"executor:{point}:2:3")
        c = Client(server.place)
        c.hello(SESSION)
        c.batch(1, text_operations("first"), 0)
        victim = server.children()[0]
        reply = c.batch(2, text_operations("second"), 5)
        until(lambda: victim not in server.children())
        early = point in ("before-run", "in-run")
        check((error_of(reply) == EXECUTOR and "signal 9" in text_of(reply) and file_of(name) == b"first") if early else
              reply[2] == 11, f"executor killed {point}: {'an error' if early else 'not noticed'}", reply)
        if early:
            reply = c.batch(2, text_operations("second"), 5)
        check(c.batch(3, text_operations("third"), 11)[2] == 16 and file_of(name) == b"firstsecondthird",
              f"executor killed {point}: each frame once", file_of(name))
    server = Server("--wire", f"{DIR}/repeat", test="executor:in-run:1")
    c = Client(server.place)
    c.hello(SESSION)
    c.send(encode(BATCH, 77, c.batch_words(1, text_operations("x"), 0)) * 2)
    c.sequence = 77
    replies = [c.wait(BATCH), c.wait(BATCH)]
    check([error_of(r) for r in replies] == [EXECUTOR] * 2 and text_of(replies[0]) == text_of(replies[1]) and
          file_of("repeat") == b"", "a repeated BATCH that got an error gets it again, and is not run after all", replies)
    check(c.batch(1, text_operations("x"), 0)[2] == 1 and file_of("repeat") == b"x", "as a new request it is")
    check(c.ask(BYE, SESSION & 0xFFFFFFFF, SESSION >> 32) == () and
          c.ask(BYE, SESSION & 0xFFFFFFFF, SESSION >> 32, same=True) == (), "a repeated BYE is answered again")
    server = Server("--wire", f"{DIR}/hang", "--timeout", "1", test="hang:in-run:1")
    c = Client(server.place)
    c.hello(SESSION)
    reply = c.batch(1, text_operations("x"), 0)
    check(error_of(reply) == EXECUTOR and "gave no answer for 1 s" in text_of(reply) and c.busy > 0,
          "an executor that hangs in a batch", reply)
    check(c.batch(1, text_operations("x"), 0)[2] == 1 and file_of("hang") == b"x", "the next one does it")
    server = Server("--wire", f"{DIR}/spare", "--spare", "ref", test="executor:in-run:2")
    c = Client(server.place)
    c.hello(SESSION)
    c.batch(1, text_operations("a"), 0)
    check(c.batch(2, text_operations("b"), 1)[2] == 2 and c.batch(3, text_operations("c"), 2)[2] == 3 and
          file_of("spare") == b"abc", "with --spare the client notices nothing", file_of("spare"))


def test_lockstep():
    server = Server("--wire", f"{DIR}/lie", on=f"ref,{DOUBLE}lie")
    c = Client(server.place)
    c.hello(SESSION)
    reply = c.batch(1, text_operations("x"), 0)
    check(error_of(reply) == DIFFER and "ref" in text_of(reply) and file_of("lie") == b"",
          "executors that differ over a batch: DIFFER, and nothing is emitted", reply)
    server = Server("--wire", f"{DIR}/lie", "--spare", "ref", on=f"ref,{DOUBLE}lie", listen=["tcp:0"])
    check(server.place is None, "the file is still the first server's", server.text())


# ---- wires ----

def read_all(fd, count):
    got = b""
    while len(got) < count and select.select([fd], [], [], 5)[0]:
        got += os.read(fd, count - len(got))
    return got


def test_failing_wires():
    server = Server("--wire", "/dev/full")
    c = Client(server.place)
    c.hello(SESSION)
    check(c.flags == 1, "a device does not remember")
    reply = c.batch(1, text_operations("x"), 0)
    check(error_of(reply) == WIRE and "No space" in text_of(reply), "a full device is error WIRE", reply)

    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (8, 8))
    server = Server("--wire", f"{DIR}/full", limit=limit)
    c = Client(server.place)
    c.hello(SESSION)
    c.batch(1, text_operations("12345"), 0)
    reply = c.batch(2, text_operations("67890"), 5)
    check(error_of(reply) == WIRE and file_of("full") == b"12345", "a file that does not take a batch is as before",
          (reply, file_of("full")))
    check(c.batch(2, text_operations("678"), 5)[2] == 8 and file_of("full") == b"12345678", "what fits is taken")

    ours, theirs = os.pipe()
    server = Server("--wire", "-", stdout=theirs)
    os.close(theirs)
    c = Client(server.place)
    c.hello(SESSION)
    c.batch(1, text_operations("abc"), 0)
    check(read_all(ours, 3) == b"abc", "frames come out of standard output")
    os.close(ours)
    reply = c.batch(2, text_operations("def"), 3)
    check(error_of(reply) == WIRE, "a pipe that nobody reads any more is error WIRE", reply)
    check(server.end() == 0, "and the server lives on")

    # A pipe that fills up: the batch waits, BUSY, and goes on.
    ours, theirs = os.pipe()
    server = Server("--wire", "-", stdout=theirs)
    os.close(theirs)
    c = Client(server.place)
    c.hello(SESSION)
    text = "0123456789" * 1600
    got = b""
    for number in range(1, 5):
        c.sequence += 1
        c.send(encode(BATCH, c.sequence % 256, c.batch_words(number, text_operations(text), (number - 1) * len(text))))
        c.sequence %= 256
        if number == 4: # what 64 KB do not hold any more
            time.sleep(0.6)
            while len(got) < 4 * len(text):
                got += os.read(ours, 65536)
        c.wait(BATCH)
    check(got == text.encode() * 4 and c.busy > 0, "a wire that nobody reads holds up its batches, and loses nothing")
    os.close(ours)

    with open(os.path.join(DIR, "half"), "wb") as file:
        file.write(b"123456")
    server = Server("--wire", f"frames:{DIR}/half")
    check("1 frames" in server.text() and file_of("half") == b"1234", "half a frame that a dead server left is cut off")


def test_terminal():
    server = Server("--wire", "pty")
    fd = os.open(server.wire, os.O_RDWR | os.O_NOCTTY)
    c = Client(server.place)
    c.hello(SESSION)
    check(c.batch(1, text_operations("to the terminal\r\n"), 0)[2] == 17 and read_all(fd, 17) == b"to the terminal\r\n",
          "frames come out of the pseudo-terminal")
    os.write(fd, b"typed\x03\xff")
    time.sleep(0.2)
    reply = c.batch(2, [SETUP, 2 << 24], 17, credit=3)
    check(bytes(reply[7:]) == b"typ" and reply[6] == 3, "what is typed comes back within the credit", reply)
    check(c.batch(2, [SETUP, 2 << 24], 17, credit=3) == reply, "and the same in a repeat")
    reply = c.batch(3, [], 17, credit=100)
    check(bytes(reply[7:]) == b"ed\x03\xff", "the rest in the next batch", reply)
    flood = bytes(i % 251 for i in range(6000))
    for at in range(0, 6000, 500):
        os.write(fd, flood[at:at + 500])
        time.sleep(0.02)
    got, number = [], 4
    while True:
        if number == 6:
            os.write(fd, b"!")
            time.sleep(0.1)
        reply = c.batch(number, [], 17, credit=5000)
        got += reply[7:]
        number += 1
        if reply[6] == 0 or number > 12:
            break
    check(bytes(x & 255 for x in got) == flood[:4096] + b"!" and [x >> 24 for x in got] == [0] * 4096 + [2] and
          hello_credit(c) == 1024, "what comes when 4,096 wait is lost, and the next character has the overrun flag",
          (len(got), got[-2:]))
    os.close(fd)
    check(c.batch(number, text_operations("still there"), 17)[2] == 28, "a terminal that was closed can be opened again")


def hello_credit(client):
    return client.ask(HELLO, client.session & 0xFFFFFFFF, client.session >> 32)[14]


def test_port():
    """A serial port, played by the slave of a pseudo-terminal: bytes and settings; breaks and line errors it has not."""
    master, slave = pty.openpty()
    server = Server("--wire", os.ttyname(slave))
    c = Client(server.place)
    c.hello(SESSION)
    check(c.flags == 1, "a serial port does not remember", server.text())

    def settings():
        """Rate and stop bits: a pseudo-terminal keeps 8 bits and no parity (tests/unit/test_wire_port.c has those)."""
        words = struct.unpack("<4I5I2I", fcntl.ioctl(slave, 0x802C542A, bytes(44)))  # TCGETS2
        return words[-1], bool(words[2] & termios.CSTOPB)
    check(c.batch(1, text_operations("8N1"), 0)[2] == 3 and read_all(master, 3) == b"8N1" and
          settings() == (115200, False), "115,200 baud, 8N1", settings())
    seen, total = [], 3
    formats = ((12, 0x1A, 9600, False), (96, 0x0F, 1200, True), (6, 0x04, 19200, True), (7, 0x03, 16457, False))
    for number, (divisor, line, _, _) in enumerate(formats, 2):
        total = c.batch(number, [SETUP, 0x41 | divisor << 8 | line << 16 | 1 << 24], total)[2]
        read_all(master, 1)
        seen.append(settings())
    check(seen == [x[2:] for x in formats], "rate and stop bits follow the frame, also rates without a name", seen)
    mixed = [SETUP] + [0x30 + i % 10 | (1, 12, 6)[i % 3] << 8 | (0x43 if i == 7 else 3) << 16 | 1 << 24
                       for i in range(20)]
    reply = c.batch(6, mixed, total)
    got = read_all(master, 19)
    check(reply[2] == total + 20 and got == bytes(o & 255 for i, o in enumerate(mixed[1:]) if i != 7),
          "settings that change with each frame, and a break among them, which is no byte", (reply, got))
    os.write(master, b"in\xffput")
    time.sleep(0.2)
    check(bytes(c.batch(7, [], total + 20, credit=50)[7:]) == b"in\xffput", "received characters, 0xFF too")
    os.close(master)
    reply = c.batch(8, text_operations("x"), total + 20)
    check(error_of(reply) == WIRE, "a port that is pulled out is error WIRE", reply)
    check(server.end() == 0, "and the server lives on", server.text())
    os.close(slave)


class Board(threading.Thread):
    """A board with a wire: a px serve behind, WIRE here. Its queue has no room every other time."""

    def __init__(self):
        super().__init__(daemon=True)
        self.behind, self.place = Server(), f"unix:{DIR}/board"
        self.frames, self.largest, self.full, self.pulled = [], 0, 0, False
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.place[5:])
        self.listener.listen()
        self.start()

    def run(self):
        while True:
            connection, _ = self.listener.accept()
            ask, answer = Client(self.behind.place), Client.__new__(Client)
            answer.buffer, answer.fd = b"", connection.fileno()
            try:
                while True:
                    kind, sequence, words = answer.receive(60)
                    if kind == WRITE and words[0] >> 28 == 3:
                        if self.pulled:
                            raise Gone
                        self.full += 1
                        if self.full % 2:
                            answer.send(encode(ERROR, sequence, [FULL]))
                            continue
                        self.frames += words[1:]
                        self.largest = max(self.largest, len(words) - 1)
                        answer.send(encode(WRITE | 0x80, sequence))
                        continue
                    ask.send(encode(kind, sequence, words))
                    kind, sequence, words = ask.receive(20)
                    if kind == HELLO | 0x80:
                        words = words[:1] + (words[1] | 1 << 17,) + words[2:]
                    answer.send(encode(kind, sequence, words))
            except Gone:
                connection.close()


def test_board():
    status, out = px("serve", "--listen", "tcp:0", "--wire", "board", timeout=20)
    check(status == 2 and "no board with a wire" in out, "--wire board needs a board", out)
    board = Board()
    server = Server("--wire", "board", on="link:" + board.place)
    c = Client(server.place)
    check(c.ask(HELLO)[1] >> 17 & 1 == 0, "the board's own wire is not for clients", server.text())
    c.hello(SESSION)
    operations = some_operations(900, 5)
    frames, clock, errors = drive(operations)
    reply = c.batch(1, operations, 0)
    check(reply[2:6] == (len(frames), 0, errors, clock) and board.frames == frames and c.flags == 1,
          "all frames go to the board's wire, in order, though its queue is full at times",
          (reply, len(frames), len(board.frames)))
    check(0 < board.largest <= 256 and board.full > 4, "and never more than its queue holds")
    board.pulled = True
    reply = c.batch(2, text_operations("x"), len(frames))
    check(error_of(reply) == WIRE, "a board that goes away while frames are sent is error WIRE", reply)
    check(server.end() == 0, "and the server lives on", server.text())


def test_simulated_board():
    """All of it: the driver runs on the board's core, and its frames leave at the board's pin."""
    program = next((b for b in ("build/board-hx8k-evn", "build/board-icebreaker") if os.access(b, os.X_OK)), None)
    if not program:
        skip("a simulated board's wire", "no simulated board has been built")
        return
    place, wire, text = f"unix:{DIR}/simulated", f"{DIR}/pin", "Out of a pin, after a batch on the core beside it."
    with open(f"{DIR}/simulated.log", "w") as log, subprocess.Popen(
            [program, "--listen=" + place, "--wire=" + wire], stdout=log, stderr=log) as board:
        until(lambda: os.path.exists(place[5:]))
        os.environ["PX_LINK_PATIENCE"] = "5000"  # ms: a simulated board takes as long as the machine is busy
        server = Server("--wire", "board", "--timeout", "60", on="link:" + place)
        status, out = px("serial", text, "--serve", server.place, "--check")
        until(lambda: len(file_of("pin")) == len(text), 30)
        check(status == 0 and file_of("pin") == text.encode(), os.path.basename(program) + ": the text leaves at its pin",
              (out, file_of("pin"), server.text()))
        server.end()
        board.kill()


run([test_transcripts, test_no_test_points, test_px_serial, test_sessions, test_server_killed_file, test_server_killed_stream,
     test_link_dies, test_executor_killed, test_lockstep, test_failing_wires, test_terminal, test_port, test_board],
    [test_simulated_board])
