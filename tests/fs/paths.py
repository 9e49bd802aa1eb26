#!/usr/bin/env python3
"""paths.py - pxFS and FAT below vfs.c and the cache, against a model of what a tree of files does. TAP.

    paths.py PATHS PX [--random N] [--seed S] [--only PATTERN]

PATHS is tests/fs/paths.c, built; PX is px. Random work on open and closed files: every hundred operations what is there must be
what the model has, and in the end fsck.fat or px fsck must find it clean. And random work during which one write fails: it may
cost room, and nothing else.
"""
import argparse
import fnmatch
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
from tap import finish, result, skip

os.environ.update(LC_ALL='C.UTF-8', TZ='UTC')
os.environ['PATH'] += ':/usr/sbin:/sbin'
READ, WRITE, CREATE, TRUNCATE, APPEND, NEW, DIRECTORY = 1, 2, 4, 8, 16, 32, 64
# Disks: what makes one. FAT: bits, sectors, what mkfs.fat is told beside. At the borders of types FAT has the most clusters
# of one, or the fewest of the next. Those that are full take nothing, most of the time.
DISKS = {'pxfs': 900, 'pxfs-small': 300, 'pxfs-full': 262, 'pxfs-maps': 17000, '12-full': (12, 160, ('-s', '1')), '12-full-2k': (12, 300, ('-s', '4')),
         '12': (12, 2880, ()), '12-label': (12, 2000, ('-s', '1', '-n', 'A LABEL')), '12-4084': (12, 4141, ('-s', '1', '-r', '512', '-f', '2', '-R', '1', '-a')),
         '16': (16, 16800, ('-s', '2')), '16-4085': (16, 4152, ('-s', '1', '-r', '512', '-R', '1', '-a'), 4150),
         '16-64k': (16, 600000, ('-s', '128',)), '32': (32, 68000, ('-s', '1')), '32-few': (32, 4096, ('-s', '1')),
         '32-65525': (32, 66581, ('-s', '1', '-R', '32', '-a')), '16-65524': (16, 66069, ('-s', '1', '-r', '512', '-R', '1', '-a'))}
NAMES = ['README', 'a', 'b.c', 'LOWER.TXT', 'Mixed.Case', 'two.dots.tar.gz', '.profile', 'with space.doc', 'naïve café.txt', 'ÄÖÜ',
         '日本語.テキスト', 'a+b=c;[d],e', "it's", 'long name one.txt', 'long name two.txt', 'long name three.txt', 'nine chars.text',
         'Привет', 'z' * 13, 'z' * 26, 'y' * 56]


def tool(*argv, text=None):
    done = subprocess.run(argv, input=text, capture_output=True, encoding='utf-8', errors='replace', timeout=300)
    return done.returncode, done.stdout + done.stderr


class Node:
    def __init__(self, folder):
        self.entries = {} if folder else None
        self.bytes, self.links = bytearray(), 1


def content(seed, count):
    return b''.join(((seed ^ i * 0x9E3779B1 & 0xFFFFFFFF)).to_bytes(4, 'little') for i in range((count + 3) // 4))[:count]


def total(data):
    s = 2166136261
    for byte in data:
        s = (s ^ byte) * 16777619 & 0xFFFFFFFF
    return s


class Model:
    """A tree, and what is open: each kind of work is a line for paths, what must come of it, and what is so then."""

    def __init__(self, fat, chance):
        self.fat, self.chance = fat, chance
        self.root, self.open = Node(True), {}

    def key(self, name):
        return name.upper() if self.fat else name

    def look(self, folder, name):
        """The name as it was given to it, and what it leads to."""
        for there, node in folder.entries.items():
            if self.key(there) == self.key(name):
                return there, node
        return None, None

    def walk(self, path):
        at, above = self.root, []
        for name in path.split('/')[1:]:
            if not name:
                continue
            if at is None or at.entries is None:
                return None, None, None
            above.append(at)
            at = self.look(at, name)[1]
        return at, above[-1] if above else None, above

    def folders(self):
        found, todo = ['/'], [('', self.root)]
        while todo:
            path, node = todo.pop()
            for name, child in node.entries.items():
                if child.entries is not None and len(path) < 120:
                    found.append(f'{path}/{name}')
                    todo.append((f'{path}/{name}', child))
        return found

    def paths(self):
        found, todo = [], [('', self.root)]
        while todo:
            path, node = todo.pop()
            for name, child in node.entries.items():
                found.append(f'{path}/{name}')
                if child.entries is not None:
                    todo.append((f'{path}/{name}', child))
        return [path for path in found if len(path.encode()) < 250]

    def case(self, path):
        """Another way to write it, where capitals do not count."""
        if not self.fat or self.chance.random() < .6:
            return path
        return ''.join(c.swapcase() if c.isascii() and self.chance.random() < .5 else c for c in path)

    def fresh(self):
        for _ in range(50):
            above = self.chance.choice(self.folders())
            name = self.chance.choice(NAMES) if self.chance.random() < .7 else f'file {self.chance.randrange(50)}'
            path = self.case((above if above != '/' else '') + '/' + name)
            if len(path.encode()) < 250:
                return path
        return '/x'

    def some(self):
        paths = self.paths()
        return self.case(self.chance.choice(paths)) if paths and self.chance.random() < .85 else self.fresh()

    def do_mkdir(self):
        path = self.fresh()
        node, above, _ = self.walk(path)
        name = path.rsplit('/', 1)[1]
        if node is not None:
            return ('mkdir', path), 'EXISTS', None
        if above is None or above.entries is None:
            return ('mkdir', path), 'ABSENT', None
        return ('mkdir', path), 'ok', lambda: above.entries.update({name: Node(True)})

    def do_rm(self):
        path = self.some()
        node, above, _ = self.walk(path)
        if node is None:
            return ('rm', path), 'ABSENT', None
        if node.entries:
            return ('rm', path), 'KIND', None

        def then():
            del above.entries[self.look(above, path.rsplit('/', 1)[1])[0]]
            node.links -= 1
        return ('rm', path), 'ok', then

    def do_mv(self):
        path, to = self.some(), self.some() if self.chance.random() < .4 else self.fresh()
        if self.chance.random() < .15 and path.count('/') < 4:
            to = self.case(path) if self.chance.random() < .4 else self.case(path) + self.chance.choice(['/x', '/README', '/a/b', '/Mixed.Case/a'])
        node, above, _ = self.walk(path)
        target, target_above, line = self.walk(to)
        words = ('mv', path, to)
        if target_above is None or node is None:
            return words, 'ABSENT', None
        if target is not None and (target.entries is None) != (node.entries is None):
            return words, 'KIND', None
        if target is node and (not self.fat or path.rsplit('/', 1)[1] == to.rsplit('/', 1)[1]):
            return words, 'ok', None
        if node.entries is not None and node in line:
            return words, 'KIND' if target is not None and target.entries is None else 'INVALID', None
        name, new = self.look(above, path.rsplit('/', 1)[1])[0], to.rsplit('/', 1)[1]
        if target is not None and target is not node and target.entries:
            return words, 'KIND', None

        def then():
            shown = new
            if target is node:  # FAT: other capitals
                above.entries[new] = above.entries.pop(name)
                return
            if target is not None:
                shown = self.look(target_above, new)[0]
                target_above.entries.pop(shown).links -= 1
            target_above.entries[shown] = above.entries.pop(name)
        return words, 'ok', then

    def do_ln(self):
        path, to = self.some(), self.fresh()
        node, _, _ = self.walk(path)
        target, above, _ = self.walk(to)
        words = ('ln', path, to)
        if node is None or above is None:
            return words, 'ABSENT', None
        if node.entries is not None or self.fat:
            return words, 'KIND', None
        if target is not None:
            return words, 'EXISTS', None

        def then():
            above.entries[to.rsplit('/', 1)[1]] = node
            node.links += 1
        return words, 'ok', then

    def do_open(self):
        flags = self.chance.choice([READ, READ | WRITE, READ | WRITE | CREATE, READ | WRITE | CREATE, READ | WRITE | CREATE | NEW,
                                    READ | WRITE | CREATE | TRUNCATE, READ | WRITE | APPEND])
        path = self.fresh() if flags & CREATE and self.chance.random() < .7 else self.some()
        free = [h for h in range(12) if h not in self.open]
        if not free:
            return None
        node, above, _ = self.walk(path)
        words = ('open', str(free[0]), str(flags), path)
        if node is None and (not flags & CREATE or above is None):
            return words, 'ABSENT', None
        if node is not None and flags & NEW:
            return words, 'EXISTS', None
        if node is not None and node.entries is not None:
            return words, 'KIND', None
        made = node or Node(False)

        def then():
            if node is None:
                above.entries[path.rsplit('/', 1)[1]] = made
            if flags & TRUNCATE:
                made.bytes = bytearray()
            self.open[free[0]] = (made, flags)
        return words, 'ok', then

    def handle(self, writing):
        able = [h for h, (_, flags) in self.open.items() if not writing or flags & WRITE]
        return self.chance.choice(able) if able else None

    def do_close(self):
        h = self.handle(False)
        return None if h is None else (('close', str(h)), 'ok', lambda: self.open.pop(h))

    def do_read(self):
        h = self.handle(False)
        if h is None:
            return None
        data = self.open[h][0].bytes
        at = self.chance.randrange(len(data) + 2000) if self.chance.random() < .5 else self.chance.choice([0, 511, 512, 1020, len(data)])
        count = self.chance.choice([0, 1, 512, 1020, 5000])
        got = bytes(data[at:at + count])
        return ('read', str(h), str(at), str(count)), f'{len(got)} {total(got)}', None

    def do_write(self):
        h = self.handle(True)
        if h is None:
            return None
        node, flags = self.open[h]
        at = self.chance.randrange(30000) if self.chance.random() < .3 else self.chance.choice([0, 510, 512, 1020, 1019, 4096, len(node.bytes)])
        count, seed = self.chance.choice([0, 1, 2, 511, 512, 513, 1020, 1021, 4096, 9000]), self.chance.randrange(1 << 32)
        start = len(node.bytes) if flags & APPEND else at

        def then(put):
            if put == 0:
                return
            data = content(seed, count)[:put]
            if start > len(node.bytes):
                node.bytes += bytes(start - len(node.bytes))
            node.bytes[start:start + put] = data
        return ('write', str(h), str(at), str(count), str(seed)), count, then

    def do_resize(self):
        h = self.handle(True)
        if h is None:
            return None
        node, size = self.open[h][0], self.chance.choice([0, 1, 511, 512, 1020, 1021, 3000, 12000, 50000])

        def then():
            del node.bytes[size:]
            node.bytes += bytes(size - len(node.bytes))
        return ('resize', str(h), str(size)), 'ok', then

    def do_about(self):
        path = self.some()
        node, _, _ = self.walk(path)
        if node is None:
            return ('about', path), 'ABSENT', None
        links = str(node.links)
        return ('about', path), f'f {len(node.bytes)} {links}' if node.entries is None else f'd 0 {links}', None

    def do_sync(self):
        return ('sync',), 'ok', None

    def do_remount(self):
        return ('remount',), 'ok', self.open.clear

    def step(self):
        kinds = ['open'] * 5 + ['write'] * 6 + ['mkdir'] * 2 + ['mv'] * 3 + ['rm'] * 3 + ['close'] * 3 + ['read', 'read', 'resize', 'ln', 'about', 'sync', 'remount']
        while True:
            made = getattr(self, 'do_' + self.chance.choice(kinds))()
            if made is not None:
                return made

    def dump(self):
        lines, todo = [], [('', self.root)]
        while todo:
            path, node = todo.pop()
            for name, child in node.entries.items():
                if child.entries is not None:
                    lines.append(f'd {path}/{name}')
                    todo.append((f'{path}/{name}', child))
                else:
                    lines.append(f'f {path}/{name} {len(child.bytes)} {total(child.bytes)}')
        return sorted(lines)


class Talk:
    """A script that is told line by line."""

    def __init__(self, paths, disk):
        self.process = subprocess.Popen([paths, disk], stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding='utf-8', errors='replace')

    def ask(self, words):
        try:
            self.process.stdin.write('\t'.join(words) + '\n')
            self.process.stdin.flush()
        except BrokenPipeError:
            return 'it has ended'
        return self.process.stdout.readline().rstrip('\n')

    def dump(self):
        self.process.stdin.write('dump\nsync\n')
        self.process.stdin.flush()
        lines = []
        while (line := self.process.stdout.readline().rstrip('\n')) not in ('ok', ''):
            lines.append(line)
        said = self.process.stdout.readline().rstrip('\n')
        return sorted(lines) if said == 'ok' else [said]

    def end(self):
        try:
            self.process.stdin.close()
        except BrokenPipeError:
            return False
        said = self.process.stdout.read()
        return said.strip().splitlines()[-1:] == ['end ok'] and self.process.wait() == 0


class Work:
    def __init__(self, paths, px, folder):
        self.paths, self.px, self.disk = paths, px, os.path.join(folder, 'disk')

    def make(self, name):
        if os.path.exists(self.disk):
            os.remove(self.disk)
        made = DISKS[name]
        if isinstance(made, int):
            status, said = tool(self.px, 'mkfs', '--id', '7', '--size', str(made * 1024), self.disk)
        else:
            with open(self.disk, 'wb') as file:
                file.truncate(made[1] * 512)
            status, said = tool('mkfs.fat', '-F', str(made[0]), '-i', '12345678', *made[2], self.disk)
        if status:
            sys.exit(f'{name}: {said}')
        self.fat = not isinstance(made, int)
        if self.fat and len(made) > 3: # mkfs.fat keeps some way from the border
            with open(self.disk, 'r+b') as file:
                file.seek(19)
                file.write(made[3].to_bytes(2, 'little'))

    def clean(self):
        """What a checker that is not ours to test, where there is one, has to say."""
        if not self.fat:
            status, said = tool(self.px, 'fsck', self.disk)
            return '' if status == 0 else said
        status, said = tool('fsck.fat', '-n', self.disk)
        harmless = re.compile(r'fsck\.fat |.*: \d+ files, |Leaving |Warning: Filesystem is FAT32 according|  but has only|  This may lead')
        lines = [line for line in said.splitlines() if not harmless.match(line)]
        return '\n'.join(lines) or ('' if status == 0 else said)

    def whole(self):
        """What it has to say beside what costs room."""
        room = re.compile(r'Dirty bit|  ?Automatically|Reclaimed|FATs differ|  Using first|Free cluster summary|  Auto-correcting|There are differences|'
                          r'This is mostly|  \d+:|  Not automatically')
        return '\n'.join(line for line in self.clean().splitlines() if not self.fat or not room.match(line))


def play(work, name, seed, operations):
    """What went wrong, or ''."""
    work.make(name)
    model, talk, told = Model(work.fat, random.Random(seed)), Talk(work.paths, work.disk), []
    for n in range(operations):
        words, wanted, then = model.step()
        got = talk.ask(words)
        told = told[-30:] + [f'{words} {got}']
        if isinstance(wanted, int):
            good = got == 'FULL' or (got.isdigit() and (0 < int(got) <= wanted or got == str(wanted)))
        else:
            good = got == wanted or (got == 'FULL' and words[0] in ('open', 'mkdir', 'mv', 'ln', 'resize', 'rm'))
        if not good:
            return '\n'.join(told + [f'step {n}, wanted {wanted}'])
        if then is not None and got != 'FULL':
            then(*([int(got)] if isinstance(wanted, int) else []))
        if n % 100 == 99:
            found, should = talk.dump(), model.dump()
            if found != should:
                more = [f'+ {line}' for line in found if found.count(line) > should.count(line)]
                return '\n'.join(told + [f'step {n}'] + more + [f'- {line}' for line in should if found.count(line) < should.count(line)])
    return work.clean() if talk.end() else '\n'.join(told + ['it does not end well'])


def fail_once(work, name, seed):
    """The same, where one write fails. What comes of it is only told by who checks the disk."""
    work.make(name)
    chance = random.Random(seed)
    model, talk, at = Model(work.fat, chance), Talk(work.paths, work.disk), chance.randrange(20, 120)
    for n in range(at + 30):
        if n == at:
            talk.ask(('break', 'write', str(chance.randrange(25)), '1'))
        words, wanted, then = model.step()
        got = talk.ask(words)
        if then is not None and (got.isdigit() if isinstance(wanted, int) else got == wanted):
            then(*([int(got)] if isinstance(wanted, int) else []))
    talk.end()
    return work.whole() or ('' if talk.process.wait() == 0 else f'it ends with {talk.process.wait()}')


def lying_count(work):
    """A FAT32 that says of itself that it is full, and is not."""
    work.make('32-few')
    with open(work.disk, 'r+b') as file:
        file.seek(512 + 488)
        file.write(bytes(4))
    talk = Talk(work.paths, work.disk)
    said = [talk.ask(words) for words in (('mkdir', '/x'), ('open', '0', str(READ | WRITE | CREATE), '/y'), ('write', '0', '0', '3000', '1'))]
    return str(said) if said != ['ok', 'ok', '3000'] or not talk.end() else work.clean()


def no_room(work):
    """A write behind the end, to which there is room, but none for a byte more: the file stays as it was."""
    work.make('12-full')
    talk, flags = Talk(work.paths, work.disk), str(READ | WRITE | CREATE)
    talk.ask(('open', '0', flags, '/b'))
    talk.ask(('write', '0', '0', '100', '1'))
    talk.ask(('open', '1', flags, '/a'))
    filled = int(talk.ask(('write', '1', '0', '90000', '1')))
    said = [talk.ask(words) for words in (('resize', '1', str(filled - 1024)), ('write', '0', '1536', '1', '1'), ('about', '/b'), ('write', '0', '1535', '9', '1'))]
    return str(said) if said != ['ok', 'FULL', 'f 100 1', '1'] or not talk.end() else work.clean()


def names_of_folders(work, name):
    """Names in other capitals, which FAT takes for the same."""
    work.make(name)
    talk = Talk(work.paths, work.disk)
    for path in ('/one', '/one/two', '/empty', '/full', '/full/x'):
        talk.ask(('mkdir', path))
    cases = {('mv', '/one', '/ONE/two/three'): 'INVALID', ('mv', '/one', '/One/two'): 'INVALID', ('mv', '/one/two', '/One/TWO/x'): 'INVALID',
             ('mv', '/one', '/full'): 'KIND', ('mv', '/full/x', '/empty'): 'ok', ('mv', '/one', '/One'): 'ok', ('mv', '/ONE', '/One'): 'ok',
             ('mkdir', '/EMPTY/y'): 'ok', ('mv', '/FULL', '/empty/Y'): 'ok'}
    bad = [f'{words}: {got}, wanted {wanted}' for words, wanted in cases.items() if (got := talk.ask(words)) != wanted]
    found = talk.dump()
    if found != ['d /One', 'd /One/two', 'd /empty', 'd /empty/y']:
        bad.append(str(found))
    return '\n'.join(bad) if bad or not talk.end() else work.clean()


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument('paths')
    parser.add_argument('px')
    parser.add_argument('--random', type=int, default=1)
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--only', default='*')
    args = parser.parse_args()
    for name in ('mkfs.fat', 'fsck.fat'):
        if shutil.which(name) is None:
            skip(f'{name} is not here (Debian: apt install dosfstools)')
    with tempfile.TemporaryDirectory() as folder:
        work = Work(os.path.abspath(args.paths), args.px, folder)
        tests = {f'names-{name}': lambda name=name: (names_of_folders(work, name), f'{name}: folders by names in other capitals') for name in ('12', '32-few')}
        tests['room'] = lambda: (no_room(work), 'FAT12: no room behind the end')
        tests['count'] = lambda: (lying_count(work), 'a FAT32 that counts no free clusters, and has some')
        for seed in range(args.seed, args.seed + args.random):
            for name in DISKS:
                tests[f'random-{name}-{seed}'] = lambda name=name, seed=seed: (play(work, name, seed, 400), f'{name}: 400 random operations, seed {seed}')
            for name in ('pxfs', '12', '32-few'):
                tests[f'fail-{name}-{seed}'] = lambda name=name, seed=seed: (
                    '\n'.join(filter(None, (fail_once(work, name, 10 * seed + k) for k in range(10)))), f'{name}: one write fails, seeds from {10 * seed} on')
        for name, test in tests.items():
            if fnmatch.fnmatchcase(name, args.only):
                said, what = test()
                result(not said, what, said)
    finish()


main()
