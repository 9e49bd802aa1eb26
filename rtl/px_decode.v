// px_decode.v - what an instruction is, from its opcode alone: the facts of isa.def, what READ loads and addresses, and
// what the ALU does next.
`default_nettype none
module px_decode (
    input  wire [7:0] i_op,
    input  wire [1:0] i_b,        // of operand byte b
    input  wire       i_was_eq,   // flags of the cycle before
    input  wire       i_was_lt,
    input  wire       i_was_ltu,
    output wire [3:0] o_group,    // its class
    output wire [2:0] o_runs,     // which of c, b, a are runs
    output wire       o_legal,
    output wire [9:0] o_entry,    // bit 9: millicode from the address below
    output wire       o_times,    // scalar product
    output reg  [5:0] o_exec,
    output reg        o_taken,    // a branch is; so is everything that is no branch
    output reg  [1:0] o_x,
    output reg  [1:0] o_y,
    output reg  [3:0] o_k,
    output reg  [2:0] o_r1,
    output reg  [2:0] o_r2
);
    `include "px_isa.vh"
    `include "px_facts.vh"
    `include "px_ops.vh"

    wire [3:0] imm = f_imm(i_op);
    assign o_group = f_class(i_op);
    assign o_runs  = f_runs(i_op);
    assign o_legal = f_legal(i_op);
    assign o_entry = f_entry(i_op);
    assign o_times = (o_group == CL_ALU || o_group == CL_ALUI)
                  && (i_op[3:0] == WORD_MUL || i_op[3:0] == WORD_MULH || i_op[3:0] == WORD_MULHU);

    // The immediate as a constant of y.
    reg [3:0] k_imm;
    always @* begin
        case (imm)
        IMM_SC:           k_imm = K_SC;
        IMM_UC:           k_imm = K_UC;
        IMM_UA:           k_imm = K_UA;
        IMM_UBC:          k_imm = K_UBC;
        IMM_DA:           k_imm = K_SA;
        IMM_UB:           k_imm = K_UB;
        default:          k_imm = K_SBC;
        endcase
    end

    // What the ALU does after READ.
    always @* begin
        o_exec = ALU_Y;
        case (o_group)
        CL_ALU, CL_ALUI: o_exec = {2'd0, i_op[3:0]};
        CL_BRANCH:       o_exec = ALU_SUB;
        CL_MOVE: case (i_op)
            OP_EXT:       o_exec = ALU_EXT;
            OP_INS:       o_exec = ALU_INS;
            OP_LD, OP_ST: o_exec = ALU_ADD;
            default:      o_exec = ALU_Y;
            endcase
        CL_CTRL: case (i_op)
            OP_JMP, OP_CALL:      o_exec = ALU_ADD;
            OP_JR, OP_VL:         o_exec = ALU_X;
            OP_SYS, OP_GET, OP_LIT: o_exec = ALU_Y; // LIT: for its trap
            OP_UDIV, OP_UREM:       o_exec = ALU_MUL;
            default:              o_exec = ALU_X; // micro-operations
            endcase
        default: o_exec = ALU_Y;
        endcase
    end

    // What READ loads and which registers it addresses.
    always @* begin
        o_x  = X_REG;
        o_y  = imm == IMM_NONE || o_group == CL_BRANCH ? Y_REG : Y_CONST;
        o_k  = k_imm;
        o_r1 = R_B;
        o_r2 = R_C;
        case (o_group)
        CL_CTRL: case (i_op)
            OP_SYS: begin
                o_y = Y_CONST;
                o_k = K_UB;
            end
            OP_JMP, OP_CALL: o_x = X_PC;
            OP_GET: begin
                o_r2 = R_SIZE;
                o_k  = i_b == GET_N ? K_N : K_VL;
            end
            OP_UGET: o_r1 = R_USER;
            OP_UPC:  o_x = X_PC;
            OP_UDIV, OP_UREM: ;
            default: begin // OP_LIT, for its trap
                o_y = Y_CONST;
                o_k = K_N;
            end
            endcase
        CL_MOVE: begin
            if (i_op == OP_LDB || i_op == OP_STB)
                o_r1 = R_C;
            if (i_op == OP_INS)
                o_r2 = R_A;
        end
        CL_REDUCE: begin // the result for vl = 0
            if (!o_runs[0])
                o_y = Y_CONST;
            o_k = i_op == OP_RMIN ? K_GREATEST : i_op == OP_RMAX ? K_LEAST : K_ZERO;
        end
        CL_RUN, CL_TENSOR: o_r2 = R_A; // likewise
        default: ;
        endcase
    end

    // SPEC.md section 5, the branches: the flags are those of the cycle before.
    always @* begin
        case (i_op)
        OP_BEQ:  o_taken = i_was_eq;
        OP_BNE:  o_taken = !i_was_eq;
        OP_BLT:  o_taken = i_was_lt;
        OP_BGE:  o_taken = !i_was_lt;
        OP_BLTU: o_taken = i_was_ltu;
        OP_BGEU: o_taken = !i_was_ltu;
        default: o_taken = 1'b1;
        endcase
    end
endmodule
`default_nettype wire
