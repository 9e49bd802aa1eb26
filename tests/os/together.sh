#!/usr/bin/env bash
# together.sh - what many processes ask of files in the same rounds is answered as if they had been served one by one: the same session
# by the kernel, and by one of the same sources that serves nobody together. TAP.
. tests/os/lib.sh
small together
with_programs
one=$dir/one/os/fs/limits.def
mkdir -p "${one%/*}" && sed -E 's/^(OS_LIMIT\(MANY, +)4,/\10,/' os/fs/limits.def >"$one" && ! cmp -s "$one" os/fs/limits.def || exit 1
"$PX" cc -q -O2 --freestanding -I "$dir/one" -I. -Ios/kernel/libc --width 256 --stack 3072 --heap 0 -D OS_DEVICES= \
    os/kernel/*.c os/drivers/*.c os/fs/[!p]*.c os/fs/pxfs.c -o "$dir/one.pxi" || exit 1
"$PX" mkos -q --kernel "$dir/one.pxi" "$OS"/*.pxi "$dir/together.pxi" -o "$dir/alone.pxi" || exit 1

# as_alone NAME LINE..: on fast by both systems, with a small disk and a FAT; what the disks hold then, too.
as_alone() {
    local name=$1 system
    shift
    printf '%s\n' "$@" >"$dir/in"
    for system in os alone; do
        rm -f "$dir/$system.disk" && "$PX" mkfs "$dir/$system.disk" --size 262144 --id 1 && cp "$dir/fat" "$dir/$system.fat" || exit 1
        timeout 100 "$PX" run -q --host --on fast --state --disk "$dir/$system.disk" --disk "$dir/$system.fat" "$dir/$system.pxi" \
            -o "$dir/$system.png" <"$dir/in" >"$dir/$system.got" 2>"$dir/$system.err" || return 1
        "$PX" fsck -q "$dir/$system.disk" >>"$dir/$system.err" 2>&1 || return 1
    done
    grep -q '^file ' "$dir/os.got" && cmp -s "$dir/os.got" "$dir/alone.got"
    result $? "$name" "$(diff "$dir/alone.got" "$dir/os.got" | head -n 8; cat "$dir"/{os,alone}.err)"
}
if command -v mkfs.fat >/dev/null; then truncate -s 200K "$dir/fat" && mkfs.fat "$dir/fat" >/dev/null; else : >"$dir/fat"; fi
as_alone 'writes at places' 'together w 24 20 /tmp/f' 'together w 5 20 /disk0/f'
as_alone 'reads at places' 'together r 24 20 /tmp/f'
as_alone 'writes at a place that is shared' 'together s 24 8 /tmp/f' 'together s 5 20 /disk0/f'
as_alone 'reads at a place that is shared, to the end' 'together t 24 8 /tmp/f' 'together t 5 20 /disk0/f'
as_alone 'what is appended' 'together a 24 8 /tmp/f'
as_alone 'anything' 'together x 24 40 /tmp/f'
as_alone 'handles that are not for it' 'together k 24 4 /tmp/f; cat /tmp/f | wc'
as_alone 'a disk that gets full' 'together s 24 40 /disk0/f' 'df'
as_alone 'and by two handles' 'together a 24 40 /disk0/f' 'df'
as_alone 'and by writes at places' 'together g 24 200 /disk0/f' 'df'
as_alone 'a FAT that gets full' 'together s 24 40 /disk1/f' 'df'
finish
