// regs.v - px_regs as a proof sees it: one register, whichever, and the one beside it (bit 0 set) keep their words; of
// the others, what is read is anything.
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
    (* anyconst *) reg [8:0] which;
    reg [31:0] word, other;
    wire [8:0] which1 = {which[8:1], 1'b1};
    wire [31:0] beside = which[0] ? word : other;
    (* anyseq *) reg [31:0] any1, any2;
    always @(posedge i_clk) begin
        if (i_we && i_w == which)
            word <= i_data;
        if (i_we && i_w == which1)
            other <= i_data;
        o_q1 <= i_we && i_w == i_r1 ? any1 : i_r1 == which ? word : i_r1 == which1 ? beside : any1;
        o_q2 <= i_we && i_w == i_r2 ? any2 : i_r2 == which ? word : i_r2 == which1 ? beside : any2;
    end
endmodule
`default_nettype wire
