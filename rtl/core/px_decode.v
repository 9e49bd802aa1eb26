// px_decode.v - what an instruction is: all that px_ctrl, px_check, px_vec and px_data know of an opcode. It is registered:
// it holds from the second cycle of an opcode on, and as long as the opcode is in hand.
//
// An opcode that is neither here nor a label of the millicode is illegal, whatever isa.def says of it.
`default_nettype none
module px_decode (
    input  wire            i_clk,
    input  wire [7:0]      i_op,
    input  wire [2:0]      i_a,        // of operand byte a
    input  wire [1:0]      i_b,        // of operand byte b
    input  wire            i_classic,  // the profile
    input  wire            i_milli,    // the instruction comes from the ROM
    input  wire            i_was_eq,   // flags of the cycle before
    input  wire            i_was_lt,
    input  wire            i_was_ltu,
    // px_ctrl
    output reg  [3:0]      o_does,     // the way after READ, DO_
    output reg  [8:0]      o_entry,    // of DO_ENTER, in the ROM
    output wire [59:0] o_read,     // the control word of READ
    output reg             o_again,    // y needs one more cycle
    output reg  [2:0]      o_cause,    // of a trap that READ or what follows may find
    output wire            o_taken,    // a branch is; so is everything that is no branch
    output reg             o_links,    // a jump has a result
    output reg             o_sets_vl,  // it is no jump: the target is vl
    output reg             o_stores,   // DO_BYTE: to memory
    output reg  [2:0]      o_to,       // who gets the result, TO_
    // checks
    output reg             o_or_equal, // res may be N
    output reg             o_exact,    // the sum in res may not wrap
    output reg  [2:0]      o_runs,     // which of c, b, a are runs
    output reg  [1:0]      o_apart,    // run a may not be the same as c, b
    // px_vec
    output reg  [3:0]      o_kind,     // of loop
    output reg  [5:0]      o_fn,       // the ALU's operation in it
    output reg             o_times,    // a product
    output reg  [2:0]      o_base,     // what phase 0 puts into the address register, a value of DO_R1
    output reg             o_select,   // a result counts where y is not 0
    output reg             o_pack,     // and follows the one before
    output reg             o_least,    // ARG: of the least
    // px_data
    output reg             o_dot,      // ALU_MUL is the sum of dot4
    output reg             o_each,     // one for each element
    output reg             o_divides,  // ALU_MUL is the divider's
    output reg             o_remains   // remainder
);
    `include "px_isa.vh"
    `include "px_facts.vh"
    `include "px_ops.vh"

    wire [3:0] imm   = f_imm(i_op);
    wire [3:0] group = f_class(i_op);
    wire [2:0] runs  = f_runs(i_op);
    wire [9:0] entry = f_entry(i_op);
    wire       word_product = i_op[3:0] == WORD_MUL || i_op[3:0] == WORD_MULH || i_op[3:0] == WORD_MULHU;

    // The way after READ, SPEC.md section 3, step 2, and section 10.
    reg [3:0] does;
    always @* begin
        does = DO_ILLEGAL;
        if (i_classic && !i_milli)
            does = i_op == OP_C_HALT ? DO_HALT : DO_ENTER;
        else if (entry[9])
            does = DO_ENTER;
        else
            case (group)
            CL_CTRL: case (i_op)
                OP_HALT:                         does = DO_HALT;
                OP_SYS:                          does = DO_SYS;
                OP_JMP, OP_CALL, OP_JR, OP_VL:   does = DO_JUMP;
                OP_GET:                          does = DO_EXECUTE;
                OP_LIT:                          does = DO_LITERAL;
                OP_UGET:           if (i_milli)  does = DO_UGET;
                OP_UPUT:           if (i_milli)  does = DO_EXECUTE;
                OP_UPC:            if (i_milli)  does = DO_EXECUTE;
                OP_UDIV, OP_UREM:  if (i_milli)  does = DO_PRODUCT;
                OP_UEND:           if (i_milli)  does = DO_LEAVE;
                OP_UTRAP:          if (i_milli)  does = DO_UTRAP;
                default: ;
                endcase
            CL_BRANCH:                           does = DO_BRANCH;
            CL_ALU, CL_ALUI:                     does = word_product ? DO_PRODUCT : DO_EXECUTE;
            CL_MOVE: case (i_op)
                OP_LD:                           does = DO_LOAD;
                OP_ST:                           does = DO_STORE;
                OP_LDB, OP_STB:                  does = DO_BYTE;
                OP_LI, OP_LUI, OP_EXT, OP_INS:   does = DO_EXECUTE;
                default: ;
                endcase
            CL_VV, CL_VX, CL_BVV, CL_BVX:        does = DO_VECTOR;
            CL_REDUCE: case (i_op)
                OP_SUM, OP_RMIN, OP_RMAX, OP_ARGMIN, OP_ARGMAX, OP_SCANADD, OP_SCANMAX: does = DO_VECTOR;
                default: ;
                endcase
            CL_RUN: case (i_op)
                OP_FILL, OP_IOTA, OP_PACK, OP_SELECT, OP_DOT4_VV, OP_DOT4_VX: does = DO_VECTOR;
                default: ;
                endcase
            CL_TENSOR: if (i_op == OP_VDOT)      does = DO_VECTOR;
            default: ;
            endcase
    end

    // What the ALU does after READ.
    reg [5:0] exec;
    always @* begin
        exec = ALU_Y;
        case (group)
        CL_ALU, CL_ALUI: exec = {2'd0, i_op[3:0]};
        CL_BRANCH:       exec = ALU_SUB;
        CL_MOVE: case (i_op)
            OP_EXT:       exec = ALU_EXT;
            OP_INS:       exec = ALU_INS;
            OP_LD, OP_ST: exec = ALU_ADD;
            default:      exec = ALU_Y;
            endcase
        CL_CTRL: case (i_op)
            OP_JMP, OP_CALL:        exec = ALU_ADD;
            OP_JR, OP_VL:           exec = ALU_X;
            OP_SYS, OP_GET, OP_LIT: exec = ALU_Y; // LIT: for its trap
            OP_UDIV, OP_UREM:       exec = ALU_MUL;
            default:                exec = ALU_X; // millicode's own
            endcase
        default: exec = ALU_Y;
        endcase
    end

    // What READ loads, and which registers it addresses for the next cycle.
    reg [DO_W-1:0] k_imm, read;
    always @* begin
        case (imm)
        IMM_SC:  k_imm = K_SC;
        IMM_UC:  k_imm = K_UC;
        IMM_UA:  k_imm = K_UA;
        IMM_UBC: k_imm = K_UBC;
        IMM_DA:  k_imm = K_SA;
        IMM_UB:  k_imm = K_UB;
        default: k_imm = K_SBC;
        endcase
        read = X_REG | (imm == IMM_NONE || group == CL_BRANCH ? Y_REG | k_imm : Y_CONST | k_imm) | M_PC;
        case (group)
        CL_CTRL: case (i_op)
            OP_SYS:                  read = X_REG | Y_CONST | K_UB | M_PC;
            OP_JMP, OP_CALL:         read = X_PC  | Y_CONST | K_SBC | M_PC;
            OP_GET:                  read = X_REG | Y_CONST | (i_b == GET_N ? K_N : K_VL) | M_PC | R2_SIZE;
            OP_UGET:                 read = X_REG | M_PC | R1_USER;
            OP_UPC:                  read = X_PC | X_OUTER | M_PC;
            OP_UDIV, OP_UREM:        read = X_REG | Y_REG | M_PC;
            default:                 read = X_REG | Y_CONST | K_N | M_PC; // LIT, for its trap
            endcase
        CL_MOVE: case (i_op)
            OP_LD, OP_ST:   read = X_REG | Y_CONST | k_imm | M_K;
            OP_LDB, OP_STB: read = X_REG | M_PC | R1_C;
            OP_INS:         read = X_REG | M_PC | R2_A;
            default: ;
            endcase
        // For vl = 0.
        CL_REDUCE: read = X_REG | (runs[0] ? Y_REG : Y_CONST) | M_PC
                        | (i_op == OP_RMIN ? K_GREATEST : i_op == OP_RMAX ? K_LEAST : K_ZERO);
        CL_RUN, CL_TENSOR: read = X_REG | M_PC | R2_A;
        default: ;
        endcase
    end
    reg [DO_W-1:0] read_q;
    assign o_read = read_q | BYTE_C | THEN;

    // SPEC.md section 5, the branches: the flags are those of the cycle before.
    reg [3:0] test, test_is; // was equal, less, less unsigned; or not so
    always @* begin
        case (i_op)
        OP_BEQ:  test_is = 4'b1000;
        OP_BNE:  test_is = 4'b1001;
        OP_BLT:  test_is = 4'b0100;
        OP_BGE:  test_is = 4'b0101;
        OP_BLTU: test_is = 4'b0010;
        OP_BGEU: test_is = 4'b0011;
        default: test_is = 4'b0001;
        endcase
    end
    assign o_taken = |(test[3:1] & {i_was_eq, i_was_lt, i_was_ltu}) ^ test[0];

    // SPEC.md section 6: what each vector instruction is in px_vec.v.
    reg [3:0] kind;
    reg [5:0] fn;
    always @* begin
        kind = TWO;
        fn   = ALU_X;
        case (group)
        CL_VV, CL_VX: begin
            kind = group == CL_VV ? TWO : ONE;
            fn   = {2'd0, i_op[3:0]};
        end
        CL_BVV, CL_BVX: begin
            kind = group == CL_BVV ? TWO : ONE;
            fn   = {2'd1, i_op[3:0]};
        end
        CL_REDUCE: case (i_op)
            OP_RMIN:    begin kind = REDUCE; fn = {2'd0, WORD_MIN}; end
            OP_RMAX:    begin kind = REDUCE; fn = {2'd0, WORD_MAX}; end
            OP_ARGMIN,
            OP_ARGMAX:  begin kind = ARG;    fn = ALU_SUB; end
            OP_SCANADD: begin kind = SCAN;   fn = ALU_ADD; end
            OP_SCANMAX: begin kind = SCAN;   fn = {2'd0, WORD_MAX}; end
            default:    begin kind = REDUCE; fn = ALU_ADD; end // OP_SUM
            endcase
        CL_RUN: case (i_op)
            OP_FILL:             kind = FILL;
            OP_IOTA:    begin    kind = IOTA;   fn = ALU_ADD; end
            OP_PACK, OP_SELECT:  kind = TWO;
            OP_DOT4_VX: begin    kind = DOTX;   fn = ALU_MUL; end
            default:    begin    kind = DOTV;   fn = ALU_MUL; end // OP_DOT4_VV
            endcase
        default:        begin    kind = VDOT;   fn = ALU_MUL; end // OP_VDOT
        endcase
    end

    // Who gets the result: not a map; of a scan, c.
    reg [2:0] to;
    always @* begin
        case (group)
        CL_VV, CL_VX, CL_BVV, CL_BVX: to = TO_NONE;
        CL_REDUCE:                    to = runs[0] ? TO_C : TO_A;
        CL_RUN:                       to = i_op == OP_PACK ? TO_A : TO_NONE;
        CL_CTRL:                      to = i_op == OP_UPUT ? TO_OUTER : TO_A;
        default:                      to = TO_A;
        endcase
    end

    always @(posedge i_clk) begin
        o_does    <= does;
        o_entry   <= i_classic ? ENTRY_CLASSIC : entry[8:0];
        read_q    <= read | ({{DO_W-6{1'b0}}, exec} << AT_THEN);
        test      <= test_is;
        o_again   <= i_op == OP_GET && (i_b == GET_W || i_b == GET_H) || i_op == OP_INS || i_op == OP_PACK || i_op == OP_VDOT;
        o_cause   <= i_milli ? i_a : does == DO_ILLEGAL ? TRAP_OPCODE : i_op == OP_VL ? TRAP_VL
                   : group == CL_CTRL || group == CL_BRANCH ? TRAP_PC : TRAP_RANGE;
        o_links   <= i_op == OP_CALL;
        o_sets_vl <= i_op == OP_VL;
        o_stores  <= i_op == OP_STB;
        o_to      <= to;
        // VL and a run's end may be N, jumps and addresses not; a jump may wrap, the others must be exact.
        o_or_equal <= group == CL_CTRL ? i_op == OP_VL : group != CL_BRANCH && group != CL_MOVE;
        o_exact    <= group != CL_CTRL && group != CL_BRANCH;
        o_runs    <= runs;
        o_apart   <= f_apart(i_op);
        o_kind    <= kind;
        o_fn      <= fn;
        o_times   <= (group == CL_VV || group == CL_VX) && word_product
                  || (group == CL_BVV || group == CL_BVX) && i_op[3:0] == BYTE_MULU;
        o_base    <= kind == TWO || kind == VDOT ? R1_C[AT_R1 +: 3] : kind == ARG || kind == SCAN ? 3'd0 : R1_A[AT_R1 +: 3];
        o_select  <= i_op == OP_SELECT || i_op == OP_PACK;
        o_pack    <= i_op == OP_PACK;
        o_least   <= i_op == OP_ARGMIN;
        o_dot     <= group == CL_RUN || group == CL_TENSOR;
        o_each    <= group == CL_RUN;
        o_divides <= i_op == OP_UDIV || i_op == OP_UREM;
        o_remains <= i_op == OP_UREM;
    end
endmodule
`default_nettype wire
