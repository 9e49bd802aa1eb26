#!/usr/bin/env bash
# run.sh - `pci/run.sh PROGRAM [OPTION OF px pci...] [-- OPTION OF QEMU...]`: a pixel program as the operating system of QEMU's
# machine. COM1 is this terminal; Ctrl-C ends both, or, with ALL_KEYS=1, is for the program as any key is, and Ctrl-A x ends both.
# PX and IMAGE name px and the microkernel's image.
set -u
command -v qemu-system-x86_64 >/dev/null || { echo 'run.sh: qemu-system-x86_64 is not here (Debian: apt install qemu-system-x86)' >&2; exit 2; }
px=${PX:-build/px} image=${IMAGE:-build/firmware/micro.img}
dir=$(mktemp -d) || exit 2
options=() qemu='' serial=(-serial stdio -monitor none)
[ -z "${ALL_KEYS:-}" ] || serial=(-chardev 'stdio,id=com1,mux=on,signal=off' -serial chardev:com1 -mon chardev=com1)
exec 3<&0 # what runs in the background would have none
trap '[ -z "$qemu" ] || kill "$qemu" 2>/dev/null; wait; rm -rf "$dir"' EXIT
while [ $# -gt 0 ] && [ "$1" != -- ]; do options+=("$1"); shift; done
[ $# -eq 0 ] || shift

"$px" pci "${options[@]}" --listen "unix:$dir/socket" & accelerator=$!
while [ ! -S "$dir/socket" ]; do
    kill -0 $accelerator 2>/dev/null || { wait $accelerator; exit; }
    sleep 0.02
done
qemu-system-x86_64 -machine q35 -accel tcg -smp 2 -display none -nic none "${serial[@]}" -kernel "$image" \
    -chardev "socket,id=px,path=$dir/socket" -device ivshmem-doorbell,chardev=px,vectors=1 "$@" <&3 & qemu=$!
wait $accelerator; status=$?
sleep 0.2 # what was sent last is still in QEMU's UART
exit $status
