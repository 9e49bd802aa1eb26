// px_ops.vh - names that the modules of the core share; none of them is visible to a program.
`include "px_alu.vh"
/* verilator lint_off UNUSEDPARAM */ // one list for all modules; each uses a part of it

// ---- The control word: what px_data does in this cycle.
//
// px_ctrl, px_check, px_host and px_vec each say a word, and px_core takes the OR of them. Who rests says 0, so 0 is in
// every field what happens by itself: b and c are read, and nothing is loaded, written or counted.
//
// AT_ is where a field begins; OF_ masks one of several bits; what stands in one is named by what it does.
localparam DO_W = 64;

// Which registers are read; what is read is there in the next cycle. Bytes a, b, c are those of the instruction in hand,
// in its own bank.
localparam AT_R1 = 0;
localparam [DO_W-1:0] OF_R1   = 64'd7 << AT_R1,
                      R1_B    = 64'd0 << AT_R1,
                      R1_A    = 64'd1 << AT_R1,
                      R1_C    = 64'd2 << AT_R1,
                      R1_HOST = 64'd3 << AT_R1, // the host's address
                      R1_USER = 64'd4 << AT_R1; // the program's register that UGET names
localparam AT_R2 = 3;
localparam [DO_W-1:0] OF_R2   = 64'd7 << AT_R2,
                      R2_C    = 64'd0 << AT_R2,
                      R2_A    = 64'd1 << AT_R2,
                      R2_B    = 64'd2 << AT_R2,
                      R2_SIZE = 64'd3 << AT_R2, // W or H
                      R2_NEXT = 64'd4 << AT_R2, // r[idx + 1]
                      R2_A1   = 64'd5 << AT_R2, // beside a's, b's: with bit 0 set, for millicode
                      R2_B1   = 64'd6 << AT_R2;

// Which register takes res.
localparam AT_W = 6;
localparam [DO_W-1:0] OF_W    = 64'd15 << AT_W, // bit 0: any
                      W_A     = 64'd1 << AT_W,  // a of the cycle before: op may be the next instruction by now
                      W_C     = 64'd3 << AT_W,
                      W_OUTER = 64'd5 << AT_W,  // a of the instruction that millicode carries out
                      W_VALUE = 64'd7 << AT_W,
                      W_HOST  = 64'd9 << AT_W,
                      W_INDEX = 64'd11 << AT_W, // r[idx]
                      W_COUNT = 64'd13 << AT_W; // r[count]

// What x and y take. X_OUTER: X_PC is the program's pc in millicode too.
localparam AT_X = 10, AT_X_OUTER = 13;
localparam [DO_W-1:0] OF_X    = 64'd7 << AT_X,  // bit 0: anything
                      X_REG   = 64'd1 << AT_X,  // what port 1 of the registers read
                      X_PIXEL = 64'd3 << AT_X,
                      X_RES   = 64'd5 << AT_X,
                      X_PC    = 64'd7 << AT_X,
                      X_OUTER = 64'd1 << AT_X_OUTER;
localparam AT_Y = 14;
localparam [DO_W-1:0] OF_Y    = 64'd15 << AT_Y, // bit 0: anything
                      Y_REG   = 64'd1 << AT_Y,  // what port 2 read
                      Y_PIXEL = 64'd3 << AT_Y,
                      Y_CONST = 64'd5 << AT_Y,  // the constant below
                      Y_HOST  = 64'd7 << AT_Y,  // the host's word
                      Y_SUM   = 64'd9 << AT_Y;  // the lanes' sum
localparam AT_K = 18;
localparam [DO_W-1:0] OF_K       = 64'd15 << AT_K,
                      K_ZERO     = 64'd0 << AT_K,
                      K_SC       = 64'd1 << AT_K, // c with its sign, c, a, ...
                      K_UC       = 64'd2 << AT_K,
                      K_UA       = 64'd3 << AT_K,
                      K_SBC      = 64'd4 << AT_K,
                      K_UBC      = 64'd5 << AT_K, // bc in the high half
                      K_SA       = 64'd6 << AT_K,
                      K_UB       = 64'd7 << AT_K,
                      K_ONE      = 64'd8 << AT_K,
                      K_TWO      = 64'd9 << AT_K,
                      K_VL       = 64'd10 << AT_K,
                      K_N        = 64'd11 << AT_K,
                      K_COUNT    = 64'd12 << AT_K,
                      K_LEAST    = 64'd13 << AT_K,
                      K_GREATEST = 64'd14 << AT_K,
                      K_SEE      = 64'd15 << AT_K; // what USEE names

// The byte of EXT and INS becomes c's, or the register's that port 1 read.
localparam AT_BYTE_C = 22, AT_BYTE_R1 = 23;
localparam [DO_W-1:0] BYTE_C = 64'd1 << AT_BYTE_C, BYTE_R1 = 64'd1 << AT_BYTE_R1;

// res takes the ALU's result; and what the ALU does from the next cycle on.
localparam AT_RES = 24, AT_ALU = 25, AT_THEN = 26;
localparam [DO_W-1:0] RES  = 64'd1 << AT_RES,
                      THEN = 64'd1 << AT_ALU; // with an operation at AT_THEN, 6 bits

localparam [DO_W-1:0] THEN_X   = THEN | ({58'd0, ALU_X} << AT_THEN),
                      THEN_Y   = THEN | ({58'd0, ALU_Y} << AT_THEN),
                      THEN_EXT = THEN | ({58'd0, ALU_EXT} << AT_THEN),
                      THEN_INS = THEN | ({58'd0, ALU_INS} << AT_THEN),
                      THEN_ADD = THEN | ({58'd0, ALU_ADD} << AT_THEN),
                      THEN_SUB = THEN | ({58'd0, ALU_SUB} << AT_THEN),
                      THEN_SHR = THEN | ({58'd0, ALU_SHR} << AT_THEN);

// What the memory address becomes: pc + 1, what port 1 read and an index, res, or the host's address. The index is named
// a cycle before M_RUN, beside what port 1 reads: idx, idx + 1 or count, as they then are. M_K: it is the constant above.
localparam AT_M = 32, AT_I = 35, AT_I_K = 63;
localparam [DO_W-1:0] OF_M    = 64'd7 << AT_M, // bit 0: anything
                      M_PC    = 64'd1 << AT_M,
                      M_RUN   = 64'd3 << AT_M,
                      M_RES   = 64'd5 << AT_M,
                      M_HOST  = 64'd7 << AT_M,
                      M_K     = M_RUN | (64'd1 << AT_I_K),
                      I_THIS  = 64'd0 << AT_I,
                      I_NEXT  = 64'd1 << AT_I,
                      I_COUNT = 64'd2 << AT_I;

// Memory takes res, a bit a byte; or y.
localparam AT_WRITE = 37, AT_DATA_Y = 41;
localparam [DO_W-1:0] WRITE = 64'd15 << AT_WRITE, DATA_Y = 64'd1 << AT_DATA_Y;

// The counters of loops: idx = -1, idx + 1; count = 0, count + 1, idx, res.
localparam AT_IDX_RESET = 42, AT_IDX_NEXT = 43, AT_COUNT_RESET = 44, AT_COUNT_NEXT = 45, AT_COUNT_IDX = 46,
           AT_COUNT_RES = 47;
localparam [DO_W-1:0] IDX_RESET = 64'd1 << AT_IDX_RESET, IDX_NEXT = 64'd1 << AT_IDX_NEXT,
                      COUNT_RESET = 64'd1 << AT_COUNT_RESET, COUNT_NEXT = 64'd1 << AT_COUNT_NEXT,
                      COUNT_IDX = 64'd1 << AT_COUNT_IDX, COUNT_RES = 64'd1 << AT_COUNT_RES;

// The counters of instructions, the program's and the ROM's: + 1, or res; the address of what follows is their own
// (HERE); the ROM is entered, at an instruction's entry or at leave.
localparam AT_PC_NEXT = 48, AT_PC_RES = 49, AT_UPC_NEXT = 50, AT_UPC_RES = 51, AT_PC_HERE = 52, AT_UPC_HERE = 53,
           AT_UPC_ENTER = 54, AT_UPC_LEAVE = 55;
localparam [DO_W-1:0] PC_RES = 64'd1 << AT_PC_RES, PC_HERE = 64'd1 << AT_PC_HERE,
                      UPC_HERE = 64'd1 << AT_UPC_HERE, UPC_ENTER = 64'd1 << AT_UPC_ENTER,
                      UPC_LEAVE = 64'd1 << AT_UPC_LEAVE;

// vl or N takes res; a multiplication or division starts; halves of a dot4; the next instruction enters op;
// the base of memory takes res.
localparam AT_VL_RES = 56, AT_N_RES = 57, AT_MUL = 58, AT_DOT_A = 59, AT_DOT_B = 60, AT_DECODE = 61, AT_BASE = 62;
localparam [DO_W-1:0] VL_RES = 64'd1 << AT_VL_RES, N_RES = 64'd1 << AT_N_RES, MUL_START = 64'd1 << AT_MUL,
                      DOT_A = 64'd1 << AT_DOT_A, DOT_B = 64'd1 << AT_DOT_B, DECODE_OP = 64'd1 << AT_DECODE,
                      BASE_RES = 64'd1 << AT_BASE;

// ---- The way of an instruction after READ (px_decode to px_ctrl).
localparam [4:0] WAY_ILLEGAL = 5'd0,  // trap OPCODE
                 WAY_EXECUTE = 5'd1,  // one operation of the ALU, and a result
                 WAY_PRODUCT = 5'd2,  // the same of multiplier or divider
                 WAY_BRANCH  = 5'd3,
                 WAY_JUMP    = 5'd4,  // and VL, whose target is vl
                 WAY_LITERAL = 5'd5,
                 WAY_HALT    = 5'd6,
                 WAY_SYS     = 5'd7,
                 WAY_LOAD    = 5'd8,
                 WAY_STORE   = 5'd9,
                 WAY_BYTE    = 5'd10, // LDB, STB
                 WAY_VECTOR  = 5'd11,
                 WAY_ENTER   = 5'd12, // millicode
                 WAY_UGET    = 5'd13, // and its own instructions
                 WAY_LEAVE   = 5'd14,
                 WAY_UTRAP   = 5'd15,
                 WAY_SWAP    = 5'd16,
                 WAY_GO      = 5'd17;

// ---- The loops of px_vec.v.
localparam [3:0] TWO = 4'd0, ONE = 4'd1, DOTV = 4'd2, DOTX = 4'd3, REDUCE = 4'd4, ARG = 4'd5, SCAN = 4'd6, IOTA = 4'd7,
                 FILL = 4'd8, VDOT = 4'd9, STRIDE = 4'd10, LOOKUP = 4'd11;

// ---- Who gets a result: {a of the outer instruction, c, a}; none for a map; for UCTL, a control word of micro.def.
localparam [2:0] TO_NONE = 3'd0, TO_A = 3'd1, TO_C = 3'd2, TO_OUTER = 3'd4, TO_CTL = 3'd6;
/* verilator lint_on UNUSEDPARAM */
