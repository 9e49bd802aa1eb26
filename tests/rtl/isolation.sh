#!/usr/bin/env bash
# isolation.sh - proofs that a machine in a slot writes nothing outside of its image: by induction over the core's
# Verilog (isolation/isolation.vh), and of the millicode by symbolic execution (isolation/millicode.py); and that both
# see bugs. rtl/README.md says what is proven and what is not. TAP. From the repository root; BUILD is the build tree, AW
# the core's parameter. Of the bugs each EVERY-th is planted (20), EVERY=1 for all of them; the sources have to have the place for
# each other.
set -u
for tool in yosys z3; do
    command -v $tool >/dev/null || { echo "1..0 # SKIP $tool is not here (Debian: apt install $tool)"; exit 0; }
done
build=${BUILD:-build} aw=${AW:-15} every=${EVERY:-20} bugs=0
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
n=0
result() { # STATUS NAME
    n=$((n + 1))
    if [ "$1" = 0 ]; then
        echo "ok $n - $2"
    else
        echo "not ok $n - $2"
        tail -n 5 "$dir/log" 2>/dev/null | sed 's/^/# /'
        bad=1
    fi
}

# Whether this bug is planted in this run: each EVERY-th. If not, its change has to change something still.
planted() { # NAME FILE SED
    bugs=$((bugs + 1))
    [ $((bugs % every)) = 0 ] && return
    ! sed -E "$3" "$2" | cmp -s - "$2"
    result $? "$2 has the place for '$1'"
    return 1
}

# The states of the units, CTRL_IDLE and so on.
states() {
    local unit
    for unit in ctrl check vec host; do
        sed 's://.*::' "rtl/core/px_$unit.v" | tr '\n' ' ' | grep -o 'localparam \[[0-9]:0\][^;]*;' |
            sed -E "s/\b([A-Z][A-Z0-9_]*) = ([0-9]+)/${unit^^}_\1 = \2/g"
    done
}

# core FILE SED [OPTION]: the proof, with the change in one file of the core; three steps of induction are what it takes.
core() {
    local at=$dir/core unit file
    rm -rf "$at" && mkdir "$at"
    states >"$at/states.vh"
    python3 tests/rtl/isolation/millicode.py --opcodes rtl/core/millicode.pxa "$build/gen" >"$at/opcodes.vh" || return 1
    for unit in core ctrl check vec host decode data alu alu_ctl rom mul div; do
        file=rtl/core/px_$unit.v
        if [ "px_$unit.v" = "$1" ]; then
            sed -E "$2" "$file" >"$at/px_$unit.v"
            cmp -s "$file" "$at/px_$unit.v" && { echo "the change changes nothing" >"$dir/log"; return 3; }
        else
            cp "$file" "$at"
        fi
    done
    sed -i 's/^endmodule/`include "isolation.vh"\nendmodule/' "$at/px_core.v"
    # Whatever is not known may be anything: x, and what comes from the ROM, the multipliers and the divider.
    timeout 500 yosys -p "
        read_verilog -formal -I$at -I$build/gen -Irtl/core -Itests/rtl/isolation tests/rtl/isolation/regs.v $(
            printf "$at/px_%s.v " core ctrl check vec host decode data alu alu_ctl)
        read_verilog -lib -I$build/gen -Irtl/core $at/px_rom.v $at/px_mul.v $at/px_div.v
        chparam -set AW $aw px_core
        hierarchy -check -top px_core
        chformal -remove px_alu px_alu_ctl
        proc -norom; setundef -anyseq; flatten
        delete t:px_rom t:px_mul t:px_div
        setundef -undriven -anyseq; opt -keepdc
        sat -tempinduct -prove-asserts -set-assumes -seq 1 -initsteps 2 -maxsteps 3 -verify ${3-}" >"$dir/log" 2>&1
}
core_bug() { # NAME FILE SED
    planted "$1" "rtl/core/$2" "$3" || return
    core "$2" "$3" -tempinduct-inductonly
    [ $? != 3 ] && grep -q 'proof did fail' "$dir/log"
    result $? "and sees it when $1"
}

core none ''
result $? "the core, of 2^$aw pixels: what a machine in a slot writes lies in its image"
core_bug 'ST is not checked' px_ctrl.v '/^        STORE: begin/,/end/s/checks = 1.b1;//'
core_bug 'STB is not checked' px_ctrl.v '/^        BYTE_VALUE: begin/,/end/s/checks = 1.b1;//'
core_bug 'the check is off by one' px_data.v 's/ - \{\{AW\+1\{1.b0\}\}, !i_or_equal\}//'
core_bug 'an address that wraps passes' px_data.v 's/ && !\(i_exact && carry\)//'
core_bug 'the base is not added' px_data.v 's/assign o_addr = at \+ o_base/assign o_addr = at/'
core_bug 'N stays the one of the outer machine' px_data.v 's/if \(i_do\[AT_N_RES\]\)/if (i_do[AT_N_RES] \&\& !i_milli)/'
core_bug 'the run that is written is not checked' px_check.v 's/next = i_inside \?/next = i_inside || pair == 2'"'d0"' ?/'
core_bug 'no run is checked in a slot' px_core.v 's/\.i_skip\(milli\)/.i_skip(milli || nested)/'
core_bug 'FILL does not end' px_vec.v 's/(\{FILL, .*)over = i_last/\1over = ended/'
core_bug 'VL may be anything' px_ctrl.v '/^        SET_VL: begin/,/end/s/checks = 1.b1;//'

# millicode SED: the proof of the ROM that is made with this change.
millicode() {
    sed -E "$1" rtl/core/millicode.pxa >"$dir/m.pxa"
    mkdir -p "$dir/gen"
    "$build/gen_isa" "$dir/m.pxa" "$dir/gen/px_isa.vh" "$dir/gen/px_facts.vh" "$dir/gen/px_rom.vh" >"$dir/log" 2>&1 &&
        timeout 500 python3 tests/rtl/isolation/millicode.py "$dir/m.pxa" "$dir/gen" >"$dir/log" 2>&1
}
millicode_bug() { # NAME SED
    planted "$1" rtl/core/millicode.pxa "$2" || return
    millicode "$2"
    [ $? = 1 ] && ! cmp -s rtl/core/millicode.pxa "$dir/m.pxa" && grep -q '^not so: ' "$dir/log"
    result $? "and sees it when $1"
}
millicode ''
result $? "the millicode: $(tail -n 1 "$dir/log")"
millicode_bug 'N stays the one of the outer machine' '/uctl  #CTL_N, k/d'
millicode_bug 'the base is not that of the slot' '/add   z, z, SLOT/d'
millicode_bug 'an image may be larger than its slot' '/add   t, z, k/,/bltu/{/bltu/d}'
millicode_bug 'a saved pc is not looked at' '/bltu  k, t, slot_unfit/d'
millicode_bug 'slots may end outside' '/bltu  t, p, bad_range/d'
millicode_bug 'the length of strided runs wraps' '/mulhu t, u, v/,/bne/{/bne/d}'
millicode_bug "a table's index may be its length" 's/bgeu  u, len, scatadd_next/bltu  len, u, scatadd_next/'
millicode_bug 'a slot is written before its image is left' '/uctl  #CTL_OUT, zero/d'
millicode_bug "COPYS uses a register of RESUME's" 's/^k    *= 24/k = 66/; s/^k  = 24/k = 66/'
millicode_bug 'the outer N is not given back' '/uctl  #CTL_N, on/d'
echo "1..$n"
exit "${bad-0}"
