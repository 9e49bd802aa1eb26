// px_sim.v - px_machine with its inputs behind registers: the top that Verilator makes fast.
//
// All logic that hangs on inputs of its top is evaluated by Verilator at each eval, twice a clock. The controller hangs on
// the host port, and nearly everything on the controller; behind registers it is evaluated once. A host access takes two
// cycles more.
`default_nettype none
module px_sim #(
    parameter AW    = 11,
    parameter LANES = 1
) (
    input  wire          i_clk,
    input  wire          i_rst,
    input  wire          i_h_valid,
    input  wire          i_h_write,
    input  wire [1:0]    i_h_space,
    input  wire [AW-1:0] i_h_addr,
    input  wire [31:0]   i_h_data,
    output reg           o_h_ready,
    output reg  [31:0]   o_h_data,
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
    reg           rst, stop, valid, write;
    reg  [1:0]    space;
    reg  [AW-1:0] addr;
    reg  [31:0]   data;
    wire          ready;
    wire [31:0]   word;

    always @(posedge i_clk) begin
        rst       <= i_rst;
        stop      <= i_stop;
        valid     <= i_h_valid && !o_h_ready && !(valid && ready); // one access, however long the host holds valid
        write     <= i_h_write;
        space     <= i_h_space;
        addr      <= i_h_addr;
        data      <= i_h_data;
        o_h_ready <= valid && ready;
        o_h_data  <= word;
    end

    px_machine #(.AW(AW), .LANES(LANES)) machine0 (
        .i_clk(i_clk), .i_rst(rst), .i_h_valid(valid), .i_h_write(write), .i_h_space(space), .i_h_addr(addr),
        .i_h_data(data), .o_h_ready(ready), .o_h_data(word), .i_stop(stop), .o_running(o_running),
        .o_budget(o_budget), .o_pc(o_pc), .o_vl(o_vl), .o_profile(o_profile), .o_status(o_status),
        .o_cause(o_cause), .o_retire(o_retire)
`ifdef PX_TRACE
        , .o_trace(o_trace), .o_trace_op(o_trace_op), .o_trace_pc(o_trace_pc), .o_trace_w(o_trace_w),
        .o_trace_r(o_trace_r), .o_trace_v(o_trace_v)
`endif
    );
endmodule
`default_nettype wire
