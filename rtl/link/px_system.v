// px_system.v - what a board's top holds beside pins, clock and reset: the machine, its link on a UART, and with WIRE a
// second transmitter for the frames of the serial driver.
`default_nettype none
module px_system #(
    parameter AW           = 11,
    parameter DEPTH        = 1 << AW,
    parameter SPRAM        = 0,
    parameter LANES        = 1,
    parameter CLOCK        = 48000000,
    parameter BAUD         = 1000000,
    parameter [127:0] NAME = "board",
    parameter WIRE         = 0
) (
    input  wire i_clk,
    input  wire i_rst,      // synchronous
    input  wire i_rx,       // from the pin as it is
    output wire o_tx,
    output wire o_wire,     // high without WIRE
    output wire o_running,
    output wire o_trapped,
    output wire o_link      // changes with each good frame
);
    `include "px_isa.vh"

    wire          rx_valid, rx_break, tick, tx_valid, tx_ready;
    wire [7:0]    rx_byte, tx_byte;
    wire          h_valid, h_write, h_ready, stop, profile;
    wire [1:0]    h_space, status;
    wire [AW-1:0] h_addr;
    wire [31:0]   h_data, h_q, budget;
    wire [AW:0]   pc, vl;
    wire [2:0]    cause;
    wire          push, retire;
    wire [8:0]    room;

    assign o_trapped = status == ST_TRAPPED;

    px_uart_rx #(.CLOCK(CLOCK), .BAUD(BAUD)) rx0 (
        .i_clk(i_clk), .i_rst(i_rst), .i_rx(i_rx), .o_valid(rx_valid), .o_byte(rx_byte), .o_break(rx_break));

    px_uart_tx #(.CLOCK(CLOCK), .BAUD(BAUD)) tx0 (
        .i_clk(i_clk), .i_rst(i_rst), .i_valid(tx_valid), .i_byte(tx_byte), .o_ready(tx_ready), .o_tick(tick),
        .o_tx(o_tx));

    px_link #(.AW(AW), .DEPTH(DEPTH), .LANES(LANES), .CLOCK(CLOCK), .NAME(NAME), .WIRE(WIRE)) link0 (
        .i_clk(i_clk), .i_rst(i_rst), .i_valid(rx_valid), .i_byte(rx_byte), .i_break(rx_break), .i_tick(tick),
        .o_valid(tx_valid), .o_byte(tx_byte), .i_ready(tx_ready), .o_h_valid(h_valid), .o_h_write(h_write),
        .o_h_space(h_space), .o_h_addr(h_addr), .o_h_data(h_data), .i_h_ready(h_ready), .i_h_data(h_q),
        .o_stop(stop), .i_running(o_running), .i_budget(budget), .i_pc(pc), .i_vl(vl), .i_profile(profile),
        .i_status(status), .i_cause(cause), .o_push(push), .i_room(room), .o_seen(o_link));

    px_machine #(.AW(AW), .DEPTH(DEPTH), .SPRAM(SPRAM), .LANES(LANES)) machine0 (
        .i_clk(i_clk), .i_rst(i_rst), .i_h_valid(h_valid), .i_h_write(h_write), .i_h_space(h_space),
        .i_h_addr(h_addr), .i_h_data(h_data), .o_h_ready(h_ready), .o_h_data(h_q), .i_stop(stop),
        .o_running(o_running), .o_budget(budget), .o_pc(pc), .o_vl(vl), .o_profile(profile), .o_status(status),
        .o_cause(cause), .o_retire(retire));

    generate
        if (WIRE != 0) begin : wire_end
            px_wire #(.CLOCK(CLOCK)) wire0 (
                .i_clk(i_clk), .i_rst(i_rst), .i_push(push), .i_frame(h_data), .o_room(room), .o_wire(o_wire));
        end else begin : no_wire
            assign room   = 9'd0;
            assign o_wire = 1'b1;
        end
    endgenerate
    wire unused = &{1'b0, retire, push};
endmodule
`default_nettype wire
