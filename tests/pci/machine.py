"""machine.py - QEMU with the microkernel, for the suites of this folder."""
import os
import re
import shutil
import socket
import time

from accelerator import PX, ended, path, start, until
from tap import result, skip

QEMU = 'qemu-system-x86_64'
MICRO, PROGRAMS = os.environ['MICRO'], os.environ['PROGRAMS']
OS = os.environ.get('OS_PICTURE', '')
if not shutil.which(QEMU):
    skip(QEMU + ' is not here (Debian: apt install qemu-system-x86)')
if not os.path.exists(MICRO):
    skip('the microkernel could not be built: nasm is not here')
if not os.path.exists(PROGRAMS + '/scan.pxi'):
    skip('programs in C could not be built: clang, lld or picolibc is not here')
KERNEL = ('-kernel', MICRO)


def read(file):
    try:
        with open(file, encoding='latin-1', newline='') as f:
            return f.read()
    except OSError:
        return ''


def drive(file, number=0):
    return ('-drive', 'format=raw,if=none,id=n%d,file=%s' % (number, file), '-device', 'nvme,drive=n%d,serial=%d' % (number, number))


class Machine:
    """QEMU; its COM1 is a file unless another is named, its monitor a pair of pipes."""

    count = 0

    def __init__(self, place, *more, serial=None):
        Machine.count += 1
        self.serial = path('serial%d' % Machine.count)
        self.process = start(QEMU, '-machine', 'q35', '-accel', 'tcg', '-smp', '2', '-display', 'none', '-nic', 'none', '-serial',
                             serial or 'file:' + self.serial, '-monitor', 'stdio',
                             *(('-chardev', 'socket,id=px,path=' + place) if place else ()), *more, stdin=-1)

    def said(self, pattern, seconds=20):
        return until(lambda: re.search(pattern, read(self.serial)), seconds)

    def tell(self, command):
        self.process.stdin.write(command + '\n')
        self.process.stdin.flush()

    def end(self, command='quit'):
        """What the monitor says to a last command."""
        try:
            return self.process.communicate(command + '\nquit\n', timeout=20)[0]
        except (BrokenPipeError, ValueError):
            return ''


DEVICE = ('-device', 'ivshmem-doorbell,chardev=px,vectors=1')


class Terminal(Machine):
    """QEMU whose COM1 is typed at; of what it said, what is overwritten and control sequences are taken out."""

    def __init__(self, place, *more):
        listener = socket.socket(socket.AF_UNIX)
        where = path('com1-%d' % Machine.count)
        listener.bind(where)
        listener.listen(1)
        self.born, self.bytes, self.all = time.monotonic(), b'', b''
        super().__init__(place, *more, serial='unix:' + where)
        listener.settimeout(20)
        self.line = listener.accept()[0]
        self.line.setblocking(False)

    def text(self):
        try:
            while data := self.line.recv(65536):
                self.bytes += data
                self.all += data
        except BlockingIOError:
            pass
        text = re.sub(r'\x1b\[[0-9;?]*[A-Za-z]', '', self.bytes.decode('latin-1')).replace('\r\n', '\n')
        return re.sub(r'[^\n]*\r', '', text)

    def said(self, pattern, seconds=20):
        return until(lambda: re.search(pattern, self.text()), seconds)

    def type(self, keys):
        """What is said from now on is looked at by said()."""
        self.text()
        self.bytes = b''
        self.line.sendall(keys.encode())


def dumped(machine, file):
    """The pixels of a dump of 640 x 400, R, G, B; nothing: it has another size, or is not there."""
    if os.path.exists(file):
        os.unlink(file)
    machine.tell('screendump ' + file)
    data = until(lambda: os.path.exists(file) and os.path.getsize(file) >= 640 * 400 * 3 + 15 and open(file, 'rb').read(), 5) or b''
    return data[15:] if data.startswith(b'P6\n640 400\n255\n') else b''


def on_screen(machine, font, file):
    """The lines of a dump of 640 x 400 pixels, read back by the machine's own letters."""
    pixels = dumped(machine, file)
    if not pixels:
        return ['no picture of 640 x 400']
    lines = []
    for row in range(25):
        line = ''
        for column in range(80):
            rows = [sum((pixels[3 * ((16 * row + y) * 640 + 8 * column + x)] > 0) << 7 - x for x in range(8)) for y in range(16)]
            line += font.get(bytes(rows[::2]), '\0') if rows[::2] == rows[1::2] else '\1'
        lines.append(line.rstrip())
    return lines


def bios_font(machine):
    """As the monitor finds it in the machine's memory."""
    machine.tell('pmemsave 0xffa6e 1024 "%s"' % path('font'))
    until(lambda: os.path.exists(path('font')) and os.path.getsize(path('font')) == 1024)
    data = open(path('font'), 'rb').read()
    font = {data[8 * c:8 * c + 8]: chr(c) for c in range(32, 127)}
    return {**{bytes(b ^ 255 for b in letter): '_' for letter in font}, **font}  # whatever is under the cursor


def replays(name, status, log, picture):
    """The session's log, fed without a machine, ends in the same pixels."""
    for executor in ('ref', 'fast'):
        again = path('again.pxi')
        got = ended(start(PX, 'run', OS, '--replay', log, '--on', executor, '-o', again))
        result(got[0] == status and open(picture, 'rb').read() == open(again, 'rb').read(),
               '%s: its log on %s, without a machine, ends in the same picture' % (name, executor), got)
