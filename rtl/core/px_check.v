// px_check.v - before a vector instruction does anything: are its runs inside the pixels, and do they lie to each other as
// they must? SPEC.md section 7. Runs a, b, c of vl pixels; what isa.def says of the opcode are i_runs and i_apart.
//
//   pair   run   other   inside   and when it ends at or before the other's base
//   0      a     b       a        they lie apart; the same base will do, too, where that is allowed
//   1      b     a       b        they lie apart; if neither this nor pair 0 said so, a and b overlap
//   2      c     a       c        as pair 0
//   3      a     c       (again)  as pair 1
//
// All runs are checked before an overlap traps, and b before c: that is the order of causes and values in SPEC.md. An
// instruction of the millicode goes straight to VERDICT; millicode has checked.
`default_nettype none
module px_check (
    input  wire            i_clk,
    input  wire            i_rst,
    input  wire            i_start,
    input  wire            i_skip,    // nothing is to be checked
    input  wire [2:0]      i_runs,    // which of c, b, a there are
    input  wire [1:0]      i_apart,   // a may not be the same as c, b
    input  wire            i_eq,      // x = y, x < y
    input  wire            i_ltu,
    input  wire            i_inside,  // res is no end beyond N
    output reg  [63:0] o_do,
    output reg             o_pass,    // px_vec may start
    output reg             o_overlap, // the cause is OVERLAP, not RANGE
    output reg             o_trap     // the value is in x, on its way through the ALU
);
    `include "px_ops.vh"

    localparam [3:0] REST = 0, ADDRESS = 1, BASES = 2, SAME = 3, ADD = 4, INSIDE = 5, ORDER = 6, VERDICT = 7, BLAME = 8,
                     VALUE = 9;
    (* fsm_encoding = "one-hot" *)
    reg [3:0] state;
    reg [3:0] next;
    reg [1:0] pair, pair_next;
    reg       apart, same, over_b, over_c;
    wire      beyond = i_eq || i_ltu; // in ORDER: the end of the run is at or before the other's base

    wire [DO_W-1:0] run   = pair == 2'd1 ? R1_B : pair == 2'd2 ? R1_C : R1_A;
    wire [DO_W-1:0] other = pair == 2'd3 ? R2_C : pair == 2'd0 ? R2_B : R2_A;

    always @* begin
        next      = state;
        pair_next = pair;
        o_do      = {DO_W{1'b0}};
        o_pass    = 1'b0;
        o_overlap = 1'b0;
        o_trap    = 1'b0;
        case (state)
        REST: begin
            pair_next = i_runs[0] ? 2'd0 : 2'd1;
            if (i_start)
                next = i_skip ? VERDICT : ADDRESS;
        end
        ADDRESS: begin
            o_do = run | other;
            next = BASES;
        end
        BASES: begin
            o_do = X_REG | Y_REG | THEN_SUB;
            next = SAME;
        end
        SAME: begin // x = y?
            o_do = Y_CONST | K_VL | THEN_ADD | other;
            next = ADD;
        end
        ADD: begin // res = the end of the run
            o_do = RES | Y_REG;
            next = INSIDE;
        end
        INSIDE: begin
            o_do = X_RES | THEN_SUB;
            next = i_inside ? ORDER : BLAME;
        end
        ORDER: begin
            pair_next = pair + 2'd1;
            case (pair)
            2'd0: next = i_runs[1] ? ADDRESS : VERDICT;
            2'd1: next = i_runs[2] ? ADDRESS : VERDICT;
            2'd2: next = i_runs[0] ? ADDRESS : VERDICT;
            2'd3: next = VERDICT;
            endcase
        end
        VERDICT: begin
            pair_next = over_b ? 2'd1 : 2'd2;
            o_overlap = over_b || over_c;
            o_pass    = !o_overlap;
            next      = o_overlap ? BLAME : REST;
        end
        BLAME: begin // value: the base of this run
            o_do = run;
            next = VALUE;
        end
        VALUE: begin
            o_do   = X_REG | THEN_X;
            o_trap = 1'b1;
            next   = REST;
        end
        default: next = REST;
        endcase
    end

    always @(posedge i_clk) begin
        state <= next;
        pair  <= pair_next;
        if (state == REST) begin
            over_b <= 1'b0;
            over_c <= 1'b0;
        end
        if (state == SAME)
            same <= i_eq;
        if (state == ORDER) begin
            apart <= beyond || (same && !i_apart[pair[1]]); // of pairs 0 and 2
            if (pair == 2'd1)
                over_b <= i_runs[0] && !apart && !beyond;
            if (pair == 2'd3)
                over_c <= !apart && !beyond;
        end
        if (i_rst)
            state <= REST;
    end
endmodule
`default_nettype wire
