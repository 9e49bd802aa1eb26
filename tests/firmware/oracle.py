#!/usr/bin/env python3
# oracle.py - guests by chance: whatever a program does to COM1's registers, by OUT of every size, REP OUTS, INT 14h and INT
# 10h, in loopback and out of it, the wire has what the 16550 of pxhv.py puts there, for every executor and however the
# stream is cut. TAP. LONG=1 takes SEEDS (20) from SEED (1) on.
import os, random

import pxhv
from pxhv import FCR, IER, LCR, MCR, Place, Script, Server

DIVISORS = (0, 1, 2, 3, 12, 96, 0x0100, 0x0180, 0x00FF, 0x8000, 0xFFFF)
WAYS = ('poll', 'outsb', 'int14', 'int10')


def line_control(chance):
    """Often what programs set, sometimes anything."""
    return chance.choice((3, 3, 2, 0x1B, 0x80, 0x83, 0x43, chance.randrange(256)))


def registers(chance, script):
    """A write or two that leave no break behind in loopback: what the line does then is not told by frames."""
    uart = script.uart
    kind = chance.randrange(8)
    if kind == 0:
        script.format(chance.choice(DIVISORS + (chance.randrange(0x10000),)), line_control(chance) & 0x7F)
    elif kind == 1:
        script.out(LCR, line_control(chance) & (0xBF if uart.mcr & 0x10 else 0xFF))
    elif kind == 2:
        script.out(LCR, uart.lcr & 0xBF).out(MCR, chance.choice((0, 3, 0x0B, 0x10, 0x1B, 0x13)))
    elif kind == 3:
        script.out(FCR, chance.choice((0, 1, 2, 6, 7, 0xC7, 0x41, chance.randrange(256))))
    elif kind == 4:
        script.out(chance.choice((IER, 5, 6, 7)), chance.randrange(256))
    elif kind == 5:
        script.read(chance.randrange(8))
    elif kind == 6:
        script.init(chance.randrange(256))
    else:  # over register 0 and its neighbours at once; a doubleword ends at LCR, without a break
        size = chance.choice((2, 4))
        script.out(0, chance.randrange(1 << 8 * size) & 0xBFFFFFFF, size)


def program(seed, longest):
    chance = random.Random(seed)
    script = Script().text('poll', b'.')  # the divisor is told before one that keeps the one before
    for _ in range(chance.randint(20, 60)):
        what = chance.random()
        if what < 0.4:
            script.text(chance.choice(WAYS), chance.randbytes(chance.randint(1, longest)))
        elif what < 0.8:
            registers(chance, script)
        elif what < 0.86:
            script.string(0, chance.randbytes(2 * chance.randint(1, longest // 2)), chance.choice((1, 2)))
        elif what < 0.92 and script.uart.fifo and not script.uart.lcr & 0x80:
            script.echo(chance.randint(1, len(script.uart.fifo)))
        elif what < 0.98:
            chance.choice((script.request, lambda: script.wait(1), lambda: script.spin(6)))()
        else:
            script.reset()
    return script.put('end')


def run(seed, on, size):
    script = program(seed, 30 if size < 16 else 300)
    with Place() as place:
        server = Server(place, on=on)
        ran = place.boot(script, f'batch={size} patience=200 console=serial', place.front(), 5000000, 200)
        got = server.end()
        return [(got == script.frames and ran.clean,
                 f'seed {seed}, {on}, batches of {size}: {len(script.uart.frames)} frames',
                 pxhv.difference(got, script.frames, 4) + '\n' + ran.log[-1500:])]


def main():
    pxhv.needs()
    first, seeds = int(os.environ.get('SEED', '1')), int(os.environ.get('SEEDS', '20')) if pxhv.LONG else 3
    executors = [name for name in ('ref', 'rtl', 'opencl') if pxhv.have(name)]
    cases = []
    for seed in range(first, first + seeds):
        sizes = (1, 7) if seed % 3 == 0 else (16, 4096) if seed % 3 == 1 else (100, 1000)
        cases += [(seed, on, sizes[i % 2]) for i, on in enumerate(executors + ['ref'])]
    pxhv.two_at_a_time(run, cases)
    pxhv.finish()


main()
