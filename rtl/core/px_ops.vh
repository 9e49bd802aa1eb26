// px_ops.vh - names of control values that the modules of the core share; none of them is visible to a program.
/* verilator lint_off UNUSEDPARAM */ // one list for all modules; each uses a part of it

// The adder's and mover's own operations, beside {2'd0, WORD function} and {2'd1, BYTE function}.
localparam [5:0] ALU_X = 6'h20, ALU_Y = 6'h21, ALU_EXT = 6'h22, ALU_INS = 6'h23, ALU_MUL = 6'h24;
localparam [5:0] ALU_ADD = 6'h00, ALU_SUB = 6'h01; // as WORD_ADD and WORD_SUB: the decoder's table proves it

// Where the operand registers x and y are loaded from.
localparam [1:0] X_REG = 2'd0, X_MEM = 2'd1, X_RES = 2'd2, X_PC = 2'd3;
localparam [1:0] Y_REG = 2'd0, Y_MEM = 2'd1, Y_CONST = 2'd2, Y_HOST = 2'd3;

// What Y_CONST is.
localparam [3:0] K_SC = 4'd0, K_UC = 4'd1, K_UA = 4'd2, K_SBC = 4'd3, K_UBC = 4'd4, K_SA = 4'd5, K_UB = 4'd6,
                 K_ONE = 4'd7, K_TWO = 4'd8, K_VL = 4'd9, K_N = 4'd10, K_COUNT = 4'd11, K_LEAST = 4'd12,
                 K_GREATEST = 4'd13, K_ZERO = 4'd14;

// Which register a port of the register file reads (R_) or the write port writes (W_). Bytes a, b, c are those of the
// instruction in hand, in its own bank.
localparam [2:0] R_A = 3'd0, R_B = 3'd1, R_C = 3'd2, R_HOST = 3'd3, R_USER = 3'd4, R_SIZE = 3'd5;
localparam [2:0] W_A = 3'd0, W_C = 3'd1, W_OUTER = 3'd2, W_VALUE = 3'd3, W_HOST = 3'd4, W_INDEX = 3'd5;

// Where the memory address register is loaded from.
localparam [1:0] M_PC = 2'd0, M_RUN = 2'd1, M_RES = 2'd2, M_HOST = 2'd3;

// What happens to pc and, in millicode, to the ROM's counter.
localparam [1:0] PC_STAY = 2'd0, PC_NEXT = 2'd1, PC_RES = 2'd2;

// Host spaces and the words of the last one.
localparam [1:0] H_PIXEL = 2'd0, H_REG = 2'd1, H_CTL = 2'd2;
localparam [2:0] CTL_PC = 3'd0, CTL_VL = 3'd1, CTL_STATE = 3'd2, CTL_N = 3'd3, CTL_BUDGET = 3'd4, CTL_CLEAR = 3'd5;

// What stands beside the base in a run's address.
localparam [1:0] I_THIS = 2'd0, I_NEXT = 2'd1, I_COUNT = 2'd2, I_K = 2'd3;
/* verilator lint_on UNUSEDPARAM */
