#!/usr/bin/env bash
# figures.sh - tools/figures: the documents have what constraints/ says; reports and benchmarks get into their rows. Reports and
# their right rows are written out here. TAP.
. tests/cli/lib.sh

said=$(tools/figures --check 2>&1)
result $? 'README.md and docs/boards/ have what constraints/ says' "$said"
without=
for board in $(cd constraints && ls -- *.mk | sed 's/\.mk$//'); do
    for block in facts wiring cost; do
        grep -qx -e "<!-- board $board $block -->" docs/boards/*.md || { [ "$board $block" = 'ulx3s-12f wiring' ] || without+=" $board:$block"; }
    done
done
[ -z "$without" ]
result $? 'every board has a page with its facts, its wiring and its cost' "$without"

# A copy, to be written.
mkdir -p "$dir/copy/docs" "$dir/copy/build/boards/icebreaker" "$dir/copy/build/boards/ulx3s-85f" "$dir/copy/build/figures"
cp -r README.md constraints tools "$dir/copy" && cp -r docs/boards "$dir/copy/docs"
cd "$dir/copy" || exit 1
cat >build/boards/icebreaker/report.json <<'END'
{"board": "icebreaker", "clock": 24, "mhz": {"1": 23.99, "2": 24.56, "3": 28.00}, "tools": ["Yosys 9.99", "nextpnr-ice40 8.8"],
 "used": {"ICESTORM_LC": [1234, 5280], "ICESTORM_RAM": [16, 30], "SB_GB": [8, 8]}}
END
cat >build/boards/ulx3s-85f/report.json <<'END'
{"board": "ulx3s-85f", "clock": 80, "mhz": {"1": 70.5, "2": 71.25}, "tools": ["Yosys 9.99", "nextpnr-ecp5 7.7"],
 "used": {"DP16KD": [21, 208], "TRELLIS_FF": [4812, 83640], "TRELLIS_COMB": [12000, 83640]}}
END
cat >build/figures/bench <<'END'
ref           123.4 million scalar instructions/s  (median of 5 runs, 1,000 instructions)
fast          612.3 million scalar instructions/s  (median of 5 runs, 1,000 instructions)
opencl        567.8 million scalar instructions/s  (median of 5 runs, 1,000 instructions)
rtl             1.9 million scalar instructions/s, 7.1 million cycles/s, 4.00 cycles an instruction  (median of 5 runs, 1,000 instructions)

rtl, cycles (from runs of 256 and 1,024 elements; scalar: the whole instruction)
  vadd.vv        2.50 per pixel
  vdot           0.75 per multiply-accumulate

rtl4, cycles (from runs of 256 and 1,024 elements; scalar: the whole instruction)
  vadd.vv        0.25 per pixel
  vdot           0.06 per multiply-accumulate

Scalar instructions of 35 gallery programs, multiply and divide apart: 4.56 cycles on average over 9,999
END
has() { # NAME FILE LINE
    grep -qxF -- "$3" "$2"
    result $? "$1" "not in $2: $3
$(grep -F -- "${3:0:12}" "$2")"
}
tools/figures >"$dir/out" 2>&1
result $? 'figures are written' "$(cat "$dir/out")"
has 'a row of README.md: the first seed that closes' README.md '| iCEBreaker, complete: core, link, wire, 32,768 pixels | 1,234 of 5,280 cells, 24.6 MHz with seed 2, clock 24 | `make BOARD=icebreaker report` |'
has 'the best where none closes, and the lanes' README.md '| ULX3S 85F, complete: core, link, wire, 8,192 pixels, four lanes | 12,000 of 83,640 cells, 71.2 MHz with seed 2, clock 80 | `make BOARD=ulx3s-85f report` |'
has 'the reference VM' README.md '| reference VM | 123 million scalar instructions/s | `make bench` |'
has 'the fast VM' README.md '| fast VM | 612 million scalar instructions/s | `make bench` |'
has 'the Verilated core' README.md '| Verilated core, one lane | 7.1 million cycles/s | `make bench` |'
has 'cycles of a vector instruction, on both cores' README.md '| two-source maps such as VADD, one lane, one memory port | 2.5 cycles a pixel; four lanes: 0.25 | `make bench` |'
has 'and of a product' README.md '| VDOT and MATMUL of signed bytes | 0.75 cycles a multiply-accumulate; four lanes: 0.06 | `make bench` |'
has 'the average of the gallery' README.md '| scalar instructions on the core, over the gallery | 4.56 cycles, multiply and divide apart | `make bench` |'
has 'the cost on the page of the board' docs/boards/icebreaker.md '| logic cells | 1,234 | 5,280 |'
has 'with its seed' docs/boards/icebreaker.md '| Fmax, seed 2 | 24.56 MHz | 24 MHz are wanted |'
[ "$(grep -c '^| iCEBreaker, complete' README.md)" = 1 ] && [ "$(sed -n '/<!-- figures -->/,/<!-- end -->/p' README.md | wc -l)" = "$(sed -n '/<!-- figures -->/,/<!-- end -->/p' "$OLDPWD/README.md" | wc -l)" ]
result $? 'rows take the place of rows' "$(sed -n '/<!-- figures -->/,/<!-- end -->/p' README.md)"
cp README.md "$dir/readme"
tools/figures >"$dir/out" && cmp -s README.md "$dir/readme" && [ ! -s "$dir/out" ]
result $? 'a second time changes nothing' "$(cat "$dir/out")"
expect 'what was measured is no matter of --check' 0 '' tools/figures --check
sed -i 's/^AW .*/AW        := 12/' constraints/upduino.mk
expect 'a fact that changed is' 1 'docs/boards/README.md, docs/boards/upduino.md: not what constraints/ says' tools/figures --check
tools/figures >"$dir/out"
has 'and is written' docs/boards/upduino.md '| memory | 4,096 pixels, in the single-port RAM |'
echo '<!-- board nosuch facts -->
<!-- end -->' >>docs/boards/upduino.md
expect 'a block of no board' 1 'board nosuch facts -->: there is no such board' tools/figures
cd "$OLDPWD" || exit 1
finish
