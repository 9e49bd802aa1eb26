#!/usr/bin/env python3
"""terminal.py PX OS.PXI - pxOS on a terminal: keys are typed, and what is on the screen then is looked at. TAP."""
import fcntl
import os
import pty
import re
import select
import struct
import sys
import tempfile
import termios
import time

ROWS, COLUMNS = 24, 80


class Screen:
    """What a terminal shows: as much of ECMA-48 as pxOS' programs use; anything else is an error."""

    def __init__(self):
        self.rows = [[" "] * COLUMNS for _ in range(ROWS)]
        self.row = self.column = 0
        self.rest = ""

    def erase(self, row, first, last):
        for column in range(first, last):
            self.rows[row][column] = " "

    def control(self, numbers, letter):
        n = [int(number or 0) for number in numbers.lstrip("?").split(";")]
        if letter == "H":
            self.row, self.column = max(n[0], 1) - 1, max((n + [0])[1], 1) - 1
        elif letter == "K":
            self.erase(self.row, self.column, COLUMNS)
        elif letter == "J":
            for row in range(0 if n[0] == 2 else self.row, ROWS):
                self.erase(row, self.column if row == self.row and n[0] == 0 else 0, COLUMNS)
        elif letter == "D":
            self.column = max(self.column - max(n[0], 1), 0)
        elif letter not in "mhl":
            raise ValueError("ESC [ %s %s" % (numbers, letter))

    def line_feed(self):
        if self.row == ROWS - 1:
            self.rows = self.rows[1:] + [[" "] * COLUMNS]
        else:
            self.row += 1

    def show(self, text):
        text = self.rest + text
        at = 0
        while at < len(text):
            c = text[at]
            if c == "\x1b":
                found = re.match(r"\x1b\[([?0-9;]*)([A-Za-z])", text[at:])
                if not found:
                    break
                self.control(found.group(1), found.group(2))
                at += found.end()
                continue
            if c == "\n":
                self.line_feed()
            elif c == "\r":
                self.column = 0
            elif c == "\b":
                self.column = max(self.column - 1, 0)
            else:
                self.rows[self.row][min(self.column, COLUMNS - 1)] = c
                self.column += 1
            at += 1
        self.rest = text[at:]

    def lines(self):
        return ["".join(row).rstrip() for row in self.rows]


class System:
    def __init__(self, px, *words):
        self.screen = Screen()
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execv(px, [px, "os", *words])
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))

    def wait(self, wanted, seconds=20):
        """Until wanted() is so; whether it is. At the end of the system it is asked once more."""
        end = time.monotonic() + seconds
        while not wanted():
            if time.monotonic() > end:
                return False
            if select.select([self.fd], [], [], 0.1)[0]:
                try:
                    self.screen.show(os.read(self.fd, 65536).decode(errors="replace"))
                except OSError:
                    return wanted()
        return True

    def type(self, keys):
        os.write(self.fd, keys.encode())

    def end(self):
        self.wait(lambda: False, 1)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])

    def at_cursor(self, text, row=None):
        """The line with the cursor is this one, and the cursor is behind it."""
        line = self.screen.lines()[min(self.screen.row, ROWS - 1)]
        return line == text.rstrip() and self.screen.column == len(text) and (row is None or row == self.screen.row)


number = 0


def result(good, name, screen):
    global number
    number += 1
    print("%sok %d - %s" % ("" if good else "not ", number, name))
    if not good:
        print("".join("# |%s\n" % line for line in screen.lines() if line), end="")
    sys.stdout.flush()


def goes_on(px, picture, saved):
    """A system that Ctrl-] q has saved shows, on the next terminal, what it has shown."""
    system = System(px, picture, "--save", saved)
    system.wait(lambda: system.at_cursor("/$ "))
    system.type("X=5; echo half")
    system.wait(lambda: system.at_cursor("/$ X=5; echo half"))
    system.type("\x1dq")
    result(system.end() == 3, "Ctrl-] q saves the system", system.screen)
    system = System(px, saved, "--save", saved, "--on", "ref")
    result(system.wait(lambda: system.at_cursor("/$ X=5; echo half")), "the begun line is there when it goes on", system.screen)
    system.type(" done $X\r")
    result(system.wait(lambda: "half done 5" in system.screen.lines()), "and goes on, too", system.screen)
    for program, keys, wanted in (("edit /tmp/x\r", "a text", ["a text", "~"]), ("cat\r", "begun", ["begun", ""])):
        system.type(program)
        system.wait(lambda: system.screen.column == 0)
        system.type(keys)
        system.wait(lambda: keys in system.screen.lines())
        system.type("\x1dq")
        system.end()
        system = System(px, saved, "--save", saved)
        result(system.wait(lambda: system.screen.lines()[:2] == wanted), "so is what is typed into " + program.split()[0], system.screen)
        system.type("\x13\x11" if program[0] == "e" else "\r\x04")
        system.wait(lambda: system.at_cursor("/$ "))
    system.type("exit 6\r")
    result(system.end() == 6, "and its end is the shell's", system.screen)


def main():
    if not os.path.exists(sys.argv[2]):
        print("1..0 # SKIP %s is not here: what it is made with is missing" % sys.argv[2])
        return
    system = System(sys.argv[1], sys.argv[2])
    screen = system.screen

    def prompt(folder="/", typed=""):
        return lambda: system.at_cursor(folder + "$ " + typed)

    def above(*lines):
        """What is above the line with the cursor."""
        return tuple(screen.lines()[screen.row - len(lines) : screen.row]) == lines

    def step(name, keys, wanted, *lines):
        before = screen.row if "$ " in screen.lines()[screen.row] and keys[-1] == "\r" else -1  # a command's answer is below it
        system.type(keys)
        good = system.wait(lambda: (screen.row != before or before == ROWS - 1) and wanted() and (not lines or above(*lines)))
        result(good, name, screen)

    result(system.wait(prompt()), "a prompt", screen)
    step("a name that Tab completes", "ech\t", prompt(typed="echo "))
    step("a line", "one two\r", prompt(), "one two")
    step("keys within a line", "echo XY\x1b[D\x1b[D12\x05\x7fZ\x01\x1b[C\x1b[C\x04c\x05", prompt(typed="ecco 12XZ"))
    step("a line that is given up", "\x03", prompt(), "/$ ecco 12XZ^C")
    step("the line before", "\x1b[A", prompt(typed="echo one two"))
    step("its last word goes", "\x17three\r", prompt(), "one three")
    step("a folder that Tab completes", "cd /ho\t\r", prompt("/home"))
    step("names that Tab lists", "cat /disk\t\t\x15", prompt("/home"), "disk0/  disk1/  disk2/  disk3/")
    step("what ends within a line stays", "echo -n open\r", prompt("/home"), "open")
    step("a name that needs a backslash", "mkdir '/tmp/a b'; echo y > '/tmp/a b/it'\r", prompt("/home"))
    step("gets one", "cat /tmp/a\t\t", prompt("/home", "cat /tmp/a\\ b/it "))
    step("and is meant", "\r", prompt("/home"), "y")
    step("Ctrl-C ends a program", "rm -r '/tmp/a b'; cd /; clear-not-there; sleep 100\r", lambda: above("sh: clear-not-there: not found"))
    step("and the shell goes on", "\x03", prompt(), "^C")
    step("its status", "echo $?\r", prompt(), "130")
    step("Ctrl-C ends a loop, and a pipe", "while true; do yes | cat; done\r", lambda: above("y", "y", "y"))
    step("and the shell goes on then", "\x03", prompt())
    step("no process is left", "ps | grep -c yes\r", prompt(), "0")
    step("a script's program ends with it", "echo sleep 99 > /tmp/s; sh /tmp/s\r", lambda: screen.column == 0)
    step("by Ctrl-C", "\x03", prompt(), "^C")
    step("and nothing of it is left", "ps | grep -c sleep\r", prompt(), "0")
    step("a program that reads lines", "cat\r", lambda: screen.column == 0)
    step("which are edited", "hellp\x7fo\r", lambda: above("hello", "hello"))
    step("and end with Ctrl-D", "\x04", prompt())
    step("what is behind &", "sleep 60 &\r", prompt())
    step("is a job", "jobs\r", prompt(), "[1] runs  sleep 60")
    step("which fg waits for", "fg\r", lambda: above("sleep 60"))
    step("and Ctrl-C ends", "\x03", prompt(), "^C")

    step("edit", "edit /tmp/text\r", lambda: screen.lines()[ROWS - 1] == "A new file." and (screen.row, screen.column) == (0, 0))
    step("what is typed", "first\rthird\x1b[A\x05\rsecond", lambda: screen.lines()[:4] == ["first", "second", "third", "~"])
    step("its place", "\x1b[H", lambda: (screen.row, screen.column) == (1, 0) and screen.lines()[22] == " /tmp/text (changed)  line 2, column 1")
    step("a line is cut", "\x0b", lambda: screen.lines()[:3] == ["first", "third", "~"])
    step("and put in twice", "\x15\x15", lambda: screen.lines()[:5] == ["first", "second", "second", "third", "~"])
    step("a text is found", "\x06thi\r", lambda: (screen.row, screen.column) == (3, 0) and screen.lines()[23] == "Found, from the begin on.")
    step("it is saved", "\x13", lambda: screen.lines()[23] == "Saved." and screen.lines()[22] == " /tmp/text  line 4, column 1")
    step("the end is asked for", "x\x11", lambda: screen.lines()[23].startswith("It is not saved."))
    step("twice", "\x11", prompt())
    step("what the file is", "cat /tmp/text; echo .\r", prompt(), "first", "second", "second", "third.")
    step("a loop that writes a file", "i=0; while [ $i -lt 60 ]; do i=$((i+1)); echo line $i >> /tmp/long; done; echo $i\r", prompt(), "60")
    step("lines below the screen", "edit /tmp/long\r", lambda: screen.lines()[0] == "line 1" and screen.lines()[21] == "line 22")
    step("are scrolled to", "\x1b[6~\x1b[6~", lambda: (screen.row, screen.lines()[21]) == (21, "line 45"))
    step("a line by its number", "\x0730\r", lambda: screen.lines()[screen.row] == "line 30")
    step("and left", "\x11", prompt())
    step("forth", "forth\r", lambda: screen.column == 0)
    step("an answer", ": sq dup * ; 12 sq .\r", lambda: above(": sq dup * ; 12 sq .", "144  ok"))
    step("its end", "bye\r", prompt())
    step("fm", "mkdir /tmp/d; cd /tmp/d; echo x > a; echo y > b; fm\r", lambda: screen.lines()[:3] == [" /tmp/d", "         2  a", "         2  b"])
    step("copies", "\x1b[Bcz\r", lambda: screen.lines()[3] == "         2  z")
    step("and removes", "dy\r", lambda: screen.lines()[2:4] == ["         2  z", ""])
    step("goes up", "\x1b[D", lambda: screen.lines()[:2] == [" /tmp", "         /  d"])
    step("and ends", "q", prompt("/tmp/d"))
    step("what is there then", "ls; cd /\r", prompt(), "a", "z")
    step("top", "top\r", lambda: screen.lines()[1].startswith("    pid  state"))
    step("which q ends", "q", prompt())
    system.type("exit 5\r")
    result(system.end() == 5, "the end, with the shell's status", screen)
    with tempfile.TemporaryDirectory() as folder:
        goes_on(sys.argv[1], sys.argv[2], os.path.join(folder, "saved.pxi"))
    print("1..%d" % number)


if __name__ == "__main__":
    main()
