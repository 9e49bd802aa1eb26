// px_ops.vh - names that the modules of the core share; none of them is visible to a program.
`include "px_alu.vh"
/* verilator lint_off UNUSEDPARAM */ // one list for all modules; each uses a part of it

// ---- The control word: what px_data does in this cycle.
//
// px_ctrl, px_check, px_host and px_vec each say a word, and px_core takes the OR of them. Who rests says 0, so 0 is in
// every field what happens by itself: b and c are read, and nothing is loaded, written or counted.
//
// AT_ is where a field begins; DO_ covers a field of several bits; what stands in one is named by what it does.
localparam DO_W = 60;

// Which registers are read; what is read is there in the next cycle. Bytes a, b, c are those of the instruction in hand,
// in its own bank.
localparam AT_R1 = 0;
localparam [DO_W-1:0] DO_R1   = 60'd7 << AT_R1,
                      R1_B    = 60'd0 << AT_R1,
                      R1_A    = 60'd1 << AT_R1,
                      R1_C    = 60'd2 << AT_R1,
                      R1_HOST = 60'd3 << AT_R1, // the host's address
                      R1_USER = 60'd4 << AT_R1; // the program's register that UGET names
localparam AT_R2 = 3;
localparam [DO_W-1:0] DO_R2   = 60'd3 << AT_R2,
                      R2_C    = 60'd0 << AT_R2,
                      R2_A    = 60'd1 << AT_R2,
                      R2_B    = 60'd2 << AT_R2,
                      R2_SIZE = 60'd3 << AT_R2; // W or H

// Which register takes res.
localparam AT_W = 5;
localparam [DO_W-1:0] DO_W_IN = 60'd15 << AT_W, // bit 0: any
                      W_A     = 60'd1 << AT_W,
                      W_C     = 60'd3 << AT_W,
                      W_OUTER = 60'd5 << AT_W,  // a of the instruction that millicode carries out
                      W_VALUE = 60'd7 << AT_W,
                      W_HOST  = 60'd9 << AT_W,
                      W_INDEX = 60'd11 << AT_W; // r[idx]

// What x and y take. X_OUTER: X_PC is the program's pc in millicode too.
localparam AT_X = 9, AT_X_OUTER = 12;
localparam [DO_W-1:0] DO_X    = 60'd7 << AT_X,  // bit 0: anything
                      X_REG   = 60'd1 << AT_X,  // what port 1 of the registers read
                      X_PIXEL = 60'd3 << AT_X,
                      X_RES   = 60'd5 << AT_X,
                      X_PC    = 60'd7 << AT_X,
                      X_OUTER = 60'd1 << AT_X_OUTER;
localparam AT_Y = 13;
localparam [DO_W-1:0] DO_Y    = 60'd15 << AT_Y, // bit 0: anything
                      Y_REG   = 60'd1 << AT_Y,  // what port 2 read
                      Y_PIXEL = 60'd3 << AT_Y,
                      Y_CONST = 60'd5 << AT_Y,  // the constant below
                      Y_HOST  = 60'd7 << AT_Y,  // the host's word
                      Y_SUM   = 60'd9 << AT_Y;  // the lanes' sum
localparam AT_K = 17;
localparam [DO_W-1:0] DO_K       = 60'd15 << AT_K,
                      K_ZERO     = 60'd0 << AT_K,
                      K_SC       = 60'd1 << AT_K, // c with its sign, c, a, ...
                      K_UC       = 60'd2 << AT_K,
                      K_UA       = 60'd3 << AT_K,
                      K_SBC      = 60'd4 << AT_K,
                      K_UBC      = 60'd5 << AT_K, // bc in the high half
                      K_SA       = 60'd6 << AT_K,
                      K_UB       = 60'd7 << AT_K,
                      K_ONE      = 60'd8 << AT_K,
                      K_TWO      = 60'd9 << AT_K,
                      K_VL       = 60'd10 << AT_K,
                      K_N        = 60'd11 << AT_K,
                      K_COUNT    = 60'd12 << AT_K,
                      K_LEAST    = 60'd13 << AT_K,
                      K_GREATEST = 60'd14 << AT_K;

// The byte of EXT and INS becomes c's, or the register's that port 1 read.
localparam AT_BYTE_C = 21, AT_BYTE_R1 = 22;
localparam [DO_W-1:0] BYTE_C = 60'd1 << AT_BYTE_C, BYTE_R1 = 60'd1 << AT_BYTE_R1;

// res takes the ALU's result; and what the ALU does from the next cycle on.
localparam AT_RES = 23, AT_ALU = 24, AT_THEN = 25;
localparam [DO_W-1:0] RES  = 60'd1 << AT_RES,
                      THEN = 60'd1 << AT_ALU; // with an operation at AT_THEN, 6 bits

localparam [DO_W-1:0] THEN_X   = THEN | ({54'd0, ALU_X} << AT_THEN),
                      THEN_Y   = THEN | ({54'd0, ALU_Y} << AT_THEN),
                      THEN_EXT = THEN | ({54'd0, ALU_EXT} << AT_THEN),
                      THEN_INS = THEN | ({54'd0, ALU_INS} << AT_THEN),
                      THEN_ADD = THEN | ({54'd0, ALU_ADD} << AT_THEN),
                      THEN_SUB = THEN | ({54'd0, ALU_SUB} << AT_THEN),
                      THEN_SHR = THEN | ({54'd0, ALU_SHR} << AT_THEN);

// What the memory address becomes: pc + 1, what port 1 read and an index, res, or the host's address. With M_RUN, which
// index: idx, idx + 1, count, or the constant above.
localparam AT_M = 31, AT_I = 34;
localparam [DO_W-1:0] DO_M    = 60'd7 << AT_M, // bit 0: anything
                      M_PC    = 60'd1 << AT_M,
                      M_RUN   = 60'd3 << AT_M,
                      M_RES   = 60'd5 << AT_M,
                      M_HOST  = 60'd7 << AT_M,
                      DO_I    = 60'd3 << AT_I,
                      M_THIS  = M_RUN,
                      M_NEXT  = M_RUN | (60'd1 << AT_I),
                      M_COUNT = M_RUN | (60'd2 << AT_I),
                      M_K     = M_RUN | (60'd3 << AT_I);

// Memory takes res, a bit a byte; or y.
localparam AT_WRITE = 36, AT_DATA_Y = 40;
localparam [DO_W-1:0] WRITE = 60'd15 << AT_WRITE, DATA_Y = 60'd1 << AT_DATA_Y;

// The counters of loops: idx = -1, idx + 1; count = 0, count + 1, idx, res.
localparam AT_IDX_RESET = 41, AT_IDX_NEXT = 42, AT_COUNT_RESET = 43, AT_COUNT_NEXT = 44, AT_COUNT_IDX = 45,
           AT_COUNT_RES = 46;
localparam [DO_W-1:0] IDX_RESET = 60'd1 << AT_IDX_RESET, IDX_NEXT = 60'd1 << AT_IDX_NEXT,
                      COUNT_RESET = 60'd1 << AT_COUNT_RESET, COUNT_NEXT = 60'd1 << AT_COUNT_NEXT,
                      COUNT_IDX = 60'd1 << AT_COUNT_IDX, COUNT_RES = 60'd1 << AT_COUNT_RES;

// The counters of instructions, the program's and the ROM's: + 1, or res; the address of what follows is their own
// (HERE); the ROM is entered.
localparam AT_PC_NEXT = 47, AT_PC_RES = 48, AT_UPC_NEXT = 49, AT_UPC_RES = 50, AT_PC_HERE = 51, AT_UPC_HERE = 52,
           AT_UPC_ENTER = 53;
localparam [DO_W-1:0] PC_RES = 60'd1 << AT_PC_RES, PC_HERE = 60'd1 << AT_PC_HERE,
                      UPC_HERE = 60'd1 << AT_UPC_HERE, UPC_ENTER = 60'd1 << AT_UPC_ENTER;

// vl or N takes res; a multiplication or division starts; halves of a dot4; the next instruction enters op.
localparam AT_VL_RES = 54, AT_N_RES = 55, AT_MUL = 56, AT_DOT_A = 57, AT_DOT_B = 58, AT_DECODE = 59;
localparam [DO_W-1:0] VL_RES = 60'd1 << AT_VL_RES, N_RES = 60'd1 << AT_N_RES, MUL_START = 60'd1 << AT_MUL,
                      DOT_A = 60'd1 << AT_DOT_A, DOT_B = 60'd1 << AT_DOT_B, DECODE_OP = 60'd1 << AT_DECODE;

// ---- What an instruction does after READ (px_decode to px_ctrl).
localparam [3:0] DO_ILLEGAL = 4'd0,  // trap OPCODE
                 DO_EXECUTE = 4'd1,  // one operation of the ALU, and a result
                 DO_PRODUCT = 4'd2,  // the same of multiplier or divider
                 DO_BRANCH  = 4'd3,
                 DO_JUMP    = 4'd4,  // and VL, whose target is vl
                 DO_LITERAL = 4'd5,
                 DO_HALT    = 4'd6,
                 DO_SYS     = 4'd7,
                 DO_LOAD    = 4'd8,
                 DO_STORE   = 4'd9,
                 DO_BYTE    = 4'd10, // LDB, STB
                 DO_VECTOR  = 4'd11,
                 DO_ENTER   = 4'd12, // millicode
                 DO_UGET    = 4'd13, // and its own instructions
                 DO_LEAVE   = 4'd14,
                 DO_UTRAP   = 4'd15;

// ---- The loops of px_vec.v.
localparam [3:0] TWO = 4'd0, ONE = 4'd1, DOTV = 4'd2, DOTX = 4'd3, REDUCE = 4'd4, ARG = 4'd5, SCAN = 4'd6, IOTA = 4'd7,
                 FILL = 4'd8, VDOT = 4'd9;

// ---- Who gets a result: {a of the outer instruction, c, a}; none for a map.
localparam [2:0] TO_NONE = 3'd0, TO_A = 3'd1, TO_C = 3'd2, TO_OUTER = 3'd4;
/* verilator lint_on UNUSEDPARAM */
