// px_rom.v - the millicode, assembled from millicode.pxa by gen_isa.
`default_nettype none
module px_rom (
    input  wire        i_clk,
    input  wire [9:0]  i_addr,
    output reg  [31:0] o_q
);
    reg [31:0] rom [0:1023];
    initial begin
        `include "px_rom.vh"
    end
    always @(posedge i_clk)
        o_q <= rom[i_addr];
endmodule
`default_nettype wire
