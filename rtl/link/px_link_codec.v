// px_link_codec.v - frames of the link (pxi/LINK.md, section 1) out of bytes and into bytes. rtl/README.md draws it.
//
// One direction at a time, as the link works: a frame comes in; if it holds, its user has the turn, reads the payload
// and orders the reply; the reply goes out. The same word register, CRC, counters and frame buffer serve both ways. What
// comes during the turn and the reply is dropped, up to the next 0x00.
//
// The word register moves by bytes, the byte in hand stands at its top, and the CRC takes that byte bit by bit. Coming
// in, payload word k goes to buffer[k mod 256]: the address of a WRITE has been taken when its 257th word overwrites it.
// Going out, the buffer holds the bytes of one piece of COBS, a byte a word, until the piece's length is known.
`default_nettype none
module px_link_codec (
    input  wire        i_clk,
    input  wire        i_rst,
    // bytes
    input  wire        i_valid,   // i_byte has come; 10 cycles from one to the next, at least
    input  wire [7:0]  i_byte,
    input  wire        i_break,   // what has begun to come is no frame
    input  wire        i_tick,    // once a bit
    output wire        o_valid,
    output wire [7:0]  o_byte,
    input  wire        i_ready,   // o_byte is taken
    // a frame on its way in: o_take when a byte of it stands in o_word[31:24]
    output wire        o_take,
    output reg  [1:0]  o_phase,   // word 0, 1, 2, or a later one; of a reply: head, length, payload, CRC
    output reg  [1:0]  o_place,   // byte in the word
    output reg  [31:0] o_word,
    output wire        o_good,    // it was a frame, and the user has the turn
    // the user's turn
    input  wire        i_first,   // o_q becomes the first payload word, two cycles later; so it does after o_good
    input  wire        i_next,    // o_q becomes the next one
    output reg  [31:0] o_q,
    input  wire        i_load,    // o_word becomes i_word
    input  wire        i_store,   // o_word replaces the payload word in o_q
    output reg  [8:0]  o_length,  // payload words of the frame; of the reply, those that are still to go
    input  wire        i_set,     // to i_length
    input  wire [8:0]  i_length,
    input  wire        i_count,   // one down
    input  wire        i_reply,   // ends the turn: a reply of o_length words
    // a reply on its way out
    output wire        o_want,    // i_word should be the next word: o_phase and o_length tell which
    input  wire        i_have,    // it is
    input  wire [31:0] i_word
);
    localparam [3:0] LISTEN = 4'd0, CRC = 4'd1, TAKE = 4'd2, TURN = 4'd3, WORD = 4'd4, BYTE = 4'd5, PUT = 4'd6,
                     NEXT = 4'd7, FLUSH = 4'd8, CODE = 4'd9, WAIT = 4'd10, DATA = 4'd11, CLOSE = 4'd12;

    reg [3:0]  state;
    reg        out;             // a reply is going out
    reg        bad, begun;      // drop what comes, something has come, until the next 0x00
    reg [15:0] quiet;           // bits since the last byte
    reg [7:0]  left;            // bytes until the next code byte, itself counted
    reg        zero;            // a 0 is meant where the piece ends
    reg [8:0]  n;               // place in the buffer, modulo 256; coming in, it counts payload words
    reg [2:0]  at;            // of the byte in hand
    reg [31:0] crc;
    reg        right;           // the word in hand is, as far as it has come, the CRC of what stood before it
    reg        last;            // the reply's last byte is in its piece

    wire [7:0] top    = o_word[31:24];
    wire       ending   = i_byte == 8'd0;
    wire       code   = left == 8'd1;
    wire       heard  = state == LISTEN && i_valid;
    wire       whole  = !bad && code && o_place == 2'd0 && right;
    wire       push   = heard && !ending && !bad && (!code || zero);
    wire       closed = state == CLOSE && i_ready;
    wire       head   = state == TURN && i_reply;
    wire       start  = head || closed || (heard && ending && !whole);
    wire       full   = n[7:0] == 8'hFF;
    wire       fourth = o_place == 2'd3;
    wire       is0    = top == 8'd0;
    wire       none   = o_length == 9'd0;
    wire       check  = out ? o_phase == 2'd3 : o_phase[1] && n == o_length; // this word is the CRC
    wire       odd    = crc[0] ^ top[at];
    wire       feed   = odd && !check; // else the CRC, complete, moves out bit by bit
    wire       sent   = state == DATA && !code && i_ready;

    assign o_take  = state == TAKE;
    assign o_good  = heard && ending && whole;
    assign o_want  = state == WORD;
    assign o_valid = state == CODE || state == CLOSE || (state == DATA && !code);
    assign o_byte  = state == CODE ? left : state == CLOSE ? 8'd0 : o_q[31:24];

    // The frame buffer: block RAM.
    (* no_rw_check *) // what a read gives in the cycle of a write to the same place is never used
    reg  [31:0] buffer [0:255];
    wire        store = (o_take && fourth && o_phase[1] && !(n[8] && n[0])) || state == PUT || i_store;
    always @(posedge i_clk) begin
        if (store)
            buffer[n[7:0]] <= o_word;
        o_q <= buffer[n[7:0]];
    end

    // Which byte comes in next, and what it does to the word.
    reg [7:0] entering;
    always @* begin
        if (!out)
            entering = code ? 8'd0 : i_byte;
        else if (o_phase == 2'd3)
            entering = ~crc[7:0];
        else
            entering = o_word[7:0];
    end

    always @(posedge i_clk) begin
        case (state)
        LISTEN:
            if (o_good)
                state <= TURN;
            else if (push)
                state <= CRC;
        CRC:
            if (at == 3'd7)
                state <= out ? PUT : TAKE;
        TAKE:
            state <= LISTEN;
        TURN:
            if (i_reply)
                state <= WORD;
        WORD:
            if (i_have)
                state <= BYTE;
        BYTE:
            state <= CRC;
        PUT:
            state <= is0 ? FLUSH : NEXT;
        NEXT:
            if (last || full)
                state <= FLUSH;
            else
                state <= o_place == 2'd0 && o_phase != 2'd3 ? WORD : BYTE;
        FLUSH:
            state <= CODE;
        CODE:
            if (i_ready)
                state <= WAIT;
        WAIT:
            state <= DATA;
        DATA:
            if (!code)
                state <= i_ready ? WAIT : DATA;
            else
                state <= zero ? CLOSE : NEXT;
        default:
            if (i_ready)
                state <= LISTEN;
        endcase
        if (i_rst)
            state <= LISTEN;
    end

    always @(posedge i_clk) begin
        // the word in hand
        if ((o_want && i_have) || i_load)
            o_word <= i_word;
        else if (push || state == BYTE)
            o_word <= {entering, o_word[31:8]};
        if (state == CRC) begin
            at  <= at + 3'd1;
            crc   <= {1'b0, crc[31:1]} ^ (feed ? 32'hEDB88320 : 32'd0);
            right <= odd && check && (right || (o_place == 2'd0 && at == 3'd0)); // the inverse is sent
        end
        if (o_take || state == PUT) begin
            o_place <= o_place + 2'd1;
            if (fourth && !(out && o_phase[0] != o_phase[1]))
                o_phase <= o_phase == 2'd3 ? 2'd3 : o_phase + 2'd1;
            else if (fourth)
                o_phase <= none ? 2'd3 : 2'd2;
        end

        // its length
        if (o_take && o_phase == 2'd1 && o_place == 2'd0)
            o_length[7:0] <= top;
        if (o_take && o_phase == 2'd1 && o_place == 2'd1)
            o_length[8] <= top[0];
        if (i_set)
            o_length <= i_length;
        if (i_count || (o_want && i_have && o_phase == 2'd2))
            o_length <= o_length - 9'd1;

        // the buffer
        if ((o_take && fourth && o_phase[1]) || (state == PUT && !is0) || sent || i_next)
            n <= n + 9'd1;
        if (closed || (heard && ending) || i_first)
            n <= 9'd0;
        if (head || state == FLUSH || (state == DATA && code))
            n <= 9'd1;

        // COBS; going out, zero says that the piece on its way is the last
        if (heard && !ending && !bad) begin
            left <= code ? i_byte : left - 8'd1;
            if (code)
                zero <= i_byte != 8'hFF;
        end
        if (state == FLUSH)
            left <= n[7:0];
        if (state == NEXT)
            zero <= last;
        if (sent)
            left <= left - 8'd1;

        // what is dropped
        if (i_valid) begin
            begun <= !ending;
            bad   <= !ending && (bad || state != LISTEN);
            quiet <= 16'd0;
        end else if (i_tick)
            quiet <= quiet + 16'd1;
        if (begun && (i_break || (quiet[15] && quiet[13]))) // 4,096 byte times, 40,960 bits
            bad <= 1'b1;
        if (o_take && ((o_phase == 2'd0 && fourth && !is0) ||
                       (o_phase == 2'd1 && (o_place == 2'd1 ? top[7:1] != 7'd0 : o_place[1] && !is0)) ||
                       (fourth && n[8] && n[1])))
            bad <= 1'b1;

        if (start) begin
            o_phase <= 2'd0;
            o_place <= 2'd0;
            left    <= 8'd1;
            zero    <= 1'b0;
            crc     <= 32'hFFFFFFFF;
            right   <= 1'b0;
            out     <= head;
        end
        if (start)
            last <= 1'b0;
        else if (state == PUT && fourth && o_phase == 2'd3)
            last <= 1'b1;
        if (i_rst) begin
            o_phase <= 2'd0;
            o_place <= 2'd0;
            n       <= 9'd0;
            left    <= 8'd1;
            zero    <= 1'b0;
            crc     <= 32'hFFFFFFFF;
            at    <= 3'd0;
            out     <= 1'b0;
            last    <= 1'b0;
            bad     <= 1'b1;
            begun   <= 1'b0;
            quiet   <= 16'd0;
        end
    end
endmodule
`default_nettype wire
