#!/usr/bin/env python3
# differ - the same boot sectors on five machines: pxHV's guest on VT-x (pxhv, under Bochs) and on AMD-V (amd, under QEMU), and as
# oracles QEMU with SeaBIOS, Bochs with its own BIOS and Bochs with the older one. Each sector of this folder writes lines "what = value" to port E9h and ends by itself; the lines must be the
# same, but for those that the file `differences` names with a reason. One that it does not name fails, and one that it names and that
# is gone fails too. TAP.
#
#   python3 tests/firmware/differ [SECTOR]...      FW=build/firmware; LONG=1: all of them, else those that say "; short"
#
# The first lines of a sector may say "; image = floppy 327680" or "; image = disk 4194304" (floppy 1474560), "; ways = WORDS" (options
# of pxHV), "; short", "; numbered" (each sector begins with its number), "; only = MACHINES", and "; triple faults = N", at each of which Bochs' debugger stops and is told to go on.
import glob, os, re, shutil, subprocess, sys, tempfile
from concurrent.futures import ThreadPoolExecutor

HERE = os.path.dirname(os.path.realpath(__file__))
FW = os.environ.get('FW', 'build/firmware')
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))
LONG = bool(os.environ.get('LONG'))
SECONDS = 300  # of wall time, on a busy machine
MACHINES = ('pxhv', 'amd', 'seabios', 'bochs', 'legacy')
LONG_ALONE = ('legacy', 'amd')
BIOS = {'bochs': '/usr/share/bochs/BIOS-bochs-latest', 'legacy': '/usr/share/bochs/BIOS-bochs-legacy'}
QEMU = 'qemu-system-x86_64'

count, failed = 0, 0


def result(good, name, why=''):
    global count, failed
    count += 1
    failed += not good
    print(f'{"ok" if good else "not ok"} {count} - {name}', flush=True)
    if not good:
        for text in why.splitlines():
            print(f'# {text}')


def header(path):
    """The options in a sector's comment."""
    said = {'image': 'floppy 1474560', 'ways': '', 'triple faults': '0', 'only': ' '.join(MACHINES)}
    with open(path, encoding='utf-8') as f:
        for text in f:
            if not text.startswith(';'):
                break
            said.update(re.findall(r'^; (image|ways|triple faults|only) = (.*)$', text))
            said['numbered'] = 'numbered' if text.strip() == '; numbered' else said.get('numbered', '')
            said['short'] = 'short' if text.strip() == '; short' else said.get('short', '')
    return said


def run(command, place, seconds=SECONDS):
    try:
        subprocess.run(command, cwd=place, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                       timeout=seconds, check=False, env=dict(os.environ, TERM='xterm'), start_new_session=True)
    except subprocess.TimeoutExpired:
        pass


def pxhv(image, kind, ways, place, emulator='bochs'):
    boot = f'{place}/boot'
    subprocess.run([f'{FW}/mkimage', '-o', boot, f'{FW}/boot/boot.bin', f'{FW}/stage2.bin', f'hv={FW}/hv.bin',
                    f'{kind}={image}', f'options=end=bochs link=none {ways}'], check=True)
    out = subprocess.run([f'{ROOT}/firmware/{emulator}.sh', '--seconds', str(SECONDS), boot], stdin=subprocess.DEVNULL,
                         stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False).stdout
    text = out.decode('latin-1')
    said = re.findall(r'^pxhv: guest: (.*)$', text, re.M)
    return '\n'.join(said) + '\n'


def qemu(image, kind, _ways, place):
    drive = f'file={image},format=raw,snapshot=on,' + ('if=floppy' if kind == 'floppy' else 'if=ide,media=disk')
    run(['timeout', '-s', 'KILL', str(SECONDS), QEMU, '-display', 'none', '-m', '64', '-drive', drive, '-boot',
         'a' if kind == 'floppy' else 'c', '-net', 'none', '-chardev', f'file,id=e,path={place}/e9', '-device',
         'isa-debugcon,iobase=0xe9,chardev=e', '-device', 'isa-debug-exit,iobase=0x8900,iosize=1', '-rtc',
         'base=2000-01-01T00:00:00,clock=vm', '-serial', 'null'], place, SECONDS + 5)
    with open(f'{place}/e9', encoding='latin-1') as f:
        return f.read()


def bochs(image, kind, bios, stops, place):
    size = os.path.getsize(image)
    sizes = {163840: '160k', 184320: '180k', 327680: '320k', 368640: '360k', 737280: '720k', 1228800: '1_2',
             1474560: '1_44', 2949120: '2_88'}
    disk = (f'floppya: {sizes.get(size, "1_44")}="{image}", status=inserted\nboot: floppy' if kind == 'floppy' else
            f'ata0-master: type=disk, path="{image}", mode=volatile, journal={place}/journal\nboot: disk')
    with open(f'{place}/rc', 'w', encoding='utf-8') as f:
        f.write(f'''config_interface: textconfig
display_library: term
romimage: file={BIOS[bios]}
vgaromimage: file=/usr/share/vgabios/vgabios-stdvga.bin
memory: guest=64, host=64
cpu: model=corei7_haswell_4770, count=1, ips=5000000, reset_on_triple_fault=1
{disk}
clock: sync=none, time0=946684800
mouse: enabled=0
port_e9_hack: enabled=1
plugin_ctrl: speaker=false
panic: action=fatal
error: action=ignore
info: action=ignore
log: {place}/log
''')
    with open(f'{place}/commands', 'w', encoding='utf-8') as f:
        f.write('c\n' * (1 + stops) + 'q\n')
    out = subprocess.run(['timeout', '-s', 'KILL', str(SECONDS), 'stdbuf', '-oL', 'bochs', '-q', '-unlock', '-f',
                          f'{place}/rc', '-rc', f'{place}/commands'], cwd=place, stdin=subprocess.DEVNULL,
                         stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False,
                         env=dict(os.environ, TERM='xterm', LINES='25', COLUMNS='80')).stdout
    return out.decode('latin-1')


def lines(text):
    """What was said, by its name; a machine that did not come to its end says so."""
    said, ended = {}, False
    for at in text.replace('\r', '').replace('\0', '').split('\n'):
        match = re.search(r'([A-Za-z][^=]{,80}?) = ?(.{,100})', at) if len(said) < 300 else None
        ended = ended or at.strip().endswith('END')
        if match and not ended and not at.startswith('pxhv'):
            name, n = match[1], 2
            while name in said:
                name, n = f'{match[1]} ({n})', n + 1
            said[name] = match[2].strip()
    said['the end'] = 'reached' if ended else 'not reached'
    return said


def number(image, size):
    """Each sector but the first begins with its number."""
    with open(image, 'r+b') as f:
        for at in range(512, size, 512):
            f.seek(at)
            f.write((at // 512).to_bytes(2, 'little'))


def boot(sector, machine):
    with tempfile.TemporaryDirectory() as place:
        said = header(sector)
        kind, size = said['image'].split()
        image = f'{place}/image'
        subprocess.run(['nasm', '-Wall', '-w-number-overflow', '-f', 'bin', f'-I{HERE}/', '-o', image, sector], check=True)
        os.truncate(image, max(int(size), os.path.getsize(image)))
        if said['numbered']:
            number(image, int(size))
        if machine == 'pxhv':
            return lines(pxhv(image, kind, said['ways'], place))
        if machine == 'amd':
            return lines(pxhv(image, kind, said['ways'], place, 'qemu'))
        if machine == 'seabios':
            return lines(qemu(image, kind, '', place))
        return lines(bochs(image, kind, machine, int(said['triple faults']), place))


def known():
    """The table: sector | what | pxHV's value | machine=value, ... | reason."""
    table = {}
    with open(f'{HERE}/differences', encoding='utf-8') as f:
        for n, text in enumerate(f, 1):
            if text.startswith('#') or not text.strip():
                continue
            cells = [cell.strip() for cell in text.split('|')]
            if len(cells) != 5 or not cells[4]:
                sys.exit(f'{HERE}/differences:{n}: {len(cells)} cells; expected sector | what | value | machine=value | reason')
            table[cells[0], cells[1]] = (cells[2], dict(part.strip().split('=', 1) for part in cells[3].split(';')))
    return table


def judge(name, said, table, present):
    """Every line of every machine against pxHV's and the table; rows that would make it right are shown."""
    wrong, ours = [], said['pxhv']
    if all(values['the end'] == 'not reached' for values in said.values()):
        wrong.append('no machine came to the end')
    keys = list(ours) + [key for machine in present for key in said[machine] if key not in ours]
    for key in dict.fromkeys(keys):
        value = ours.get(key, 'not said')
        others = {m: said[m].get(key, 'not said') for m in present if m != 'pxhv' and said[m].get(key, 'not said') != value}
        wanted_value, wanted = table.pop((name, key), (value, {}))
        wanted = {m: v for m, v in wanted.items() if m in present}
        if (wanted and wanted_value != value) or wanted != others:
            wrong.append(f'{name} | {key} | {value} | ' + '; '.join(f'{m}={v}' for m, v in others.items()) + ' |')
            if wanted:
                wrong.append(f'  the table has: {wanted_value} | ' + '; '.join(f'{m}={v}' for m, v in wanted.items()))
    result(not wrong, f'{name}: {len(ours)} lines, {len(present)} machines', '\n'.join(wrong[:40]))


def main():
    for tool in ('bochs', 'nasm'):
        if not shutil.which(tool):
            print(f'1..0 # SKIP {tool} is not here (Debian: apt install nasm bochs bochsbios vgabios bochs-term)')
            return 0
    absent = [m for m, there in (('amd', shutil.which(QEMU)), ('seabios', shutil.which(QEMU)), ('bochs', os.path.exists(BIOS['bochs'])),
                                 ('legacy', os.path.exists(BIOS['legacy']))) if not there]
    sectors = sys.argv[1:] or sorted(os.path.basename(path)[:-4] for path in glob.glob(f'{HERE}/*.asm'))
    if not LONG and not sys.argv[1:]:
        sectors = [name for name in sectors if header(f'{HERE}/{name}.asm').get('short')]
        absent += [machine for machine in LONG_ALONE if machine not in absent]
    table = known()
    for name in {key[0] for key in table} - {os.path.basename(p)[:-4] for p in glob.glob(f'{HERE}/*.asm')}:
        result(False, f'the table has a sector {name}, which there is not')
    with ThreadPoolExecutor(2) as pool:
        runs = {}
        for name in sectors:
            only = header(f'{HERE}/{name}.asm')['only'].split()
            runs[name] = {m: pool.submit(boot, f'{HERE}/{name}.asm', m) for m in MACHINES if m in only and m not in absent}
        for name in sectors:
            said = {machine: future.result() for machine, future in runs[name].items()}
            if os.environ.get('SHOW'):
                for machine, values in said.items():
                    print(f'# {name} {machine}: {values}')
            judge(name, said, table, list(said))
    for name, key in table:
        if name in sectors:
            result(False, f'{name}: the table has "{key}", which no machine says')
    for machine in absent:
        if machine not in LONG_ALONE or LONG:
            count_skip(machine)
    print(f'1..{count}')
    return failed != 0


def count_skip(machine):
    global count
    count += 1
    need = dict.fromkeys(('seabios', 'amd'), f'{QEMU} is not here (Debian: apt install qemu-system-x86)').get(machine, 'bochsbios has no ' + machine)
    print(f'ok {count} - {machine} # SKIP {need}')


sys.exit(main())
