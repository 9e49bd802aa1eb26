// px_spram.v - px_mem in the UP5K's single-port RAM: blocks of 16 K x 16 bits, two side by side a 16 K pixels.
// It cannot be initialised: the host writes every pixel before a run. What is known last, that a check refuses a write,
// goes to the mask, which no gate stands in front of.
`default_nettype none
module px_spram #(
    parameter AW = 15
) (
    input  wire          i_clk,
    input  wire [AW-1:0] i_addr,
    input  wire          i_wish, // i_we is not 0, or a check has refused the write
    input  wire [3:0]    i_we,
    input  wire [31:0]   i_data,
    output wire [31:0]   o_q
);
    wire [14:0] addr = {{15-AW{1'b0}}, i_addr};
    wire [31:0] q [0:1];
    reg         high;
    always @(posedge i_clk)
        high <= addr[14];
    assign o_q = AW == 15 && high ? q[1] : q[0];

    genvar bank, half;
    generate
        for (bank = 0; bank < 2; bank = bank + 1) begin : banks
            for (half = 0; half < 2; half = half + 1) begin : halves
                SB_SPRAM256KA ram (
                    .ADDRESS(addr[13:0]), .DATAIN(i_data[16*half +: 16]),
                    .MASKWREN({{2{i_we[2*half+1]}}, {2{i_we[2*half]}}}),
                    .WREN(i_wish && addr[14] == bank), .CHIPSELECT(1'b1), .CLOCK(i_clk),
                    .STANDBY(1'b0), .SLEEP(1'b0), .POWEROFF(1'b1), .DATAOUT(q[bank][16*half +: 16]));
            end
        end
    endgenerate
endmodule
`default_nettype wire
