#!/usr/bin/env bash
# images.sh FOLDER - small images of file systems with something in them, for the fuzzer. What there is no tool for is left out.
set -eu
PATH=$PATH:/usr/sbin:/sbin
mkdir -p "$1"
cd "$1"
rm -rf ./*.fat ./*.ext tree
mkdir -p tree/folder/deeper tree/many
head -c 9000 /dev/urandom >tree/folder/file.bin
echo text >'tree/folder/deeper/A long name äöü.text'
: >tree/EMPTY
truncate -s 300000 tree/hole
echo end >>tree/hole
for n in $(seq 40); do echo "$n" >"tree/many/A name that is long, number $n"; done
ln -s folder/file.bin tree/link
export LC_ALL=C.UTF-8 MTOOLS_SKIP_CHECK=1
fat() { # NAME BITS KIB OPTION..
    mkfs.fat -C -F "$2" "${@:4}" "$1.fat" "$3" >/dev/null
    mcopy -s -i "$1.fat" tree/folder tree/many tree/EMPTY ::
}
ext() { mke2fs -q -F -N 128 "${@:2}" -d tree "$1.ext" 1M >/dev/null 2>&1; }
if command -v mkfs.fat >/dev/null && command -v mcopy >/dev/null; then
    fat 12 12 256
    fat 12-4 12 300 -s 4
    fat 16 16 4400 -s 2
    fat 32 32 34000 -s 1
fi
if command -v mke2fs >/dev/null; then
    ext ext2 -t ext2 -b 1024
    ext ext4 -t ext4 -O ^has_journal,^metadata_csum -b 1024
    ext ext4-4k -t ext4 -O ^has_journal,^metadata_csum -b 4096
    ext checked -t ext4 -O ^has_journal -b 1024
    ext inline -t ext4 -O ^has_journal,^metadata_csum,inline_data -I 256 -b 1024
    e2fsck -fyD ext4.ext >/dev/null 2>&1 || true
fi
rm -rf tree
