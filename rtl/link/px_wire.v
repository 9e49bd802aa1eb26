// px_wire.v - transmits the serial driver's frames (pxi/programs/SERIAL.md), each with its own divisor and line control, out
// of a queue of 256.
//
// Time comes in half bits of divisor 1, 230,400 a second. `base` makes them out of CLOCK as a fraction in lowest terms,
// so that each is at most a clock off and the error never adds up. The frame at the head of the queue stands in q while
// it is sent; it leaves, and the next one is there, between `early` and `tick`, which moves everything else. So the next
// start bit follows the stop bit without a pause.
`default_nettype none
module px_wire #(
    parameter CLOCK = 48000000   // at least 1 MHz
) (
    input  wire        i_clk,
    input  wire        i_rst,
    input  wire        i_push,   // there is room
    input  wire [31:0] i_frame,  // data, divisor low, line control, divisor high
    output reg  [8:0]  o_room,   // frames that the queue can take
    output reg         o_wire
);
    function integer divisor(input integer x, input integer y);
        integer i, a, b, rest;
        begin
            a = x;
            b = y;
            for (i = 0; i < 48; i = i + 1)
                if (b != 0) begin
                    rest = a % b;
                    a    = b;
                    b    = rest;
                end
            divisor = a;
        end
    endfunction
    localparam COMMON = divisor(CLOCK, 230400);
    localparam UP     = 230400 / COMMON;
    localparam DOWN   = UP - CLOCK / COMMON;
    localparam W      = $clog2(CLOCK / COMMON) + 1;
    localparam [1:0] START = 2'd0, DATA = 2'd1, PARITY = 2'd2, STOP = 2'd3;

    reg [W-1:0] base;     // below 0 between two ticks
    reg         early, later, tick;
    wire        due = !base[W-1];

    // The queue: block RAM.
    (* no_rw_check *) // what a read gives in the cycle of a write to the same place is never used
    reg [31:0] queue [0:255];
    reg [31:0] q;
    reg [7:0]  head, tail;
    reg        waiting;   // q is a frame
    always @(posedge i_clk) begin
        if (i_push)
            queue[tail] <= i_frame;
        q <= queue[head];
    end

    // What q is.
    wire [15:0] period   = {q[31:24], q[15:8]};
    wire [1:0]  length   = q[17:16];
    wire        two      = q[18];
    wire        checked  = q[19];
    wire        even     = q[20];
    wire        stick    = q[21];
    wire        breaks   = q[22];

    reg         busy;
    reg         held;     // low throughout: the frame on the line is a break; q is the next one a cycle before its start
    reg [1:0]   part;
    reg [1:0]   halves;   // of the bit on the line, beyond the one that runs
    reg [15:0]  left;     // ticks in this half
    reg [2:0]   at;       // data bit
    reg         odd;      // ones among the data bits so far
    wire        half_end = left[15:1] == 15'd0;
    wire        bit_end  = half_end && halves == 2'd0;
    wire        ended    = part == STOP && bit_end;
    wire        pop      = early && busy && ended;
    wire        data_end = at == {1'b1, length};
    reg [1:0]   next;
    reg         level;

    always @* begin
        next  = DATA;
        level = 1'b1;
        case (part)
        START: level = 1'b0;
        DATA: begin
            level = q[{2'b00, at}];
            if (data_end)
                next = checked ? PARITY : STOP;
        end
        PARITY: begin
            level = stick ? !even : odd == even;
            next  = STOP;
        end
        default: next = START;
        endcase
    end

    always @(posedge i_clk) begin
        base    <= base + (due ? DOWN[W-1:0] : UP[W-1:0]);
        early   <= due;
        later   <= early;
        tick    <= later;
        waiting <= !o_room[8];
        o_wire  <= !busy || (level && !held);
        if (i_push)
            tail <= tail + 8'd1;
        if (pop)
            head <= head + 8'd1;
        if (i_push != pop)
            o_room <= o_room + {{8{i_push}}, 1'b1};
        if (tick) begin
            if (!busy || bit_end || half_end)
                left <= period;
            else
                left <= left - 16'd1;
            if (!busy || (bit_end && next != STOP))
                halves <= 2'd1;
            else if (bit_end)
                halves <= !two ? 2'd1 : length == 2'd0 ? 2'd2 : 2'd3;
            else if (half_end)
                halves <= halves - 2'd1;
            if (!busy || ended) begin
                busy <= waiting;
                held <= breaks;
                part <= START;
                at   <= 3'd0;
                odd  <= 1'b0;
            end else if (bit_end) begin
                if (part == DATA) begin
                    odd <= odd ^ level;
                    at  <= at + 3'd1;
                end
                part <= next;
            end
        end
        if (i_rst) begin
            base    <= {1'b1, {W-1{1'b0}}};
            busy    <= 1'b0;
            early   <= 1'b0;
            later   <= 1'b0;
            tick    <= 1'b0;
            waiting <= 1'b0;
            head    <= 8'd0;
            tail    <= 8'd0;
            o_room  <= 9'd256;
            o_wire  <= 1'b1;
        end
    end
endmodule
`default_nettype wire
