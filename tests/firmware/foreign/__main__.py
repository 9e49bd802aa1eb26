"""foreign [CASE]... - guests written by others, made from Debian's packages, each in a dialogue over its
pixel-driven COM1. TAP.

What they must say comes from their own documents, from pxHV's log, or from the files that this suite gives them. A missing
package is a named skip."""
import os
import shutil
import sys

sys.dont_write_bytecode = True

sys.path.append(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import loaders
import pxhv
import systems
from media import MODULES

SYSLINUX = (('syslinux', 'mcopy', MODULES + 'meminfo.c32', '/usr/lib/syslinux/memdisk'), 'syslinux syslinux-common mtools')
GRUB = (('grub-mkimage', 'mcopy', '/usr/lib/grub/i386-pc/boot.img'), 'grub-common grub-pc-bin mtools')
LINUX = (('/bin/busybox', systems.KERNELS[-1] if systems.KERNELS else 'a cloud kernel'),
         'linux-image-cloud-amd64 busybox-static')
MEMTEST = (('/boot/memtest86+x64.bin', '/boot/memtest86+ia32.bin'), 'memtest86+')

CASES = {
    'meminfo': (loaders.meminfo, SYSLINUX),
    'cat': (loaders.cat, SYSLINUX),
    'memdisk': (loaders.memdisk, SYSLINUX),
    'tools': (loaders.tools, SYSLINUX),
    'ipxe': (loaders.ipxe, SYSLINUX, (('/boot/ipxe.lkrn',), 'ipxe')),
    'disk': (loaders.disk, SYSLINUX),
    'grub': (loaders.grub, GRUB),
    'grub-disk': (loaders.grub_disk, GRUB),
    'linux': (systems.linux, LINUX),
    'linux-syslinux': (systems.linux_syslinux, SYSLINUX, LINUX),
    'linux-grub': (systems.linux_grub, GRUB, LINUX),
    'memtest-x64': (lambda: systems.memtest('x64'), SYSLINUX, MEMTEST),
    'memtest-ia32': (lambda: systems.memtest('ia32'), SYSLINUX, MEMTEST),
}


def missing(packages):
    for needs, names in packages:
        for need in needs:
            if not (os.path.exists(need) or shutil.which(need)):
                return f'{need} is not here (Debian: apt install {names})'
    return None


def main(*wanted):
    pxhv.needs()
    for name, (case, *packages) in CASES.items():
        if wanted and name not in wanted:
            continue
        why = missing(packages)
        if why:
            pxhv.skip(name, why)
        else:
            case()
    if not wanted or 'freedos' in wanted:
        floppy = os.environ.get('FREEDOS', '')
        if os.path.exists(floppy):
            systems.freedos()
        else:
            pxhv.skip('FreeDOS', f'FREEDOS={floppy or "FILE"}: no boot floppy there')
    pxhv.plan()  # each guest has been judged by itself


main(*sys.argv[1:])
