// px_core.v - the pixel machine: pxi/SPEC.md in hardware. rtl/README.md draws it.
//
// The host port works while o_running is low; a request waits otherwise. o_h_ready closes a request and, for a read,
// o_h_data is the word. i_stop ends a run at the next instruction boundary.
//
//   space 0   pixel i_h_addr
//   space 1   register i_h_addr: 0..255, and the hidden bank from 256, of which HID_W, HID_H and HID_VALUE matter
//   space 2   write only: pc, vl, state {profile, 5'd0, cause, 6'd0, status}, N, budget (starts a run), clear (write
//             0: all registers become 0); to be read, these are outputs
`default_nettype none
module px_core #(
    parameter AW    = 11,  // pixels: at most 2^AW
    parameter LANES = 1,   // pixels that the vector loops work on at once, a power of two
    parameter LB    = $clog2(LANES)
) (
    input  wire          i_clk,
    input  wire          i_rst,
    // pixel memory: the address in one cycle, the pixel in the next
    output wire [AW-1:0] o_mem_addr,
    output wire [3:0]    o_mem_we,
    output wire [31:0]   o_mem_data,
    input  wire [31:0]   i_mem_data,
    // px_banks, where there are lanes
    output wire          o_wide_read,
    output wire [AW-1:0] o_wide_s,
    output wire [AW-1:0] o_wide_t,
    input  wire [32*LANES-1:0] i_wide_s,
    input  wire [32*LANES-1:0] i_wide_t,
    output wire [LANES-1:0]    o_wide_w,
    output wire [AW-LB-1:0]    o_wide_row,
    output wire [32*LANES-1:0] o_wide_data,
    // host
    input  wire          i_h_valid,
    input  wire          i_h_write,
    input  wire [1:0]    i_h_space,
    input  wire [AW-1:0] i_h_addr,
    input  wire [31:0]   i_h_data,
    output wire          o_h_ready,
    output wire [31:0]   o_h_data,
    input  wire          i_stop,
    output reg           o_running,
    output reg  [31:0]   o_budget,   // what is left of it
    output wire [AW:0]   o_pc,
    output wire [AW:0]   o_vl,
    output reg           o_profile,
    output reg  [1:0]    o_status,
    output reg  [2:0]    o_cause,
    output reg           o_retire    // an instruction has retired in the cycle before
`ifdef PX_TRACE
    ,
    output reg           o_trace,    // the instruction of the line below has retired
    output reg  [31:0]   o_trace_op,
    output reg  [AW:0]   o_trace_pc,
    output reg           o_trace_w,  // it wrote register o_trace_r
    output reg  [7:0]    o_trace_r,
    output reg  [31:0]   o_trace_v
`endif
);
    `include "px_isa.vh"
    `include "px_ops.vh"

    // What px_ctrl and px_vec say; px_vec has the datapath while a loop runs.
    wire        vec, v_start, v_done;
    wire [2:0]  c_r1, c_r2, v_r1, v_r2;
    wire        c_x_en, v_x_en, c_y_en, v_y_en, c_res_en, v_res_en;
    wire [1:0]  c_x, v_x, c_y, v_y, c_m, c_index, v_index;
    wire [5:0]  c_alu, v_alu;
    wire [3:0]  c_k, c_we;
    wire        v_we;
    wire        c_idx_reset, c_idx_next, v_idx_reset, v_idx_next, v_count_next, v_count_idx, c_count_res;
    wire        c_mul_start, v_mul_start, dot, dot_clear, dot_a, dot_b;
    wire        c_m_en, v_m_en, pc_here, upc_here;
    wire        milli, decode, w_en, x_outer, lane_c, lane_r, data_y, upc_enter, vl_res, or_equal, exact;
    wire [2:0]  w;
    wire [1:0]  pc_move, upc_move, lane;
    wire [8:0]  entry;

    // What px_data answers.
    wire [7:0]  op;
    wire [2:0]  op_a;
    wire [1:0]  op_b;
    wire [31:0] res;
    wire        eq, ltu, was_eq, was_lt, was_ltu, fits, y_zero, mul_done, pc_end, pc1_end, vl_zero, idx_none, idx_first;
    wire        idx_last;
    wire [7:0]  idx_low;

    // What px_lanes is told, and its answer.
    wire        take, wide, wide_done, times, iota, has_s, has_t, has_d, select;
    wire [5:0]  fn;
    wire [31:0] x, y, sum;

    wire        h_ctl, idle, halt_run, status_en, cause_en;
    wire [1:0]  status;
    wire [2:0]  cause;
    wire [2:0]  h_word = i_h_addr[2:0];
    wire        retire;
    reg         none, one; // the budget is 0, was 1 in the cycle before; instructions retire some cycles apart
    wire        go = o_running && o_status == ST_RUNNING && !(o_retire ? one : none) && !i_stop;

`ifdef PX_TRACE
    wire [8:0]  w_reg;
`endif

    px_ctrl ctrl0 (
        .i_clk(i_clk), .i_rst(i_rst), .i_h_valid(i_h_valid), .i_h_write(i_h_write), .i_h_space(i_h_space),
        .i_h_word(h_word), .o_h_ready(o_h_ready), .o_h_ctl(h_ctl), .i_go(go), .o_idle(idle),
        .o_halt_run(halt_run), .i_classic(!o_profile), .i_op(op), .i_a(op_a), .i_b(op_b), .i_eq(eq), .i_ltu(ltu),
        .i_was_eq(was_eq), .i_was_lt(was_lt), .i_was_ltu(was_ltu), .i_inside(fits), .i_mul_done(mul_done),
        .i_pc_end(pc_end), .i_pc1_end(pc1_end), .i_vl_zero(vl_zero),
        .i_idx_none(idx_none), .i_idx_low(idx_low), .i_lane(lane), .i_vec_done(v_done), .o_vec_start(v_start),
        .o_vec(vec), .o_milli(milli), .o_decode(decode), .o_r1(c_r1), .o_r2(c_r2), .o_w_en(w_en), .o_w(w),
        .o_x_en(c_x_en), .o_x(c_x), .o_x_outer(x_outer), .o_y_en(c_y_en), .o_y(c_y), .o_k(c_k),
        .o_lane_c(lane_c), .o_lane_r(lane_r), .o_res_en(c_res_en), .o_alu(c_alu), .o_m_en(c_m_en), .o_m(c_m),
        .o_index(c_index),
        .o_we(c_we), .o_data_y(data_y), .o_idx_reset(c_idx_reset), .o_idx_next(c_idx_next),
        .o_count_res(c_count_res), .o_pc(pc_move), .o_upc(upc_move), .o_pc_here(pc_here), .o_upc_here(upc_here),
        .o_upc_enter(upc_enter), .o_entry(entry),
        .o_vl_res(vl_res), .o_mul_start(c_mul_start), .o_or_equal(or_equal), .o_exact(exact),
        .o_retire(retire), .o_status_en(status_en), .o_status(status), .o_cause_en(cause_en), .o_cause(cause));

    px_vec #(.LANES(LANES)) vec0 (
        .i_clk(i_clk), .i_rst(i_rst), .i_start(v_start), .i_op(op), .i_was_eq(was_eq), .i_was_lt(was_lt), .i_y_zero(y_zero),
        .i_mul_done(mul_done), .i_none(idx_none), .i_first(idx_first), .i_last(idx_last), .o_done(v_done),
        .o_r1(v_r1), .o_r2(v_r2), .o_x_en(v_x_en), .o_x(v_x), .o_y_en(v_y_en), .o_y(v_y), .o_res_en(v_res_en),
        .o_alu(v_alu), .o_m_en(v_m_en), .o_index(v_index), .o_we(v_we), .o_idx_reset(v_idx_reset), .o_idx_next(v_idx_next),
        .o_count_next(v_count_next), .o_count_idx(v_count_idx), .o_mul_start(v_mul_start), .o_dot(dot),
        .o_dot_clear(dot_clear), .o_dot_a(dot_a), .o_dot_b(dot_b),
        .o_take(take), .o_wide(wide), .i_wide_done(wide_done), .o_fn(fn), .o_product(times), .o_iota(iota),
        .o_has_s(has_s), .o_has_t(has_t), .o_has_d(has_d), .o_select(select));

    px_data #(.AW(AW)) data0 (
        .i_clk(i_clk), .i_rst(i_rst), .o_addr(o_mem_addr), .o_data(o_mem_data), .i_pixel(i_mem_data),
        .i_h_addr(i_h_addr), .i_h_data(vec ? sum : i_h_data), .o_res(res), .o_x(x), .o_y(y), .i_milli(milli), .i_decode(decode),
        .i_r1(vec ? v_r1 : c_r1), .i_r2(vec ? v_r2 : c_r2), .i_w_en(w_en), .i_w(w),
        .i_x_en(vec ? v_x_en : c_x_en), .i_x(vec ? v_x : c_x), .i_x_outer(x_outer),
        .i_y_en(vec ? v_y_en : c_y_en), .i_y(vec ? v_y : c_y), .i_k(vec ? K_COUNT : c_k), .i_lane_c(lane_c),
        .i_lane_r(lane_r), .i_res_en(vec ? v_res_en : c_res_en), .i_alu(vec ? v_alu : c_alu),
        .i_m_en(vec ? v_m_en : c_m_en), .i_m(vec ? M_RUN : c_m), .i_index(vec ? v_index : c_index), .i_data_y(data_y),
        .i_idx_reset(vec ? v_idx_reset : c_idx_reset), .i_idx_next(vec ? v_idx_next : c_idx_next),
        .i_count_reset(vec && v_idx_reset), .i_count_next(vec && v_count_next), .i_count_idx(vec && v_count_idx),
        .i_count_res(c_count_res), .i_pc(h_ctl && h_word == CTL_PC ? PC_RES : pc_move), .i_upc(upc_move), .i_pc_here(pc_here), .i_upc_here(upc_here),
        .i_upc_enter(upc_enter), .i_entry(entry), .i_vl_res(vl_res || (h_ctl && h_word == CTL_VL)),
        .i_n_res(h_ctl && h_word == CTL_N), .i_mul_start(vec ? v_mul_start : c_mul_start), .i_dot(dot),
        .i_dot_clear(dot_clear), .i_dot_a(vec && dot_a), .i_dot_b(vec && dot_b), .i_or_equal(or_equal),
        .i_exact(exact), .o_op(op), .o_a(op_a), .o_b(op_b), .o_eq(eq), .o_ltu(ltu), .o_was_eq(was_eq),
        .o_was_lt(was_lt), .o_was_ltu(was_ltu), .o_inside(fits), .o_y_zero(y_zero),
        .o_mul_done(mul_done), .o_pc_end(pc_end), .o_pc1_end(pc1_end), .o_vl_zero(vl_zero),
        .o_idx_none(idx_none), .o_idx_first(idx_first), .o_idx_last(idx_last), .o_idx_low(idx_low),
        .o_lane(lane), .o_pc(o_pc), .o_vl(o_vl)
`ifdef PX_TRACE
        , .o_trace_w(w_reg)
`endif
    );

    generate
        if (LANES > 1) begin : lanes
            px_lanes #(.AW(AW), .LANES(LANES)) lanes0 (
                .i_clk(i_clk), .i_rst(i_rst), .i_take(take), .i_start(wide), .i_fn(fn), .i_product(times),
                .i_iota(iota), .i_has_s(has_s), .i_has_t(has_t), .i_has_d(has_d), .i_select(select), .i_vl(o_vl),
                .i_x(x), .i_y(y), .o_done(wide_done), .o_sum(sum), .o_read(o_wide_read), .o_s(o_wide_s),
                .o_t(o_wide_t), .i_s(i_wide_s), .i_t(i_wide_t), .o_w(o_wide_w), .o_w_row(o_wide_row),
                .o_w_data(o_wide_data));
        end else begin : one_lane
            /* verilator lint_off UNUSEDSIGNAL */ // what lanes would be told
            wire unused = &{take, wide, fn, times, iota, has_s, has_t, has_d, select, x, y, i_wide_s, i_wide_t};
            /* verilator lint_on UNUSEDSIGNAL */
            assign wide_done   = 1'b0;
            assign sum         = i_h_data;
            assign o_wide_read = 1'b0;
            assign o_wide_s    = {AW{1'b0}};
            assign o_wide_t    = {AW{1'b0}};
            assign o_wide_w    = 1'b0;
            assign o_wide_row  = {AW{1'b0}};
            assign o_wide_data = 32'd0;
        end
    endgenerate

    assign o_mem_we = vec ? {4{v_we}} : c_we;
    assign o_h_data = res;

    always @(posedge i_clk) begin
        none     <= o_retire ? one : o_budget == 32'd0;
        one      <= o_budget == 32'd1;
        o_retire <= retire;
        if (o_retire)
            o_budget <= o_budget - 32'd1;
        if (status_en)
            o_status <= status;
        if (cause_en)
            o_cause <= cause;
        if (halt_run)
            o_running <= 1'b0;
        if (h_ctl)
            case (h_word)
            CTL_STATE: begin
                o_profile <= res[16];
                o_cause   <= res[10:8];
                o_status  <= res[1:0];
            end
            CTL_BUDGET: begin
                o_budget  <= res;
                none      <= res == 32'd0;
                o_running <= 1'b1;
            end
            default: ;
            endcase
        if (idle && o_running && !go)
            o_running <= 1'b0;
        if (i_rst) begin
            o_running <= 1'b0;
            o_retire  <= 1'b0;
        end
    end

`ifdef PX_TRACE
    reg        user_w, decoded;
    always @(posedge i_clk) begin
        o_trace <= o_retire;
        decoded <= decode && !milli;
        if (decoded) begin
            o_trace_w  <= 1'b0;
            o_trace_pc <= o_pc;
            o_trace_op <= i_mem_data;
            user_w     <= 1'b1;
        end
        if (w_en && user_w && !idle && !w_reg[8]) begin
            o_trace_w <= 1'b1;
            o_trace_r <= w_reg[7:0];
            o_trace_v <= res;
        end
        if (idle || i_rst)
            user_w <= 1'b0;
        if (i_rst)
            o_trace <= 1'b0;
    end
`endif
endmodule
`default_nettype wire
