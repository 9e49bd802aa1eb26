#!/usr/bin/env bash
# uart.sh - tests/rtl/uart_bench.v under Icarus. TAP. From the repository root; BUILD is the build tree.
set -u
command -v iverilog >/dev/null || { echo '1..0 # SKIP iverilog is not here (Debian: apt install iverilog)'; exit 0; }
out=${BUILD:-build}/rtl/uart_bench.vvp
mkdir -p "${out%/*}"
iverilog -g2005 -Wall -Wno-timescale -s uart_bench -o "$out" tests/rtl/uart_bench.v rtl/link/px_uart_rx.v rtl/link/px_uart_tx.v || {
    echo 'not ok 1 - the bench compiles'
    echo '1..1'
    exit 1
}
vvp -n "$out" | awk '{ print } /^not ok/ { bad = 1 } /^1\.\./ { plan = 1 } END { exit bad || !plan }'
