"""peer.py - px pci and a stranger in QEMU's place, who has the shared memory and writes into it what no microkernel would. The
offsets are those of firmware/micro/README.md."""
import glob
import mmap
import os
import random
import re
import signal
import socket
import struct
import threading
import time

from accelerator import PX, accelerator, ended, finish, path, start
from tap import result

TABLE, RING = 0x2000, 0x1000
DEVICE = 0x11101AF4


def offsets():
    """As the document has them, not the list that px was built with."""
    found = {}
    for line in open('firmware/micro/README.md', encoding='utf-8'):
        row = re.match(r'\| 0x([0-9A-F]{4}) \| ([A-Z0-9_]+) \|', line)
        if row:
            found[row.group(2)] = int(row.group(1), 16)
    return found


AT = offsets()
with open(path('reads.pxa'), 'w', encoding='utf-8') as f:  # a port is read, and the answer is the exit status
    f.write('''        .size 16, 4
        .include "host.inc"
        set   r1, SYS_PORT_READ | 0x80
        set   r2, word * 4
        sys   r1
        ld    r3, [r0 + word]
        lui   r4, SYS_EXIT >> 16
        ins   r4, r3, 0
        sys   r4
        halt
word:   .word 0
''')
with open(path('waits.pxa'), 'w', encoding='utf-8') as f:  # an interrupt is bound and waited for, and the status is how many events there are: that there is no
    # input, how many interrupts were lost, and what came of those bound
    f.write('''        .size 16, 4
        .include "host.inc"
        set   r1, SYS_INTERRUPT | 5
        set   r2, words * 4
        sys   r1
        set   r1, SYS_WAIT | 400
        li    r2, 0
        sys   r1
        lui   r4, SYS_EXIT >> 16
        ins   r4, r1, 0
        sys   r4
        halt
words:  .word 0, 0, 0, 0
''')
with open(path('image.pxa'), 'w', encoding='utf-8') as f:  # 'there' is for a device to fetch, which is told where; what it has delivered is
    # printed before and after it is asked for; then come four requests that are wrong. Answers are kept in the image
    f.write('''        .size 32, 16
        .include "host.inc"
        set   r1, SYS_PAGES
        set   r2, SYS_IMAGE
        sys   r1
        set   r1, SYS_PAGES_ADDRESS
        set   r2, where * 4
        sys   r1
        set   r1, SYS_PAGES_IN
        set   r2, give * 4
        sys   r1
        st    [r0 + kept], r1
        set   r1, SYS_PORT_WRITE | 2 << 16 | 0x80
        ld    r2, [r0 + where]
        sys   r1
        set   r1, SYS_PRINT | 8
        set   r2, here * 4
        sys   r1
        set   r1, SYS_PAGES_OUT
        set   r2, take * 4
        sys   r1
        st    [r0 + kept + 1], r1
        set   r1, SYS_PRINT | 8
        set   r2, here * 4
        sys   r1
        set   r1, SYS_PAGES_OUT
        set   r2, moved * 4
        sys   r1
        st    [r0 + kept + 2], r1
        set   r1, SYS_PAGES_OUT
        set   r2, askew * 4
        sys   r1
        st    [r0 + kept + 3], r1
        set   r1, SYS_PAGES_IN
        set   r2, beyond * 4
        sys   r1
        st    [r0 + kept + 4], r1
        set   r1, SYS_PAGES | 1
        set   r2, SYS_IMAGE
        sys   r1
        st    [r0 + kept + 5], r1
        set   r1, SYS_PRINT | 24
        set   r2, kept * 4
        sys   r1
        exit  42
where:  .word 0, 0
give:   .word there * 4, there * 4, 8
take:   .word here * 4, here * 4, 8
moved:  .word here * 4, there * 4, 8
askew:  .word here * 4 + 1, here * 4 + 1, 4
beyond: .word 2048, 2048, 4
there:  .word 0x74696157, 0x21676e69
here:   .word 0x2e2e2e2e, 0x2e2e2e2e
kept:   .zero 6
''')
with open(path('large.pxa'), 'w', encoding='utf-8') as f:
    f.write('        .size 1024, 300\n        halt\n')


class Peer(threading.Thread):
    """A machine; each batch is served by what(peer, number), which does not have to."""

    def __init__(self, place, what, version=1, magic=0x4B4D5850, start_at=0):
        super().__init__(daemon=True)
        self.what, self.over, self.pages = what, False, start_at
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(10)
        self.socket.connect(place)
        self.messages, fds = [], []
        while len(self.messages) < 5:
            data, got, _, _ = socket.recv_fds(self.socket, 8, 1)
            self.messages.append((struct.unpack('<q', data)[0], len(got)))
            fds += got
        self.memory = mmap.mmap(fds[0], os.fstat(fds[0]).st_size)
        self.memory_fd = fds[0]
        self.start()
        self.put('BAR0', 0xFEBF1000), self.put('BAR2', 0xE0000000), self.put('BDF', 0x18)
        self.put('GENERATION', 1)
        struct.pack_into('<II', self.memory, AT['MAGIC'], magic, version)

    def get(self, name):
        return struct.unpack_from('<Q', self.memory, AT[name])[0]

    def put(self, name, value):
        struct.pack_into('<Q', self.memory, AT[name], value & 0xFFFFFFFFFFFFFFFF)

    def run(self):
        done = 0
        while not self.over:
            request = self.get('REQ')
            if request != done:
                done = request
                self.what(self, request)
            time.sleep(0.0005)

    def honest(self, request, read=0):
        """MSI-X at 0x40, table in BAR1, everything else reads as read says."""
        for i in range(min(self.get('COUNT'), 256)):
            at = TABLE + 32 * i
            op, width, address = self.memory[at], self.memory[at + 1], struct.unpack_from('<Q', self.memory, at + 8)[0]
            if op == 4:
                known = {0: DEVICE, 0x34: 0x40, 0x40: 0x0011, 0x14: 0xFEBF2000}
                value = known.get(address & 0xFF, 0)
            else:
                value = read
            if op in (0, 2, 4, 6):
                struct.pack_into('<Q', self.memory, at + 16, value & (1 << (8 << width)) - 1)
            self.memory[at + 2] = 1
        self.put('DONE', request)

    def close(self):
        self.over = True
        self.socket.close()


def case(name, what, expected, program='reads.pxa', status=3, options=(), **how):
    saved = path('saved.pxi')
    px, place = accelerator(path(program), '-o', saved, *options, name='p%d' % time.monotonic_ns())
    peer = Peer(place, what, **how)
    got = ended(px)
    ok = got[0] == status and re.search(expected, got[2])
    if ok and program == 'reads.pxa' and status == 3:
        info = ended(start(PX, 'info', saved))
        ok = info[0] == 0 and 'WAITING' in info[1].upper()
    result(ok, name, got)
    peer.close()
    return peer


def after(meeting, then):
    """Honest until the program asks, which comes behind the six batches of the meeting."""
    def what(peer, request):
        peer.served = getattr(peer, 'served', 0) + 1
        if peer.served <= meeting:
            peer.honest(request)
        else:
            then(peer, request)
    return what


def garbage(peer, request):
    bar = os.urandom(0x4000 - AT['DONE'])
    peer.memory[AT['DONE']:0x4000] = bar  # DONE too: any number but the one awaited
    peer.served_garbage = True


def backwards(peer, request):
    peer.honest(request, 9)
    peer.put('EVENTS', -1)


def flood(peer, request):
    peer.memory[RING:RING + 4096] = struct.pack('<QQ', 0x20, 1) * 256
    peer.put('EVENTS', 1 << 40)
    peer.honest(request, 9)


def shrink(peer, request):
    try:
        os.ftruncate(peer.memory_fd, 0)
        peer.cut = True
    except PermissionError:
        peer.cut = False
    peer.honest(request, 9)


MEETING = 7  # batches of px pci, before the program's
peer = case('served by a stranger', lambda p, r: p.honest(r, 42), '8 batches|7 batches|6 batches', status=42)
result(peer.messages == [(0, 0), (0, 0), (-1, 1), (1, 1), (0, 1)], 'the messages are those of ivshmem: version, number, memory, '
       'the peer\'s vector, its own', peer.messages)
case('another version of the protocol', lambda p, r: p.honest(r), 'version 2 of the protocol; expected 1', status=2, version=2)
case('no MSI-X', lambda p, r: p.put('DONE', r), 'no MSI-X', status=2)
case('never an answer', after(MEETING, lambda p, r: None), 'has not answered for 1 s', options=('--timeout', '1'))
case('garbage in place of an answer', after(MEETING, garbage), 'has not answered for 1 s|was reset', options=('--timeout', '1'))
case('the connection is closed in the middle of a batch', after(MEETING, lambda p, r: p.socket.close()), 'the machine is gone')
case('the memory cannot be made shorter', after(MEETING, shrink), 'batches', status=9)
case('interrupts that count backwards', after(MEETING - 1, backwards), 'batches', program='waits.pxa', status=2)
case('a flood of interrupts', after(MEETING - 1, flood), 'batches', program='waits.pxa', status=3)



def delivers(peer, request):
    """The one request that comes says where the image is: eight bytes there are fetched, and those behind them delivered."""
    place = struct.unpack_from('<Q', peer.memory, TABLE + 16)[0] - 0xE0000000
    image = peer.memory[place:place + 2048]
    peer.fetched = image.count(b'Waiting!')
    there = place + image.index(b'Waiting!') if peer.fetched else place
    peer.memory[there + 8:there + 16] = b'it came.'
    peer.honest(request)


def straight():
    """What a device has delivered is seen when it is asked for, and with --direct where the executor can, at once; the pixels at the end
    are the same, and so they are when the log is fed."""
    ends, answers = set(), struct.pack('<6i', 8, 8, -4, -4, -3, -4)
    for on, here in (('ref', True), ('fast', True), ('worker:ref', False), ('rtl', False), ('opencl', True)):
        if ended(start(PX, 'run', path('large.pxa'), '--on', on), 60)[0] != 0:
            print('# %s is not here' % on)
            continue
        for options in ((), ('--direct',)):
            log, picture, again = path('image.log'), path('image.png'), path('again.png')
            px, place = accelerator(path('image.pxa'), '--on', on, '--record', log, '-o', picture, *options,
                                    name='i%d' % time.monotonic_ns(), text=False)
            peer = Peer(place, after(MEETING, delivers))
            got = ended(px, 60)
            before = b'it came.' if options and here else b'........'
            fed = ended(start(PX, 'run', path('image.pxa'), '--replay', log, '--on', 'ref', '-o', again, text=False))
            ends |= {open(picture, 'rb').read(), open(again, 'rb').read()}
            told = b'has memory of its own' in got[2]
            result(got[0] == fed[0] == 42 and got[1] == before + b'it came.' + answers and peer.fetched == 1 and told == (bool(options) and not here),
                   'on %s%s what is delivered into the image is seen %s' % (
                       on, ' with --direct' if options else '', 'at once' if before == b'it came.' else 'when it is asked for'),
                   got, fed, getattr(peer, 'fetched', None))
            peer.close()
    result(len(ends) == 1, 'in each of these ways, and by each log, the picture ends the same', len(ends))


def liar(seed):
    """A machine with one NVMe controller. It starts, says that it has 2^40 sectors, and takes its queues; then it says whatever comes, and
    writes it over the pages that it was given. Half of them do so from the beginning."""
    chance = random.Random(seed)

    def serve(peer, request):
        for i in range(min(peer.get('COUNT'), 256)):
            at = TABLE + 32 * i
            op, width, address = peer.memory[at], peer.memory[at + 1], struct.unpack_from('<Q', peer.memory, at + 8)[0]
            value = chance.getrandbits(64)
            if op == 4:
                known = {0: 0x00101B36, 8: 0x01080200, 0x10: 0xFE000000, 0x34: 0x40, 0x40: 0x00400011, 0x0E: 0}
                value = known.get(address & 0xFF, value) if address >> 8 in (0, 0x20) else 0xFFFFFFFF
            elif op == 0 and address == 0xFE000000:
                value = 0
            elif op == 0 and address == 0xFE00001C:
                peer.ready = not getattr(peer, 'ready', True)
                value = peer.ready
            elif op == 1 and address == 0xFE001000:
                tail = peer.memory[at + 16]
                said = struct.pack('<Q', 1 << 40) + chance.randbytes(69) + b'\5' + bytes(50) + struct.pack('<I', 9 << 16)
                end = struct.pack('<IIII', 0, 0, 0, 1 << 16) if seed % 2 else chance.randbytes(16)
                peer.memory[peer.pages + 0x4000:peer.pages + 0x4000 + len(said)] = said[:26] + b'\0' + said[27:]
                peer.memory[peer.pages + 0x1000 + 16 * (tail - 1):peer.pages + 0x1000 + 16 * tail] = end
            elif op == 1 and address == 0xFE001008:
                peer.rung = getattr(peer, 'rung', 0) + 1
                peer.memory[peer.pages:peer.pages + 0x5000] = chance.randbytes(0x5000)
            if op in (0, 2, 4, 6):
                struct.pack_into('<Q', peer.memory, at + 16, value & (1 << (8 << width)) - 1)
            peer.memory[at + 2] = 1
        peer.put('DONE', request)
    return serve


def liars():
    """Programs with a driver end, and say something, whatever a disk says."""
    program = os.path.join(os.environ.get('PROGRAMS', ''), 'nvme.pxi')
    if not os.path.exists(program):
        print('# programs in C could not be built: no disk lies to them')
        return
    with open(program, 'rb') as f:
        width, height = struct.unpack('>II', f.read(24)[16:])
    above = (266 + width - 1) // width * width * 4
    ends = []
    for seed in range(6):
        px, place = accelerator(program, name='l%d' % seed, text=False)
        peer = Peer(place, after(MEETING, liar(seed)), start_at=0x10000 + -(-above // 4096) * 4096 + -(-width * height * 4 // 4096) * 4096)
        got = ended(px, 60)
        ends.append((got[0], b'nvme: sectors from' in got[1] if seed % 2 else b'nvme: the disk does not start' in got[1], got[1][-80:], got[2]))
        peer.close()
    result(all(status == 1 and said for status, said, _, _ in ends), 'a disk that answers with garbage is an error, at its start or later', ends)


straight()
liars()
got = ended(start(PX, 'pci', 'docs/RESEARCH.md', '--listen', 'unix:' + path('x')))
result(got[0] == 2 and 'docs/RESEARCH.md' in got[2], 'what is no picture', got)
px, place = accelerator(path('large.pxa'), name='halts')
peer = Peer(place, lambda p, r: p.honest(r))
got = ended(px)
result(got[0] == 0 and '7 batches' in got[2], 'a program that asks the machine for nothing', got)
peer.close()
px, place = accelerator(path('reads.pxa'), name='nobody')
time.sleep(0.3)
px.send_signal(signal.SIGTERM)
got = ended(px)
result(got[0] == 3 and not os.path.exists(place), 'nobody comes, and a signal ends it; the socket is gone', got)
got = ended(start(PX, 'pci', path('large.pxa'), '--listen', 'unix:' + path('x'), '--memory', '1M'))
result(got[0] == 2 and '--memory of 1M does not hold the image, of 2M' in got[2], 'memory that does not hold the image', got)
for name, options, expected in (('a size that is no power of two', ('--memory', '3M'), 'power of two'),
                                ('too small', ('--memory', '4096'), 'power of two'), ('not a size', ('--memory', '1X'), 'takes bytes'),
                                ('another kind of place', ('--listen', 'tcp:1'), 'takes unix:PATH')):
    got = ended(start(PX, 'pci', path('reads.pxa'), *(options if '--listen' in options else ('--listen', 'unix:' + path('x'), *options))))
    result(got[0] == 2 and expected in got[2], name, got)
# Devices are for pixel programs to know: what px pci is made of names ivshmem alone. 0x1AF41110 is it, whichever way round.
sources = sorted(glob.glob('pci/*.[ch]')) + ['host/command/pci.c', 'answer/machine.c', 'answer/list.c', 'firmware/micro/mailbox.def']
others = re.compile(r'nvme|e1000|virtio|xhci|ahci|ramfb|fw_cfg|16550|i8042|hpet|0x0*(?:3f8|511|514)\b|8086|1b36|10ec|1234', re.I)
found = [(name, line.strip()) for name in sources for line in open(name, encoding='utf-8') if others.search(line)]
result(not found, 'the sources of px pci name no device', found)
objects = [name for name in glob.glob(os.path.join(os.path.dirname(PX), 'pci/*.o'))]
found = [(name, text) for name in objects for text in re.findall(rb'[ -~]{4,}', open(name, 'rb').read())
         if re.search(rb'nvme|e1000|virtio|xhci|ahci|ramfb|fw_cfg|16550|i8042|hpet', text, re.I)]
result(len(objects) == len(glob.glob('pci/*.c')) and not found, 'nor do its strings', objects, found)
got = ended(start(PX, 'run', path('reads.pxa'), '--host'))
result(got[0] == 0, 'without a machine the same program is denied, and ends', got)
finish()
