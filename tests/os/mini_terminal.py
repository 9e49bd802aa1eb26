#!/usr/bin/env python3
"""mini_terminal.py PX OS-MINI.PXI - the mini system's shell on a terminal: lines that are edited, Ctrl-C, the end of input. TAP."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from tap import finish, result, skip  # noqa: E402
from terminal import System  # noqa: E402


def main():
    if not os.path.exists(sys.argv[2]):
        skip(f"{sys.argv[2]} is not here: what it is made with is missing")
    system = System(sys.argv[1], sys.argv[2])

    def lines():
        return [line for line in system.screen.lines() if line]

    def step(name, keys, *last):
        """What is typed, and the screen's last lines then."""
        system.type(keys)
        good = system.wait(lambda: lines()[-len(last):] == list(last), 10)
        result(good, name, "\n".join(lines()))

    step("a prompt", "", "$")
    step("a line", "echo one two\r", "$ echo one two", "one two", "$")
    step("Backspace", "echo onf\x7fe\r", "$ echo one", "one", "$")
    step("a line that is begun anew by Ctrl-U", "nonsense\x15echo here\r", "$ echo here", "here", "$")
    step("a program that waits", "sleep 1000\r", "$ sleep 1000")
    step("Ctrl-C ends it", "\x03", "$ sleep 1000", "^C", "$")
    step("with its status", "echo $?\r", "$ echo $?", "130", "$")
    step("a pipe, and Ctrl-C", "sleep 1000 | cat\r", "$ sleep 1000 | cat")
    step("ends both", "\x03", "^C", "$")
    step("no process is left", "ps | wc\r", "$ ps | wc", "      3      15     128", "$")
    step("a program that reads lines", "cat\r", "$ cat")
    step("of which each is edited", "helx\x7flo\r", "$ cat", "hello", "hello")
    step("and Ctrl-D is its end", "\x04", "hello", "$")
    step("a job", "sleep 1000 &\r", "$ sleep 1000 &", "$")
    step("Ctrl-C at the prompt gives the line up, and the job goes on", "nonsense\x03", "$ nonsense^C", "$")
    step("as is seen", "ps | wc\r", "$ ps | wc", "      4      20     172", "$")
    step("a status", "sh -c \"exit 7\"\r", "$ sh -c \"exit 7\"", "$")
    system.type("\x04")
    system.wait(lambda: False, 2)  # till its terminal is closed
    status = os.waitstatus_to_exitcode(os.waitpid(system.pid, 0)[1])
    result(status == 7, "Ctrl-D ends the shell, with the status of what ran last", status)
    finish()


main()
