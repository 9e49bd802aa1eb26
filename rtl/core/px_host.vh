// px_host.vh - the host port's spaces; the words of the last one, CTL_, are made from micro.def.
/* verilator lint_off UNUSEDPARAM */ // one list for all modules; each uses a part of it
localparam [1:0] H_PIXEL = 2'd0, H_REG = 2'd1, H_CTL = 2'd2;
/* verilator lint_on UNUSEDPARAM */
