// board_clock_ice40.v - px_clock: the board's clock from its crystal, by the PLL of an iCE40. i_pin * MUL / REF is the VCO's
// frequency (533 to 1066 MHz), a POSTth of that the clock.
//
// board_clock_ecp5.v is the same module for ECP5, sim/px_clock.v for simulation: a build takes exactly one of the three.
// The UP5K has one PLL, and it uses the cell of pin 35: a crystal on that pin reaches nothing but the PLL's pad input
// (PAD 1), a crystal elsewhere goes through the fabric (PAD 0), and pin 35 can then be no input.
`default_nettype none
/* verilator lint_off DECLFILENAME */ // one module, a file for each family
module px_clock #(
    parameter PIN  = 12000000,  // Hz of i_pin
    parameter REF  = 1,         // 1..16
    parameter MUL  = 64,        // 1..128
    parameter POST = 32,        // a power of two, 2..64
    parameter PAD  = 0
) (
    input  wire i_pin,
    output wire o_clk,
    output wire o_locked
);
    // The loop filter by the frequency at the phase detector, with the limits that icepll has.
    localparam       PFD    = PIN / REF / 1000000;
    localparam [2:0] FILTER = PFD < 17 ? 1 : PFD < 26 ? 2 : PFD < 44 ? 3 : PFD < 66 ? 4 : PFD < 101 ? 5 : 6;
    localparam [2:0] DIVQ   = POST == 2 ? 1 : POST == 4 ? 2 : POST == 8 ? 3 : POST == 16 ? 4 : POST == 32 ? 5 : 6;
    localparam [3:0] DIVR   = REF - 1;
    localparam [6:0] DIVF   = MUL - 1;

    generate
        if (PAD != 0) begin : pad
            SB_PLL40_PAD #(
                .FEEDBACK_PATH("SIMPLE"), .DIVR(DIVR), .DIVF(DIVF), .DIVQ(DIVQ), .FILTER_RANGE(FILTER)
            ) pll (.PACKAGEPIN(i_pin), .PLLOUTGLOBAL(o_clk), .LOCK(o_locked), .RESETB(1'b1), .BYPASS(1'b0));
        end else begin : core
            SB_PLL40_CORE #(
                .FEEDBACK_PATH("SIMPLE"), .DIVR(DIVR), .DIVF(DIVF), .DIVQ(DIVQ), .FILTER_RANGE(FILTER)
            ) pll (.REFERENCECLK(i_pin), .PLLOUTGLOBAL(o_clk), .LOCK(o_locked), .RESETB(1'b1), .BYPASS(1'b0));
        end
    endgenerate
endmodule
`default_nettype wire
