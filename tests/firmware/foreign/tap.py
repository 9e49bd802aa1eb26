"""tap.py - results on standard output, numbered through all cases, and the folder that lives as long as the run."""
import atexit
import os
import shutil
import tempfile

count = bad = 0
place = tempfile.mkdtemp()
atexit.register(shutil.rmtree, place)


def path(name):
    return os.path.join(place, name)


def result(good, name, detail=b''):
    global count, bad
    count += 1
    bad += not good
    print(('ok' if good else 'not ok') + f' {count} - {name}', flush=True)
    if not good:
        detail = detail or b''
        print('\n'.join('# ' + line for line in bytes(detail)[-2500:].decode('latin-1').splitlines()), flush=True)


def skip(name, why):
    global count
    count += 1
    print(f'ok {count} - {name} # SKIP {why}', flush=True)
