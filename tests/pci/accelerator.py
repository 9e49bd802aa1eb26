"""accelerator.py - what the suites of this folder share: running px pci."""
import os
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
import tap

PX = os.path.abspath(os.environ.get('PX', 'build/px'))
folder = tempfile.TemporaryDirectory()
started = []


def path(name):
    return os.path.join(folder.name, name)


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
    tap.finish()
