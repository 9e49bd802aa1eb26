// px_ctrl.v - the scalar instructions and the order of everything: fetch, decode, checks, traps, host accesses.
// Vector loops are px_vec's; while its o_busy stands, px_core gives it the datapath.
//
//   DECODE the instruction enters op; the last one's result enters the registers
//   ADDR   its registers are addressed; what it is enters registers (px_decode.v)
//   READ   operands enter x and y; dispatch; the next instruction's address enters the address register
//   EXEC   result enters res; memory and ROM read the next instruction
//
// FETCH stands before DECODE where memory had other work in the last cycle, START where its address was another.
`default_nettype none
module px_ctrl (
    input  wire        i_clk,
    input  wire        i_rst,
    // host
    input  wire        i_h_valid,
    input  wire        i_h_write,
    input  wire [1:0]  i_h_space,
    input  wire [2:0]  i_h_word,
    output reg         o_h_ready,
    output reg         o_h_ctl,      // commit res to the control word
    input  wire        i_go,         // RUNNING, budget left, not stopped, a run asked for
    output reg         o_idle,
    output reg         o_halt_run,   // the run is over
    // facts
    input  wire        i_classic,
    input  wire [7:0]  i_op,         // opcode, and the low bits of bytes a and b
    input  wire [2:0]  i_a,
    input  wire [1:0]  i_b,
    input  wire        i_eq,
    input  wire        i_ltu,
    input  wire        i_was_eq,     // of the cycle before
    input  wire        i_was_lt,
    input  wire        i_was_ltu,
    input  wire        i_inside,
    input  wire        i_mul_done,
    input  wire        i_pc_end,
    input  wire        i_pc1_end,
    input  wire        i_vl_zero,
    input  wire        i_idx_none,
    input  wire [7:0]  i_idx_low,
    input  wire [1:0]  i_lane,
    input  wire        i_vec_done,
    output reg         o_vec_start,
    output wire        o_vec,        // px_vec has the datapath
    output reg         o_milli,
    // datapath; px_data.v says what each does
    output reg         o_decode,
    output reg  [2:0]  o_r1,
    output reg  [2:0]  o_r2,
    output reg         o_w_en,
    output reg  [2:0]  o_w,
    output reg         o_x_en,
    output reg  [1:0]  o_x,
    output reg         o_x_outer,
    output reg         o_y_en,
    output reg  [1:0]  o_y,
    output reg  [3:0]  o_k,
    output reg         o_lane_c,
    output reg         o_lane_r,
    output reg         o_res_en,
    output reg  [5:0]  o_alu,
    output reg         o_m_en,
    output reg  [1:0]  o_m,
    output reg  [1:0]  o_index,
    output reg  [3:0]  o_we,
    output reg         o_data_y,
    output reg         o_idx_reset,
    output reg         o_idx_next,
    output reg         o_count_res,
    output reg  [1:0]  o_pc,
    output reg  [1:0]  o_upc,
    output reg         o_pc_here,    // pc + 1 is pc, for its address
    output reg         o_upc_here,   // the ROM reads the word at its counter, not the next
    output reg         o_upc_enter,
    output wire [8:0]  o_entry,
    output reg         o_vl_res,
    output reg         o_mul_start,
    output reg         o_or_equal,   // steady from READ on
    output reg         o_exact,
    // status
    output reg         o_retire,     // the program's instruction, not millicode's
    output reg         o_status_en,
    output reg  [1:0]  o_status,
    output wire        o_cause_en,
    output wire [2:0]  o_cause
);
    `include "px_isa.vh"
    `include "px_ops.vh"

    localparam [5:0]
        IDLE = 0, HOST1 = 1, HOST2 = 2, HOST3 = 3, HOST4 = 4, CLEAR = 5, START = 6, FETCH = 7, DECODE = 8, ADDR = 9,
        READ = 10, EXEC = 11, MUL = 12, MULWAIT = 13, BRANCH = 14, TARGET = 15, JUMP = 16, LINK = 17, VLEN = 18,
        GET = 19, LIT1 = 20, LIT2 = 21, SYS1 = 22, SYS2 = 23, LOAD1 = 24, LOAD2 = 25, STORE1 = 26, STORE2 = 27,
        BYTE1 = 28, BYTE2 = 29, BYTE3 = 30, BYTE4 = 31, BYTE5 = 32, BYTE6 = 33, BYTE7 = 34, INS = 35, UGET = 36,
        UPUT = 37, TRAP_OP = 38, TRAP_X = 39, TRAP_Y = 40, TRAP = 41, C1 = 42, C2 = 43, C3 = 44, C4 = 45, C5 = 46,
        C6 = 47, CEND = 48, V_TRAP1 = 49, V_TRAP2 = 50, VECTOR = 51;

    (* fsm_encoding = "one-hot" *)
    reg [5:0] state;
    reg [5:0] next;
    reg       wb, wb_next;          // the next cycle writes res to r[a], or where wsel says
    reg [2:0] wsel, wsel_next;
    reg       milli_next;
    reg [2:0] why, why_next;        // the cause, should this state's check fail
    reg [5:0] alu;                  // what the ALU does now; o_alu: next
    reg       done;                 // this instruction is done; pc as o_pc says
    reg       moves;                // pc moves before that
    reg       away;                 // memory has not read the next instruction
    reg       checks;               // res must be inside
    reg       refused;              // and is not; millicode has made its checks

    assign o_vec = state == VECTOR;

    wire [7:0]  opcode = i_op;
    wire [3:0]  group, read_k;
    wire [2:0]  runs, read_r1, read_r2;
    wire [9:0]  entry;
    wire        legal, times, taken, near;
    wire [5:0]  exec;
    wire [1:0]  read_x, read_y;
    wire        micro = o_milli && !legal;
    assign o_cause_en = state == TRAP;
    assign o_cause    = why;
    wire        leaves = state == READ && opcode == OP_UEND;
    assign o_entry = i_classic ? ENTRY_CLASSIC : entry[8:0];
    px_decode decode0 (
        .i_clk(i_clk), .i_op(i_op), .i_b(i_b), .i_was_eq(i_was_eq), .i_was_lt(i_was_lt), .i_was_ltu(i_was_ltu), .o_group(group),
        .o_runs(runs), .o_legal(legal), .o_entry(entry), .o_times(times), .o_exec(exec), .o_taken(taken),
        .o_near(near), .o_x(read_x), .o_y(read_y), .o_k(read_k), .o_r1(read_r1), .o_r2(read_r2));

    // Checks of a vector instruction, SPEC.md section 7: which run against which other.
    reg  [1:0] pair, pair_next;     // 0: a, b   1: b, a   2: c, a   3: a, c
    reg        apart, same, over_b, over_c;
    reg        apart_next, same_next, over_b_next, over_c_next;
    wire       beyond = i_eq || i_ltu; // the end of the run is at or before the other's base

    always @* begin
        next        = state;
        wb_next     = 1'b0;
        wsel_next   = W_A;
        milli_next  = o_milli;
        done        = 1'b0;
        moves       = 1'b0;
        away        = 1'b0;
        checks      = 1'b0;
        pair_next   = pair;
        apart_next  = apart;
        same_next   = same;
        over_b_next = over_b;
        over_c_next = over_c;
        o_h_ready   = 1'b0;
        o_h_ctl     = 1'b0;
        o_idle      = 1'b0;
        o_halt_run  = 1'b0;
        o_vec_start = 1'b0;
        o_decode    = 1'b0;
        o_r1        = R_B;
        o_r2        = R_C;
        o_w_en      = wb;
        o_w         = wsel;
        o_x_en      = 1'b0;
        o_x         = X_REG;
        o_x_outer   = 1'b0;
        o_y_en      = 1'b0;
        o_y         = Y_CONST;
        o_k         = read_k;
        o_lane_c    = 1'b0;
        o_lane_r    = 1'b0;
        o_res_en    = 1'b0;
        o_alu       = alu;
        o_m_en      = 1'b0;
        o_m         = M_PC;
        o_index     = I_K;
        o_we        = 4'h0;
        o_data_y    = 1'b0;
        o_idx_reset = 1'b0;
        o_idx_next  = 1'b0;
        o_count_res = 1'b0;
        o_pc        = PC_NEXT;
        o_pc_here   = 1'b0;
        o_upc_here  = 1'b0;
        o_upc_enter = 1'b0;
        o_vl_res    = 1'b0;
        o_mul_start = 1'b0;
        o_status_en = 1'b0;
        o_status    = ST_HALTED;
        why_next    = why;

        case (state)
        IDLE: begin
            o_idle = 1'b1;
            o_r1   = R_HOST;
            o_m_en = 1'b1;
            o_m    = M_HOST;
            if (i_h_valid)
                next = HOST1;
            else if (i_go)
                next = START;
        end

        // A host access: the word to read enters x, the word to write y; res is given back or committed.
        HOST1: begin
            o_r1   = R_HOST;
            o_y_en = 1'b1;
            o_y    = Y_HOST;
            next   = HOST2;
        end
        HOST2: begin
            o_x_en = 1'b1;
            o_x    = i_h_space == H_PIXEL ? X_MEM : X_REG;
            o_alu  = i_h_write ? ALU_Y : ALU_X;
            next   = HOST3;
        end
        HOST3: begin
            o_res_en    = 1'b1;
            o_idx_reset = 1'b1;
            next        = HOST4;
        end
        HOST4: begin
            o_w     = W_HOST;
            o_we    = {4{i_h_write && i_h_space == H_PIXEL}};
            o_w_en  = i_h_write && i_h_space == H_REG;
            o_h_ctl = i_h_write && i_h_space == H_CTL;
            if (o_h_ctl && i_h_word == CTL_CLEAR)
                next = CLEAR;
            else begin
                o_h_ready = 1'b1;
                next      = IDLE;
            end
        end
        CLEAR: begin
            o_w        = W_INDEX;
            o_w_en     = 1'b1;
            o_idx_next = 1'b1;
            if (!i_idx_none && i_idx_low == 8'hFF) begin
                o_h_ready = 1'b1;
                next      = IDLE;
            end
        end

        START: begin
            o_m_en    = 1'b1;
            o_pc_here = 1'b1;
            next      = FETCH;
        end
        FETCH: begin
            o_upc_here = 1'b1;
            next       = DECODE;
        end
        DECODE: begin // SPEC.md section 3
            o_decode = 1'b1;
            o_y_en   = 1'b1; // for a trap
            o_k      = K_N;
            o_alu    = ALU_Y;
            why_next = TRAP_PC;
            if (!o_milli && !i_go) begin
                o_halt_run = 1'b1;
                next       = IDLE;
            end else
                next = ADDR;
        end
        ADDR: next = !o_milli && i_pc_end ? TRAP_Y : READ;

        READ: begin
            o_x_en   = 1'b1;
            o_x      = read_x;
            o_y_en   = 1'b1;
            o_y      = read_y;
            o_r1     = read_r1;
            o_r2     = read_r2;
            o_lane_c = 1'b1;
            o_alu    = exec;
            o_m_en   = 1'b1;
            o_m      = near ? M_RUN : M_PC;
            away     = 1'b1;
            why_next = o_milli ? i_a : legal ? TRAP_PC : TRAP_OPCODE;
            if (i_classic && !o_milli) begin // SPEC.md section 10
                if (opcode == OP_C_HALT) begin
                    done        = 1'b1;
                    o_pc        = PC_STAY;
                    o_status_en = 1'b1;
                end else begin
                    milli_next  = 1'b1;
                    o_upc_enter = 1'b1;
                    next        = FETCH;
                end
            end else if (!o_milli && !legal) // SPEC.md section 3, step 2
                next = TRAP_OP;
            else if (entry[9]) begin
                milli_next  = 1'b1;
                o_upc_enter = 1'b1;
                next        = FETCH;
            end else if (micro)
                case (opcode)
                OP_UGET: next = UGET;
                OP_UPUT: next = UPUT;
                OP_UDIV, OP_UREM: next = MUL;
                OP_UPC: begin
                    o_x_outer = 1'b1;
                    next      = EXEC;
                end
                OP_UEND: begin
                    milli_next  = 1'b0;
                    done        = 1'b1;
                    o_status_en = i_a[0];
                end
                default: begin // OP_UTRAP
                    milli_next = 1'b0;
                    next       = TRAP_X;
                end
                endcase
            else
                case (group)
                CL_CTRL: case (opcode) // SPEC.md section 5, control
                    OP_HALT: begin
                        done        = 1'b1;
                        o_pc        = PC_STAY;
                        o_status_en = 1'b1;
                    end
                    OP_SYS: next = SYS1;
                    OP_JMP, OP_CALL, OP_JR, OP_VL: next = TARGET;
                    OP_GET: next = i_b == GET_W || i_b == GET_H ? GET : EXEC;
                    default: // OP_LIT
                        if (i_pc1_end)
                            next = TRAP_Y;
                        else begin
                            moves = 1'b1;
                            next  = LIT1;
                        end
                    endcase
                CL_BRANCH: next = BRANCH;
                CL_ALU, CL_ALUI: next = times ? MUL : EXEC;
                CL_MOVE: case (opcode) // SPEC.md section 5, loads and stores
                    OP_LD: next = LOAD1;
                    OP_ST: next = STORE1;
                    OP_LDB, OP_STB: next = BYTE1;
                    OP_INS: next = INS;
                    default: next = EXEC; // OP_LI, OP_LUI, OP_EXT
                    endcase
                default: // SPEC.md section 6
                    if (i_vl_zero) begin
                        // SCANADD and SCANMAX give r[c] back, PACK and VDOT r[a].
                        if (group == CL_REDUCE)
                            next = EXEC;
                        else if (opcode == OP_PACK || opcode == OP_VDOT)
                            next = INS;
                        else
                            done = 1'b1;
                    end else begin
                        pair_next = runs[0] ? 2'd0 : 2'd1;
                        next      = o_milli ? CEND : C1;
                    end
                endcase
        end

        EXEC: begin
            o_res_en = 1'b1;
            wb_next  = 1'b1;
            if (group == CL_REDUCE && runs[0])
                wsel_next = W_C;
            done     = 1'b1;
        end
        MUL: begin
            o_mul_start = 1'b1;
            next        = MULWAIT;
        end
        MULWAIT: begin
            o_res_en = 1'b1;
            if (i_mul_done) begin
                wb_next = 1'b1;
                done    = 1'b1;
            end
        end

        // Jumps: the target enters res, is compared with N, and becomes pc.
        BRANCH: begin
            o_x_en = 1'b1;
            o_x    = X_PC;
            o_y_en = 1'b1;
            o_k    = K_SA;
            o_alu  = ALU_ADD;
            next   = TARGET;
        end
        TARGET: begin
            o_res_en = 1'b1;
            next     = opcode == OP_VL ? VLEN : JUMP;
            done     = !taken;
        end
        JUMP: begin
            o_y_en = 1'b1;
            o_k    = K_ONE;
            o_alu  = ALU_ADD;
            o_pc   = PC_RES;
            o_m_en = 1'b1;
            o_m    = M_RES;
            away   = 1'b1;
            checks = 1'b1;
            if (opcode == OP_CALL) begin
                moves = 1'b1;
                next  = LINK;
            end else
                done = 1'b1;
        end
        LINK: begin
            o_res_en   = 1'b1;
            wb_next    = 1'b1;
            o_pc       = PC_STAY;
            o_upc_here = 1'b1;
            done       = 1'b1;
        end
        VLEN: begin
            checks   = 1'b1;
            o_vl_res = 1'b1;
            done     = 1'b1;
            why_next = TRAP_VL;
        end
        GET: begin
            o_y_en = 1'b1;
            o_y    = Y_REG;
            next   = EXEC;
        end
        LIT1: begin // pc has moved to the literal
            o_m_en = 1'b1;
            next   = LIT2;
        end
        LIT2: begin
            o_x_en = 1'b1;
            o_x    = X_MEM;
            o_alu  = ALU_X;
            next   = EXEC;
        end
        SYS1: begin
            o_res_en = 1'b1;
            next     = SYS2;
        end
        SYS2: begin
            o_w_en      = 1'b1;
            o_w         = W_VALUE;
            o_status_en = 1'b1;
            o_status    = ST_WAITING;
            done        = 1'b1;
        end

        // Loads and stores: base + offset is summed in res for the check and beside the register for the memory.
        LOAD1: begin
            o_res_en = 1'b1;
            next     = LOAD2;
        end
        LOAD2: begin
            o_x_en   = 1'b1;
            o_x      = X_MEM;
            o_alu    = ALU_X;
            o_m_en   = 1'b1;
            why_next = TRAP_RANGE;
            checks   = 1'b1;
            next     = EXEC;
        end
        STORE1: begin
            o_res_en = 1'b1;
            o_y_en   = 1'b1;
            o_y      = Y_REG;
            next     = STORE2;
        end
        STORE2: begin
            o_data_y = 1'b1;
            checks   = 1'b1;
            o_we     = 4'hF;
            o_m_en   = 1'b1;
            away     = 1'b1;
            done     = 1'b1;
            why_next = TRAP_RANGE;
        end
        BYTE1: begin // x = r[c]
            o_x_en   = 1'b1;
            o_y_en   = 1'b1;
            o_k      = K_TWO;
            o_lane_r = 1'b1;
            o_r2     = R_B;
            o_alu    = {2'd0, WORD_SHR};
            next     = BYTE2;
        end
        BYTE2: begin // res = r[c] >> 2
            o_res_en = 1'b1;
            o_y_en   = 1'b1;
            o_y      = Y_REG;
            next     = BYTE3;
        end
        BYTE3: begin
            o_x_en      = 1'b1;
            o_x         = X_RES;
            o_count_res = 1'b1;
            o_alu       = ALU_ADD;
            next        = BYTE4;
        end
        BYTE4: begin // res = r[b] + (r[c] >> 2)
            o_res_en = 1'b1;
            o_r1     = opcode == OP_STB ? R_A : R_B;
            o_m_en   = 1'b1;
            o_m      = M_RUN;
            o_index  = I_COUNT;
            next     = BYTE5;
        end
        BYTE5: begin
            o_x_en   = 1'b1;
            o_alu    = ALU_INS;
            why_next = TRAP_RANGE;
            checks   = 1'b1;
            next     = BYTE6;
        end
        BYTE6: begin // LDB: x = the pixel. STB: res = the byte in its place
            o_x_en   = 1'b1;
            o_x      = X_MEM;
            o_res_en = 1'b1;
            o_alu    = ALU_EXT;
            o_m_en   = opcode != OP_STB;
            next     = opcode == OP_STB ? BYTE7 : EXEC;
        end
        BYTE7: begin
            o_we   = 4'h1 << i_lane;
            o_m_en = 1'b1;
            away   = 1'b1;
            done   = 1'b1;
        end
        INS: begin
            o_y_en = 1'b1;
            o_y    = Y_REG;
            next   = EXEC;
        end
        UGET: begin
            o_x_en = 1'b1;
            next   = EXEC;
        end
        UPUT: begin
            o_res_en  = 1'b1;
            wb_next   = 1'b1;
            wsel_next = W_OUTER;
            done      = 1'b1;
        end

        // Traps: value enters res, then its register. SPEC.md section 7.
        TRAP_OP: begin // memory has read the pixel at pc until now
            o_x_en = 1'b1;
            o_x    = X_MEM;
            o_alu  = ALU_X;
            next   = TRAP_X;
        end
        TRAP_X: begin
            o_res_en = 1'b1;
            next     = TRAP;
        end
        TRAP_Y: begin
            o_res_en = 1'b1;
            next     = TRAP;
        end
        TRAP: begin
            o_w_en      = 1'b1;
            o_w         = W_VALUE;
            o_status_en = 1'b1;
            o_status    = ST_TRAPPED;
            o_halt_run  = 1'b1;
            next        = IDLE;
        end

        // Range of a, b, c and overlap of a with b and c, for runs of vl pixels.
        C1: begin
            o_r1 = pair == 2'd1 ? R_B : pair == 2'd2 ? R_C : R_A;
            o_r2 = pair == 2'd0 ? R_B : pair == 2'd3 ? R_C : R_A;
            next = C2;
        end
        C2: begin
            o_r2   = pair == 2'd0 ? R_B : pair == 2'd3 ? R_C : R_A;
            o_x_en = 1'b1;
            o_y_en = 1'b1;
            o_y    = Y_REG;
            o_alu  = ALU_SUB;
            next   = C3;
        end
        C3: begin
            o_r2      = pair == 2'd0 ? R_B : pair == 2'd3 ? R_C : R_A;
            o_alu     = ALU_ADD;
            same_next = i_eq;
            o_y_en    = 1'b1;
            o_k       = K_VL;
            next      = C4;
        end
        C4: begin
            o_res_en = 1'b1; // the end of the run
            o_y_en   = 1'b1;
            o_y      = Y_REG;
            next     = C5;
        end
        C5: begin
            o_x_en   = 1'b1;
            o_x      = X_RES;
            o_alu    = ALU_SUB;
            why_next = TRAP_RANGE;
            checks   = 1'b1;
            next     = C6;
        end
        C6: begin
            case (pair)
            2'd0: begin
                apart_next = beyond || same;
                pair_next  = 2'd1;
                next       = runs[1] ? C1 : CEND;
            end
            2'd1: begin
                over_b_next = runs[0] && !apart && !beyond;
                pair_next   = 2'd2;
                next        = runs[2] ? C1 : CEND;
            end
            2'd2: begin
                apart_next = beyond || (same && opcode != OP_PACK);
                pair_next  = 2'd3;
                next       = runs[0] ? C1 : CEND;
            end
            2'd3: begin
                over_c_next = !apart && !beyond;
                next        = CEND;
            end
            endcase
        end
        CEND: begin
            why_next = TRAP_OVERLAP;
            if (over_b || over_c) begin
                pair_next  = over_b ? 2'd1 : 2'd2;
                next       = V_TRAP1;
            end else begin
                o_vec_start = 1'b1;
                next        = VECTOR;
            end
        end
        V_TRAP1: begin // value: the base of run pair, 0 a, 1 b, 2 c
            o_r1 = pair == 2'd1 ? R_B : pair == 2'd2 ? R_C : R_A;
            next = V_TRAP2;
        end
        V_TRAP2: begin
            o_x_en = 1'b1;
            o_alu  = ALU_X;
            next   = TRAP_X;
        end
        VECTOR: begin
            wb_next   = i_vec_done && group != CL_VV && group != CL_VX && group != CL_BVV && group != CL_BVX
                     && (!runs[0] || group == CL_REDUCE || opcode == OP_PACK);
            wsel_next = group == CL_REDUCE && runs[0] ? W_C : W_A;
            done      = i_vec_done;
        end
        default: next = IDLE;
        endcase

        // The counter in use moves when an instruction is done, and before CALL's link and LIT's pixel.
        if (!done && !moves)
            o_pc = PC_STAY;
        o_upc    = o_milli ? o_pc : PC_STAY;
        o_retire = done && (!o_milli || leaves);
        if (o_milli && !leaves)
            o_pc = PC_STAY;
        if (done)
            next = o_vec ? START : away ? FETCH : DECODE;
        refused = checks && !i_inside && !o_milli;
        if (refused) begin
            next     = state == C5 ? V_TRAP1 : TRAP;
            o_pc     = PC_STAY;
            o_retire = 1'b0;
            o_vl_res = 1'b0;
            o_we     = 4'h0;
        end
    end

    always @(posedge i_clk) begin
        state   <= next;
        alu     <= o_alu;
        why     <= why_next;
        wb      <= wb_next;
        wsel    <= wsel_next;
        o_milli <= milli_next;
        pair    <= pair_next;
        apart   <= apart_next;
        same    <= same_next;
        over_b  <= over_b_next;
        over_c  <= over_c_next;
        if (state == READ) begin
            over_b     <= 1'b0;
            over_c     <= 1'b0;
            // VL and a run's end may be N, jumps and addresses not; a jump may wrap, the others must be exact.
            o_or_equal <= group == CL_CTRL ? opcode == OP_VL : group != CL_BRANCH && group != CL_MOVE;
            o_exact    <= group != CL_CTRL && group != CL_BRANCH;
        end
        if (i_rst || state == TRAP) begin
            state   <= IDLE;
            wb      <= 1'b0;
            o_milli <= 1'b0;
        end
    end
endmodule
`default_nettype wire
