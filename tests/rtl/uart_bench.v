// uart_bench.v - the UART at many ratios of clock to baud rate, under Icarus: what px_uart_tx sends, px_uart_rx receives, and
// so does it what comes from a sender whose rate is off. 64 bytes, back to back. TAP.
`timescale 1ns / 1ps
`default_nettype none
module uart_pair #(
    parameter CLOCK = 8000000,
    parameter BAUD  = 1000000,
    parameter real FACTOR = 1.0  // how long the sender's bits are
) (
    output reg o_done,
    output reg o_good
);
    reg        clk = 1'b0;
    reg        rst = 1'b1;
    reg  [8:0] next = 9'd0;
    reg        far = 1'b1;
    wire       line, ready, tick;
    wire       near_valid, near_break, far_valid, far_break;
    wire [7:0] near_byte, far_byte;
    reg  [8:0] near_count = 9'd0, far_count = 9'd0;
    real       bit_time;
    reg  [7:0] byte_now;
    integer    i, j;
    function [7:0] value(input [8:0] index); // 0 and 255 are among them
        value = {index[5:0], index[5:4]};
    endfunction

    px_uart_tx #(.CLOCK(CLOCK), .BAUD(BAUD)) tx0 (
        .i_clk(clk), .i_rst(rst), .i_valid(!next[6]), .i_byte(value(next)), .o_ready(ready), .o_tick(tick), .o_tx(line));
    px_uart_rx #(.CLOCK(CLOCK), .BAUD(BAUD)) near0 (
        .i_clk(clk), .i_rst(rst), .i_rx(line), .o_valid(near_valid), .o_byte(near_byte), .o_break(near_break));
    px_uart_rx #(.CLOCK(CLOCK), .BAUD(BAUD)) far0 (
        .i_clk(clk), .i_rst(rst), .i_rx(far), .o_valid(far_valid), .o_byte(far_byte), .o_break(far_break));
    always #5 clk = !clk;

    always @(posedge clk) begin
        if (ready)
            next <= next + 9'd1;
        if (near_valid) begin
            near_count <= near_count + 9'd1;
            if (near_byte !== value(near_count))
                o_good = 1'b0;
        end
        if (far_valid) begin
            far_count <= far_count + 9'd1;
            if (far_byte !== value(far_count))
                o_good = 1'b0;
        end
        if (near_break || far_break)
            o_good = 1'b0;
    end

    initial begin
        o_done   = 1'b0;
        o_good   = 1'b1;
        bit_time = 10.0 * CLOCK / BAUD * FACTOR;
        #103 rst = 1'b0;
        #(3 * bit_time);
        for (i = 0; i < 64; i = i + 1) begin
            far      = 1'b0;
            byte_now = value(i[8:0]);
            #(bit_time);
            for (j = 0; j < 8; j = j + 1) begin
                far = byte_now[j];
                #(bit_time);
            end
            far = 1'b1;
            #(bit_time);
        end
        #(50 * bit_time);
        if (near_count !== 9'd64 || far_count !== 9'd64)
            o_good = 1'b0;
        o_done = 1'b1;
    end
endmodule

module uart_bench;
    wire [7:0] done, good;
    uart_pair #(.CLOCK(4000000),  .BAUD(1000000), .FACTOR(1.0))  p0 (.o_done(done[0]), .o_good(good[0]));
    uart_pair #(.CLOCK(4900000),  .BAUD(1000000), .FACTOR(1.01)) p1 (.o_done(done[1]), .o_good(good[1]));
    uart_pair #(.CLOCK(8000000),  .BAUD(1000000), .FACTOR(0.97)) p2 (.o_done(done[2]), .o_good(good[2]));
    uart_pair #(.CLOCK(8000000),  .BAUD(1000000), .FACTOR(1.03)) p3 (.o_done(done[3]), .o_good(good[3]));
    uart_pair #(.CLOCK(12000000), .BAUD(921600),  .FACTOR(0.97)) p4 (.o_done(done[4]), .o_good(good[4]));
    uart_pair #(.CLOCK(25000000), .BAUD(1000000), .FACTOR(1.03)) p5 (.o_done(done[5]), .o_good(good[5]));
    uart_pair #(.CLOCK(48000000), .BAUD(115200),  .FACTOR(1.03)) p6 (.o_done(done[6]), .o_good(good[6]));
    uart_pair #(.CLOCK(80000000), .BAUD(3000000), .FACTOR(1.03)) p7 (.o_done(done[7]), .o_good(good[7]));
    integer k;
    initial begin
        wait (&done);
        for (k = 0; k < 8; k = k + 1)
            $display("%0sok %0d - 64 bytes there and 64 from afar, pair %0d of uart_bench.v", good[k] ? "" : "not ", k + 1, k);
        $display("1..8");
        $finish;
    end
endmodule
`default_nettype wire
