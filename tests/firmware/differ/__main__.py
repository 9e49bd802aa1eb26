#!/usr/bin/env python3
# differ - the same boot sectors on five machines: pxHV's guest on VT-x (pxhv, under Bochs) and on AMD-V (amd, under QEMU), and as
# oracles QEMU with SeaBIOS, Bochs with its own BIOS and Bochs with the older one. Each sector of this folder writes lines
# "what = value" to port E9h and ends by itself; the lines must be the same, but for those that the file `differences` names with a
# reason. One that it does not name fails, and one that it names and that is gone fails too. TAP.
#
#   python3 tests/firmware/differ [SECTOR]...      FW=build/firmware; LONG=1: all of them, else those that say "; short"
#
# The first lines of a sector may say "; image = floppy 327680" or "; image = disk 4194304" (floppy 1474560), "; ways = WORDS" (options
# of pxHV), "; short", "; numbered" (each sector begins with its number), "; only = MACHINES", and "; triple faults = N", at each of
# which Bochs' debugger stops and is told to go on.
import glob, os, sys
from concurrent.futures import ThreadPoolExecutor

sys.dont_write_bytecode = True

from machines import HERE, MACHINES, absent, boot, header

LONG = bool(os.environ.get('LONG'))
LONG_ALONE = ('legacy', 'amd')

count, failed = 0, 0


def result(good, name, why=''):
    global count, failed
    count += 1
    failed += not good
    print(f'{"ok" if good else "not ok"} {count} - {name}', flush=True)
    if not good:
        for text in why.splitlines():
            print(f'# {text}')


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
    missing = absent()
    left_out = set(missing)
    sectors = sys.argv[1:] or sorted(os.path.basename(path)[:-4] for path in glob.glob(f'{HERE}/*.asm'))
    if not LONG and not sys.argv[1:]:
        sectors = [name for name in sectors if header(f'{HERE}/{name}.asm').get('short')]
        left_out |= set(LONG_ALONE)
    table = known()
    for name in {key[0] for key in table} - {os.path.basename(p)[:-4] for p in glob.glob(f'{HERE}/*.asm')}:
        result(False, f'the table has a sector {name}, which there is not')
    with ThreadPoolExecutor(2) as pool:
        runs = {}
        for name in sectors:
            only = header(f'{HERE}/{name}.asm')['only'].split()
            runs[name] = {m: pool.submit(boot, f'{HERE}/{name}.asm', m) for m in MACHINES if m in only and m not in left_out}
        for name in sectors:
            said = {machine: future.result() for machine, future in runs[name].items()}
            if os.environ.get('SHOW'):
                for machine, values in said.items():
                    print(f'# {name} {machine}: {values}')
            judge(name, said, table, list(said))
    for name, key in table:
        if name in sectors:
            result(False, f'{name}: the table has "{key}", which no machine says')
    for machine, why in missing.items():
        if machine not in LONG_ALONE or LONG:
            result(True, f'{machine} # SKIP {why}')
    print(f'1..{count}')
    return failed != 0


sys.exit(main())
