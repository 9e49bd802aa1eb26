"""os.py - pxOS as the operating system of QEMU's machine: its drivers, and that it needs nobody but the microkernel. What is
expected comes from pxOS' own hosted form, from Python, and from QEMU's monitor."""
import datetime
import os
import re
import time

from machine import DEVICE, KERNEL, Machine, Terminal
from tap import PX, accelerator, ended, finish, path, result, skip, start, until

OS = os.environ['OS_PICTURE']
if not os.path.exists(OS):
    skip('pxOS could not be built: clang, lld or picolibc is not here')
PROMPT = r'(?m:^)/\$ \Z'


def boot(*more, options=(), name='os'):
    px, place = accelerator(OS, *options, name=name)
    return px, Terminal(place, *DEVICE, *KERNEL, *more)


def command(machine, line, expected, prompt=PROMPT, seconds=20):
    machine.type(line + '\r')
    return machine.said(re.escape(line) + r'\n' + expected + prompt, seconds)


def replays(name, status, log, picture):
    """The session's log, fed without a machine, ends in the same pixels."""
    for executor in ('ref', 'fast'):
        again = path('again.pxi')
        got = ended(start(PX, 'run', OS, '--replay', log, '--on', executor, '-o', again))
        result(got[0] == status and open(picture, 'rb').read() == open(again, 'rb').read(),
               '%s: its log on %s, without a machine, ends in the same picture' % (name, executor), got)


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
    saved = path('saved.pxi')
    px, machine = boot(options=('-o', saved))
    machine.said(PROMPT)
    command(machine, 'echo before > /tmp/a', '')
    machine.type('')
    machine.tell('system_reset')
    result(machine.said(r'pxOS. Type help .*\n' + PROMPT), 'a machine that is reset starts it again', machine.text())
    result(command(machine, 'ls /tmp', ''), 'from its file', machine.text())
    machine.process.kill()
    got = ended(px)
    result(got[0] == 3 and 'the machine is gone' in got[2] and os.path.exists(saved), 'a machine that is killed: a sentence, and the '
           'state is kept', got)


def without_uart():
    px, place = accelerator(OS, name='none', stdin=-1)
    machine = Machine(place, *DEVICE, *KERNEL, serial='none')
    px.stdin.write('echo $((6 * 7))\nexit 4\n')
    px.stdin.flush()
    got = ended(px)
    result(got[0] == 4 and got[1].endswith('42\n'), 'a machine without COM1: the console is the host\'s', got)
    machine.end()


console()
resets()
without_uart()
finish()
