#!/usr/bin/env bash
# second.sh - pxOS and a second kernel, written from its documents alone (second.py), give the same answers to second.txt and to random
# calls: RANDOM_SESSIONS of them, from seed SEED on. With LONG=1 those too that take long. TAP.
. tests/os/lib.sh
program '--stack 512 --heap 64' ask
cp -r "$OS/tree" "$dir/tree" && cp build/programs/{rule90,scheduler}.pxi "$dir" || exit 1
PX="$PX" OS="$OS" "${PYTHON:-python3}" tests/os/second_check.py "$dir" "${RANDOM_SESSIONS:-2}" "${SEED:-1}"
