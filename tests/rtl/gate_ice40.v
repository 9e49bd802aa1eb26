// gate_ice40.v - the cells of iCE40 that a board's top has and that Yosys' models (ice40/cells_sim.v) leave empty: PLLs, whose
// clock is here the pin's (the pin already has the frequency of the board's clock, as in sim/px_clock.v) and which lock after
// 64 of them, and the UP5K's driver of an RGB LED, which pulls its pins low.
`default_nettype none
module gate_lock (
    input  wire i_clk,
    output reg  o_locked
);
    reg [5:0] count = 6'd0;
    initial   o_locked = 1'b0;
    always @(posedge i_clk) begin
        count    <= count + {5'd0, !o_locked};
        o_locked <= o_locked || &count;
    end
endmodule

module SB_PLL40_PAD #(
    parameter FEEDBACK_PATH = "SIMPLE", DIVR = 4'd0, DIVF = 7'd0, DIVQ = 3'd0, FILTER_RANGE = 3'd0
) (
    input  wire PACKAGEPIN,
    output wire PLLOUTGLOBAL,
    output wire LOCK,
    input  wire RESETB,
    input  wire BYPASS
);
    assign PLLOUTGLOBAL = PACKAGEPIN;
    gate_lock lock0 (.i_clk(PACKAGEPIN), .o_locked(LOCK));
endmodule

module SB_PLL40_CORE #(
    parameter FEEDBACK_PATH = "SIMPLE", DIVR = 4'd0, DIVF = 7'd0, DIVQ = 3'd0, FILTER_RANGE = 3'd0
) (
    input  wire REFERENCECLK,
    output wire PLLOUTGLOBAL,
    output wire LOCK,
    input  wire RESETB,
    input  wire BYPASS
);
    assign PLLOUTGLOBAL = REFERENCECLK;
    gate_lock lock0 (.i_clk(REFERENCECLK), .o_locked(LOCK));
endmodule

module SB_RGBA_DRV #(
    parameter CURRENT_MODE = "0b0", RGB0_CURRENT = "0b000000", RGB1_CURRENT = "0b000000", RGB2_CURRENT = "0b000000"
) (
    input  wire CURREN, RGBLEDEN, RGB0PWM, RGB1PWM, RGB2PWM,
    output wire RGB0, RGB1, RGB2
);
    assign {RGB2, RGB1, RGB0} = ~({RGB2PWM, RGB1PWM, RGB0PWM} & {3{CURREN && RGBLEDEN}});
endmodule
`default_nettype wire
