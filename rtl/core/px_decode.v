// px_decode.v - what an instruction is: all that px_ctrl, px_check, px_vec and px_data know of an opcode. It enters
// registers once, in ADDRESS, and holds from READ on. The tables are functions, so that simulation looks into them once
// an instruction, not in each cycle.
//
// An opcode that is neither here nor a label of the millicode is illegal, whatever isa.def says of it.
`default_nettype none
module px_decode (
    input  wire            i_clk,
    input  wire            i_load,
    input  wire [7:0]      i_op,
    input  wire [2:0]      i_a,        // of operand byte a
    input  wire [1:0]      i_b,        // of operand byte b
    input  wire            i_classic,  // the profile
    input  wire            i_milli,    // the instruction comes from the ROM
    input  wire            i_nested,   // the machine lies in a slot
    input  wire            i_was_eq,   // flags of the cycle before
    input  wire            i_was_lt,
    input  wire            i_was_ltu,
    // px_ctrl
    output reg  [4:0]      o_does,     // the way after READ, WAY_
    output reg  [9:0]      o_entry,    // of WAY_ENTER, in the ROM
    output wire [63:0] o_read,     // the control word of READ
    output reg             o_again,    // y needs one more cycle
    output reg  [2:0]      o_cause,    // of a trap that READ or what follows may find
    output wire            o_taken,    // a branch is; so is everything that is no branch
    output reg             o_links,    // a jump has a result
    output reg             o_sets_vl,  // it is no jump: the target is vl
    output reg             o_stores,   // WAY_BYTE: to memory
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

    // Its class; x where no instruction enters, like what the tables say, so that simulation does not look for it.
    reg [3:0] group;
    always @* begin
        group = 4'bx;
        if (i_load)
            group = f_class(i_op);
    end

    function product(input [3:0] fn); // of words
        product = fn == WORD_MUL || fn == WORD_MULH || fn == WORD_MULHU;
    endfunction

    // The way after READ, SPEC.md section 3, step 2, and section 10.
    function [4:0] does(input [7:0] op, input classic, input milli);
        begin
            does = WAY_ILLEGAL;
            if (classic)
                does = op == OP_C_HALT ? WAY_HALT : WAY_ENTER;
            else if (f_in_rom(op) && !milli) // in the ROM itself: what is a loop there
                does = WAY_ENTER;
            else
                case (group)
                CL_CTRL: case (op)
                    OP_HALT:                       does = WAY_HALT;
                    OP_SYS:                        does = WAY_SYS;
                    OP_JMP, OP_CALL, OP_JR, OP_VL: does = WAY_JUMP;
                    OP_GET:                        does = WAY_EXECUTE;
                    OP_LIT:                        does = WAY_LITERAL;
                    OP_UGET:          if (milli)   does = WAY_UGET;
                    OP_UPUT, OP_UPC, OP_USEE,
                    OP_UCTL:          if (milli)   does = WAY_EXECUTE;
                    OP_UDIV, OP_UREM: if (milli)   does = WAY_PRODUCT;
                    OP_UEND:          if (milli)   does = WAY_LEAVE;
                    OP_UTRAP:         if (milli)   does = WAY_UTRAP;
                    OP_USWAP:         if (milli)   does = WAY_SWAP;
                    OP_UGO:           if (milli)   does = WAY_GO;
                    default: ;
                    endcase
                CL_BRANCH:                         does = WAY_BRANCH;
                CL_ALU, CL_ALUI:                   does = product(op[3:0]) ? WAY_PRODUCT : WAY_EXECUTE;
                CL_MOVE: case (op)
                    OP_LD:                         does = WAY_LOAD;
                    OP_ST:                         does = WAY_STORE;
                    OP_LDB, OP_STB:                does = WAY_BYTE;
                    OP_LI, OP_LUI, OP_EXT, OP_INS: does = WAY_EXECUTE;
                    default: ;
                    endcase
                CL_VV, CL_VX, CL_BVV, CL_BVX:      does = WAY_VECTOR;
                CL_REDUCE, CL_RUN, CL_TENSOR: case (op)
                    OP_SUM, OP_RMIN, OP_RMAX, OP_ARGMIN, OP_ARGMAX, OP_SCANADD, OP_SCANMAX, OP_FILL, OP_IOTA, OP_PACK,
                    OP_SELECT, OP_COPYS, OP_GATHER, OP_DOT4_VV, OP_DOT4_VX, OP_VDOT: does = WAY_VECTOR;
                    default: ;
                    endcase
                default: ;
                endcase
        end
    endfunction

    // What the ALU does after READ.
    function [5:0] exec(input [7:0] op);
        case (group)
        CL_ALU, CL_ALUI: exec = {2'd0, op[3:0]};
        CL_BRANCH:       exec = ALU_SUB;
        CL_MOVE: case (op)
            OP_EXT:       exec = ALU_EXT;
            OP_INS:       exec = ALU_INS;
            OP_LD, OP_ST: exec = ALU_ADD;
            default:      exec = ALU_Y;
            endcase
        CL_CTRL: case (op)
            OP_JMP, OP_CALL:        exec = ALU_ADD;
            OP_JR, OP_VL:           exec = ALU_X;
            OP_SYS, OP_GET, OP_LIT, OP_USEE: exec = ALU_Y; // LIT: for its trap
            OP_UDIV, OP_UREM:       exec = ALU_MUL;
            default:                exec = ALU_X; // millicode's own
            endcase
        default: exec = ALU_Y;                    // for vl = 0
        endcase
    endfunction

    // What READ loads, and which registers it addresses for the next cycle.
    function [DO_W-1:0] immediate(input [7:0] op);
        case (f_imm(op))
        IMM_SC:  immediate = K_SC;
        IMM_UC:  immediate = K_UC;
        IMM_UA:  immediate = K_UA;
        IMM_UBC: immediate = K_UBC;
        IMM_DA:  immediate = K_SA;
        IMM_UB:  immediate = K_UB;
        default: immediate = K_SBC;
        endcase
    endfunction
    function [DO_W-1:0] read(input [7:0] op, input [1:0] b);
        begin
            read = X_REG | (f_imm(op) == IMM_NONE ? Y_REG : Y_CONST | immediate(op));
            case (group)
            CL_CTRL: case (op)
                OP_SYS:           read = X_REG | Y_CONST | K_UB;
                OP_JMP, OP_CALL:  read = X_PC | Y_CONST | K_SBC;
                OP_GET:           read = X_REG | Y_CONST | (b == GET_N ? K_N : K_VL) | R2_SIZE;
                OP_UGET:          read = X_REG | R1_USER;
                OP_UPC:           read = X_PC | X_OUTER;
                OP_USEE:          read = X_REG | Y_CONST | K_SEE;
                OP_UDIV, OP_UREM: read = X_REG | Y_REG;
                default:          read = X_REG | Y_CONST | K_N; // LIT, for its trap
                endcase
            CL_BRANCH:            read = X_REG | Y_REG;
            CL_MOVE: case (op)
                OP_LD, OP_ST:     read = X_REG | Y_CONST | immediate(op) | M_K;
                OP_LDB, OP_STB:   read = X_REG | R1_C;
                OP_INS:           read = X_REG | R2_A;
                default: ;
                endcase
            CL_REDUCE: case (op) // what vl = 0 leaves
                OP_SCANADD,
                OP_SCANMAX:       read = X_REG | Y_REG;
                OP_RMIN:          read = X_REG | Y_CONST | K_GREATEST;
                OP_RMAX:          read = X_REG | Y_CONST | K_LEAST;
                default:          read = X_REG | Y_CONST | K_ZERO;
                endcase
            CL_RUN, CL_TENSOR:    read = X_REG | R2_A; // likewise
            default: ;
            endcase
        end
    endfunction

    // SPEC.md section 5, the branches: was equal, less, less unsigned; or not so. Everything else is taken.
    function [3:0] test(input [7:0] op);
        case (op)
        OP_BEQ:  test = 4'b1000;
        OP_BNE:  test = 4'b1001;
        OP_BLT:  test = 4'b0100;
        OP_BGE:  test = 4'b0101;
        OP_BLTU: test = 4'b0010;
        OP_BGEU: test = 4'b0011;
        default: test = 4'b0001;
        endcase
    endfunction

    // SPEC.md section 6: which loop of px_vec.v a vector instruction is, and what the ALU does in it.
    function [9:0] loop(input [7:0] op);
        case (group)
        CL_VV:  loop = {TWO, 2'd0, op[3:0]};
        CL_VX:  loop = {ONE, 2'd0, op[3:0]};
        CL_BVV: loop = {TWO, 2'd1, op[3:0]};
        CL_BVX: loop = {ONE, 2'd1, op[3:0]};
        default: case (op)
            OP_SUM:             loop = {REDUCE, ALU_ADD};
            OP_RMIN:            loop = {REDUCE, 2'd0, WORD_MIN};
            OP_RMAX:            loop = {REDUCE, 2'd0, WORD_MAX};
            OP_ARGMIN:          loop = {ARG,    ALU_SUB};
            OP_ARGMAX:          loop = {ARG,    ALU_SUB};
            OP_SCANADD:         loop = {SCAN,   ALU_ADD};
            OP_SCANMAX:         loop = {SCAN,   2'd0, WORD_MAX};
            OP_FILL:            loop = {FILL,   ALU_X};
            OP_IOTA:            loop = {IOTA,   ALU_ADD};
            OP_PACK, OP_SELECT: loop = {TWO,    ALU_X};
            OP_COPYS:           loop = {STRIDE, ALU_ADD};
            OP_GATHER:          loop = {LOOKUP, ALU_SUB};
            OP_DOT4_VX:         loop = {DOTX,   ALU_MUL};
            OP_DOT4_VV:         loop = {DOTV,   ALU_MUL};
            OP_VDOT:            loop = {VDOT,   ALU_MUL};
            default:            loop = 10'bx;
            endcase
        endcase
    endfunction

    // Who gets the result: nobody of a map's; of a scan's, c.
    function [2:0] to(input [7:0] op);
        case (group)
        CL_VV, CL_VX, CL_BVV, CL_BVX: to = TO_NONE;
        CL_REDUCE:                    to = op == OP_SCANADD || op == OP_SCANMAX ? TO_C : TO_A;
        CL_RUN:                       to = op == OP_PACK ? TO_A : TO_NONE;
        CL_CTRL:                      to = op == OP_UPUT ? TO_OUTER : op == OP_UCTL ? TO_CTL : TO_A;
        default:                      to = TO_A;
        endcase
    endfunction

    function [2:0] cause(input [7:0] op, input legal);
        case (group)
        CL_CTRL:   cause = !legal ? TRAP_OPCODE : op == OP_VL ? TRAP_VL : TRAP_PC;
        CL_BRANCH: cause = TRAP_PC;
        default:   cause = legal ? TRAP_RANGE : TRAP_OPCODE;
        endcase
    endfunction

    reg [DO_W-1:0] read_q;
    reg [3:0]      test_q;
    assign o_read  = read_q | BYTE_C | THEN;
    assign o_taken = |(test_q[3:1] & {i_was_eq, i_was_lt, i_was_ltu}) ^ test_q[0];

    wire       nest  = i_nested && i_op == OP_RESUME;
    always @(posedge i_clk)
        if (i_load) begin
            o_does     <= nest ? WAY_ILLEGAL : does(i_op, i_classic && !i_milli, i_milli);
            o_entry    <= i_classic ? ENTRY_CLASSIC : f_entry(i_op);
            read_q     <= read(i_op, i_b) | ({{DO_W-6{1'b0}}, exec(i_op)} << AT_THEN);
            o_again    <= i_op == OP_INS || i_op == OP_PACK || i_op == OP_VDOT
                       || (i_op == OP_GET && (i_b == GET_W || i_b == GET_H));
            o_cause    <= i_milli ? i_a : nest ? TRAP_NEST : cause(i_op, does(i_op, 1'b0, 1'b0) != WAY_ILLEGAL);
            test_q     <= test(i_op);
            o_links    <= i_op == OP_CALL;
            o_sets_vl  <= i_op == OP_VL;
            o_stores   <= i_op == OP_STB;
            o_to       <= to(i_op);
            // VL and a run's end may be N, jumps and addresses not; a jump may wrap, the others must be exact.
            o_or_equal <= group == CL_CTRL ? i_op == OP_VL : group != CL_BRANCH && group != CL_MOVE;
            o_exact    <= group != CL_CTRL && group != CL_BRANCH;
            o_runs     <= f_runs(i_op);
            o_apart    <= f_apart(i_op);
            {o_kind, o_fn} <= loop(i_op);
            o_times    <= (group == CL_VV || group == CL_VX) && product(i_op[3:0])
                       || (group == CL_BVV || group == CL_BVX) && i_op[3:0] == BYTE_MULU;
            o_select   <= i_op == OP_SELECT || i_op == OP_PACK;
            o_pack     <= i_op == OP_PACK;
            o_least    <= i_op == OP_ARGMIN;
            o_dot      <= group == CL_RUN || group == CL_TENSOR;
            o_each     <= group == CL_RUN;
            o_divides  <= i_op == OP_UDIV || i_op == OP_UREM;
            o_remains  <= i_op == OP_UREM;
        end
endmodule
`default_nettype wire
