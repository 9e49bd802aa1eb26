"""socket_names.py - names of Unix sockets, of all that makes one: a name is taken from the dead and from nobody else, and each takes only
its own away. TAP; from the repository root."""
import os
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, "tests")
import tap

PX = os.environ.get("PX", "build/px")
OS = os.environ.get("OS", "build/os.pxi")
FOLDER = tempfile.TemporaryDirectory(prefix="pxn")
NAME = f"{FOLDER.name}/name"
COMMANDS = {
    "px serve": [PX, "serve", "--on", "ref", "--listen", f"unix:{NAME}"],
    "px pci": [PX, "pci", OS, "--on", "ref", "--listen", f"unix:{NAME}"],
    "px os": [PX, "os", "--on", "ref", "--net", f"unix:{NAME}", "--save", f"{FOLDER.name}/saved.pxi"],
}
IN_THE_WAY = "something of that name is there already"


def file_of():
    try:
        about = os.lstat(NAME)
        return about.st_ino, about.st_ctime_ns
    except FileNotFoundError:
        return None


def start(command):
    """A process that has made a file of that name since. Its number alone may be that of the last one."""
    before = file_of()
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    for _ in range(600):
        if file_of() not in (None, before) or process.poll() is not None:
            break
        time.sleep(0.05)
    return process


def end(process, by=signal.SIGTERM):
    process.send_signal(by)
    return process.communicate(timeout=60)[1]


def refused(command):
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
    return done.returncode == 2 and IN_THE_WAY in done.stderr, done.stderr


def check(what, command):
    first = start(command)
    tap.result(file_of() is not None, f"{what} makes its socket")
    good, said = refused(command)
    tap.result(good, f"{what}: a second one is refused", said)
    os.unlink(NAME)
    second = start(command)
    end(first)
    tap.result(file_of() is not None, f"{what}: one that ends leaves the socket of another")
    end(second)
    tap.result(file_of() is None, f"{what}: and that one takes it away", os.listdir(FOLDER.name))

    dead = start(command)
    end(dead, signal.SIGKILL)
    left = file_of()
    heir = start(command)
    tap.result(left is not None and file_of() not in (None, left), f"{what}: what a dead one left is replaced")
    end(heir)

    with open(NAME, "w") as file:
        file.write("somebody's")
    good, said = refused(command)
    tap.result(good and open(NAME).read() == "somebody's", f"{what}: a file of that name stays", said)
    os.unlink(NAME)
    tap.result([name for name in os.listdir(FOLDER.name) if name.startswith("name")] == [], f"{what}: nothing is left behind",
               os.listdir(FOLDER.name))


for what, command in COMMANDS.items():
    check(what, command)
tap.finish()
