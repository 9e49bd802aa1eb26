"""qemu.py - the microkernel and px pci under QEMU. What is expected comes from QEMU's own monitor, from HOST.md and from the
machine's architecture."""
import os
import random
import re
import signal
import socket
import struct

from machine import DEVICE, KERNEL, MICRO, PROGRAMS, Machine, read
from accelerator import PX, accelerator, ended, finish, path, start
from tap import result


def monitor_functions(text):
    """Of `info pci`: place -> (vendor:device, {bar: address})."""
    functions, bars = {}, None
    for line in text.split('\n'):
        where = re.match(r'\s*Bus +(\d+), device +(\d+), function (\d+):', line)
        if where:
            place = '%02x:%02x.%x' % tuple(map(int, where.groups()))
        kind = re.search(r'PCI device ([0-9a-f]{4}:[0-9a-f]{4})', line)
        if kind:
            bars = {}
            functions[place] = (kind.group(1), bars)
        bar = re.match(r'\s*BAR(\d): (?:I/O|\d+ bit (?:prefetchable )?memory) at 0x([0-9a-f]+) \[', line)
        if bar and bar.group(2).strip('f'):  # not mapped: all ones
            bars[int(bar.group(1))] = int(bar.group(2), 16)
    return functions


def program_functions(text):
    functions = {}
    for line in text.split('\n'):
        words = line.split()
        if len(words) >= 3:
            functions[words[0]] = (words[1], {int(w[w.index('=') - 1]): int(w[w.index('=') + 1:], 16) for w in words[3:]})
    return functions


def scan(name, socket_name, *more, options=(), buses=256):
    """The program looks at bus 0 and what is behind its bridges; the monitor knows all roots."""
    px, socket = accelerator(PROGRAMS + '/scan.pxi', *options, name=socket_name)
    machine = Machine(socket, *more)
    status, _, err = ended(px)
    machine.said(r'\nend')
    expected = {k: v for k, v in monitor_functions(machine.end('info pci')).items() if int(k[:2], 16) < buses}
    got = program_functions(read(machine.serial))
    result(status == 0 and len(got) > 5 and got == expected, '%s: %d functions on COM1 are those of QEMU\'s monitor' % (name, len(got)),
           err, 'expected', expected, 'got', got)


def boots():
    scan('multiboot, 1 GB of BAR2 above 4 GB', 'a', *DEVICE, *KERNEL, options=('--on', 'ref', '--memory', '1G'))
    bridges = ('-device', 'pcie-root-port,id=r1,chassis=1', '-device', 'pcie-root-port,id=r2,chassis=2', '-device',
               'pcie-pci-bridge,id=b1,bus=r1', '-device', 'ivshmem-doorbell,chardev=px,vectors=1,bus=b1', '-device',
               'nvme,serial=1,bus=r2')
    scan('a hard disk on AHCI, behind two bridges', 'b', *bridges, '-drive', 'format=raw,file=' + MICRO)
    scan('a hard disk on NVMe', 'c', *DEVICE, '-drive', 'format=raw,if=none,id=d,file=' + MICRO, '-device', 'nvme,drive=d,serial=1')
    scan('a second root bus, and another ivshmem before it', 'd', '-object', 'memory-backend-ram,id=m,size=1M,share=on', '-device',
         'ivshmem-plain,memdev=m', '-device', 'pxb-pcie,id=x,bus_nr=128', '-device', 'pcie-root-port,id=r,bus=x,chassis=9', '-device',
         'ivshmem-doorbell,chardev=px,vectors=1,bus=r', *KERNEL, buses=128)


def alone():
    machine = Machine(None, *KERNEL)
    result(machine.said('pxOS: no accelerator found\r\n'), 'without an accelerator it says so', read(machine.serial))
    machine.end()


def another_protocol():
    """A server of ivshmem whose memory says that it is an accelerator, of version 9."""
    place = path('other')
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(place)
    listener.listen(1)
    memory, bells = os.memfd_create('other'), [os.eventfd(0), os.eventfd(0)]
    os.ftruncate(memory, 1 << 20)
    os.pwrite(memory, struct.pack('<II', 0x43415850, 9), 0x180)
    machine = Machine(place, *DEVICE, *KERNEL)
    client = listener.accept()[0]
    for number, fds in ((0, []), (0, []), (-1, [memory]), (1, bells[:1]), (0, bells[1:])):
        socket.send_fds(client, [struct.pack('<q', number)], fds)
    result(machine.said('pxOS: the accelerator has another protocol\r\n'), 'an accelerator of another protocol: it says so',
           read(machine.serial))
    machine.end()
    client.close()


EXPECTED = """port of 8 bytes -4|port, no word -4|port, outside -3|port, nobody's 0|its byte 255|write of 8 bytes -4|memory of 16 bytes -4
no address -16|not physical -16|write to none -16|high up 0|11 4455 33445566 1122334455667788|ddeeff00bbccaa88|absent function -9
3 bytes -4|askew -4|beyond -4|no such bus -4|write to absent -9|its own -2|vendor 8086|MSR with a payload -4|MSR 0|fee00000|no pages -4
too many -14|two 0|one more 1|in 2|out 2|address 0|ab 6261|over the end -3|far over -3|no such -12|no handle -12|back 0|twice -12|again 0
no such number -4|number 200 0|nothing yet 0|events 1|kind 5 number 200 times 1|none left 0""".replace('|', '\n')


def garbage():
    log, first, second = path('log'), path('first.pxi'), path('second.pxi')
    px, socket = accelerator(PROGRAMS + '/garbage.pxi', '--record', log, '-o', first, name='g')
    machine = Machine(socket, *DEVICE, *KERNEL)
    status, out, err = ended(px)
    machine.end()
    result(status == 7 and out.strip() == EXPECTED, 'what cannot be is answered as HOST.md says, and an interrupt comes', err, out)
    again = ended(start(PX, 'run', PROGRAMS + '/garbage.pxi', '--replay', log, '--on', 'ref', '-o', second))
    result(again[0] == 7 and again[1].strip() == EXPECTED and open(first, 'rb').read() == open(second, 'rb').read(),
           'its log, fed to another executor without a machine, ends in the same picture', again)


def dies():
    saved = path('saved.pxi')
    px, socket = accelerator(PROGRAMS + '/waits.pxi', '-o', saved, name='k')
    machine = Machine(socket, *DEVICE, *KERNEL)
    machine.said('0003\n')
    machine.tell('system_reset')
    result(machine.said('0002\n(?:.*\n)*0001\n'), 'a machine that is reset starts the program again', read(machine.serial))
    machine.process.kill()
    status, _, err = ended(px)
    result(status == 3 and 'the machine was reset' in err and 'the machine is gone' in err and 'waiting for an answer' in err,
           'a machine that is killed is a sentence', status, err)
    info = ended(start(PX, 'info', saved))
    result(info[0] == 0 and 'WAITING' in info[1].upper(), 'and the program is kept, waiting', info)
    px, socket = accelerator(saved, name='k2')
    machine = Machine(socket, *DEVICE, *KERNEL)
    result(machine.said('0[0-9a-f]{3}\n'), 'on another machine it goes on', read(machine.serial))
    px.send_signal(signal.SIGINT)
    result(ended(px)[0] == 3, 'Ctrl-C ends it')
    machine.end()


def executor_dies():
    px, socket = accelerator(PROGRAMS + '/waits.pxi', '--on', 'worker:ref', name='w')
    machine = Machine(socket, *DEVICE, *KERNEL)
    machine.said('0002\n')
    px.kill()
    px.communicate()
    result('VM status: running' in machine.end('info status'), 'a machine outlives its accelerator')


def nvme():
    disk, log = path('disk'), path('nvme.log')
    content = random.Random(1).randbytes(21 * 32768 + 6 * 4096 + 512)
    with open(disk, 'wb') as f:
        f.write(content)
    px, socket = accelerator(PROGRAMS + '/nvme.pxi', '--record', log, name='n', text=False)
    machine = Machine(socket, *DEVICE, *KERNEL, '-drive', 'format=raw,if=none,id=n,file=' + disk, '-device', 'nvme,drive=n,serial=1')
    status, out, err = ended(px)
    machine.end()
    result(status == 0 and out == content, 'a picture reads an NVMe disk, eight commands under way', len(out), err)
    again = ended(start(PX, 'run', PROGRAMS + '/nvme.pxi', '--replay', log, '--on', 'ref', text=False))
    result(again[0] == 0 and again[1] == content, 'and once more from its log, without a disk', again[2])
    px, socket = accelerator(PROGRAMS + '/nvme.pxi', name='n2', text=False)
    machine = Machine(socket, *DEVICE, *KERNEL, '-blockdev', 'driver=raw,node-name=n,file.driver=blkdebug,file.image.driver=file,'
                      'file.image.filename=' + disk + ',file.inject-error.0.event=read_aio,file.inject-error.0.sector=1200', '-device',
                      'nvme,drive=n,serial=1')
    status, out, err = ended(px)
    machine.end()
    result(status == 1 and 'nvme: sectors from 1024 on cannot be read: -16' in ascii(out), 'a sector that cannot be read is an error of its command',
           status, ascii(out[-100:]), err)

    with open(disk, 'wb') as f:
        f.write(b'\0' * 8191 + b'E')
    px, socket = accelerator(PROGRAMS + '/beyond.pxi', name='n3')
    machine = Machine(socket, *DEVICE, *KERNEL, '-drive', 'format=raw,if=none,id=n,file=' + disk, '-device', 'nvme,drive=n,serial=1')
    got = ended(px)
    machine.end()
    result(got[:2] == (0, 'own -3 over -3 far -3 last 0 E\n'), 'sectors that the disk does not have are its error, and it goes on', got)


boots()
alone()
another_protocol()
garbage()
nvme()
dies()
executor_dies()
finish()
