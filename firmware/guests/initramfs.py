#!/usr/bin/env python3
"""initramfs.py BUSYBOX OUTPUT - the smallest RAM disk that gives Linux a shell: busybox, /init, /dev/console, as a newc
archive. Written here because making a device node needs root anywhere else."""
import os
import sys

INIT = b"""#!/bin/busybox sh
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
echo "pxOS guest: Linux $(uname -r) is up"
exec setsid cttyhack sh
"""


def entry(number, name, mode, data=b"", device=(0, 0)):
    fields = [number, mode, 0, 0, 1, 0, len(data), 0, 0, device[0], device[1], len(name) + 1, 0]
    head = b"070701" + b"".join(b"%08X" % field for field in fields) + name.encode() + b"\0"
    return head + b"\0" * (-len(head) % 4) + data + b"\0" * (-len(data) % 4)


def main(busybox, output):
    with open(busybox, "rb") as file:
        program = file.read()
    parts = [(name, 0o040755, b"", (0, 0)) for name in ("bin", "dev", "proc", "sys", "tmp")]
    parts += [("dev/console", 0o020600, b"", (5, 1)), ("bin/busybox", 0o100755, program, (0, 0)),
              ("init", 0o100755, INIT, (0, 0)), ("TRAILER!!!", 0, b"", (0, 0))]
    archive = b"".join(entry(i + 1, *part) for i, part in enumerate(parts))
    temporary = output + ".new"
    with open(temporary, "wb") as file:
        file.write(archive)
    os.replace(temporary, output)


if len(sys.argv) != 3:
    sys.exit(__doc__)
main(*sys.argv[1:])
