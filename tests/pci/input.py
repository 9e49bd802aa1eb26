"""input.py - keyboards and pointers of QEMU's machine: USB behind an xHCI controller, virtio, PS/2. What is expected comes from the
keyboard of the United States, from pxi/HOST.md, and from what is pressed by QEMU's monitor; bad devices are made here."""
import json
import os
import pty
import random
import re
import socket
import time

from machine import DEVICE, KERNEL, OS, PROGRAMS, Machine, Terminal, bios_font, drive, dumped, on_screen, replays
from accelerator import PX, accelerator, ended, finish, path, start, until
from redirected import KEYBOARD, Device
from tap import result, skip

if not os.path.exists(OS):
    skip('pxOS could not be built: clang, lld or picolibc is not here')
PROMPT = r'(?m:^)/\$ \Z'
NO_PS2 = ('-machine', 'i8042=off')
XHCI = ('-device', 'qemu-xhci,id=usb,p2=8,p3=8')

# QEMU's names of keys, in their order on the keyboard, and what they give: plain, and with shift.
NAMES = ('grave_accent 1 2 3 4 5 6 7 8 9 0 minus equal backspace tab q w e r t y u i o p bracket_left bracket_right backslash a s d f g h '
         'j k l semicolon apostrophe ret z x c v b n m comma dot slash spc').split()
PLAIN = "`1234567890-=\x7f\tqwertyuiop[]\\asdfghjkl;'\rzxcvbnm,./ "
SHIFTED = '~!@#$%^&*()_+\x7f\tQWERTYUIOP{}|ASDFGHJKL:"\rZXCVBNM<>? '
# Others, and their numbers of HOST.md; of the keypad, too, which has no lock.
OTHERS = dict(zip('up down left right home end pgup pgdn insert delete'.split(), range(0x110000, 0x11000A)))
OTHERS.update({'kp_8': 0x110000, 'kp_2': 0x110001, 'kp_4': 0x110002, 'kp_6': 0x110003, 'kp_7': 0x110004, 'kp_1': 0x110005,
               'kp_9': 0x110006, 'kp_3': 0x110007, 'kp_0': 0x110008, 'kp_decimal': 0x110009, 'kp_divide': ord('/'),
               'kp_multiply': ord('*'), 'kp_subtract': ord('-'), 'kp_add': ord('+'), 'kp_enter': 13})


RANGE, INVALID, LIMIT = 3, 4, 15  # errors of pxi/HOST.md, without their sign


class Monitor:
    """QEMU's other monitor, which moves pointers."""

    count = 0

    def __init__(self):
        Monitor.count += 1
        self.place = path('qmp%d' % Monitor.count)
        self.options = ('-qmp', 'unix:%s,server=on,wait=off' % self.place)
        self.line = None

    def __call__(self, command, **arguments):
        if self.line is None:
            self.line = socket.socket(socket.AF_UNIX)
            self.line.connect(self.place)
            self.lines = self.line.makefile('r')
            self('qmp_capabilities')
        self.line.sendall(json.dumps({'execute': command, 'arguments': arguments}).encode())
        for line in self.lines:
            got = json.loads(line)
            if 'return' in got or 'error' in got:
                return got

    def press(self, *keys):
        """Those named -NAME are let go."""
        return self('input-send-event', events=[{'type': 'key', 'data': {'down': k[0] != '-', 'key': {'type': 'qcode',
                    'data': k.lstrip('-')}}} for k in keys])

    def point(self, kind, *moves):
        """('x', 5) and ('left', True)."""
        return self('input-send-event', events=[{'type': kind, 'data': {'axis': k, 'value': v}} if k in 'xy' else {
                    'type': 'btn', 'data': {'button': k, 'down': v}} for k, v in moves])


class Listener:
    """The program that tells events, on a machine of its own."""

    def __init__(self, *more):
        self.monitor, self.out = Monitor(), path('told%d' % Machine.count)
        self.px, place = accelerator(PROGRAMS + '/events.pxi', name='events%d' % Machine.count, stdout=open(self.out, 'w', encoding='ascii'))
        self.machine = Machine(place, *DEVICE, *KERNEL, *self.monitor.options, *more)
        self.seen = 0
        until(lambda: 'begun' in self.text())

    def text(self):
        return open(self.out, encoding='ascii').read()

    def events(self, count, seconds=4):
        """So many more, or what has come."""
        until(lambda: len(self.all()) >= self.seen + count, seconds)
        now = self.all()[self.seen:]
        self.seen += len(now)
        return now

    def all(self):
        return [tuple(map(int, e)) for e in re.findall(r'^(\d+) (\d+) (\d+)\n', self.text(), re.M)]

    def end(self):
        self.monitor.press('esc', '-esc')
        got = ended(self.px)
        self.machine.end()
        return got


def keys():
    """Each by itself, pressed and let go; then with shift."""
    everything = []
    for name, more in (('a USB keyboard', (*NO_PS2, *XHCI, '-device', 'usb-kbd')),
                       ('one of full speed, behind NEC\'s controller and a bridge', (
                           *NO_PS2, '-device', 'pcie-root-port,id=r,chassis=1', '-device', 'nec-usb-xhci,bus=r', '-device',
                           'usb-kbd,usb_version=1')),
                       ('a virtio keyboard, a second function', (*NO_PS2, '-device', 'virtio-rng-pci,addr=5.0,multifunction=on', '-device',
                                                                 'virtio-keyboard-pci,addr=5.1')), ('a PS/2 keyboard', ())):
        listener = Listener(*more)
        got, expected = [], []
        for shift, given in ((False, PLAIN), (True, SHIFTED)):
            if shift:
                listener.monitor.press('shift_r')
            for i, key in enumerate(NAMES):
                listener.monitor.press(key, '-' + key)
                expected += [(1, ord(given[i]), 1), (1, ord(given[i]), 0)]
                got += listener.events(len(expected) - len(got)) if i % 4 == 3 or i == len(NAMES) - 1 else []
            listener.monitor.press('-shift_r')
        for key, number in OTHERS.items():
            listener.monitor.press(key, '-' + key)
            got += listener.events(2)
            expected += [(1, number, 1), (1, number, 0)]
        listener.monitor.press('ctrl_r', 'c', '-ctrl_r', '-c', 'f5', '-f5', 'alt', '-alt', 'z', 'x', '-z', '-x')
        expected += [(1, 3, 1), (1, 3, 0)] + [(1, ord(c), p) for c, p in ('z1', 'x1', 'z0', 'x0') for p in [int(p)]]
        until(lambda: len(listener.all()) >= len(expected), 8)
        got += listener.events(0)
        result(got == expected, '%s: %d events, each key pressed and let go' % (name, len(got)),
               [(g, e) for g, e in zip(got, expected) if g != e][:9], len(expected))
        result(listener.end()[0] == 0, name + ' ends the program')
        everything.append(got)


def pointers():
    """A place of QEMU's, 0 to 32,767, is one of 640 x 400 pixels; a mouse moves by pixels and stays on the screen."""
    for name, more in (('a USB tablet', (*XHCI, '-device', 'usb-tablet')), ('a virtio tablet', ('-device', 'virtio-tablet-pci'))):
        listener, chance = Listener(*more), random.Random(6)
        places = [(32767, 32767), (0, 0), (1, 32700)] + [(chance.randrange(32768), chance.randrange(32768)) for _ in range(10)]
        got, expected = [], []
        for x, y in places:
            listener.monitor.point('abs', ('x', x), ('y', y))
            got += listener.events(1)
            expected.append((2, (x * 640 >> 15) << 16 | (y * 400 >> 15), 0))
        at = expected[-1][1]
        for button, down, held in (('left', True, 1), ('middle', True, 3), ('left', False, 2), ('right', True, 6), ('middle', False, 4),
                                   ('right', False, 0)):
            listener.monitor.point('abs', (button, down))
            got += listener.events(1)
            expected.append((2, at, held))
        near = all(g[0] == 2 and g[2] == e[2] and abs((g[1] >> 16) - (e[1] >> 16)) <= 1 and abs((g[1] & 0xFFFF) - (e[1] & 0xFFFF)) <= 1
                   for g, e in zip(got, expected))
        result(len(got) == len(expected) and near, '%s: %d places and buttons' % (name, len(got)), got, expected)
        listener.end()
    for name, more in (('a USB mouse', (*XHCI, '-device', 'usb-mouse')), ('a virtio mouse', ('-device', 'virtio-mouse-pci'))):
        listener = Listener(*more)
        got, expected, x, y = [], [], 0, 0
        for right, down in ((100, 50), (-1, 0), (0, -1), (120, 120), (127, 127), (127, 127), (127, 127), (127, -127), (-127, 5)):
            listener.monitor.point('rel', ('x', right), ('y', down))
            x, y = min(max(x + right, 0), 639), min(max(y + down, 0), 399)
            expected.append((2, x << 16 | y, 0))
            got += listener.events(1)
        for button, down, held in (('right', True, 4), ('left', True, 5), ('right', False, 1), ('middle', True, 3)):
            listener.monitor.point('rel', (button, down))
            got += listener.events(1)
            expected.append((2, x << 16 | y, held))
        result(got == expected, '%s: %d moves and buttons' % (name, len(got)), got, expected)
        listener.end()


def plugged():
    """In and out while it runs; a key that was held is let go."""
    listener = Listener(*NO_PS2, '-device', 'nec-usb-xhci,id=usb,p2=12,p3=4,slots=9')
    machine, monitor = listener.machine, listener.monitor

    def works(key):
        """What is pressed before the system has met a keyboard may be lost."""
        for _ in range(8):
            monitor.press(key, '-' + key)
            got = listener.events(2, 1)
            if got:
                break
        return got == [(1, ord(key), 1), (1, ord(key), 0)]

    machine.tell('device_add usb-kbd,id=one')
    result(works('a'), 'a keyboard that is plugged in while it runs', listener.text())
    monitor.press('b')
    held = listener.events(1)
    machine.tell('device_del one')
    gone = listener.events(1)
    result(held == [(1, 98, 1)] and gone == [(1, 98, 0)], 'its held key is let go when it is pulled out', held, gone)
    for i in range(12):  # more often than there are places
        machine.tell('device_add usb-kbd,id=again%d' % i)
        good = works('c')
        machine.tell('device_del again%d' % i)
        if not good:
            break
    result(good, 'a keyboard plugged in and out 12 times works each time', i, listener.text())
    for i in range(10):
        machine.tell('device_add usb-kbd,id=many%d,bus=usb.0' % i)
    said = until(lambda: listener.text().count('one device too many') == 2, 8)
    for i in (8, 9):
        machine.tell('device_del many%d' % i)
    result(said and works('d'), 'and of more keyboards than it has room for, those that it has', listener.text())
    listener.end()


def boot(*more, options=()):
    px, place = accelerator(OS, *options, name='in%d' % Machine.count)
    return px, Terminal(place, *NO_PS2, *DEVICE, *KERNEL, *more)


def typed():
    """At the shell, whose only keyboard it is."""
    for name, on, more in (('a USB keyboard', 'fast', (*XHCI, '-device', 'usb-kbd', '-device', 'usb-tablet')),
                           ('a virtio keyboard', 'ref', ('-device', 'virtio-keyboard-pci', '-device', 'virtio-tablet-pci'))):
        log, picture, monitor = path('typed.log'), path('typed.pxi'), Monitor()
        px, machine = boot(*monitor.options, *more, options=('--on', on, '--record', log, '-o', picture))
        machine.said(PROMPT)
        machine.type('')
        for key in 'e c h o spc shift-h caps_lock i caps_lock shift-1 spc 4 2 x backspace left left left 0 ret'.split():
            machine.tell('sendkey %s 20' % key)
            time.sleep(0.06)
        result(machine.said(r'echo HI!0 42\nHI!0 42\n' + PROMPT), name + ' types a line, which runs: shift, caps lock, editing',
               machine.text())
        for place in range(0, 32768, 1024):
            monitor.point('abs', ('x', place), ('y', place))
        machine.type('sleep 100\r')
        machine.said('sleep 100\n')
        time.sleep(0.3)
        machine.tell('sendkey ctrl-c')
        result(machine.said(PROMPT), 'Ctrl-C, and the pointer disturbs nobody', machine.text())
        for key in 'e x i t spc 5 ret'.split():
            machine.tell('sendkey %s 20' % key)
            time.sleep(0.06)
        got = ended(px)
        result(got[0] == 5, 'and the end', got, machine.text())
        machine.end()
        replays('a session with ' + name, 5, log, picture)


def picture_of(dots):
    """paint's 64 x 40 dots, each of 10 x 10 pixels of the screen: {(x, y): colour}, the others are black."""
    pixels = bytearray(640 * 400 * 3)
    for (x, y), colour in dots.items():
        for row in range(10 * y, 10 * y + 10):
            pixels[3 * (640 * row + 10 * x):3 * (640 * row + 10 * x + 10)] = bytes(colour) * 10
    return bytes(pixels)


def painted():
    """A process has the screen, the keys and the pointer; what it draws is what QEMU shows."""
    white, red, blue = (255,) * 3, (255, 0, 0), (0, 0, 255)
    for name, on, more in (('USB', 'fast', (*XHCI, '-device', 'usb-kbd', '-device', 'usb-tablet')),
                           ('virtio', 'ref', ('-device', 'virtio-keyboard-pci', '-device', 'virtio-tablet-pci'))):
        log, picture, monitor = path('painted.log'), path('painted.pxi'), Monitor()
        px, machine = boot('-vga', 'none', '-device', 'ramfb', *monitor.options, *more,
                           options=('--on', on, '--record', log, '-o', picture))
        machine.said(PROMPT)
        font = bios_font(machine)

        def shows(what, dots):
            wanted = picture_of(dots)
            good = until(lambda: dumped(machine, path('painted')) == wanted, 10)
            now = dumped(machine, path('painted'))
            result(good, name + ', paint: ' + what, {(x, y): tuple(now[3 * (6400 * y + 10 * x):][:3]) for y in range(40) for x in range(64)
                   if any(now[3 * (6400 * y + 10 * x):][:3])}, machine.text())

        def point(x, y, *buttons):
            monitor.point('abs', ('x', int((10 * x + 5.5) * 51.2)), ('y', int((10 * y + 5.5) * 81.92)))
            for button in buttons:
                monitor.point('abs', (button, True))
                monitor.point('abs', (button, False))

        def on_text(what, lines):
            good = until(lambda: on_screen(machine, font, path('text'))[:len(lines)] == lines, 10)
            result(good, name + ': ' + what, on_screen(machine, font, path('text')), machine.text())

        machine.type('paint\r')
        shows('a black picture', {})
        monitor.press('spc', '-spc')
        dots = {(32, 20): white}
        shows('a key draws a dot', dots)
        monitor.press('4', '-4', 'right', '-right', 'spc', '-spc', 'down', '-down', 'kp_4', '-kp_4', 'spc', '-spc')
        dots.update({(33, 20): red, (32, 21): red})
        shows('keys without a character, and red', dots)
        point(5, 8, 'left')
        dots[5, 8] = red
        shows('the pointer\'s left button', dots)
        monitor.press('1', '-1')
        point(63, 39, 'left')
        point(0, 0, 'left')
        dots.update({(63, 39): blue, (0, 0): blue})
        shows('in the corners, blue', dots)
        point(33, 20, 'right')
        del dots[33, 20]
        shows('its right button takes a dot away', dots)
        machine.type('echo typed\r')
        shows('COM1 is the console\'s, which does not disturb the picture', dots)
        monitor.press('q', '-q')
        result(machine.said(r'typed\n' + PROMPT), name + ': its end, and the shell has what came by COM1', machine.text())
        on_text('and its screen again', ['pxOS. Type help for what there is, man NAME for more.', '/$ paint', 'echo typed', '/$ echo typed',
                                         'typed', '/$ _'])
        machine.type('')
        for key in 'e c h o spc 7 ret'.split():
            monitor.press(key, '-' + key)
        result(machine.said(r'echo 7\n7\n' + PROMPT), name + ': the keys are the shell\'s', machine.text())
        for which, stop in (('the keyboard', lambda: monitor.press('ctrl', 'c', '-c', '-ctrl')), ('COM1', lambda: machine.type('\x03'))):
            machine.type('paint\r')
            shows('another time', {})
            point(9, 9, 'left')  # and no key: it is another device, which may be heard first
            shows('which begins with white', {(9, 9): white})
            machine.type('')
            stop()
            result(machine.said(r'\A\^C\n' + PROMPT), name + ': Ctrl-C by %s ends it' % which, machine.text())
        machine.type('yes 0123456789 | head -n 20')
        machine.said(r'20\Z')
        for key in ('0', 'ret'):
            monitor.press(key, '-' + key)
        machine.said(PROMPT)
        point(40, 30, 'left')
        time.sleep(0.5)
        machine.type('paint\r')
        shows('what was pointed at before is not its own', {})
        point(40, 31, 'left')
        shows('what is now is', {(40, 31): white})
        machine.type('\x03')
        machine.said(PROMPT)
        on_text('a screen that has rolled is there again', ['0123456789'] * 22 + ['/$ paint', '^C', '/$ _'])
        machine.type('exit 7\r')
        got = ended(px)
        result(got[0] == 7, name + ': the end', got, machine.text())
        machine.end()
        replays('a session with paint and ' + name, 7, log, picture)


def moved():
    """A system that is painting when its machine is killed goes on on another, and where there is no display its console ends it."""
    saved, later, monitor = path('moved.pxi'), path('later.pxi'), Monitor()
    more = ('-vga', 'none', '-device', 'ramfb', '-device', 'virtio-keyboard-pci', '-device', 'virtio-tablet-pci')
    px, machine = boot(*more, options=('-o', saved))
    machine.said(PROMPT)
    machine.type('paint\r')
    until(lambda: dumped(machine, path('moving')) == picture_of({}), 10)
    time.sleep(2)  # a new host's clock is to be behind this one's
    machine.process.kill()
    got = ended(px)
    px, place = accelerator(saved, '-o', later, name='moved')
    machine = Terminal(place, *NO_PS2, *DEVICE, *KERNEL, *more, *monitor.options)
    good = False
    for _ in range(20):  # what is pressed before the system has met the keyboard may be lost
        monitor.press('spc', '-spc')
        good = until(lambda: dumped(machine, path('moving')) == picture_of({(32, 20): (255, 255, 255)}), 1)
        if good:
            break
    result(got[0] == 3 and good, 'on another machine it has the keys and the screen', got, machine.text())
    monitor.press('ctrl', 'c', '-c', '-ctrl')
    result(machine.said(PROMPT), 'and Ctrl-C ends it', machine.text())
    machine.process.kill()
    ended(px)
    machine.end()
    own, theirs = pty.openpty()
    px = start(PX, 'os', saved, stdin=theirs)
    time.sleep(3)  # it rests for up to a second before it looks who its host is
    os.write(own, b'\x03')
    time.sleep(1)
    os.write(own, b'exit 6\r')
    got = ended(px)
    result(got[0] == 6 and '^C' in got[1], 'where there is no display its keys are the console\'s, and Ctrl-C ends it', got)
    os.close(own)
    os.close(theirs)


def sizes():
    """Of pictures, and their places on the screen. A picture's pixel i of row y is number y * stride + i, and a colour of that."""
    disk, monitor = path('sizes.raw'), Monitor()
    made = [ended(start(PX, 'mkfs', disk, '--size', '2M')), ended(start(PX, 'cp', '--program', PROGRAMS + '/shown.pxi', disk + ':/shown'))]
    px, machine = boot('-vga', 'none', '-device', 'ramfb', *XHCI, '-device', 'usb-kbd', '-device', 'usb-tablet', *monitor.options, *drive(disk))
    machine.said(PROMPT)
    for width, height, stride, answer in ((0, 1, 1, INVALID), (1, 0, 1, INVALID), (4097, 1, 1, LIMIT), (1, 4097, 0, LIMIT),
                                          (4000, 4000, 4000, RANGE)):
        machine.type('/disk0/shown %d %d %d\r' % (width, height, stride))
        result(machine.said(r'\n640 400 %d\n' % answer + PROMPT), 'a picture of %d x %d, stride %d: error -%d' % (width, height, stride, answer), made,
               machine.text())
    # step and times: of so many rows and columns one is shown, so many pixels wide and high
    for width, height, stride, step, times in ((100, 30, 120, 1, 6), (640, 400, 3, 1, 1), (641, 2, 700, 2, 1), (1300, 900, 1, 3, 1),
                                               (1, 1, 1, 1, 400), (321, 200, 7, 1, 1), (4096, 1, 0, 7, 1), (3, 1201, 5, 4, 1)):
        columns, rows = -(-width // step), -(-height // step)
        left, top = (640 - columns * times) // 2, (400 - rows * times) // 2
        pixels = bytearray(640 * 400 * 3)
        for y in range(rows * times):
            line = b''.join((((y // times * step * stride + x * step) * 0x050301 + 0x102030) & 0xFFFFFF).to_bytes(3, 'little') * times
                            for x in range(columns))
            at = 3 * (640 * (top + y) + left)
            pixels[at:at + len(line)] = line
        machine.type('/disk0/shown %d %d %d\r' % (width, height, stride))
        good = machine.said(r'\n640 400 0\n') and dumped(machine, path('sized')) == pixels
        result(good, 'a picture of %d x %d, stride %d, is in the middle of the screen' % (width, height, stride), machine.text())
        machine.type('')
        for x, y in ((0, 0), (639, 399), (320, 200), (left, top), (left + columns * times - 1, top + rows * times - 1)):
            monitor.point('abs', ('x', int((x + 0.5) * 51.2)), ('y', int((y + 0.5) * 81.92)))
        time.sleep(0.3)
        monitor.press('ret', '-ret')
        machine.said(PROMPT)
        got = [tuple(map(int, p)) for p in re.findall(r'^(\d+) (\d+)\n', machine.text(), re.M)]
        result(got and all(x % step == y % step == 0 and x < width and y < height for x, y in got) and
               abs(got[-1][0] - (columns - 1) * step) <= step and abs(got[-1][1] - (rows - 1) * step) <= step,
               'and pointed at in its own pixels', got)
    machine.type('exit 2\r')
    result(ended(px)[0] == 2, 'to the end')
    machine.end()


def others():
    """What is no keyboard is named; with it there is one that works."""
    disk = path('stick')
    with open(disk, 'wb') as f:
        f.truncate(1 << 20)
    px, machine = boot(*XHCI, '-drive', 'if=none,id=s,format=raw,file=' + disk, '-device', 'usb-storage,drive=s', '-device', 'usb-hub',
                       '-device', 'usb-audio', '-device', 'usb-kbd')
    machine.said(PROMPT)
    said = machine.text()
    names = [re.search(r'pxos: USB port \d+: %s, [0-9a-f]{4}:[0-9a-f]{4}, is left alone\n' % what, said) is not None
             for what in ('storage', 'a hub', 'sound')]
    result(all(names) and said.count('pxos: ') == 3, 'a disk, a hub and a loudspeaker are named, once, and left alone', said)
    machine.type('')
    for key in 'e c h o spc 7 ret'.split():
        machine.tell('sendkey %s 20' % key)
        time.sleep(0.06)
    result(machine.said('echo 7\n7\n' + PROMPT), 'and the keyboard beside them types', machine.text())
    machine.type('exit 4\r')
    result(ended(px)[0] == 4, 'to the end')
    machine.end()
    px, machine = boot()
    result(machine.said('^pxOS. Type help .*\n' + PROMPT), 'a machine without any keyboard: COM1', machine.text())
    machine.type('exit 6\r')
    result(ended(px)[0] == 6, 'to the end')
    machine.end()


GET, CONFIGURATION = (0x80, 6), 0x200
MINE = (0x21, 0x0A, 0)  # what a device is asked that is used; SeaBIOS, which was there before, asks otherwise


def bad():
    """Devices that lie, or say nothing: the shell comes, each is left alone, and a good keyboard types."""
    chance = random.Random(8)
    long_lie = KEYBOARD[:2] + b'\xff\xff' + KEYBOARD[4:]
    two = bytes.fromhex('0902390002010080fa') + bytes.fromhex('0904000000ff0000 00 05240000 00'.replace(' ', '')) + \
        bytes.fromhex('09040100010301010009211101000122410007058203080001')
    devices = {
        'says its configuration is nothing': Device({(*GET, CONFIGURATION): b''}),
        'says parts of no length': Device({(*GET, CONFIGURATION): KEYBOARD[:9] + b'\0\4' + KEYBOARD[11:]}),
        'ends in the middle of a part': Device({(*GET, CONFIGURATION): long_lie[:30]}),
        'knows nothing': Device({(*GET, 0x100): None}),
        'has a keyboard with reports of 1,000 bytes': Device({(*GET, CONFIGURATION): KEYBOARD[:31] + b'\xe8\x03' + KEYBOARD[33:]}),
        'is of full speed with packets of 7 bytes': Device({(*GET, 0x100): b'\x12\1\0\2\0\0\0\7\x09\x12\1\0\0\1\0\0\0\1'}, speed=1),
    }
    silent = Device({(*GET, 0x100): Device.silent})
    good = Device({(*GET, CONFIGURATION): two, MINE: None, (0x21, 0x0B, 0): None}, speed=1)
    options = [o for d in (*devices.values(), silent, good) for o in d.options]
    px, machine = boot('-device', 'qemu-xhci,p2=15,p3=15', *options)
    result(machine.said(PROMPT) or machine.said(r'/\$ ', 1), 'the shell is there', machine.text())
    result(until(lambda: MINE in good.asked), 'a keyboard that is a device\'s second interface, and knows neither its protocol nor idleness, is used',
           good.asked, machine.text())
    for _ in range(200):
        good.report(chance.randbytes(chance.choice((0, 1, 3, 7, 8, 64))), 0x82)
    good.report(bytes(8), 0x82)
    time.sleep(0.5)
    machine.type('\x15')
    time.sleep(0.5)
    machine.type('')
    for held in ((8,), (1,) * 6, (8,)):  # e, then more keys than it can tell apart: the e is still held
        good.report(bytes((0, 0, *held)).ljust(8, b'\0'), 0x82)
    good.report(bytes(8), 0x82)
    for usage in (0x06, 0x0B, 0x12, 0x2C, 0x26, 0x28):  # c h o, blank, 9, Enter
        good.report(bytes((0, 0, usage, 0, 0, 0, 0, 0)), 0x82)
        good.report(bytes(8), 0x82)
    result(machine.said(r'\$ echo 9\n9\n'), 'and types, behind reports of all lengths and kinds', machine.text())
    for name, device in devices.items():
        result(device.asked and MINE not in device.asked, 'one that %s is left alone' % name, device.asked)
    result(silent.asked and MINE not in silent.asked, 'and one that says nothing', silent.asked)
    good.leave()
    machine.type('exit 3\r')
    result(ended(px)[0] == 3, 'and the system goes on', machine.text())
    machine.end()


def chance():
    """Descriptions by chance, of whole devices and of their reports: each is used or left alone, and the next one is met."""
    chance, devices = random.Random(9), []
    for _ in range(24):
        data = bytearray(KEYBOARD)
        for _ in range(chance.randrange(1, 12)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        devices.append(Device({(*GET, CONFIGURATION): bytes(data)}))
    tablet = KEYBOARD[:15] + b'\0\0' + KEYBOARD[17:]
    for _ in range(6):
        devices.append(Device({(*GET, CONFIGURATION): tablet, (0x81, 6, 0x2200): chance.randbytes(65)}))
    px, machine = boot(*XHCI)
    machine.said(PROMPT)
    for i, device in enumerate(devices):
        machine.tell('chardev-add socket,id=c%d,path=%s' % (i, device.place))
        machine.tell('device_add usb-redir,id=d%d,chardev=c%d' % (i, i))
        until(lambda: len(device.asked) >= 3, 5)
        time.sleep(0.1)
        if device.started.is_set():
            device.report(chance.randbytes(8))
        machine.tell('device_del d%d' % i)
        time.sleep(0.05)
    met = sum(len(d.asked) >= 2 for d in devices)
    machine.tell('device_add usb-kbd,id=last')
    machine.type('\x15')
    machine.said(PROMPT, 2)
    machine.type('')
    for _ in range(8):  # what is pressed before the system has met it may be lost
        machine.tell('sendkey x 20')
        if machine.said('x', 1):
            break
    machine.type('\x15')
    time.sleep(0.3)
    machine.type('')
    for key in 'e c h o spc 8 ret'.split():
        machine.tell('sendkey %s 20' % key)
        time.sleep(0.06)
    result(met == len(devices) and machine.said('8\n8\n'), 'of %d devices by chance each is asked, and the keyboard behind them types' % met,
           machine.text())
    machine.type('exit 3\r')
    result(ended(px)[0] == 3, 'and the system goes on', machine.text())
    machine.end()


keys()
pointers()
plugged()
typed()
painted()
moved()
sizes()
others()
bad()
chance()
finish()
