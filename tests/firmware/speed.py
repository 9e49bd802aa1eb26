#!/usr/bin/env python3
# speed.py - what the machines cost: seconds of processor time (user and system) of the emulator with Linux on its way to its shell,
# and of suites with their servers and all, under Bochs and under QEMU, one after another. Rows of a table; judges nothing but
# failures.
#
#   python3 tests/firmware/speed.py [NAME COMMAND]...      suites as tests/firmware/firmware.mk has them
import ctypes, os, re, resource, subprocess, sys

sys.dont_write_bytecode = True

FOREIGN = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'foreign')


PR_SET_CHILD_SUBREAPER = 36


def wait_for_orphans():
    """Emulators whose parents were killed with them have become ours."""
    try:
        while True:
            os.wait()
    except ChildProcessError:
        pass


def cost(command, emulator):
    """Processor time of the command and all that it has started, or what it says itself; None: it failed."""
    def spent():
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        return used.ru_utime + used.ru_stime
    before = spent()
    run = subprocess.run(command, shell=True, env=dict(os.environ, EMU=emulator), stdin=subprocess.DEVNULL,
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    if run.returncode != 0 or b'# SKIP' in run.stdout:
        print(run.stdout.decode('latin-1'), file=sys.stderr)
        return None
    wait_for_orphans()
    told = re.search(rb'# .* ([0-9.]+) s of processor time to its shell', run.stdout)
    return float(told[1]) if told else spent() - before


def row(name, bochs, qemu):
    print(f'| {name} | {bochs:.1f} | {qemu:.1f} | {bochs / qemu:.1f} |', flush=True)


def main():
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    print('| seconds of processor time | Bochs | QEMU | times faster |\n| --- | --- | --- | --- |', flush=True)
    named = [('Linux to its shell', f'{sys.executable} {FOREIGN} linux'), *zip(sys.argv[1::2], sys.argv[2::2])]
    total = [0, 0]
    for n, (name, command) in enumerate(named):
        costs = [cost(command, emulator) for emulator in ('bochs', 'qemu')]
        if None in costs:
            sys.exit(f'{name}: failed, or skipped')
        row(name, *costs)
        if n > 0:
            total = [a + b for a, b in zip(total, costs)]
    if total[0]:
        row('all suites', *total)


main()
