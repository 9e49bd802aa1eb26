#!/usr/bin/env python3
# driver.py - the serial driver of pxHV's disk: it is the one that runs, on px serve and on a bare machine at pxHV's own
# cable, whose frames leave at COM1 or, LONG=1, at the pin of a simulated board. TAP.
import os, struct, subprocess, sys, time, zlib

import pxhv
from pxhv import Place, Script, Server

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '../conformance'))
from pxvm_png import png_read  # pylint: disable=wrong-import-position

TIMES = '; Start times:'
INVERT = '    set mask, 255\n    vxor.vx [frame], [frame], mask\n'  # a driver's mark: each character the other way round
with open('pxi/programs/serial_driver.pxa') as file:
    SOURCE = file.read().replace(TIMES, INVERT + TIMES)
assert SOURCE.count(INVERT) == 1
TWO_ROWS = (SOURCE[:SOURCE.index('; ---- the demonstration')].replace('.size 256, 8', '.size 256, 9')
            .replace('\nmain:', '\n.org 270\nmain:') + '.org 512\n' +
            ''.join(f'plane{i}: .zero 256\n' for i in range(1, 6)) + 'plane6: .zero 512\n')


def assembled(place, source):
    with open(place.file('driver.pxa'), 'w') as out:
        out.write(source)
    subprocess.run([pxhv.PX, 'asm', '-q', place.file('driver.pxa'), '-o', place.file('driver.pxi')], check=True)
    return place.file('driver.pxi')


def told(path, pixels):
    """As the logs have it: length and CRC-32 of the first pixels, the checksum of the whole picture 0."""
    words = list(png_read(path)[2][:pixels])
    words[4] = 0
    return pixels, f'{zlib.crc32(struct.pack("<%dI" % pixels, *words)):08x}'


def inverted(frames, size):
    return bytes(byte ^ 255 if i % size == 0 else byte for i, byte in enumerate(frames))


def characters(count):
    return bytes((7 * i + 3) & 255 for i in range(count))


def text(divisors=(1, 12, 0x180)):
    script = Script()
    for divisor in divisors:
        script.format(divisor, 3).text('poll', characters(200))
    return script.text('outsb', characters(100)).put('end')


def checks(run, **what):
    return [name for name, good in dict(what, ended=run.clean).items() if not good]


def case(name, failed, run, more=''):
    return [(not failed, name, f'{failed}\n{more}\n{run.log[-2500:]}')]


# ---- on px serve ----

def on_server(name, source, pixels, on, tests=()):
    script = text()
    with Place() as place:
        path = assembled(place, source)
        size, crc = told(path, pixels)
        server = Server(place, on=on, tests=tests, respawn=bool(tests))
        run = place.boot(script, f'batch=128 patience={20 if tests else 1000}', place.front(), driver=path)
        got, log = server.end(), server.log
        times = run.log.count(f'driver of {size} pixels (CRC-32 {crc}) sent')
        failed = checks(run, wire=got == inverted(script.frames, 4), sent=times == 1 + len(tests), doubt=not run.doubts,
                        said=log.count(f'driver of {size} pixels, CRC-32 {crc}, is in force') == 1 + len(tests),
                        com1=run.com1 == b'')
        return case(name, failed, run, pxhv.difference(got, inverted(script.frames, 4), 4))


def without_driver():
    script = text()
    with Place() as place:
        server = Server(place)
        run = place.boot(script, 'patience=1000', place.front(), driver=None)
        got = server.end()
        return case('a disk without a driver: the server runs its own',
                    checks(run, wire=got == script.frames, said='no driver on the disk' in run.log), run)


def other_port():
    script = text()
    with Place() as place:
        server = Server(place)
        run = place.boot(script, 'link=com3@57600 patience=1000', place.front(), cable='--com3')
        got = server.end()
        return case('link=com3@57600: the executor is found at 3E8h',
                    checks(run, wire=got == script.frames, found='an executor drives COM1' in run.log), run)


# ---- on a bare machine ----

def machine(place, on):
    """A px serve without a wire is one for each connection: what a board is, without the board."""
    process = place.start('machine', pxhv.PX, 'serve', '-v', '--on', on, '--listen', 'unix:' + place.file('link'))
    place.told('machine', rb'listening on unix', process)
    return process


def formats():
    """Every line control but breaks, which a file of bytes does not show, and divisors of one and two bytes."""
    script = Script()
    for line_control in range(64):
        script.format((1, 2, 12, 0x180)[line_control % 4], line_control).text('poll', characters(9))
    return script.text('outsb', characters(600)).text('int14', characters(50)).put('end')


def on_machine(on, size, source):
    script = formats() if source is None else text()
    with Place() as place:
        machine(place, on)
        path = pxhv.DRIVER if source is None else assembled(place, source)
        run = place.boot(script, f'batch={size} patience=3000', place.front(), seconds=250, driver=path)
        wanted = script.bytes if source is None else inverted(script.bytes, 1)
        failed = checks(run, com1=run.com1 == wanted, said='a board drives COM1' in run.log, doubt=not run.doubts,
                        lost='executor lost' not in run.log, dispatches=run.serial('dispatches') > 0)
        return case(f'no px serve but {on} alone, batches of {size}, {"its own" if source is None else "another"} driver: '
                    f'{len(wanted)} characters at COM1', failed, run, pxhv.difference(run.com1, wanted))


def machine_killed():
    script = formats()
    with Place() as place:
        process, front = machine(place, 'ref'), place.front()
        killer = place.start('killer', '/bin/sh', '-c', f'until [ $(grep -c "STATUS, 0 words: done" {place.file("machine")}) -ge 9 ]; '
                             f'do sleep 0.01; done; kill -9 {process.pid}')
        run = place.boot(script, 'batch=16 patience=4', front)
        killer.kill()
        failed = checks(run, com1=run.com1 == script.bytes, lost='executor lost (no answer)' in run.log, doubt=not run.doubts,
                        first=run.serial('dispatches') > 0)
        return case('the machine dies: what it has not done takes pxHV\'s own path, each character once', failed, run,
                    pxhv.difference(run.com1, script.bytes))


def machine_without_driver():
    script = text()
    with Place() as place:
        machine(place, 'ref')
        run = place.boot(script, 'patience=1000', place.front(), driver=None)
        return case('a machine, and no driver for it: pxHV says so and sends all of it itself',
                    checks(run, com1=run.com1 == script.bytes, said='a board needs a driver' in run.log), run)


def on_board():
    """Driver on the core, frames at the pin beside it. The simulation keeps its own time, so answers may take long."""
    program = 'build/board-hx8k-evn'
    if not os.access(program, os.X_OK):
        return pxhv.skip('a simulated board at the cable', f'{program} has not been built')
    script = text([1])  # who listens at the pin does so at one rate
    with Place() as place:
        board = place.start('board', program, '--listen=unix:' + place.file('link'), '--wire=' + place.file('pin'))
        while not os.path.exists(place.file('link')) and board.poll() is None:
            time.sleep(0.05)
        run = place.boot(script, 'patience=20000', place.front(), seconds=500)
        end = time.monotonic() + 60
        while len(place.read('pin')) < len(script.bytes) and time.monotonic() < end:
            time.sleep(0.1)
        failed = checks(run, pin=place.read('pin') == script.bytes, com1=run.com1 == b'', said="leave at the board's wire" in run.log)
        return pxhv.result(not failed, 'a simulated board at the cable: driver on its core, frames at its pin',
                           f'{failed}\n{pxhv.difference(place.read("pin"), script.bytes)}\n{run.log[-2500:]}')


def refused():
    with Place() as place:
        script = Script().put('end')
        for name, said, wish in (
                ('link=com7', b'options: link=com7: expected none, com1 to com4', {'options': 'link=com7'}),
                ('a program that is no driver', b'the serial driver', {'driver': assembled(place, '.size 16, 16\nhalt\n')})):
            told = b''
            try:
                place.image(script, **wish)
            except subprocess.CalledProcessError as error:
                told = error.stderr
            pxhv.result(said in told, f'mkimage refuses {name}', told.decode())


pxhv.needs()
RTL = 'rtl' if pxhv.have('rtl') else 'ref'
CASES = [(on_server, 'the disk\'s driver is the one that runs', SOURCE, 256, 'ref'),
         (on_server, 'one of two rows', TWO_ROWS, 512, RTL),
         (on_server, 'the server dies, the next one gets the driver before the batch', SOURCE, 256, 'ref',
          ('server:in-emission:3:40',)),
         (other_port,), (on_machine, RTL, 4096, None), (on_machine, 'ref', 256, TWO_ROWS), (machine_killed,)]
if pxhv.LONG:
    CASES += [(without_driver,), (machine_without_driver,), (on_machine, 'ref', 4096, None), (on_machine, 'ref', 16, None)]
    CASES += [(on_machine, 'opencl', 4096, None)] if pxhv.have('opencl') else []
pxhv.two_at_a_time(lambda function, *arguments: function(*arguments), CASES)
refused()
if pxhv.LONG:
    on_board()
pxhv.finish()
