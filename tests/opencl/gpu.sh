#!/usr/bin/env bash
# gpu.sh - the OpenCL executor on a GPU, on a machine that may have nothing but gcc, make, libpng and OpenCL:
#
#     tests/opencl/gpu.sh [DEVICE]        DEVICE as in opencl:DEVICE, NVIDIA by default
#
# Builds without Verilator, runs conformance, gallery and random programs against the reference VM in several shapes of
# work-group, then the benchmark, what torch and cuBLASLt do beside it, and the figures that pxOS is to reach. One line a step;
# whole outputs in build/gpu/. Exit status: 0 when every step passed; a figure that is missed is told, no more.
set -u
cd "$(dirname "$0")/../.." || exit 2
device=${1:-NVIDIA}
export PX_OPENCL_DEVICE=$device
B=${B:-build/gpu-tree} out=build/gpu px=$B/px random=$B/tests/random/random
mkdir -p "$out"
export PX_OPENCL_CACHE=$PWD/$out/cache
rm -rf "$PX_OPENCL_CACHE"
failed=0

# step NAME SECONDS COMMAND...: the last line of output that says something, the time, and the exit status when not 0
step() {
    local name=$1 limit=$2 begun=$SECONDS status
    shift 2
    timeout -k 5 "$limit" "$@" >"$out/$name.txt" 2>&1 </dev/null
    status=$?
    if [ $status -eq 0 ]; then
        printf 'ok    %-26s %4d s  %s\n' "$name" $((SECONDS - begun)) "$(grep -v '^$' "$out/$name.txt" | tail -n 1 | cut -c1-100)"
    else
        failed=$((failed + 1))
        printf 'FAIL  %-26s %4d s  exit status %d\n' "$name" $((SECONDS - begun)) $status
        tail -n 12 "$out/$name.txt" | cut -c1-300 | sed 's/^/          /'
    fi
    return $status
}

shape() { # NAME VARIABLE=VALUE...
    local name=$1
    shift
    step "conformance-$name" 120 env "$@" "$px" conformance --on opencl
    step "gallery-$name" 120 env "$@" "$px" gallery --on ref,opencl $programs
    step "random-$name" 120 env "$@" "$random" --on ref,opencl --count 500 --seed 7 --keep "$out"
}

make_it() { make -j"$(nproc)" B="$B" HAVE_VERILATOR= "$@"; }
export -f make_it
export B

echo "gpu.sh: $(uname -sm), $(nproc) cores, $(gcc --version | head -n 1), device $device"
step build 300 bash -c "make_it all $random $B/tools/bench_opencl" || exit 1
programs=$(ls "$B"/programs/*.pxi)
step devices 60 "$px" devices
grep -E 'opencl:[0-9]' "$out/devices.txt" | sed 's/^ */      /'
step cold 120 "$px" conformance --on opencl
step warm 60 "$px" conformance --on opencl
shape default PX_=
step bench 240 "$B/tools/bench_opencl" "$device"
sed 's/^/      /' "$out/bench.txt"
step story 120 bash -c "for on in ref opencl; do $px llm run llm/models/kjv.pxi --steps 64 --on \$on -o $out/story-\$on.png 'In the' || exit; done; cmp $out/story-ref.png $out/story-opencl.png"

# A fleet of 10,032 gallery programs on one device and on two, in memory where there is some; the same files.
fleet() { # EXECUTORS FOLDER
    local begun=$EPOCHREALTIME
    "$px" fleet "$fleet_dir/in" --on "$1" --out "$2" --budget 1e9 -q || return
    awk -v from="$begun" -v to="$EPOCHREALTIME" 'BEGIN { print to - from }' >>"$out/fleet-seconds.txt"
}
fleets() { # DEVICE DEVICE
    local program copy
    mkdir "$fleet_dir/in" && for program in $programs; do
        for copy in $(seq 209); do cp "$program" "$fleet_dir/in/$copy-${program##*/}"; done
    done
    fleet "opencl:$1" "$fleet_dir/one" && fleet "opencl:$1,opencl:$2" "$fleet_dir/two" &&
        diff -rq "$fleet_dir/one" "$fleet_dir/two" && echo "$(find "$fleet_dir/two" -name '*.png' | wc -l) results, the same"
}
: >"$out/fleet-seconds.txt"
mapfile -t devices < <(grep -i "$device" "$out/devices.txt" | sed -nE 's/^ *opencl:([0-9]+).*/\1/p')
if [ ${#devices[@]} -ge 2 ]; then
    fleet_dir=$(mktemp -d -p /dev/shm 2>/dev/null || mktemp -d)
    trap 'rm -rf "$fleet_dir"' EXIT
    export fleet_dir px out programs
    export -f fleet fleets
    step fleet 400 bash -c 'fleets "$@"' _ "${devices[0]}" "${devices[1]}"
else
    echo "skip  fleet                      there are no two devices '$device'"
fi

timeout 120 python3 tests/opencl/peers.py >"$out/peers.txt" 2>&1
case $? in
0) printf 'ok    %-26s %s\n' peers "$(head -n 1 "$out/peers.txt")" ;;
77) printf 'skip  %-26s %s\n' peers "$(tail -n 1 "$out/peers.txt")" ;;
*) step peers 120 python3 tests/opencl/peers.py ;;
esac
step figures 20 python3 tests/opencl/figures.py "$out/bench.txt" "$out/peers.txt" "$out/fleet-seconds.txt"
sed 's/^/      /' "$out/figures.txt"
shape wg256-grid PX_OPENCL_WG=256 PX_OPENCL_GRID=1
shape mma PX_OPENCL_GRID=1 PX_OPENCL_MMA=1
shape lanes PX_OPENCL_LANES=1
shape wg32-short PX_OPENCL_WG=32 PX_OPENCL_FUEL=1000
step conformance-fleets 120 env PX_OPENCL_FLEET=1 "$px" conformance --on opencl
step conformance-slot-lanes 120 env PX_OPENCL_FLEET=1 PX_OPENCL_LANES=1 "$px" conformance --on opencl
step random-slot-lanes 120 env PX_OPENCL_FLEET=1 PX_OPENCL_LANES=1 "$random" --nested --on ref,opencl --count 500 --seed 7 --keep "$out"
step random-long 120 env PX_OPENCL_GRID=1000 PX_OPENCL_MMA=1 "$random" --flat --pixels 100000 --on ref,opencl --count 200 --seed 9 --keep "$out"
step conformance-wg1 120 env PX_OPENCL_WG=1 "$px" conformance --on opencl
# Last, because it compiles the kernels more than twenty times.
if printf '#include <setjmp.h>\n#include <stdarg.h>\n#include <stddef.h>\n#include <stdint.h>\n#include <cmocka.h>\n' |
    gcc -xc -fsyntax-only - 2>/dev/null; then
    step unit-build 120 bash -c "make_it $B/tests/unit/test_opencl $B/tests/unit/test_opencl_ref $B/tests/unit/test_opencl_slots"
    step unit-slots 200 "$B/tests/unit/test_opencl_slots"
    step unit-ref 300 "$B/tests/unit/test_opencl_ref"
    step unit 500 "$B/tests/unit/test_opencl"
else
    echo 'skip  unit                      cmocka is not here'
fi
echo
echo "$failed steps failed"
[ "$failed" -eq 0 ]
