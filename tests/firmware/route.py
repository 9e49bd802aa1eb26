#!/usr/bin/env python3
# route.py - the guest's characters on the wire: one transcript whatever executor runs the driver and however the stream is
# cut; what they cost in exits and dispatches, with a quarter of README.md's characters. TAP. LONG=1 takes every executor with
# every size, and all characters; so does `counts` as argument, which prints the table of README.md alone.
import functools, sys

import pxhv
from pxhv import DLL, DLM, LCR, Place, Script, Server

DIVISORS = (1, 2, 3, 12, 96, 0x00FF, 0x0100, 0x0101, 0x0180, 0x0417, 0x1234, 0x8000, 0xFF00, 0xFFFF, 12)


def characters(count, first=0):
    return bytes((7 * i + 3) & 255 for i in range(first, first + count))


def pace(size):
    """Emulated instructions a second, and patience. A byte of the link takes 87 us of guest time, an exit some 1,500
    instructions. Large batches get a fast guest, that none of them is cut by its age; small ones a slow one, that the link
    does not take for ever."""
    return (50000000, 20) if size > 1000 else (5000000, 200) if size > 16 else (1000000, 1000)


def every_way(long):
    """Each divisor of the list, each line control with break and both DLAB states, each INT 14h set-up; then text in each
    of the ways in which programs send it."""
    script = Script()
    for divisor in DIVISORS:
        script.format(divisor, 3).text('poll', characters(5))
    for line_control in range(0, 256, 1 if long else 5):
        script.out(LCR, line_control & 0x7F)
        if line_control & 0x80:  # registers 0 and 1 are the divisor's for a moment
            script.out(LCR, line_control).out(DLL, line_control).out(DLM, 0, 1).out(LCR, line_control & 0x7F)
        script.text('poll', characters(2, line_control))
    for parameters in range(0, 256, 1 if long else 37):
        script.init(parameters).text('int14', characters(2, parameters))
    script.format(3, 3)
    for how in ('poll', 'outsb', 'int14', 'int10'):
        script.text(how, characters(2000 if long else 40))
    return script.put('end')


def transcript(on, size, long):
    script = every_way(long)
    ips, patience = pace(size)
    with Place() as place:
        server = Server(place, on=on)
        run = place.boot(script, f'batch={size} patience={patience} console=serial', place.front(), ips, 600)
        got = server.end()
        good = got == script.frames and run.clean and run.com1 == b''
        return [(good, f'{on}, batches of {size}: {len(script.uart.frames)} frames, each as the guest meant it',
                 pxhv.difference(got, script.frames, 4) + '\n' + run.log[-1500:])]


def sweep():
    """All of the divisors that a 16550 can have."""
    script = Script().sweep(1, 3).put('end')
    with Place() as place:
        server = Server(place)
        run = place.boot(script, 'patience=20', place.front(), 50000000, 300)
        got = server.end()
        return [(got == script.frames and run.clean, 'each of 65,535 divisors reaches the wire',
                 pxhv.difference(got, script.frames, 4) + run.log[-1500:])]


def transcripts():
    executors = ('ref', 'rtl', 'opencl', 'rtl,opencl')
    # A dispatch takes OpenCL as long as a batch of hundreds.
    cases = [(on, size, size >= 256 or size == 16 and 'opencl' not in on) for on in executors for size in (4096, 256, 16, 1)
             if pxhv.LONG]
    cases = cases or [('ref', 4096, True), ('ref', 256, False), ('ref', 16, False), ('ref', 1, False), ('rtl', 16, False),
                      ('rtl', 1, False), ('opencl', 256, False), ('opencl', 1, False), ('rtl,opencl', 4096, False)]
    there = {name for name in ('ref', 'rtl', 'opencl') if pxhv.have(name)}
    for on, size, _ in cases:
        if not set(on.split(',')) <= there:
            pxhv.skip(f'{on}, batches of {size}', f'{on} is not here (px devices)')
    pxhv.two_at_a_time(transcript, [case for case in cases if set(case[0].split(',')) <= there])
    if pxhv.LONG:
        pxhv.two_at_a_time(sweep, [()])


# ---- counts ----

WAYS = (  # name, how, characters, of a batch, most exits a character
    ('polled: `in`, `test`, `jz`, `out`', 'poll', 512, 1, 2.0),
    ('polled', 'poll', 2048, 16, 2.0),
    ('polled', 'poll', 8192, 256, 2.0),
    ('polled', 'poll', 8192, 1024, 2.0),
    ('polled', 'poll', 32768, 4096, 2.0),
    ('`rep outsb` of 4,096', 'outsb', 32768, 4096, 1 / 4096),
    ('INT 14h', 'int14', 16384, 4096, 1.0),
    ('INT 10h, `console=serial`', 'int10', 16384, 4096, 1.0))


@functools.cache
def count(how, number, size):
    """A run with so many characters: exits by I/O instructions, by calls of the BIOS, dispatches. A character leads,
    which leaves at once with its set-up, by request. Interrupts stay off: no tick is counted."""
    script = Script().format(1, 3).text('poll', b'.').request()
    for at in range(0, number, 4096):
        script.text(how, characters(min(4096, number - at)))
    script.put('end')
    with Place() as place:
        server = Server(place)
        ips, patience = pace(size)
        run = place.boot(script, f'batch={size} patience={patience} console=serial', place.front(), ips)
        got = server.end()
        if got != script.frames or not run.clean:
            raise RuntimeError(pxhv.difference(got, script.frames, 4) + run.log[-1500:])
        return run.exits(30), run.exits(18), run.serial('dispatches')


def counted(name, how, number, size, most):
    """Less what a run without these characters takes."""
    io, calls, dispatches = (some - none for some, none in zip(count(how, number, size), count('poll', 0, min(size, 1024))))
    exits = (calls if how.startswith('int') else io) / number
    cut = number * 0.001 if how == 'int10' else number / size  # by age: a screen that scrolls is slow
    row = f'| {name} | {size:,} | {number:,} | {exits:.4g} | {dispatches:,} | {dispatches / number:.2g} |'
    return [(exits <= most, f'{name}, batches of {size}: {exits:.6g} exits a character, at most {most:.6g}', ''),
            (number / size <= dispatches <= cut, f'{name}, batches of {size}: {dispatches} dispatches for {number} characters',
             f'expected {number / size}')], row


def counts():
    rows = []
    ways = WAYS if pxhv.LONG or sys.argv[1:] else [(name, how, number // 4, *limits) for name, how, number, *limits in WAYS]

    def one(*way):
        results, row = counted(*way)
        rows.append((ways.index(way), row))
        return results
    pxhv.two_at_a_time(one, ways)
    pxhv.note('| way | operations a batch | characters | exits a character | dispatches | dispatches a character |')
    pxhv.note('| --- | --- | --- | --- | --- | --- |')
    for _, row in sorted(rows):
        pxhv.note(row)


def main():
    pxhv.needs()
    parts = {'transcripts': transcripts, 'counts': counts}
    for part in sys.argv[1:] or parts:
        parts[part]()
    pxhv.finish()


main()
