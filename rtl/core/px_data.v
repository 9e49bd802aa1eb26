// px_data.v - the datapath: registers, operand registers x and y, ALU and multiplier, result register res, counters,
// and the memory address. It does in each cycle what the control word says (px_ops.vh).
//
//   registers --> x, y --> px_alu / px_mul --> res --> registers, memory, pc, vl
//        |                                      ^ checks: res against N
//        +--> base + index --> memory address --> pixel --> x, y
`default_nettype none
module px_data #(
    parameter AW = 11
) (
    input  wire          i_clk,
    input  wire          i_rst,
    // memory
    output wire [AW-1:0] o_addr,
    output wire [31:0]   o_data,
    input  wire [31:0]   i_pixel,
    // host
    input  wire [AW-1:0] i_h_addr,
    input  wire [31:0]   i_h_data,
    output wire [31:0]   o_res,
    // lanes
    output wire [31:0]   o_x,
    output wire [31:0]   o_y,
    input  wire [31:0]   i_sum,       // the lanes' sum
    output reg  [AW-1:0] o_base /*verilator public_flat_rd*/,      // where pixel 0 lies: 0, or in a slot
    // from the units
    input  wire [63:0] i_do,
    input  wire          i_milli,     // the ROM's word is the instruction, not the pixel from memory
    input  wire [9:0]    i_entry,
    input  wire [31:0]   i_see,       // budget, or cause and status
    // from px_decode
    input  wire          i_or_equal,  // o_inside: res <= N instead of res < N
    input  wire          i_exact,     // o_inside: and res had no carry
    input  wire          i_dot,       // ALU_MUL is the dot product
    input  wire          i_each,      // of one element, not of all
    input  wire          i_divides,   // ALU_MUL is the divider's result
    input  wire          i_remains,   // the remainder
    // to the units
    output wire [7:0]    o_op,        // the instruction in hand: opcode, low bits of bytes a and b
    output wire [2:0]    o_a,
    output wire          o_clash,     // b or c is what a was in the cycle before
    output wire [1:0]    o_b,
    output wire          o_eq,
    output wire          o_ltu,
    output reg           o_was_eq,    // the same of the cycle before
    output reg           o_was_lt,
    output reg           o_was_ltu,
    output wire          o_inside,
    output reg           o_y_zero,    // of the cycle before
    output wire          o_mul_done,
    output reg           o_nested /*verilator public_flat_rd*/,    // the machine lies in a slot
    output reg           o_pc_end,    // pc = N, with pc where it has moved by one, else one cycle after it
    output reg           o_pc1_end,   // pc + 1 = N, one cycle after pc
    output reg           o_vl_zero,   // likewise
    output wire          o_idx_none,  // idx = -1
    output wire          o_idx_first, // idx = 0
    output wire          o_idx_last,  // idx = vl - 1
    output wire          o_idx_end,   // idx = 255
    output wire [1:0]    o_byte,      // of EXT and INS
    output reg  [AW:0]   o_pc,
    output reg  [AW:0]   o_vl
`ifdef PX_TRACE
    ,
    output wire [8:0]    o_trace_w
`endif
);
    `include "px_isa.vh"
    `include "px_ops.vh"

    // The instruction in hand, and in millicode the operand bytes of the outer one.
    reg  [31:0] op;
    reg  [23:0] outer;
    wire [31:0] rom;
    reg  [9:0]  upc;
    wire [31:0] fetched = i_milli ? rom : i_pixel;
    assign o_op = op[7:0];
    assign o_a  = op[10:8];
    assign o_b  = op[17:16];
    wire [7:0] a = op[15:8];
    wire [7:0] b = op[23:16];
    wire [7:0] c = op[31:24];
    reg  [7:0] was_a; // of the cycle before, when op may have been another instruction
    assign o_clash = b == was_a || c == was_a;
    wire [9:0] upc1 = upc + 10'd1;
    px_rom rom0 (.i_clk(i_clk), .i_addr(i_do[AT_UPC_HERE] ? upc : upc1), .o_q(rom));

    // Registers.
    wire [7:0]  user = (b[1:0] == 2'd1 ? outer[7:0] : b[1:0] == 2'd2 ? outer[15:8] : outer[23:16]) + c;
    reg  [8:0]  r1, r2, w;
    wire [31:0] q1, q2;
    reg  [31:0] x, y, res;
    reg         carry;
    reg  [AW:0] n, idx, count;
    wire [AW:0] idx1 = idx + 1'b1;
    always @* begin
        case (i_do & OF_R1)
        R1_B:    r1 = {i_milli, b};
        R1_A:    r1 = {i_milli, a};
        R1_C:    r1 = {i_milli, c};
        R1_HOST: r1 = i_h_addr[8:0];
        R1_USER: r1 = {1'b0, user};
        default: r1 = 9'bx;
        endcase
        case (i_do & OF_R2)
        R2_C:    r2 = {i_milli, c};
        R2_A:    r2 = {i_milli, a};
        R2_B:    r2 = {i_milli, b};
        R2_A1:   r2 = {i_milli, a[7:1], 1'b1};
        R2_B1:   r2 = {i_milli, b[7:1], 1'b1};
        R2_NEXT: r2 = {1'b0, idx1[7:0]};
        R2_SIZE: r2 = {1'b1, b[1:0] == GET_W ? HID_W : HID_H};
        default: r2 = 9'bx;
        endcase
        case (i_do & OF_W | W_A) // one is named when none is written, too
        W_A:     w = {i_milli, was_a};
        W_C:     w = {i_milli, c};
        W_OUTER: w = {1'b0, outer[7:0]};
        W_VALUE: w = {1'b1, HID_VALUE};
        W_HOST:  w = i_h_addr[8:0];
        W_INDEX: w = {1'b0, idx[7:0]};
        W_COUNT: w = {1'b0, count[7:0]};
        default: w = 9'bx;
        endcase
    end
`ifdef PX_TRACE
    assign o_trace_w = w;
`endif
    px_regs regs0 (.i_clk(i_clk), .i_r1(r1), .i_r2(r2), .i_we(i_do[AT_W]), .i_w(w), .i_data(res), .o_q1(q1), .o_q2(q2));

    // The constants that y can be.
    reg  [31:0] k;
    wire [15:0] bc = op[31:16];
    always @* begin
        case (i_do & OF_K)
        K_ZERO:     k = 32'd0;
        K_SC:       k = {{24{c[7]}}, c};
        K_UC:       k = {24'd0, c};
        K_UA:       k = {24'd0, a};
        K_SA:       k = {{24{a[7]}}, a};
        K_UB:       k = {24'd0, b};
        K_SBC:      k = {{16{bc[15]}}, bc};
        K_UBC:      k = {bc, 16'd0};
        K_ONE:      k = 32'd1;
        K_TWO:      k = 32'd2;
        K_VL:       k = {{31-AW{1'b0}}, o_vl};
        K_N:        k = {{31-AW{1'b0}}, n};
        K_COUNT:    k = {{31-AW{1'b0}}, count};
        K_LEAST:    k = 32'h80000000;
        K_GREATEST: k = 32'h7FFFFFFF;
        K_SEE:      k = i_see;
        default:    k = 32'bx;
        endcase
    end

    // Arithmetic. What the next operation asks of the ALU is decoded a cycle ahead.
    wire [31:0] result, product, dot;
    wire        alu_carry, lt;
    reg  [1:0]  byte_at;
    assign o_byte = byte_at;
    reg  [4:0]  fn;
    wire [ALU_W-1:0] ctl_next;
    reg  [ALU_W-1:0] ctl;
    px_alu_ctl ctl0 (.i_on(i_do[AT_ALU]), .i_op(i_do[AT_THEN +: 6]), .o_ctl(ctl_next));
    wire        mul_done, div_done;
    wire [31:0] quotient;
    assign o_mul_done = i_divides ? div_done : mul_done;
    px_alu alu0 (
        .i_on(i_do[AT_RES]), .i_ctl(ctl), .i_x(x), .i_y(y), .i_byte(byte_at), .i_mul(i_dot ? dot : i_divides ? quotient : product), .o_r(result),
        .o_eq(o_eq), .o_lt(lt), .o_ltu(o_ltu), .o_carry(alu_carry));
    px_mul mul0 (
        .i_clk(i_clk), .i_rst(i_rst), .i_start(i_do[AT_MUL]), .i_byte(fn[4]), .i_high(fn[3:0] != WORD_MUL),
        .i_signed(fn[3:0] == WORD_MULH), .i_clear(i_each || o_idx_first), .i_dot_a(i_do[AT_DOT_A]), .i_dot_b(i_do[AT_DOT_B]),
        .i_x(x), .i_y(y), .i_m(i_pixel[15:0]), .o_done(mul_done), .o_r(product), .o_dot(dot));
    px_div div0 (
        .i_clk(i_clk), .i_rst(i_rst), .i_start(i_do[AT_MUL] && i_divides), .i_rem(i_remains), .i_x(x), .i_y(y),
        .o_done(div_done), .o_r(quotient));

    // Checks.
    wire [AW+1:0] room  = {1'b0, n} - {1'b0, res[AW:0]} - {{AW+1{1'b0}}, !i_or_equal};
    assign o_inside     = !room[AW+1] && res[31:AW+1] == 0 && !(i_exact && carry);
    wire [AW:0] pc1     = o_pc + {{AW{1'b0}}, !i_do[AT_PC_HERE]};
    assign o_idx_none   = idx[AW];
    assign o_idx_end    = !idx[AW] && idx[7:0] == 8'hFF;
    assign o_idx_first  = idx == 0;
    assign o_idx_last   = idx1 == o_vl;

    // Memory: its address is registered; a run's is its base, fresh from the registers, plus what stands beside it. The
    // image begins at o_base.
    reg  [1:0]    index; // of the cycle before: {count, idx + 1}
    reg  [AW-1:0] address, at;
    assign o_addr = at + o_base;
    wire [AW-1:0] beside = i_do[AT_I_K] ? {{AW-8{1'b0}}, k[7:0]} : index[1] ? count[AW-1:0] : idx[AW-1:0];
    wire [AW-1:0] run    = q1[AW-1:0] + beside + {{AW-1{1'b0}}, index[0]};
    always @* begin
        case (i_do & OF_M)
        M_RUN:   address = run;
        M_RES:   address = res[AW-1:0];
        M_HOST:  address = i_h_addr;
        default: address = pc1[AW-1:0];
        endcase
    end
    assign o_data = i_do[AT_DATA_Y] ? y : res;
    assign o_res  = res;
    assign o_x    = x;
    assign o_y    = y;

    always @(posedge i_clk) begin
        o_pc_end  <= i_do[AT_PC_NEXT] ? pc1 == n : o_pc == n;
        o_pc1_end <= pc1 == n;
        o_vl_zero <= o_vl == 0;
        o_was_eq  <= o_eq;
        o_was_lt  <= lt;
        o_was_ltu <= o_ltu;
        o_y_zero  <= y == 32'd0;
        index     <= i_do[AT_I +: 2];
        was_a     <= a;
        if (i_do[AT_ALU]) begin
            fn  <= i_do[AT_THEN +: 5];
            ctl <= ctl_next;
        end
        if (i_do[AT_M])
            at <= address;
        if (i_do[AT_DECODE]) begin
            op <= fetched;
            if (!i_milli)
                outer <= i_pixel[31:8];
        end
        if (i_do[AT_X])
            case (i_do & OF_X)
            X_REG:   x <= q1;
            X_PIXEL: x <= i_pixel;
            X_RES:   x <= res;
            default: x <= i_milli && !i_do[AT_X_OUTER] ? {22'd0, upc} : {{31-AW{1'b0}}, o_pc};
            endcase
        if (i_do[AT_Y])
            case (i_do & OF_Y)
            Y_REG:   y <= q2;
            Y_PIXEL: y <= i_pixel;
            Y_HOST:  y <= i_h_data;
            Y_SUM:   y <= i_sum;
            default: y <= k;
            endcase
        if (i_do[AT_BYTE_C])
            byte_at <= c[1:0];
        if (i_do[AT_BYTE_R1])
            byte_at <= q1[1:0];
        if (i_do[AT_RES]) begin
            res   <= result;
            carry <= alu_carry;
        end
        if (i_do[AT_IDX_RESET])
            idx <= {AW+1{1'b1}};
        else if (i_do[AT_IDX_NEXT])
            idx <= idx1;
        if (i_do[AT_COUNT_RESET])
            count <= 0;
        else if (i_do[AT_COUNT_NEXT])
            count <= count + 1'b1;
        else if (i_do[AT_COUNT_IDX])
            count <= idx;
        else if (i_do[AT_COUNT_RES])
            count <= res[AW:0];
        if (i_do[AT_PC_NEXT])
            o_pc <= pc1;
        else if (i_do[AT_PC_RES])
            o_pc <= res[AW:0];
        if (i_do[AT_UPC_ENTER])
            upc <= i_entry;
        else if (i_do[AT_UPC_LEAVE])
            upc <= ENTRY_LEAVE;
        else if (i_do[AT_UPC_NEXT])
            upc <= upc1;
        else if (i_do[AT_UPC_RES])
            upc <= res[9:0];
        if (i_do[AT_VL_RES])
            o_vl <= res[AW:0];
        if (i_do[AT_N_RES])
            n <= res[AW:0];
        if (i_do[AT_BASE]) begin
            o_base   <= res[AW-1:0];
            o_nested <= op[8]; // CTL_IN, not CTL_OUT
        end
        if (i_rst) begin
            o_base   <= 0;
            o_nested <= 1'b0;
        end
    end
endmodule
`default_nettype wire
