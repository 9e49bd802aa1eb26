// px_vec.v - the loops of the vector instructions (SPEC.md section 6), after px_ctrl has checked the runs.
//
// Reads run one element ahead of writes, so that memory is used in every cycle. A loop starts at idx = -1 with its first
// reads and no write. What a phase does with memory, the phase before has put into the address register, and the one
// before that has read the base; idx moves in between, from the element whose write is addressed to the next.
//
//   kind     phase 0                     phase 1                    phase 2
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
//
// A product takes the time it takes in phase 0. The sum of a dot4 enters res in the third cycle after its second half;
// DOTV therefore writes two elements behind its reads, to d + count.
// Where there are lanes, px_lanes carries out all kinds but ARG, SCAN and PACK: it is given r[b] and r[c], then r[a], in
// x and y, and px_vec waits.
`default_nettype none
module px_vec #(
    parameter LANES = 1
) (
    input  wire        i_clk,
    input  wire        i_rst,
    input  wire        i_start,
    input  wire [7:0]  i_op,
    input  wire        i_was_eq,
    input  wire        i_was_lt,
    input  wire        i_y_zero,    // of the cycle before
    input  wire        i_mul_done,
    input  wire        i_none,      // idx = -1
    input  wire        i_first,     // idx = 0
    input  wire        i_last,      // idx = vl - 1
    output wire        o_done,      // in the cycle after the last
    output reg  [2:0]  o_r1,
    output reg  [2:0]  o_r2,
    output reg         o_x_en,
    output reg  [1:0]  o_x,
    output reg         o_y_en,
    output reg  [1:0]  o_y,
    output reg         o_res_en,
    output reg  [5:0]  o_alu,
    output reg         o_m_en,      // the memory address register is loaded: base + index
    output reg  [1:0]  o_index,
    output reg         o_we,
    output reg         o_idx_reset,
    output reg         o_idx_next,
    output reg         o_count_next,
    output reg         o_count_idx,
    output reg         o_mul_start,
    output reg         o_dot,       // ALU_MUL is the sum of dot4, one cycle after i_op
    output wire        o_dot_clear,
    output reg         o_dot_a,
    output reg         o_dot_b,
    // px_lanes
    output wire        o_take,      // x and y are r[b] and r[c]
    output wire        o_wide,      // from when x is r[a] until i_wide_done
    input  wire        i_wide_done, // and Y_HOST is the sum of a reduction
    output wire [5:0]  o_fn,        // of the ALU
    output wire        o_product,   // a multiplier's result
    output wire        o_iota,
    output wire        o_has_s,     // which runs there are
    output wire        o_has_t,
    output wire        o_has_d,
    output wire        o_select
);
    `include "px_isa.vh"
    `include "px_facts.vh"
    `include "px_ops.vh"

    localparam [3:0] OFF = 0, INIT1 = 1, INIT2 = 2, INIT3 = 3, P0 = 4, P1 = 5, P2 = 6, PRODUCT = 7, COUNT1 = 8,
                     COUNT2 = 9, VDOT0 = 10, VDOT1 = 11, VDOT2 = 12, DONE = 13, WIDE = 14;
    localparam [3:0] TWO = 0, ONE = 1, DOTX = 2, REDUCE = 3, ARG = 4, SCAN = 5, IOTA = 6, FILL = 7, VDOT = 8,
                     DOTV = 9;

    reg [3:0] state, next;
    reg       over;       // this is the last cycle
    reg [3:0] kind, kind_is;
    reg [5:0] alu, alu_is;
    reg [2:0] base;               // what P0 puts into the address register
    reg       times, times_is;    // the function is a product
    reg       sel, sel_is, pack, pack_is;
    reg       better;
    reg       was_none, was_last; // of the cycle before
    reg       ended;              // DOTV has read its last element

    wire [3:0] group = f_class(i_op);
    assign o_done      = state == DONE;
    reg        each;          // a dot4 of its own for each element
    assign o_dot_clear = each || i_first;

    wire   wide      = LANES > 1 && kind != ARG && kind != SCAN && !pack;
    assign o_take    = state == INIT3;
    assign o_wide    = LANES > 1 && state == WIDE;
    assign o_fn      = alu;
    assign o_product = times || alu == ALU_MUL;
    assign o_iota    = kind == IOTA;
    assign o_has_s   = kind != FILL && kind != IOTA;
    assign o_has_t   = kind == TWO || kind == DOTV || kind == VDOT;
    assign o_has_d   = kind != REDUCE && kind != VDOT;
    assign o_select  = sel;

    // SPEC.md section 6: what each instruction is here.
    always @* begin
        kind_is  = TWO;
        alu_is   = ALU_X;
        times_is = 1'b0;
        sel_is   = 1'b0;
        pack_is  = 1'b0;
        case (group)
        CL_VV, CL_VX: begin
            kind_is  = group == CL_VV ? TWO : ONE;
            alu_is   = {2'd0, i_op[3:0]};
            times_is = i_op[3:0] == WORD_MUL || i_op[3:0] == WORD_MULH || i_op[3:0] == WORD_MULHU;
        end
        CL_BVV, CL_BVX: begin
            kind_is  = group == CL_BVV ? TWO : ONE;
            alu_is   = {2'd1, i_op[3:0]};
            times_is = i_op[3:0] == BYTE_MULU;
        end
        CL_REDUCE: case (i_op)
            OP_RMIN:    begin kind_is = REDUCE; alu_is = {2'd0, WORD_MIN}; end
            OP_RMAX:    begin kind_is = REDUCE; alu_is = {2'd0, WORD_MAX}; end
            OP_ARGMIN,
            OP_ARGMAX:  begin kind_is = ARG;    alu_is = ALU_SUB; end
            OP_SCANADD: begin kind_is = SCAN;   alu_is = ALU_ADD; end
            OP_SCANMAX: begin kind_is = SCAN;   alu_is = {2'd0, WORD_MAX}; end
            default:    begin kind_is = REDUCE; alu_is = ALU_ADD; end // OP_SUM
            endcase
        CL_RUN: case (i_op)
            OP_FILL:    kind_is = FILL;
            OP_IOTA:    begin kind_is = IOTA;   alu_is = ALU_ADD; end
            OP_PACK:    begin sel_is = 1'b1; pack_is = 1'b1; end
            OP_SELECT:  sel_is = 1'b1;
            OP_DOT4_VX: begin kind_is = DOTX;   alu_is = ALU_MUL; end
            default:    begin kind_is = DOTV;   alu_is = ALU_MUL; end // OP_DOT4_VV
            endcase
        default: begin kind_is = VDOT; alu_is = ALU_MUL; end // OP_VDOT
        endcase
        better = i_first || (i_op == OP_ARGMIN ? !i_was_lt && !i_was_eq : i_was_lt);
    end

    always @* begin
        next         = state;
        over         = 1'b0;
        o_r1         = R_B;
        o_r2         = R_C;
        o_x_en       = 1'b0;
        o_x          = X_MEM;
        o_y_en       = 1'b0;
        o_y          = Y_MEM;
        o_res_en     = 1'b0;
        o_alu        = alu; // for the next cycle
        o_m_en       = 1'b1;
        o_index      = I_NEXT;
        o_we         = 1'b0;
        o_idx_reset  = 1'b0;
        o_idx_next   = 1'b0;
        o_count_next = 1'b0;
        o_count_idx  = 1'b0;
        o_mul_start  = 1'b0;
        o_dot_a      = 1'b0;
        o_dot_b      = 1'b0;

        case (state)
        OFF:
            if (i_start)
                next = INIT1;
        // x = res = r[c] (SCAN, FILL, DOTX) or r[b] (IOTA, lanes); y = r[c]. INIT3 addresses the first s.
        INIT1: begin
            o_r1        = kind == IOTA || wide ? R_B : R_C;
            o_idx_reset = 1'b1;
            next        = INIT2;
        end
        INIT2: begin
            o_x_en = 1'b1;
            o_x    = X_REG;
            o_y_en = 1'b1;
            o_y    = Y_REG;
            o_alu  = ALU_X;
            if (wide)
                o_r1 = R_A;
            next   = INIT3;
        end
        INIT3: begin
            o_res_en = 1'b1;
            o_r1     = base;
            next     = P0;
            if (wide) begin
                o_x_en = 1'b1;
                o_x    = X_REG;
                next   = WIDE;
            end
        end

        P0: case (kind)
            TWO, ONE:
                if (times && !i_none) begin
                    o_mul_start = 1'b1;
                    o_m_en      = 1'b0;
                    o_r1        = base;
                    next        = PRODUCT;
                end else begin
                    o_res_en   = 1'b1;
                    o_r1       = kind == TWO ? R_A : R_B;
                    o_index    = kind == TWO ? I_NEXT : I_THIS;
                    o_idx_next = kind == ONE;
                    next       = kind == TWO ? P1 : P2;
                end
            DOTV: begin
                o_dot_a  = 1'b1;
                o_y_en   = 1'b1;
                o_res_en = 1'b1;
                o_r1     = R_C;
                o_index  = I_COUNT;
                next     = P1;
            end
            DOTX: begin
                o_r1 = R_A;
                next = P1;
            end
            REDUCE: begin
                o_res_en   = 1'b1;
                o_idx_next = 1'b1;
                next       = P2;
                over       = i_last;
            end
            ARG: next = P1;
            SCAN: begin
                o_we     = !i_none;
                o_res_en = !i_none;
                o_r1     = R_A;
                next     = P1;
                over     = i_last;
            end
            IOTA: begin
                o_we       = !i_none;
                o_res_en   = !i_none;
                o_r1       = R_A;
                o_idx_next = 1'b1;
                next       = P1;
                over       = i_last;
            end
            FILL: begin
                o_we       = !i_none;
                o_r1       = R_A;
                o_idx_next = 1'b1;
                over       = i_last;
            end
            default: begin // VDOT
                o_dot_a    = !i_none;
                o_y_en     = 1'b1;
                o_idx_next = 1'b1;
                next       = P1;
            end
            endcase

        PRODUCT: begin
            o_m_en = i_mul_done;
            o_r1   = base;
            if (i_mul_done) begin
                o_res_en   = 1'b1;
                o_r1       = kind == TWO ? R_A : R_B;
                o_index    = kind == TWO ? I_NEXT : I_THIS;
                o_idx_next = kind == ONE;
                next       = kind == TWO ? P1 : P2;
            end
        end

        P1: begin
            next = P2;
            case (kind)
            TWO: begin
                o_x_en     = 1'b1;
                o_index    = pack ? I_COUNT : I_THIS;
                o_idx_next = 1'b1;
            end
            DOTV: begin
                o_dot_b      = 1'b1;
                o_x_en       = 1'b1;
                o_we         = !i_none && !i_first;
                o_count_next = !i_none && !i_first;
                o_idx_next   = 1'b1;
                over         = ended;
            end
            ARG: begin
                o_x_en      = better && !i_none;
                o_count_idx = better && !i_none;
                o_idx_next  = 1'b1;
                if (i_last)
                    next = COUNT1;
            end
            DOTX: begin
                o_dot_a    = 1'b1;
                o_y_en     = 1'b1;
                o_res_en   = 1'b1;
                o_index    = I_THIS;
                o_idx_next = 1'b1;
            end
            SCAN: begin
                o_x_en     = 1'b1;
                o_x        = X_RES;
                o_r1       = R_A;
                o_idx_next = 1'b1;
            end
            IOTA: begin
                o_x_en  = 1'b1;
                o_x     = X_RES;
                o_index = I_THIS;
                next    = P0;
            end
            default: begin // VDOT
                o_dot_b = !was_none;
                o_x_en  = 1'b1;
                o_r1    = R_C;
                next    = was_last ? VDOT0 : P0;
            end
            endcase
        end

        P2: begin
            o_r1 = base;
            next = P0;
            case (kind)
            TWO: begin
                o_we         = !was_none && !(sel && i_y_zero);
                o_count_next = !was_none && !i_y_zero;
                o_y_en       = 1'b1;
            end
            ONE: begin
                o_we   = !was_none;
                o_x_en = 1'b1;
            end
            DOTX: begin
                o_we    = !was_none;
                o_dot_b = 1'b1;
            end
            REDUCE: begin
                o_y_en = 1'b1;
                o_x_en = 1'b1;
                o_x    = X_RES;
                if (was_none)
                    o_alu = ALU_Y; // the first element stands for itself
            end
            ARG, SCAN: begin
                o_y_en  = 1'b1;
                o_index = I_THIS;
            end
            default: ; // DOTV
            endcase
            if (was_last && (kind == TWO || kind == ONE || kind == DOTX)) begin
                over = !pack;
                o_r1 = R_A;
                next = COUNT1;
            end
        end

        // ARG: res = count. PACK: res = r[a] + count.
        COUNT1: begin
            o_y_en = 1'b1;
            o_y    = Y_CONST;
            o_x_en = 1'b1;
            o_x    = X_REG;
            o_alu  = pack ? ALU_ADD : ALU_Y;
            next   = COUNT2;
        end
        COUNT2: begin
            o_res_en = 1'b1;
            over     = 1'b1;
        end
        // VDOT: res = the sum, then + r[a].
        VDOT0: next = VDOT1;
        VDOT1: begin
            o_res_en = 1'b1;
            o_r2     = R_A;
            next     = VDOT2;
        end
        VDOT2: begin
            o_x_en = 1'b1;
            o_x    = X_RES;
            o_y_en = 1'b1;
            o_y    = Y_REG;
            o_alu  = ALU_ADD;
            next   = COUNT2;
        end
        default: next = OFF; // DONE
        endcase
        if (LANES > 1 && state == WIDE) begin
            o_y_en = 1'b1;
            o_y    = Y_HOST;
            o_alu  = ALU_Y;
            next   = i_wide_done ? COUNT2 : WIDE;
        end
        if (over)
            next = DONE;
    end

    always @(posedge i_clk) begin
        state <= next;
        was_none <= i_none;
        was_last <= i_last;
        if (state == P1)
            ended <= i_last;
        if (state == OFF) begin
            ended <= 1'b0;
            base  <= kind_is == TWO || kind_is == VDOT ? R_C : kind_is == ARG || kind_is == SCAN ? R_B : R_A;
            kind  <= kind_is;
            alu   <= alu_is;
            times <= times_is;
            sel   <= sel_is;
            pack  <= pack_is;
            each  <= group == CL_RUN;
            o_dot <= group == CL_RUN || group == CL_TENSOR;
        end
        if (i_rst)
            state <= OFF;
    end
endmodule
`default_nettype wire
