// regs.v - px_regs as a proof sees it: one register, whichever, keeps its word; what is read of the others is anything.
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
    reg [31:0] word;
    (* anyseq *) reg [31:0] any1, any2;
    wire writes = i_we && i_w == which;
    always @(posedge i_clk) begin
        if (writes)
            word <= i_data;
        o_q1 <= i_r1 == which && !writes ? word : any1;
        o_q2 <= i_r2 == which && !writes ? word : any2;
    end
endmodule
`default_nettype wire
