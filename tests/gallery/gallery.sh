#!/usr/bin/env bash
# gallery.sh - every program of pxi/programs assembled, run, and compared with an answer worked out without a pixel machine.
#
#   PX=build/px ON=ref tests/gallery/gallery.sh [NAME ..]      the programs named, or all; TAP
PX=${PX:-build/px}
PYTHON=${PYTHON:-python3}
ON=${ON:-ref}
here=$(dirname "${BASH_SOURCE[0]}")
programs=$here/../../pxi/programs
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT

number=0 failed=0
result() { # STATUS NAME [MESSAGE]
    number=$((number + 1))
    if [ "$1" -eq 0 ]; then
        echo "ok $number - $2"
    else
        failed=$((failed + 1))
        echo "not ok $number - $2"
    fi
    if [ "$1" -ne 0 ] && [ -n "$3" ]; then sed 's/^/# /' <<<"$3"; fi
}

check() { # NAME
    local message status w h
    message=$("$PX" asm --werror -q -o "$work/$1.pxi" "$programs/$1.pxa" 2>&1)
    result $? "$1: assembles without a warning" "$message" || return
    [ -f "$work/$1.pxi" ] || return
    if [[ $1 != *_large ]]; then
        # width and height stand in bytes 16 to 23 of a PNG
        read -r w h < <(od -An -tu4 --endian=big -j16 -N8 "$work/$1.pxi")
        [ $((w * h)) -le 2048 ]
        result $? "$1: at most 2,048 pixels, so that a small board holds it" "it has $w x $h"
    fi
    message=$(timeout 120 "$PX" run --on "$ON" -q --image -o "$work/$1.png" "$work/$1.pxi" 2>&1)
    status=$?
    result $status "$1: runs and halts" "$message"
    [ $status -eq 0 ] || return
    message=$("$PYTHON" "$here/expect.py" "$1" "$work/$1.png" 2>&1)
    status=$?
    result $status "$1: the picture is the expected one" "$(sed -n 's/^# //p' <<<"$message")"
    if grep -qx "$1" <<<"$kernels"; then
        message=$("$PYTHON" "$here/alone.py" "$1" "$work/$1.png" "$PX" --on "$ON" 2>&1)
        result $? "$1: its machines are what they become alone" "$message"
    fi
}
kernels=$("$PYTHON" "$here/alone.py" --list)

if [ $# -eq 0 ]; then
    for file in "$programs"/*.pxa; do
        name=$(basename "$file" .pxa)
        [[ $name == serial* ]] || set -- "$@" "$name" # the serial driver's tests are its own
    done
    for name in $("$PYTHON" "$here/expect.py" --list); do
        [ -f "$programs/$name.pxa" ] || result 1 "$name has a model but no program"
    done
fi
for name; do check "$name"; done
if [ $number -eq 0 ]; then result 1 "there are programs to check"; fi
echo "1..$number"
[ $failed -eq 0 ]
