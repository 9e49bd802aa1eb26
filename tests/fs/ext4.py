#!/usr/bin/env python3
"""ext4.py - os/fs/ext4.c against e2fsprogs: what mke2fs put into an image is read back, damage is seen. TAP.

    ext4.py OPS [--all] [--only PATTERN]

OPS is tests/fs/ops.c, built. debugfs and e2fsck are witnesses that the images hold what was put into them.
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
# Images: what mke2fs is told; whether folders are indexed after.
IMAGES = {'ext4': (['-t', 'ext4', '-b', '4096'], False), '1k': (['-t', 'ext4', '-b', '1024'], False),
          'indexed': (['-t', 'ext4', '-b', '1024'], True), 'indexed-4k': (['-t', 'ext4', '-b', '4096'], True),
          'ext2': (['-t', 'ext2', '-b', '1024'], False), 'ext2-4k': (['-t', 'ext2', '-b', '4096'], False),
          'ext3': (['-t', 'ext3', '-b', '2048'], False), 'no-checksums': (['-t', 'ext4', '-O', '^metadata_csum'], False),
          '32-bit': (['-t', 'ext4', '-O', '^64bit'], False), 'small-inodes': (['-t', 'ext4', '-I', '128', '-b', '1024'], False),
          'large-inodes': (['-t', 'ext4', '-I', '1024', '-b', '4096'], False),
          'inline': (['-t', 'ext4', '-O', 'inline_data', '-I', '512'], False), 'bigalloc': (['-t', 'ext4', '-O', 'bigalloc'], False),
          'seed': (['-t', 'ext4', '-O', 'metadata_csum_seed'], False), 'no-filetype': (['-t', 'ext4', '-O', '^filetype'], False),
          'one-group-each': (['-t', 'ext4', '-O', '^flex_bg', '-g', '1024', '-b', '1024'], False)}
SOME = ('ext4', '1k', 'indexed', 'ext2', 'inline', 'bigalloc', 'no-filetype', 'small-inodes')


def tool(*argv, text=None):
    done = subprocess.run(argv, input=text, capture_output=True, encoding='utf-8', errors='replace', timeout=300)
    return done.returncode, done.stdout + done.stderr


def tree(folder):
    """Paths and contents; links and other things are not followed."""
    found = {}
    for where, folders, files in os.walk(folder):
        for name in folders + files:
            path = os.path.join(where, name)
            if os.path.islink(path) or not (os.path.isdir(path) or os.path.isfile(path)):
                continue
            if os.path.isdir(path):
                found[os.path.relpath(path, folder)] = None
            else:
                with open(path, 'rb') as file:
                    found[os.path.relpath(path, folder)] = file.read()
    return found


def differ(a, b):
    return '\n'.join(path for path in sorted(a.keys() | b.keys()) if a.get(path, 0) != b.get(path, 0))


def source(folder):
    """Everything that a reader must know about: sizes around blocks, holes, many extents, large folders, names, links."""
    chance = random.Random(5)

    def put(path, content, holes=()):
        path = os.path.join(folder, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, 'wb') as file:
            file.write(content)
            for at, more in holes:
                file.seek(at)
                file.write(more)
        os.utime(path, (0, chance.randrange(1, 1 << 31)))
    for size in (0, 1, 59, 60, 61, 150, 1023, 1024, 1025, 4096, 4097, 50000, 300001):
        put(f'sizes/{size}', chance.randbytes(size))
    put('holes/begin', b'', [(100000, b'end')])
    put('holes/end', b'begin')
    os.truncate(os.path.join(folder, 'holes/end'), 5000001)
    put('holes/all', b'')
    os.truncate(os.path.join(folder, 'holes/all'), 70000)
    put('extents', b'', [(at * 8192, chance.randbytes(4096)) for at in range(900)])
    for at in range(600):
        put(f'many/a file in a large folder, {at}', b'')
    put('names/' + 'x' * 255, b'x')
    put('names/grüße 日本語 \U0001F600', b'utf-8')
    put('/'.join(['deep'] * 30) + '/file', b'deep')
    os.symlink('sizes/1024', os.path.join(folder, 'short link'))
    os.symlink('nowhere/' * 40, os.path.join(folder, 'long link'))
    os.mkfifo(os.path.join(folder, 'pipe'))


class Work:
    def __init__(self, ops, folder):
        self.ops, self.dir, self.image = ops, folder, os.path.join(folder, 'image')

    def path(self, name):
        return os.path.join(self.dir, name)

    def make(self, options, size='24M', content='source', inodes='4096'):
        if os.path.exists(self.image):
            os.remove(self.image)
        status, said = tool('mke2fs', '-q', '-F', '-N', inodes, *options, *(['-d', self.path(content)] if content else []), self.image, size)
        if status:
            sys.exit(f'mke2fs {options}: {said}')

    def run(self, *script):
        return tool(self.ops, 'ext4', self.image, text=''.join('\t'.join(line) + '\n' for line in script))[1]

    def debugfs(self, command):
        return tool('debugfs', '-w', '-R', command, self.image)[1]

    def blocks(self, path):
        return [int(at) for at in re.search(r'^(\d+ )+$', self.debugfs('blocks ' + path), re.M)[0].split()]

    def ours(self):
        shutil.rmtree(self.path('ours'), ignore_errors=True)
        said = self.run(('dump', self.path('ours')))
        return tree(self.path('ours')), said

    def bytes(self):
        with open(self.image, 'rb') as file:
            return file.read()

    def flip(self, at, bit=1):
        with open(self.image, 'r+b') as file:
            file.seek(at)
            byte = file.read(1)[0]
            file.seek(at)
            file.write(bytes([byte ^ bit]))


def test_read(work, image):
    options, indexed = IMAGES[image]
    work.make(options)
    if indexed:
        tool('e2fsck', '-fyD', work.image)
    status, said = tool('e2fsck', '-fn', work.image)
    wanted, before = tree(work.path('source')), work.bytes()
    found, told = work.ours()
    found.pop('lost+found', None)
    if image == 'inline':  # mke2fs 1.47.0 cuts the hole off
        wanted.pop('holes/end')
        found.pop('holes/end')
    result(status == 0 and found == wanted and told.startswith('writes 0'), f'{image}: all is read, nothing is written',
           (said if status else '') + told + differ(found, wanted))
    lines = work.run(('ls', ''), ('ls', 'sizes'), ('mkdir', 'x'), ('put', '/dev/null', 'x'), ('ls', 'many/nosuch'), ('ls', 'extents'), ('space',))
    times = {int(os.stat(work.path('source/sizes/' + name)).st_mtime) for name in os.listdir(work.path('source/sizes'))}
    told = {int(line.split()[-1]) for line in lines.splitlines() if re.match(r'f \d+ ', line)}
    result(told == times, f'{image}: times', f'{sorted(told)}\n{sorted(times)}')
    result(all(line in lines for line in ('o short link 10 ', 'o long link 320 ', 'o pipe 0 ', 'mkdir x READONLY', 'put /dev/null READONLY',
                                          'ls many/nosuch ABSENT', 'ls extents KIND')), f'{image}: links are others, nothing can be written', lines)
    stats = tool('dumpe2fs', '-h', work.image)[1]
    free = int(re.search(r'Free blocks: +(\d+)', stats)[1]) * int(re.search(r'Block size: +(\d+)', stats)[1])
    result(f' free {free}\n' in lines and work.bytes() == before, f'{image}: free room, as dumpe2fs says', lines[-200:])


def test_unwritten(work):
    """Extents that were reserved and never written are zeros, whatever the disk has there."""
    work.make(['-t', 'ext4', '-b', '1024'])
    work.debugfs('fallocate /sizes/4096 8 40')
    work.debugfs('set_inode_field /sizes/4096 size 30000')
    where = work.blocks('/sizes/4096')
    with open(work.image, 'r+b') as file:
        for block in where[4:]:
            file.seek(block * 1024)
            file.write(b'left by another file')
    said = work.run(('get', 'sizes/4096', work.path('got')))
    with open(work.path('source/sizes/4096'), 'rb') as file:
        wanted = file.read().ljust(30000, b'\0')
    with open(work.path('got'), 'rb') as file:
        got = file.read()
    result(got == wanted and len(where) > 20, 'extents that were never written', said + str(where))


def test_large(work):
    """Beyond 4 GiB."""
    os.makedirs(work.path('large'))
    with open(work.path('large/file'), 'wb') as file:
        file.seek(5 << 30)
        file.write(b'behind five GiB')
    for options in (['-t', 'ext4'], ['-t', 'ext4', '-b', '1024'], ['-t', 'ext2', '-b', '1024'], ['-t', 'ext2', '-b', '4096']):
        work.make(options, '8M', 'large', '64')
        work.debugfs('set_inode_field /file mtime_extra 1')
        said = work.run(('read', str((5 << 30) + 7), '100', 'file'), ('read', str((5 << 30) - 3), '3', 'file'), ('ls', ''))
        time = int(re.search(r'mtime: 0x([0-9a-f]+):00000001', work.debugfs('stat /file'))[1], 16) + (1 << 32)
        result('five GiB\n' in said and '\0\0\0\n' in said and f'f file {(5 << 30) + 15} {time}\n' in said,
               f'beyond 4 GiB, and beyond 2106: {options}', said + str(time))


def test_refused(work):
    for name, change in (('needs_recovery', 'feature needs_recovery'), ('encrypt', 'feature encrypt'), ('meta_bg', 'feature meta_bg'),
                         ('journal_dev', 'feature journal_dev'), ('dirdata', 'feature dirdata'), ('compression', 'feature compression'),
                         ('a feature that is not known', 'feature FEATURE_I20')):
        work.make(['-t', 'ext4'], '4M', None, '64')
        work.debugfs(change)
        said = work.run(('ls', ''))
        result(said == f'mount INVALID {name}\n', f'refused by name: {name}', said)
    work.make(['-t', 'ext4', '-b', '8192'], '8M', None, '64')
    result(work.run() == 'mount INVALID a block size above 4096\n', 'refused: blocks of 8192 bytes', work.run())
    work.make(['-t', 'ext4', '-I', '2048', '-b', '4096'], '8M', None, '64')
    result(work.run() == 'mount INVALID an inode size above 1024\n', 'refused: inodes of 2048 bytes', work.run())
    with open(work.image, 'wb') as file:
        file.write(bytes(1 << 20))
    result(work.run() == 'mount KIND\n', 'no ext4 at all', work.run())
    work.make(['-t', 'ext4'], '4M', None, '64')
    os.truncate(work.image, 3 << 20)
    result(work.run() == 'mount IO\n', 'the disk is shorter than its file system', work.run())


def test_damage(work):
    """A bit that is wrong in each kind of metadata is seen, and what has nothing to do with it is read."""
    block = 1024
    work.make(['-t', 'ext4', '-b', str(block)])
    tool('e2fsck', '-fyD', work.image)
    inode = re.search(r'located at block (\d+), offset 0x([0-9a-f]+)', work.debugfs('imap /sizes/1025'))
    at_inode = int(inode[1]) * block + int(inode[2], 16)
    folder, small = work.blocks('/many'), work.blocks('/names')[0]
    tree_block = int(re.search(r'ETB\d\):(\d+)', work.debugfs('stat /extents'))[1])
    good = work.bytes()
    last = 'many/a file in a large folder, 599'
    for what, at, script, wanted in (
            ('superblock', 1024 + 120, [], 'mount IO'), ('group descriptor', 2 * block + 16, [], 'mount IO'),
            ('inode', at_inode + 16, ['get\tsizes/1025\t/dev/null'], 'get sizes/1025 IO'),
            ('the end of an inode', at_inode + 255, ['get\tsizes/1025\t/dev/null'], 'get sizes/1025 IO'),
            ("a folder's name", small + 0, None, None), ("an index", folder[0] * block + 40, [f'get\t{last}\t/dev/null'], f'get {last} IO'),
            ("a folder's block", folder[1] * block + 9, ['get\tmany/nosuch\t/dev/null'], 'get many/nosuch IO'),
            ("a folder's checksum", folder[1] * block + block - 1, ['get\tmany/nosuch\t/dev/null'], 'get many/nosuch IO'),
            ('extents', tree_block * block + 20, ['get\textents\t/dev/null'], 'get extents IO')):
        if script is None:
            at, script, wanted = small * block + 30, ['ls\tnames'], 'ls names IO'
        with open(work.image, 'wb') as file:
            file.write(good)
        work.flip(at)
        said = tool(work.ops, 'ext4', work.image, text='\n'.join(script + ['get\tsizes/60\t' + work.path('got')]) + '\n')[1]
        result(wanted in said and (wanted.startswith('mount') or 'sizes/60' not in said), f'damage is seen: {what}', said)


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument('ops')
    parser.add_argument('--only', default='*')
    parser.add_argument('--all', action='store_true')
    args = parser.parse_args()
    for name in ('mke2fs', 'debugfs', 'e2fsck', 'dumpe2fs'):
        if shutil.which(name) is None:
            skip(f'{name} is not here (Debian: apt install e2fsprogs)')
    with tempfile.TemporaryDirectory() as folder:
        work = Work(os.path.abspath(args.ops), folder)
        source(work.path('source'))
        tests = {f'read-{image}': lambda image=image: test_read(work, image) for image in (IMAGES if args.all else SOME)}
        tests |= {'unwritten': lambda: test_unwritten(work), 'large': lambda: test_large(work), 'refused': lambda: test_refused(work), 'damage': lambda: test_damage(work)}
        for name, test in tests.items():
            if fnmatch.fnmatchcase(name, args.only):
                test()
    finish()


main()
