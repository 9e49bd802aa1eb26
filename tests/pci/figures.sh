#!/usr/bin/env bash
# figures.sh - what the microkernel and its mailbox cost, as docs/RESEARCH.md has it. MICRO and FIGURES name the image and the program.
set -u
command -v qemu-system-x86_64 >/dev/null || { echo 'figures.sh: qemu-system-x86_64 is not here (Debian: apt install qemu-system-x86)' >&2; exit 2; }
dir=$(mktemp -d) || exit 2
trap 'kill $(jobs -p) 2>/dev/null; wait; rm -rf "$dir"' EXIT
echo "the microkernel: $(stat -c %s "${MICRO%.img}.bin") bytes; load of this machine: $(cut -d' ' -f1 /proc/loadavg)"
"$FIGURES" "$dir/socket" "${SECONDS_IDLE:-5}" & figures=$!
until [ -S "$dir/socket" ]; do sleep 0.02; done
qemu-system-x86_64 -machine q35 -accel tcg -smp 2 -display none -nic none -serial none -monitor none -kernel "$MICRO" \
    -chardev "socket,id=px,path=$dir/socket" -device ivshmem-doorbell,chardev=px,vectors=1 &
wait $figures
