// px_decode.v - what an instruction is, from its opcode alone: the facts of isa.def, what READ loads and addresses, and
// what the ALU does next. All of it is registered: it holds from the second cycle of an opcode on.
`default_nettype none
module px_decode (
    input  wire       i_clk,
    input  wire [7:0] i_op,
    input  wire [1:0] i_b,        // of operand byte b
    input  wire       i_was_eq,   // flags of the cycle before
    input  wire       i_was_lt,
    input  wire       i_was_ltu,
    output reg  [3:0] o_group,    // its class
    output reg  [2:0] o_runs,     // which of c, b, a are runs
    output reg        o_legal,
    output reg  [9:0] o_entry,    // bit 9: millicode from the address below
    output reg        o_times,    // scalar product
    output reg  [5:0] o_exec,
    output wire       o_taken,    // a branch is; so is everything that is no branch
    output reg        o_near,     // READ addresses memory by base and immediate
    output reg  [1:0] o_x,
    output reg  [1:0] o_y,
    output reg  [3:0] o_k,
    output reg  [2:0] o_r1,
    output reg  [2:0] o_r2
);
    `include "px_isa.vh"
    `include "px_facts.vh"
    `include "px_ops.vh"

    wire [3:0] imm   = f_imm(i_op);
    wire [3:0] group = f_class(i_op);
    wire [2:0] runs  = f_runs(i_op);
    reg  [5:0] exec;
    reg  [1:0] x, y;
    reg  [3:0] k;
    reg  [2:0] r1, r2;
    reg  [3:0] test, test_is; // was equal, less, less unsigned; or not so

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
            OP_JMP, OP_CALL:      exec = ALU_ADD;
            OP_JR, OP_VL:         exec = ALU_X;
            OP_SYS, OP_GET, OP_LIT: exec = ALU_Y; // LIT: for its trap
            OP_UDIV, OP_UREM:       exec = ALU_MUL;
            default:              exec = ALU_X; // micro-operations
            endcase
        default: exec = ALU_Y;
        endcase
    end

    // What READ loads and which registers it addresses.
    always @* begin
        x  = X_REG;
        y  = imm == IMM_NONE || group == CL_BRANCH ? Y_REG : Y_CONST;
        k  = k_imm;
        r1 = R_B;
        r2 = R_C;
        case (group)
        CL_CTRL: case (i_op)
            OP_SYS: begin
                y = Y_CONST;
                k = K_UB;
            end
            OP_JMP, OP_CALL: x = X_PC;
            OP_GET: begin
                r2 = R_SIZE;
                k  = i_b == GET_N ? K_N : K_VL;
            end
            OP_UGET: r1 = R_USER;
            OP_UPC:  x = X_PC;
            OP_UDIV, OP_UREM: ;
            default: begin // OP_LIT, for its trap
                y = Y_CONST;
                k = K_N;
            end
            endcase
        CL_MOVE: begin
            if (i_op == OP_LDB || i_op == OP_STB)
                r1 = R_C;
            if (i_op == OP_INS)
                r2 = R_A;
        end
        CL_REDUCE: begin // the result for vl = 0
            if (!runs[0])
                y = Y_CONST;
            k = i_op == OP_RMIN ? K_GREATEST : i_op == OP_RMAX ? K_LEAST : K_ZERO;
        end
        CL_RUN, CL_TENSOR: r2 = R_A; // likewise
        default: ;
        endcase
    end

    // SPEC.md section 5, the branches: the flags are those of the cycle before.
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

    always @(posedge i_clk) begin
        o_group <= group;
        o_runs  <= runs;
        o_legal <= f_legal(i_op);
        o_entry <= f_entry(i_op);
        o_times <= (group == CL_ALU || group == CL_ALUI)
                && (i_op[3:0] == WORD_MUL || i_op[3:0] == WORD_MULH || i_op[3:0] == WORD_MULHU);
        o_exec  <= exec;
        o_near  <= i_op == OP_LD || i_op == OP_ST;
        o_x     <= x;
        o_y     <= y;
        o_k     <= k;
        o_r1    <= r1;
        o_r2    <= r2;
        test    <= test_is;
    end
endmodule
`default_nettype wire
