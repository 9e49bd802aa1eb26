#!/usr/bin/env python3
# chance.py - boot sectors by chance on four machines: pxHV's guest on VT-x (pxhv, under Bochs) and on AMD-V (amd, under QEMU), and
# these emulators without pxHV. A sector is a row of probes (chance.inc), each a line of all that it has left. The emulators' own
# processors do not agree on everything: a line of pxHV's guest must be that of its own emulator, or of the other one. One that is
# neither is shown with its instructions, tried alone and made shorter. TAP.
#
#   python3 tests/firmware/differ/chance.py        FW=build/firmware; COUNT (1) sectors from SEED (1) on
#
# Where both are wrong, or differ from run to run, such instructions are left out: firmware/README.md, "By chance".
import os, random, sys, tempfile
from concurrent.futures import ThreadPoolExecutor

sys.dont_write_bytecode = True

import machines

GUESTS = {'pxhv': 'bochs', 'amd': 'seabios'}  # and the same emulator without pxHV
PROBES = 30
REGISTERS = ('eax', 'ebx', 'ecx', 'edx', 'esi', 'edi', 'ebp')
LOW = {'eax': 'al', 'ebx': 'bl', 'ecx': 'cl', 'edx': 'dl'}


class Chance(random.Random):
    def number(self, bits=32):
        """Small ones, edges, and any."""
        kind = self.randrange(4)
        if kind == 0:
            return self.randrange(16)
        if kind == 1:
            return (1 << self.randrange(bits)) - self.randrange(2)
        return self.getrandbits(self.choice([8, 16, bits]) if kind == 2 else bits)

    def place(self, bytes_=4):
        """An offset into the scratch segment, often at an edge of a page or of the segment."""
        edge = self.choice((0, 0x1000, 0x2000, 0x3000, 0x4000, 0x8000, 0x10000))
        return self.choice((self.randrange(0x10000 - bytes_), max(0, min(0x10000 - bytes_, edge + self.randrange(-5, 5)))))

    def register(self, but=()):
        return self.choice([name for name in REGISTERS if name not in but])


# ---- instructions; each function gives lines. A probe changes neither SS nor SP but in pairs. ----

def arithmetic(c):
    to, by = c.register(), c.register()
    narrow = c.random() < 0.4
    a, b = (to[1:], by[1:]) if narrow else (to, by)
    memory = f'{c.choice(("word", "dword"))} [{c.choice(("es", "ds", "fs", "gs"))}:{c.place():#x}]'
    value = c.number(16 if narrow else 32)
    return [c.choice((f'{c.choice(("add", "sub", "adc", "sbb", "cmp", "xor", "and", "or", "test", "xchg", "mov"))} {a}, {b}',
                      f'{c.choice(("add", "sub", "adc", "sbb", "cmp", "xor", "and", "or", "test", "mov"))} {a}, {value:#x}',
                      f'{c.choice(("inc", "dec", "neg", "not"))} {c.choice((a, memory))}', f'bswap {to}',
                      f'{c.choice(("add", "sub", "adc", "sbb", "xor", "mov", "cmp"))} {memory}, {c.number(7)}',
                      f'{c.choice(("movzx", "movsx"))} {to}, {by[1:]}', f'lea {a}, [bx + si + {value & 0xFFFF:#x}]',
                      f'push {a}\n        pop {b}', 'pushad\n        popad', 'cmc', 'stc', 'clc', 'cbw', 'cwde', 'cdq', 'salc',
                      f'set{c.choice(("c", "o", "s", "z", "p", "g", "le", "a"))} {LOW[c.choice(sorted(LOW))]}',
                      f'cmov{c.choice(("c", "o", "s", "z"))} {a}, {b}', 'sahf', 'lahf\n        and ah, 0xEF'))]


def read_port(c):
    return f'in {c.choice(("al", "ax", "eax"))}, dx'


def device(c):
    """Registers of devices that give back what was written, or what is fixed."""
    value = c.getrandbits(8)
    kind = c.randrange(10)
    if kind == 0:  # the scratch register and the divisor of COM1
        return [f'mov dx, 0x3FF\n        mov al, {value}\n        out dx, al\n        mov al, {value ^ 255}\n        in al, dx']
    if kind == 1:
        return ['mov dx, 0x3FB\n        mov al, 0x83\n        out dx, al\n        mov dx, 0x3F8',
                f'mov {c.choice(("al", "ax"))}, {c.randrange(2, 96)}\n        out dx, al\n        in al, dx',
                'mov dx, 0x3FB\n        mov al, 3\n        out dx, al']
    if kind == 2:
        return [f'mov dx, 0x3FB\n        mov al, {value & 0x3F}\n        out dx, al\n        mov al, 0\n        in al, dx']
    if kind == 3:  # masks of the interrupt controllers
        return [f'mov al, {value & 0xFE}\n        out {c.choice((0x21, 0xA1)):#x}, al\n        mov al, 0',
                f'in al, {c.choice((0x21, 0xA1)):#x}', 'mov al, 0xF8\n        out 0x21, al\n        mov al, 0xFF\n        out 0xA1, al']
    if kind == 4:  # the clock's memory
        index = c.randrange(0x50, 0x60)
        return [f'mov al, {index:#x}\n        out 0x70, al\n        mov al, {value}\n        out 0x71, al', f'mov al, {index:#x}\n        out 0x70, al\n        in al, 0x71']
    if kind == 5:  # the cursor's place
        index = c.choice((0x0E, 0x0F))
        return [f'mov dx, 0x3D4\n        mov ax, {value >> (4 if index == 0x0E else 0) << 8 | index:#x}\n        out dx, ax',
                'inc dx\n        in al, dx']
    if kind == 6:  # nothing is there
        return [f'mov dx, {c.choice((0x300, 0x304)):#x}', read_port(c), f'out dx, {c.choice(("al", "ax", "eax"))}']
    if kind == 7:  # A20: the first byte above 1 MB, and the one that it is without
        return ['mov al, 0\n        out 0x92, al'] if c.random() < 0.5 else ['mov al, 2\n        out 0x92, al']
    if kind == 8:
        return [f'mov al, {value & 3}\n        out 0x61, al\n        in al, 0x61\n        and al, 3', 'mov al, 0\n        out 0x61, al']
    return ['in al, 0xE9']


def string(c):
    """INS and OUTS of each size, with and without REP, overrides, at the edges of segments and pages."""
    size, direction = c.choice('bwd'), c.choice(('ins', 'outs'))
    bytes_ = {'b': 1, 'w': 2, 'd': 4}[size]
    wide = c.random() < 0.25
    at = c.place(bytes_)
    if c.random() < 0.1 and bytes_ > 1:
        at = 0x10000 - bytes_ + 1  # over the end of the segment
    index = 'edi' if direction == 'ins' else 'esi'
    upper = 0 if wide and c.random() < 0.9 else c.getrandbits(16) << 16
    lines = [f'mov {index}, {upper | at:#x}', f'mov {"ecx" if wide else "cx"}, {c.randrange(6)}',
             f'mov dx, {0x3FF if size == "b" else 0x300:#x}', c.choice(('cld', 'cld', 'std'))]
    prefixes = ('a32 ' if wide else '') + ('rep ' if c.random() < 0.7 else '')
    if direction == 'outs' and c.random() < 0.5:
        prefixes += c.choice(('es', 'fs', 'gs', 'ds')) + ' '
    return lines + [f'{prefixes}{direction}{size}', 'cld'] + (['mov dx, 0x3FF', 'in al, dx'] if size == 'b' else [])


def memory_string(c):
    lines = [f'mov si, {c.place():#x}', f'mov di, {c.place():#x}', f'mov cx, {c.randrange(6)}', c.choice(('cld', 'std'))]
    return lines + [f'rep {c.choice(("movsb", "movsw", "movsd", "stosb", "stosd", "lodsw"))}', 'cld']


FAULTS = ('ud2', 'db 0xF0, 0x90', 'db 0x0F, 0xFF, 0xC0', 'db 0x8E, 0xC8', 'db 0x0F, 0x01, 0xC1', 'xor eax, eax\n        db 0x0F, 0x01, 0xD8',
          'db 0x0F, 0x01, 0xD9', 'xor eax, eax\n        db 0x0F, 0x01, 0xDB', 'db 0x0F, 0x01, 0xDC', 'db 0x0F, 0x01, 0xDE', 'db 0x0F, 0xAA', 'int3',
          'mov cx, 0\n        div cx', 'mov al, 0x7F\n        add al, 1\n        into', 'mov ax, [es:0xFFFF]', 'mov [es:0xFFFD], eax',
          'mov bx, 0x100\n        mov dword [bx], 0x20001\n        mov ax, 3\n        bound ax, [bx]',
          'int 0x60', 'mov ecx, 0x1234\n        a32 mov al, [es:ecx + 0x10000]')
REAL_FAULTS = FAULTS + ('db 0x0F, 0x00, 0xC0', 'db 0x0F, 0x00, 0xD8', 'db 0x0F, 0x02, 0xC0', 'db 0x63, 0xC0', 'sysenter')


def trap(c):
    return [c.choice(REAL_FAULTS)]


def control(c):
    register, other = c.register(), c.register()
    kind = c.randrange(10)
    if kind == 0:
        bits = c.choice((2, 4, 8, 0x10000, 0x40000, 0xE, 0x50000))
        return [f'mov {register}, cr0\n        xor {register}, {bits:#x}\n        mov cr0, {register}\n        mov {register}, cr0',
                f'and {register}, ~{bits:#x}\n        mov cr0, {register}\n        and {register}, 0x5000F']
    if kind == 1:
        return [f'mov cr2, {register}\n        mov {other}, cr2']
    if kind == 2:
        bits = c.choice((4, 8, 0x10, 0x80, 0x200, 0x400, 0x600, 0x300))
        return [f'mov {register}, cr4\n        mov {other}, {register}\n        or {register}, {bits:#x}\n        mov cr4, {register}',
                f'mov {register}, cr4\n        and {register}, {bits:#x}\n        and {other}, 0x2720\n        mov cr4, {other}']
    if kind == 3:
        return [f'mov dr{c.randrange(4)}, {register}\n        mov {other}, dr{c.randrange(4)}']
    if kind == 4:
        return [f'smsw {register[1:]}\n        and {register}, 0xF', f'mov ax, {c.choice((2, 4, 8, 10))}\n        lmsw ax\n        mov {other}, cr0',
                f'and {other}, ~0xE\n        mov cr0, {other}\n        clts\n        and {other}, 0xF']
    if kind == 5:
        msr = c.choice((0x174, 0x175, 0x176, 0xC0000081, 0xC0000084))
        return [f'mov ecx, {msr:#x}\n        xor edx, edx\n        mov eax, {c.number(32):#x}\n        wrmsr\n        xor eax, eax\n        rdmsr']
    if kind == 6:
        return ['pushad\n        cpuid\n        popad', c.choice(('nop', 'wbinvd', 'invd'))]
    if kind == 7:
        return [f'sidt [es:{c.place(6):#x}]']
    if kind == 8:
        return [f'mov dr6, {register}\n        mov {other}, dr6\n        and {other}, 0xFFFFEFFF', 'xor eax, eax\n        mov dr6, eax']
    return ['mov ecx, 0xC0000080\n        rdmsr\n        and eax, 0xFFE', 'clts']


def rom(c):
    """Writes that nobody keeps."""
    what = c.choice((f'mov dword [es:ROM_AT], {c.number():#x}', f'add word [es:ROM_AT + {c.randrange(3)}], {c.getrandbits(15)}\n        cmp al, al',
                     'mov di, ROM_AT\n        mov cx, 3\n        rep stosb', 'xchg eax, [es:ROM_AT]\n        xor eax, [ss:rom_was]'))
    return ['push es\n        push 0xF000\n        pop es', what, 'pop es']


def halt(c):
    return ['sti\n        hlt\n        cli'] if c.random() < 0.2 else ['sti\n        nop\n        cli']


# Rights of a descriptor: byte 5, and the upper half of byte 6.
RIGHTS = (0x92, 0x93, 0x90, 0x91, 0x96, 0x97, 0x94, 0xF2, 0xD2, 0xB2, 0x12, 0x9A, 0x98, 0x9E, 0xFA, 0x82, 0x89, 0x8C, 0x86, 0x02, 0x1A)


def descriptor(c, i):
    limit, base, big = c.choice((0, 1, 0x7F, 0xFFF, 0xFFFE, 0xFFFF, 0xFFFFF)), 0x30000 + c.choice((0, 0, 0x800, 0xFFC)), c.choice((0, 0x40, 0x80, 0xC0))
    low = (base & 0xFFFF) << 16 | limit & 0xFFFF
    high = base & 0xFF000000 | big << 16 | limit & 0xF0000 | c.choice(RIGHTS) << 8 | base >> 16 & 0xFF
    return f'mov dword [ss:gdt + CHANCE + {8 * i}], {low:#x}\n        mov dword [ss:gdt + CHANCE + {8 * i + 4}], {high:#x}'


def selector(c):
    return c.choice(('CHANCE', 'CHANCE + 8', 'CHANCE + 16', 'CHANCE + 24')) + c.choice(('', '', '', ' + 1', ' + 3', ' + 4'))


def protected(c):
    register, other = c.register(), c.register()
    segment = c.choice(('es', 'fs', 'gs', 'ds'))
    kind = c.randrange(12)
    if kind < 3:
        return [f'mov {register}, {selector(c)}\n        mov {segment}, {register[1:]}']
    if kind == 3:
        return [f'mov {register}, {selector(c)}\n        {c.choice(("lar", "lsl"))} {other}, {register}']
    if kind == 4:
        return [f'mov {register}, {selector(c)}\n        {c.choice(("verr", "verw"))} {register[1:]}']
    if kind == 5:
        return [c.choice((f'mov {register}, [{segment}:{c.place():#x}]', f'mov [{segment}:{c.place():#x}], {register}',
                          f'mov byte [{segment}:{c.place(1):#x}], {c.getrandbits(8)}'))]
    if kind == 6:
        return [c.choice(FAULTS)]
    if kind == 7:
        return [f'push {segment}\n        pop {c.choice(("es", "fs", "gs"))}']
    if kind == 8:
        return [f'mov ax, {selector(c)}\n        {c.choice(("lldt", "ltr"))} ax']
    if kind == 9:
        return [f'jmp {selector(c)}:0x10'] if c.random() < 0.3 else ['sldt ax', 'str bx']
    if kind == 10:
        return control(c)
    return string(c)


def entry(c, i):
    """Of the first pages of scratch memory: to one of them, with any rights."""
    flags = c.choice((7, 7, 5, 3, 1, 6, 0x67, 0x27, 0x47))
    return (f'push PAGES\n        pop ds\n        mov dword [0x1000 + 4 * {0x30 + i}], '
            f'{0x30000 + 0x1000 * c.randrange(4) | flags:#x}')


KINDS = {  # mode: weight, before it begins, instructions
    'real': (5, (arithmetic, arithmetic, device, device, string, string, memory_string, trap, control, control, rom, halt)),
    'step': (2, (arithmetic, arithmetic, device, trap, control)),
    'protected': (4, (arithmetic, protected, protected, protected, device, string)),
    'paged': (4, (arithmetic, protected, string, string, string, memory_string, control))}


class Probe:
    """One line: where it runs, what it begins with, its instructions."""

    def __init__(self, seed, number):
        c = Chance(f'{seed} {number}')
        self.name = f'P{number}'
        self.mode = c.choices(list(KINDS), [weight for weight, _ in KINDS.values()])[0]
        self.before = []
        if self.mode in ('protected', 'paged'):
            self.before += [descriptor(c, i) for i in range(4)]
        if self.mode == 'paged':
            self.before += [entry(c, i) for i in range(4)]
        self.registers = {name: c.number() for name in REGISTERS}
        self.flags = 2 | (c.getrandbits(16) & 0x0CD5) | (0x100 if self.mode == 'step' else 0) & 0xFFFF
        if self.mode in ('protected', 'paged', 'step'):
            self.flags &= ~0x400
        self.body = []
        while len(self.body) < 8:
            self.body += c.choice(KINDS[self.mode][1])(c)

    def text(self):
        n = self.name
        lines = ['call prepare', f'mov word [ss:resume], {n}_end', *self.before]
        lines += {'protected': ['call protect'], 'paged': ['call protect', 'call page']}.get(self.mode, [])
        lines += [f'mov {name}, {value:#x}' for name, value in self.registers.items()]
        lines += [f'push word {self.flags:#x}', 'popf', f'mov word [ss:origin], {n}_begin']
        return '\n'.join(['        ' + line for line in lines] + [f'{n}_begin:'] + ['        ' + line for line in self.body] +
                         [f'{n}_end: mov sp, 0x7C00', '        call probe_over', f"        say '{n} = '", '        call probe_tell\n'])


def sector(probes, path):
    with open(path, 'w', encoding='utf-8') as f:
        f.write('%include "chance.inc"\n' + ''.join(probe.text() for probe in probes) + '        finish\n        last\n')


def outcomes(probes, there):
    """What each machine says, by the probe's name."""
    with tempfile.TemporaryDirectory() as place:
        path = f'{place}/sector.asm'
        sector(probes, path)
        with ThreadPoolExecutor(2) as pool:
            return dict(zip(there, pool.map(lambda machine: machines.boot(path, machine), there)))


def different(probes, there):
    """The probes in which a guest is like neither emulator, with what was said, and in how many the emulators differ. Of a machine
    that has not come to its end, it is the first probe that it has not ended."""
    said = outcomes(probes, there)
    values = {probe.name: {machine: said[machine].get(probe.name, 'not said') for machine in there} for probe in probes}
    bare = [machine for machine in GUESTS.values() if machine in there]
    wrong = {name: value for name, value in values.items()
             if any(value[guest] not in [value[machine] for machine in bare] for guest in GUESTS if guest in there)}
    for machine in there:
        if said[machine]['the end'] != 'reached':
            name = next((name for name, value in values.items() if value[machine] == 'not said'), probes[-1].name)
            return {name: values[name]}, 0
    return wrong, sum(len({value[machine] for machine in bare}) > 1 for value in values.values())


def shorter(probe, there):
    """Alone, without what it does not need; None: alone it differs no more."""
    if not different([probe], there)[0]:
        return None
    at = 0
    while at < len(probe.body):
        kept = probe.body[:]
        del probe.body[at]
        if not different([probe], there)[0]:
            probe.body = kept
            at += 1
    return probe


def main():
    missing = machines.absent()
    there = [machine for pair in GUESTS.items() for machine in pair if not {*pair} & missing.keys()]
    first, count = int(os.environ.get('SEED', '1')), int(os.environ.get('COUNT', '1'))
    bad = 0
    for seed in range(first, first + count):
        probes = [Probe(seed, number) for number in range(PROBES)]
        wrong, apart = different(probes, there)
        bad += bool(wrong)
        print(f'{"not ok" if wrong else "ok"} {seed - first + 1} - seed {seed}: {PROBES} probes on {", ".join(there)}; the emulators '
              f'differ in {apart}', flush=True)
        for probe in [probe for probe in probes if probe.name in wrong][:3]:
            for machine, value in wrong[probe.name].items():
                print(f'# {probe.name} {machine}: {value}')
            small = shorter(probe, there)
            print('# ' + ('alone it does not differ:\n# ' if small is None else '') + probe.text().replace('\n', '\n# '), flush=True)
    print(f'1..{count}')
    return bad != 0


sys.exit(main())
