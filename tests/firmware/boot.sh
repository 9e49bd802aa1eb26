#!/usr/bin/env bash
# boot.sh - pxHV boots from a disk and from a floppy, with little memory and with much, on BIOSes with odd ways; what cannot be
# booted is named; and what mkimage does not take. TAP.
NEEDS=python3
. tests/firmware/lib.sh
parts=("$fw/boot/boot.bin" "$fw/stage2.bin" "hv=$fw/hv.bin")
boot() { # IMAGE, OPTIONS of bochs.sh
    local image=$1
    shift
    firmware/bochs.sh --seconds 300 "$@" "$image" >"$dir/out" 2>&1
}
hello() { grep -q 'guest: Hello from a guest of pxHV' "$dir/out"; }
first='memory 7800000 to 7e00000'

boot "$fw/hello.img" --com1 "$dir/com1"
result $? "hello.img ends by itself"
hello
result $? "the guest speaks on port E9h"
[ "$(cat "$dir/com1")" = $'Hello from a guest of pxHV\r' ]
result $? "and on COM1"
grep -q "$first.*boot drive 80" "$dir/out"
result $? "from a hard disk"

# The way there, in instructions: each run takes the same, and the loader and pxHV keep to what they are allowed.
ticks=$(grep -E '^pxhv: boot: [0-9]+ ticks to the guest: ' "$dir/out")
echo "# ${ticks#pxhv: }"
read -r total bios loader hv <<<"$(tr -cs '0-9\n' ' ' <<<"$ticks")"
[ $((bios + loader + hv)) = "$total" ] && [ "$loader" -le 20000000 ] && [ "$hv" -le 3000000 ]
result $? "at most 20 million instructions in the loader, 3 million in pxHV"
boot "$fw/hello.img" && grep -qxF "$ticks" "$dir/out"
result $? "and as many each time"

# A guest of one sector leaves room for all of it on a floppy; the same bytes, longer, are a disk.
"$fw/mkimage" -o "$dir/floppy.img" "${parts[@]}" "floppy=$fw/guests/hello.bin" 'options=end=bochs link=none' &&
    [ "$(stat -c %s "$dir/floppy.img")" = 1474560 ] && boot "$dir/floppy.img" && hello && grep -q 'boot drive 0$' "$dir/out"
result $? "an image of 1.44 MB boots as a floppy"
cp "$dir/floppy.img" "$dir/disk.img" && truncate -s $((16 * 63 * 512 * 3)) "$dir/disk.img" &&
    boot "$dir/disk.img" && hello && grep -q 'boot drive 80$' "$dir/out"
result $? "the same sectors boot as a hard disk"

top() { grep -oE '^pxhv: memory to [0-9a-f]+ is the guest' "$dir/out" | grep -oE '[0-9a-f]{6,}'; }
memory() { # MEGABYTES, TOP: what the guest gets ends below pxHV, which lies at the end of RAM below 4 GB
    boot "$dir/floppy.img" --megs "$1" && hello && [ "$(top)" = "$2" ]
    result $? "$1 MB: the guest's memory ends at ${2}h"
}
memory 32 1800000
memory 1024 3f800000
memory 4096 bf800000


# The disk with a BIOS between that has odd ways: quirks.asm instead of its boot sector, which goes to the last block.
difficult() { # DEFINES
    local last=$(($(stat -c %s "$dir/disk.img") / 512 - 1))
    rm -f "$dir/odd.img"
    cp "$dir/disk.img" "$dir/odd.img" &&
        nasm -f bin -DLAST=$last "$@" tests/firmware/quirks.asm -o "$dir/quirks.bin" 2>"$dir/out" &&
        dd if="$dir/disk.img" of="$dir/odd.img" bs=512 count=1 seek=$last conv=notrunc status=none &&
        dd if="$dir/quirks.bin" of="$dir/odd.img" conv=notrunc status=none
}
copes() { # NAME, DEFINES
    local name=$1
    shift
    difficult "$@" && boot "$dir/odd.img" && hello
    result $? "$name"
}
copes 'a BIOS without block numbers: cylinders, heads and sectors' -DNO_BLOCKS
copes 'a disk of which two of three reads fail' -DFLAKY
copes 'a BIOS that keeps no register' -DCLOBBER
copes 'a memory map in no order, with overlaps, an empty row and one above 4 GB' -DODD_MAP
grep -q '^pxhv: memory 3800000 to 3e00000 ' "$dir/out" && [ "$(top)" = 3000000 ]
result $? 'pxHV is at the end of its RAM, and the guest ends where it is reserved'

refused() { # MESSAGE, NAME, OPTIONS of bochs.sh: the loader says so, ends, and pxHV is not entered
    local message=$1 name=$2
    shift 2
    boot "$dir/odd.img" "$@" && grep -qF "pxHV loader: $message" "$dir/out" && ! grep -q 'pxhv:' "$dir/out"
    result $? "$name: $message"
}
difficult -DNO_MAP
refused 'the BIOS has no memory map (INT 15h AX=E820h)' 'no memory map'
difficult -DLONG_MAP
refused "the BIOS' memory map has more than 64 ranges" 'a memory map without end'
difficult
refused 'no RAM below 4 GB is large enough for pxHV and its disk image' '6 MB of memory' --megs 6
difficult
refused 'this processor has no long mode with execute-disable' 'a Pentium' --cpu pentium_mmx
difficult -DBROKEN
boot "$dir/odd.img" && grep -q 'pxhv: screen: pxHV: disk error' "$dir/out"
result $? 'stage 2 cannot be read: pxHV: disk error'
# Sector 65 is the directory, its parts begin at byte 16; pxHV's own part begins at sector 66.
patch() { # OCTAL BYTE, OFFSET
    difficult && printf "\\$1" | dd of="$dir/odd.img" bs=1 seek="$2" conv=notrunc status=none
}
patch 0 $((65 * 512))
refused 'sector 65 is not a directory of pxHV' 'no directory'
patch 7 $((65 * 512 + 16 + 4))
refused 'sector 65 is not a directory of pxHV' 'a directory whose CRC is wrong'
patch 0 $((66 * 512))
refused 'part 0 is not pxHV' 'another program'
patch 1 $((66 * 512 + 4))
refused 'part 0 is not pxHV' 'an odd size of memory'
bit=$((66 * 512 + 5000)) # turned, whatever is there
patch "$(printf %o $(($(od -An -tu1 -j $bit -N 1 "$dir/disk.img") ^ 1)))" $bit
refused 'part 0: the CRC is wrong: the disk image is damaged' 'a bit of pxHV'
head -c $((2 * 16 * 63 * 512)) "$fw/hello.img" >"$dir/disk.img" # its floppy is longer
difficult
refused 'sector ' 'a disk that ends too early'
grep -q 'pxHV loader: sector [0-9]*: the disk cannot be read' "$dir/out"
result $? 'and the sector is named'

# Options that mkimage would not write, in an image made by hand: the directory's rows are kind, sector, bytes, CRC.
python3 - "$dir/floppy.img" "$dir/words.img" <<'END'
import struct, sys, zlib
image = bytearray(open(sys.argv[1], 'rb').read())
at, count = 65 * 512, struct.unpack_from('<I', image, 65 * 512 + 4)[0]
for row in range(at + 16, at + 16 + 16 * count, 16):
    kind, sector, _, _ = struct.unpack_from('<4I', image, row)
    if kind == 7:
        text = b'end=bochs link=com9 bla\0'
        image[sector * 512:sector * 512 + len(text)] = text
        struct.pack_into('<2I', image, row + 8, len(text), zlib.crc32(text))
struct.pack_into('<I', image, at + 12, zlib.crc32(image[at + 16:at + 16 + 16 * count]))
open(sys.argv[2], 'wb').write(image)
END
boot "$dir/words.img" && grep -q '^pxhv: options: link=com9: expected none, com1 to com4 ' "$dir/out" && ! hello
result $? 'pxHV stops at the first wrong word and says what was expected'

# mkimage: what it does not take is named, and no image is left.
: >"$dir/empty"
head -c 32769 /dev/zero >"$dir/large"
rejects() { # STATUS, NAME, MESSAGE, ARGUMENTS: 1, a file is wrong; 2, the command line is
    local status=$1 name=$2 message=$3
    shift 3
    rm -f "$dir/none.img"
    "$fw/mkimage" -o "$dir/none.img" "$@" >"$dir/out" 2>&1
    [ $? = "$status" ] && grep -qF -- "mkimage: $message" "$dir/out" && [ -z "$(ls "$dir"/none.img* 2>/dev/null)" ]
    result $? "mkimage: $name"
}
b=$fw/boot/boot.bin s=$fw/stage2.bin h=hv=$fw/hv.bin
rejects 2 'without arguments it says how' 'expected -o IMAGE, BOOT, STAGE2 and parts'
rejects 2 'no parts' 'expected -o IMAGE, BOOT, STAGE2 and parts' "$b" "$s"
rejects 2 'no hv=' "floppy=$fw/hello.floppy: hv= comes first, and once" "$b" "$s" "floppy=$fw/hello.floppy"
rejects 2 'hv= twice' "$h: hv= comes first, and once" "$b" "$s" "$h" "$h"
rejects 2 'a second floppy' 'floppy=x: a second part of its kind' "$b" "$s" "$h" "floppy=$fw/hello.floppy" floppy=x
rejects 2 'an unknown part' 'cdrom=x is no part; parts are hv= driver= floppy= disk= image= kernel= initrd= options=' "$b" "$s" "$h" "cdrom=x"
rejects 2 'a part without =' 'floppy is no part' "$b" "$s" "$h" "floppy"
rejects 2 "an option's value" 'options: link=com9: expected none, com1 to com4 ' "$b" "$s" "$h" 'options=end=bochs link=com9 bla'
rejects 2 'an unknown option' 'options: bla: expected one of batch=N ' "$b" "$s" "$h" 'options=bla'
rejects 2 'options without end' 'options: their text: expected at most 4096 bytes' "$b" "$s" "$h" "options=append=$(head -c 4089 /dev/zero | tr '\0' x)"
rejects 1 'a file that is not there' "$dir/nothing: cannot read it: " "$b" "$s" "$h" "floppy=$dir/nothing"
rejects 1 'an empty file' "$dir/empty is empty" "$b" "$s" "$h" "floppy=$dir/empty"
head -c 2949632 /dev/zero >"$dir/larger"
rejects 1 'what is larger than a floppy' "$dir/larger: 2949632 bytes are no floppy's; expected up to 2.88 MB" "$b" "$s" "$h" "floppy=$dir/larger"
rejects 2 'image= that is a second floppy' "image=$fw/hello.floppy: a second part of its kind" "$b" "$s" "$h" "floppy=$fw/hello.floppy" "image=$fw/hello.floppy"
rejects 1 'half a sector' "$dir/large: 32769 bytes; expected whole sectors" "$b" "$s" "$h" "disk=$dir/large"
rejects 1 'a boot sector that is none' "$s: $(stat -c %s "$s") bytes; a boot sector has 512 bytes" "$s" "$s" "$h"
rejects 1 'a stage 2 above 32 KB' "$dir/large: 32769 bytes; stage 2 is above 32 KB" "$b" "$dir/large" "$h"
rejects 1 'a driver that is no picture' "$dir/large" "$b" "$s" "$h" "driver=$dir/large"
rejects 1 'a program that is not pxHV' "$dir/large is not pxHV" "$b" "$s" "hv=$dir/large"
OPTIONS='link=com9 bla' GUEST=hello FW=$fw firmware/image/image.sh make >"$dir/out" 2>&1
[ $? = 2 ] && grep -q '^mkimage: options: link=com9: expected' "$dir/out"
result $? 'make hv-image OPTIONS=: a wrong word is told at once'
DRIVER=$dir/nothing GUEST=hello FW=$fw firmware/image/image.sh make >"$dir/out" 2>&1
[ $? = 1 ] && grep -q "^mkimage: $dir/nothing: cannot read it" "$dir/out"
result $? 'make hv-image DRIVER=: that driver is taken'
"$fw/mkimage" --help >"$dir/out" 2>&1 && for word in hv= driver= floppy= disk= image= kernel= initrd= options= batch= patience= link= console=serial \
    end=bochs provoke= append=; do grep -q "^  $word" "$dir/out" || { false; break; }; done
result $? 'mkimage --help explains each part and each option'
"$fw/mkimage" -o "$dir/idle.img" "${parts[@]}" >"$dir/out" 2>&1 && grep -q 'warning: .*idle.img has no floppy=, disk=, image= or kernel=' "$dir/out" &&
    [ -e "$dir/idle.img" ] && "$fw/mkimage" -o "$dir/idle.img" "${parts[@]}" "floppy=$fw/hello.floppy" >"$dir/out" 2>&1 && [ ! -s "$dir/out" ]
result $? 'an image without a guest is made, with a warning; one with a guest without'
"$fw/mkimage" -o "$dir/nowhere/none.img" "$b" "$s" "$h" "floppy=$fw/hello.floppy" >"$dir/out" 2>&1
[ $? = 1 ] && [ "$(grep -c nowhere "$dir/out")" = 1 ] && grep -qF "nowhere/none.img: no file can be made in the directory" "$dir/out"
result $? 'mkimage: an image that cannot be written'
[ "$(stat -c %s "$fw/stage2.bin")" -le 16384 ]
result $? 'stage 2 is within 16 KB'
finish
