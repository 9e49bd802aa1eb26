"""machines.py - a boot sector on one of five machines: pxHV's guest on VT-x (pxhv, under Bochs) and on AMD-V (amd, under QEMU),
QEMU with SeaBIOS, Bochs with its own BIOS and Bochs with the older one; and the lines that it writes to port E9h."""
import os, re, shutil, subprocess, sys, tempfile

HERE = os.path.dirname(os.path.realpath(__file__))
FW = os.environ.get('FW', 'build/firmware')
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))
SECONDS = 300  # of wall time, on a busy machine
MACHINES = ('pxhv', 'amd', 'seabios', 'bochs', 'legacy')
BIOS = {'bochs': '/usr/share/bochs/BIOS-bochs-latest', 'legacy': '/usr/share/bochs/BIOS-bochs-legacy'}
QEMU = 'qemu-system-x86_64'
STANDARD = 'floppy 1474560'


def absent():
    """Machines that are not here, with the reason. Without Bochs or NASM there is none: then the suite is skipped."""
    for tool in ('bochs', 'nasm'):
        if not shutil.which(tool):
            print(f'1..0 # SKIP {tool} is not here (Debian: apt install nasm bochs bochsbios vgabios bochs-term)')
            sys.exit(0)
    no_qemu = None if shutil.which(QEMU) else f'{QEMU} is not here (Debian: apt install qemu-system-x86)'
    reasons = {'amd': no_qemu, 'seabios': no_qemu,
               **{bios: None if os.path.exists(path) else 'bochsbios has no ' + path for bios, path in BIOS.items()}}
    return {machine: why for machine, why in reasons.items() if why}


def header(path):
    """The options in a sector's comment."""
    said = {'image': STANDARD, 'ways': '', 'triple faults': '0', 'only': ' '.join(MACHINES), 'numbered': '', 'short': ''}
    with open(path, encoding='utf-8') as f:
        for text in f:
            if not text.startswith(';'):
                break
            said.update(re.findall(r'^; (image|ways|triple faults|only) = (.*)$', text))
            said.update({word: word for word in re.findall(r'^; (numbered|short)$', text)})
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
        if machine not in ('pxhv', 'amd') or said['numbered'] or said['image'] != STANDARD:  # pxHV adds what is missing of that
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
