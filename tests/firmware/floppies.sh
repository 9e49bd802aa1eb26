#!/usr/bin/env bash
# floppies.sh - images of every kind, as `make hv-run IMG=` takes them: the guest finds the geometry that the image was made
# with, reads by it the sectors that lie there, and pxDOS, whose boot sector reads by its parameter block, starts. LONG=1: every
# format. TAP.
NEEDS='python3 mformat'
. tests/firmware/lib.sh

image() { # FILE: a boot image with it
    env FW="$fw" GUEST=given IMG="$1" OPTIONS=link=none END=end=bochs firmware/image/image.sh make >"$dir/out" 2>&1
}
nasm -f bin -o "$dir/boot.bin" tests/firmware/geometry.asm || exit 1
# BYTES [CYLINDERS HEADS SECTORS [KIND]]: an image whose sectors begin with their numbers; KIND block has a parameter block of
# that geometry, part one partition of it. The geometry's line goes to FILE.want: cylinder 1 and the last head begin where
# CHS arithmetic says; a sector that the image has not is blank.
make() {
    python3 - "$dir/boot.bin" "$dir/image" "$@" <<'END'
import struct, sys
boot, path, size, c, h, s = *sys.argv[1:3], *map(int, sys.argv[3:7])
kind = (sys.argv[7:] or [''])[0]
image = bytearray(size)
image[:512] = open(boot, 'rb').read()
if kind == 'block':
    struct.pack_into('<HBHBHHBHHH', image, 11, 512, 1, 1, 2, 224, c * h * s, 0xF0, 3, s, h)
if kind == 'part': # from head 1 to the last cylinder's end
    end = c - 1
    struct.pack_into('<8BII', image, 446, 0x80, 1, 1, 0, 4, h - 1, s | end >> 2 & 0xC0, end & 255, s, c * h * s - s)
for i in range(1, (size + 511) // 512):
    image[i * 512:i * 512 + 2] = struct.pack('<H', i & 0xFFFF)
open(path, 'wb').write(image[:size])
last = c - 1
sectors = [h * s, (h - 1) * s, c * h * s - 1]
words = [(last & 255) << 8 | last >> 8 << 6 | s, (h - 1) << 8]
words += [struct.unpack_from('<H', image, i * 512)[0] if i * 512 < size else 0 for i in sectors]
open(path + '.want', 'w').write(' '.join('%04X' % w for w in words) + ' \n')
END
}
tells() { # NAME: the guest's line is the one that was made with the image
    image "$dir/image" && firmware/$emu.sh --seconds 60 "$fw/run-given.img" >"$dir/log" 2>&1 &&
        sed -n 's/^pxhv: guest: \([0-9A-F]\{4\} .*\)/\1 /p' "$dir/log" | sed 's/ *$/ /' >"$dir/out" && diff "$dir/image.want" "$dir/out" >>"$dir/out"
    result $? "$1"
}

formats=('40 1 8' '40 2 8' '80 2 21')
[ -z "${LONG-}" ] || formats+=('40 1 9' '40 2 9' '80 2 9' '80 2 15' '80 2 18' '80 2 20' '82 2 21' '80 2 36')
for format in "${formats[@]}"; do
    read -r c h s <<<"$format"
    make $((c * h * s * 512)) $format
    tells "a floppy of $((c * h * s / 2)) KB has $c cylinders, $h heads, $s sectors"
done
make 368640 80 1 9 block
tells '360 KB with a parameter block of one side have one'
make 10752 80 2 18
tells 'an image of 21 sectors is a floppy of 1.44 MB that is not finished'
make 10752 40 2 9 block
tells 'or of 360 KB, when its parameter block says so'
make 10700 80 2 18
tells 'it need not end with a sector'
make 1500160 80 2 36
tells 'one that is longer than 1.44 MB, of 2.88 MB'
make $((300 * 2 * 17 * 512)) 300 2 17 part
tells 'a hard disk has the geometry that its partition was made with'
make $((61 * 2 * 17 * 512)) 61 2 17 part
tells 'a small one too, which is no floppy'

seq 2000 | sed 's/$/\r/' >"$dir/numbers" # some clusters of text
formats=('-f 160' '-f 320')
[ -z "${LONG-}" ] || formats+=('-f 180' '-f 320 -c 1' '-f 360' '-f 360 -c 4' '-f 720' '-f 1200' '-f 1440' '-t 80 -h 2 -s 21' '-t 80 -h 2 -s 20' '-f 2880')
for format in "${formats[@]}"; do
    rm -f "$dir/floppy"
    # shellcheck disable=SC2086
    mformat -C -i "$dir/floppy" $format -B "$fw/guests/pxdos/boot.bin" :: && mcopy -i "$dir/floppy" "$fw/guests/pxdos/system.bin" ::PXDOS.SYS &&
        mcopy -i "$dir/floppy" "$dir/numbers" ::NUMBERS.TXT && printf '@type numbers.txt\r\n@halt\r\n' | mcopy -i "$dir/floppy" - ::AUTOEXEC.BAT && image "$dir/floppy" &&
        firmware/$emu.sh --seconds 60 --screen "$dir/screen" "$fw/run-given.img" >"$dir/log" 2>&1 &&
        firmware/screen.py --text "$dir/screen" >"$dir/out" && grep -qx 1990 "$dir/out" && grep -qx 2000 "$dir/out"
    result $? "pxDOS from mformat $format"
done
finish
