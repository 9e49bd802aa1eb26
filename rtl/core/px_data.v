// px_data.v - the datapath: registers, operand registers x and y, ALU and multiplier, result register res, counters,
// and the memory address. It does in each cycle what px_ctrl says.
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
    output reg  [AW-1:0] o_addr,
    output wire [31:0]   o_data,
    input  wire [31:0]   i_pixel,
    // host
    input  wire [AW-1:0] i_h_addr,
    input  wire [31:0]   i_h_data,
    output wire [31:0]   o_res,
    // lanes
    output wire [31:0]   o_x,
    output wire [31:0]   o_y,
    // from px_ctrl
    input  wire          i_milli,
    input  wire          i_decode,    // the pixel from memory, or the ROM's word, is the instruction
    input  wire [2:0]    i_r1,
    input  wire [2:0]    i_r2,
    input  wire          i_w_en,
    input  wire [2:0]    i_w,
    input  wire          i_x_en,
    input  wire [1:0]    i_x,
    input  wire          i_x_outer,   // X_PC is the program's pc in millicode too
    input  wire          i_y_en,
    input  wire [1:0]    i_y,
    input  wire [3:0]    i_k,
    input  wire          i_lane_c,    // lane <= c
    input  wire          i_lane_r,    // lane <= r1
    input  wire          i_res_en,
    input  wire [5:0]    i_alu,       // what the ALU does in the next cycle
    input  wire          i_m_en,      // load the memory address
    input  wire [1:0]    i_m,
    input  wire [1:0]    i_index,
    input  wire          i_data_y,    // memory is given y, not res
    input  wire          i_idx_reset, // idx <= -1
    input  wire          i_idx_next,
    input  wire          i_count_reset,
    input  wire          i_count_next,
    input  wire          i_count_idx,
    input  wire          i_count_res,
    input  wire [1:0]    i_pc,        // for the program's pc
    input  wire [1:0]    i_upc,       // for the ROM's counter
    input  wire          i_pc_here,   // pc stands for pc + 1
    input  wire          i_upc_here,  // the ROM reads at upc, not at upc + 1
    input  wire          i_upc_enter,
    input  wire [8:0]    i_entry,
    input  wire          i_vl_res,
    input  wire          i_n_res,
    input  wire          i_mul_start,
    input  wire          i_dot,       // ALU_MUL is the dot product
    input  wire          i_dot_clear,
    input  wire          i_dot_a,
    input  wire          i_dot_b,
    input  wire          i_or_equal,  // o_inside: res <= N instead of res < N
    input  wire          i_exact,     // o_inside: and res had no carry
    // to px_ctrl
    output wire [7:0]    o_op,        // the instruction in hand: opcode, low bits of bytes a and b
    output wire [2:0]    o_a,
    output wire [1:0]    o_b,
    output wire          o_eq,
    output wire          o_ltu,
    output reg           o_was_eq,    // the same of the cycle before
    output reg           o_was_lt,
    output reg           o_was_ltu,
    output wire          o_inside,
    output reg           o_y_zero,    // of the cycle before
    output wire          o_mul_done,
    output reg           o_pc_end,    // pc = N, one cycle after pc
    output reg           o_pc1_end,   // pc + 1 = N, likewise
    output reg           o_vl_zero,   // likewise
    output wire          o_idx_none,  // idx = -1
    output wire          o_idx_first, // idx = 0
    output wire          o_idx_last,  // idx = vl - 1
    output wire [7:0]    o_idx_low,
    output wire [1:0]    o_lane,
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
    reg  [8:0]  upc;
    wire [31:0] fetched = i_milli ? rom : i_pixel;
    assign o_op = op[7:0];
    assign o_a  = op[10:8];
    assign o_b  = op[17:16];
    wire [7:0] a = op[15:8];
    wire [7:0] b = op[23:16];
    wire [7:0] c = op[31:24];
    wire [8:0] upc1 = upc + 9'd1;
    px_rom rom0 (.i_clk(i_clk), .i_addr(i_upc_here ? upc : upc1), .o_q(rom));

    // Registers.
    wire [7:0]  user = (b[1:0] == 2'd1 ? outer[7:0] : b[1:0] == 2'd2 ? outer[15:8] : outer[23:16]) + c;
    reg  [8:0]  r1, r2, w;
    wire [31:0] q1, q2;
    reg  [31:0] x, y, res;
    reg         carry;
    reg  [AW:0] n, idx, count;
    always @* begin
        case (i_r1)
        R_A:     r1 = {i_milli, a};
        R_C:     r1 = {i_milli, c};
        R_HOST:  r1 = i_h_addr[8:0];
        R_USER:  r1 = {1'b0, user};
        default: r1 = {i_milli, b};
        endcase
        case (i_r2)
        R_A:     r2 = {i_milli, a};
        R_B:     r2 = {i_milli, b};
        R_SIZE:  r2 = {1'b1, b[1:0] == GET_W ? HID_W : HID_H};
        default: r2 = {i_milli, c};
        endcase
        case (i_w)
        W_C:     w = {i_milli, c};
        W_OUTER: w = {1'b0, outer[7:0]};
        W_VALUE: w = {1'b1, HID_VALUE};
        W_HOST:  w = i_h_addr[8:0];
        W_INDEX: w = {1'b0, idx[7:0]};
        default: w = {i_milli, a};
        endcase
    end
`ifdef PX_TRACE
    assign o_trace_w = w;
`endif
    px_regs regs0 (.i_clk(i_clk), .i_r1(r1), .i_r2(r2), .i_we(i_w_en), .i_w(w), .i_data(res), .o_q1(q1), .o_q2(q2));

    // The constants that y can be.
    reg  [31:0] k;
    wire [15:0] bc = op[31:16];
    always @* begin
        case (i_k)
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
        default:    k = 32'd0;
        endcase
    end

    // Arithmetic. What the next operation asks of the ALU is decoded a cycle ahead.
    wire [31:0] result, product, dot;
    wire        alu_carry, lt;
    reg  [1:0]  lane;
    assign o_lane = lane;
    reg  [4:0]  fn;
    wire [20:0] ctl_next;
    reg  [20:0] ctl;
    px_alu_ctl ctl0 (.i_op(i_alu), .o_ctl(ctl_next));
    reg         divides, remains; // of op, a cycle after it
    wire        mul_done, div_done;
    wire [31:0] quotient;
    assign o_mul_done = divides ? div_done : mul_done;
    px_alu alu0 (
        .i_ctl(ctl), .i_x(x), .i_y(y), .i_lane(lane), .i_mul(i_dot ? dot : divides ? quotient : product), .o_r(result),
        .o_eq(o_eq), .o_lt(lt), .o_ltu(o_ltu), .o_carry(alu_carry));
    px_mul mul0 (
        .i_clk(i_clk), .i_rst(i_rst), .i_start(i_mul_start), .i_byte(fn[4]), .i_high(fn[3:0] != WORD_MUL),
        .i_signed(fn[3:0] == WORD_MULH), .i_clear(i_dot_clear), .i_dot_a(i_dot_a), .i_dot_b(i_dot_b),
        .i_x(x), .i_y(y), .i_m(i_pixel[15:0]), .o_done(mul_done), .o_r(product), .o_dot(dot));
    px_div div0 (
        .i_clk(i_clk), .i_rst(i_rst), .i_start(i_mul_start && divides), .i_rem(remains), .i_x(x), .i_y(y),
        .o_done(div_done), .o_r(quotient));

    // Checks.
    wire [AW+1:0] room  = {1'b0, n} - {1'b0, res[AW:0]} - {{AW+1{1'b0}}, !i_or_equal};
    assign o_inside     = !room[AW+1] && res[31:AW+1] == 0 && !(i_exact && carry);
    wire [AW:0] pc1     = o_pc + {{AW{1'b0}}, !i_pc_here};
    wire [AW:0] idx1    = idx + 1'b1;
    assign o_idx_none   = idx[AW];
    assign o_idx_low    = idx[7:0];
    assign o_idx_first  = idx == 0;
    assign o_idx_last   = idx1 == o_vl;

    // Memory: its address is registered; a run's is the base, fresh from the registers, plus what stands beside it.
    reg  [AW-1:0] beside, address;
    wire [AW-1:0] run = q1[AW-1:0] + beside + {{AW-1{1'b0}}, i_index == I_NEXT};
    always @* begin
        case (i_index)
        I_COUNT: beside = count[AW-1:0];
        I_K:     beside = {{AW-8{1'b0}}, k[7:0]};
        default: beside = idx[AW-1:0];
        endcase
        case (i_m)
        M_RUN:   address = run;
        M_RES:   address = res[AW-1:0];
        M_HOST:  address = i_h_addr;
        default: address = pc1[AW-1:0];
        endcase
    end
    assign o_data = i_data_y ? y : res;
    assign o_res  = res;
    assign o_x    = x;
    assign o_y    = y;

    always @(posedge i_clk) begin
        fn        <= i_alu[4:0];
        ctl       <= ctl_next;
        divides   <= op[7:0] == OP_UDIV || op[7:0] == OP_UREM;
        remains   <= op[7:0] == OP_UREM;
        o_pc_end  <= o_pc == n;
        o_pc1_end <= pc1 == n;
        o_vl_zero <= o_vl == 0;
        o_was_eq  <= o_eq;
        o_was_lt  <= lt;
        o_was_ltu <= o_ltu;
        o_y_zero  <= y == 32'd0;
        if (i_m_en)
            o_addr <= address;
        if (i_decode) begin
            op <= fetched;
            if (!i_milli)
                outer <= i_pixel[31:8];
        end
        if (i_x_en)
            case (i_x)
            X_REG:   x <= q1;
            X_MEM:   x <= i_pixel;
            X_RES:   x <= res;
            default: x <= i_milli && !i_x_outer ? {23'd0, upc} : {{31-AW{1'b0}}, o_pc};
            endcase
        if (i_y_en)
            case (i_y)
            Y_REG:   y <= q2;
            Y_MEM:   y <= i_pixel;
            Y_HOST:  y <= i_h_data;
            default: y <= k;
            endcase
        if (i_lane_c)
            lane <= c[1:0];
        if (i_lane_r)
            lane <= q1[1:0];
        if (i_res_en) begin
            res   <= result;
            carry <= alu_carry;
        end
        if (i_idx_reset)
            idx <= {AW+1{1'b1}};
        else if (i_idx_next)
            idx <= idx1;
        if (i_count_reset)
            count <= 0;
        else if (i_count_next)
            count <= count + 1'b1;
        else if (i_count_idx)
            count <= idx;
        else if (i_count_res)
            count <= res[AW:0];
        if (i_pc == PC_NEXT)
            o_pc <= pc1;
        else if (i_pc == PC_RES)
            o_pc <= res[AW:0];
        if (i_upc_enter)
            upc <= i_entry;
        else if (i_upc == PC_NEXT)
            upc <= upc1;
        else if (i_upc == PC_RES)
            upc <= res[8:0];
        if (i_vl_res)
            o_vl <= res[AW:0];
        if (i_n_res)
            n <= res[AW:0];
    end
endmodule
`default_nettype wire
