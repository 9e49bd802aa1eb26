"""media.py - floppies and hard disks with loaders written by others, made by the packages' own installers and mtools."""
import os
import struct

from guest import path, run
from pxhv import FIRMWARE

MODULES = '/usr/lib/syslinux/modules/bios/'
SECTOR = 512


def ours(name):
    """A file that make has built."""
    return os.path.join(FIRMWARE, name)


def modules(*names):
    return {name: MODULES + name for name in names}


def copy(volume, files):
    """Files (name: content, or path) into a FAT volume, as mtools name it."""
    for name, content in files.items():
        if isinstance(content, bytes):
            run('mcopy', '-o', '-i', volume, '-', '::' + name, input=content)
        else:
            run('mcopy', '-o', '-i', volume, content, '::' + name)


def floppy(name='floppy'):
    """An empty FAT12 floppy of 1.44 MB."""
    made = path(name)
    with open(made, 'wb') as file:
        file.truncate(1474560)
    run('mformat', '-i', made, '-f', '1440', '::')
    return made


def syslinux(config, files):
    """A floppy with SYSLINUX, its configuration and these files."""
    made = floppy()
    run('syslinux', '--install', made)
    copy(made, {'SYSLINUX.CFG': config.encode(), **files})
    return 'floppy=' + made


START = 2048  # of the partition, in sectors


def disk(megabytes, name='disk'):
    """A hard disk with one active FAT16 partition, formatted; the disk, and the volume as mtools name it."""
    made = path(name)
    sectors = megabytes * 1048576 // SECTOR - START
    entry = struct.pack('<B3sB3sII', 0x80, b'\xfe\xff\xff', 0x0E, b'\xfe\xff\xff', START, sectors)
    with open(made, 'wb') as file:
        file.truncate(megabytes * 1048576)
        file.seek(446)
        file.write(entry)
        file.seek(510)
        file.write(b'\x55\xaa')
    volume = f'{made}@@{START * SECTOR}'
    run('mformat', '-i', volume, '-T', str(sectors), '-h', '16', '-s', '63', '-H', str(START), '::')
    return made, volume


def boot_code(made, code, limit=440):
    """The first sector's code; the partition table stays."""
    with open(code, 'rb') as file:
        first = file.read(limit)
    with open(made, 'r+b') as file:
        file.write(first)


def syslinux_disk(megabytes, config, files, name='disk'):
    """A hard disk with SYSLINUX in its partition and its master boot record."""
    made, volume = disk(megabytes, name)
    run('syslinux', '--install', '--offset', str(START * SECTOR), made)
    boot_code(made, '/usr/lib/syslinux/mbr/mbr.bin')
    copy(volume, {'SYSLINUX.CFG': config.encode(), **files})
    return made


def grub_image(config, *grub_modules):
    """GRUB's core with this early configuration."""
    with open(path('grub.cfg'), 'w') as file:
        file.write('serial --unit=0 --speed=115200\nterminal_input serial\nterminal_output serial\n' + config)
    run('grub-mkimage', '-O', 'i386-pc', '-o', path('core'), '-p', '/', '-c', path('grub.cfg'),
        'biosdisk', 'serial', 'terminal', 'normal', 'ls', 'echo', *grub_modules)
    return path('core')


def grub_boot(made, core):
    """GRUB's boot sector, and its core behind it, before the partition."""
    boot_code(made, '/usr/lib/grub/i386-pc/boot.img')
    with open(core, 'rb') as file, open(made, 'r+b') as out:
        out.seek(SECTOR)
        out.write(file.read())
