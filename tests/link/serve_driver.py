"""serve_driver.py - a session's own serial driver on px serve: LINK.md section 5, space DRIVER, and SERIAL.md, "Other
drivers". TAP; from the repository root."""
from pxlink import *

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../conformance"))
from pxvm_png import png_read  # pylint: disable=wrong-import-position

SETUP, SPACE, SESSION = 0x03030001, 4 << 28, 0x0123456789ABCDEF
with open("pxi/programs/serial_driver.pxa") as source:
    SOURCE = source.read()
TIMES = "; Start times:"
assert SOURCE.count(TIMES) == 1 and SOURCE.count("\nmain:") == 1 and SOURCE.count("\n    halt\n") == 1


def assembled(name, source, size):
    """The first pixels of the driver's picture."""
    path = os.path.join(DIR, name)
    with open(path + ".pxa", "w") as file:
        file.write(source)
    status, out = px("asm", path + ".pxa", "-o", path + ".pxi")
    assert status == 0, out
    return list(png_read(path + ".pxi")[2][:size])


def with_code(name, code, before=TIMES, source=SOURCE, size=256):
    return assembled(name, source.replace(before, code + "\n" + before), size)


INVERT = "    set mask, 255\n    vxor.vx [frame], [frame], mask"
OWN = assembled("own", SOURCE, 256)
INVERTED = with_code("inverted", INVERT)
# The same in two rows: the code lies in the second.
TWO_ROWS = with_code("two", INVERT, size=512, source=SOURCE[:SOURCE.index("; ---- the demonstration")]
                     .replace(".size 256, 8", ".size 256, 9").replace("\nmain:", "\n.org 270\nmain:") +
                     ".org 512\n" + "\n".join(f"plane{i}: .zero 256" for i in range(1, 6)) + "\nplane6: .zero 512\n")
BAD_ENDS = {
    "no frames": ("    set writes, 0", "    st   [zero + frames], writes"),
    "2^31 frames": ("    lui writes, 0x8000", "    st   [zero + frames], writes"),
    "one frame too many": ("    addi writes, writes, 1", "    st   [zero + frames], writes"),
    "a trap": ("    vl   frame\n    lui  s0, 0x7FFF\n    fill [s0], zero", TIMES),
    "no end": ("here:\n    jmp  here", TIMES),
    "1,200 instructions more": ("    set t, 600\nmore:\n    addi t, t, -1\n    bne t, zero, more", TIMES),
    "a request to the host": ("    sys  t", TIMES),
}


def text_operations(text):
    return [SETUP] + [ord(x) | 3 << 16 | 1 << 24 for x in text]


def wire(name):
    with open(os.path.join(DIR, name), "rb") as file:
        return file.read()


def inverted(text):
    return bytes(x ^ 255 for x in text.encode())


def crc(pixels):
    return zlib.crc32(struct.pack("<%dI" % len(pixels), *pixels))


def write(client, address, pixels):
    return client.ask(WRITE, SPACE | address, *pixels)


def bring(client, pixels, blocks=None):
    """Every block, that of address 0 at the end; the last answer."""
    for at in blocks or [*range(256, len(pixels), 256), 0]:
        end = min([b for b in blocks if b > at], default=len(pixels)) if blocks else at + 256
        answer = write(client, at, pixels[at:end])
        if answer != ():
            return answer
    return answer


def connect(place, session=SESSION):
    client = Client(place)
    client.hello(session)
    return client


def told(client):
    return client.hello(client.session)[15:17]


def test_own_driver():
    server = Server("--wire", f"{DIR}/a", "-v")
    c = connect(server.place)
    check(told(c) == (0, 0), "without a driver of its own HELLO tells 0 and 0")
    check(c.batch(1, text_operations("one"), 0)[2] == 3 and wire("a") == b"one", "and batches run on the server's")
    check(bring(c, INVERTED) == (), "a driver of one row is one WRITE")
    check(told(c) == (crc(INVERTED), 256), "HELLO tells its CRC-32 and size", told(c))
    reply = c.batch(2, text_operations("two"), 3)
    check(reply == (2, 4, 6, 0, 0, 480, 0) and wire("a") == b"one" + inverted("two"),
          "the driver that was sent is the one that runs", (reply, wire("a")))
    check(c.batch(2, text_operations("two"), 3) == reply and len(wire("a")) == 6, "a repeated batch is from memory")
    check(f"driver of 256 pixels, CRC-32 {crc(INVERTED):08x}, is in force" in server.text() and
          "its batches run on serial_driver.pxa" in server.text() and
          "its batches run on its own serial driver" in server.text(), "the log says which driver runs", server.text())
    check(bring(c, OWN) == () and told(c) == (crc(OWN), 256) and c.batch(3, text_operations("3"), 6)[2] == 7 and
          wire("a")[6:] == b"3", "a second driver takes its place")


def test_blocks():
    server = Server("--wire", f"{DIR}/b")
    c, total = connect(server.place), 0
    for number, blocks in enumerate((None, [300, 256, 0], [256, 511, 1, 100, 0], [1, 257, 500, 0]), 1):
        bring(c, OWN)
        answer = bring(c, TWO_ROWS, blocks)
        total += 5
        check(answer == () and told(c) == (crc(TWO_ROWS), 512) and
              c.batch(number, text_operations("rows!"), total - 5)[2] == total and wire("b")[total - 5:] == inverted("rows!"),
              f"a driver of two rows, written in the order {blocks or [256, 0]}", (answer, told(c), wire("b")))
    check(write(c, 256, TWO_ROWS[256:]) == () and write(c, 0, TWO_ROWS[:256]) == () and
          c.ask(WRITE, SPACE, *TWO_ROWS[:256], same=True) == () and told(c) == (crc(TWO_ROWS), 512),
          "a repeated WRITE is answered again and not carried out again")
    check(error_of(write(c, 0, TWO_ROWS[:256])) == RANGE and told(c)[1] == 512, "address 0 first: half a driver, RANGE")
    write(c, 256, TWO_ROWS[256:])
    told(c)
    check(error_of(write(c, 0, TWO_ROWS[:256])) == RANGE, "HELLO forgets what was written and is not in force yet")


def changed(at, value, pixels=None):
    pixels = list(pixels or OWN)
    pixels[at] = value
    return pixels


def test_refused():
    server = Server("--wire", f"{DIR}/c")
    c = connect(server.place)
    bring(c, INVERTED)
    for name, pixels in (("another magic number", changed(0, 0x02495850)), ("flags", changed(3, 1)),
                         ("an entry among the parameters", changed(1, 21)), ("an entry behind the code", changed(1, 158)),
                         ("an end behind the set-up's place", changed(2, 256)), ("an end far away", changed(2, 0xFFFFFFFF)),
                         ("255 pixels", OWN[:255]), ("1 pixel", OWN[:1])):
        answer = bring(c, pixels)
        check(error_of(answer) == RANGE and "serial driver" in text_of(answer) and told(c) == (crc(INVERTED), 256),
              f"{name}: RANGE, and the driver before stays", answer)
    check(error_of(write(c, 4096, [1])) == RANGE and error_of(write(c, 4095, [1, 2])) == RANGE and
          error_of(write(c, 0x0FFFFFFF, [1])) == RANGE, "pixels beyond 4,096 are error RANGE")
    check(error_of(write(c, 0, [])) == LENGTH and error_of(write(c, 0, [0] * 257)) == LENGTH,
          "no pixel and 257 are error LENGTH")
    check(error_of(c.ask(READ, SPACE, 1)) == RANGE, "the space cannot be read")
    other = Client(server.place)
    check(error_of(bring(other, OWN)) == OWNED, "who has not said HELLO gets OWNED")
    other.hello(2)
    check(error_of(bring(other, OWN)) == OWNED and other.hello(2)[15:17] == (0, 0), "and so does another session")
    check(c.batch(1, text_operations("x"), 0)[2] == 1 and wire("c") == inverted("x"), "after all that it still runs")
    check(error_of(bring(Client(Server().place), OWN)) == RANGE, "a server without a wire does not have the space")
    server = Server("--wire", f"{DIR}/d", "--pixels", "2048")
    c = connect(server.place)
    check(error_of(bring(c, TWO_ROWS)) == RANGE and bring(c, INVERTED) == (),
          "a driver too large for the executor's memory is error RANGE")
    text = "in parts of 256" * 70
    check(c.batch(1, text_operations(text), 0)[2] == len(text) and wire("d") == inverted(text),
          "a batch in parts runs on it in each")


def test_harm():
    """What a driver claims or does is checked like any executor's word: nothing of it reaches the wire."""
    server = Server("--wire", f"{DIR}/e", on="ref,rtl" if present("rtl") else "ref,ref")
    c = connect(server.place)
    for name, (code, before) in BAD_ENDS.items():
        bring(c, with_code("bad", code, before))
        answer = c.batch(1, text_operations("harm"), 0)
        check(error_of(answer) == EXECUTOR and wire("e") == b"", f"a driver that leaves {name}: EXECUTOR", answer)
    bring(c, INVERTED)
    check(c.batch(1, text_operations("good"), 0)[2] == 4 and wire("e") == inverted("good"),
          "the next driver works, in lockstep", wire("e"))


def test_memory():
    """The driver is the session's, and lives as long as the server knows it."""
    server = Server("--wire", f"{DIR}/f", "--spare", "ref", test="executor:in-run:3")
    c = connect(server.place)
    bring(c, INVERTED)
    c.batch(1, text_operations("a"), 0)
    c.close()
    other = Client(server.place)
    until(lambda: other.hello(2) and other.flags == 3)
    check(other.hello(2)[15:17] == (0, 0) and other.batch(1, text_operations("b"), 1)[2] == 2, "another session has none")
    other.ask(BYE, 2, 0)
    other.close()
    c = connect(server.place)
    check(told(c) == (crc(INVERTED), 256), "the first comes back, and its driver is still in force")
    c.batch(2, text_operations("c"), 2)
    check(wire("f") == inverted("a") + b"b" + inverted("c"), "each ran on its own; the spare has the driver too", wire("f"))
    c.ask(BYE, SESSION & 0xFFFFFFFF, SESSION >> 32)
    check(told(c) == (0, 0), "BYE forgets it")

    place = f"unix:{DIR}/again"
    first = Server("--wire", f"{DIR}/g", listen=[place], test="server:in-emission:2:2")
    c = connect(place)
    bring(c, INVERTED)
    c.batch(1, text_operations("first"), 0)
    try:
        c.batch(2, text_operations("second"), 5)
    except Gone:
        pass
    check(first.wait() == -9, "the server dies in the middle of a batch")
    Server("--wire", f"{DIR}/g", listen=[place])
    c = Client(place)
    check(error_of(bring(c, INVERTED)) == OWNED, "the one after it takes no driver from a session that it does not know")
    c.hello(SESSION)
    check(told(c) == (0, 0) and c.wire_total == 7, "HELLO tells that the driver is gone")
    bring(c, INVERTED)
    check(c.batch(1, text_operations("second"), 5)[2] == 11 and wire("g") == inverted("firstsecond"),
          "sent again, each frame is there once, from the right driver", wire("g"))


run([test_own_driver, test_blocks, test_refused, test_harm, test_memory])
