// px_regs.v - 512 registers of 32 bits: the program's 256 and, with address bit 8 set, the hidden bank of millicode.
// Two read ports (two copies in block RAM), one write port; a read sees writes of earlier cycles. Nobody uses what a read
// gives in the cycle of a write to the same register; under Icarus it is X, to show it. Block RAM can then be had as it
// is, without 160 cells around it that keep the old word.
`default_nettype none
module px_regs (
    input  wire        i_clk,
    input  wire [8:0]  i_r1,
    input  wire [8:0]  i_r2,
    input  wire        i_we,
    input  wire [8:0]  i_w,
    input  wire [31:0] i_data,
    output reg  [31:0] o_q1,
    output reg  [31:0] o_q2
);
    (* no_rw_check *) reg [31:0] bank [0:511] /*verilator public_flat_rw*/;
    always @(posedge i_clk) begin
        if (i_we)
            bank[i_w] <= i_data;
        o_q1 <= bank[i_r1];
        o_q2 <= bank[i_r2];
`ifdef __ICARUS__
        if (i_we && i_w == i_r1)
            o_q1 <= 32'bx;
        if (i_we && i_w == i_r2)
            o_q2 <= 32'bx;
`endif
    end
endmodule
`default_nettype wire
