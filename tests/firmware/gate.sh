#!/usr/bin/env bash
# gate.sh - pxHV on processors that lack something is refused by name, on the least capable ones it runs; and each way in which an
# entry to the guest can fail ends with its name. TAP.
. tests/firmware/lib.sh
boot() { # CPU, OPTIONS...
    "$fw/mkimage" -o "$dir/x.img" "$fw/boot/boot.bin" "$fw/stage2.bin" "hv=$fw/hv.bin" "floppy=$fw/hello.floppy" "options=end=bochs link=none ${2-}"
    firmware/bochs.sh --seconds 30 --cpu "$1" "$dir/x.img" >"$dir/out" 2>&1
}
refused() { # CPU, REASON
    boot "$1" && grep -qx "pxhv: vmx: refused: $2" "$dir/out" && ! grep -q 'guest:' "$dir/out"
    result $? "$1 is refused: $2"
}
fails() { # HOW, WHAT
    boot corei7_haswell_4770 "provoke=$1" && grep -q "^pxhv: vmx: $2" "$dir/out" &&
        ! grep -q 'guest: Hello' "$dir/out" && [ "$(tail -n 1 "$dir/out")" = 'pxhv: stopped' ]
    result $? "$1: $2"
}
refused p4_prescott_celeron_336 'the processor has no VMX'
refused corei5_lynnfield_750 'no unrestricted guest'
refused core2_penryn_t9600 'no VMX preemption timer'
for cpu in corei7_sandy_bridge_2600k corei5_arrandale_m520 corei3_cnl; do
    boot $cpu && grep -q 'guest: Hello from a guest of pxHV' "$dir/out"
    result $? "$cpu carries a guest"
done
HV_RECORD='' # from here on entries are meant to fail
fails invalid 'VMLAUNCH failed: no current VMCS' # that the guest's state cannot be shown then is no second failure
fails valid 'VMLAUNCH failed: entry with invalid control fields'
fails state 'entry failed, reason 33'
fails msr 'entry failed, reason 34'
fails check 'guest state: CS: data with a DPL that is not 0'
boot corei7_haswell_4770 provoke=nonsense && grep -q '^pxhv: option provoke=nonsense: expected' "$dir/out"
result $? "another provocation is refused"
HV_RECORD=$dir/record
finish
