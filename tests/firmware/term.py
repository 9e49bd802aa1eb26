#!/usr/bin/env python3
"""term.py - px term --taken: keys for a machine whose keyboard has little room go one by one, each when the scan codes of the
one before have been taken. TAP."""
import os
import select
import socket
import subprocess
import tempfile

px = os.environ.get('PX', 'build/px')
count = bad = 0


def result(good, name, what=''):
    global count, bad
    count += 1
    bad += not good
    print(f'{"ok" if good else "not ok"} {count} - {name}')
    if not good:
        print('#', what)


with tempfile.TemporaryDirectory() as folder:
    taken = os.path.join(folder, 'taken')
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(os.path.join(folder, 'keyboard'))
    listener.listen()
    open(taken, 'wb').write(b'\x06\x06')  # of before
    term = subprocess.Popen([px, 'term', '--taken', taken, 'unix:' + os.path.join(folder, 'keyboard')], stdin=subprocess.PIPE,
                            stdout=subprocess.DEVNULL)
    keyboard, _ = listener.accept()

    def came(patience):
        """What comes within so many seconds, and nothing more for a moment."""
        text = b''
        while select.select([keyboard], [], [], patience)[0]:
            text += keyboard.recv(4096)
            patience = 0.3
        return text

    def take(scan_codes):
        with open(taken, 'ab') as file:
            file.write(b'pxhv: a line\n' + b'\x06' * scan_codes)

    term.stdin.write(b'aB\xc3\xa4\x1b[A' + b'cd\r')
    term.stdin.flush()
    first = came(30)
    result(first == b'a', 'the first key goes at once, the next waits', first)
    take(1)
    half = came(0.3)
    take(1)
    second = came(30)
    result(half == b'' and second == b'B', 'until both scan codes have been taken', half + second)
    take(2)
    half = came(0.3)
    take(2)
    third = came(30)
    result(half == b'' and third == b'\x1b[A', 'shift has two of its own; a cursor key is one; what no key sends is left out', half + third)
    take(2)
    fourth = came(30)
    take(2)
    fifth = came(30)
    take(2)
    sixth = came(30)
    result((fourth, fifth, sixth) == (b'c', b'd', b'\r'), 'and so on, to the end', (fourth, fifth, sixth))
    term.stdin.write(b'\x00x')  # perhaps no key
    term.stdin.flush()
    take(2)
    seventh = came(1) + came(30)
    result(seventh == b'\x00x', 'a character that may be no key is not waited for without end', seventh)
    keyboard.close()
    term.stdin.close()
    result(term.wait(30) is not None, 'it ends when the other end hangs up')
    told = subprocess.run([px, 'term', '--taken', os.path.join(folder, 'none'), 'unix:x'], capture_output=True, text=True)
    result(told.returncode != 0 and 'none: cannot read it' in told.stderr, 'a file that there is not is told', told.stderr)
print(f'1..{count}')
raise SystemExit(bad > 0)
