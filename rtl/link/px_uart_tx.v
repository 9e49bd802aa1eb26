// px_uart_tx.v - sends bytes: 8 data bits, no parity, 1 stop bit, at any ratio of CLOCK to BAUD from 4 up. Bytes that are
// there in time follow each other without a pause.
`default_nettype none
module px_uart_tx #(
    parameter CLOCK = 48000000,
    parameter BAUD  = 1000000
) (
    input  wire       i_clk,
    input  wire       i_rst,
    input  wire       i_valid,
    input  wire [7:0] i_byte,
    output wire       o_ready,  // i_byte is taken in this cycle
    output wire       o_tick,   // once a bit, always
    output wire       o_tx
);
    localparam W = $clog2(CLOCK / BAUD) + 10;
    function [63:0] step(input integer clock, input integer baud); // products do not fit 32 bits
        step = ({32'd0, baud} << W) / {32'd0, clock};
    endfunction
    localparam [63:0] STEP = step(CLOCK, BAUD);

    reg [W:0] phase;
    reg [9:0] bits;                    // bit 0 is on the line; the highest 1 is the stop bit
    wire      last = bits[9:1] == 9'd0;

    assign o_tick  = phase[W];
    assign o_ready = o_tick && last && i_valid;
    assign o_tx    = bits[0];

    always @(posedge i_clk) begin
        phase <= {1'b0, phase[W-1:0]} + {1'b0, STEP[W-1:0]};
        if (o_ready)
            bits <= {1'b1, i_byte, 1'b0};
        else if (o_tick && !last)
            bits <= {1'b0, bits[9:1]};
        if (i_rst) begin
            phase <= {W+1{1'b0}};
            bits  <= 10'd1;
        end
    end
endmodule
`default_nettype wire
