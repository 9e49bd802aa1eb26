#!/usr/bin/env bash
# gate.sh - pxHV on processors that lack something is refused by name, on the least capable ones it runs; and each way in which an
# entry to the guest can fail ends with its name, on the log, on the screen and on COM1. TAP.
. tests/firmware/lib.sh
boot() { # CPU, OPTIONS...
    "$fw/mkimage" -o "$dir/x.img" "$fw/boot/boot.bin" "$fw/stage2.bin" "hv=$fw/hv.bin" "floppy=$fw/guests/hello.bin" "options=end=bochs link=none ${2-}" && as_disk "$dir/x.img"
    rm -f "$dir/com1" "$dir/screen"
    firmware/$emu.sh $slow --seconds 120 ${1:+--cpu "$1"} --com1 "$dir/com1" --screen "$dir/screen" "$dir/x.img" >"$dir/out" 2>&1
}
row() { # NUMBER: a row of the screen at the end, without the attributes
    dd if="$dir/screen" bs=160 skip="$1" count=1 status=none | sed 's/\(.\)./\1/g; s/ *$//'
}
screen() { for r in $(seq 0 24); do LC_ALL=C row "$r"; echo; done; }
told() { # WHAT: stopped for it; the screen has it on top, the lines before it below, and COM1, which no guest has had, all of it
    [ "$(tail -n 1 "$dir/out")" = 'pxhv: stopped' ] && screen >"$dir/text" &&
        head -n 2 "$dir/text" | tr -d '\n' | grep -q "^$1" && grep -q '^part 0: kind 1, ' "$dir/text" &&
        grep -q "^pxhv: $1" "$dir/com1" && grep -q '^pxhv: memory ' "$dir/com1" && [ "$(tail -n 1 "$dir/com1")" = 'pxhv: stopped' ] && return
    sed 's/^/screen: /' "$dir/text" >>"$dir/out"
    return 1
}
vendor=vmx
[ $emu != qemu ] || vendor=svm
refused() { # CPU, REASON, VENDOR
    boot "$1" && grep -qx "pxhv: ${3-$vendor}: refused: $2" "$dir/out" && ! grep -q 'guest:' "$dir/out" && told "${3-$vendor}: refused: $2"
    result $? "$1 is refused: $2"
}
fails() { # HOW, WHAT
    boot '' "provoke=$1" && grep -q "^pxhv: $vendor: $2" "$dir/out" &&
        ! grep -q 'guest: Hello' "$dir/out" && told "$vendor: "
    result $? "$1: $2"
}
carries() {
    for cpu in "$@"; do
        boot "$cpu" && grep -q 'guest: Hello from a guest of pxHV' "$dir/out"
        result $? "$cpu carries a guest"
    done
}
if [ $emu = qemu ]; then
    refused qemu64,-svm 'the processor has no SVM'
    refused qemu64,+svm,-npt 'no nested paging'
    refused Nehalem,-vmx 'the processor has no VMX' vmx
    carries qemu64,+svm,+npt Nehalem,-vmx,+svm,+npt # an emulator may put one vendor's leaves beside the other's name
    firmware/qemu.sh --seconds 120 --disk usb "$fw/hello.img" >"$dir/out" 2>&1 && grep -q 'guest: Hello from a guest of pxHV' "$dir/out"
    result $? 'the image boots from a USB stick'
    fails invalid 'entry refused: the address space is the host'
    fails valid 'entry refused: VMRUN does not exit'
    fails state 'entry refused: DR6 or DR7 has bits above 31'
    fails msr 'entry refused: a permission map is beyond the physical address width'
    fails check 'guest state: EFER.SVME is 0'
else
    refused p4_prescott_celeron_336 'the processor has no VMX'
    refused corei5_lynnfield_750 'no unrestricted guest'
    refused core2_penryn_t9600 'no VMX preemption timer'
    refused turion64_tyler 'no nested paging' svm
    carries corei7_sandy_bridge_2600k corei5_arrandale_m520 corei3_cnl
    carries phenom_8650_toliman ryzen # AMD's of Bochs: without next RIP and flushing by ASID, and with them
    grep -qx 'pxhv: svm: has next RIP, no decode assists, has flush by ASID' "$dir/out"
    result $? 'ryzen has what QEMU has not'
    HV_RECORD='' # from here on entries are meant to fail
    fails invalid 'VMLAUNCH failed: no current VMCS' # that the guest's state cannot be shown then is no second failure
    fails valid 'VMLAUNCH failed: entry with invalid control fields'
    fails state 'entry failed, reason 33'
    fails msr 'entry failed, reason 34'
    fails check 'guest state: CS: data with a DPL that is not 0'
fi
HV_RECORD=$dir/record
# Exceptions of pxHV's own: "Interrupt 14-Page-Fault Exception": error code bit 0 present, 1 write, 4 instruction fetch. The dump is
# as long as it is greppable, and all of it is on the screen.
throws() { # HOW, ERROR, CR2 (a pattern), NAME
    boot '' "provoke=$1" && told "exception 14 in pxHV: error $2 rip ffffffff8[0-9a-f]* cr2 $3" &&
        grep -q '^exception: rax [0-9a-f]\{16\} rbx [0-9a-f]\{16\} rcx' "$dir/text" && grep -q '^exception: cr0 8[0-9a-f]* cr3' "$dir/text" &&
        ! grep -q 'guest: Hello' "$dir/out"
    result $? "$4"
}
throws write 3 ffffffff8 "pxHV's text is read-only"
throws execute 11 ffffffff8 "pxHV's data is never executed"
throws null 0 0000000000000010 'nothing is mapped at small addresses'
boot '' provoke=late && [ ! -s "$dir/com1" ] && screen | head -n 2 | tr -d '\n' | grep -q '^exception 14 in pxHV: error 11 '
result $? 'an exception behind the first exit is on the screen, and not on the COM1 of the guest'
boot '' provoke=nmi && grep -q '^pxhv: exception: NMI' "$dir/out" && grep -q 'guest: Hello' "$dir/out"
result $? 'an NMI of the machine is logged and survived'
[ "$(cat "$dir/com1")" = $'Hello from a guest of pxHV\r' ] && ! screen | grep -q pxHV\ stopped
result $? "what ends well leaves COM1 and the screen to the guest"
finish
