#!/usr/bin/env bash
# attack.sh - firmware/guests/attack.asm tries to get out of its machine: each of its lines is a test, and then what only the
# outside sees: pxHV's memory, the wire, the emulator's opinion of every entry. endless.asm keeps the processor. TAP.
. tests/firmware/lib.sh
floppy=$fw/guests/attack.bin
if [ $emu = qemu ]; then
    nasm -f bin -DLAX -Ifirmware/guests/ firmware/guests/attack.asm -o "$dir/lax"
    floppy=$dir/lax
fi
"$fw/mkimage" -o "$dir/x.img" "$fw/boot/boot.bin" "$fw/stage2.bin" "hv=$fw/hv.bin" "floppy=$floppy" 'options=end=bochs link=none' && as_disk "$dir/x.img"
firmware/$emu.sh --seconds 300 --com1 "$dir/com1" "$dir/x.img" >"$dir/out" 2>&1
result $? "the run ends by itself"
while IFS= read -r line; do
    case $line in
    "pxhv: guest: PASS "*) result 0 "${line#pxhv: guest: PASS }" ;;
    "pxhv: guest: FAIL "*) result 1 "${line#pxhv: guest: FAIL }" ;;
    esac
done <"$dir/out"
grep -qx 'pxhv: guest: PASS every attempt' "$dir/out" && [ $count -ge 95 ]
result $? "the guest came to its end"
grep -qE '^pxhv: integrity: text and constants are unchanged \(CRC [0-9a-f]+\), the canary page is untouched$' "$dir/out"
result $? "pxHV's memory was not touched"
[ "$(cat "$dir/com1")" = AZ ]
result $? "the wire has two characters, and none of loopback"
! grep -q 'pxhv: exception' "$dir/out"
result $? "no exception in pxHV"
[ "$(grep -c '^pxhv: msr: ' "$dir/out")" -le 64 ] && [ "$(grep -c '^pxhv: ports: ' "$dir/out")" -le 129 ] && grep -q '^pxhv: ports: others: ' "$dir/out"
result $? "all MSRs and all ports are a bounded number of lines"
[ $bad = 0 ] || sed 's/^/# /' "$dir/out"

# Triple faults without end, and exceptions in whose delivery nothing is executed.
nasm -f bin tests/firmware/endless.asm -o "$dir/endless" && "$fw/mkimage" -o "$dir/x.img" "$fw/boot/boot.bin" "$fw/stage2.bin" \
    "hv=$fw/hv.bin" "floppy=$dir/endless" 'options=end=bochs link=none'
firmware/$emu.sh --seconds 300 --com1 "$dir/com1" "$dir/x.img" >"$dir/out" 2>&1 &
machine=$!
for _ in $(seq 5); do await "$dir/com1" 'twenty times' >"$dir/line" && break; done
kill $machine
wait $machine
[ $? = 143 ] && [ "$(cat "$dir/line")" = 'twenty times' ]
result $? 'a guest that executes nothing any more: what it has sent leaves all the same'
[ "$(grep -c '^pxhv: guest: triple fault' "$dir/out")" = 8 ] && grep -q 'triple fault; the next ones are only counted$' "$dir/out"
result $? 'of twenty triple faults the first eight are shown'

# A guest in a state that no processor lets it have, and QEMU does.
nasm -f bin tests/firmware/odd.asm -o "$dir/odd" && "$fw/mkimage" -o "$dir/x.img" "$fw/boot/boot.bin" "$fw/stage2.bin" \
    "hv=$fw/hv.bin" "floppy=$dir/odd" 'options=end=bochs link=none' && as_disk "$dir/x.img"
firmware/$emu.sh --seconds 300 "$dir/x.img" >"$dir/out" 2>&1 && if [ $emu = qemu ]; then
    grep -q '^pxhv: svm: the guest starts anew, whose registers the processor refuses: long mode without PAE or protection$' "$dir/out" &&
        grep -qx 'pxhv: guest: once more' "$dir/out"
else
    grep -qx 'pxhv: guest: #GP' "$dir/out"
fi
result $? 'paging in long mode, but not in protected mode: #GP, or a machine that starts anew'
finish
