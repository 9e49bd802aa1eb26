"""loaders.py - SYSLINUX and GRUB, from floppies and from hard disks: what they say of the machine, against pxHV's log."""
import gzip
import re

import media
from guest import Guest, path, ram
from media import modules

SERIAL = 'SERIAL 0 115200\n'


def meminfo():
    guest = Guest('SYSLINUX', media.syslinux(SERIAL + 'PROMPT 1\nTIMEOUT 0\n', modules(
        'meminfo.c32', 'libcom32.c32', 'libutil.c32')))
    guest.expect(rb'boot: ', 'its prompt')
    guest.say('meminfo.c32')
    told = guest.until(rb'boot: ') or b''
    wanted, top = ram(guest.end())
    rows = [(int(a, 16), int(b, 16), int(t)) for a, b, t in
            re.findall(rb'\s\d ([0-9a-f]{16})x ([0-9a-f]{16})x [0-9a-f]{16}x (\d)', told)]
    guest.judge(rows == wanted, "meminfo.c32: the memory map is pxHV's", told)
    above = (top - 0x100000) // 1024
    guest.judge(b'639K (0x9fc00)' in told and b'INT 15 88: 0x%x' % (min(above, 64512)) in told,
                'INT 12h and 15h AH=88h', told)
    guest.judge(b'E801: 0x3c00 (15360K) 0x%04x' % ((top - 0x1000000) // 65536) in told, 'INT 15h AX=E801h', told)


def cat():
    text = b''.join(b'line %05d of a long text, sent by somebody else\'s driver\r\n' % i for i in range(1100))[:65536]
    guest = Guest('cat.c32', media.syslinux(SERIAL + 'PROMPT 0\nDEFAULT go\nLABEL go\n COM32 cat.c32\n APPEND big.txt\n', {
        'BIG.TXT': text, **modules('cat.c32', 'libcom32.c32', 'libutil.c32')}), ips=50000000)
    told = guest.until(rb'line 00000.*boot: ', 140)
    sent = guest.dispatches()
    plain = (told or guest.text).replace(b'\r', b'')
    guest.judge(told is not None and text.replace(b'\r', b'') in plain, '64 KB of text arrive, each character', plain)
    guest.judge(sent <= len(text) * 0.002, f'with {sent} dispatches, {sent / len(text):.5f} a character', b'')
    guest.end()


def memdisk():
    """An inner floppy, and an inner hard disk whose SYSLINUX finds itself through memdisk's INT 13h over pxHV's."""
    with open(media.ours('hello.floppy'), 'rb') as file:
        inner = gzip.compress(file.read(368640))
    config = SERIAL + 'PROMPT 0\nDEFAULT m\nLABEL m\n LINUX memdisk\n INITRD inner.gz\n APPEND '
    files = {'MEMDISK': '/usr/lib/syslinux/memdisk'}
    guest = Guest('memdisk', media.syslinux(config + 'floppy\n', {'INNER.GZ': inner, **files}))
    guest.expect(rb'Hello from a guest of pxHV', 'hooks INT 13h and 15h and chains an inner floppy')
    guest.end()
    made = media.syslinux_disk(8, SERIAL + 'PROMPT 1\n', {
        'INNER.TXT': b'', **modules('ls.c32', 'libcom32.c32', 'libutil.c32')}, 'inner')
    with open(made, 'rb') as file:
        inner = gzip.compress(file.read())
    guest = Guest('memdisk', media.syslinux(config + 'harddisk\n', {'INNER.GZ': inner, **files}))
    guest.expect(rb'boot: ', 'chains an inner hard disk')
    guest.say('ls.c32')
    guest.expect(rb'(?i)inner\.txt.*boot: ', 'whose directory its SYSLINUX reads')
    guest.end()


def tools():
    """SYSLINUX' own programs that look at hardware; then a reset, and all begins anew."""
    guest = Guest('SYSLINUX', media.syslinux(SERIAL + 'PROMPT 1\n', modules(
        'cpuid.c32', 'pcitest.c32', 'vesainfo.c32', 'dmitest.c32', 'reboot.c32', 'libcom32.c32', 'libutil.c32',
        'libgpl.c32')), ips=20000000)
    guest.expect(rb'boot: ', 'its prompt')
    for command, answer, what in (('cpuid.c32 0x40000000', rb'pxHVpxHVpxHV|56487870', 'the hypervisor names itself'),
                                  ('pcitest.c32', rb'no devices found', 'there is no PCI'),
                                  ('vesainfo.c32', rb'No VESA BIOS', 'nor VESA'),
                                  ('dmitest.c32', rb'No DMI', 'nor DMI')):
        guest.say(command)
        guest.expect(answer + rb'.*boot: ', f'{command}: {what}')
    guest.say('reboot.c32')
    guest.expect(rb'SYSLINUX.*boot: ', 'reboot.c32: the machine begins anew')
    guest.end()


def ipxe():
    """iPXE writes by INT 10h, and with console=serial that goes to COM1; without a network card it gives the machine back."""
    guest = Guest('iPXE', media.syslinux(SERIAL + 'PROMPT 0\nDEFAULT i\nLABEL i\n LINUX ipxe.krn\n', {'IPXE.KRN': '/boot/ipxe.lkrn'}),
                  options='console=serial', ips=20000000)
    guest.expect(rb'iPXE initialising devices\.\.\.ok', 'its devices')
    guest.expect(rb'Features: .*bzImage', 'what it can do')
    guest.expect(rb'No more network devices', 'no network card is found')
    guest.end()


def disk():
    """A hard disk of more than 8 MB: INT 13h with packets, from the master boot record on."""
    text = b''.join(b'line %05d of the text that the disk has\r\n' % i for i in range(100))
    guest = Guest('SYSLINUX on a disk', 'disk=' + media.syslinux_disk(24, SERIAL + 'PROMPT 1\nTIMEOUT 0\n', {
        'TEXT.TXT': text, **modules('cat.c32', 'ls.c32', 'disk.c32', 'libcom32.c32', 'libutil.c32')}))
    guest.expect(rb'boot: ', 'its prompt')
    guest.say('cat.c32 text.txt')
    told = guest.until(rb'line 00000.*boot: ') or b''
    guest.judge(text.replace(b'\r', b'') in told.replace(b'\r', b''), 'cat.c32 of a file there', told)
    guest.end()


def grub():
    core = media.grub_image('', 'lsmmap')
    with open(path('grub'), 'wb') as out:
        for part in ('/usr/lib/grub/i386-pc/boot.img', core):
            with open(part, 'rb') as file:
                out.write(file.read())
        out.truncate(1474560)
    guest = Guest('GRUB', 'floppy=' + path('grub'))
    guest.expect(rb'grub> ?', 'grub>')
    guest.say('lsmmap')
    told = guest.until(rb'grub>.*grub>|length.*grub>') or guest.text
    guest.judge(re.search(rb'base_addr = 0x100000, length = 0x[0-9a-f]+, available', told) is not None,
                'lsmmap: RAM from 1 MB on', told)
    guest.end()


def grub_disk():
    """GRUB in the gap before the partition, which it names and lists; its probe and a search by label see one disk."""
    made, volume = media.disk(24)
    media.copy(volume, {'TEXT.TXT': b'a file on the first partition\r\n'})
    media.grub_boot(made, media.grub_image('', 'part_msdos', 'fat', 'cat', 'lsmmap', 'probe'))
    guest = Guest('GRUB on a disk', 'disk=' + made)
    guest.expect(rb'grub> ?', 'grub>')
    for command, answer, what in (('ls', rb'\(hd0\) \(hd0,msdos1\)', 'the disk and its partition'),
                                  ('ls (hd0,msdos1)/', rb'text\.txt', "the partition's directory"),
                                  ('cat (hd0,msdos1)/text.txt', rb'a file on the first partition', 'a file'),
                                  ('ls -l (hd0)', rb'Device hd0.*Total size\s+24576KiB', "the disk's size by INT 13h AH=48h")):
        guest.say(command)
        guest.expect(answer + rb'.*grub> ?', what)
    guest.end()
