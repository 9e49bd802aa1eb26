// px_core.v - the pixel machine: pxi/SPEC.md in hardware. rtl/README.md draws it.
//
// The host port works while o_running is low; a request waits otherwise. o_h_ready closes a request and, for a read,
// o_h_data is the word. i_stop ends a run at the next boundary of instructions that a budget can end at.
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
    output wire          o_mem_wish, // o_mem_we, or one that a check refuses: that is known late
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

    // What the units want of the datapath. One speaks at a time; who rests says 0.
    wire [DO_W-1:0] ctrl_do, check_do, vec_do, host_do;
    wire            refused;
    wire [DO_W-1:0] wish = ctrl_do | check_do | vec_do | host_do;
    wire [DO_W-1:0] now  = wish & ~(refused ? WRITE | VL_RES : {DO_W{1'b0}});

    // What the instruction in hand is.
    wire [4:0]      does;
    wire [3:0]      kind;
    wire [9:0]      entry;
    wire [DO_W-1:0] read;
    wire            again, taken, links, sets_vl, stores, or_equal, exact, times, select, pack, least, dot, each, divides,
                    remains;
    wire [2:0]      op_cause, to, runs;
    wire [1:0]      apart;
    wire [5:0]      fn;

    // What px_data answers.
    wire [7:0]  op;
    wire [2:0]  op_a;
    wire [1:0]  op_b, byte_at;
    wire [31:0] res, x, y;
    wire        clash, eq, ltu, was_eq, was_lt, was_ltu, fits, y_zero, mul_done, pc_end, pc1_end, vl_zero, idx_none, idx_first,
                idx_last, idx_end;

    // The slot that the machine lies in.
    wire        nested;
    wire [AW-1:0] base;

    // Whose turn it is.
    wire        load, idle, host_busy, milli, check, pass, overlap, check_trap, vec_done;

    // What px_lanes is told, and its answer.
    wire        take, wide, wide_done, product, iota, has_s, has_t, has_d;
    wire [31:0] sum;

    wire        host_state, host_budget, milli_state, milli_budget;
    wire        set_state = host_state || milli_state, set_budget = host_budget || milli_budget;
    wire        halt_run, retire, status_en, cause_en;
    wire [1:0]  status;
    wire [2:0]  cause;
    wire [31:0] see = op_b[0] ? {21'd0, o_cause, 6'd0, o_status} : o_budget;
    reg         none, one; // the budget is 0, was 1 in the cycle before; instructions retire some cycles apart
    reg         owes;      // a machine in a slot has trapped, which counts nothing: a budget would go on to what counts
    wire        go = o_running && o_status == ST_RUNNING && !(o_retire ? one : none) && (!i_stop || owes);

`ifdef PX_TRACE
    wire [8:0]  w_reg;
`endif

`ifdef __ICARUS__
    // The OR would hide it if two of them spoke.
    always @(posedge i_clk)
        if ({2'd0, ctrl_do != 0} + {2'd0, check_do != 0} + {2'd0, vec_do != 0} + {2'd0, host_do != 0} > 3'd1) begin
            $display("px_core.v: two units steer the datapath: %h %h %h %h", ctrl_do, check_do, vec_do, host_do);
            $finish;
        end
`endif

    px_decode decode0 (
        .i_clk(i_clk), .i_load(load), .i_op(op), .i_a(op_a), .i_b(op_b), .i_classic(!o_profile), .i_milli(milli), .i_nested(nested), .i_was_eq(was_eq),
        .i_was_lt(was_lt), .i_was_ltu(was_ltu), .o_does(does), .o_entry(entry), .o_read(read), .o_again(again),
        .o_cause(op_cause), .o_taken(taken), .o_links(links), .o_sets_vl(sets_vl), .o_stores(stores), .o_to(to),
        .o_or_equal(or_equal), .o_exact(exact), .o_runs(runs), .o_apart(apart), .o_kind(kind), .o_fn(fn),
        .o_times(times), .o_select(select), .o_pack(pack), .o_least(least), .o_dot(dot), .o_each(each),
        .o_divides(divides), .o_remains(remains));

    px_ctrl ctrl0 (
        .i_clk(i_clk), .i_rst(i_rst), .i_go(go), .i_host(host_busy), .i_does(does), .i_read(read), .i_again(again),
        .i_cause(op_cause), .i_taken(taken), .i_links(links), .i_sets_vl(sets_vl), .i_stores(stores), .i_to(to),
        .i_nested(nested), .i_a(op_a), .i_clash(clash), .i_none(idx_none), .i_first(idx_first), .i_idx_end(idx_end), .i_byte(byte_at), .i_inside(fits), .i_mul_done(mul_done), .i_pc_end(pc_end),
        .i_pc1_end(pc1_end), .i_vl_zero(vl_zero), .o_check(check), .i_overlap(overlap), .i_trap(check_trap),
        .i_vec_done(vec_done), .o_do(ctrl_do), .o_refused(refused), .o_milli(milli), .o_load(load), .o_idle(idle), .o_halt_run(halt_run),
        .o_retire(retire), .o_status_en(status_en), .o_status(status), .o_cause_en(cause_en), .o_cause(cause),
        .o_state(milli_state), .o_budget(milli_budget));

    px_check check0 (
        .i_clk(i_clk), .i_rst(i_rst), .i_start(check), .i_skip(milli), .i_runs(runs), .i_apart(apart), .i_eq(eq),
        .i_ltu(ltu), .i_inside(fits), .o_do(check_do), .o_pass(pass), .o_overlap(overlap), .o_trap(check_trap));

    px_vec #(.LANES(LANES)) vec0 (
        .i_clk(i_clk), .i_rst(i_rst), .i_start(pass), .i_kind(kind), .i_fn(fn), .i_times(times),
        .i_select(select), .i_pack(pack), .i_least(least), .i_was_eq(was_eq), .i_was_lt(was_lt), .i_was_ltu(was_ltu), .i_y_zero(y_zero),
        .i_mul_done(mul_done), .i_none(idx_none), .i_first(idx_first), .i_last(idx_last), .o_do(vec_do),
        .o_done(vec_done), .o_take(take), .o_wide(wide), .i_wide_done(wide_done), .o_product(product), .o_iota(iota),
        .o_has_s(has_s), .o_has_t(has_t), .o_has_d(has_d));

    px_host host0 (
        .i_clk(i_clk), .i_rst(i_rst), .i_idle(idle), .i_valid(i_h_valid), .i_write(i_h_write), .i_space(i_h_space),
        .i_word(i_h_addr[2:0]), .i_idx_end(idx_end), .o_ready(o_h_ready), .o_busy(host_busy), .o_state(host_state),
        .o_budget(host_budget), .o_do(host_do));

    px_data #(.AW(AW)) data0 (
        .i_clk(i_clk), .i_rst(i_rst), .o_addr(o_mem_addr), .o_data(o_mem_data), .i_pixel(i_mem_data),
        .i_h_addr(i_h_addr), .i_h_data(i_h_data), .o_res(res), .o_x(x), .o_y(y), .i_sum(sum), .o_base(base), .i_see(see), .i_do(now),
        .i_milli(milli), .i_entry(entry), .i_or_equal(or_equal), .i_exact(exact), .i_dot(dot), .i_each(each),
        .i_divides(divides), .i_remains(remains), .o_op(op), .o_a(op_a), .o_clash(clash), .o_b(op_b), .o_eq(eq), .o_ltu(ltu),
        .o_was_eq(was_eq), .o_was_lt(was_lt), .o_was_ltu(was_ltu), .o_inside(fits), .o_y_zero(y_zero),
        .o_nested(nested),        .o_mul_done(mul_done), .o_pc_end(pc_end), .o_pc1_end(pc1_end), .o_vl_zero(vl_zero), .o_idx_none(idx_none),
        .o_idx_first(idx_first), .o_idx_last(idx_last), .o_idx_end(idx_end), .o_byte(byte_at), .o_pc(o_pc), .o_vl(o_vl)
`ifdef PX_TRACE
        , .o_trace_w(w_reg)
`endif
    );

    generate
        if (LANES > 1) begin : lanes
            px_lanes #(.AW(AW), .LANES(LANES)) lanes0 (
                .i_clk(i_clk), .i_rst(i_rst), .i_take(take), .i_start(wide), .i_fn(fn), .i_product(product),
                .i_iota(iota), .i_has_s(has_s), .i_has_t(has_t), .i_has_d(has_d), .i_select(select), .i_vl(o_vl), .i_base(base),
                .i_x(x), .i_y(y), .o_done(wide_done), .o_sum(sum), .o_read(o_wide_read), .o_s(o_wide_s),
                .o_t(o_wide_t), .i_s(i_wide_s), .i_t(i_wide_t), .o_w(o_wide_w), .o_w_row(o_wide_row),
                .o_w_data(o_wide_data));
        end else begin : one_lane
            /* verilator lint_off UNUSEDSIGNAL */ // what lanes would be told
            wire unused = &{base, take, wide, product, iota, has_s, has_t, has_d, x, y, i_wide_s, i_wide_t};
            /* verilator lint_on UNUSEDSIGNAL */
            assign wide_done   = 1'b0;
            assign sum         = 32'd0;
            assign o_wide_read = 1'b0;
            assign o_wide_s    = {AW{1'b0}};
            assign o_wide_t    = {AW{1'b0}};
            assign o_wide_w    = 1'b0;
            assign o_wide_row  = {AW{1'b0}};
            assign o_wide_data = 32'd0;
        end
    endgenerate

    assign o_mem_we   = now[AT_WRITE +: 4];
    assign o_mem_wish = wish[AT_WRITE +: 4] != 4'd0;
    assign o_h_data = res;

    always @(posedge i_clk) begin
        none     <= o_retire ? one : o_budget == 32'd0;
        one      <= o_budget == 32'd1;
        o_retire <= retire;
        if (o_retire)
            o_budget <= o_budget - 32'd1;
        if (status_en)
            o_status <= status;
        if (cause_en) begin
            o_cause <= cause;
            owes    <= nested;
        end
        if (o_retire)
            owes <= 1'b0;
        if (halt_run)
            o_running <= 1'b0;
        if (set_state) begin
            o_profile <= res[16];
            o_cause   <= res[10:8];
            o_status  <= res[1:0];
        end
        if (set_budget) begin
            o_budget  <= res;
            none      <= res == 32'd0;
            o_running <= 1'b1;
        end
        if (idle && o_running && !go)
            o_running <= 1'b0;
        if (i_rst) begin
            o_running <= 1'b0;
            o_retire  <= 1'b0;
            owes      <= 1'b0;
        end
    end

`ifdef PX_ISOLATION
    // What a machine in a slot writes lies in its image.
    integer     lane;
    reg         outside, woken = 1'b0;
    wire [AW:0] size = data0.n;
    always @* begin
        outside = o_mem_we != 4'd0 && {1'b0, o_mem_addr - base} >= size;
        for (lane = 0; lane < LANES; lane = lane + 1)
            outside = outside || (o_wide_w[lane] && {1'b0, o_wide_row * LANES[AW-1:0] + lane[AW-1:0] - base} >= size);
    end
    always @(posedge i_clk) begin
        if (i_rst)
            woken <= 1'b1;
        if (woken && nested && outside) begin
            $display("px_core.v: a machine in a slot writes outside of its image: base %0d, %0d pixels, pc %0d, address %0d",
                     base, size, o_pc, o_mem_addr);
`ifdef __ICARUS__
            $finish;
`else
            $stop;
`endif
        end
    end
`endif

`ifdef PX_TRACE
    reg         user_w;
    reg  [AW:0] outer_pc, inner_pc; // a RESUME is in hand while others retire
    reg  [31:0] outer_op, inner_op;
    always @(posedge i_clk) begin
        o_trace    <= o_retire;
        o_trace_pc <= nested ? inner_pc : outer_pc;
        o_trace_op <= nested ? inner_op : outer_op;
        if (o_trace || idle)
            o_trace_w <= 1'b0;
        if (load && !milli) begin // while the last one's result is written, and its line made
            user_w   <= 1'b1;
            inner_pc <= o_pc;
            inner_op <= i_mem_data;
            if (!nested) begin
                outer_pc <= o_pc;
                outer_op <= i_mem_data;
            end
        end
        if (now[AT_W] && user_w && !idle && !w_reg[8]) begin
            o_trace_w <= 1'b1;
            o_trace_r <= w_reg[7:0];
            o_trace_v <= res;
        end
        if (now[AT_BASE]) // RESUME writes no register; that they change places is not to be seen
            o_trace_w <= 1'b0;
        if (now[AT_BASE] || idle || i_rst)
            user_w <= 1'b0;
        if (i_rst)
            o_trace <= 1'b0;
    end
`endif
endmodule
`default_nettype wire
