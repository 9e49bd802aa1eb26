// px_mem.v - the pixels: 2^AW words, one port, one cycle, a write enable for each byte. Becomes block RAM everywhere;
// px_spram.v is the same in the single-port RAM of an UP5K. Nobody uses what is read in the cycle of a write; under
// Icarus it is X, to show it, and block RAM needs no logic around it.
`default_nettype none
module px_mem #(
    parameter AW    = 11,
    parameter DEPTH = 1 << AW  // fewer than 2^AW where block RAM is short
) (
    input  wire          i_clk,
    input  wire [AW-1:0] i_addr,
    input  wire [3:0]    i_we,
    input  wire [31:0]   i_data,
    output reg  [31:0]   o_q
);
    (* no_rw_check *) reg [31:0] pixel [0:DEPTH-1] /*verilator public_flat_rw*/;
    always @(posedge i_clk) begin
        if (i_we[0]) pixel[i_addr][7:0]   <= i_data[7:0];
        if (i_we[1]) pixel[i_addr][15:8]  <= i_data[15:8];
        if (i_we[2]) pixel[i_addr][23:16] <= i_data[23:16];
        if (i_we[3]) pixel[i_addr][31:24] <= i_data[31:24];
        o_q <= pixel[i_addr];
`ifdef __ICARUS__
        if (i_we != 4'd0)
            o_q <= 32'bx;
`endif
    end
endmodule
`default_nettype wire
