# pxhv.py - for tests: a guest that does what it is told (firmware/guests/script.asm), what a 16550 puts on the wire for
# it, and pxHV under an emulator with px serve behind px front at the other end of its link.
import concurrent.futures, json, os, re, select, shutil, signal, subprocess, sys, tempfile, threading, time, tty

PX = os.environ.get('PX', 'build/px')
FIRMWARE = os.environ.get('FW', 'build/firmware')
DRIVER = FIRMWARE + '/../programs/serial_driver.pxi'
LONG = bool(os.environ.get('LONG'))
EMU = os.environ.get('EMU', 'bochs')  # or qemu: which machine, and which vendor's processor with it
DIR = tempfile.mkdtemp()
RECORD = os.environ['HV_RECORD'] = os.path.join(DIR, 'record')  # firmware/bochs.sh
open(RECORD, 'wb').close()
THR, IER, FCR, LCR, MCR, DLL, DLM = 0, 1, 2, 3, 4, 0, 1  # registers, as distances from 3F8h

COMMANDS = ('end', 'out8', 'out16', 'out32', 'in8', 'poll', 'outsb', 'outsw', 'int14', 'init', 'int10', 'wait', 'spin',
            'echo', 'reset', 'sweep')


class Uart:
    """A PC16550D's transmitter and receiver, by its datasheet; every frame that leaves it, as the wire's transcript has
    them (data, divisor, line control, divisor), and the number of its operation (a change of divisor is one itself)."""

    def __init__(self):
        self.frames, self.places = [], []
        self.operations = 0
        self.told = self.rate = 0
        self.reset()

    def reset(self):
        """The BIOS leaves 9,600 baud, 8N1."""
        self.divisor, self.lcr, self.mcr, self.fifo_on, self.fifo = 12, 3, 0, False, []

    def send(self, data):
        if self.mcr & 0x10:  # loopback: nothing reaches the pin
            data &= 0xFF >> 3 - (self.lcr & 3)
            if len(self.fifo) < (16 if self.fifo_on else 1):
                self.fifo.append(data)
            elif not self.fifo_on:  # an overrun: the single register has the new character, a FIFO keeps what it has
                self.fifo = [data]
            return
        if self.divisor != self.told:
            self.told = self.divisor
            self.rate = self.divisor or self.rate  # 0 keeps the one before
            self.operations += 1
        data &= 0xFF >> 3 - (self.lcr & 3)
        self.frames.append(bytes([data, self.rate & 255, self.lcr & 0x7F, self.rate >> 8]))
        self.places.append(self.operations)
        self.operations += 1

    def out(self, register, value):
        if register < 2 and self.lcr & 0x80:
            shift = 8 * register
            self.divisor = self.divisor & ~(0xFF << shift) | value << shift
        elif register == THR:
            self.send(value)
        elif register == FCR:
            if value & 1 != self.fifo_on or value & 3 == 3:  # without bit 0 the others are not programmed
                self.fifo = []
            self.fifo_on = bool(value & 1)
        elif register == LCR:
            breaks = value & ~self.lcr & 0x40
            self.lcr = value
            if breaks and not self.mcr & 0x10:  # the line is low for a frame at least
                self.send(0)
        elif register == MCR:
            self.mcr = value & 0x1F

    def read(self, register):
        if register == THR and not self.lcr & 0x80 and self.fifo:
            return self.fifo.pop(0)
        return 0


def port(register):
    return (0x3F8 + register).to_bytes(2, 'little')


class Script:
    """Commands for the guest, and what they do to the UART."""

    def __init__(self):
        self.code = bytearray()
        self.uart = Uart()

    def put(self, name, *values, data=b''):
        self.code += bytes([COMMANDS.index(name), *values]) + data
        return self

    def counted(self, name, count, *values, data=b''):
        return self.put(name, *values, count & 255, count >> 8, data=data)

    def out(self, register, value, size=1):
        """OUT of 1, 2 or 4 bytes: the bus gives each byte to the next register."""
        data = value.to_bytes(size, 'little')
        for i, byte in enumerate(data):
            self.uart.out(register + i, byte)
        return self.put(f'out{8 * size}', *port(register), data=data)

    def read(self, register):
        self.uart.read(register)
        return self.put('in8', *port(register))

    def text(self, how, data):
        """All of data, by poll, outsb, int14 or int10. INT 10h's way to the wire is the host's, with console=serial: it leaves
        out what would go into a divisor or the guest's own loop."""
        for byte in data:
            if how != 'int10' or not (self.uart.lcr & 0x80 or self.uart.mcr & 0x10):
                self.uart.out(THR, byte)
        return self.counted(how, len(data), *(port(THR) if how == 'outsb' else ()), data=bytes(data))

    def string(self, register, data, size):
        """REP OUTSB or OUTSW to any register."""
        for at, byte in enumerate(data):
            self.uart.out(register + at % size, byte)
        return self.counted('outsb' if size == 1 else 'outsw', len(data) // size, *port(register), data=bytes(data))

    def format(self, divisor, line_control):
        return self.out(LCR, 0x80).out(DLL, divisor & 255).out(DLM, divisor >> 8).out(LCR, line_control)

    def init(self, parameters):
        """INT 14h AH=00h: 110 to 9,600 baud, and the five bits of line control that it takes."""
        divisor = (1047, 768, 384, 192, 96, 48, 24, 12)[parameters >> 5]
        for register, value in ((LCR, 0x80), (DLL, divisor & 255), (DLM, divisor >> 8), (LCR, parameters & 0x1F), (MCR, 3)):
            self.uart.out(register, value)
        return self.put('init', parameters)

    def wait(self, ticks):
        return self.counted('wait', ticks)

    def spin(self, thousands):
        return self.counted('spin', thousands)

    def echo(self, count):
        """Of what is there, or will have come by the wire: then the UART of this model does not know it."""
        for _ in range(count):
            if self.uart.fifo:
                self.uart.out(THR, self.uart.read(THR))
        return self.counted('echo', count)

    def sweep(self, first, line_control):
        for divisor in range(first, 0x10000):
            for register, value in ((LCR, 0x80), (DLL, divisor & 255), (DLM, divisor >> 8), (LCR, line_control),
                                    (THR, divisor & 255)):
                self.uart.out(register, value)
        return self.counted('sweep', first, data=bytes([line_control]))

    def request(self):
        """That what has gathered leaves: firmware/vcpu/hypercall.h."""
        return self.put('out32', data=(0x5058).to_bytes(2, 'little') + (2).to_bytes(4, 'little'))

    def reset(self):
        self.uart.reset()
        return self.put('reset')

    @property
    def frames(self):
        return b''.join(self.uart.frames)

    @property
    def bytes(self):
        return bytes(frame[0] for frame in self.uart.frames)

    def floppy(self, path):
        with open(f'{FIRMWARE}/guests/script.bin', 'rb') as program, open(path, 'wb') as floppy:
            assert len(self.code) < 107 * 512, 'the script is longer than what the guest loads'
            floppy.write(program.read() + self.code)  # one that is not finished is of 1.44 MB, and read in a tenth of the time
        return path


def speed(ips):
    """A line of Bochs' takes emulated time, QEMU's takes none: there a slow clock would only end batches early, and a fast one make
    waiting long. Its slowest is what pxHV itself needs."""
    return str(ips if EMU == 'bochs' else 30000000 if ips <= 1000000 else 250000000)


def patient(options):
    """Seconds of patience are an emulator's: in QEMU's slowest one there are 30 times the instructions of Bochs', each of which
    looks at the link. An eighth is still longer by the clock on the wall."""
    return re.sub(r'patience=(\d+)', lambda found: f'patience={max(1, int(found[1]) // (8 if EMU == "qemu" else 1))}', options)


class Run:
    """The emulator has ended: how, pxHV's log, what COM1 sent."""

    def __init__(self, status, log, com1=b''):
        self.status, self.log, self.com1 = status, log, com1

    def number(self, pattern, missing=-1):
        found = re.search(pattern, self.log)
        return int(found[1]) if found else missing

    def exits(self, reason):
        """By VMX' number of the reason; AMD's for the same: I/O, and the ROM's VMCALL, which is an undefined instruction."""
        return self.number(rf'exits: (\d+) of reason {reason if EMU == "bochs" else {30: 123, 18: 70}[reason]},', 0)

    def serial(self, what):
        return self.number(rf'serial: .*?(\d+) {what}')

    @property
    def doubts(self):
        """Ranges of operations, last one included."""
        return [(int(a), int(b)) for a, b in re.findall(r'operations (\d+) to (\d+) are in doubt', self.log)]

    @property
    def clean(self):
        return self.status == 0


class Place:
    """A folder with whatever one run needs; everything in it is ended with it."""

    def __init__(self):
        self.path = tempfile.mkdtemp(dir=DIR)
        self.processes = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in self.processes:
            if process.poll() is None:
                process.kill()
            process.wait()
        shutil.rmtree(self.path)

    def file(self, name):
        return os.path.join(self.path, name)

    def read(self, name):
        try:
            with open(self.file(name), 'rb') as file:
                return file.read()
        except FileNotFoundError:
            return b''

    def start(self, name, *command, stdout=None, **more):
        """Standard error, and standard output unless it is said, go to the file NAME."""
        with open(self.file(name), 'ab') as log:
            process = subprocess.Popen(command, stdout=stdout or log, stderr=log, stdin=subprocess.DEVNULL, **more)
        self.processes.append(process)
        return process

    def told(self, name, pattern, process, seconds=60):
        """The last match in a file, when there is one."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            found = re.findall(pattern, self.read(name))
            if found:
                return found[-1].decode()
            if process.poll() is not None:
                break
            time.sleep(0.01)
        raise RuntimeError(f'{name} never said {pattern!r}: {self.read(name)!r}')

    def image(self, script, options='', driver=DRIVER):
        subprocess.run([f'{FIRMWARE}/mkimage', '-o', self.file('hv.img'), f'{FIRMWARE}/boot/boot.bin', f'{FIRMWARE}/stage2.bin',
                        f'hv={FIRMWARE}/hv.bin', 'floppy=' + script.floppy(self.file('floppy')), 'options=end=bochs ' + patient(options),
                        *(['driver=' + driver] if driver else [])],
                       check=True, capture_output=True)
        os.truncate(self.file('hv.img'), 3 * 16 * 63 * 512)  # a hard disk: sectors of a floppy take emulated time
        return self.file('hv.img')

    def front(self, to=None):
        """The port at which the emulator is to connect."""
        log = f'front{len(self.processes)}'
        process = self.start(log, PX, 'front', '--listen', 'tcp:0', '--to', to or 'unix:' + self.file('link'))
        return self.told(log, rb'listening on tcp:127.0.0.1:(\d+)', process)

    def boot(self, script, options='', port=None, ips=1000000, seconds=300, driver=DRIVER, cable='--com2'):
        """Runs the guest to its end; port: of a front, at the other end of that cable; driver: on
        the disk, for who runs it."""
        open(self.file('com1'), 'wb').close()
        command = [f'firmware/{EMU}.sh', '--ips', speed(ips), '--seconds', str(seconds),
                   '--com1', self.file('com1')] + ([cable, str(port)] if port else [])
        with open(self.file('hv'), 'wb') as log:
            process = subprocess.Popen(command + [self.image(script, options, driver)], stdout=log, stderr=subprocess.STDOUT)
            self.processes.append(process)
            status = process.wait()
        return Run(status, self.read('hv').decode('latin-1'), self.read('com1'))


class Server:
    """px serve at a place's link, with a wire whose far end is in our hands:

    frames  a file of frames; it remembers
    stdout  what stands behind a shell's |; nothing remembers
    port    a serial port, the other end of whose cable stays when the server dies
    pty     the server's own pseudo-terminal: it dies with the server, and with it what nobody has read yet

    test is PX_SERVE_TEST of the first server; respawn: another takes the place of one that dies, with the next of tests, until
    none is left."""

    def __init__(self, place, wire='frames', on='ref', tests=(), respawn=False, options=()):
        self.place, self.kind, self.deaths, self.ended = place, wire, 0, False
        self.tests, self.respawn = list(tests), respawn
        self.received, self.readers = b'', []
        spec = {'frames': 'frames:' + place.file('wire'), 'stdout': '-', 'pty': 'pty'}.get(wire)
        if wire == 'port':
            self.master, self.slave = os.openpty()
            tty.setraw(self.slave)
            spec = os.ttyname(self.slave)
            self.listen_to(self.master)
        self.command = [PX, 'serve', '-v', '--on', on, '--listen', 'unix:' + place.file('link'), '--wire', spec, *options]
        self.spawn()
        self.watcher = threading.Thread(target=self.watch, daemon=True)
        self.watcher.start()

    def listen_to(self, descriptor):
        def listen():
            while True:
                try:
                    some = os.read(descriptor, 65536)
                except OSError:
                    some = b''
                if not some and (self.ended or self.kind == 'pty'):
                    return
                self.received += some
        thread = threading.Thread(target=listen, daemon=True)
        thread.start()
        self.readers.append(thread)

    def spawn(self):
        test = self.tests.pop(0) if self.tests else None
        environment = {name: value for name, value in os.environ.items() if name != 'PX_SERVE_TEST'}
        if test:
            environment['PX_SERVE_TEST'] = test
        log = f'serve{self.deaths}'
        out = open(self.place.file('wire'), 'ab') if self.kind == 'stdout' else None
        # px-test is the px that knows PX_SERVE_TEST.
        command = [PX + '-test' if test else PX, *self.command[1:]]
        self.process = self.place.start(log, *command, stdout=out, env=environment)
        if out:
            out.close()
        self.place.told(log, rb'listening on unix', self.process)
        if self.kind == 'pty':
            self.far = os.open(self.place.told(log, rb'wire (\S+),', self.process), os.O_RDWR | os.O_NOCTTY)
            tty.setraw(self.far)
            self.listen_to(self.far)

    def watch(self):
        while self.process.wait() == -signal.SIGKILL and not self.ended:
            self.deaths += 1
            if not self.respawn:
                return
            self.spawn()

    @property
    def log(self):
        return b''.join(self.place.read(f'serve{i}') for i in range(self.deaths + 1)).decode('latin-1')

    def end(self):
        """What the wire has carried."""
        self.ended = True
        if self.kind == 'pty' and self.process.poll() is None:
            time.sleep(0.1)  # its end would throw away what nobody has read yet
        if self.process.poll() is None:
            self.process.terminate()
        self.watcher.join()
        if self.kind == 'port':
            while select.select([self.master], [], [], 0)[0]:
                time.sleep(0.01)
            os.close(self.slave)  # and the reader sees the end
        for reader in self.readers:
            reader.join(5)
        return self.received if self.kind in ('port', 'pty') else self.place.read('wire')


# ---- TAP ----

COUNT = BAD = 0


def result(good, name, detail=''):
    global COUNT, BAD
    COUNT += 1
    BAD += not good
    print(('ok' if good else 'not ok') + f' {COUNT} - {name}', flush=True)
    if not good:
        print('\n'.join('# ' + line for line in str(detail).splitlines()[-40:]), flush=True)


def skip(name, why):
    global COUNT
    COUNT += 1
    print(f'ok {COUNT} - {name} # SKIP {why}', flush=True)


def note(text):
    print('# ' + text, flush=True)


def two_at_a_time(function, cases):
    """The results of function(*case), in the order of the cases; each is a list of (good, name, detail)."""
    def guarded(case):
        try:
            return function(*case)
        except Exception as error:  # pylint: disable=broad-except
            return [(False, ' '.join(map(str, case)), repr(error))]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for results in pool.map(guarded, cases):
            for one in results:
                result(*one)


def difference(got, wanted, size=1):
    """Where two transcripts part."""
    at = next((i for i in range(0, min(len(got), len(wanted)), size) if got[i:i + size] != wanted[i:i + size]), None)
    at = min(len(got), len(wanted)) if at is None else at
    return (f'{len(got) // size} of {len(wanted) // size}; they part at {at // size}: '
            f'{got[at:at + 8 * size].hex(" ", size)} instead of {wanted[at:at + 8 * size].hex(" ", size)}')


def have(executor):
    """Whether this build and this machine have it, which is what px devices says."""
    listed = subprocess.run([PX, 'devices', '--json'], capture_output=True, check=False).stdout.decode()
    return any(one['name'] == executor and one['present'] for one in json.loads(listed))


def needs():
    for tool in ({'bochs': 'bochs', 'qemu': 'qemu-system-x86_64'}[EMU], 'nasm'):
        if not shutil.which(tool):
            print(f'1..0 # SKIP {tool} is not here (Debian: apt install nasm bochs bochsbios vgabios bochs-term qemu-system-x86)')
            sys.exit(0)


def finish(*meant):
    """A last test, that no boot had an entry that was refused or an unlisted BIOS call but those meant; the plan."""
    with open(RECORD) as record:
        lines = record.read().splitlines()
    boots = lines.count('boot')
    found = sorted(set(lines) - {'boot'})
    result(boots > 0 and found == sorted('unlisted call ' + call for call in meant),
           f'{boots} boots: no entry that is refused, no unlisted BIOS call' + (' but those meant' if meant else ''), '\n'.join(found))
    plan()


def plan():
    shutil.rmtree(DIR, ignore_errors=True)
    print(f'1..{COUNT}')
    sys.exit(BAD > 0)
