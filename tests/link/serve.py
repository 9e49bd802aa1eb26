"""serve.py - px serve: executors on the link, their deaths, and clients that disturb. TAP; from the repository root."""
from pxlink import *

sys.path.insert(0, "tests/conformance")
from pxvm_png import png_read  # pylint: disable=wrong-import-position

HERE = os.path.dirname(os.path.abspath(__file__))
DOUBLE = f"cmd:{PYTHON} {HERE}/double.py "
LOOP = os.path.join(DIR, "loop")
with open(LOOP + ".pxa", "w") as file:
    file.write(".size 16, 2\nstart:\n addi r1, r1, 1\n jmp start\n")
if px("asm", "-q", LOOP + ".pxa", "-o", LOOP + ".pxi")[0] == 0:
    LOOP_W, LOOP_H, LOOP_PIXELS = png_read(LOOP + ".pxi")


def start_loop(client):
    client.load(LOOP_W, LOOP_H, LOOP_PIXELS, LOOP_PIXELS[1])
    return client.ask(RUN, 0xFFFFFFFF)


def underway(client):
    reply = client.ask(STATUS)
    return not isinstance(reply, Refusal) and bool(reply[0] >> 31)


def test_codec():
    for n in (0, 1, 62, 63, 64, 127, 300):
        words = [random.getrandbits(32) if n % 2 else 0x01010101 for _ in range(n)]
        if decode(encode(4, 7, words)[1:-1]) != (4, 7, tuple(words)):
            check(False, f"a frame of {n} words through this test's codec")
            return
    check(True, "this test's codec takes back what it gives")


def test_places():
    """px run, gallery, conformance over each kind of stream."""
    server = Server(listen=["tcp:0", f"unix:{DIR}/place", "pty"])
    check(len(server.places) == 3 and server.places[0].startswith("tcp:127.0.0.1:"), "three places, printed",
          server.text())
    px("run", "-q", "--state", "build/programs/life.pxi", "-o", f"{DIR}/here.pxi")
    for place in server.places:
        kind = place.split(":")[0]
        status, out = px("run", "-q", "--state", "--on", "link:" + place, "build/programs/life.pxi", "-o",
                         f"{DIR}/there.pxi")
        same = status == 0 and open(f"{DIR}/here.pxi", "rb").read() == open(f"{DIR}/there.pxi", "rb").read()
        check(same, f"{kind}: life ends in the same state", out)
        status, out = px("gallery", "--on", f"ref,link:{place}",
                         *(f"build/programs/{x}.pxi" for x in ("dot_test", "sieve", "bitonic", "mandelbrot", "words")
                           if os.path.exists(f"build/programs/{x}.pxi")))
        check(status == 0 and " 0 differ" in out, f"{kind}: a slice of the gallery agrees", out)
        status, out = px("conformance", "--on", "link:" + place, "tests/conformance/alu.pxt",
                         "tests/conformance/state.pxt", "tests/conformance/classic.pxt")
        check(status == 0 and ", 0 failed" in out, f"{kind}: a slice of the conformance set", out)
    check(server.end() == 0, "ends with status 0 when asked to", server.text())
    check(not os.path.exists(f"{DIR}/place"), "the Unix socket is removed")


def test_requests():
    server = Server()
    c = Client(server.place)
    hello = c.ask(HELLO)
    check(hello[0] == 0x014C5850 and hello[1] & 255 == 1 and not hello[1] & 1 << 18 and len(hello) == 9,
          "HELLO: magic, version, no batches without a wire", hello)
    check(error_of(c.ask(BATCH, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0)) == TYPE, "BATCH without a wire is error TYPE")
    check(error_of(c.ask(0x7D, 0, 0, 0, 0)) == TYPE, "what the server says to its executors, no client can say")
    check(error_of(c.ask(0x42)) == TYPE, "a type that is none is error TYPE")
    check(error_of(c.ask(STATUS, version=2)) == VERSION, "version 2 is error VERSION")
    check(len(c.ask(STATUS, 1)) == 7 and error_of(c.ask(STATUS, 2)) == RANGE and error_of(c.ask(STATUS, 1, 1)) == LENGTH,
          "STATUS with a 1 brings seven words, another word is error RANGE, two words are error LENGTH")
    check(error_of(c.ask(RESET, 1, 65536, 65536, 0)) == RANGE, "no pixels are error RANGE")
    check(error_of(c.ask(RESET, 1, 4096, 8192, 1 << 25)) == RANGE and hello[2] == 1 << 24,
          "more pixels than HELLO said are error RANGE")
    c.ask(RESET, 1, 16, 1, 16)
    c.ask(WRITE, 3, 111)
    again = c.ask(WRITE, 3, 222, same=True)
    check(again == () and c.ask(READ, 3, 1) == (111,), "a repeated request is answered, and not executed again")
    start_loop(c)
    check(error_of(c.ask(READ, 0, 1)) == RUNNING and underway(c), "READ while a run is under way is error RUNNING")
    time.sleep(0.3)
    c.ask(STOP)
    status = c.ask(STATUS)
    counted = c.ask(READ, 1 << 28 | 1, 1)[0]
    executed = 0xFFFFFFFF - status[4]
    check(status[0] >> 31 == 0 and executed > 0 and counted == (executed + 1) // 2,
          "STOP ends it at an instruction boundary", (status, counted))


def test_killed():
    """An executor that dies takes nobody along."""
    server = Server("--timeout", "2")
    a, b = Client(server.place), Client(server.place)
    start_loop(a)
    first = set(server.children())
    start_loop(b)
    os.kill(first.pop(), signal.SIGKILL)
    reply = None
    check(until(lambda: error_of(a.ask(STATUS)) == EXECUTOR), "a client learns that its executor was killed")
    reply = a.ask(STATUS)
    check("ref" in text_of(reply) and "signal 9" in text_of(reply), "and which one, and how", reply)
    check(error_of(a.ask(READ, 0, 1)) == EXECUTOR, "its machine is lost until RESET")
    check(underway(b), "another client's run goes on")
    start_loop(a)
    check(underway(a), "its next RESET begins anew")

    for child in server.children():
        os.kill(child, signal.SIGSTOP)
    begin = time.monotonic()
    replies = [a.ask(STATUS), b.ask(STATUS)]
    took = time.monotonic() - begin
    check([error_of(r) for r in replies] == [EXECUTOR] * 2 and "gave no answer" in text_of(replies[0]) and took < 6,
          "executors that hang are given up after --timeout", (replies, took))
    check(a.busy > 0, "the client hears BUSY while it waits")
    a.ask(HELLO)
    start_loop(a)
    check(underway(a), "HELLO begins anew as well")
    check(until(lambda: len(server.children()) == 1), "what was ended is gone, without a zombie", server.children())
    a.close()
    check(until(lambda: not server.children()), "a client that leaves takes its executor along", server.children())


def test_kept_ready():
    """Where an executor takes long to start, a process waits for the next client; one that ends is replaced, not at once."""
    server = Server(on="ref")
    c = Client(server.place)
    check(c.ask(RESET, 1, 16, 1, 16) == () and len(server.children()) == 1, "of ref none is kept ready", server.children())
    server.end()
    if not present("opencl"):
        skip("a process that is kept ready", "no OpenCL here")
        return
    server = Server("--verbose", on="opencl")
    check(until(lambda: len(server.children()) == 1) and "one is kept ready" in server.text(),
          "of OpenCL one is, before anybody has connected", server.text())
    first = server.children()
    c = Client(server.place)
    check(c.ask(RESET, 1, 16, 1, 16) == () and c.ask(WRITE, 0, 7) == () and c.ask(READ, 0, 1) == (7,),
          "a client works with it", server.text())
    check(until(lambda: len(server.children()) == 2) and first[0] in server.children(), "another takes its place",
          (first, server.children()))
    begin = time.monotonic()
    for pause in (1, 2):
        os.kill(next(x for x in server.children() if x != first[0]), signal.SIGKILL)
        check(until(lambda: f"ended by signal 9 (Killed); another in {pause} s" in server.text()),
              f"one that ends is missed, and replaced after {pause} s", server.text())
        check(until(lambda: len(server.children()) == 2), "it is there", server.children())
    check(time.monotonic() - begin > 3 and c.ask(READ, 0, 1) == (7,), "its end concerns no client")
    c.close()
    other = Client(server.place)
    check(other.ask(RESET, 1, 16, 1, 16) == (), "the next has the new one", server.text())
    other.close()
    check(until(lambda: len(server.children()) == 1), "in the end one is left", server.children())
    check(server.end() == 0, "and ends with the server", server.text())


def test_doubles():
    """Executors that go wrong by themselves, in a run."""
    for how, text, error in (("die", "signal 9", EXECUTOR), ("hang", "gave no answer", EXECUTOR),
                             ("refuse", "out of order", EXECUTOR)):
        server = Server("--timeout", "1", on=DOUBLE + how)
        c = Client(server.place)
        start_loop(c)
        reply = None

        def failed():
            nonlocal reply
            reply = c.ask(STATUS)
            return isinstance(reply, Refusal)
        until(failed)
        check(error_of(reply) == error and text in text_of(reply), f"an executor that does this: {how}", reply)
        check(server.process.poll() is None and Client(server.place).ask(HELLO)[0] == 0x014C5850,
              f"{how}: the service goes on", server.text())
        check(server.end() == 0, f"{how}: and ends well", server.text())


def test_long_instruction():
    """One of 4.5 million cycles, which is no hang."""
    if not present("rtl"):
        return
    with open(f"{DIR}/long.pxa", "w") as file:
        file.write(".size 64, 66\n" + "".join(f" set r{10 + i}, {value}\n" for i, value in enumerate(
            (100, 50, 2620, 0, 2620, 0, 50, 50, 900))) + " matmul r10\n halt\n")
    for on in ("rtl", "ref,rtl"):
        server = Server("--timeout", "1", on=on)
        status, out = px("run", "--on", "link:" + server.place, f"{DIR}/long.pxa")
        check(status == 0 and "halted at pc 15" in out, f"{on}: an instruction that takes longer than --timeout", out)
        check(server.end() == 0, f"{on}: which nobody ends", server.text())


def test_lockstep():
    second = next((x for x in ("rtl", "opencl") if present(x)), "ref")
    server = Server(on="ref," + second)
    status, out = px("gallery", "--on", f"ref,link:{server.place}", "build/programs/dot_test.pxi",
                     "build/programs/sieve.pxi")
    check(status == 0 and " 0 differ" in out, f"ref and {second} in lockstep: programs agree", out)
    hello = Client(server.place).ask(HELLO)
    name = struct.pack("<4I", *hello[5:9]).rstrip(b"\0").decode()
    check(name == "ref," + second and hello[2] <= 1 << 24, "lockstep: the name tells all", name)
    server = Server(on=f"ref,{DOUBLE}lie")
    status, out = px("run", "-q", "--on", "link:" + server.place, "build/programs/dot_test.pxi", "-o", f"{DIR}/lie.pxi")
    check(status == 2 and "DIFFER" in out and "double.py lie" in out and "ref 0x" in out,
          "an executor that lies is found out, with who said what", out)
    check(not os.path.exists(f"{DIR}/lie.pxi"), "and no result is given")


def test_behind():
    """An executor that is itself at the other end of a link with one place: a pseudo-terminal, as a board has it."""
    board = Server(listen=["pty"])
    server = Server("--wire", f"{DIR}/behind", on="link:" + board.place)
    check(server.place is not None, "px serve in front of another, over a pseudo-terminal", server.text())
    for turn in ("first", "second"):
        status, out = px("run", "-q", "--on", "link:" + server.place, "build/programs/dot_test.pxi")
        check(status == 0, f"{turn}: a program", out)
        status, out = px("serial", "over a cable", "--serve", server.place, "--check")
        check(status == 0 and "the same" in out, f"{turn}: a batch", out)
    with open(f"{DIR}/behind", "rb") as file:
        check(file.read() == b"over a cable" * 2, "and the wire has it")
    held = os.open(board.place, os.O_RDWR | os.O_NOCTTY)  # or the next pseudo-terminal of this machine has its name
    board.end(signal.SIGKILL)
    c = Client(server.place)
    c.ask(RESET, 1, 16, 1, 16)
    reply = c.ask(RUN, 1)
    until(lambda: isinstance(c.ask(STATUS), Refusal))
    check(error_of(c.ask(STATUS)) == EXECUTOR and server.process.poll() is None, "a board that is pulled out", reply)
    os.close(held)


def test_behind_silence():
    """The other end takes the connection and does not answer: five times HELLO, 7.8 s, and that is all."""
    board = Server()
    server = Server(on="link:" + board.place)
    board.process.send_signal(signal.SIGSTOP)
    c = Client(server.place)
    reply = c.ask(RESET, 1, 16, 1, 16, timeout=60)
    check(error_of(reply) == EXECUTOR and "no answer to HELLO" in text_of(reply), "a board that hangs", reply)
    board.process.send_signal(signal.SIGCONT)
    check(not isinstance(c.ask(RESET, 1, 16, 1, 16), Refusal), "when it goes on, so does its client", server.text())


def trickle(place, stop):
    c = Client(place)
    frame = encode(STATUS, 1)
    try:
        while not stop.is_set():
            for byte in frame:
                c.send(bytes([byte]))
                if stop.wait(0.05):
                    break
    except Gone:
        pass
    c.close()


def test_nuisances():
    """Garbage, half frames, slowness, numbers: none of it is felt by others."""
    server = Server("--clients", "120")
    good = Client(server.place)
    start_loop(good)
    before, stop = server.descriptors(), threading.Event()
    slow = threading.Thread(target=trickle, args=(server.place, stop))
    slow.start()
    crowd = [Client(server.place) for _ in range(100)]
    for i, c in enumerate(crowd):
        if i % 3 == 0:
            c.send(os.urandom(20000))
        elif i % 3 == 1:
            c.send(encode(WRITE, 1, [0] + [7] * 256)[:500])
    begin = time.monotonic()
    fine = all(underway(good) for _ in range(50))
    check(fine and time.monotonic() - begin < 5, "100 connections, garbage, half frames, 20 bytes/s: one is served on")
    check(all(c.ask(HELLO)[0] == 0x014C5850 for c in crowd), "and those who talk sense then, too")
    extra = [Client(server.place) for _ in range(30)]
    refused = 0
    for c in extra:
        try:
            c.ask(HELLO, timeout=5)
        except Gone:
            refused += 1
    check(refused > 0, "one connection too many is closed", refused)
    stop.set()
    slow.join()
    for c in crowd + extra:
        c.close()
    check(until(lambda: server.descriptors() == before), "no descriptor is left over",
          (before, server.descriptors()))
    check(underway(good) and len(server.children()) == 1, "and no process", server.children())
    # A flood of whole requests whose answers nobody reads.
    flood = Client(server.place)
    flood.socket.setblocking(False)
    frame = encode(STATUS, 1) * 200
    try:
        for _ in range(200):
            flood.socket.send(frame)
    except BlockingIOError:
        pass
    check(underway(good), "a client that does not read its answers holds nobody up")
    check(server.end() == 0, "it ends well with connections open", server.text())


def test_usage():
    for name, arguments, text in (
            ("an executor that is none", ["--on", "nonsense", "--listen", "tcp:0"], "no executor is called"),
            ("no place", ["--on", "ref"], "--listen"),
            ("a place that is none", ["--listen", "nowhere"], "nowhere"),
            ("a wire that cannot be", ["--listen", "tcp:0", "--wire", "/dev/null/x"], "/dev/null/x"),
            ("a spare without a wire", ["--listen", "tcp:0", "--spare", "ref"], "--wire")):
        status, out = px("serve", *arguments, timeout=20)
        check(status == 2 and text in out, f"refused: {name}", out)


run([test_codec, test_places, test_requests, test_killed, test_kept_ready, test_doubles, test_long_instruction,
     test_lockstep, test_behind, test_behind_silence, test_nuisances, test_usage])
