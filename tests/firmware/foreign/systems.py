"""systems.py - Linux, memtest86+ and DOS: they take the machine over."""
import glob
import os
import re
import shutil
import sys

import media
from guest import Guest, path, ram, run
from pxhv import note

KERNELS = sorted(glob.glob('/boot/vmlinuz-*-cloud-amd64'))
APPEND = 'console=ttyS0,115200 quiet'


def initramfs():
    run(sys.executable, 'firmware/guests/initramfs.py', '/bin/busybox', path('initrd'))
    return path('initrd')


def shell(guest):
    """To the shell; what it answers."""
    guest.expect(rb'Linux \S+ is up', 'its init', 250)
    guest.expect(rb'# ', 'a shell', 60)
    note(f'{guest.name}: {guest.processor_time():.1f} s of processor time to its shell')
    guest.say('echo six times seven is $((6*7))')
    guest.expect(rb'is 42\r.*# ', 'which answers a typed command', 60)


def linux():
    guest = Guest('Linux', 'kernel=' + KERNELS[-1], 'initrd=' + initramfs(), options='append=' + APPEND, ips=50000000)
    shell(guest)
    guest.say('cat /proc/interrupts')
    guest.expect(rb'\b0:\s+[1-9]\d* .*\b4:\s+[1-9]\d* .*ttyS0.*NMI:', 'it has had interrupts of the timer and of COM1', 60)
    guest.end()


def loaded(name, made):
    """Linux whose own 16-bit set-up has asked the BIOS: its memory map is pxHV's."""
    guest = Guest(name, 'disk=' + made, ips=50000000, megs=192)
    shell(guest)
    guest.say('dmesg | grep BIOS-e820; echo the end')
    told = guest.until(rb'\nthe end', 60) or guest.text
    wanted, _ = ram(guest.end())
    kinds = {b'usable': 1, b'reserved': 2}
    rows = [(int(a, 16), int(b, 16) + 1 - int(a, 16), kinds.get(kind)) for a, b, kind in
            re.findall(rb'BIOS-e820: \[mem 0x([0-9a-f]+)-0x([0-9a-f]+)\] (\w+)', told)]
    guest.judge(rows == wanted, "the map that it got by INT 15h AX=E820h is pxHV's", told)


def linux_syslinux():
    loaded('SYSLINUX loads Linux', media.syslinux_disk(32, 'SERIAL 0 115200\nPROMPT 0\nDEFAULT l\nLABEL l\n LINUX vmlinuz\n'
                                                       ' INITRD initrd\n APPEND ' + APPEND + '\n',
                                                       {'VMLINUZ': KERNELS[-1], 'INITRD': initramfs()}))


def linux_grub():
    """GRUB's linux does the work of the kernel's 16-bit set-up itself."""
    made, volume = media.disk(32)
    media.copy(volume, {'VMLINUZ': KERNELS[-1], 'INITRD': initramfs()})
    media.grub_boot(made, media.grub_image(f'linux (hd0,msdos1)/vmlinuz {APPEND}\ninitrd (hd0,msdos1)/initrd\nboot\n',
                                           'part_msdos', 'fat', 'linux', 'boot'))
    loaded('GRUB loads Linux', made)


def memtest(name):
    """memtest86+ 6.10 measures caches and memory before it looks at its command line, for 10^8 instructions and more; with
    64 MB there is no room for that, and it comes to its tests at once. It shows them on COM1 every now and then."""
    guest = Guest('memtest86+ ' + name, media.syslinux(
        'SERIAL 0 115200\nPROMPT 0\nDEFAULT m\nLABEL m\n LINUX memtest\n APPEND console=ttyS0,115200 nopause\n',
        {'MEMTEST': f'/boot/memtest86+{name}.bin'}), ips=50000000, megs=64)
    guest.expect(rb'Memtest86\+ v', 'its screen on COM1')
    told = guest.expect(rb'\d+% #[^\x1b]*\x1b\[[^\x1b]*#0 .*Errors: 0 ', 'percentages of the first test, and no error')
    told += guest.expect(rb'\d+% #[^\x1b]*\x1b\[[^\x1b]*#(?:[2-9]|10) .*Errors: 0 ', 'and of the third or a later one, each of which takes longer')
    wanted, _ = ram(guest.end())
    pages = sum((at + length) // 4096 - -(-at // 4096) for at, length, kind in wanted if kind == 1)
    guest.judge(b'of %.1fMB]' % (pages / 256) in told, f'it tests {pages / 256:.1f} MB, all that pxHV gives', told)


def freedos():
    """A boot floppy of FreeDOS that the user has: FREEDOS=FILE. It is copied; CTTY puts its prompt on COM1."""
    made = path('floppy')
    shutil.copyfile(os.environ['FREEDOS'], made)
    os.environ['MTOOLS_SKIP_CHECK'] = '1'
    text = b''.join(b'line %03d of a file\r\n' % i for i in range(200))
    media.copy(made, {'AUTOEXEC.BAT': b'@ECHO OFF\r\nPROMPT $P$G\r\nCTTY COM1\r\n', 'TEXT.TXT': text, 'END.COM': b'\xfa\xf4'})
    # HIMEM.EXE, packed, calls INT 5Dh and 5Eh, which are nobody's.
    guest = Guest('FreeDOS', 'floppy=' + made, ips=2000000, unlisted=('INT 5[de] AX=....',))
    guest.expect(rb'A:\\>', 'A:\\>')

    def command(line, answer, what):
        guest.say(line)
        told = guest.until(answer + rb'.*A:\\>')
        result_of = told or guest.text
        guest.judge(told is not None, f'{line}: {what}', result_of)
        return result_of

    command('VER', rb'Free(Com|DOS)', 'names itself')
    told = command('DIR', rb'TEXT', 'lists the floppy')
    listing = run('mdir', '-i', made, '::').stdout.decode()
    entries = re.findall(r'^(\w+) +(\w*) +(\d+) \d{4}-', listing, re.M)
    guest.judge(all(re.search(rf'(?m)^{name} +{kind} +{int(size):,} '.encode(), told) for name, kind, size in entries),
                'each file with its size as mtools has them', told)
    command('COPY TEXT.TXT TWO.TXT', rb'', 'writes a file')
    told = command('TYPE TWO.TXT', rb'line 199', 'reads it back')
    guest.judge(text in told, 'byte for byte', told)
    command('DATE /D', rb'0?1-0?1-(20)?00', "the machine's")  # firmware/bochs.sh: time0
    guest.say('END')
    guest.wait()
    guest.end()
