// px_clock.v - px_clock without a PLL: in simulation the pin already has the frequency of the board's clock. It locks as late
// as a PLL might, so that the board's power-on reset is the one that hardware goes through.
`default_nettype none
module px_clock #(
    parameter PIN  = 12000000,
    parameter REF  = 1,
    parameter MUL  = 64,
    parameter POST = 32,
    parameter PAD  = 0
) (
    input  wire i_pin,
    output wire o_clk,
    output reg  o_locked
);
    reg [5:0] wait_count = 6'd0;
    initial   o_locked = 1'b0;
    always @(posedge i_pin) begin
        wait_count <= wait_count + {5'd0, !o_locked};
        o_locked   <= o_locked || &wait_count;
    end
    assign o_clk = i_pin;

    wire unused = &{1'b0, PIN != 0, REF != 0, MUL != 0, POST != 0, PAD != 0};
endmodule
`default_nettype wire
