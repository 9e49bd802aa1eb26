// px_lanes.v - LANES pixels at a time: the loops of vector instructions that px_vec hands over.
//
// Lane k works on the pixels of bank k of the destination d, or of s where there is none; so nothing is rotated on the way
// out, and the first and the last group of a run are done in part, under a mask. s and t are read from as far before
// their base as d's is from its row: px_banks brings them into order.
//
//   cycle   0       a group's addresses and mask
//           1 - 4   px_banks
//           4 - 9   px_lane; SELECT takes its condition into the mask in cycle 5
//           9       the result goes to px_banks, or into the lane's accumulator
//          10       the accumulators of all lanes are added into the first one's, lane by lane
//
// A group starts in each cycle, or in every second one where t is read and d written: nine cycles lie between both, so
// they meet at px_banks' second port alternately. Reads are ahead of writes, but never of a write that they would
// have to see: the runs are the same or disjoint.
`default_nettype none
module px_lanes #(
    parameter AW    = 16,
    parameter LANES = 4,
    parameter LB    = $clog2(LANES)
) (
    input  wire                i_clk,
    input  wire                i_rst,
    // from px_vec and px_data
    input  wire                i_take,    // x and y are r[b] and r[c]
    input  wire                i_start,   // x is r[a]
    input  wire [5:0]          i_fn,      // of px_alu; ALU_MUL is dot4. Steady from i_take until o_done
    input  wire                i_product, // a multiplier's result, steady as what follows
    input  wire                i_iota,
    input  wire                i_has_s,   // which runs there are
    input  wire                i_has_t,
    input  wire                i_has_d,   // without it, r[b] or the sum is made from s
    input  wire                i_select,
    input  wire [AW:0]         i_vl,      // not 0
    input  wire [AW-1:0]       i_base,    // where pixel 0 lies
    input  wire [31:0]         i_x,
    input  wire [31:0]         i_y,
    output wire                o_done,
    output wire [31:0]         o_sum,     // of a reduction, from o_done on
    // px_banks
    output wire                o_read,
    output wire [AW-1:0]       o_s,
    output wire [AW-1:0]       o_t,
    input  wire [32*LANES-1:0] i_s,
    input  wire [32*LANES-1:0] i_t,
    output wire [LANES-1:0]    o_w,
    output wire [AW-LB-1:0]    o_w_row,
    output wire [32*LANES-1:0] o_w_data
);
    `include "px_isa.vh"
    `include "px_alu.vh"

    localparam [2:0] OFF = 0, SET = 1, RUN = 2, WAIT = 3, FOLD = 4, DONE = 5;
    localparam [AW-1:0] STEP = {{AW-LB-1{1'b0}}, 1'b1, {LB{1'b0}}}; // LANES
    reg [2:0]    state;
    reg [31:0]   a, b, c;
    assign o_done = state == DONE;

    // What the instruction is.
    wire        reduce = !i_has_d && !i_has_t;
    reg         product, least, greatest;
    wire [5:0]  fn = reduce ? ALU_X : i_iota ? {2'd0, WORD_MUL} : i_fn;
    wire [ALU_W-1:0] fn_ctl;
    reg  [ALU_W-1:0] ctl;
    px_alu_ctl ctl0 (.i_on(1'b1), .i_op(fn), .o_ctl(fn_ctl));
    reg  [5:0]  op;
    reg  [31:0] neutral, plus;

    // Groups. The run starts in lane off of the first and ends in lane tail of the last.
    reg  [AW-1:0] a_at, b_at, c_at;       // where the runs lie
    wire [LB-1:0] lead = i_has_d ? a_at[LB-1:0] : b_at[LB-1:0];
    wire [AW:0]   span = i_vl + {{AW+1-LB{1'b0}}, lead} - 1'b1;
    reg  [AW-1:0] s, t;
    reg  [LB-1:0] off, tail;
    reg  [AW-LB:0] left;                  // groups after this one
    reg            first, odd;
    wire           last  = left == 0;
    wire           group = state == RUN && !odd;
    wire [LANES-1:0] head = {LANES{1'b1}} << off;
    wire [LANES-1:0] feet = {LANES{1'b1}} >> ~tail;
    wire [LANES-1:0] on   = {LANES{group}} & (first ? head : {LANES{1'b1}}) & (last ? feet : {LANES{1'b1}});
    assign o_s    = s;
    assign o_t    = t;
    assign o_read = group && i_has_s;

    // The groups on their way: element n is in cycle n.
    reg  [9:1]         valid, ends;
    reg  [LANES-1:0]   on1, on2, on3, on4, on5, on6, on7, on8, on9;
    wire [LANES-1:0]   y_zero;
    reg  [AW+1:0]      index;             // of lane 0's element in cycle 4
    reg  [AW-LB-1:0]   row;               // of d in cycle 9
    reg  [LB-1:0]      folds;
    wire [32*LANES-1:0] r;
    assign o_w      = i_has_d ? on9 : {LANES{1'b0}};
    assign o_w_row  = row;
    assign o_w_data = r;

    always @(posedge i_clk) begin
        if (i_take) begin
            b        <= i_x;
            c        <= i_y;
            op       <= fn;
            ctl      <= fn_ctl;
            product  <= i_product || i_iota;
            least    <= reduce && i_fn == {2'd0, WORD_MIN};
            greatest <= reduce && i_fn == {2'd0, WORD_MAX};
        end
        neutral <= least ? 32'h7FFFFFFF : greatest ? 32'h80000000 : 32'd0;
        plus    <= i_iota ? b : 32'd0;

        case (state)
        OFF: begin
            a    <= i_x;
            a_at <= i_x[AW-1:0] + i_base;
            b_at <= b[AW-1:0] + i_base;
            c_at <= c[AW-1:0] + i_base;
            if (i_start)
                state <= SET;
        end
        SET: begin
            off   <= lead;
            tail  <= span[LB-1:0];
            left  <= span[AW:LB];
            s     <= b_at - {{AW-LB{1'b0}}, lead};
            t     <= c_at - {{AW-LB{1'b0}}, lead};
            row   <= a_at[AW-1:LB];
            index <= {AW+2{1'b0}} - {{AW+2-LB{1'b0}}, lead};
            first <= 1'b1;
            odd   <= 1'b0;
            state <= RUN;
        end
        RUN: begin
            odd <= !odd && i_has_t && i_has_d;
            if (group) begin
                s     <= s + STEP;
                t     <= t + STEP;
                left  <= left - 1'b1;
                first <= 1'b0;
                if (last)
                    state <= WAIT;
            end
        end
        WAIT: begin
            folds <= {LB{1'b1}};
            if (ends[9])
                state <= i_has_d ? DONE : FOLD;
        end
        FOLD: begin
            folds <= folds - 1'b1;
            if (folds == 1)
                state <= DONE;
        end
        default: state <= OFF; // DONE
        endcase

        valid <= {valid[8:1], group};
        ends <= {ends[8:1], group && last};
        on1   <= on;
        on2   <= on1;
        on3   <= on2;
        on4   <= on3;
        on5   <= on4;
        on6   <= i_select ? on5 & ~y_zero : on5;
        on7   <= on6;
        on8   <= on7;
        on9   <= on8;
        if (valid[4])
            index <= index + {2'd0, STEP};
        if (valid[9])
            row <= row + 1'b1;
        if (i_rst) begin
            state <= OFF;
            valid <= 9'd0;
            ends <= 9'd0;
            on1   <= 0;
            on2   <= 0;
            on3   <= 0;
            on4   <= 0;
            on5   <= 0;
            on6   <= 0;
            on7   <= 0;
            on8   <= 0;
            on9   <= 0;
        end
    end

    wire [32*LANES+31:0] sum;
    assign sum[32*LANES +: 32] = 32'd0;
    assign o_sum = sum[31:0];
    genvar k;
    generate
        for (k = 0; k < LANES; k = k + 1) begin : each
            localparam [AW+1:0] K = k;
            wire [AW+1:0] at = index + K;
            px_lane #(.HEAD(k == 0)) lane0 (
                .i_clk(i_clk), .i_op(op), .i_ctl(ctl), .i_product(product), .i_x_run(i_has_s), .i_x_index(i_iota),
                .i_y_run(i_has_t), .i_word(c), .i_plus(plus), .i_neutral(neutral),
                .i_index({{30-AW{at[AW+1]}}, at}), .i_on(on4[k]), .i_s(i_s[32*k +: 32]), .i_t(i_t[32*k +: 32]),
                .o_y_zero(y_zero[k]), .o_r(r[32*k +: 32]), .i_set(state == SET),
                .i_first(k == 0 && i_has_t ? a : neutral), .i_take(valid[9]), .i_fold(state == FOLD),
                .i_least(least), .i_greatest(greatest), .i_next(sum[32*k+32 +: 32]), .o_sum(sum[32*k +: 32]));
        end
    endgenerate
endmodule
`default_nettype wire
