"""tap.py - what the suites of this folder share: results, and running px pci."""
import os
import subprocess
import sys
import tempfile
import time

PX = os.path.abspath(os.environ.get('PX', 'build/px'))
folder = tempfile.TemporaryDirectory()
count = bad = 0
started = []


def path(name):
    return os.path.join(folder.name, name)


def result(ok, name, *details):
    global count, bad
    count += 1
    bad += not ok
    print(('ok' if ok else 'not ok'), count, '-', name, flush=True)
    if not ok:
        for detail in details:
            print('\n'.join('# ' + line for line in str(detail)[-2000:].split('\n')))


def skip(why):
    print('1..0 # SKIP ' + why)
    sys.exit(0)


def until(what, seconds=20):
    """The first true value of what()."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = what()
        if value:
            return value
        time.sleep(0.01)
    return None


def start(*command, **how):
    how = {'stdin': subprocess.DEVNULL, 'stdout': subprocess.PIPE, 'stderr': subprocess.PIPE, 'text': True, **how}
    process = subprocess.Popen(command, **how)
    started.append(process)
    return process


def accelerator(program, *options, name='socket', **how):
    """px pci, listening, and the socket."""
    socket = path(name)
    process = start(PX, 'pci', program, '--listen', 'unix:' + socket, *options, **how)
    until(lambda: os.path.exists(socket) or process.poll() is not None)
    return process, socket


def ended(process, seconds=20):
    """Its status, standard output and standard error."""
    try:
        out, err = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        out, err = process.communicate()
        return 'hangs', out, err
    return process.returncode, out, err


def finish():
    for process in started:
        if process.poll() is None:
            process.kill()
            process.communicate()
    print('1..%d' % count)
    sys.exit(bad > 0)
