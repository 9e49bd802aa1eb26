// board_top.v - the top of every board: clock, power-on reset, px_system, LEDs. What differs between boards are the parameters,
// which constraints/BOARD.mk sets, and the pins, which constraints/BOARD.pcf or .lpf names.
//
//   i_clk --> px_clock --> clk --------------+-------------------+
//                 locked --> wait, rst --+   |                   |
//   i_rx ------------------------------> px_system --> o_tx   lights --> o_led, as many as the board has:
//                                            +-------> o_wire     0 ready: lit while nothing arrives and nothing runs
//                                                                 1 the last run ended in a trap
//                                                                 2 running
`default_nettype none
module board_top #(
    parameter PIN = 12000000, REF = 1, MUL = 64, POST = 32, PAD = 0,    // as px_clock
    parameter AW = 11, DEPTH = 1 << AW, SPRAM = 0, LANES = 1,           // as px_system, down to WIRE
    parameter CLOCK = 24000000, BAUD = 1000000, WIRE = 0,
    parameter [127:0] NAME = "board",
    parameter WAIT = 20,         // log2 of the clocks between two looks at the lights, at least 11
    parameter LEDS = 3,
    parameter LEDS_LOW = 0,      // a 0 lights them
    parameter RGB = 0            // the LEDs are the RGB LED of an UP5K: 0 at pin 39, 1 at 41, 2 at 40
) (
    input  wire            i_clk,
    input  wire            i_rx,
    output wire            o_tx,
    output wire            o_wire,
`ifdef BOARD_HIGH
    output wire            o_high,  // a pin that must stay high; the pin file says why
`endif
    output wire [LEDS-1:0] o_led
);
    wire clk, locked, running, trapped, link;
    px_clock #(.PIN(PIN), .REF(REF), .MUL(MUL), .POST(POST), .PAD(PAD)) clock0 (
        .i_pin(i_clk), .o_clk(clk), .o_locked(locked));

    // Reset outlasts the lock of the PLL by 1,024 clocks: block RAM of an iCE40 reads wrongly in its first microseconds.
    reg [1:0]      lock = 2'd0;
    reg [WAIT-1:0] count = {WAIT{1'b0}};
    reg            rst = 1'b1;
    wire [WAIT:0]  next = {1'b0, count} + 1'b1;
    always @(posedge clk) begin
        lock  <= {lock[0], locked};
        count <= lock[1] ? next[WAIT-1:0] : {WAIT{1'b0}};
        if (!lock[1])       rst <= 1'b1;
        else if (count[10]) rst <= 1'b0;
    end

    px_system #(
        .AW(AW), .DEPTH(DEPTH), .SPRAM(SPRAM), .LANES(LANES), .CLOCK(CLOCK), .BAUD(BAUD), .NAME(NAME), .WIRE(WIRE)
    ) system0 (
        .i_clk(clk), .i_rst(rst), .i_rx(i_rx), .o_tx(o_tx), .o_wire(o_wire), .o_running(running), .o_trapped(trapped),
        .o_link(link));

    // A frame or a run may last microseconds; what happened between two looks is shown until the next.
    reg       last, seen, ran, active, shown;
    always @(posedge clk) begin
        last <= link;
        seen <= !next[WAIT] && (seen || link != last);
        ran  <= !next[WAIT] && (ran || running);
        if (next[WAIT]) begin
            active <= seen || ran || running;
            shown  <= ran || running;
        end
        if (rst) {seen, ran, active, shown} <= 4'b0010;
    end

    /* verilator lint_off UNUSEDSIGNAL */ // a board with fewer LEDs shows less
    wire [7:0] lit = {5'd0, shown, trapped, !active};
    /* verilator lint_on UNUSEDSIGNAL */
    generate
        if (RGB != 0) begin : rgb
`ifdef SYNTHESIS // by Yosys, which has no model of the driver for simulation
            SB_RGBA_DRV #(.CURRENT_MODE("0b1"), // half current, and the lowest of its steps
                .RGB0_CURRENT("0b000001"), .RGB1_CURRENT("0b000001"), .RGB2_CURRENT("0b000001")
            ) driver (
                .CURREN(1'b1), .RGBLEDEN(1'b1), .RGB0PWM(lit[0]), .RGB1PWM(lit[2]), .RGB2PWM(lit[1]),
                .RGB0(o_led[0]), .RGB1(o_led[2]), .RGB2(o_led[1]));
`else
            assign o_led = ~lit[LEDS-1:0];
`endif
        end else begin : plain
            assign o_led = LEDS_LOW != 0 ? ~lit[LEDS-1:0] : lit[LEDS-1:0];
        end
    endgenerate
`ifdef BOARD_HIGH
    assign o_high = 1'b1;
`endif
endmodule
`default_nettype wire
