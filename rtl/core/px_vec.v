// px_vec.v - the loops of the vector instructions (SPEC.md section 6), after px_check has passed the runs. px_decode says
// of which kind an instruction's loop is, and what its ALU does.
//
// Reads run one element ahead of writes, so that memory is used in every cycle. A loop starts at idx = -1 with its first
// reads and no write. What a phase does with memory, the phase before has put into the address register, and the one
// before that has read the base; idx moves in between, from the element whose write is addressed to the next.
//
// The table is that of the code, with what its control words mean for memory and operands:
//
//   kind     phase 0                     phase 1                    phase 2                    phase 3
//   TWO      read s; result enters res   read t; x = s; next        write d; y = t
//   ONE      read s; result enters res;                             write d; x = s
//            next
//   DOTV     read s; dot4, first half;   write d; dot4, second      read t
//            y = t; sum enters res       half; x = s; next
//   DOTX     read s                      dot4, first half; y = s;   write d; dot4, second    (x = r[c])
//                                        sum enters res; next       half
//   REDUCE   read s; res = x f y; next                              y = s; x = res
//   ARG      read this s; compare        better: x, count; read s;  y = s
//                                        next
//   SCAN     write d; res = x f y        read s; x = res; next      y = s
//   IOTA     write d; res = x + y; next  x = res
//   FILL     write d; next
//   VDOT     read s; dot4, first half;   read t; dot4, second half;
//            next                        x = s
//   STRIDE   write d from y; y = its     read s; res = the next d;  res = the one after s;
//            stride                      y = the stride of s; next  y = s
//   LOOKUP   read t; y = the table's     read the table; x < y? x   res = x + y; y = what     write d from y
//            length                      = t; y = the table         was read, or 0; next
//
// A product takes the time it takes in phase 0. The sum of a dot4 enters res in the third cycle after its second half;
// DOTV therefore writes two elements behind its reads, to d + count.
// STRIDE and LOOKUP are COPYS and GATHER in the ROM. STRIDE's two addresses take turns in x and res, from which they enter
// the address register; to the first of d nothing is added.
// Where there are lanes, px_lanes carries out all kinds but ARG, SCAN, STRIDE, LOOKUP and PACK: it is given r[b] and r[c], then r[a], in
// x and y, and px_vec waits.
`default_nettype none
module px_vec #(
    parameter LANES = 1
) (
    input  wire            i_clk,
    input  wire            i_rst,
    input  wire            i_start,
    // px_decode
    input  wire [3:0]      i_kind,
    input  wire [5:0]      i_fn,
    input  wire            i_times,
    input  wire            i_select,
    input  wire            i_pack,
    input  wire            i_least,
    // px_data
    input  wire            i_was_eq,
    input  wire            i_was_lt,
    input  wire            i_was_ltu,
    input  wire            i_y_zero,    // of the cycle before
    input  wire            i_mul_done,
    input  wire            i_none,      // idx = -1
    input  wire            i_first,     // idx = 0
    input  wire            i_last,      // idx = vl - 1
    output reg  [63:0] o_do,
    output wire            o_done,      // in the cycle after the last
    // px_lanes
    output wire            o_take,      // x and y are r[b] and r[c]
    output wire            o_wide,      // from when x is r[a] until i_wide_done
    input  wire            i_wide_done, // and Y_SUM is the sum of a reduction
    output wire            o_product,   // a multiplier's result
    output wire            o_iota,
    output wire            o_has_s,     // which runs there are
    output wire            o_has_t,
    output wire            o_has_d
);
    `include "px_ops.vh"

    localparam [3:0] OFF = 0, ASK = 1, OPERANDS = 2, FIRST = 3, P0 = 4, P1 = 5, P2 = 6, P3 = 7, PRODUCT = 8, COUNT = 9,
                     LAST = 10, SUM0 = 11, SUM1 = 12, SUM2 = 13, DONE = 14, WIDE = 15;
    localparam [DO_W-1:0] NONE = {DO_W{1'b0}};

    reg [3:0] state, next;
    reg       over;               // this is the last cycle
    reg       was_none, was_last; // of the cycle before
    reg       ended;              // DOTV has read its last element

    wire   wide      = LANES > 1 && i_kind != ARG && i_kind != SCAN && i_kind != STRIDE && i_kind != LOOKUP && !i_pack;
    assign o_done    = state == DONE;
    assign o_take    = state == FIRST;
    assign o_wide    = LANES > 1 && state == WIDE;
    assign o_product = i_times || i_fn == ALU_MUL;
    assign o_iota    = i_kind == IOTA;
    assign o_has_s   = i_kind != FILL && i_kind != IOTA;
    assign o_has_t   = i_kind == TWO || i_kind == DOTV || i_kind == VDOT;
    assign o_has_d   = i_kind != REDUCE && i_kind != VDOT;

    // What the loop at work goes by; x while there is none, so that simulation does not look for it.
    wire           rests = state == OFF; // `state != OFF` would hide from Yosys that state is a state machine's
    reg [1:0]      phase;
    reg            starts, better, counts, second;
    reg [DO_W-1:0] fn, base;
    always @* begin
        {phase, starts, better, counts, second} = 6'bx;
        {fn, base} = {2*DO_W{1'bx}};
        if (!rests) begin
            phase  = {state == P2 || state == P3, state == P1 || state == P3};
            starts = i_times && !i_none;
            better = !i_none && (i_first || (i_least ? !i_was_lt && !i_was_eq : i_was_lt));
            counts = !was_none && !i_y_zero;
            second = !i_none && !i_first;
            fn     = THEN | ({{DO_W-6{1'b0}}, i_fn} << AT_THEN);
            base   = i_kind == TWO || i_kind == VDOT ? R1_C | I_NEXT // what phase 0 puts into the address register
                   : i_kind == ARG || i_kind == SCAN ? R1_B | I_NEXT
                   : R1_A | (i_kind == DOTV ? I_COUNT : i_kind == FILL ? I_NEXT : I_THIS);
        end
    end

    always @* begin
        next = state;
        over = 1'b0;
        o_do = NONE;

        case (state)
        OFF:
            if (i_start)
                next = ASK;
        // x = res = r[c] (SCAN, FILL, DOTX) or r[b] (IOTA, STRIDE, lanes); y = r[c]. FIRST addresses the first s, or LOOKUP's
        // first t.
        ASK: begin
            o_do = IDX_RESET | COUNT_RESET | (i_kind == IOTA || i_kind == STRIDE || wide ? R1_B : R1_C);
            next = OPERANDS;
        end
        OPERANDS: begin
            o_do = X_REG | Y_REG | THEN_X | (wide ? R1_A : i_kind == LOOKUP ? R1_C | I_NEXT : R1_B | I_NEXT);
            next = FIRST;
        end
        FIRST: begin
            o_do = RES | M_RUN | fn | base | (wide ? X_REG : NONE);
            next = wide ? WIDE : P0;
        end

        P0, P1, P2, P3: begin
            next = state == P0 ? P1 : state == P1 ? P2 : P0;
            case ({i_kind, phase})
            {TWO,    2'd0}:       o_do = RES | M_RUN | R1_A | (i_pack ? I_COUNT : I_THIS);
            {TWO,    2'd1}:       o_do = X_PIXEL | M_RUN | R1_B | I_NEXT | IDX_NEXT;
            {TWO,    2'd2}: begin o_do = Y_PIXEL | M_RUN | base | (was_none || (i_select && i_y_zero) ? NONE : WRITE)
                                       | (counts ? COUNT_NEXT : NONE);                      over = was_last && !i_pack; end
            {ONE,    2'd0}: begin o_do = RES | M_RUN | R1_B | I_NEXT | IDX_NEXT;            next = P2; end
            {ONE,    2'd2}: begin o_do = X_PIXEL | M_RUN | base | (was_none ? NONE : WRITE);          over = was_last; end
            {DOTV,   2'd0}:       o_do = RES | Y_PIXEL | M_RUN | R1_C | I_NEXT | DOT_A;
            {DOTV,   2'd1}: begin o_do = X_PIXEL | M_RUN | R1_B | I_NEXT | DOT_B | IDX_NEXT
                                       | (second ? WRITE | COUNT_NEXT : NONE);              over = ended; end
            {DOTV,   2'd2}:       o_do = M_RUN | base;
            {DOTX,   2'd0}:       o_do = M_RUN | R1_A | I_THIS;
            {DOTX,   2'd1}:       o_do = RES | Y_PIXEL | M_RUN | R1_B | I_NEXT | DOT_A | IDX_NEXT;
            {DOTX,   2'd2}: begin o_do = M_RUN | base | DOT_B | (was_none ? NONE : WRITE); over = was_last; end
            {REDUCE, 2'd0}: begin o_do = RES | M_RUN | R1_B | I_NEXT | IDX_NEXT;            next = P2; over = i_last; end
            {REDUCE, 2'd2}:       o_do = Y_PIXEL | X_RES | M_RUN | base | (was_none ? THEN_Y : fn); // the first is itself
            {ARG,    2'd0}:       o_do = M_RUN | R1_B | I_NEXT;
            {ARG,    2'd1}: begin o_do = M_RUN | R1_B | I_THIS | IDX_NEXT | (better ? X_PIXEL | COUNT_IDX : NONE);
                                                                                            next = i_last ? COUNT : P2; end
            {ARG,    2'd2}:       o_do = Y_PIXEL | M_RUN | base;
            {SCAN,   2'd0}: begin o_do = M_RUN | R1_A | I_THIS | (i_none ? NONE : WRITE | RES);     over = i_last; end
            {SCAN,   2'd1}:       o_do = X_RES | M_RUN | R1_A | I_THIS | IDX_NEXT;
            {SCAN,   2'd2}:       o_do = Y_PIXEL | M_RUN | base;
            {IOTA,   2'd0}: begin o_do = M_RUN | R1_A | I_THIS | IDX_NEXT | (i_none ? NONE : WRITE | RES);     over = i_last; end
            {IOTA,   2'd1}: begin o_do = X_RES | M_RUN | base;                              next = P0; end
            {FILL,   2'd0}: begin o_do = M_RUN | base | IDX_NEXT | (i_none ? NONE : WRITE); next = P0; over = i_last; end
            {VDOT,   2'd0}:       o_do = Y_PIXEL | M_RUN | R1_B | I_NEXT | IDX_NEXT | (i_none ? NONE : DOT_A);
            {VDOT,   2'd1}: begin o_do = X_PIXEL | M_RUN | base | (was_none ? NONE : DOT_B); next = was_last ? SUM0 : P0; end
            {STRIDE, 2'd0}: begin o_do = M_RES | R2_B1 | (i_none ? X_REG | Y_CONST | K_ZERO : Y_REG | WRITE | DATA_Y);
                                                                                            over = i_last; end
            {STRIDE, 2'd1}:       o_do = RES | X_RES | Y_REG | IDX_NEXT;
            {STRIDE, 2'd2}:       o_do = RES | X_RES | Y_PIXEL | M_RES | R2_A1;
            {LOOKUP, 2'd0}:       o_do = Y_REG | M_RES | R2_B;
            {LOOKUP, 2'd1}:       o_do = X_PIXEL | Y_REG | THEN_ADD | R1_A | I_THIS;
            {LOOKUP, 2'd2}: begin o_do = RES | THEN_SUB | (i_was_ltu ? Y_PIXEL : Y_CONST | K_ZERO) | M_RUN | R1_C | I_NEXT
                                       | IDX_NEXT;                                          next = P3; end
            {LOOKUP, 2'd3}: begin o_do = M_RUN | R2_B1 | (was_none ? NONE : WRITE | DATA_Y); next = P0; over = was_last; end
            default:              o_do = {DO_W{1'bx}};
            endcase
            if (state == P0 && starts) begin
                o_do = MUL_START | base;
                next = PRODUCT;
            end
            if (state == P2 && was_last && i_pack) begin
                o_do = Y_PIXEL | R1_A | (counts ? WRITE | COUNT_NEXT : NONE);
                next = COUNT;
            end
        end
        PRODUCT: begin // then as in phase 0
            o_do = base;
            if (i_mul_done) begin
                o_do = i_kind == TWO ? RES | M_RUN | R1_A | I_THIS : RES | M_RUN | R1_B | I_NEXT | IDX_NEXT;
                next = i_kind == TWO ? P1 : P2;
            end
        end

        // ARG: res = count. PACK: res = r[a] + count.
        COUNT: begin
            o_do = X_REG | Y_CONST | K_COUNT | (i_pack ? THEN_ADD : THEN_Y);
            next = LAST;
        end
        LAST: begin
            o_do = RES;
            over = 1'b1;
        end
        // VDOT: res = the sum, then + r[a].
        SUM0: next = SUM1;
        SUM1: begin
            o_do = RES | R2_A;
            next = SUM2;
        end
        SUM2: begin
            o_do = X_RES | Y_REG | THEN_ADD;
            next = LAST;
        end
        DONE: next = OFF;
        WIDE: if (LANES > 1) begin
            o_do = Y_SUM | THEN_Y;
            next = i_wide_done ? LAST : WIDE;
        end
        default: next = OFF;
        endcase
        if (over)
            next = DONE;
    end

    always @(posedge i_clk) begin
        state    <= next;
        was_none <= i_none;
        was_last <= i_last;
        if (state == P1)
            ended <= i_last;
        if (state == OFF)
            ended <= 1'b0;
        if (i_rst)
            state <= OFF;
    end
endmodule
`default_nettype wire
