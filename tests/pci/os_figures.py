"""os_figures.py - what pxOS costs on QEMU's machine, as docs/RESEARCH.md has it: from power on to the prompt, an NVMe disk beside
Linux' own driver, and the processor while it idles, is typed at, and copies a file."""
import os
import random
import re
import statistics
import subprocess
import sys
import time

from machine import DEVICE, KERNEL, PROGRAMS, QEMU, Terminal, drive
from accelerator import PX, accelerator, ended, path, start

OS = os.environ['OS_PICTURE']
PROMPT = r'(?m:^)/\$ \Z'
TICK = os.sysconf('SC_CLK_TCK')
DISK = 8  # times 16 MB


def row(*cells):
    print('| ' + ' | '.join(str(c) for c in cells) + ' |', flush=True)


def seconds_in(stat):
    fields = open(stat, encoding='ascii', errors='replace').read().rsplit(')', 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def seconds_of(process):
    """Of a processor, so far."""
    return seconds_in('/proc/%d/stat' % process.pid)


def seconds_of_cpus(qemu):
    """The part of it in which the machine's processors ran; what is left are its devices."""
    tasks = '/proc/%d/task/' % qemu.pid
    return sum(seconds_in(tasks + task + '/stat') for task in os.listdir(tasks)
               if open(tasks + task + '/comm', encoding='ascii').read().startswith('CPU'))


def boot(*more, on='ref', program=OS, options=()):
    px, place = accelerator(program, '--on', on, *options, name='s%d' % time.monotonic_ns())
    return px, Terminal(place, *DEVICE, *KERNEL, '-name', 'pxos,debug-threads=on', *more)


def leave(px, machine):
    machine.type('exit\r')
    said = ended(px)[2]
    machine.end()
    return said


def boots():
    for on in ('ref', 'fast'):
        took = []
        for _ in range(7):
            px, machine = boot(on=on)
            machine.said(PROMPT)
            took.append(time.monotonic() - machine.born)
            leave(px, machine)
        row('from QEMU\'s start to the prompt, on ' + on, '%.2f s' % min(took), '%.2f s' % statistics.median(took))


def linux(image, initramfs, disk):
    """Seconds for 16 MB by dd, each time; its clock counts hundredths, so all of the disk is read."""
    qemu = subprocess.Popen((QEMU, '-machine', 'q35', '-accel', 'tcg', '-smp', '2', '-m', '512', '-display', 'none', '-nic', 'none',
                             '-serial', 'stdio', '-monitor', 'none', '-kernel', image, '-initrd', initramfs, '-append',
                             'console=ttyS0 quiet', *drive(disk)), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    took = []
    for line in qemu.stdout:
        if 'is up' in line:
            qemu.stdin.write('for i in 1 2 3 4 5; do time dd if=/dev/nvme0n1 of=/dev/null bs=1M iflag=direct; done; echo en""d\n')
            qemu.stdin.flush()
        found = re.search(r'real\s+(\d+)m (\d+\.\d+)s', line)
        took += [(int(found.group(1)) * 60 + float(found.group(2))) / DISK] if found else []
        if line.startswith('end'):
            break
    qemu.kill()
    qemu.wait()
    return took


def nvme():
    disk = path('disk')
    with open(disk, 'wb') as f:
        f.write(random.Random(3).randbytes(16 << 20) * DISK)
    own = {}
    px, machine = boot(*drive(disk), on='fast', program=PROGRAMS + '/disk.pxi')
    for what, us in re.findall(r'(\w+) (\d+)', ended(px, 120)[1]):
        own.setdefault(what, []).append(int(us) / 1e6)
    machine.end()
    theirs = linux(os.environ['LINUX'], os.environ['INITRAMFS'], disk) if os.environ.get('LINUX') else []
    rate = 16 * 1.048576 / min(own['whole'])
    row('NVMe, 16 MB by 256 KB, 32 under way, best of 5', '%.0f MB/s' % rate,
        'Linux\' dd iflag=direct: %.0f MB/s; %.0f %%' % (16 * 1.048576 / min(theirs), 100 * min(theirs) / min(own['whole'])) if theirs
        else 'no Linux to measure beside')
    row('256 reads of 512 bytes, best of 5: one at a time; 32 under way', '%.0f us; %.1f us each' % (
        min(own['one']) / 256 * 1e6, min(own['many']) / 256 * 1e6), '%.0f times' % (min(own['one']) / min(own['many'])))


def shares(*options):
    disks = []
    for number in (0, 1):
        disks.append(path('share%d-%d' % (number, len(options))))
        ended(start(PX, 'mkfs', disks[-1], '--size', '40M'))
    with open(path('big'), 'wb') as f:
        f.write(random.Random(4).randbytes(16 << 20))
    ended(start(PX, 'cp', path('big'), disks[0] + ':/big'), 60)
    px, machine = boot(*drive(disks[0]), *drive(disks[1], 1), on='fast', options=options)
    machine.said(PROMPT)

    def share(what, work):
        time.sleep(0.5)
        before, since = (seconds_of(machine.process), seconds_of(px), seconds_of_cpus(machine.process)), time.monotonic()
        work()
        wall = time.monotonic() - since
        own, there = seconds_of(px) - before[1], seconds_of(machine.process) - before[0]
        devices = there - (seconds_of_cpus(machine.process) - before[2])
        row(what + ', %.1f s' % wall, '%.2f s, %.2f %% of a core' % (there, 100 * there / wall),
            '%.2f s, %.2f %%' % (devices, 100 * devices / wall), '%.2f s, %.2f %%' % (own, 100 * own / wall))

    def typing():
        for key in 'echo abcdefghijklmnopqrstuvwxyz0123456789 ':
            machine.type(key)
            time.sleep(0.1)
        machine.type('\r')
        machine.said(PROMPT)

    def copying():
        machine.type('cp /disk0/big /disk1/big; sync\r')
        machine.said(r'sync\n' + PROMPT, 300)

    if not options:
        share('idle', lambda: time.sleep(10))
        share('typed at, 10 keys a second', typing)
    share(' '.join(('copies 16 MB from disk to disk', *options)), copying)
    print(leave(px, machine).strip().split('\n')[-1])
    for disk in disks:
        os.remove(disk)


print('load of this machine: ' + open('/proc/loadavg', encoding='ascii').read().split()[0])
row('what', 'least', 'median'), row(*['---'] * 3)
boots()
print()
row('what', 'pxOS', 'beside'), row(*['---'] * 3)
nvme()
print()
row('what', 'QEMU', 'of it its devices', 'px pci'), row(*['---'] * 4)
shares()
shares('--direct')
sys.stdout.flush()
os._exit(0)
