"""os.py - pxOS as the operating system of QEMU's machine: its drivers, and that it needs nobody but the microkernel. What is
expected comes from pxOS' own hosted form, from Python, and from QEMU's monitor."""
import datetime
import json
import os
import random
import re
import shutil
import signal
import socket
import struct
import sys
import time

sys.path.insert(1, 'tests/os')
import terminal  # noqa: E402
from machine import DEVICE, KERNEL, OS, Machine, Terminal, bios_font, drive, on_screen, replays
from accelerator import PX, accelerator, ended, finish, path, start, until
from tap import result, skip

if not os.path.exists(OS):
    skip('pxOS could not be built: clang, lld or picolibc is not here')
PROMPT = r'(?m:^)/\$ \Z'


def boot(*more, options=()):
    px, place = accelerator(OS, *options, name='os%d' % Machine.count)
    return px, Terminal(place, *DEVICE, *KERNEL, *more)


def command(machine, line, expected, prompt=PROMPT, seconds=20):
    machine.type(line + '\r')
    return machine.said(re.escape(line) + r'\n' + expected + prompt, seconds)


def console():
    log, picture = path('log'), path('first.pxi')
    px, machine = boot(options=('--on', 'ref', '--record', log, '-o', picture))
    result(machine.said('pxOS. Type help .*\n' + PROMPT), 'on ref its shell is at its prompt on COM1', machine.text())
    command(machine, 'date', '.*\n')
    said = re.search(r'(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) UTC', machine.text())
    away = said and datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None) - datetime.datetime.fromisoformat(said.group(1))
    result(said and abs(away.total_seconds()) < 10, 'date is that of the machine\'s own clock', machine.text())
    result(command(machine, 'echo $((6 * 7)) | cat', '42\n'), 'a line runs', machine.text())
    machine.type('cat\r')
    machine.said(r'cat\n\Z')
    time.sleep(0.3)  # the shell gives the terminal to it
    machine.type('wrong\x15ri\x7fight\r\x04')
    result(machine.said(r'\nright\n' + PROMPT), 'lines are edited for programs', machine.text())
    before = time.monotonic()
    result(command(machine, 'sleep 1', '') and 0.9 < time.monotonic() - before < 8, 'a sleep is as long as it says', machine.text())
    machine.type('sleep 100\r')
    machine.said('sleep 100\n')
    time.sleep(0.3)
    machine.type('\x03')
    result(machine.said(PROMPT), 'Ctrl-C ends it', machine.text())
    result(command(machine, 'yes 0123456789 | head -n 500', '(0123456789\n){500}'), '5,000 bytes come whole, at the pace of the line',
           len(machine.text()))
    machine.type('exit 3\r')
    got = ended(px)
    result(got[0] == 3 and 'interrupts' in got[2], 'it ends with the first shell\'s status', got)
    machine.end()
    replays('that session', 3, log, picture)


def resets():
    saved, disk = path('saved.pxi'), make_disk('again.raw')
    ended(start(PX, 'cp', path('content'), disk + ':/content'))
    px, machine = boot(*drive(disk), options=('-o', saved))
    machine.said(PROMPT)
    command(machine, 'echo before > /tmp/a', '')
    machine.type('')
    machine.tell('system_reset')
    result(machine.said(r'pxOS. Type help .*\n' + PROMPT), 'a machine that is reset starts it again', machine.text())
    result(command(machine, 'ls /tmp', ''), 'from its file', machine.text())
    command(machine, 'echo kept >/tmp/b', '')
    time.sleep(2)  # a new host's clock is to be behind this one's
    machine.process.kill()
    got = ended(px)
    result(got[0] == 3 and 'the machine is gone' in got[2] and os.path.exists(saved), 'a machine that is killed: a sentence, and the '
           'state is kept', got)
    got = ended(start(PX, 'os', saved, stdin=typed('cat /tmp/b; exit 4\n')))
    result(got[0] == 4 and 'kept\n' in got[1], 'it goes on without a machine, with another console', got)
    px, place = accelerator(saved, name='again')
    machine = Terminal(place, *DEVICE, *KERNEL, *drive(disk))
    machine.type('\r')
    result(machine.said(PROMPT) and command(machine, 'cat /tmp/b; ls /disk0', 'kept\ncontent\n'), 'and on another machine, with its disk',
           machine.text())
    machine.type('exit 5\r')
    result(ended(px)[0] == 5, 'to its end')
    machine.end()


def snapshots():
    """px-snap onto an NVMe disk; who goes on from it has the mounted disk by whichever way there is."""
    rows = json.loads(ended(start(PX, 'info', '--json', OS))[1])['height']
    disk, saved, small, picture = make_disk('data.raw'), path('save.raw'), path('small.raw'), path('save.png')
    ended(start(PX, 'cp', path('content'), disk + ':/content'))
    for file, size in ((saved, rows * 1024), (small, rows * 1024 - 1024)):
        with open(file, 'wb') as f:
            f.truncate(size)
    began = time.monotonic()
    px, machine = boot(*drive(disk), *drive(saved, 1), *drive(small, 2))
    machine.said(PROMPT)
    command(machine, 'x=5; echo kept >/tmp/a', '')
    result(command(machine, 'px-snap 0; px-snap 2', 'px-snap: 0: there is one already\npx-snap: 2: no room is left\n'),
           'an NVMe disk that is mounted, or too small, is not saved to', machine.text())
    result(command(machine, 'px-snap 1; echo $? on $x', '0 on 5\n'), 'another has the picture, and the system goes on', machine.text())
    lived = time.monotonic() - began
    machine.type('exit 7\r')
    got = ended(px)
    machine.end()
    made = ended(start(PX, 'cp', '--png', saved, picture))
    other = shutil.copy(disk, path('other.raw'))
    result(got[0] == 7 and made[0] == 0 and 'px-snap: READY' in ended(start(PX, 'info', picture))[1], 'what it saved is pxOS\' picture', got, made)
    px, place = accelerator(picture, '--on', 'worker:ref', name='later')
    executor = children(px)[0]
    os.kill(executor, signal.SIGSTOP)
    machine = Terminal(place, *DEVICE, *KERNEL, *drive(disk))
    time.sleep(lived + 1)  # by its clock, which runs, this host could be the one before: only the picture says that it is not
    os.kill(executor, signal.SIGCONT)
    result(machine.said('0 on 5\n' + PROMPT) and command(machine, 'cat /tmp/a; cp /disk0/content /disk0/one; echo $? $x', 'kept\n0 5\n'),
           'it goes on on another machine, with its disk', machine.text())
    machine.type('exit 6\r')
    result(ended(px)[0] == 6, 'to its end', machine.text())
    machine.end()
    got = ended(start(PX, 'os', picture, '--disk', other, stdin=typed('cat /tmp/a; cp /disk0/content /disk0/two; echo $? $x; exit 4\n')))
    result(got[0] == 4 and got[1].endswith('kept\n0 5\n'), 'and without a machine, where its disk is a host\'s', got)
    for file, on in (('one', disk), ('two', other)):
        taken, checked = ended(start(PX, 'cp', on + ':/' + file, path(file))), ended(start(PX, 'fsck', on))
        result(taken[0] == checked[0] == 0 and open(path(file), 'rb').read() == open(path('content'), 'rb').read(),
               '%s is on the disk, whole' % file, taken, checked)


def children(process):
    with open('/proc/%d/task/%d/children' % (process.pid, process.pid), encoding='ascii') as f:
        return [int(pid) for pid in f.read().split()]


def killed():
    """The whole accelerator, its executor alone, or the machine, while a file is copied."""
    for whom in ('px pci', 'its executor', 'QEMU'):
        disk = make_disk('killed%d.raw' % Machine.count, '8M')
        ended(start(PX, 'cp', path('content'), disk + ':/content'))
        px, machine = boot(*drive(disk), options=('--on', 'worker:ref'))
        machine.said(PROMPT)
        machine.type('while true; do cp /disk0/content /disk0/copy; sync; done\r')
        time.sleep(1)
        os.kill({'px pci': px.pid, 'QEMU': machine.process.pid}.get(whom) or children(px)[0], signal.SIGKILL)
        got = ended(px)
        if whom == 'QEMU':
            result(got[0] == 3 and 'the machine is gone' in got[2], 'QEMU killed in the middle: a sentence', got)
        else:
            result(got[0] != 0 and (whom == 'px pci' or 'px pci: ' in got[2]) and 'VM status: running' in machine.end('info status'),
                   '%s killed in the middle: a sentence, and the machine is there' % whom, got)
        checked = ended(start(PX, 'fsck', disk))
        result(checked[0] == 0, 'and the disk\'s file system is whole', checked)


def without_uart():
    px, place = accelerator(OS, name='none', stdin=-1)
    machine = Machine(place, *DEVICE, *KERNEL, serial='none')
    px.stdin.write('echo $((6 * 7))\nexit 4\n')
    px.stdin.flush()
    got = ended(px)
    result(got[0] == 4 and got[1].endswith('42\n'), 'a machine without COM1: the console is the host\'s', got)
    machine.end()


def typed(text):
    """A file with it."""
    with open(path('typed'), 'w', encoding='ascii') as f:
        f.write(text)
    return open(path('typed'), encoding='ascii')


def make_disk(name, size='2M'):
    file = path(name)
    ended(start(PX, 'mkfs', file, '--size', size))
    return file


def disks(*options):
    log, picture = path('disk.log'), path('disk.pxi')
    first, second = make_disk('one%d.raw' % len(options)), make_disk('two%d.raw' % len(options))
    content = random.Random(2).randbytes(150001)
    with open(path('content'), 'wb') as f:
        f.write(content)
    put = ended(start(PX, 'cp', path('content'), second + ':/content'))
    px, machine = boot(*drive(first), *drive(second, 1), options=('--record', log, '-o', picture, *options))
    machine.said(PROMPT)
    result(put[0] == 0 and command(machine, 'ls /disk1', 'content\n'), 'files of the second NVMe disk', put, machine.text())
    result(command(machine, 'cp /disk1/content /disk0/there', '') and command(machine, 'cp /disk0/there /disk1/back; sync', ''),
           'are copied to the first, and back', machine.text())
    machine.type('exit\r')
    got = ended(px)
    machine.end()
    for disk, file in ((first, 'there'), (second, 'back')):
        out = path(file)
        taken, checked = ended(start(PX, 'cp', disk + ':/' + file, out)), ended(start(PX, 'fsck', disk))
        result(got[0] == taken[0] == checked[0] == 0 and open(out, 'rb').read() == content, '%s is on its disk, byte for byte, and the '
               'file system is whole' % file, got, taken, checked)
    replays(' '.join(('a session with disks', *options)), 0, log, picture)


def bad_disks():
    file = make_disk('bad.raw')
    ended(start(PX, 'cp', path('content'), file + ':/content'))
    bad = open(file, 'rb').read().find(open(path('content'), 'rb').read()[65536:66048]) // 512
    odd = ('-drive', 'format=raw,if=none,id=odd,file=' + make_disk('odd.raw'), '-device',
           'nvme,drive=odd,serial=3,logical_block_size=4096,physical_block_size=4096')
    px, machine = boot(*odd, '-blockdev', 'driver=raw,node-name=n,file.driver=blkdebug,file.image.driver=file,file.image.filename=' +
                       file + ',file.inject-error.0.event=read_aio,file.inject-error.0.sector=%d' % bad, '-device',
                       'nvme,id=dev,drive=n,serial=1')
    result(machine.said(PROMPT) and command(machine, 'ls /disk0', 'content\n'), 'a disk with sectors of 4,096 bytes is passed over',
           machine.text())
    result(command(machine, 'cat /disk0/content >/tmp/x; echo $?', 'cat: .*\n1\n'), 'a sector that cannot be read is an error',
           machine.text())
    machine.type('exit 6\r')
    result(ended(px)[0] == 6, 'and the system goes on')
    machine.end()
    px, machine = boot(*drive(file))
    machine.said(PROMPT)
    machine.tell('drive_del n0')
    time.sleep(0.3)
    result(command(machine, 'cat /disk0/content >/tmp/x; echo $?', 'cat: .*\n1\n'), 'so is a disk that is pulled out', machine.text())
    result(command(machine, 'echo a >/disk0/b; sync; echo $?', '(.*\n)*1\n'), 'what cannot be written to it is told', machine.text())
    machine.type('exit 7\r')
    result(ended(px)[0] == 7, 'and the system goes on without it')
    machine.end()


def failing_disks():
    """One that has no room for a file, and one of a host whose disk is full: QEMU's answers to writes are errors."""
    small, content = make_disk('small.raw', '262144'), open(path('content'), 'rb').read()
    ended(start(PX, 'cp', path('content'), small + ':/content'))
    px, machine = boot(*drive(small))
    machine.said(PROMPT)
    result(command(machine, 'cp /disk0/content /disk0/more; echo $?', 'cp: .*no room.*\n1\n'), 'a disk without room for a file', machine.text())
    result(command(machine, 'rm /disk0/more; echo kept >/disk0/b; sync; cat /disk0/b; echo $?', 'kept\n0\n'), 'takes what it has room for',
           machine.text())
    machine.type('exit 8\r')
    result(ended(px)[0] == 8, 'and the system goes on')
    machine.end()
    checked = ended(start(PX, 'fsck', small))
    result(checked[0] == 0 and '2 files' in checked[1], 'its file system is whole', checked)
    for event in ('write_aio', 'flush_to_disk'):
        px, machine = boot('-blockdev', 'driver=raw,node-name=n,file.driver=blkdebug,file.image.driver=file,file.image.filename=' + small +
                           ',file.inject-error.0.event=%s,file.inject-error.0.errno=28' % event, '-device', 'nvme,drive=n,serial=1')
        machine.said(PROMPT)
        result(command(machine, 'echo lost >/disk0/c; sync; echo $?', '(.*\n)*1\n'), '%s fails, as on a full disk: sync says so' % event,
               machine.text())
        result(command(machine, 'cat /disk0/b; echo $?', 'cat: .*failed\n1\n'), 'so does all that is done there from then on', machine.text())
        machine.type('exit 9\r')
        result(ended(px)[0] == 9, 'and the system goes on')
        machine.end()
        checked, back = ended(start(PX, 'fsck', small)), path('back-' + event)
        ended(start(PX, 'cp', small + ':/content', back))
        result(checked[0] == 0 and open(back, 'rb').read() == content, 'the file system is whole, with what it had', checked)


def unplugged():
    """device_del asks the machine; nobody there lets it go, so the disk stays, and works."""
    file = make_disk('unplugged.raw')
    px, machine = boot('-device', 'pcie-root-port,id=rp,chassis=1', '-drive', 'format=raw,if=none,id=n0,file=' + file, '-device',
                       'nvme,id=dev,drive=n0,serial=1,bus=rp')
    machine.said(PROMPT)
    machine.tell('device_del dev')
    time.sleep(0.5)
    result(command(machine, 'echo here >/disk0/a; sync; cat /disk0/a; echo $?', 'here\n0\n'), 'a disk that is asked to go stays until it is let go',
           machine.text())
    machine.type('exit 4\r')
    result(ended(px)[0] == 4, 'and the system ends as ever')
    machine.end()


def keyboard():
    px, machine = boot()
    machine.said(PROMPT)
    machine.type('')
    for key in 'e c h o spc shift-h caps_lock i caps_lock shift-1 spc 4 2 x backspace left left left 0 ret'.split():
        machine.tell('sendkey %s 20' % key)
        time.sleep(0.05)
    result(machine.said(r'echo HI!0 42\nHI!0 42\n' + PROMPT), 'keys of a PS/2 keyboard are typed: shift, caps lock, the line\'s editing',
           machine.text())
    machine.type('sleep 100\r')
    machine.said('sleep 100\n')
    time.sleep(0.3)
    machine.tell('sendkey ctrl-c')
    result(machine.said(PROMPT), 'Ctrl-C', machine.text())
    machine.type('exit 5\r')
    result(ended(px)[0] == 5, 'and COM1 beside it')
    machine.end()


def screen():
    px, machine = boot('-vga', 'none', '-device', 'ramfb')
    machine.said(PROMPT)
    font = bios_font(machine)
    result(len(font) > 90, 'the machine has letters', len(font))
    shown = on_screen(machine, font, path('shot1'))
    result(shown[:2] == ['pxOS. Type help for what there is, man NAME for more.', '/$ _'] and not any(shown[2:]),
           'the screen shows what COM1 shows, and the cursor', '\n'.join(shown))
    for count in (30, 200):
        command(machine, 'yes 0123456789 | head -n %d' % count, '(.*\n)*')
        command(machine, 'ls /man', '(.*\n)*')
        said = [line.rstrip() for line in machine.text().split('\n')][:-1] + ['/$ _']
        for _ in range(30): # COM1 has a line before the screen has it
            shown = on_screen(machine, font, path('shot%d' % count))
            if shown[-len(said):] == said[-25:]:
                break
            time.sleep(0.1)
        result(shown[-len(said):] == said[-25:], 'the last lines are on it when %d have rolled by' % count, '\n'.join(shown),
               'said', '\n'.join(said))
    machine.type('edit /tmp/a\r')
    machine.said('Ctrl-S saves')
    machine.type('one two\rthree\x1b[A\x1b[D\x1b[DX\x1b[B\rY')
    machine.said('line 3, column 2')
    time.sleep(1)
    machine.text()
    terminal.ROWS = 25
    other = terminal.Screen()
    other.show(machine.all.decode())
    cursor = other.rows[other.row]
    cursor[other.column] = '_'
    shown = on_screen(machine, font, path('edited'))
    result(shown == other.lines(), 'an editor\'s screen is what another terminal makes of it', '\n'.join(shown), 'other',
           '\n'.join(other.lines()))
    machine.type('\x11\x11')
    machine.said(PROMPT)
    machine.type('exit 8\r')
    result(ended(px)[0] == 8, 'and ends')
    machine.end()


def network():
    """QEMU's own network is the other station: it gives leases, answers at 10.0.2.2, and passes on what comes to a port here."""
    log, picture = path('network.log'), path('network.pxi')
    here = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    here.bind(('127.0.0.1', 0))
    free = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    free.bind(('127.0.0.1', 0))
    port = free.getsockname()[1]
    free.close()
    px, machine = boot('-netdev', 'user,id=net,hostfwd=udp:127.0.0.1:%d-:7' % port, '-device',
                       'e1000e,netdev=net,mac=52:54:00:12:34:57', options=('--on', 'fast', '--record', log, '-o', picture))
    machine.said(PROMPT)
    result(command(machine, 'net dhcp', re.escape('card 52:54:00:12:34:57, 10.0.2.15/24 by 10.0.2.2\n')), 'a lease of QEMU\'s network',
           machine.text())
    result(command(machine, 'ping -c 2 10.0.2.2', r'10\.0\.2\.2: answer 1, .* ms\n10\.0\.2\.2: answer 2, .* ms\n2 of 2 answered\n'),
           'its router is pinged', machine.text())
    machine.type('udp -e 7\r')
    machine.said('udp -e 7\n')
    here.settimeout(2)
    wrong, random_bytes = [], random.Random(5).randbytes
    for size in [1, 17, 18, 19, 1000, 1472] + list(range(100, 134)):
        sent = random_bytes(size)
        here.sendto(sent, ('127.0.0.1', port))
        try:
            back = here.recv(65536)
            while len(back) != size:  # of one that had been given up
                back = here.recv(65536)
        except OSError:
            back = None
        if back != sent:
            wrong.append((size, back and len(back)))
    result(not wrong, 'an echo server gives 40 datagrams back, more than the card\'s rings hold', wrong)
    machine.type('\x03')
    machine.said(PROMPT)
    machine.type('exit 2\r')
    result(ended(px)[0] == 2, 'and ends', machine.text())
    machine.end()
    replays('a session with a network', 2, log, picture)


def frames():
    """The other end of the cable is here: frames of all lengths come, among them what an Ethernet does not have."""
    own, peer = path('station'), path('card')
    cable = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    cable.bind(own)
    cable.settimeout(5)
    px, machine = boot('-netdev', 'dgram,id=net,local.type=unix,local.path=%s,remote.type=unix,remote.path=%s' % (peer, own), '-device',
                       'e1000e,netdev=net,mac=52:54:00:12:34:58')
    machine.said(PROMPT)
    command(machine, 'net 10.1.0.9/24', '(.*\n)*')
    machine.type('udp -e 7\r')
    machine.said('udp -e 7\n')
    card, mac, here = bytes.fromhex('525400123458'), bytes.fromhex('525400aabbcc'), bytes((10, 1, 0, 1))

    def is_there():
        """Whether what runs answers for its address."""
        ask = b'\xff' * 6 + mac + bytes.fromhex('08060001080006040001') + mac + here + bytes(6) + bytes((10, 1, 0, 9))
        end = time.monotonic() + 5
        while time.monotonic() < end:
            try:
                cable.sendto(ask, peer)
                cable.settimeout(0.5)
                while True:
                    got = cable.recv(65536)
                    if got[12:14] == b'\x08\x06' and got[20:22] == b'\0\2' and got[28:32] == bytes((10, 1, 0, 9)):
                        return True
            except OSError:
                time.sleep(0.01)
        return False

    def datagram(size):
        """What comes back."""
        data = struct.pack('>HHHH', 5000, 7, 8 + size, 0) + chance.randbytes(size)
        head = bytearray(struct.pack('>BBHHHBBH4s4s', 0x45, 0, 28 + size, 7, 0, 64, 17, 0, here, bytes((10, 1, 0, 9))))
        total = sum(struct.unpack('>10H', head))
        while total >> 16:
            total = (total & 0xFFFF) + (total >> 16)
        head[10:12] = struct.pack('>H', total ^ 0xFFFF)
        return card + mac + b'\x08\0' + bytes(head) + data

    chance = random.Random(12)
    result(is_there(), 'a system on a cable answers for its address', machine.text())
    lost = []
    for size in [1, 6, 12, 13, 14, 15, 20, 59, 60, 61, 1513, 1514, 1515, 1518, 1519, 1522, 1523, 1536, 1537, 2047, 2048, 2049, 4000,
                 9014, 16000, 16383, 16384, 20000, 60000]:
        frame = (b'\xff' * 6 + mac + b'\x08\0' + chance.randbytes(60000))[:size]
        for _ in range(20):  # more than the card's ring has places
            try:
                cable.sendto(frame, peer)
            except OSError:  # it is more than the socket takes
                break
        if not is_there():
            lost.append(size)
    result(not lost, 'frames of 1 to 60,000 bytes, 20 of each, are taken or dropped, and it goes on', 'not behind', lost, machine.text())
    wrong = []
    for size in (1, 17, 18, 19, 1471, 1472):  # the last is the longest that there is
        sent = datagram(size)
        cable.sendto(sent, peer)
        try:
            cable.settimeout(3)
            back = cable.recv(65536)
            while back[12:14] != b'\x08\0' or back[23] != 17:
                back = cable.recv(65536)
        except OSError as error:
            back = repr(error).encode()
        if back[42:42 + len(sent) - 42] != sent[42:] or len(back) < 60:
            wrong.append((size, len(back)))
    result(not wrong, 'and datagrams up to the longest come back whole, short frames filled up', wrong)
    machine.type('\x03')
    machine.said(PROMPT)
    machine.type('exit 9\r')
    result(ended(px)[0] == 9, 'and ends', machine.text())
    machine.end()


console()
network()
frames()
screen()
keyboard()
disks()
disks('--direct')
bad_disks()
failing_disks()
unplugged()
resets()
snapshots()
killed()
without_uart()
finish()
