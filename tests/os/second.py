#!/usr/bin/env python3
"""second.py - a second kernel of pxOS, written from os/OS.md, os/os.def, pxi/HOST.md, cc/ABI.md and os/fs/PXFS.md.

    second.py OS.PXI <INPUT         takes the programs out of OS.PXI's root file system and runs its `sh`

It is no picture: processes are machines of tests/conformance/pxvm_v1.py, and files are in memory, so what it answers
owes nothing to os/kernel. It has no devices, no display and no network, as a host that grants nothing. Its clock jumps
where everybody sleeps. What OS.md leaves open is not imitated: numbers of processes and times are this kernel's own."""
import math
import os
import re
import struct
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path += [os.path.join(HERE, "..", "conformance"), os.path.join(HERE, "..", "fs")]
import pxfs  # noqa: E402
import pxvm_png  # noqa: E402
import pxvm_v1  # noqa: E402


def text_of(path):
    with open(os.path.join(HERE, "..", "..", path), encoding="ascii") as file:
        return file.read()


def numbers_of(macro):
    """NAME and number of each entry of one of the lists."""
    return {name: int(n, 0) for name, n in re.findall(r"^%s\((\w+), *(-?\w+)," % macro, LISTS, re.M)}


LISTS = text_of("pxi/host.def") + text_of("os/os.def")
SERVICES, CALLS, ERRORS = (numbers_of(macro) for macro in ("PXH_SERVICE", "PXO_CALL", "PXH_ERROR"))
V = {**numbers_of("PXH_VALUE"), **numbers_of("PXO_VALUE")}
NUMBERS = {n: name for name, n in [*SERVICES.items(), *CALLS.items()]}
NO_PAYLOAD = re.findall(r'^PX[HO]_(?:SERVICE|CALL)\((\w+),[^"]*"0"', LISTS, re.M)
NOT_HERE = ("SEND", "RECEIVE", "DISPLAY", "DISPLAY_SIZE", "KEYBOARD", "POINTER", "FRAME", "ETHERNET")
HERE_IS = [name for name in [*re.findall(r"^PXO_SERVED\((\w+)\)", LISTS, re.M), *CALLS] if name not in NOT_HERE]

RUNNING, HALTED, WAITING, TRAPPED = (pxvm_v1.ISA.status[s] for s in ("RUNNING", "HALTED", "WAITING", "TRAPPED"))
CLASSES = {2048: 88, 8192: 16, 16384: 8, 32768: 2, 131072: 1}  # section 2: pixels of a slot, and how many there are
TURN, HANDLES, PIPE_BYTES, STRING_BYTES, LIST_ENTRIES = 16384, 8, 1024, 1024, 64
OPENED, FOLDERS, LOOKED_AT = 64, 24, 48
PATH_BYTES, NAME_BYTES, FILE_BYTES = 255, 56, (1 << 32) - 1


class Failed(Exception):
    """A call's answer that is an error, by name."""


class Wait(Exception):
    """A call that has to wait: it is asked again."""


class Gone(Exception):
    """The caller gets no answer: it has ended, or is another program."""


# ---- files -------------------------------------------------------------------------------------------------------


class Node:
    count = 0

    def __init__(self, kind, parent=None):
        Node.count += 1
        self.kind, self.parent, self.number = kind, parent, Node.count
        self.data, self.entries, self.names = bytearray(), {}, 1
        self.changed = int(time.time())

    def size(self):
        return len(self.data)


def parts_of(process, name):
    """A path's parts from / on; each .. has taken the part before it away, as they are written."""
    if not 1 <= len(name) <= PATH_BYTES or b"\0" in name:
        raise Failed("NAME")
    parts = [] if name.startswith(b"/") else list(process.folder)
    for part in name.split(b"/"):
        if part == b"..":
            parts = parts[:-1]
        elif part not in (b"", b"."):
            parts.append(part)
    if len(path_of(parts)) > PATH_BYTES:
        raise Failed("NAME")
    return parts


def path_of(parts):
    return b"/" + b"/".join(parts)


def walk(parts):
    node = ROOT
    for part in parts:
        if part not in node.entries:
            raise Failed("ABSENT")
        look_at(node, node.entries[part])
        node = node.entries[part]
    return node


def look_at(*nodes):
    """Whether so many can be looked at, beside / and those that are open."""
    opened = {h.node for p in KERNEL.processes.values() for h in p.handles if isinstance(h, File)}
    if len({ROOT, *nodes} | opened) > LOOKED_AT:
        raise Failed("LIMIT")


def find(process, name):
    return walk(parts_of(process, name))


def find_place(process, name):
    """The folder that a name is in, or would be, and its last part, None of /."""
    parts = parts_of(process, name)
    folder = walk(parts[:-1])
    if folder.kind != V["FOLDER"]:
        raise Failed("ABSENT")
    return folder, parts[-1] if parts else None


def put(folder, name, node):
    if len(name) > NAME_BYTES:
        raise Failed("NAME")
    look_at(folder, node)
    folder.entries[name] = node
    folder.changed = int(time.time())
    if node.kind == V["FOLDER"]:
        node.parent = folder
    return node


def take_away(folder, name):
    node = folder.entries.pop(name)
    node.names -= 1
    folder.changed = int(time.time())
    return node


def read_root(path):
    """The tree of the pxFS that lies in the picture's rows: where one has a root record with a right seal."""
    width, _, words = pxvm_png.png_read(path)
    raw = struct.pack(f"<{len(words)}I", *words)
    for row in range(len(words) // width):
        if words[row * width] == 0x01465850:
            try:
                disk = pxfs.Disk(raw[row * width * 4 :])
                disk.read_nodes()
                break
            except (pxfs.Damaged, struct.error):
                continue
    else:
        sys.exit(f"second.py: {path}: no pxFS in its rows")
    return tree_of(disk, 1, {}, None)


def tree_of(disk, number, made, parent):
    if number in made:
        made[number].names += 1
        return made[number]
    kind = disk.nodes[number][0]
    node = made[number] = Node(kind, parent)
    node.parent = parent or node
    if kind == V["FILE"]:
        node.data = bytearray(disk.content(number))
    else:
        for name, child in disk.names(number).items():
            node.entries[name] = tree_of(disk, child, made, node)
    return node


# ---- what handles are --------------------------------------------------------------------------------------------


class Console:
    def __init__(self, source):
        self.input, self.at = source, 0

    def read(self, count):
        piece = self.input[self.at : self.at + count]
        self.at += len(piece)
        return piece

    def write(self, piece):
        os.write(1, piece)
        return len(piece)


class Pipe:
    def __init__(self):
        self.data, self.ends = b"", (PipeEnd(self, 0), PipeEnd(self, 1))

    def has(self, which):
        return any(h is self.ends[which] for p in KERNEL.processes.values() for h in p.handles)


class PipeEnd:
    def __init__(self, pipe, writes):
        self.pipe, self.writes = pipe, writes

    def read(self, count):
        pipe = self.pipe
        if self.writes:
            raise Failed("KIND")
        if count and not pipe.data:
            if pipe.has(1):
                raise Wait
            return b""
        piece, pipe.data = pipe.data[:count], pipe.data[count:]
        return piece

    def write(self, piece):
        pipe = self.pipe
        if not self.writes:
            raise Failed("KIND")
        if not pipe.has(0):
            raise Failed("CLOSED")
        room = PIPE_BYTES - len(pipe.data)
        if piece and not room:
            raise Wait
        pipe.data += piece[:room]
        return min(len(piece), room)


class Null:
    """/dev/null, open."""

    def read(self, count, at=None):
        return b""

    def write(self, piece, at=None):
        return len(piece)


class File:
    def __init__(self, node, flags):
        self.node, self.flags, self.place = node, flags, 0

    def is_file(self):
        return self.node.kind == V["FILE"]

    def read(self, count, at=None):
        if not self.flags & V["FOR_READ"]:
            raise Failed("KIND")
        begin = self.place if at is None else at
        piece = bytes(self.node.data[begin : begin + count])
        if at is None:
            self.place += len(piece)
        return piece

    def write(self, piece, at=None):
        if not self.flags & V["FOR_WRITE"]:
            raise Failed("KIND")
        begin = self.place if at is None else at
        if self.flags & V["APPEND"]:
            begin = len(self.node.data)
        if piece:
            if begin + len(piece) > FILE_BYTES:
                raise Failed("FULL")
            resize(self.node, max(begin + len(piece), len(self.node.data)))
            self.node.data[begin : begin + len(piece)] = piece
        if at is None:
            self.place = begin + len(piece)
        return len(piece)


def resize(node, size):
    if size > FILE_BYTES:
        raise Failed("FULL")
    if size > 1 << 24:
        sys.exit("second.py: a file too large for this kernel")
    node.data = node.data[:size] + bytearray(max(0, size - len(node.data)))
    node.changed = int(time.time())


# ---- processes ---------------------------------------------------------------------------------------------------


class Process:
    """A process is the machine that pxvm_v1 steps, and what the kernel knows of it."""

    in_slot = False  # so RESUME in it is done as it would be alone, which is what section 3 promises

    def __init__(self, number, parent, job):
        self.number, self.parent, self.job = number, parent, job
        self.handles, self.folder = [None] * HANDLES, []
        self.level, self.used, self.blocked, self.deadline, self.posted = 0, 0, False, None, None
        self.how = None

    def start(self, program, slot, name, strings=(), arguments=0):
        """Section 2: the machine of a program that has not begun."""
        magic, w, h, entry, count, plain = struct.unpack_from("<6I", program)
        self.name, self.slot, self.w, self.h = name, slot, w, h
        if not plain:
            self.h = rows_of(slot, w)
        self.n = self.w * self.h
        self.m = list(struct.unpack_from(f"<{count}I", program, 32)) + [0] * (self.n - count)
        self.m[4] = 0
        self.pc, self.vl, self.status, self.cause, self.value, self.retired = entry, 0, RUNNING, 0, 0, 0
        self.r = [0] * 256
        if not plain:
            self.m[4] = CALLS["HEAP"] << 24
            self.pass_strings(strings, arguments)

    def pass_strings(self, strings, arguments):
        at, places, texts = self.m[7], [], b""
        for string in strings:
            places.append(at + len(texts))
            texts += string + b"\0"
        argv = -(-(at + len(texts)) // 4) * 4
        words = places[:arguments] + [0] + places[arguments:] + [0]
        self.m[5], self.m[6], self.m[7] = arguments, argv, -(-(argv + 4 * len(words)) // 16) * 16
        if self.m[7] + 256 > 4 * self.n:
            raise Failed("LIMIT")
        self.write(at, texts)
        self.write(argv, struct.pack(f"<{len(words)}I", *words))

    # bytes and words of its image

    def within(self, address, count, words=False):
        if words and address % 4:
            raise Failed("INVALID")
        if count and address + count > 4 * self.n:
            raise Failed("RANGE")

    def read(self, address, count):
        if not count:
            return b""
        self.within(address, count)
        first, last = address // 4, (address + count - 1) // 4
        raw = struct.pack(f"<{last - first + 1}I", *self.m[first : last + 1])
        return raw[address % 4 : address % 4 + count]

    def write(self, address, piece):
        if not piece:
            return
        self.within(address, len(piece))
        first, last = address // 4, (address + len(piece) - 1) // 4
        raw = bytearray(struct.pack(f"<{last - first + 1}I", *self.m[first : last + 1]))
        raw[address % 4 : address % 4 + len(piece)] = piece
        self.m[first : last + 1] = struct.unpack(f"<{last - first + 1}I", raw)

    def words(self, address, count):
        self.within(address, 4 * count, words=True)
        return self.m[address // 4 : address // 4 + count]

    def put_words(self, address, *words):
        self.within(address, 4 * len(words), words=True)
        self.m[address // 4 : address // 4 + len(words)] = words

    def runs(self):
        return self.how is None and self.status == RUNNING

    # handles

    def handle(self, number):
        if number >= HANDLES or self.handles[number] is None:
            raise Failed("HANDLE")
        return self.handles[number]

    def file(self, number):
        found = self.handle(number)
        if not isinstance(found, File) or not found.is_file():
            raise Failed("KIND")
        return found

    def free_handles(self, count, first):
        free = [i for i in range(first, HANDLES) if self.handles[i] is None]
        if len(free) < count:
            raise Failed("LIMIT")
        return free[:count]


def rows_of(slot, w):
    """How many rows a picture so wide has at most in a slot: behind a state's header (SPEC.md section 9)."""
    return (slot - -(-266 // w) * w) // w


def only(value, *allowed):
    if value not in allowed:
        raise Failed("INVALID")


# ---- the calls: a method of the call's name each; the answer, or an exception ------------------------------------------


class Kernel:
    def __init__(self):
        self.processes, self.last, self.posts = {}, 0, 0
        self.now = 0  # nanoseconds: 100 for an instruction
        self.free = dict(CLASSES)
        self.console = Console(sys.stdin.buffer.read())

    # what runs

    def boot(self):
        first = Process(1, 0, 0)
        self.last = 1
        first.handles[:3] = [self.console] * 3
        program = self.program(first, b"sh")
        first.start(program, self.get_slot(None, program), b"sh", [b"sh"], 1)
        self.processes[1] = first
        while True:
            self.round()

    def round(self):
        best = min((p.level for p in self.processes.values() if p.runs()), default=0)
        for p in list(self.processes.values()):
            left = TURN >> (p.level - best) if p.runs() else 0
            while left > 0 and p.status == RUNNING:
                left -= pxvm_v1.step_v1(p)
                self.now += 100
        # twice, since who asks first may have to wait for what another has asked for meanwhile
        if not self.look_at_all() | self.look_at_all() and not any(p.runs() for p in self.processes.values()):
            self.nobody_runs()

    def look_at_all(self):
        asks = [p for p in self.processes.values() if p.how is None and p.status != RUNNING]
        return any([self.look_at(p) for p in asks if p.how is None and p.status != RUNNING])

    def nobody_runs(self):
        sleepers = [p.deadline for p in self.processes.values() if p.how is None and p.deadline]
        if sleepers:
            self.now = max(self.now, min(sleepers))
            return
        waiting = [p for p in self.processes.values() if p.how is None and p.number != 1 and self.waits_for_others(p)]
        if not waiting:
            sys.exit("second.py: nobody can ever run again")
        self.end(max(waiting, key=lambda p: p.number), "KILLED", 0, 0)

    @staticmethod
    def waits_for_others(p):
        return NUMBERS[p.r[p.value] >> 24] in ("READ", "WRITE", "POST", "TAKE", "INPUT", "GETC", "PRINT", "PUTC", "POLL")

    def look_at(self, p):
        """What a process wants that does not run. Whether anything came of it."""
        if p.status == HALTED:
            self.end(p, "EXITED", 0, 0)
        elif p.status == TRAPPED:
            self.console.write(trap_text(p))
            self.end(p, "TRAPPED", p.cause, p.value)
        else:
            try:
                answer = self.serve(p, p.r[p.value], p.r[(p.value + 1) % 256])
            except Wait:
                p.blocked = True
                return False
            except Gone:
                return True
            self.answer(p, answer)
        return True

    @staticmethod
    def answer(p, answer):
        p.r[p.value] = answer & 0xFFFFFFFF
        p.status, p.value, p.blocked, p.deadline, p.posted = RUNNING, 0, False, None, None

    def serve(self, p, request, argument, in_list=False):
        number, payload = request >> 24, request & 0xFFFFFF
        name = NUMBERS.get(number)
        try:
            if name is None:
                raise Failed("NOSYS")
            if in_list and (name in ("SUBMIT", "POLL", "EXIT", "WAIT") or name in CALLS):
                raise Failed("NEST")
            if name not in HERE_IS:
                raise Failed("DENIED")
            if name in NO_PAYLOAD and payload:
                raise Failed("INVALID")
            return getattr(self, "call_" + name.lower())(p, payload, argument)
        except Failed as failed:
            return ERRORS[str(failed)]

    def end(self, p, how, status, value):
        if p.number == 1:
            sys.stdout.flush()
            os._exit(status if how == "EXITED" else 128 + status)
        p.how, p.status_of_end, p.value_of_end = V[how], status, value
        p.handles, p.posted = [None] * HANDLES, None
        for child in list(self.processes.values()):
            if child.parent == p.number:
                child.parent = 0
                if child.how is not None:
                    self.forget(child)
        if p.parent == 0:
            self.forget(p)

    def forget(self, p):
        self.free[p.slot] += 1
        del self.processes[p.number]

    # slots: section 4's shares

    def get_slot(self, p, program, least=0):
        _, w, h = struct.unpack_from("<3I", program)
        return self.slot_for(p, -(-266 // w) * w + w * h)

    def slot_for(self, p, pixels):
        fitting = [c for c in sorted(CLASSES) if c >= pixels]
        if not fitting:
            raise Failed("LIMIT")
        for size in fitting:
            if p is None or p.number == 1:
                good = self.free[size] > 0
            else:
                has = sum(1 for q in self.processes.values() if q.job == p.job and q.slot == size)
                good = self.free[size] > has + (size != fitting[0]) and sum(self.free.values()) > 4
            if good:
                self.free[size] -= 1
                return size
        raise Failed("FULL")

    def new_process(self, parent):
        number = self.last + 1
        child = Process(number, parent.number, number if parent.number == 1 else parent.job)
        child.level, child.folder = parent.level, parent.folder
        return child

    def add(self, child):
        self.last = child.number
        self.processes[child.number] = child
        return child.number

    # the host's services

    def call_yield(self, p, payload, _):
        return 0

    def call_services(self, p, payload, address):
        bits = sum(1 << number for number, name in NUMBERS.items() if name in HERE_IS)
        p.within(address, 32, words=True)
        p.write(address, bits.to_bytes(32, "little"))
        return 1

    def call_clock(self, p, payload, address):
        only(payload, 0, 1)
        p.put_words(address, *two_words(time.time_ns() if payload else self.now))
        return 0

    def call_random(self, p, count, address):
        p.write(address, os.urandom(count))
        return count

    def call_wait(self, p, milliseconds, address):
        if address:
            ring, entries, head, room, low, high = p.words(address, 6)
            self.check_ring(p, ring, entries, head, room)
            deadline = low | high << 32
        else:
            deadline = 0
            if milliseconds == 0:
                raise Failed("INVALID")
        if p.deadline is None:
            p.deadline = self.now + milliseconds * 1000000 if milliseconds else deadline
        if p.deadline and p.deadline <= self.now:
            return 0
        raise Wait

    @staticmethod
    def check_ring(p, ring, entries, head, room):
        p.within(ring, 16 * entries, words=True)
        if room > entries or entries and head >= entries:
            raise Failed("INVALID")

    def call_events(self, p, payload, address):
        self.check_ring(p, *p.words(address, 4))
        return 0

    def call_submit(self, p, entries, address, waits=False):
        p.within(address, 16 * entries, words=True)
        if entries > LIST_ENTRIES:
            raise Failed("LIMIT")
        done = pending = 0
        for at in range(address, address + 16 * entries, 16):
            request, argument, answer, state = p.words(at, 4)
            if state == V["DONE"]:
                continue
            try:
                if state not in (V["TO_DO"], V["PENDING"]):
                    answer = ERRORS["INVALID"]
                else:
                    answer = self.serve(p, request, argument, in_list=True)
                p.put_words(at + 8, answer & 0xFFFFFFFF, V["DONE"])
                done += 1
            except Wait:
                p.put_words(at + 12, V["PENDING"])
                pending += 1
        if waits and not done and pending:
            raise Wait
        return done

    def call_poll(self, p, entries, address):
        return self.call_submit(p, entries, address, waits=True)

    def call_print(self, p, count, address):
        if count == V["STRING"]:
            text = b""
            while not text.endswith(b"\0"):
                text += p.read(address + len(text), 1)
            text = text[:-1]
        else:
            text = p.read(address, count)
        return p.handle(1).write(text)

    def call_input(self, p, count, address):
        return self.read_into(p, p.handle(0), address, count)

    def call_console(self, p, payload, _):
        only(payload, 0, 1)
        return 0

    def call_putc(self, p, payload, _):
        only(payload & ~255, 0)
        return p.handle(1).write(bytes([payload]))

    def call_getc(self, p, payload, _):
        piece = p.handle(0).read(1)
        if not piece:
            raise Failed("END")
        return piece[0]

    def call_exit(self, p, payload, _):
        only(payload & ~255, 0)
        self.end(p, "EXITED", payload, 0)
        raise Gone

    # files by handles

    def read_into(self, p, source, address, count, *at):
        p.within(address, count)
        piece = source.read(count, *at)
        p.write(address, piece)
        return len(piece)

    def transfer(self, p, payload, address):
        """READ's and WRITE's common part: handle, address, bytes, and the offset if there is one."""
        only(payload & ~(0xFFFF | V["AT"]), 0)
        at = payload & V["AT"]
        words = p.words(address, 4 if at else 2)
        p.within(words[0], words[1])
        handle = p.handle(payload & 0xFFFF)
        if isinstance(handle, File) and not handle.is_file() or at and not isinstance(handle, (File, Null)):
            raise Failed("KIND")
        return handle, words[0], words[1], [words[2] | words[3] << 32] if at else []

    def call_read(self, p, payload, address):
        handle, to, count, at = self.transfer(p, payload, address)
        return self.read_into(p, handle, to, count, *at)

    def call_write(self, p, payload, address):
        handle, source, count, at = self.transfer(p, payload, address)
        return handle.write(p.read(source, count), *at)

    def call_open(self, p, flags, address):
        if flags == 0 or flags & ~0x7F or (flags & V["DIRECTORY"] and flags != V["DIRECTORY"]):
            raise Failed("INVALID")
        if flags & (V["CREATE"] | V["TRUNCATE"] | V["APPEND"]) and not flags & V["FOR_WRITE"]:
            raise Failed("INVALID")
        if flags & V["NEW"] and not flags & V["CREATE"]:
            raise Failed("INVALID")
        name = self.name(p, address)
        (number,) = p.free_handles(1, 3)
        try:
            node = find(p, name)
            if flags & V["NEW"]:
                raise Failed("EXISTS")
        except Failed as failed:
            if str(failed) != "ABSENT" or not flags & V["CREATE"]:
                raise
            folder, last = find_place(p, name)
            node = put(folder, last, Node(V["FILE"]))
        if (node.kind == V["FOLDER"]) != (flags == V["DIRECTORY"]):
            raise Failed("KIND")
        if flags & V["TRUNCATE"]:
            resize(node, 0)
        if len({h for q in self.processes.values() for h in q.handles if isinstance(h, File)}) >= OPENED:
            raise Failed("LIMIT")
        p.handles[number] = Null() if parts_of(p, name) == [b"dev", b"null"] else File(node, flags)
        return number

    def call_close(self, p, number, _):
        p.handle(number)
        p.handles[number] = None
        return 0

    def call_size(self, p, number, address):
        p.within(address, 8, words=True)
        p.put_words(address, *two_words(p.file(number).node.size()))
        return 0

    def call_list(self, p, number, address):
        to, room, first = p.words(address, 3)
        p.within(to, room, words=True)
        folder = p.handle(number)
        if not isinstance(folder, File) or folder.is_file():
            raise Failed("KIND")
        entries = sorted(folder.node.entries.items())[first:]
        out, count = b"", 0
        for name, node in entries:
            entry = struct.pack("<4I", node.kind, *two_words(node.size()), len(name)) + name + bytes(-len(name) % 4)
            if len(out) + len(entry) > room:
                break
            out, count = out + entry, count + 1
        if entries and not count:
            raise Failed("LIMIT")
        p.write(to, out)
        return count

    # os.def: processes

    def call_getpid(self, p, payload, _):
        return p.number

    def program(self, p, name):
        if not name:
            raise Failed("NAME")
        node = find(p, name if b"/" in name else b"/bin/" + name)
        if node.kind != V["FILE"]:
            raise Failed("ABSENT")
        words = struct.unpack_from("<8I", bytes(node.data[:32]) + bytes(32))
        if words[0] != 0x01525850 or len(node.data) < 32 + 4 * words[4]:
            raise Failed("ABSENT")
        return bytes(node.data)

    @staticmethod
    def name(p, address, at=0):
        where, length = p.words(address + 4 * at, 2)
        return p.read(where, length)

    def strings(self, p, address, length, arguments=None):
        text = p.read(address, length)
        if length > STRING_BYTES:
            raise Failed("LIMIT")
        if not text.endswith(b"\0"):
            raise Failed("INVALID")
        strings = text.split(b"\0")[:-1]
        arguments = len(strings) if arguments is None else arguments
        if not 1 <= arguments <= len(strings):
            raise Failed("INVALID")
        return strings, arguments

    def call_spawn(self, p, payload, address):
        only(payload, 0, V["MORE"])
        block = p.words(address, 8 if payload else 6)
        name = self.name(p, address)
        strings, arguments = self.strings(p, block[2], block[3], block[7] if payload else None)
        program = self.program(p, name)
        child = self.new_process(p)
        child.handles[2] = p.handles[2]
        for i, number in enumerate([block[4], block[5]] + ([block[6]] if payload else [])):
            child.handles[i] = None if number == V["NOTHING"] else p.handle(number)
        slot = self.get_slot(p, program)
        try:
            child.start(program, slot, name.split(b"/")[-1], strings, arguments)
        except Failed:
            self.free[slot] += 1
            raise
        return self.add(child)

    def call_exec(self, p, payload, address):
        block = p.words(address, 4)
        name = self.name(p, address)
        strings, arguments = self.strings(p, block[2], block[3])
        program = self.program(p, name)
        _, w, h = struct.unpack_from("<3I", program)
        new = Process(p.number, p.parent, p.job)
        slot = p.slot if rows_of(p.slot, w) >= h else self.get_slot(p, program)
        try:
            new.start(program, slot, name.split(b"/")[-1], strings, arguments)
        except Failed:
            self.free[slot] += slot != p.slot
            raise
        self.free[p.slot] += slot != p.slot
        for field in ("w", "h", "n", "m", "r", "pc", "vl", "status", "cause", "value", "retired", "name", "slot"):
            setattr(p, field, getattr(new, field))
        raise Gone

    def call_fork(self, p, payload, _):
        slot = self.slot_for(p, -(-266 // p.w) * p.w + p.n)
        child = self.new_process(p)
        for field in ("w", "h", "n", "pc", "vl", "cause", "retired", "name"):
            setattr(child, field, getattr(p, field))
        child.slot, child.m, child.r, child.handles = slot, list(p.m), list(p.r), list(p.handles)
        child.status, child.value = p.status, p.value
        self.answer(child, 0)
        return self.add(child)

    def call_heap(self, p, payload, count):
        rows = math.ceil(math.ceil(count / 4) / p.w)
        if rows <= p.h:
            return 0
        if rows > rows_of(p.slot, p.w):
            slot = self.slot_for(p, -(-266 // p.w) * p.w + p.w * rows)
            self.free[p.slot] += 1
            p.slot = slot
            rows = rows_of(slot, p.w)
        p.m += [0] * (p.w * (rows - p.h))
        p.h, p.n = rows, p.w * rows
        return 0

    def child(self, p, number):
        found = self.processes.get(number)
        if found is None or found.parent != p.number:
            raise Failed("ABSENT")
        return found

    def call_waitpid(self, p, payload, address):
        number = payload & ~(V["NOW"] | V["KEEP"])
        p.within(address, 12, words=True)
        mine = [q for q in self.processes.values() if q.parent == p.number]
        if number:
            mine = [self.child(p, number)]
        if not mine:
            raise Failed("ABSENT")
        for child in mine:
            if child.how is not None:
                p.put_words(address, child.how, child.status_of_end, child.value_of_end)
                if not payload & V["KEEP"]:
                    self.forget(child)
                return child.number
        if payload & V["NOW"]:
            return 0
        raise Wait

    call_watch = call_waitpid

    def is_above(self, p, q):
        if p.number == 1:
            return True
        while q.parent and q.parent in self.processes:
            q = self.processes[q.parent]
            if q is p:
                return True
        return False

    def call_kill(self, p, number, _):
        q = self.processes.get(number)
        if q is None:
            raise Failed("ABSENT")
        if q.number == 1 or not self.is_above(p, q):
            raise Failed("DENIED")
        if q.how is None:
            self.end(q, "KILLED", 0, 0)
        return 0

    def call_priority(self, p, number, level):
        q = self.processes.get(number or p.number)
        if level > 7:
            raise Failed("INVALID")
        if q is None:
            raise Failed("ABSENT")
        if p.number != 1 and (level < p.level or (q is not p and not self.is_above(p, q))):
            raise Failed("DENIED")
        q.level = level
        return 0

    def call_pipe(self, p, payload, address):
        p.within(address, 8, words=True)
        numbers = p.free_handles(2, 0)
        for number, end in zip(numbers, Pipe().ends):
            p.handles[number] = end
        p.put_words(address, *numbers)
        return 0

    @staticmethod
    def entry(q):
        state = "ENDED" if q.how is not None else "BLOCKED" if q.blocked else "READY"
        return struct.pack("<4I16s", q.number, q.parent, V[state], q.retired, q.name)

    def call_processes(self, p, most, address):
        p.within(address, 32 * most, words=True)
        out = [self.entry(q) for q in self.processes.values()][:most]
        p.write(address, b"".join(out))
        return len(out)

    def call_process(self, p, number, address):
        p.within(address, 32, words=True)
        if (number or p.number) not in self.processes:
            raise Failed("ABSENT")
        p.write(address, self.entry(self.processes[number or p.number]))
        return 0

    def call_post(self, p, number, address):
        words = p.words(address, 4)
        q = self.processes.get(number)
        if q is None or q.how is not None:
            raise Failed("ABSENT")
        if q is p:
            raise Failed("INVALID")
        if p.posted is None:
            self.posts += 1
            p.posted = self.posts, number, words
        raise Wait

    def call_take(self, p, payload, address):
        only(payload, 0, V["NOW"])
        p.within(address, 16, words=True)
        senders = [q for q in self.processes.values() if q.posted and q.posted[1] == p.number]
        if not senders:
            if payload:
                return 0
            raise Wait
        sender = min(senders, key=lambda q: q.posted[0])
        p.put_words(address, *sender.posted[2])
        self.answer(sender, 0)
        return sender.number

    def call_picture(self, p, number, address):
        to, count, first, _, _ = p.words(address, 5)
        p.within(to, 4 * count, words=True)
        q = self.child(p, number)
        if q.how is None:
            raise Failed("DENIED")
        pixels = q.m[first : first + count]
        p.put_words(address + 12, q.w, q.h)
        if pixels:
            p.put_words(to, *pixels)
        return len(pixels)

    # os.def: files

    def call_mkdir(self, p, payload, address):
        folder, last = find_place(p, self.name(p, address))
        if last is None or last in folder.entries:
            raise Failed("EXISTS")
        put(folder, last, Node(V["FOLDER"]))
        return 0

    def call_remove(self, p, payload, address):
        folder, last = find_place(p, self.name(p, address))
        if last is None:
            raise Failed("KIND")
        if last not in folder.entries:
            raise Failed("ABSENT")
        if folder.entries[last].entries:
            raise Failed("KIND")
        take_away(folder, last)
        return 0

    def two_names(self, p, address):
        p.words(address, 4)
        return self.name(p, address), self.name(p, address, 2)

    def call_rename(self, p, payload, address):
        old, new = self.two_names(p, address)
        folder, last = find_place(p, old)
        if last is None:
            raise Failed("KIND")
        to, name = find_place(p, new)
        if last not in folder.entries:
            raise Failed("ABSENT")
        node = folder.entries[last]
        above = to
        while above is not ROOT and above is not node:
            above = above.parent
        if above is node:
            raise Failed("INVALID")
        if name and len(name) > NAME_BYTES:
            raise Failed("NAME")
        there = to.entries.get(name) if name else ROOT
        if there is node:
            return 0
        if there is not None:
            if there.kind != node.kind or there.entries:
                raise Failed("KIND")
            take_away(to, name)
        take_away(folder, last)
        node.names += 1
        put(to, name, node)
        return 0

    def call_link(self, p, payload, address):
        old, new = self.two_names(p, address)
        node = find(p, old)
        if node.kind == V["FOLDER"]:
            raise Failed("KIND")
        folder, last = find_place(p, new)
        if last is None:
            raise Failed("KIND")
        if last in folder.entries:
            raise Failed("EXISTS")
        put(folder, last, node)
        node.names += 1
        return 0

    @staticmethod
    def told(node):
        return [node.kind, *two_words(node.size()), *two_words(node.changed), node.number, node.names, 0]

    def call_stat(self, p, payload, address):
        to = p.words(address, 3)[2]
        name = self.name(p, address)
        p.within(to, 32, words=True)
        p.put_words(to, *self.told(find(p, name)))
        return 0

    def call_fstat(self, p, number, address):
        p.within(address, 32, words=True)
        handle = p.handle(number)
        if not isinstance(handle, File):
            raise Failed("KIND")
        p.put_words(address, *self.told(handle.node))
        return 0

    def call_seek(self, p, number, address):
        low, high = p.words(address, 2)
        p.file(number).place = low | high << 32
        return 0

    def call_resize(self, p, number, address):
        low, high = p.words(address, 2)
        file = p.file(number)
        if not file.flags & V["FOR_WRITE"]:
            raise Failed("KIND")
        resize(file.node, low | high << 32)
        return 0

    def call_chdir(self, p, payload, address):
        name = self.name(p, address)
        if find(p, name).kind != V["FOLDER"]:
            raise Failed("KIND")
        p.folder, before = parts_of(p, name), p.folder
        if len({tuple(q.folder) for q in self.processes.values()}) > FOLDERS:
            p.folder = before
            raise Failed("LIMIT")
        return 0

    def call_folder(self, p, most, address):
        p.within(address, most)
        path = path_of(p.folder)
        if len(path) > most:
            raise Failed("LIMIT")
        p.write(address, path)
        return len(path)

    def call_sync(self, p, payload, _):
        return 0

    def call_space(self, p, payload, address):
        to = p.words(address, 3)[2]
        name = self.name(p, address)
        p.within(to, 16, words=True)
        find(p, name)
        p.put_words(to, 1 << 20, 0, 1 << 19, 0)
        return 0

    def call_mount(self, p, payload, address):
        only(payload & ~V["READONLY"] & ~0xFF, 0)
        name = self.name(p, address)
        self.only_first(p)
        find(p, name)
        raise Failed("DENIED")  # there are no disks

    def only_first(self, p):
        if p.number != 1 and p.parent != 1:
            raise Failed("DENIED")

    def call_unmount(self, p, payload, address):
        node = find(p, self.name(p, address))
        self.only_first(p)
        raise Failed("DENIED" if node is ROOT else "ABSENT")

    def call_mounts(self, p, number, address):
        p.within(address, 4 + 16 + 256, words=True)
        if number > 0:
            return 0
        p.write(address, struct.pack("<I16s256s", 0, b"pxfs", b"/"))
        return 1

    def call_save(self, p, payload, _):
        raise Failed("DENIED")


def two_words(number):
    return number & 0xFFFFFFFF, number >> 32


def trap_text(p):
    cause = next(name for name, number in pxvm_v1.ISA.cause.items() if number == p.cause)
    return f"pxos: process {p.number}, {p.name.decode()}: trap {cause} at pc {p.pc}, value {p.value}\n".encode()


if __name__ == "__main__":
    if len(sys.argv) > 2:  # as px mkos --slots has them: 2K=88,8K=16
        CLASSES = {int(k) * 1024: int(n) for k, n in re.findall(r"(\d+)K=(\d+)", sys.argv[2])}
    ROOT = read_root(sys.argv[1])
    KERNEL = Kernel()
    KERNEL.boot()
