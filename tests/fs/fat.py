#!/usr/bin/env python3
"""fat.py - os/fs/fat.c against dosfstools and mtools. TAP.

    fat.py OPS [--random N] [--seed S] [--only PATTERN]

OPS is tests/fs/ops.c, built. What mtools writes is read back; what OPS writes, fsck.fat must find clean and mtools must see,
against a model kept here; and a cut of power at every write may cost nothing but room.
"""
import argparse
import fnmatch
import filecmp
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
from tap import finish, result, skip

TOOLS = {'mkfs.fat': 'dosfstools', 'fsck.fat': 'dosfstools', 'mcopy': 'mtools', 'mmd': 'mtools'}
os.environ.update(LC_ALL='C.UTF-8', TZ='UTC', MTOOLS_SKIP_CHECK='1')
os.environ['PATH'] += ':/usr/sbin:/sbin'
# Images: bits, KiB, what mkfs.fat is told beside.
IMAGES = {'12': (12, 1440, ()), '12-one-table': (12, 512, ('-f', '1', '-s', '1')), '16': (16, 8400, ('-s', '2')),
          '16-2k-sectors': (16, 16384, ('-S', '2048', '-s', '1')), '32': (32, 34000, ('-s', '1')),
          '32-small': (32, 2048, ('-s', '1')), '32-4k-clusters': (32, 300000, ('-s', '8'))}
NAMES = ['README', 'a', 'b.c', 'LOWER.TXT', 'lower.txt', 'Mixed.Case', 'two.dots.tar.gz', '.profile', 'with space.doc',
         'naïve café.txt', 'ÄÖÜ', '日本語.テキスト', 'x' * 255, 'y' * 200 + '.long', 'a+b=c;[d],e', "it's ~1",
         'LONGNA~1.TXT', 'long name one.txt', 'long name two.txt', 'long name three.txt', 'noext.', 'nine chars.text', 'Привет',
         'мир.txt', '\u03b1\u03b2\u03b3', 'z' * 13, 'z' * 26, 'é' * 127]
# What fsck.fat says of every image, and of FAT32 with fewer clusters than Microsoft's least, which mtools takes for FAT16.
FEW = r'fsck\.fat |.*: \d+ files, |Leaving |Warning: Filesystem is FAT32 according|  but has only|  This may lead'


def tool(*argv, text=None):
    done = subprocess.run(argv, input=text, capture_output=True, encoding='utf-8', errors='replace', timeout=300)
    return done.returncode, done.stdout + done.stderr


def copy(path, to):
    tool('cp', '--sparse=always', path, to)


def fsck(path):
    """What fsck.fat has to say beside its counts."""
    status, said = tool('fsck.fat', '-n', path)
    return [line for line in said.splitlines() if not re.match(FEW, line)] or ([f'status {status}'] if status else [])


def tree(folder):
    found = {}
    for where, folders, files in os.walk(folder):
        for name in folders:
            found[os.path.relpath(os.path.join(where, name), folder)] = None
        for name in files:
            with open(os.path.join(where, name), 'rb') as file:
                found[os.path.relpath(os.path.join(where, name), folder)] = file.read()
    return found


def differ(a, b):
    return '\n'.join(f'{path[-60:]}: {describe(a, path)} / {describe(b, path)}'
                     for path in sorted(a.keys() | b.keys()) if a.get(path, 0) != b.get(path, 0))


def describe(of, path):
    return 'absent' if path not in of else 'a folder' if of[path] is None else f'{len(of[path])} bytes'


class Work:
    def __init__(self, ops, folder):
        self.ops, self.dir, self.image, self.blind = ops, folder, os.path.join(folder, 'image'), False

    def make(self, image):
        bits, size, more = IMAGES[image]
        if os.path.exists(self.image):
            os.remove(self.image)
        status, said = tool('mkfs.fat', '-C', '-F', str(bits), '-i', '12345678', *more, self.image, str(size))
        if status:
            sys.exit(f'mkfs.fat {image}: {said}')
        self.blind = image == '32-small'

    def path(self, name):
        return os.path.join(self.dir, name)

    def run(self, script, *more, quiet=False):
        text = ''.join('\t'.join(line) + '\n' for line in script)
        done = tool(self.ops, 'fat', self.image, *(['--quiet'] if quiet else []), *more, text=text)
        if done[0] not in (0, 1):
            print('\n'.join('# ' + line for line in done[1].splitlines()[:40]))
        return done[1]

    def empty(self, name):
        shutil.rmtree(self.path(name), ignore_errors=True)
        return self.path(name)

    def ours(self):
        self.run([('dump', self.empty('ours'))])
        return tree(self.path('ours'))

    def theirs(self):
        if self.blind:
            return self.ours()
        os.makedirs(self.empty('theirs'))
        status, said = tool('mcopy', '-s', '-n', '-Q', '-m', '-i', self.image, '::*', self.path('theirs'))
        found = tree(self.path('theirs'))
        return found if status == 0 or not found else {'mcopy failed': said.encode()}

    def file(self, content):
        with open(self.path('content'), 'wb') as file:
            file.write(content)
        return self.path('content')


def fill(work):
    """A tree with everything in it, written by mtools."""
    source = work.empty('source')
    chance = random.Random(7)
    for at, name in enumerate(NAMES):
        if name.endswith('.'):
            continue
        folder = os.path.join(source, f'F{at % 3}', 'deeper down' if at % 2 else 'DEEP')
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, name), 'wb') as file:
            file.write(chance.randbytes([0, 1, 511, 512, 513, 4096, 20000][at % 7]))
    return source


def test_read(work, image):
    work.make(image)
    source = fill(work)
    status, said = tool('mcopy', '-s', '-m', '-i', work.image, *(os.path.join(source, at) for at in os.listdir(source)), '::')
    result(status == 0, f'{image}: mtools writes', said)
    wanted = tree(source)
    result(work.ours() == wanted, f'{image}: what mtools wrote is read', differ(work.ours(), wanted))
    said = work.run([('ls', 'F0/DEEP'), ('ls', 'f1/DEEPER DOWN'), ('get', 'F0/DEEP/nosuch', '/dev/null'), ('ls', 'F0/DEEP/README')])
    seconds = {int(os.stat(os.path.join(source, 'F0', 'DEEP', name)).st_mtime) & ~1 for name in os.listdir(source + '/F0/DEEP')}
    times = {int(line.split()[-1]) for line in said.splitlines() if line.startswith('f ')}
    result('get F0/DEEP/nosuch ABSENT' in said and 'ls F0/DEEP/README KIND' in said, f'{image}: what is not there, or no folder', said)
    result(all(any(abs(a - b) <= 2 for b in seconds) for a in times) and times, f'{image}: times', f'{times} {seconds}')


def test_write(work, image):
    work.make(image)
    source = fill(work)
    script = []
    for where, folders, files in os.walk(source):
        inside = os.path.relpath(where, source)
        script += [('mkdir', os.path.normpath(os.path.join(inside, name))) for name in folders]
        script += [('put', os.path.join(where, name), os.path.normpath(os.path.join(inside, name))) for name in files]
    said = work.run(script)
    result(said.startswith('writes '), f'{image}: a tree is written', said)
    result(fsck(work.image) == [], f'{image}: and clean', '\n'.join(fsck(work.image)))
    wanted = tree(source)
    result(work.theirs() == wanted, f'{image}: mtools sees it', differ(work.theirs(), wanted))
    pair = '\U0001F600 smile' # mtools cuts such characters down to 16 bits
    said = work.run([('put', work.file(b'pair'), pair), ('ls', '')])
    result(f'f {pair} 4 1000000002\n' in said and fsck(work.image) == [] and pair.encode('utf-16-le')[:10] in tree_bytes(work.image),
           f'{image}: a character of two units', said)
    said = work.run([('mkdir', 'f0'), ('mkdir', 'no./x'), ('put', work.file(b''), 'noext.'), ('put', work.file(b''), 'a*b'),
                     ('mkdir', 'q' * 256), ('rm', 'F0'), ('rm', 'nosuch'), ('put', work.file(b''), 'F1')])
    wanted = ['mkdir f0 EXISTS', 'mkdir no./x ABSENT', 'NAME', 'NAME', 'NAME', 'rm F0 KIND', 'rm nosuch ABSENT', 'KIND']
    said = said.splitlines()
    result(len(said) == 9 and all(b in a for a, b in zip(said, wanted)), f'{image}: what cannot be', '\n'.join(said))


# ---- a random workload, and a model of what must come of it ----

class Model:
    def __init__(self, work, chance):
        self.work, self.chance, self.at = work, chance, {}

    def same(self, path):
        """The path as it was made: capitals do not count."""
        for made in self.at:
            if made.upper() == path.upper():
                return made
        return None

    def folder(self):
        return self.chance.choice([''] + [path + '/' for path, content in self.at.items() if content is None and path.count('/') < 3])

    def some(self):
        return self.chance.choice(list(self.at)) if self.at else 'none'

    def fresh(self):
        name = self.chance.choice([name for name in NAMES[:-1] if '~1.' not in name])  # a short name may be another's if self.chance.random() < .6 else f'file number {self.chance.randrange(60)}.dat'
        return self.folder() + name

    def bytes(self):
        return self.chance.randbytes(self.chance.choice([0, 1, 100, 511, 512, 513, 1024, 5000, 9000]))

    def below(self, path):
        return [at for at in self.at if at.startswith(path + '/')]

    def put(self, append):
        path, content = self.fresh() if self.chance.random() < .6 else self.some(), self.bytes()
        made = self.same(path)
        if path.endswith('.'):
            wanted = 'NAME'
        elif made is not None and self.at[made] is None:
            wanted = 'KIND'
        elif path == 'none' and made is None:
            return None
        else:
            wanted = 'ok'
            self.at[made or path] = (self.at[made] if append and made else b'') + content
        name = self.work.path(f'content{len(os.listdir(self.work.dir))}')
        with open(name, 'wb') as file:
            file.write(content)
        return ('append' if append else 'put', name, path), wanted

    def mkdir(self):
        path = self.fresh()
        if path.endswith('.'):
            return ('mkdir', path), 'NAME'
        if self.same(path):
            return ('mkdir', path), 'EXISTS'
        self.at[path] = None
        return ('mkdir', path), 'ok'

    def rm(self):
        path = self.some()
        if path not in self.at:
            return ('rm', path), 'ABSENT'
        if self.below(path):
            return ('rm', path), 'KIND'
        del self.at[path]
        return ('rm', path), 'ok'

    def mv(self):
        path, to = self.some(), self.fresh()
        made = self.same(to)
        if path not in self.at or (to + '/').upper().startswith(path.upper() + '/') and made != path:
            return None
        if made != path and made is not None:
            if (self.at[made] is None) != (self.at[path] is None) or self.below(made):
                return ('mv', path, to), 'KIND'
            if path.startswith(made + '/'):
                return None
        if to.endswith('.'):
            return ('mv', path, to), 'NAME'
        if made is not None and made != path:
            del self.at[made]
            to = made
        moved = {to + at[len(path):]: self.at.pop(at) for at in [path] + self.below(path)}
        self.at.update(moved)
        return ('mv', path, self.shown(to)), 'ok'

    @staticmethod
    def shown(path):
        return path

    def resize(self):
        path, size = self.some(), self.chance.choice([0, 1, 512, 700, 3000, 12000])
        if self.at.get(path) is None:
            return None
        self.at[path] = self.at[path][:size].ljust(size, b'\0')
        return ('resize', str(size), path), 'ok'

    def write(self):
        path, offset, text = self.some(), self.chance.choice([0, 3, 510, 2000, 7000]), 'text' * self.chance.randrange(1, 200)
        if self.at.get(path) is None:
            return None
        content = self.at[path].ljust(offset, b'\0')
        self.at[path] = content[:offset] + text.encode() + content[offset + len(text):]
        return ('write', str(offset), text, path), 'ok'

    def step(self):
        while True:
            kind = self.chance.choice(['put', 'put', 'put', 'append', 'mkdir', 'rm', 'rm', 'mv', 'mv', 'resize', 'write'])
            made = self.put(kind == 'append') if kind in ('put', 'append') else getattr(self, kind)()
            if made is not None:
                return made


def test_random(work, image, seed, operations=200):
    work.make(image)
    model = Model(work, random.Random(seed))
    for round_ in range(operations // 20):
        steps = [model.step() for _ in range(20)]
        said = work.run([line for line, _ in steps], quiet=True).split('\n')[:-1]
        wanted = [answer for _, answer in steps]
        found, trouble = work.ours(), fsck(work.image)
        theirs = work.theirs()
        for name in os.listdir(work.dir):
            if name.startswith('content'):
                os.remove(work.path(name))
        if said != wanted or found != model.at or trouble or theirs != model.at:
            where = next((f'{steps[i][0]}: {a}, wanted {b}' for i, (a, b) in enumerate(zip(said, wanted)) if a != b), '')
            return result(False, f'{image}: random, seed {seed}', f'round {round_}\n{where}\nours / model:\n{differ(found, model.at)}\n'
                          f'mtools / model:\n{differ(theirs, model.at)}\nfsck.fat: {trouble}')
    return result(True, f'{image}: {operations} random operations, seed {seed}: fsck.fat clean, mtools and the model agree')


# ---- larger things ----

def test_many(work, image, count):
    work.make(image)
    content = work.file(b'x')
    names = [f'A rather long name, number {at}.text' for at in range(count)]
    said = work.run([('mkdir', 'many')] + [('put', content, 'many/' + name) for name in names])
    result(said.startswith('writes ') and fsck(work.image) == [], f'{image}: {count} long names in one folder', said + '\n'.join(fsck(work.image)))
    theirs = work.theirs()
    result(theirs == {'many': None} | {'many/' + name: b'x' for name in names}, f'{image}: mtools sees them all', str(len(theirs)))
    left = names[::7]
    script = [('ls', 'many/' + left[3].upper())] + [('rm', 'many/' + name) for name in names if name not in left]
    said = work.run(script + [('put', content, 'many/again'), ('rm', 'many/' + left[0]), ('ls', 'many/nosuch')])
    result('KIND' in said and 'ABSENT' in said and work.theirs().keys() == {'many', 'many/again'} | {'many/' + name for name in left[1:]} and
           fsck(work.image) == [], f'{image}: most of them go', said)


def test_full(work, image):
    work.make(image)
    big = work.file(random.Random(1).randbytes(3000000))
    said = work.run([('put', big, 'big'), ('mkdir', 'no'), ('resize', '100', 'big'), ('mkdir', 'yes'), ('space',)])
    result('put ' in said and 'FULL' in said and 'mkdir no FULL' in said and 'mkdir yes' not in said and fsck(work.image) == [],
           f'{image}: full, and room again', said + '\n'.join(fsck(work.image)))
    script = [('mkdir', f'd{at}') for at in range(600)]
    said = work.run(script)
    result('FULL' in said and fsck(work.image) == [], f'{image}: the first folder is full', said[:300] + '\n'.join(fsck(work.image)))
    said = work.run([('resize', '4294967296', 'big'), ('resize', '4294967295', 'big'), ('space',)])
    result(said.count('FULL') == 2 and fsck(work.image) == [] and len(work.ours()['big']) == 100, f'{image}: larger than anything', said)


def test_cut(work, image):
    """After a cut of power: the old or the new tree, file by file, and fsck.fat finds nothing but what costs room."""
    harmless = re.compile(r'Dirty bit|FATs differ|Free cluster summary|Reclaimed|\d+ (vs|clusters)|Found \d+|lost|unused|^$|'
                          r'  Contents|Using first|Auto|Not auto|Set to|Removing dirty|There are differences|This is mostly|  \d+:|'
                          r'  Not automatically|  Wrong|  Reclaiming|Filesystem|  Automatically|  Auto|1\)|2\)|3\)')
    growing = re.compile(r'cluster chain length is > ')
    work.make(image)
    files = {}
    for name, size in (('new', 3000), ('more', 5000), ('other', 700)):
        files[name] = work.path('cut-' + name)
        with open(files[name], 'wb') as file:
            file.write(random.Random(name).randbytes(size))
    work.run([('mkdir', 'keep'), ('put', files['more'], 'keep/A kept file.txt'), ('put', files['other'], 'old one.txt'),
              ('put', files['more'], 'a file that goes')])
    script = [('put', files['new'], 'A new long name.txt'), ('append', files['more'], 'A new long name.txt'), ('mkdir', 'A folder'),
              ('mv', 'old one.txt', 'A folder/moved.txt'), ('rm', 'a file that goes'), ('resize', '10', 'A new long name.txt'),
              ('mv', 'A folder/moved.txt', 'A new long name.txt'), ('mv', 'keep', 'A folder/kept'), ('resize', '2000', 'A new long name.txt')]
    copy(work.image, work.path('before'))
    said = work.run(script)
    result(re.fullmatch(r'writes \d+\n', said), f'{image}: the whole of it', said)
    writes = int(said.split()[-1]) if said.startswith('writes') else 0
    kept, bad = tree_bytes(files['more']), []
    for cut in range(writes):
        copy(work.path('before'), work.image)
        work.run(script, '--cut', str(cut))
        lines, found = fsck(work.image), work.ours()
        twice = any('share clusters' in line for line in lines)
        serious = [] if twice else [line for line in lines if not harmless.search(line) and not growing.search(line)
                                    and not line.startswith(('/', '  File size', '  Truncating'))]
        if serious or [content for path, content in found.items() if path.endswith('A kept file.txt')].count(kept) < 1:
            bad.append(f'after {cut} of {writes} writes: {serious or lines} {sorted(found)}')
        if twice and not 2 <= len([path for path, content in found.items() if content is not None and path != 'x']):
            bad.append(f'after {cut}: a name is lost')
    result(not bad and writes > 20, f'{image}: power is cut after each of {writes} writes', '\n'.join(bad))


def tree_bytes(path):
    with open(path, 'rb') as file:
        return file.read()


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument('ops')
    parser.add_argument('--random', type=int, default=1)
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--only', default='*')
    args = parser.parse_args()
    for name, package in TOOLS.items():
        if shutil.which(name) is None:
            skip(f'{name} is not here (Debian: apt install {package})')
    with tempfile.TemporaryDirectory() as folder:
        work = Work(os.path.abspath(args.ops), folder)
        tests = {f'read-{image}': lambda image=image: test_read(work, image) for image in IMAGES if image != '32-small'}
        tests |= {f'write-{image}': lambda image=image: test_write(work, image) for image in IMAGES}
        tests |= {f'cut-{image}': lambda image=image: test_cut(work, image) for image in ('12', '32')}
        tests |= {'many': lambda: test_many(work, '32', 1200), 'full': lambda: test_full(work, '12-one-table')}
        for seed in range(args.seed, args.seed + args.random):
            for image in ('12', '16', '32') if args.random == 1 else IMAGES:
                tests[f'random-{image}-{seed}'] = lambda image=image, seed=seed: test_random(work, image, seed)
        for name, test in tests.items():
            if fnmatch.fnmatchcase(name, args.only):
                test()
    finish()


main()
