// board_clock_ecp5.v - px_clock: the board's clock from its crystal, by a PLL of an ECP5. i_pin * MUL / REF is the VCO's
// frequency (400 to 800 MHz), a POSTth of that the clock.
// board_clock_ice40.v is the same module for iCE40, sim/px_clock.v for simulation: a build takes exactly one of the three.
//
// The loop is closed behind the output divider, so that the feedback divider is MUL / POST, and must be whole. The analogue
// attributes are the ones that Project Trellis' ecppll gives to every PLL.
`default_nettype none
/* verilator lint_off DECLFILENAME */ // one module, a file for each family
module px_clock #(
    parameter PIN  = 25000000,  // Hz of i_pin; PIN / REF is at least 3.125 MHz
    parameter REF  = 5,         // 1..128
    parameter MUL  = 112,
    parameter POST = 7,         // 1..128
    parameter PAD  = 0          // of no meaning here
) (
    input  wire i_pin,
    output wire o_clk,
    output wire o_locked
);
    (* ICP_CURRENT="12" *) (* LPF_RESISTOR="8" *) (* MFG_ENABLE_FILTEROPAMP="1" *) (* MFG_GMCREF_SEL="2" *)
    EHXPLLL #(
        .CLKI_DIV(REF), .CLKFB_DIV(MUL / POST), .CLKOP_DIV(POST), .CLKOP_CPHASE(POST / 2), .CLKOP_FPHASE(0),
        .FEEDBK_PATH("CLKOP"), .CLKOP_ENABLE("ENABLED"), .OUTDIVIDER_MUXA("DIVA"), .OUTDIVIDER_MUXB("DIVB"),
        .OUTDIVIDER_MUXC("DIVC"), .OUTDIVIDER_MUXD("DIVD"), .PLLRST_ENA("DISABLED"), .INTFB_WAKE("DISABLED"),
        .STDBY_ENABLE("DISABLED"), .DPHASE_SOURCE("DISABLED")
    ) pll (
        .CLKI(i_pin), .CLKOP(o_clk), .CLKFB(o_clk), .LOCK(o_locked), .RST(1'b0), .STDBY(1'b0), .PHASESEL0(1'b0),
        .PHASESEL1(1'b0), .PHASEDIR(1'b1), .PHASESTEP(1'b1), .PHASELOADREG(1'b1), .PLLWAKESYNC(1'b0), .ENCLKOP(1'b0));
endmodule
`default_nettype wire
