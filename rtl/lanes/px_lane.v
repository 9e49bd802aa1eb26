// px_lane.v - one lane of px_lanes: operands, arithmetic, accumulator.
//
//   cycle 4   pixels of s and t from memory --> x, y      an element outside the run is the neutral one
//         5   x, y --> px_alu, px_lane_mul
//         9   r: to memory, or
//        10   accumulator
//
// What is called steady does not change while an instruction works.
`default_nettype none
module px_lane #(
    parameter HEAD = 0                // the lane in which the accumulators come together
) (
    input  wire        i_clk,
    input  wire [5:0]  i_op,          // steady; ALU_MUL is dot4
    input  wire [20:0] i_ctl,         // steady: px_alu's of i_op
    input  wire        i_product,     // steady: the multiplier's result counts
    input  wire        i_x_run,       // steady: x is s, else the index or the word
    input  wire        i_x_index,     // steady
    input  wire        i_y_run,       // steady: y is t, else the word
    input  wire [31:0] i_word,           // steady
    input  wire [31:0] i_plus,        // steady: added to a product of words
    input  wire [31:0] i_neutral,     // steady
    input  wire [31:0] i_index,       // cycle 4
    input  wire        i_on,          // cycle 4: this element belongs to the run
    input  wire [31:0] i_s,           // cycle 4
    input  wire [31:0] i_t,           // cycle 4
    output wire        o_y_zero,      // cycle 5
    output reg  [31:0] o_r,           // cycle 9
    // the accumulator
    input  wire        i_set,         // it becomes i_first
    input  wire [31:0] i_first,
    input  wire        i_take,        // cycle 9: r comes in
    input  wire        i_fold,        // the next lane's comes in
    input  wire        i_least,       // steady: least, greatest, else the sum
    input  wire        i_greatest,
    input  wire [31:0] i_next,
    output reg  [31:0] o_sum
);
    reg  [31:0] x, y;
    (* keep *) reg [20:0] ctl; // a lane's own, or one register would reach across all of them
    assign o_y_zero = y == 32'd0;

    wire [31:0] alu_r, mul_r;
    /* verilator lint_off UNUSEDSIGNAL */ // flags of the core's own comparisons
    wire        eq, lt, ltu, carry;
    /* verilator lint_on UNUSEDSIGNAL */
    px_alu alu0 (
        .i_on(1'b1), .i_ctl(ctl), .i_x(x), .i_y(y), .i_byte(2'd0), .i_mul(32'd0), .o_r(alu_r), .o_eq(eq),
        .o_lt(lt), .o_ltu(ltu), .o_carry(carry));
    px_lane_mul mul0 (
        .i_clk(i_clk), .i_op(i_op), .i_x(x), .i_y(y), .i_plus(i_plus), .o_r(mul_r));

    // px_alu takes one cycle, a product four.
    reg [31:0] r6, r7, r8;

    wire [31:0] more = HEAD != 0 && i_fold ? i_next : o_r;
    wire        less = $signed(more) < $signed(o_sum);
    wire [31:0] met  = !i_least && !i_greatest ? o_sum + more : less == i_least ? more : o_sum;

    always @(posedge i_clk) begin
        ctl <= i_ctl;
        x   <= i_x_run ? (i_on ? i_s : i_neutral) : i_x_index ? i_index : i_word;
        y   <= i_y_run ? i_t : i_word;
        r6  <= alu_r;
        r7  <= r6;
        r8  <= r7;
        o_r <= i_product ? mul_r : r8;
        if (i_set)
            o_sum <= i_first;
        else if (i_fold && HEAD == 0)
            o_sum <= i_next;
        else if (i_take || i_fold)
            o_sum <= met;
    end
endmodule
`default_nettype wire
