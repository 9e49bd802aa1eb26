// link_bench.v - the link's endpoint and the machine without UARTs, for the tests that send millions of bytes. Inputs go
// through registers, as in px_sim.v, for Verilator's sake.
`default_nettype none
module link_bench #(
    parameter AW = 11
) (
    input  wire       i_clk,
    input  wire       i_rst,
    input  wire       i_valid,
    input  wire [7:0] i_byte,
    input  wire       i_break,
    input  wire       i_tick,
    output wire       o_valid,
    output wire [7:0] o_byte,
    input  wire       i_ready,
    output wire       o_seen,
    output wire       o_running,
    output reg        o_started,  // a run has begun
    output reg        o_wrote     // the host port has written, a run's budget excepted
);
    `include "px_isa.vh"
    `include "px_host.vh"
    localparam CLOCK = 8000000;
    reg           rst, valid, brk, tick;
    reg  [7:0]    value;
    wire          h_valid, h_write, h_ready, stop, profile, push, retire;
    wire [1:0]    h_space, status;
    wire [AW-1:0] h_addr;
    wire [31:0]   h_data, h_q, budget;
    wire [AW:0]   pc, vl;
    wire [2:0]    cause;
    wire          unused = &{1'b0, push, retire};

    wire          writes = h_valid && h_ready && h_write;
    wire          starts = h_space == H_CTL && h_addr[2:0] == CTL_BUDGET;
    always @(posedge i_clk) begin
        rst       <= i_rst;
        valid     <= i_valid;
        value     <= i_byte;
        brk       <= i_break;
        tick      <= i_tick;
        o_started <= writes && starts;
        o_wrote   <= writes && !starts;
    end

    px_link #(.AW(AW), .CLOCK(CLOCK), .NAME("bench, 16 bytes.")) link0 (
        .i_clk(i_clk), .i_rst(rst), .i_valid(valid), .i_byte(value), .i_break(brk), .i_tick(tick),
        .o_valid(o_valid), .o_byte(o_byte), .i_ready(i_ready), .o_h_valid(h_valid), .o_h_write(h_write),
        .o_h_space(h_space), .o_h_addr(h_addr), .o_h_data(h_data), .i_h_ready(h_ready), .i_h_data(h_q),
        .o_stop(stop), .i_running(o_running), .i_budget(budget), .i_pc(pc), .i_vl(vl), .i_profile(profile),
        .i_status(status), .i_cause(cause), .o_push(push), .i_room(9'd0), .o_seen(o_seen));

    px_machine #(.AW(AW)) machine0 (
        .i_clk(i_clk), .i_rst(rst), .i_h_valid(h_valid), .i_h_write(h_write), .i_h_space(h_space), .i_h_addr(h_addr),
        .i_h_data(h_data), .o_h_ready(h_ready), .o_h_data(h_q), .i_stop(stop), .o_running(o_running),
        .o_budget(budget), .o_pc(pc), .o_vl(vl), .o_profile(profile), .o_status(status), .o_cause(cause),
        .o_retire(retire));
endmodule
`default_nettype wire
