#!/usr/bin/env bash
# gate.sh - a netlist, Verilated: what synthesis makes of the core for a chip, or of a board's whole top, with Yosys' models
# of the cells.
#
#   BUILD=build tests/rtl/gate.sh core CHIP OUT SOURCE...    px_machine, with the chip's own settings (rtl/chips.sh); also
#                                                            writes OUT/defines, for the shim
#   BUILD=build tests/rtl/gate.sh board BOARD OUT            the netlist that BOARD's bitstream is made of
#
# LIMIT (600), the seconds that synthesis may take.
#
# Flip-flops and block RAM with contents start as the chip starts them; what hardware leaves open (single-port RAM, block
# RAM that nothing initialises, don't-cares of synthesis) starts with bits drawn from the seed of the executor.
set -eu
build=${BUILD:-build}
what=$1 name=$2 out=$3
shift 3
unset ABC # Yosys would take it for its abc program
. rtl/chips.sh
mkdir -p "$out"

if [ "$what" = board ]; then
    chip_of "$(sed -nE 's/^CHIP *:= *//p' "constraints/$name.mk")"
    top=board_top prefix=Vboard
    rtl/board/board.sh synth "$name" >/dev/null
    script="read_json $build/boards/$name/$name.json"
else
    chip_of "$name"
    top=px_machine prefix=Vpx_plain
    lanes=$(sed -nE 's/.*LANES ([0-9]+).*/\1/p' <<<"$parameters")
    echo "-DPIXELS=$pixels -DLANES=${lanes:-1}" >"$out/defines"
    script="read_verilog $defines -I$build/gen -Irtl/core $*; chparam $parameters $top; hierarchy -top $top; $synth -top $top"
fi
timeout "${LIMIT:-600}" yosys -q -l "$out/yosys.log" -p "$script; write_verilog -noattr $out/netlist.v" >/dev/null

# Lint is for sources, not for what comes out of synthesis: no -Wall. MODDUP: our models are read first and stand for empty
# modules of cells_sim.v. The defines keep default values of ports, which Verilator does not read, and I/O cells out.
verilator --cc -O3 --x-assign unique --x-initial unique --noassert --timescale 1ps/1ps -Wno-WIDTH -Wno-UNOPTFLAT \
    -Wno-PINMISSING -Wno-MODDUP -DNO_ICE40_DEFAULT_ASSIGNMENTS -DNO_INCLUDES --top-module $top --prefix $prefix --Mdir "$out" \
    "tests/rtl/gate_$family.v" "$out/netlist.v" "$(dirname "$(command -v yosys)")/../share/yosys/$family/cells_sim.v"
MAKEFLAGS='' make -s -C "$out" -f $prefix.mk ${prefix}__ALL.a ${VERILATED_VARS-} OPT_FAST=-O2 OPT_SLOW=-O1 >/dev/null
