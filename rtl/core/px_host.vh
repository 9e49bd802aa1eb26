// px_host.vh - the host port's spaces, and the words of the last one.
/* verilator lint_off UNUSEDPARAM */ // one list for all modules; each uses a part of it
localparam [1:0] H_PIXEL = 2'd0, H_REG = 2'd1, H_CTL = 2'd2;
localparam [2:0] CTL_PC = 3'd0, CTL_VL = 3'd1, CTL_STATE = 3'd2, CTL_N = 3'd3, CTL_BUDGET = 3'd4, CTL_CLEAR = 3'd5;
/* verilator lint_on UNUSEDPARAM */
