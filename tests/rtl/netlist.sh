#!/usr/bin/env bash
# netlist.sh - what Yosys makes of the core for iCE40, with DSP and without, simulated by Icarus with Yosys' own models
# of the cells: the memories are inferred as meant, and no pass has changed a product. TAP. BUILD, PX, PYTHON as in icarus.sh.
set -u
build=${BUILD:-build}
px=${PX:-$build/px}
for tool in yosys iverilog; do
    command -v $tool >/dev/null || { echo "1..0 # SKIP $tool is not here (Debian: apt install yosys iverilog)"; exit 0; }
done
python=$(${PYTHON:-python3} -c 'import sys; print(sys.executable)') || { echo '1..0 # SKIP python3 is not here'; exit 0; }
cells=$(dirname "$(command -v yosys)")/../share/yosys/ice40/cells_sim.v
mkdir -p "$build/rtl"
unset ABC
count=0 bad=0
# A few cases that meet every arithmetic unit; gate by gate, a case takes a second.
awk '/^case/ { on = /mul[hu]*, sixteen|sar, sixteen|shl, sixteen|thirty-two extremes|two by three|req: limits|bmulu/ && seen[$2]++ < 2 }
     on' tests/conformance/{alu,tensor,bytes}.pxt >"$build/rtl/netlist.pxt"
netlist() { # NAME, synthesis options
    local name=$1
    shift
    export BENCH=$build/rtl/$name.vvp PIXELS=2048
    count=$((count + 1))
    timeout 200 yosys -q -p "read_verilog -I$build/gen -Irtl $(echo rtl/px_*.v); chparam -set AW 11 px_machine
        synth_ice40 $* -top px_machine; write_verilog -noattr $build/rtl/$name.v" >"$build/rtl/$name.log" 2>&1 &&
        iverilog -g2005 -DNETLIST -DNO_ICE40_DEFAULT_ASSIGNMENTS -I "$build/gen" -I rtl -s bench -o "$BENCH" \
            tests/rtl/bench.v "$build/rtl/$name.v" "$cells" >>"$build/rtl/$name.log" 2>&1 &&
        "$px" conformance --on "cmd:$python -sSB tests/rtl/icarus_vm.py" "$build/rtl/netlist.pxt" \
            >>"$build/rtl/$name.log" 2>&1 &&
        echo "ok $count - the netlist of synth_ice40 $*" && return
    bad=$((bad + 1))
    echo "not ok $count - the netlist of synth_ice40 $*"
    tail -n 20 "$build/rtl/$name.log" | sed 's/^/# /'
}
netlist netlist_dsp -dsp -abc9 -device u
netlist netlist_lut -abc9 -device hx
echo "1..$count"
[ "$bad" = 0 ]
