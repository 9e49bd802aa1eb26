#!/usr/bin/env python3
# pxdos.py - a dialogue with pxDOS on COM1, at the far end of the guest's wire: pxdos.py PTY FLOPPY PROGRAMS. TAP.
# What it must answer is what mtools says that the floppy holds, or is written out here.
import os, re, select, subprocess, sys, time, tty

wire = os.open(sys.argv[1], os.O_RDWR | os.O_NOCTTY)
tty.setraw(wire)
floppy, programs = sys.argv[2:4]
count = bad = 0
PROMPT = b'A:\\>'

def result(good, name, detail=''):
    global count, bad
    count += 1
    bad += not good
    print(('ok' if good else 'not ok') + f' {count} - {name}', flush=True)
    if not good:
        print('\n'.join('# ' + line for line in str(detail).splitlines()), flush=True)

def until_prompt(prompts=1, seconds=60):
    text, end = b'', time.monotonic() + seconds
    while text.count(PROMPT) < prompts or not text.endswith(PROMPT):
        if not select.select([wire], [], [], max(0, end - time.monotonic()))[0]:
            raise TimeoutError(f'no prompt after {text!r}')
        text += os.read(wire, 4096)
    return text

def say(keys):
    os.write(wire, keys)
    return until_prompt()

# A line is typed; its echo, what the command writes and the next prompt are all that comes.
def expect(line, answer, name=None):
    got = say(line.encode() + b'\r')
    wanted = line.encode() + b'\r\n' + answer + PROMPT
    result(got == wanted, name or line, f'expected {wanted!r}\ngot      {got!r}')

def lines(*texts):
    return b''.join(text.encode() + b'\r\n' for text in texts)

def mtools(*command):
    return subprocess.run(command[:1] + ('-i', floppy) + command[1:], capture_output=True, check=True).stdout

# What mtools says: NAME EXT SIZE DATE TIME, and what is free.
listing = mtools('mdir', '::').decode()
entries = re.findall(r'^(\w+) +(\w*) +(\d+) (\d{4}-\d\d-\d\d) +(\d+:\d\d)', listing, re.M)
free = int(re.search(r'([\d ]+) bytes free', listing)[1].replace(' ', ''))
def directory(entries):
    rows = [f'{name:8} {ext:3}{size:>11}  {date}  {clock:0>5}' for name, ext, size, date, clock in entries]
    total = sum(int(size) for _, _, size, _, _ in entries)
    return lines(' Volume in drive A is PXDOS      ', ' Directory of A:\\', '', *rows,
                 f'{len(entries):9} file(s) {total:10} bytes', f'{free:28} bytes free')

def dump(data):
    return lines(*(f'{at:04X}:' + ''.join(f' {byte:02X}' for byte in data[at:at + 16]) for at in range(0, len(data), 16)))

def content(name):
    return mtools('mtype', '::' + name)

try:
    first = until_prompt()
    result(first == PROMPT, 'AUTOEXEC.BAT brings the prompt to COM1', first)
    expect('ver', lines('pxDOS version 1.0; programs see DOS 3.30'))
    expect('DIR', directory(entries))
    expect('dir *.com', directory([e for e in entries if e[1] == 'COM']))
    expect('dir readme', directory([e for e in entries if e[0] == 'README']))
    expect('dir ?U*.c?m', directory([e for e in entries if re.fullmatch('.U.*', e[0]) and re.fullmatch('C.M', e[1])]))
    expect('dir nothing.*', lines(' Volume in drive A is PXDOS      ', ' Directory of A:\\', '') + b'File not found\r\n')
    expect('type readme.txt', content('README.TXT').partition(b'\x1a')[0], 'type readme.txt, up to its Ctrl-Z')
    expect('TYPE A:\\LONG.TXT', content('LONG.TXT'), 'TYPE of a file in three pieces')
    expect('type empty.txt', b'')
    expect('type nothing.txt', lines('File not found'))
    expect('type', lines('Required parameter missing'))
    expect('echo Hello, World', lines('Hello, World'))
    expect('echo', lines('ECHO is on'))
    expect('hello', lines('Hello from a .COM program'))
    expect('HELLO.COM', lines('Hello from a .COM program'))
    expect('args', b'')
    expect('args one  two "3 4"', lines('[one]', '[two]', '["3]', '[4"]'))
    expect('dump bytes.bin', dump(content('BYTES.BIN')))
    expect('dump nothing', lines('DUMP: the file cannot be opened'))
    expect('nothing', lines('Bad command or file name'))
    expect('readme.txt', lines('Bad command or file name'))
    expect('b:', lines('Invalid drive specification'))
    expect('a:', b'')
    expect('', b'', 'an empty line')
    expect('big', lines('Program too big to fit in memory'))
    expect('ctty lpt9', lines('Invalid device'))
    # What it counts has been done: at least an OUT for each character so far, and COM1 answers each poll.
    counts = say(b'counts\r')
    found = re.fullmatch(rb'counts\r\n(\d+) exits by IN and OUT\r\n(\d+) by calls of the BIOS\r\n(\d+) writes of port 3F8h\r\n'
                         rb'(\d+) reads of it\r\n' + re.escape(PROMPT), counts)
    result(found and all(int(n) > 0 for n in found.groups()[:2]), 'counts: exits by ports and by calls', counts)
    mem = say(b'mem\r')
    result(re.fullmatch(rb'mem\r\n +639 KB conventional memory\r\n +575 KB free for a program\r\n +\d{5} KB extended memory\r\n' + re.escape(PROMPT), mem), 'mem', mem)
    helped = say(b'help\r')
    result(all(word in helped for word in b'CLS CTTY DIR ECHO HELP MEM TYPE VER'.split()), 'help', helped)
    got = say(b'echp\x08o abcd\x08\x08\x7fX\r')
    result(got == b'echp\x08 \x08o abcd' + 3 * b'\x08 \x08' + b'X\r\naX\r\n' + PROMPT, 'backspace takes back', got)
    got = say(b'nonsense\x1becho good\r')
    result(got == b'nonsense' + 8 * b'\x08 \x08' + b'echo good\r\ngood\r\n' + PROMPT, 'Esc takes the line back', got)
    got = say(b'half a line\x03')
    result(got == b'half a line^C\r\n' + PROMPT, 'Ctrl-C leaves the line', got)
    got = say(b'cls\r')
    result(got == b'cls\r\n\x1b[2J\x1b[H' + PROMPT, 'cls on a terminal', got)
    os.write(wire, b'job\r')
    got = until_prompt(prompts=4)
    wanted = b'job\r\n' + PROMPT + lines('echo from a batch file', 'from a batch file') + PROMPT + lines('hello', 'Hello from a .COM program') + \
        lines('silent') + PROMPT + lines('rem the end') + PROMPT
    result(got == wanted, 'a batch file', f'expected {wanted!r}\ngot      {got!r}')
    called = say(b'calls\r').decode().splitlines()[1:-1]
    for line in called[:-1]:
        result(line.strip().startswith('ok '), 'INT 21h ' + line.strip().removeprefix('not ').removeprefix('ok '))
    result(called and called[-1] == 'done' and len(called) > 25, 'CALLS.COM comes to its end', called)
    os.write(wire, b'halt\r')
except TimeoutError as error:
    result(False, 'pxDOS answers', error)
print(f'1..{count}')
sys.exit(bad != 0)
