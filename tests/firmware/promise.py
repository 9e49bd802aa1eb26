#!/usr/bin/env python3
# promise.py - LINK.md's promise, kept through pxHV: executors and servers that die or hang at every point of a batch, none
# at all, and ones that never answer. What was sent, what pxHV reports as in doubt and what took its own path are held
# against the text that the guest means. TAP; LONG=1 adds every wire, and deaths by chance for SOAK (60) seconds from SEED on.
import os, random, re, signal, socket, threading, time

import pxhv
from pxhv import Place, Script, Server

POINTS = ('before-run', 'in-run', 'after-run', 'in-emission', 'before-answer')
OUT = 20  # frames that are out when somebody dies in emission
BATCH = 64


def text(lines=24):
    """Numbered lines, so that no part of it is like another, in five formats."""
    script = Script()
    for i in range(lines):
        if i % 7 == 0:
            script.format((1, 12, 96, 0x180, 3)[i // 7 % 5], (0x03, 0x1B, 0x03, 0x0B, 0x07)[i // 7 % 5])
        script.text('poll', b'%05d of so many lines\r\n' % i)
    return script.put('end')


def fits(got, script, doubts, size, frames=None):
    """Whether got is all frames in order, each once, but of each range in doubt only the first so many, any number when
    frames is None; what is missing never stands outside of a range."""
    units = [f if size == 4 else f[:1] for f in script.uart.frames]
    at, done = {0}, 0
    for first, last in doubts + [(script.uart.operations, 0)]:
        inside = [i for i in range(done, len(units)) if script.uart.places[i] >= first]
        edge = inside[0] if inside else len(units)
        sure = b''.join(units[done:edge])
        at = {i + len(sure) for i in at if got[i:i + len(sure)] == sure}
        done = edge
        while done < len(units) and script.uart.places[done] <= last:
            done += 1
        unsure = b''.join(units[edge:done])
        lengths = range(0, len(unsure) + size, size) if frames is None else [min(size * frames, len(unsure))]
        at = {i + n for i in at for n in lengths if got[i:i + n] == unsure[:n]}
    return len(got) in at


def story(run, server=None):
    lines = [line for line in run.log.splitlines() if 'serial:' in line]
    return '\n'.join(lines + (server.log.splitlines()[-12:] if server else []))


class TooSoon(Exception):
    """pxHV has met no server, though one was there."""


def escalating(case):
    """Emulated time races where patience has to be short: on a busy machine even the first HELLO's may end. Then once
    more, with more of it."""
    def tried(*arguments):
        for factor in (1, 4, 16, 64):
            try:
                return case(factor, *arguments)
            except TooSoon as soon:
                last = soon
        raise last
    return tried


def verdict(name, run, server, checks):
    """One test: the checks that fail are its diagnostic."""
    if server and 'no executor (no answer)' in run.log:
        raise TooSoon(name + '\n' + run.log[-800:])
    checks = [('the emulator found something wrong, or the guest did not end', run.clean)] + checks
    failed = [what for what, good in checks if not good]
    return [(not failed, name, '\n'.join(failed) + '\n' + story(run, server))]


def sizes_of(wire):
    return 4 if wire == 'frames' else 1


def in_full(script, wire):
    return script.frames if wire == 'frames' else script.bytes


# ---- somebody dies at a point, and somebody is there again ----

def executor_ends(who, point, wire, spare):
    script = text()
    with Place() as place:
        server = Server(place, wire, tests=[f'{who}:{point}:4:{OUT}'],
                        options=['--timeout', '0.5'] + (['--spare', 'ref'] if spare else []))
        run = place.boot(script, f'batch={BATCH} patience=200', place.front())
        got = server.end()
        fate = 'gave no answer' if who == 'hang' else 'was ended by signal 9'
        refused = run.serial('refused')
        return verdict(
            f'{who} {point}, {wire}{", a spare" if spare else ""}: every frame once, nothing in doubt', run, server,
            [(pxhv.difference(got, in_full(script, wire), sizes_of(wire)), got == in_full(script, wire)),
             ('it did not happen', fate in server.log),
             ('pxHV took its own path', run.com1 == b'' and 'executor lost' not in run.log),
             ('pxHV reports doubt', run.doubts == [] and run.serial('in doubt') == 0),
             ('a batch was refused, or not, as expected', refused == 0 if spare else refused <= 1)])


@escalating
def server_ends(factor, point, wire):
    script = text()
    with Place() as place:
        server = Server(place, wire, tests=[f'server:{point}:4:{OUT}'], respawn=True)
        run = place.boot(script, f'batch={BATCH} patience={20 * factor}', place.front())
        got = server.end()
        remembers = wire == 'frames'
        doubts = run.doubts
        frames = {'in-emission': OUT, 'before-answer': BATCH}.get(point, 0)
        return verdict(
            f'server killed {point}, {wire}: ' +
            ('every frame once, nothing in doubt' if remembers else 'what is missing is in doubt, nothing comes twice'), run, server,
            [('it did not happen once', server.deaths == 1),
             ('the next server did not get the driver', len(re.findall(r'driver of \d+ pixels .* sent', run.log)) == 2),
             ('pxHV took its own path', run.com1 == b'' and 'executor lost' not in run.log),
             (f'in doubt: {doubts}', len(doubts) == (0 if remembers else 1) and run.serial('in doubt') == len(doubts)),
             ('a range in doubt is larger than a batch', all(b - a < BATCH for a, b in doubts)),
             (f'{len(got)} came of {len(in_full(script, wire))}', fits(got, script, doubts, sizes_of(wire), frames))])


@escalating
def server_pauses(factor, wire):
    """It stands still for a while, and pxHV repeats what had been heard."""
    script = text()
    with Place() as place:
        server = Server(place, wire)

        def pause():
            while len(place.read('wire')) < sizes_of(wire) * BATCH:
                time.sleep(0.001)
            os.kill(server.process.pid, signal.SIGSTOP)
            time.sleep(0.7)
            os.kill(server.process.pid, signal.SIGCONT)
        hand = threading.Thread(target=pause, daemon=True)
        hand.start()
        run = place.boot(script, f'batch={BATCH} patience={20 * factor}', place.front())
        hand.join(20)
        got = server.end()
        return verdict(f'a server that stands still for a while, {wire}: every frame once, nothing in doubt', run, server,
                       [(pxhv.difference(got, in_full(script, wire), sizes_of(wire)), got == in_full(script, wire)),
                        ('pxHV took its own path', run.com1 == b'' and 'executor lost' not in run.log),
                        (f'in doubt: {run.doubts}', not run.doubts)])


def runs_follow(count):
    """Under an emulator each run draws the same session."""
    script = text(10)
    with Place() as place:
        server = Server(place)
        runs = [place.boot(script, f'batch={BATCH} patience=200', place.front()) for _ in range(count)]
        got = server.end()
        return verdict(f'{count} runs of pxHV after each other with one server: every frame of each once', runs[-1], server,
                       [(pxhv.difference(got, count * script.frames, 4), got == count * script.frames),
                        ('in doubt', not any(run.doubts for run in runs))])


# ---- nobody is there, or not any more ----

def whole(script, run, wire, got):
    """The wire and then COM1, as bytes."""
    return (got[::4] if wire == 'frames' else got) + run.com1


def own_path(name, script, run, server, got, wire, doubts, started=True, frames=None):
    lost = f'serial: {"executor lost" if started else "no executor"}'
    return verdict(name, run, server,
                   [(f'pxHV never said "{lost}"', lost in run.log),
                    (f'in doubt: {run.doubts}', len(run.doubts) == doubts and all(b - a < BATCH for a, b in run.doubts)),
                    ('COM1 sent nothing', run.com1 != b''),
                    ('the wire and COM1 are not the text', fits(whole(script, run, wire, got), script, run.doubts, 1, frames))])


def nobody(kind):
    """No cable, a cable with nobody behind it, somebody who never says a word."""
    script = text()
    with Place() as place:
        port, listener = None, None
        if kind == 'a server that never answers':
            listener = socket.create_server(('127.0.0.1', 0))
            port = listener.getsockname()[1]
        elif kind != 'no cable':
            port = place.front()
        run = place.boot(script, f'batch={BATCH} patience=1', port)
        if listener:
            listener.close()
        return own_path(f'{kind}: pxHV says so and sends all of it itself', script, run, None, b'', 'frames', 0, False)


@escalating
def server_ends_for_good(factor, point, wire):
    script = text()
    with Place() as place:
        server = Server(place, wire, tests=[f'server:{point}:4:{OUT}'])
        run = place.boot(script, f'batch={BATCH} patience={factor}', place.front())
        got = server.end()
        frames = {'in-emission': OUT, 'before-answer': BATCH}.get(point, 0)
        return own_path(f'server killed {point} for good, {wire}: COM1 goes on behind what is in doubt', script, run, server, got,
                        wire, 1, frames=frames)


def executor_ends_for_good():
    """The executor is a machine behind a link, and is gone in mid-stream."""
    script = text()
    with Place() as place:
        machine = place.start('machine', pxhv.PX, 'serve', '--on', 'ref', '--listen', 'unix:' + place.file('machine-link'))
        place.told('machine', rb'listening on', machine)
        server = Server(place, 'frames', on='link:unix:' + place.file('machine-link'), options=['--timeout', '2'])

        def kill():
            while len(place.read('wire')) < 4 * BATCH:
                time.sleep(0.001)
            machine.kill()
        killer = threading.Thread(target=kill, daemon=True)
        killer.start()
        run = place.boot(script, f'batch={BATCH} patience=2000', place.front())
        got = server.end()
        return own_path('an executor that is gone for good: its batch and the rest take COM1, nothing in doubt', script, run, server,
                        got, 'frames', 0)


def two_guests():
    """Of two machines that begin alike, with other disks, one has the wire, and the other is told so."""
    first = Script().format(1, 3).text('poll', b'the first\r\n').echo(1).put('end')  # waits for a character
    second = Script().format(1, 3).text('poll', b'the second\r\n').put('end')
    with Place() as place, Place() as other:
        server, runs = Server(place, 'port'), []
        thread = threading.Thread(target=lambda: runs.append(place.boot(first, 'patience=2000', place.front())), daemon=True)
        thread.start()
        place.told('serve0', rb'session (\w+) has the wire', server.process)
        late = other.boot(second, 'patience=2000', other.front('unix:' + place.file('link')))
        os.write(server.master, b'x')
        thread.join()
        got = server.end()
        return verdict('two guests at once: the second is told, and takes its COM1', late, server,
                       [('the first did not end', runs and runs[0].clean),
                        ('it was not told', 'another session owns the wire' in late.log),
                        (f'the wire has {got!r}', got == b'the first\r\nx'),
                        (f'COM1 has {late.com1!r}', late.com1 == b'the second\r\n')])


# ---- by chance ----

def soak(seed):
    """Servers and executors die one after the other at points, batches and sizes by chance."""
    chance = random.Random(seed)
    batch = chance.choice((1, 3, 16, 64, 200, 256, 1000))
    wire = chance.choice(('frames', 'stdout', 'port'))
    script = text(chance.randint(40, 300) if batch > 3 else 20)
    tests = []
    for _ in range(chance.randint(1, 6)):
        who = chance.choice(('server', 'server', 'server', 'executor', 'hang'))
        last = max(1, min(12, script.uart.operations // batch // 2))
        tests.append(f'{who}:{chance.choice(POINTS)}:{chance.randint(1, last)}:{chance.randint(0, batch)}')
        if who != 'server':
            break  # this server lives, so that none takes its place
    with Place() as place:
        server = Server(place, wire, tests=tests, respawn=True,
                        options=['--timeout', '1'] + (['--spare', 'ref'] if chance.random() < 0.5 else []))
        run = place.boot(script, f'batch={batch} patience=200', place.front(), seconds=300)
        got = server.end()
        doubts = run.doubts
        return verdict(
            f'seed {seed}: batches of {batch}, {wire}, {" ".join(tests)}', run, server,
            [('pxHV took its own path', run.com1 == b'' and 'executor lost' not in run.log),
             (f'in doubt: {doubts}', len(doubts) <= server.deaths and (wire != 'frames' or not doubts)),
             ('a range in doubt is larger than a batch', all(b - a < batch for a, b in doubts)),
             (f'{len(got)} came of {len(in_full(script, wire))}', fits(got, script, doubts, sizes_of(wire)))])


def main():
    pxhv.needs()
    wires = ('frames', 'stdout', 'port', 'pty') if pxhv.LONG else ('frames', 'stdout')
    pxhv.two_at_a_time(executor_ends, [(who, point, wire, spare) for who in ('executor', 'hang') for point in POINTS
                                       for wire in wires for spare in (False, True)
                                       if pxhv.LONG or wire == ('stdout' if spare else 'frames') and
                                       (not spare or who == 'executor' and point in ('in-run', 'after-run'))])
    pxhv.two_at_a_time(server_ends, [(point, wire) for point in POINTS for wire in wires if wire != 'pty'])
    pxhv.two_at_a_time(server_pauses, [('frames',), ('stdout',)])
    pxhv.two_at_a_time(runs_follow, [(3,)])
    pxhv.two_at_a_time(nobody, [(kind,) for kind in ('no cable', 'nobody behind the cable', 'a server that never answers')])
    pxhv.two_at_a_time(server_ends_for_good, [(point, wire) for point in POINTS for wire in ('frames', 'stdout')
                                              if pxhv.LONG or (point, wire) in (('before-run', 'frames'), ('in-emission', 'stdout'))])
    pxhv.two_at_a_time(executor_ends_for_good, [()])
    pxhv.two_at_a_time(two_guests, [()])
    if pxhv.LONG:
        first, end = int(os.environ.get('SEED', '1')), time.monotonic() + float(os.environ.get('SOAK', '60'))
        while time.monotonic() < end:
            pxhv.two_at_a_time(soak, [(seed,) for seed in range(first, first + 8)])
            first += 8
    pxhv.finish()


main()
