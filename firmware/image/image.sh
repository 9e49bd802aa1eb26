#!/usr/bin/env bash
# image.sh - one boot image of pxHV, for `make hv-run` and `make hv-image`: firmware/image/image.sh check|make
#
# What is wanted comes by the environment, so that a file's name may have blanks and quotes: GUEST, a name of the list below, or
# IMG, somebody's floppy or disk; OPTIONS, words for pxHV; DRIVER, a serial driver's picture in place of ours; APPEND, Linux'
# command line; END, one more option. FW is the folder of the built parts, LINUX and INITRD are the kernel's. check tells what
# is wrong with the wish before anything is built; make builds $FW/run-$GUEST.img.
set -u
fail() { echo "pxHV: $*" >&2; exit 2; }

check_file() {
    local size
    [ -e "$IMG" ] || fail "IMG=$IMG: no such file"
    [ -f "$IMG" ] && [ -r "$IMG" ] || fail "IMG=$IMG: not a file that can be read"
    size=$(stat -Lc %s "$IMG")
    [ "$size" -ge 512 ] && { [ $((size % 512)) = 0 ] || [ "$size" -lt 2949120 ]; } || fail "IMG=$IMG: $size bytes; a floppy or disk image has whole sectors of 512"
    [ "$(od -An -tx1 -j510 -N2 "$IMG")" = ' 55 aa' ] ||
        fail "IMG=$IMG: no boot sector (its last bytes are not 55h AAh); expected the raw image of a floppy or disk"
    [ "$size" -le $((1024 << 20)) ] || fail "IMG=$IMG: $((size >> 20)) MB; the guest's disks lie in memory, 1024 MB at most"
}

case $GUEST in
given) check_file ;;
pxdos | linux | test | hello | bulk | attack) [ -z "${IMG-}" ] || fail "GUEST=$GUEST and IMG=$IMG: one of them" ;;
*) fail "GUEST=$GUEST: expected pxdos, linux, test, attack, bulk or hello; IMG=FILE boots any floppy or disk image" ;;
esac
[ "$1" = make ] || exit 0

options=${OPTIONS-}
case $GUEST in
given) parts=("image=$IMG") ;;
linux) parts=("kernel=$LINUX" "initrd=$INITRD") options+=" append=$APPEND" ;;
test) parts=("floppy=$FW/biostest.floppy") ;;
pxdos) parts=("floppy=$FW/pxdos.floppy") options="console=serial $options" ;;
*) parts=("floppy=$FW/$GUEST.floppy") ;;
esac
exec "$FW/mkimage" -o "$FW/run-$GUEST.img" "$FW/boot/boot.bin" "$FW/stage2.bin" hv="$FW/hv.bin" \
    driver="${DRIVER:-${FW%/firmware}/programs/serial_driver.pxi}" "${parts[@]}" "options=${END-} $options"
