#!/bin/bash
# mke2fs-inline-data-holes.sh - mke2fs -d makes files shorter where they end in a hole and the file system has inline_data.
#
# mke2fs(8): -d copies the contents of a folder into the file system that is made. With "-O inline_data" a file that begins with a few
# bytes and goes on as a hole (truncate -s, sparse copies, preallocated logs) comes out with 1,024 bytes in place of 70,000: size and
# all, and e2fsck -fn calls it clean. A file that is one hole keeps its size but is marked as inline, with 60 bytes at most in its
# inode. Without inline_data both are right. And debugfs' dump and cat write 60 bytes of an inline file of 12, its size in the inode
# being right: what the inode has room for, zeros behind what there is.
# Seen, e2fsprogs 1.47.0 (Debian 12, 1.47.0-2+b2):
#   inline_data: tail 1024, hole 70000 inline; e2fsck: 0; dump of 12 bytes: 60
#   plain:       tail 70000, hole 70000; e2fsck: 0; dump of 12 bytes: 12
#
# Uses the packages of these versions where they are installed, otherwise a copy in a temporary folder (FETCH=1: always).
# Exit: 0 as written here, 1 the behaviour has changed, 2 it could not be tried.
set -u
pinned=(e2fsprogs=1.47.0-2+b2 libext2fs2=1.47.0-2+b2 libss2=1.47.0-2+b2 libcom-err2=1.47.0-2+b2)
t=$(mktemp -d) && trap 'rm -rf "$t"' EXIT
cd "$t" && mkdir -p debs/partial root src || exit 2
PATH=$PATH:/sbin:/usr/sbin
for p in "${pinned[@]}"; do
    [ "$(dpkg-query -W -f '${Version}' "${p%%=*}" 2>"$t/err")" = "${p#*=}" ] || FETCH=1
done
if [ -n "${FETCH:-}" ]; then
    for p in "${pinned[@]}"; do (cd debs && apt-get -qq download "$p" 2>"$t/err") || exit 2; done
    for d in debs/*.deb; do dpkg -x "$d" root || exit 2; done
    export PATH=$t/root/sbin:$t/root/usr/sbin:$PATH LD_LIBRARY_PATH=$t/$(dirname "$(cd root && find . -name 'libext2fs.so.2' | head -n 1)" | sed 's,^\.,root,')
fi
mke2fs -V 2>&1 | head -n 1
truncate -s 70000 src/hole
printf 'twelve bytes' >src/small
cp src/small src/tail && truncate -s 70000 src/tail
size() { debugfs -R "stat /$1" "$2" 2>"$t/err" | sed -nE 's/.*Project:.*Size: ([0-9]+).*/\1/p'; }
for kind in inline_data plain; do
    options=(-I 256)
    [ $kind = plain ] || options+=(-O inline_data)
    truncate -s 16M $kind.img
    mke2fs -q -F -t ext4 "${options[@]}" -d src $kind.img || exit 2
    debugfs -R 'stat /hole' $kind.img 2>"$t/err" | grep -q 'Flags: 0x1.......' && inline=' inline' || inline=
    debugfs -R "dump /small $kind.out" $kind.img 2>"$t/err"
    e2fsck -fn $kind.img >"$t/log" 2>&1
    declare "$kind=tail $(size tail $kind.img), hole $(size hole $kind.img)$inline; e2fsck: $?; dump of 12 bytes: $(stat -c %s $kind.out)"
    echo "$kind: ${!kind}"
done
[ "$plain" = 'tail 70000, hole 70000; e2fsck: 0; dump of 12 bytes: 12' ] || exit 2
if [ "$inline_data" = 'tail 1024, hole 70000 inline; e2fsck: 0; dump of 12 bytes: 60' ]; then
    echo "as before"
else
    echo "the behaviour has changed"
    exit 1
fi
