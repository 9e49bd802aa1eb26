#!/usr/bin/env bash
# oclgrind.sh - the kernels on Oclgrind, an interpreter of OpenCL that reports data races, bad accesses and barriers that are missed
# (Debian: apt install oclgrind):
#
#     tests/opencl/oclgrind.sh [FILE.pxt...]        the conformance set by default, which takes hours
#
# Without optimisation: Oclgrind does not know what clang makes of a saturated subtraction. Without the known-answer test: it is a
# million instructions. One line a shape; exit status 0 when all cases agree and nothing was reported.
set -u
cd "$(dirname "$0")/../.." || exit 2
PX=${PX:-build/px} out=${OUT:-build/oclgrind}
command -v oclgrind >/dev/null || { echo 'oclgrind is not here (Debian: apt install oclgrind)'; exit 2; }
mkdir -p "$out"
export PX_OPENCL_CACHE=off PX_OPENCL_KAT=off
failed=0
shape() { # NAME VARIABLE=VALUE...
    env "${@:2}" oclgrind --build-options -cl-opt-disable --data-races --max-errors 20 \
        "$PX" conformance --on opencl:Oclgrind "${cases[@]}" >"$out/$1.txt" 2>&1 </dev/null
    local status=$? reports
    reports=$(grep -cE 'data race|Invalid (read|write)|divergence|Uninitialized|FATAL' "$out/$1.txt")
    echo "$1: exit status $status, $reports reports, $(tail -n 1 "$out/$1.txt")"
    [ $status -eq 0 ] && [ "$reports" -eq 0 ] || failed=1
}
cases=("$@")
shape alone PX_OPENCL_WG=1
shape groups PX_OPENCL_WG=4 PX_OPENCL_GRID=1
shape fleets PX_OPENCL_WG=4 PX_OPENCL_FLEET=1 PX_OPENCL_LANES=1
exit $failed
