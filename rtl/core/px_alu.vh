// px_alu.vh - what px_alu can be asked: operations, and what px_alu_ctl makes of them.
/* verilator lint_off UNUSEDPARAM */ // one list for all modules; each uses a part of it

// The adder's and mover's own operations, beside {2'd0, WORD function} and {2'd1, BYTE function}.
localparam [5:0] ALU_X = 6'h20, ALU_Y = 6'h21, ALU_EXT = 6'h22, ALU_INS = 6'h23, ALU_MUL = 6'h24;
localparam [5:0] ALU_ADD = 6'h00, ALU_SUB = 6'h01, ALU_SHR = 6'h06; // WORD_ADD, ...: px_alu_ctl asserts it

// The bits of px_alu's control word, one for each thing that it can do.
localparam ALU_W = 21;
localparam C_BYTES = 0, C_SUB = 1, C_SIGNED = 2, C_PICK = 3, C_MOST = 4, C_FLAG = 5, C_EQUAL = 6, C_SUM = 7, C_ABOVE = 8,
           C_BELOW = 9, C_BOTH = 10, C_X = 11, C_Y = 12, C_AND = 13, C_XOR = 14, C_SHIFT = 15, C_EXT = 16, C_INS = 17,
           C_LEFT = 18, C_SAR = 19, C_MUL = 20;
/* verilator lint_on UNUSEDPARAM */
