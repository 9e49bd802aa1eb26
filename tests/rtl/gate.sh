#!/usr/bin/env bash
# gate.sh - one chip's netlist, Verilated: px_machine through synthesis with the chip's own settings (rtl/chips.sh), then
# the cells that came out, with Yosys' models of them, through Verilator.
#
#   BUILD=build tests/rtl/gate.sh CHIP OUT SOURCE...     leaves OUT/netlist.v, OUT/pixels and OUT/Vpx_plain__ALL.a
#
# Flip-flops and block RAM with contents start as the chip starts them; what hardware leaves open (single-port RAM, block
# RAM that nothing initialises, don't-cares of synthesis) starts with bits drawn from the seed of the executor.
set -eu
build=${BUILD:-build}
chip=$1 out=$2
shift 2
unset ABC # Yosys would take it for its abc program
. rtl/chips.sh
chip_of "$chip"
mkdir -p "$out"
cells=$(dirname "$(command -v yosys)")/../share/yosys/$family/cells_sim.v
echo "$pixels" >"$out/pixels"
timeout 600 yosys -q -l "$out/yosys.log" -p "read_verilog -I$build/gen -Irtl $*; chparam $parameters px_machine;
    hierarchy -top px_machine;
    $synth -top px_machine; write_verilog -noattr $out/netlist.v" >/dev/null

# Lint is for sources, not for what comes out of synthesis: no -Wall. MODDUP: gate_ecp5.v is read first and stands for an
# empty module of cells_sim.v. The defines keep default values of ports, which Verilator does not read, and I/O cells out.
case $family in
ecp5) models="-Wno-MODDUP -DNO_INCLUDES tests/rtl/gate_ecp5.v" ;;
ice40) models="-DNO_ICE40_DEFAULT_ASSIGNMENTS" ;;
esac
# shellcheck disable=SC2086
verilator --cc -O3 --x-assign unique --x-initial unique --noassert --timescale 1ps/1ps -Wno-WIDTH -Wno-UNOPTFLAT -Wno-PINMISSING \
    --top-module px_machine --prefix Vpx_plain --Mdir "$out" $models "$out/netlist.v" "$cells"
make -s -C "$out" -f Vpx_plain.mk Vpx_plain__ALL.a OPT_FAST=-O2 OPT_SLOW=-O1 >/dev/null
