#!/usr/bin/env python3
"""wrong.py - executors that are wrong on purpose: wrong.py HOW INPUT OUTPUT BUDGET.

Each does what pxvm.py does, and then one thing that it should not. self.sh shows that `px conformance` tells what.
"""
import os
import signal
import sys
import time

import pxvm


def tampered(change):
    """Runs honestly, then changes the words of the saved state; change returns the picture's height or None."""

    def run(arguments):
        status = pxvm.main(arguments)
        if status == 0:
            w, h, words = pxvm.png_read(arguments[2])
            pxvm.png_write(arguments[2], w, change(w, h, words) or h, words)
        return status

    return run


def flip_pixel(_w, _h, words):
    words[-1] ^= 0x01000000


def flip_register(_w, _h, words):
    words[10 + 200] ^= 1


def lie_about_retired(_w, _h, words):
    words[9] += 1


def impossible_pc(_w, _h, words):
    words[4] = 0xFFFFFF


def lose_a_row(w, h, words):
    words[3] -= 1
    del words[-w:]
    return h - 1


def only_the_image(w, h, words):
    rows = -(-266 // w)
    del words[: rows * w]
    return h - rows


def one_less(arguments):
    return pxvm.main(arguments[:3] + [str(max(0, int(arguments[3]) - 1))])


def write_bytes(make):
    def run(arguments):
        status = pxvm.main(arguments)
        if status == 0:
            with open(arguments[2], "rb") as file:
                data = file.read()
            with open(arguments[2], "wb") as file:
                file.write(make(data))
        return status

    return run


def accept(arguments):
    if pxvm.main(arguments) == 2:
        pxvm.png_write(arguments[2], *pxvm.Machine(pxvm.V1, 16, 8, [0] * 128).save())
    return 0


def refuse_and_write(arguments):
    pxvm.main(arguments)
    print("no", file=sys.stderr)
    return 2


def leave_a_directory(arguments):
    os.mkdir(arguments[2])
    return 0


def die(_arguments):
    os.kill(os.getpid(), signal.SIGSEGV)
    return 0


def complain(status, text):
    def run(_arguments):
        print(text, file=sys.stderr, end="")
        return status

    return run


HOW = {
    "honest": pxvm.main,
    "pixel": tampered(flip_pixel),
    "register": tampered(flip_register),
    "retired": tampered(lie_about_retired),
    "pc": tampered(impossible_pc),
    "row": tampered(lose_a_row),
    "image": tampered(only_the_image),
    "early": one_less,
    "trash": write_bytes(lambda data: bytes(range(256)) * 40),
    "short": write_bytes(lambda data: data[:-9]),
    "surplus": write_bytes(lambda data: data + b"\0"),
    "empty": write_bytes(lambda data: b""),
    "accepts": accept,
    "refuses": complain(2, "not today\n"),
    "mute": complain(2, ""),
    "both": refuse_and_write,
    "silent": complain(0, ""),
    "fails": complain(1, "first line\nthe second line\x07\n"),
    "directory": leave_a_directory,
    "dies": die,
    "hangs": lambda arguments: time.sleep(1000),
}

if __name__ == "__main__":
    sys.exit(HOW[sys.argv[1]](sys.argv[1:]))
