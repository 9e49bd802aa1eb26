// px_rom.v - the millicode, assembled from millicode.pxa by gen_isa. With PX_ROM_LOGIC, where block RAM is short, what
// lies beyond 512 words is logic.
`default_nettype none
module px_rom (
    input  wire        i_clk,
    input  wire [9:0]  i_addr,
    output wire [31:0] o_q
);
`ifdef PX_ROM_LOGIC
`define MORE(at) more[at - 512]
    reg [31:0] rom [0:511];
    (* rom_style = "logic", ram_style = "logic" *)
    reg [31:0] more [0:127];
    reg [31:0] word, beyond;
    reg        high;
    assign o_q = high ? beyond : word;
    always @(posedge i_clk) begin
        word   <= rom[i_addr[8:0]];
        beyond <= more[i_addr[6:0]];
        high   <= i_addr[9];
    end
`else
`define MORE(at) rom[at]
    reg [31:0] rom [0:1023];
    reg [31:0] word;
    assign o_q = word;
    always @(posedge i_clk)
        word <= rom[i_addr];
`endif
    initial begin
        `include "px_rom.vh"
    end
`undef MORE
endmodule
`default_nettype wire
