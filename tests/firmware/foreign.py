#!/usr/bin/env python3
"""foreign.py PX FIRMWARE - guests written by others, made from Debian's packages, each in a dialogue over its pixel-driven COM1. TAP.

What they must say comes from their own documents, from pxHV's log, or from the files that this script gives them. A missing
package is a named skip."""
import glob
import gzip
import os
import re
import select
import shutil
import subprocess
import sys
import tempfile
import time
import tty

px, firmware = sys.argv[1:3]
place = tempfile.mkdtemp()
count = bad = 0
MODULES = '/usr/lib/syslinux/modules/bios/'


def result(good, name, detail=b''):
    global count, bad
    count += 1
    bad += not good
    print(('ok' if good else 'not ok') + f' {count} - {name}', flush=True)
    if not good:
        print('\n'.join('# ' + line for line in bytes(detail)[-1500:].decode('latin-1').splitlines()), flush=True)


def skip(name, why):
    global count
    count += 1
    print(f'ok {count} - {name} # SKIP {why}', flush=True)


def path(name):
    return os.path.join(place, name)


def run(*command, **more):
    return subprocess.run(command, check=True, capture_output=True, **more)


class Guest:
    """pxHV with these parts under Bochs, px serve behind px front, and the wire in hand."""

    def __init__(self, *parts, options='', ips=5000000):
        self.text = b''
        self.log = path('hv.log')
        run(firmware + '/mkimage', '-o', path('hv.img'), firmware + '/boot/boot.bin', firmware + '/stage2.bin',
            'hv=' + firmware + '/hv.bin', *parts, 'options=end=bochs patience=500 ' + options)
        self.serve = subprocess.Popen([px, 'serve', '-v', '--on', 'ref', '--listen', 'unix:' + path('link'), '--wire', 'pty'],
                                      stdout=subprocess.PIPE, stderr=open(path('serve.log'), 'wb'))
        self.wire = os.open(self.first(self.serve, rb'/dev/pts/\d+').decode(), os.O_RDWR | os.O_NOCTTY)
        tty.setraw(self.wire)
        self.front = subprocess.Popen([px, 'front', '--listen', 'tcp:0', '--to', 'unix:' + path('link')],
                                      stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        port = self.first(self.front, rb'127.0.0.1:(\d+)').rpartition(b':')[2].decode()
        self.bochs = subprocess.Popen(['firmware/bochs.sh', '--ips', str(ips), '--seconds', '150', '--com2', port, '--log',
                                       path('bochs.log'), path('hv.img')], stdout=open(self.log, 'wb'),
                                      stderr=subprocess.DEVNULL, start_new_session=True)

    @staticmethod
    def first(process, pattern):
        for line in process.stdout:
            found = re.search(pattern, line)
            if found:
                return found[0]
        raise RuntimeError('it ended without a word')

    def until(self, pattern, seconds=100):
        """What has come up to and with pattern; what comes later is kept."""
        end = time.monotonic() + seconds
        while True:
            found = re.search(pattern, self.text, re.S)
            if found:
                told, self.text = self.text[:found.end()], self.text[found.end():]
                return told
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.wire], [], [], left)[0]:
                return None
            self.text += os.read(self.wire, 65536)

    def say(self, line):
        for byte in line.encode() + b'\r':  # as fast as a typist, so that no loader without interrupts loses one
            os.write(self.wire, bytes([byte]))
            time.sleep(0.03)

    def dispatches(self):
        with open(path('serve.log'), 'rb') as log:
            return sum(int(words) > 10 for words in re.findall(rb'BATCH, (\d+) words: done', log.read()))

    def end(self):
        """Switches the machine off; what pxHV has logged."""
        for stat in glob.glob('/proc/[0-9]*/stat'):
            try:
                with open(stat) as file:
                    number, _, rest = file.read().partition(' (')
            except OSError:
                continue
            name, _, fields = rest.rpartition(') ')
            if name.startswith('bochs-bin') and int(fields.split()[3]) == self.bochs.pid:
                os.kill(int(number), 9)
        self.bochs.wait()  # the script prints pxHV's log when the emulator has ended
        for process in (self.front, self.serve):
            process.terminate()
            process.wait()
        os.close(self.wire)
        with open(self.log, 'rb') as log:
            return log.read()


def syslinux(config, files):
    """A bootable floppy with SYSLINUX, its configuration and these files (name: content or path)."""
    floppy = path('floppy')
    with open(floppy, 'wb') as file:
        file.truncate(1474560)
    run('mformat', '-i', floppy, '-f', '1440', '::')
    run('syslinux', '--install', floppy)
    for name, content in {'SYSLINUX.CFG': config.encode(), **files}.items():
        if isinstance(content, bytes):
            run('mcopy', '-o', '-i', floppy, '-', '::' + name, input=content)
        else:
            run('mcopy', '-o', '-i', floppy, content, '::' + name)
    return 'floppy=' + floppy


def modules(*names):
    return {name: MODULES + name for name in names}


def test_meminfo():
    guest = Guest(syslinux('SERIAL 0 115200\nPROMPT 1\nTIMEOUT 0\n', modules('meminfo.c32', 'libcom32.c32', 'libutil.c32')))
    result(guest.until(rb'boot: ') is not None, 'SYSLINUX comes to its prompt', guest.text)
    guest.say('meminfo.c32')
    told = guest.until(rb'boot: ') or b''
    top = int(re.search(rb'memory ([0-9a-f]+) to', guest.end())[1], 16)
    rows = [(int(a, 16), int(b, 16), int(t)) for a, b, t in
            re.findall(rb'\s\d ([0-9a-f]{16})x ([0-9a-f]{16})x [0-9a-f]{16}x (\d)', told)]
    wanted = [(0, 0x9FC00, 1), (0x9FC00, 0x400, 2), (0xF0000, 0x10000, 2), (0x100000, top - 0x100000, 1),
              (top, 0x100000000 - top, 2)]
    result(rows == wanted, "meminfo.c32: the memory map is pxHV's", told)
    above = (top - 0x100000) // 1024
    result(b'639K (0x9fc00)' in told and b'INT 15 88: 0x%x' % (min(above, 64512)) in told, 'INT 12h and 15h AH=88h', told)
    result(b'E801: 0x3c00 (15360K) 0x%04x' % ((top - 0x1000000) // 65536) in told, 'INT 15h AX=E801h', told)


def test_cat():
    text = b''.join(b'line %05d of a long text, sent by somebody else\'s driver\r\n' % i for i in range(1100))[:65536]
    guest = Guest(syslinux('SERIAL 0 115200\nPROMPT 0\nDEFAULT go\nLABEL go\n COM32 cat.c32\n APPEND big.txt\n',
                           {'BIG.TXT': text, **modules('cat.c32', 'libcom32.c32', 'libutil.c32')}), ips=50000000)
    told = guest.until(rb'line 00000.*boot: ', 140)
    sent = guest.dispatches()
    plain = (told or guest.text).replace(b'\r', b'')
    result(told is not None and text.replace(b'\r', b'') in plain, 'cat.c32: 64 KB of text arrive, each character', plain)
    result(sent <= len(text) * 0.002, f'with {sent} dispatches, {sent / len(text):.5f} a character')
    guest.end()


def test_memdisk():
    with open(firmware + '/hello.floppy', 'rb') as file:
        inner = gzip.compress(file.read(368640))
    guest = Guest(syslinux('SERIAL 0 115200\nPROMPT 0\nDEFAULT m\nLABEL m\n LINUX memdisk\n INITRD inner.gz\n APPEND floppy\n',
                           {'MEMDISK': '/usr/lib/syslinux/memdisk', 'INNER.GZ': inner}))
    result(guest.until(rb'Hello from a guest of pxHV') is not None, 'memdisk hooks INT 13h and 15h and chains an inner floppy', guest.text)
    guest.end()


def test_grub():
    config = path('grub.cfg')
    with open(config, 'w') as file:
        file.write('serial --unit=0 --speed=115200\nterminal_input serial\nterminal_output serial\n')
    run('grub-mkimage', '-O', 'i386-pc', '-o', path('core'), '-p', '/', '-c', config, 'biosdisk', 'serial', 'terminal', 'normal',
        'lsmmap', 'ls', 'echo')
    with open(path('grub'), 'wb') as out:
        for part in ('/usr/lib/grub/i386-pc/boot.img', path('core')):
            with open(part, 'rb') as file:
                out.write(file.read())
        out.truncate(1474560)
    guest = Guest('floppy=' + path('grub'))
    result(guest.until(rb'grub> ?') is not None, 'GRUB comes to grub>', guest.text)
    guest.say('lsmmap')
    told = guest.until(rb'grub>.*grub>|length.*grub>') or guest.text
    result(re.search(rb'base_addr = 0x100000, length = 0x[0-9a-f]+, available', told) is not None, 'lsmmap: RAM from 1 MB on', told)
    guest.end()


def test_linux(kernel):
    run(sys.executable, 'firmware/guests/initramfs.py', '/bin/busybox', path('initrd'))
    guest = Guest('kernel=' + kernel, 'initrd=' + path('initrd'), options='append=console=ttyS0,115200 quiet', ips=50000000)
    result(guest.until(rb'Linux \S+ is up', 140) is not None, 'Linux comes to its init', guest.text)
    result(guest.until(rb'# ', 60) is not None, 'and to a shell', guest.text)
    guest.say('echo six times seven is $((6*7))')
    result(guest.until(rb'is 42\r', 60) is not None, 'which answers a typed command', guest.text)
    guest.say('cat /proc/interrupts')
    told = guest.until(rb'NMI:', 60) or guest.text
    result(re.search(rb'\b0:\s+[1-9]\d* .*\b4:\s+[1-9]\d* .*ttyS0', told, re.S) is not None,
           'and has had interrupts of the timer and of COM1', told)
    guest.end()


def clean():
    with open(path('bochs.log'), 'rb') as log:
        found = re.findall(rb'.*(?:VMFAIL|VMENTER FAIL).*', log.read())
    result(not found, 'Bochs found nothing wrong with any entry', b'\n'.join(found))


kernels = sorted(glob.glob('/boot/vmlinuz-*-cloud-amd64'))
for name, needs, packages, test in (
        ('SYSLINUX and meminfo.c32', ('syslinux', 'mcopy', MODULES + 'meminfo.c32'), 'syslinux syslinux-common mtools', test_meminfo),
        ('cat.c32', ('syslinux', 'mcopy', MODULES + 'cat.c32'), 'syslinux syslinux-common mtools', test_cat),
        ('memdisk', ('syslinux', 'mcopy', '/usr/lib/syslinux/memdisk'), 'syslinux syslinux-common mtools', test_memdisk),
        ('GRUB', ('grub-mkimage', '/usr/lib/grub/i386-pc/boot.img'), 'grub-common grub-pc-bin', test_grub),
        ('Linux', ('/bin/busybox', kernels[-1] if kernels else 'a cloud kernel'), 'linux-image-cloud-amd64 busybox-static',
         lambda: test_linux(kernels[-1]))):
    missing = [need for need in needs + ('bochs', 'nasm') if not (os.path.exists(need) or shutil.which(need))]
    if missing:
        skip(name, f'{missing[0]} is not here (Debian: apt install {packages})')
        continue
    test()
    clean()
print(f'1..{count}')
shutil.rmtree(place)
sys.exit(bad != 0)
