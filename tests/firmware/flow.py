#!/usr/bin/env python3
# flow.py - when batches leave pxHV, that the guest runs meanwhile, is held when both batches are full, and loses nothing
# of what it receives: against an endpoint written here from LINK.md, which sees each batch, and against px serve. TAP.
import os, socket, sys, threading, time

import pxhv
from pxhv import EMU, Place, Script, Server, THR

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '../link'))
import pxlink  # noqa: E402


SPIN = 1 if EMU == 'bochs' else 32  # thousands of instructions in a millisecond, where a machine is at its slowest


class Endpoint:
    """Behind the machine's COM2 itself: takes batches, remembers them, answers when delay(number) seconds have gone by, saying
    BUSY meanwhile, and gives what has been typed within the credit."""

    def __init__(self, delay=lambda number: 0, typed=b''):
        self.batches, self.empty, self.credits, self.typed, self.total = [], 0, [], typed, 0
        self.delay, self.last, self.overdrawn = delay, 0, False
        self.listener = socket.create_server(('127.0.0.1', 0))
        self.port = self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    @property
    def bytes(self):
        return bytes(o & 255 for b in self.batches for o in b if o >> 24 == 1)

    @property
    def sizes(self):
        """Characters of each batch."""
        return [sum(o >> 24 == 1 for o in b) for b in self.batches]

    def serve(self):
        peer, _ = self.listener.accept()
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        data = b''
        while True:
            try:
                some = peer.recv(65536)
            except OSError:
                return
            if not some:
                return
            peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
            *pieces, data = (data + some).split(b'\0')
            for piece in filter(None, pieces):
                frame = pxlink.decode(piece)
                if frame:
                    self.answer(peer, *frame)

    def answer(self, peer, kind, sequence, words):
        if kind == pxlink.HELLO:
            reply = (0x014C5850, 1 | 1 << 18, 1 << 20, 8192, 0, 0, 0, 0, 0, 1, self.last, self.total, 0, 4097, 1024, 0, 0)
            peer.sendall(pxlink.encode(kind | 0x80, sequence, reply))
        elif kind == pxlink.BATCH:
            peer.sendall(pxlink.encode(kind | 0x80, sequence, self.take(words, lambda: peer.sendall(
                pxlink.encode(pxlink.BUSY, sequence)))))

    def take(self, words, busy):
        number, credit, operations = words[2], words[7], words[10:]
        if number == self.last:
            return self.done
        until = time.monotonic() + self.delay(number)
        while time.monotonic() < until:
            busy()
            time.sleep(0.02)
        self.last = number
        if operations:
            self.batches.append(operations)
        else:
            self.empty += 1
        self.credits.append(credit)
        given, self.typed = self.typed[:credit], self.typed[credit:]
        self.total += sum(o >> 24 == 1 for o in operations)
        self.done = (number, len(operations), self.total, 0, 0, words[8], len(given), *given)
        return self.done

    def end(self):
        self.listener.close()
        self.thread.join(5)


def with_endpoint(name, script, options, checks, ips=1000000, **endpoint):
    """checks(endpoint, run) says what is wrong."""
    with Place() as place:
        end = Endpoint(**endpoint)
        run = place.boot(script.put('end'), options + ' patience=1000', end.port, ips, driver=False)
        end.end()
        wrong = [] if run.clean else ['the run']
        wrong += checks(end, run)
        return [(not wrong, name, '\n'.join(map(str, wrong)) + f'\nbatches of {end.sizes}\n{run.log[-800:]}')]


def text(count):
    return bytes(32 + i % 95 for i in range(count))


def boundaries(name, script, wanted, ips=1000000, batch=4096):
    """wanted: characters of each batch."""
    return with_endpoint(f'{name}: batches of {wanted if len(wanted) < 9 else "..."} characters', script, f'batch={batch}',
                         lambda end, run: [('sizes', end.sizes)] * (end.sizes != wanted) +
                         [('text', end.bytes)] * (end.bytes != script.bytes), ips)


def leaves():
    """When a batch leaves."""
    status = Script()
    for byte in text(10):
        status.text('poll', bytes([byte]))
        for _ in range(200):
            status.read(5)
    return [
        ('full, 40 operations of which the first is a set-up', Script().text('outsb', text(100)), [39, 40, 21], 5000000, 40),
        ('HLT', Script().text('outsb', text(7)).wait(10).text('outsb', text(9)).wait(10).text('outsb', text(11)), [7, 9, 11],
         50000000),
        ('a gap of more than 10 ms', Script().text('outsb', text(7)).spin(20 * SPIN).text('outsb', text(9)).spin(20 * SPIN), [7, 9]),
        ('the end of the guest', Script().text('poll', text(5)), [5]),
        ('a request', Script().text('outsb', text(4)).request().text('outsb', text(6)).request().request(), [4, 6]),
        ('reset', Script().text('poll', text(6)).reset().text('poll', text(8)), [6, 8]),
        ('2,000 reads of line status within 10 ms', status, [10], 50000000)]


def age():
    """A character each 2 ms or more, and less than 10: no gap, and the oldest is sent after 250 ms."""
    script = Script()
    for byte in text(400):
        script.out(THR, byte).spin(SPIN)
    return with_endpoint('an age of 250 ms: a steady trickle leaves in batches of at most 125 characters', script, 'batch=4096',
                         lambda end, run: [] if end.bytes == script.bytes and max(end.sizes) <= 125 and
                         4 <= len(end.sizes) <= 20 else ['sizes'])


def both_full():
    script = Script().text('poll', text(64 * 8))
    return with_endpoint(
        'the guest fills a batch while another is under way, is held when both are full, and loses nothing', script, 'batch=64',
        lambda end, run: [f'stalls {run.serial("stalls")}, batches {end.sizes}'] * (
            not (run.serial('stalls') >= 1 and end.bytes == script.bytes and end.sizes[:8] == [63] + [64] * 7)),
        5000000, delay=lambda number: 0.5 if number == 3 else 0)


def idle():
    """91 ticks of 54.9 ms are 5 s; a batch each 10 ms at most."""
    script = Script().text('poll', b'x').wait(91)
    return with_endpoint('an idle guest asks for characters at most each 10 ms', script, 'batch=64', lambda end, run: [
        f'{end.empty} empty batches, {end.sizes}'] * (not 5 <= end.empty <= 502 or end.sizes != [1]))


def credit():
    """3,000 characters wait while the guest sleeps; then it reads them, in small bites."""
    typed = pxlink.random.Random(5).randbytes(3000)
    script = Script().text('poll', b'x').wait(40).echo(3000)
    return with_endpoint('characters come within the credit, and none is lost while the guest sleeps', script, 'batch=64', lambda end, run: [
        f'credits {sorted(set(end.credits))}'] * (max(end.credits) != 1024 or min(end.credits) > 16) +
        [pxhv.difference(end.bytes, b'x' + typed)] * (end.bytes != b'x' + typed), 5000000, typed=typed)


def typed_ahead():
    """px serve keeps 4,096 characters, whoever reads them, and whenever."""
    typed = pxlink.random.Random(6).randbytes(10000)
    script = Script().text('poll', b'ready').wait(3000).echo(4096).put('end')
    with Place() as place:
        server = Server(place, 'pty')

        def hands():
            if pxlink.until(lambda: server.received.startswith(b'ready'), 60):
                left = typed
                while left:
                    left = left[os.write(server.far, left[:512]):]
        typist = threading.Thread(target=hands, daemon=True)
        typist.start()
        run = place.boot(script, 'batch=4096 patience=1000', place.front(), 5000000)
        typist.join(10)
        got = server.end()
        return [(run.clean and got == b'ready' + typed[:4096],
                 'of 10,000 characters typed while the guest sleeps, the first 4,096 come in order',
                 pxhv.difference(got, b'ready' + typed[:4096]) + run.log[-800:])]


def main():
    pxhv.needs()
    pxhv.two_at_a_time(boundaries, leaves())
    for test in (age, both_full, idle, credit, typed_ahead):
        pxhv.two_at_a_time(test, [()])
    pxhv.finish()


main()
