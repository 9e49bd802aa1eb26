// px_scan.v - px_machine between two shift registers, so that place and route of the core alone needs four pins and
// optimises nothing away. Only `make report` uses it.
`default_nettype none
module px_scan #(
    parameter AW    = 11,
    parameter SPRAM = 0,
    parameter LANES = 1
) (
    input  wire i_clk,
    input  wire i_shift,
    input  wire i_bit,
    output wire o_bit
);
    localparam IN = 38 + AW, OUT = 75 + 2 * AW;
    reg  [IN-1:0]  in;
    reg  [OUT-1:0] out;
    wire [OUT-1:0] now;
    assign o_bit = out[OUT-1];
    always @(posedge i_clk) begin
        in  <= {in[IN-2:0], i_bit};
        out <= i_shift ? {out[OUT-2:0], 1'b0} : now;
    end
    px_machine #(.AW(AW), .SPRAM(SPRAM), .LANES(LANES)) machine0 (
        .i_clk(i_clk), .i_rst(in[0]), .i_stop(in[1]), .i_h_valid(in[2]), .i_h_write(in[3]), .i_h_space(in[5:4]),
        .i_h_data(in[37:6]), .i_h_addr(in[IN-1:38]), .o_h_ready(now[0]), .o_running(now[1]), .o_h_data(now[33:2]),
        .o_budget(now[65:34]), .o_pc(now[66 +: AW+1]), .o_vl(now[67+AW +: AW+1]), .o_profile(now[68+2*AW]),
        .o_status(now[69+2*AW +: 2]), .o_cause(now[71+2*AW +: 3]), .o_retire(now[74+2*AW]));
endmodule
`default_nettype wire
