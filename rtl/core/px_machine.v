// px_machine.v - the core with its pixels: what simulation runs and `make report` measures.
`default_nettype none
module px_machine #(
    parameter AW    = 11,
    parameter DEPTH = 1 << AW,
    parameter SPRAM = 0,         // pixels in the single-port RAM of an UP5K; AW is then 15 or less
    parameter LANES = 1          // pixels that the vector loops work on at once, a power of two; not with SPRAM
) (
    input  wire          i_clk,
    input  wire          i_rst,
    input  wire          i_h_valid,
    input  wire          i_h_write,
    input  wire [1:0]    i_h_space,
    input  wire [AW-1:0] i_h_addr,
    input  wire [31:0]   i_h_data,
    output wire          o_h_ready,
    output wire [31:0]   o_h_data,
    input  wire          i_stop,
    output wire          o_running,
    output wire [31:0]   o_budget,
    output wire [AW:0]   o_pc,
    output wire [AW:0]   o_vl,
    output wire          o_profile,
    output wire [1:0]    o_status,
    output wire [2:0]    o_cause,
    output wire          o_retire
`ifdef PX_TRACE
    ,
    output wire          o_trace,
    output wire [31:0]   o_trace_op,
    output wire [AW:0]   o_trace_pc,
    output wire          o_trace_w,
    output wire [7:0]    o_trace_r,
    output wire [31:0]   o_trace_v
`endif
);
    wire [AW-1:0] addr;
    wire [3:0]    we;
    /* verilator lint_off UNUSEDSIGNAL */ // block RAM waits for the check
    wire          wish;
    /* verilator lint_on UNUSEDSIGNAL */
    wire [31:0]   data, pixel;
    wire          wide_read;
    wire [AW-1:0] wide_s_at, wide_t_at;
    wire [32*LANES-1:0]         wide_s, wide_t, wide_data;
    wire [LANES-1:0]            wide_w;
    wire [AW-$clog2(LANES)-1:0] wide_row;

    px_core #(.AW(AW), .LANES(LANES)) core0 (
        .i_clk(i_clk), .i_rst(i_rst), .o_mem_addr(addr), .o_mem_we(we), .o_mem_wish(wish), .o_mem_data(data), .i_mem_data(pixel),
        .o_wide_read(wide_read), .o_wide_s(wide_s_at), .o_wide_t(wide_t_at), .i_wide_s(wide_s), .i_wide_t(wide_t),
        .o_wide_w(wide_w), .o_wide_row(wide_row), .o_wide_data(wide_data),
        .i_h_valid(i_h_valid), .i_h_write(i_h_write), .i_h_space(i_h_space), .i_h_addr(i_h_addr),
        .i_h_data(i_h_data), .o_h_ready(o_h_ready), .o_h_data(o_h_data), .i_stop(i_stop), .o_running(o_running),
        .o_budget(o_budget), .o_pc(o_pc), .o_vl(o_vl), .o_profile(o_profile), .o_status(o_status),
        .o_cause(o_cause), .o_retire(o_retire)
`ifdef PX_TRACE
        , .o_trace(o_trace), .o_trace_op(o_trace_op), .o_trace_pc(o_trace_pc), .o_trace_w(o_trace_w),
        .o_trace_r(o_trace_r), .o_trace_v(o_trace_v)
`endif
    );

    generate
        if (LANES > 1) begin : lanes
            px_banks #(.AW(AW), .DEPTH(DEPTH), .LANES(LANES)) mem0 (
                .i_clk(i_clk), .i_addr(addr), .i_we(we), .i_data(data), .o_q(pixel), .i_read(wide_read),
                .i_s(wide_s_at), .i_t(wide_t_at), .o_s(wide_s), .o_t(wide_t), .i_w(wide_w), .i_w_row(wide_row),
                .i_w_data(wide_data));
        end else begin : narrow
            /* verilator lint_off UNUSEDSIGNAL */ // what lanes would ask for
            wire unused = &{wide_read, wide_s_at, wide_t_at, wide_w, wide_row, wide_data};
            /* verilator lint_on UNUSEDSIGNAL */
            assign wide_s = 32'd0;
            assign wide_t = 32'd0;
        end
        if (LANES == 1 && SPRAM != 0) begin : spram
            px_spram #(.AW(AW)) mem0 (
                .i_clk(i_clk), .i_addr(addr), .i_wish(wish), .i_we(we), .i_data(data), .o_q(pixel));
        end else if (LANES == 1) begin : bram
            px_mem #(.AW(AW), .DEPTH(DEPTH)) mem0 (
                .i_clk(i_clk), .i_addr(addr), .i_we(we), .i_data(data), .o_q(pixel));
        end
    endgenerate
endmodule
`default_nettype wire
