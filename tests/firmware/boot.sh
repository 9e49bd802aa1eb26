#!/usr/bin/env bash
# boot.sh - pxHV boots from a disk image, and its first guest from a RAM floppy. TAP.
. tests/firmware/lib.sh
firmware/bochs.sh --seconds 30 --com1 "$dir/com1" "$fw/hello.img" >"$dir/out" 2>&1
result $? "hello.img ends by itself"
grep -q 'guest: Hello from a guest of pxHV' "$dir/out"
result $? "the guest speaks on port E9h"
[ "$(cat "$dir/com1")" = $'Hello from a guest of pxHV\r' ]
result $? "and on COM1"
# The CRC of a part: one bit of pxHV's own part (sector 66 on) is wrong.
cp "$fw/hello.img" "$dir/damaged.img"
printf '\377' | dd of="$dir/damaged.img" bs=1 seek=$((66 * 512 + 5000)) conv=notrunc status=none
firmware/bochs.sh --seconds 5 "$dir/damaged.img" >"$dir/out" 2>&1
grep -q 'pxHV loader: part 0: the CRC is wrong' "$dir/out" && ! grep -q 'pxhv: memory' "$dir/out"
result $? "a damaged image is named and not entered"
finish
