#!/usr/bin/env bash
# icarus.sh - conformance files on the core under Icarus, where unwritten bits are X and spread. TAP.
# From the repository root; BUILD is the build tree, PX and PYTHON name the programs.
set -u
build=${BUILD:-build}
px=${PX:-$build/px}
command -v iverilog >/dev/null || { echo '1..0 # SKIP iverilog is not here (Debian: apt install iverilog)'; exit 0; }
python=$(${PYTHON:-python3} -c 'import sys; print(sys.executable)') || { echo '1..0 # SKIP python3 is not here'; exit 0; }
unset PYTHONDONTWRITEBYTECODE
export PYTHONPYCACHEPREFIX=$build/rtl/python BENCH=$build/rtl/bench.vvp
mkdir -p "$build/rtl"
if ! iverilog -g2005 -DPX_ISOLATION -Wall -Wno-timescale -I "$build/gen" -I rtl/core -s bench -o "$BENCH" tests/rtl/bench.v \
    $(ls rtl/*/px_*.v | grep -v -e px_scan -e px_spram); then
    echo 'not ok 1 - the bench compiles'
    echo '1..1'
    exit 1
fi
[ $# = 0 ] && set -- tests/conformance/{move,order,tensor}.pxt
exec "$px" conformance --tap --on "cmd:$python -sS tests/rtl/icarus_vm.py" "$@"
