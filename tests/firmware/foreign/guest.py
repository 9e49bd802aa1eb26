"""guest.py - a guest of pxHV under an emulator, px serve behind px front, and the far end of the guest's wire in hand."""
import atexit
import os
import re
import select
import signal
import subprocess
import sys
import time
import tty

from pxhv import DIR, EMU, FIRMWARE, PX, result, speed


def path(name):
    return os.path.join(DIR, name)


def run(*command, **more):
    return subprocess.run(command, check=True, capture_output=True, **more)


BOOTING = 300  # seconds of a busy machine, most of them for disks of 24 MB and more
running = []  # guests whose processes the end of the suite must not leave behind


def switch_off_all():
    while running:
        running[0].switch_off()


atexit.register(switch_off_all)
signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))


class Guest:
    """Boots with these parts, as mkimage names them. unlisted says which BIOS calls the guest may make though pxHV does
    not have them, each with the reason at its caller."""

    def __init__(self, name, *parts, options='', ips=5000000, megs=128, unlisted=()):
        self.name, self.unlisted, self.text, self.booted = name, unlisted, b'', False
        self.log, self.record = path('hv.log'), path('guest.record')
        run(FIRMWARE + '/mkimage', '-o', path('hv.img'), FIRMWARE + '/boot/boot.bin', FIRMWARE + '/stage2.bin',
            'hv=' + FIRMWARE + '/hv.bin', *parts, 'options=end=bochs patience=500 ' + options)
        open(self.record, 'wb').close()
        self.serve = subprocess.Popen([PX, 'serve', '-v', '--on', 'ref', '--listen', 'unix:' + path('link'),
                                       '--wire', 'pty'], stdout=subprocess.PIPE,
                                      stderr=open(path('serve.log'), 'wb'))
        self.wire = os.open(self.first(self.serve, rb'/dev/pts/\d+').decode(), os.O_RDWR | os.O_NOCTTY)
        tty.setraw(self.wire)
        self.front = subprocess.Popen([PX, 'front', '--listen', 'tcp:0', '--to', 'unix:' + path('link')],
                                      stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        port = self.first(self.front, rb'127.0.0.1:(\d+)').rpartition(b':')[2].decode()
        self.machine = subprocess.Popen([f'firmware/{EMU}.sh', '--ips', speed(ips), '--megs', str(megs), '--seconds', '400',
                                         '--com2', port, path('hv.img')],
                                        stdout=open(self.log, 'wb'), stderr=subprocess.DEVNULL,
                                        env=dict(os.environ, HV_RECORD=self.record))
        running.append(self)

    @staticmethod
    def first(process, pattern):
        for line in process.stdout:
            found = re.search(pattern, line)
            if found:
                return found[0]
        raise RuntimeError('it ended without a word')

    def until(self, pattern, seconds=120):
        """What has come up to and with pattern; what comes later is kept. What comes first waits until a disk has been loaded."""
        end = time.monotonic() + (seconds if self.booted else max(seconds, BOOTING))
        while True:
            found = re.search(pattern, self.text, re.S)
            if found:
                told, self.text = self.text[:found.end()], self.text[found.end():]
                return told
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.wire], [], [], left)[0]:
                return None
            time.sleep(0.02)  # a search through all of the text is for more than a few characters
            self.text += os.read(self.wire, 65536)
            self.booted = True

    def expect(self, pattern, what, seconds=120):
        """A test: pattern comes. What has come with it."""
        told = self.until(pattern, seconds)
        self.judge(told is not None, what, self.text)
        return told or b''

    def judge(self, good, what, detail):
        result(good, f'{self.name}: {what}', bytes(detail)[-2500:].decode('latin-1'))

    def say(self, line):
        self.press(line.encode() + b'\r')

    def press(self, keys):
        for byte in keys:  # as fast as a typist, so that no loader without interrupts loses one
            os.write(self.wire, bytes([byte]))
            time.sleep(0.03)

    def dispatches(self):
        """Batches but for those that only ask for input: ten words, and no operation packed is another."""
        with open(path('serve.log'), 'rb') as log:
            return sum(int(words) > 11 for words in re.findall(rb'BATCH, (\d+) words: done', log.read()))

    def processor_time(self):
        """Seconds that the emulator has used so far."""
        table = {}
        for pid in filter(str.isdigit, os.listdir('/proc')):
            try:
                with open(f'/proc/{pid}/stat', encoding='latin-1') as stat:
                    fields = stat.read().rpartition(')')[2].split()
            except OSError:
                continue  # it has ended
            table[int(pid)] = int(fields[1]), int(fields[11]) + int(fields[12])
        wanted = {self.machine.pid}
        for _ in range(4):
            wanted |= {pid for pid, (parent, _) in table.items() if parent in wanted}
        return sum(table[pid][1] for pid in wanted if pid in table) / os.sysconf('SC_CLK_TCK')

    def wait(self, seconds=120):
        """A test: the guest ends by itself."""
        try:
            status = self.machine.wait(seconds)
        except subprocess.TimeoutExpired:
            status = None
        self.judge(status == 0, 'ends by itself', self.text)

    def switch_off(self):
        """The emulator, the server and the front end; what bochs.sh writes at the end is there."""
        self.machine.terminate()
        self.machine.wait()  # its script writes the record and prints pxHV's log when the emulator has ended
        for process in (self.front, self.serve):
            process.terminate()
            process.wait()
        running.remove(self)

    def end(self):
        """Switches the machine off. A test: nothing was wrong that the guest did not notice. What pxHV has logged."""
        self.switch_off()
        os.close(self.wire)
        with open(self.record) as record:
            wrong = [line for line in record.read().splitlines()[1:]
                     if not any(re.fullmatch('unlisted call ' + call, line) for call in self.unlisted)]
        self.judge(not wrong, 'no entry that is refused, no unlisted BIOS call' +
                   (' but those meant' if self.unlisted else ''), '\n'.join(wrong).encode())
        with open(self.log, 'rb') as log:
            return log.read()


def ram(log):
    """What pxHV's own log says that the guest has: rows of (address, length, type), the top of its RAM."""
    top = int(re.search(rb'memory ([0-9a-f]+) to', log)[1], 16)
    return [(0, 0x9FC00, 1), (0x9FC00, 0x400, 2), (0xF0000, 0x10000, 2), (0x100000, top - 0x100000, 1),
            (top, 0x100000000 - top, 2)], top
