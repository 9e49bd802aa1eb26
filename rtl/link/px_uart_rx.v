// px_uart_rx.v - receives bytes: 8 data bits, no parity, 1 stop bit, at any ratio of CLOCK to BAUD from 4 up.
//
// A phase accumulator counts bits; it starts half a bit ahead at a falling edge, so that each bit is looked at in its
// middle. The step is exact to one part in 1,000. After the middle of the stop bit the next start bit may come at any
// time: with 8 clocks a bit the other end may be 3 % too fast or too slow.
`default_nettype none
module px_uart_rx #(
    parameter CLOCK = 48000000,
    parameter BAUD  = 1000000
) (
    input  wire       i_clk,
    input  wire       i_rst,
    input  wire       i_rx,     // as it comes from the pin
    output reg        o_valid,  // o_byte is a byte; at least 4 bits lie between two of them
    output wire [7:0] o_byte,
    output reg        o_break   // instead: the stop bit was missing. The line has to be high once before the next byte
);
    localparam W = $clog2(CLOCK / BAUD) + 10;
    function [63:0] step(input integer clock, input integer baud); // products do not fit 32 bits
        step = ({32'd0, baud} << W) / {32'd0, clock};
    endfunction
    localparam [63:0] STEP = step(CLOCK, BAUD);
    localparam [1:0] IDLE = 2'd0, START = 2'd1, DATA = 2'd2, STUCK = 2'd3;

    reg [1:0] state;
    reg [1:0] line;   // synchroniser
    wire      rx = line[1];
    reg [8:0] bits;   // a 1 runs ahead of the data; when it is at the end, the stop bit is next
    reg [W:0] phase;  // bit W: the middle of a bit
    wire      middle = phase[W];

    assign o_byte = bits[8:1];

    always @(posedge i_clk) begin
        line    <= {line[0], i_rx};
        phase   <= {1'b0, state == IDLE ? {1'b1, {W-1{1'b0}}} : phase[W-1:0]} + {1'b0, STEP[W-1:0]};
        o_valid <= 1'b0;
        o_break <= 1'b0;
        case (state)
        IDLE: begin
            bits <= 9'h100;
            if (!rx)
                state <= START;
        end
        START:
            if (middle)
                state <= rx ? IDLE : DATA;
        DATA:
            if (middle) begin
                if (!bits[0])
                    bits <= {rx, bits[8:1]};
                else begin
                    o_valid <= rx;
                    o_break <= !rx;
                    state   <= rx ? IDLE : STUCK;
                end
            end
        default:
            if (rx)
                state <= IDLE;
        endcase
        if (i_rst) begin
            state   <= STUCK;
            line    <= 2'b00;
            o_valid <= 1'b0;
            o_break <= 1'b0;
        end
    end
endmodule
`default_nettype wire
