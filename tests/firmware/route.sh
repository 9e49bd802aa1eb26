#!/usr/bin/env bash
# route.sh - the guest's characters on the wire: one transcript whatever executor runs the driver and however the stream is cut, the
# counts of exits and dispatches, and the promise when the server dies. TAP. LONG=1 takes every executor with every size.
NEEDS=python3
. tests/firmware/lib.sh
image() { # OPTIONS
    "$fw/mkimage" -o "$dir/hv.img" "$fw/boot/boot.bin" "$fw/stage2.bin" hv="$fw/hv.bin" floppy="$fw/bulk.floppy" "options=end=bochs $1"
}
serve() { # OPTIONS OF px serve
    rm -f "$dir/serve" "$dir/link"
    "$px" serve --listen "unix:$dir/link" --wire "frames:$dir/wire" "$@" >"$dir/serve" 2>&1 &
    server=$!
    await "$dir/serve" 'listening on unix' >/dev/null
}
boot() { # IPS: runs the guest against $dir/link
    "$px" front --listen tcp:0 --to "unix:$dir/link" >"$dir/front" 2>&1 &
    local front=$! port
    port=$(await "$dir/front" 'tcp:127.0.0.1:[0-9]+')
    firmware/bochs.sh --ips "$1" --seconds 100 --com2 "${port##*:}" "$dir/hv.img" >"$dir/out" 2>&1
    local status=$?
    kill $front 2>/dev/null
    wait $front 2>/dev/null
    return $status
}
end_server() { kill "$server" 2>/dev/null; wait "$server" 2>/dev/null; }

# What bulk.asm says that it sends, as frames: data without the bits that the format does not have, divisor, line control.
python3 - "$dir/expected" <<'END'
import sys
def frame(data, divisor, control):
    return bytes([data & ((1 << (5 + (control & 3))) - 1), divisor & 255, control, divisor >> 8])
out = [frame((7 * i + 3) & 255, 1 + 100 * (i // 512), 3 ^ (i // 512 & 3)) for i in range(4096)]
out += [frame((7 * i + 3) & 255, 12, 3) for i in range(1024)] + [frame((7 * i + 3) & 255, 12, 3) for i in range(256)]
open(sys.argv[1], "wb").write(b"".join(out))
END
transcript() { # EXECUTORS, BATCH
    rm -f "$dir/wire"
    serve --on "$1"
    # A byte of the link takes 87 us of guest time. Large batches get a fast guest, that none of them is cut by its age; small
    # ones a slow one, that the link does not take for ever.
    local ips=50000000 patience=10
    [ "$2" -lt 1000 ] && ips=1000000 patience=500
    image "batch=$2 patience=$patience"
    boot $ips && cmp "$dir/wire" "$dir/expected" >>"$dir/out" 2>&1
    result $? "$1, batches of $2: 5,376 frames, each as the guest meant it"
    end_server
}
have() { "$px" devices 2>/dev/null | grep -qE "^$1 .*(absent|built without)" && return 1; "$px" devices | grep -q "^$1"; }
transcript ref 4096
field() { grep -oE "$1" "$dir/out" | grep -oE '[0-9]+' | head -n 1; }
# Counts: two exits a polled character, one for the whole REP OUTSB, one for an INT 14h; four for each of nine changes of format; the
# timer's ticks are calls of the BIOS as well.
exits=$(field '[0-9]+ of reason 30') calls=$(field '[0-9]+ of reason 18') dispatches=$(field '[0-9]+ dispatches')
echo "# exits by I/O instructions: $exits, by VMCALL: $calls, dispatches: $dispatches, for 5,376 characters"
[ "${exits:-99999}" -le $((2 * 4096 + 1 + 9 * 4 + 30)) ]
result $? "at most 2.0 exits a polled character, one for a whole string"
[ "${calls:-99999}" -le $((256 + 60)) ]
result $? "one exit for a call of INT 14h"
[ "${dispatches:-99999}" -le 5 ]
result $? "0.001 dispatches a character with batches of 4,096"
transcript ref 256
if [ -n "${LONG-}" ]; then
    for size in 16 1; do transcript ref $size; done
    have rtl && for size in 16 256 4096; do transcript rtl $size; done
    have opencl && for size in 16 256 4096; do transcript opencl $size; done
    have rtl && have opencl && for size in 256 4096; do transcript rtl,opencl $size; done
else
    have opencl && have rtl && transcript rtl,opencl 4096
fi

# The server dies in the middle and another takes its place: the wire remembers, so each frame is there once.
rm -f "$dir/wire"
image 'batch=64 patience=200'
serve --on ref
(await_size() { until [ "$(stat -c %s "$dir/wire" 2>/dev/null || echo 0)" -ge 4000 ]; do sleep 0.01; done; }
 await_size; kill -9 "$server"; sleep 0.3
 exec "$px" serve --listen "unix:$dir/link" --wire "frames:$dir/wire" --on ref >"$dir/serve2" 2>&1) &
second=$!
boot 1000000
cmp "$dir/wire" "$dir/expected" >>"$dir/out" 2>&1 && grep -q ', 0 in doubt' "$dir/out"
result $? "the server is killed and comes back: each frame once, none in doubt"
kill $second 2>/dev/null

# Nobody is there at all.
image link=none
firmware/bochs.sh --ips 1000000 --seconds 60 --com1 "$dir/com1" "$dir/hv.img" >"$dir/out" 2>&1 &&
    grep -q 'no executor; COM1 is driven by pxHV itself' "$dir/out" && [ "$(stat -c %s "$dir/com1")" = 5376 ]
result $? "without an executor pxHV says so and sends all of it itself"
finish
