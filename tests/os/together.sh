#!/usr/bin/env bash
# together.sh - what many processes ask of files in the same rounds is answered as if they had been served one by one: the same session
# by the kernel, and by one of the same sources that serves nobody together. TAP.
. tests/os/lib.sh
PYTHON=${PYTHON:-python3}
small together about
with_programs
one=$dir/one/os/fs/limits.def
mkdir -p "${one%/*}" && sed -E 's/^(OS_LIMIT\(MANY, +)4,/\10,/' os/fs/limits.def >"$one" && ! cmp -s "$one" os/fs/limits.def || exit 1
"$PX" cc -q -O2 --freestanding -I "$dir/one" -I. -Ios/kernel/libc --width 256 --stack 3072 --heap 0 -D OS_DEVICES= \
    os/kernel/*.c os/drivers/*.c os/fs/[!p]*.c os/fs/pxfs.c -o "$dir/one.pxi" || exit 1
"$PX" mkos -q --kernel "$dir/one.pxi" "$OS"/*.pxi "$dir"/{together,about}.pxi -o "$dir/alone.pxi" || exit 1

# as_alone NAME LINE..: on fast by both systems, with a small disk and a FAT; what the disks hold then, too.
as_alone() {
    local name=$1 system ended=
    shift
    printf '%s\n' "$@" >"$dir/in"
    for system in os alone; do
        rm -f "$dir/$system.disk" && "$PX" mkfs "$dir/$system.disk" --size "${size:-262144}" --id 1 && cp "$dir/fat" "$dir/$system.fat" || exit 1
        timeout 100 "$PX" run -q --host --on fast --state --disk "$dir/$system.disk" --disk "$dir/$system.fat" "$dir/$system.pxi" \
            -o "$dir/$system.png" <"$dir/in" >"$dir/$system.got" 2>"$dir/$system.err"
        ended+=$?
        "$PX" fsck -q "$dir/$system.disk" >>"$dir/$system.err" 2>&1
        ended+=$?
    done
    [ "$ended" = 0000 ] && grep -q '^file ' "$dir/os.got" && cmp -s "$dir/os.got" "$dir/alone.got"
    result $? "$name" "$ended $(diff "$dir/alone.got" "$dir/os.got" | head -n 8; cat "$dir"/{os,alone}.err)"
}
if command -v mkfs.fat >/dev/null; then truncate -s 200K "$dir/fat" && mkfs.fat "$dir/fat" >/dev/null; else : >"$dir/fat"; fi
as_alone 'writes at places' 'together w 24 20 /tmp/f' 'together w 5 20 /disk0/f'
as_alone 'reads at places' 'together r 24 20 /tmp/f'
as_alone 'writes at a place that is shared' 'together s 24 8 /tmp/f' 'together s 5 20 /disk0/f'
as_alone 'reads at a place that is shared, to the end' 'together t 24 8 /tmp/f' 'together t 5 20 /disk0/f'
as_alone 'what is appended' 'together a 24 8 /tmp/f'
as_alone 'anything' 'together x 24 40 /tmp/f'
as_alone 'handles that are not for it' 'together k 24 4 /tmp/f; cat /tmp/f | wc'
# Folders of two groups; names of the longest length, two of the same hash, a file of two names.
many='mkdir /disk0/many; cd /disk0/many; for a in 0 1 2 3 4 5 6 7 8 9 10 11 12 13; do for b in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19; do'
many+=' echo $b >n$((a * 19 + b)); done; done; mkdir folder; ln n1 linked; echo >nnhbauim; echo >zvvdrmhf; echo >zedsndda; echo >a-name-of-fifty-six-bytes-which-is-as-long-as-names-get1; cd /'
size=1048576 as_alone 'names, of files and folders and what is none' "$many" 'echo >/disk0/f; echo >/disk1/f' 'about 40 100 | sort' 'about 4 200'

# Disks whose names and nodes are wrong, with right seals, and only read: the same answers, and errors.
cp "$dir/alone.disk" "$dir/whole.disk" && echo 'about 40 30 | sort; about 4 60' >"$dir/in"
differ='' ends=''
for seed in $(seq 16); do
    cp "$dir/whole.disk" "$dir/bad.disk" && "$PYTHON" tests/fs/pxfs.py --spoil "$dir/bad.disk" "$seed"
    for system in os alone; do
        timeout 100 "$PX" run -q --host --on fast --disk "$dir/bad.disk:ro" "$dir/$system.pxi" <"$dir/in" >"$dir/$system.got" 2>&1
        ends+=$?
    done
    cmp -s "$dir/os.got" "$dir/alone.got" || differ+=" $seed"
    cat "$dir/os.got" >>"$dir/all.got"
done
[ -z "$differ" ] && [[ $ends =~ ^[02]+$ ]] && [ "$(sort -u "$dir/all.got" | wc -l)" -gt 60 ] # or nothing was wrong
result $? 'names on disks that are damaged' "seeds$differ differ; $ends"

as_alone 'a disk that gets full' 'together s 24 40 /disk0/f' 'df'
as_alone 'and by two handles' 'together a 24 40 /disk0/f' 'df'
as_alone 'and by writes at places' 'together g 24 200 /disk0/f' 'df'
as_alone 'a FAT that gets full' 'together s 24 40 /disk1/f' 'df'
finish
