#!/usr/bin/env bash
# versus_picorv32.sh - simulation speed beside a well-known core: rtl/versus_picorv32.sh PATH/picorv32.v [PX]
#
# Verilates picorv32 (its own file, not part of pxOS) with zero-wait memory and the options of rtl.mk, runs a loop of additions, loads and
# stores on it and a scalar loop on the pixel core, in turn, and prints million cycles of each per second and their ratio.
set -eu
source=$(realpath "${1:?usage: rtl/versus_picorv32.sh PATH/picorv32.v [PX]}")
px=$(realpath "${2:-build/px}")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

cat >top.v <<'V'
module top (input clk, input resetn, output trap);
    wire valid; reg ready; wire [31:0] addr, wdata; wire [3:0] wstrb; reg [31:0] rdata;
    reg [31:0] mem [0:16383];
    initial $readmemh("loop.hex", mem);
    picorv32 cpu (.clk(clk), .resetn(resetn), .trap(trap), .mem_valid(valid), .mem_ready(ready), .mem_addr(addr),
        .mem_wdata(wdata), .mem_wstrb(wstrb), .mem_rdata(rdata), .irq(32'd0), .pcpi_wr(1'b0), .pcpi_rd(32'd0),
        .pcpi_wait(1'b0), .pcpi_ready(1'b0));
    integer i;
    always @(posedge clk) begin
        ready <= valid && !ready;
        rdata <= mem[addr[15:2]];
        for (i = 0; i < 4; i = i + 1)
            if (valid && !ready && wstrb[i]) mem[addr[15:2]][8*i +: 8] <= wdata[8*i +: 8];
    end
endmodule
V
# addi x1,x1,1; add x2,x2,x1; xor x3,x3,x2; sw x3,256(x0); lw x4,256(x0); jal x0,-20
printf '%s\n' 00108093 00110133 0021c1b3 10302023 10002203 fedff06f >loop.hex
cat >main.cpp <<'C'
#include "Vtop.h"
#include <chrono>
#include <cstdio>
int main()
{
    Vtop top;
    const long cycles = 10000000;
    auto tick = [&] { top.clk = 0; top.eval(); top.clk = 1; top.eval(); };
    top.resetn = 0;
    for (int i = 0; i < 10; i++) tick();
    top.resetn = 1;
    const auto start = std::chrono::steady_clock::now();
    for (long i = 0; i < cycles; i++) tick();
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    if (top.trap) return puts("picorv32 trapped"), 1;
    printf("%.2f\n", (double)cycles / seconds * 1e-6);
}
C
verilator --cc --exe --top-module top -O3 --x-assign fast --x-initial unique --noassert -Wno-fatal -Wno-lint -Wno-style -CFLAGS -O2 \
    top.v "$source" main.cpp >log 2>&1 && make -s -C obj_dir -f Vtop.mk ${VERILATED_VARS-} OPT_FAST=-O2 OPT_SLOW=-O1 >>log 2>&1 || { cat log; exit 1; }

for round in 1 2 3 4 5; do
    theirs=$(obj_dir/Vtop)
    ours=$("$px" bench --on rtl --speed | grep -oE '[0-9.]+ million cycles' | cut -d' ' -f1)
    awk -v a="$ours" -v b="$theirs" 'BEGIN { printf "pixel core %.2f, picorv32 %.2f million cycles/s: ratio %.2f\n", a, b, a / b }'
done
