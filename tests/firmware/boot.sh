#!/usr/bin/env bash
# boot.sh - pxHV boots from a disk and from a floppy, with little memory and with much, on BIOSes with odd ways; what cannot be
# booted is named; and what mkimage does not take. TAP.
. tests/firmware/lib.sh
parts=("$fw/boot/boot.bin" "$fw/stage2.bin" "hv=$fw/hv.bin")
boot() { # IMAGE, OPTIONS of bochs.sh
    local image=$1
    shift
    firmware/bochs.sh --seconds 60 "$@" "$image" >"$dir/out" 2>&1
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
patch 377 $((66 * 512 + 5000))
refused 'part 0: the CRC is wrong: the disk image is damaged' 'a bit of pxHV'
head -c $((2 * 16 * 63 * 512)) "$fw/hello.img" >"$dir/disk.img" # its floppy is longer
difficult
refused 'sector ' 'a disk that ends too early'
grep -q 'pxHV loader: sector [0-9]*: the disk cannot be read' "$dir/out"
result $? 'and the sector is named'

# mkimage: what it does not take is named, and no image is left.
: >"$dir/empty"
head -c 32769 /dev/zero >"$dir/large"
rejects() { # NAME, MESSAGE, ARGUMENTS
    local name=$1 message=$2
    shift 2
    rm -f "$dir/none.img"
    ! "$fw/mkimage" -o "$dir/none.img" "$@" >"$dir/out" 2>&1 && grep -qF -- "$message" "$dir/out" && [ -z "$(ls "$dir"/none.img* 2>/dev/null)" ]
    result $? "mkimage: $name"
}
b=$fw/boot/boot.bin s=$fw/stage2.bin h=hv=$fw/hv.bin
rejects 'without arguments it says how' 'usage: mkimage -o IMAGE'
rejects 'no hv=' 'hv= comes first, and once' "$b" "$s" "floppy=$fw/hello.floppy"
rejects 'hv= twice' 'hv= comes first, and once' "$b" "$s" "$h" "$h"
rejects 'an unknown part' 'is no part; parts are hv=' "$b" "$s" "$h" "cdrom=x"
rejects 'a part without =' 'is no part' "$b" "$s" "$h" "floppy"
rejects 'a file that is not there' "$dir/nothing" "$b" "$s" "$h" "floppy=$dir/nothing"
rejects 'an empty file' 'is empty' "$b" "$s" "$h" "floppy=$dir/empty"
rejects 'a boot sector that is none' 'a boot sector has 512 bytes' "$s" "$s" "$h"
rejects 'a stage 2 above 32 KB' 'stage 2 is above 32 KB' "$b" "$dir/large" "$h"
rejects 'a driver that is no picture' 'large' "$b" "$s" "$h" "driver=$dir/large"
rejects 'a program that is not pxHV' 'is not pxHV' "$b" "$s" "hv=$dir/large"
many=()
for _ in $(seq 31); do many+=("options=x"); done
rejects 'more than 31 parts' 'at most 31 parts' "$b" "$s" "$h" "${many[@]}"
"$fw/mkimage" -o "$dir/nowhere/none.img" "$b" "$s" "$h" >"$dir/out" 2>&1
[ $? != 0 ] && grep -q nowhere "$dir/out"
result $? 'mkimage: an image that cannot be written'
[ "$(stat -c %s "$fw/stage2.bin")" -le 32768 ]
result $? 'stage 2 is within its 32 KB'
finish
