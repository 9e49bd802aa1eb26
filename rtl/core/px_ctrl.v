// px_ctrl.v - the order of everything: fetch, dispatch, scalar instructions, traps. What an opcode is comes from
// px_decode; px_check, px_vec and px_host do their part when their turn comes, and rest otherwise.
//
//   ADDRESS registers are addressed; what the instruction is enters registers (px_decode.v); the next one's address enters
//           the address register; the last one's result enters the registers
//   READ    operands enter x and y; dispatch; memory and ROM read the next instruction
//   EXECUTE the result enters res, the next instruction op
//
// ADDRESS takes a second cycle where the last one's result is wanted: registers give what they held before. DECODE stands
// before it where the next instruction was not read in time, FETCH before that where memory had other work in the last
// cycle, START where its address was another.
`default_nettype none
module px_ctrl (
    input  wire            i_clk,
    input  wire            i_rst,
    input  wire            i_go,       // RUNNING, budget left, not stopped, a run asked for
    input  wire            i_host,     // px_host is at work or asked for
    // px_decode
    input  wire [4:0]      i_does,
    input  wire [63:0] i_read,
    input  wire            i_again,
    input  wire [2:0]      i_cause,
    input  wire            i_taken,
    input  wire            i_links,
    input  wire            i_sets_vl,
    input  wire            i_stores,
    input  wire [2:0]      i_to,
    // px_data
    input  wire            i_nested,   // the machine lies in a slot
    input  wire [2:0]      i_a,        // of operand byte a
    input  wire            i_clash,    // b or c is what a was in the cycle before
    input  wire            i_none,     // idx = -1
    input  wire            i_first,    // idx = 0
    input  wire            i_idx_end,  // idx = 255
    input  wire [1:0]      i_byte,
    input  wire            i_inside,
    input  wire            i_mul_done,
    input  wire            i_pc_end,
    input  wire            i_pc1_end,
    input  wire            i_vl_zero,
    // px_check and px_vec
    output reg             o_check,    // px_check starts, and then px_vec
    input  wire            i_overlap,
    input  wire            i_trap,
    input  wire            i_vec_done,
    output reg  [63:0] o_do,
    output reg             o_refused,  // res is not inside: what o_do has of effects does not happen
    output reg             o_milli,    // the instruction in hand is the ROM's
    output wire            o_load,     // px_decode's
    output wire            o_idle,     // px_host's
    // status
    output reg             o_halt_run, // the run is over
    output reg             o_retire,   // the program's instruction, not millicode's
    output reg             o_status_en,
    output reg  [1:0]      o_status,
    output wire            o_cause_en,
    output wire [2:0]      o_cause,
    output reg             o_state,    // res is profile, cause and status
    output reg             o_budget    // res is the budget
);
    `include "px_isa.vh"
    `include "px_ops.vh"

    localparam [5:0]
        IDLE = 0, START = 1, FETCH = 2, DECODE = 3, ADDRESS = 4, READ = 5, EXECUTE = 6, READ_X = 7, READ_Y = 8,
        MULTIPLY = 9, PRODUCT = 10, BRANCH = 11, TARGET = 12, JUMP = 13, LINK = 14, SET_VL = 15, LITERAL = 16,
        LITERAL_NEXT = 17, SYS_VALUE = 18, SYS_STOP = 19, LOAD_SUM = 20, LOAD = 21, STORE_SUM = 22, STORE = 23,
        BYTE_INDEX = 24, BYTE_QUARTER = 25, BYTE_OFFSET = 26, BYTE_SUM = 27, BYTE_VALUE = 28, BYTE_PLACE = 29,
        BYTE_STORE = 30, VECTOR = 31, TRAP_PIXEL = 32, TRAP_FETCH = 33, TRAP_OP = 34,
        TRAP_VALUE = 35, TRAP = 36, SWAP_PIXEL = 37, SWAP_REGISTER = 38, SWAP_LAST = 39;

    (* fsm_encoding = "one-hot" *)
    reg [5:0] state;
    reg [5:0] next;
    reg [2:0] wb, wb_next;   // who takes res in the next cycle, TO_
    reg       milli_next;
    reg [2:0] why, why_next; // the cause, should a check fail
    reg       done;          // this instruction is done: the counter in use moves
    reg       moves;         // it moves before that
    reg       stays;         // it does not move
    reg       jumps;         // it becomes res
    reg       leaves;        // the program's counter moves, although this is millicode
    reg       away;          // memory has not read the next instruction
    reg       here;          // it has, a cycle before
    reg       checks;        // res must be inside
    reg       ends;          // the machine stops

    assign o_load     = state == ADDRESS;
    assign o_idle     = state == IDLE;
    assign o_cause_en = state == TRAP;
    assign o_cause    = why;

    always @* begin
        next        = state;
        wb_next     = TO_NONE;
        milli_next  = o_milli;
        why_next    = why;
        done        = 1'b0;
        moves       = 1'b0;
        stays       = 1'b0;
        jumps       = 1'b0;
        leaves      = 1'b0;
        away        = 1'b0;
        here        = 1'b0;
        checks      = 1'b0;
        ends        = 1'b0;
        o_do        = {DO_W{1'b0}};
        o_check     = 1'b0;
        o_status_en = 1'b0;
        o_status    = ST_HALTED;
        o_state     = 1'b0;
        o_budget    = 1'b0;

        case (state)
        IDLE:
            if (i_go && !i_host)
                next = START;
        START: begin
            o_do = M_PC | PC_HERE;
            next = FETCH;
        end
        FETCH: begin
            o_do = UPC_HERE;
            next = DECODE;
        end
        DECODE: next = ADDRESS;
        ADDRESS: begin // SPEC.md section 3
            o_do     = M_PC | Y_CONST | K_N | THEN_Y; // N for a trap
            why_next = TRAP_PC;
            if (wb == TO_A && i_clash)
                next = ADDRESS;
            else if (!o_milli && !i_go) begin
                ends = 1'b1;
                next = IDLE;
            end else
                next = !o_milli && i_pc_end ? TRAP_VALUE : READ;
        end

        READ: begin
            o_do     = i_read;
            why_next = i_cause;
            case (i_does)
            WAY_EXECUTE: next = i_again ? READ_Y : EXECUTE;
            WAY_PRODUCT: next = MULTIPLY;
            WAY_BRANCH:  next = BRANCH;
            WAY_JUMP:    next = TARGET;
            WAY_LITERAL:
                if (i_pc1_end)
                    next = TRAP_VALUE;
                else begin
                    moves = 1'b1;
                    next  = LITERAL;
                end
            WAY_HALT: begin
                done        = 1'b1;
                stays       = 1'b1;
                o_status_en = 1'b1;
            end
            WAY_SYS:     next = SYS_VALUE;
            WAY_LOAD:    next = LOAD_SUM;
            WAY_STORE:   next = STORE_SUM;
            WAY_BYTE:    next = BYTE_INDEX;
            WAY_VECTOR:
                if (!i_vl_zero) begin
                    o_check = 1'b1;
                    next    = VECTOR;
                end else if (i_to == TO_NONE)
                    done = 1'b1;
                else
                    next = i_again ? READ_Y : EXECUTE;
            WAY_ENTER: begin
                milli_next = 1'b1;
                o_do       = i_read | UPC_ENTER;
                next       = FETCH;
            end
            WAY_UGET:    next = READ_X;
            WAY_LEAVE: begin
                milli_next  = 1'b0;
                leaves      = 1'b1;
                done        = 1'b1;
                o_status_en = i_a[0];
            end
            WAY_UTRAP: begin
                milli_next = 1'b0;
                next       = TRAP_VALUE;
            end
            WAY_SWAP: begin
                o_do = i_read | IDX_RESET | COUNT_RESET | I_NEXT;
                next = SWAP_PIXEL;
            end
            WAY_GO: // what begins at START finds that the run has to end, should it be so
                if (i_a[0] && i_go)
                    done = 1'b1;
                else begin
                    milli_next = 1'b0;
                    next       = START;
                end
            default:    next = TRAP_PIXEL; // WAY_ILLEGAL
            endcase
        end

        EXECUTE: begin
            o_do    = RES;
            wb_next = i_to;
            here    = !i_to[1]; // others go by op, still, when the registers or pc take res
            done    = 1'b1;
        end
        READ_X: begin // what READ could only address
            o_do = X_REG;
            next = EXECUTE;
        end
        READ_Y: begin
            o_do = Y_REG;
            next = EXECUTE;
        end
        MULTIPLY: begin
            o_do = MUL_START;
            next = PRODUCT;
        end
        PRODUCT: begin
            o_do = RES;
            here = 1'b1;
            if (i_mul_done) begin
                wb_next = i_to;
                done    = 1'b1;
            end
        end

        // Jumps: the target enters res, is compared with N, and becomes pc.
        BRANCH: begin
            o_do = X_PC | Y_CONST | K_SA | THEN_ADD;
            next = TARGET;
        end
        TARGET: begin
            o_do = RES;
            next = i_sets_vl ? SET_VL : JUMP;
            here = 1'b1;
            done = !i_taken;
        end
        JUMP: begin
            o_do   = Y_CONST | K_ONE | THEN_ADD | M_RES;
            jumps  = 1'b1;
            away   = 1'b1;
            checks = 1'b1;
            next   = LINK;
            done   = !i_links;
        end
        LINK: begin // x is still the CALL's pc
            o_do    = RES | UPC_HERE;
            wb_next = i_to;
            stays   = 1'b1;
            done    = 1'b1;
        end
        SET_VL: begin
            o_do   = VL_RES;
            checks = 1'b1;
            here   = 1'b1;
            done   = 1'b1;
        end

        LITERAL: begin // pc has moved to it
            o_do = X_PIXEL | THEN_X | M_PC;
            next = LITERAL_NEXT;
        end
        LITERAL_NEXT: next = EXECUTE; // memory reads what follows
        SYS_VALUE: begin
            o_do = RES;
            next = SYS_STOP;
        end
        SYS_STOP: begin
            o_do        = W_VALUE;
            o_status_en = 1'b1;
            o_status    = ST_WAITING;
            done        = 1'b1;
        end

        // Loads and stores: base + offset is summed in res for the check and beside the register for the memory.
        LOAD_SUM: begin
            o_do = RES | M_PC;
            next = LOAD;
        end
        LOAD: begin
            o_do   = X_PIXEL | THEN_X;
            checks = 1'b1;
            next   = EXECUTE;
        end
        STORE_SUM: begin
            o_do = RES | Y_REG;
            next = STORE;
        end
        STORE: begin
            o_do   = WRITE | DATA_Y | M_PC;
            checks = 1'b1;
            away   = 1'b1;
            done   = 1'b1;
        end

        // LDB and STB: r[c] counts bytes from the pixel r[b].
        BYTE_INDEX: begin // x = r[c]
            o_do = X_REG | BYTE_R1 | Y_CONST | K_TWO | THEN_SHR | R2_B;
            next = BYTE_QUARTER;
        end
        BYTE_QUARTER: begin // res = r[c] >> 2; y = r[b]
            o_do = RES | Y_REG;
            next = BYTE_OFFSET;
        end
        BYTE_OFFSET: begin
            o_do = X_RES | COUNT_RES | THEN_ADD | R1_B | I_COUNT;
            next = BYTE_SUM;
        end
        BYTE_SUM: begin // res = r[b] + (r[c] >> 2)
            o_do = RES | M_RUN | (i_stores ? R1_A : R1_B);
            next = BYTE_VALUE;
        end
        BYTE_VALUE: begin // STB: x = r[a]
            o_do   = X_REG | THEN_INS | (i_stores ? {DO_W{1'b0}} : M_PC);
            checks = 1'b1;
            next   = BYTE_PLACE;
        end
        BYTE_PLACE: begin // STB: res = the byte in its place. LDB: x = the pixel
            o_do = X_PIXEL | RES | THEN_EXT;
            next = i_stores ? BYTE_STORE : EXECUTE;
        end
        BYTE_STORE: begin
            o_do = M_PC | ({{DO_W-4{1'b0}}, 4'h1 << i_byte} << AT_WRITE);
            away = 1'b1;
            done = 1'b1;
        end

        VECTOR: begin // px_check, then px_vec
            if (i_overlap)
                why_next = TRAP_OVERLAP;
            if (i_trap)
                next = TRAP_VALUE;
            if (i_vec_done)
                wb_next = i_to;
            done = i_vec_done;
        end

        // Registers and pixels change places, a pair in two cycles: memory has one port. Pixel k goes through x and res to
        // register k, and register k through y to pixel k.
        SWAP_PIXEL: begin // idx = k: pixel k is read, and written; pixel and register k + 1 are addressed
            o_do = M_RUN | R2_NEXT | X_PIXEL | DATA_Y | (i_none ? {DO_W{1'b0}} : WRITE)
                 | (i_none || i_first ? {DO_W{1'b0}} : W_COUNT | COUNT_NEXT);
            next = SWAP_REGISTER;
        end
        SWAP_REGISTER: begin
            o_do = Y_REG | RES | IDX_NEXT | R1_B | I_NEXT;
            next = i_idx_end ? SWAP_LAST : SWAP_PIXEL;
        end
        SWAP_LAST: begin
            o_do = W_COUNT;
            done = 1'b1;
        end

        // Traps: value enters res, then its register. SPEC.md section 7.
        TRAP_PIXEL: begin // memory has gone on to the next one
            o_do = M_PC | PC_HERE;
            next = TRAP_FETCH;
        end
        TRAP_FETCH: next = TRAP_OP;
        TRAP_OP: begin
            o_do = X_PIXEL | THEN_X;
            next = TRAP_VALUE;
        end
        TRAP_VALUE: begin
            o_do = RES;
            next = TRAP;
        end
        TRAP: begin
            o_do        = W_VALUE;
            o_status_en = 1'b1;
            o_status    = ST_TRAPPED;
            ends        = 1'b1;
            next        = IDLE;
        end
        default: next = IDLE;
        endcase

        if (done)
            next = state == VECTOR ? START : away ? FETCH : here ? ADDRESS : DECODE;
        o_do[AT_DECODE] = state == DECODE || (here && done);
        o_refused = checks && !i_inside && !o_milli; // millicode has made its checks
        if (o_refused)
            next = TRAP;
        // A machine in a slot stops: the millicode of RESUME goes on.
        o_halt_run = ends && !i_nested;
        if (ends && i_nested) begin
            o_do       = o_do | UPC_LEAVE;
            milli_next = 1'b1;
            next       = FETCH;
        end
        o_retire = done && !o_refused && (!o_milli || leaves);

        // The counter in use moves when an instruction is done, and before CALL's link and LIT's pixel.
        moves = (done || moves) && !stays && !jumps;
        if (wb != TO_CTL)
            o_do = o_do | ({{DO_W-3{1'b0}}, wb[2:1], |wb} << AT_W);
        else
            case (i_a)
            CTL_PC:         o_do = o_do | PC_RES;
            CTL_VL:         o_do = o_do | VL_RES;
            CTL_STATE:      o_state = 1'b1;
            CTL_N:          o_do = o_do | N_RES;
            CTL_BUDGET:     o_budget = 1'b1;
            default:        o_do = o_do | BASE_RES; // CTL_IN, CTL_OUT
            endcase
        o_do[AT_PC_NEXT]  = moves && (!o_milli || leaves) && !o_refused;
        o_do[AT_PC_RES]   = o_do[AT_PC_RES] || (jumps && !o_milli && !o_refused);
        o_do[AT_UPC_NEXT] = moves && o_milli;
        o_do[AT_UPC_RES]  = jumps && o_milli;
    end

    always @(posedge i_clk) begin
        state   <= next;
        why     <= why_next;
        wb      <= wb_next;
        o_milli <= milli_next;
        if (i_rst) begin
            state   <= IDLE;
            wb      <= TO_NONE;
            o_milli <= 1'b0;
        end
    end
endmodule
`default_nettype wire
