// px_alu.v - every word and byte function of SPEC.md sections 5 and 6 that is not a product, in one cycle.
//
// One adder serves words and their four bytes: between the bytes stands a guard bit, which hands the carry on (word),
// swallows it (byte addition) or makes the 1 that a byte subtraction starts with.
//
//       guard    x y   next byte gets   sum bit
//       word     1 0   the carry        not carry
//       byte +   0 0   0                carry out of the byte
//       byte -   1 1   1                carry out of the byte
//
// One right shifter serves both directions (reversed operand), both widths (counts below 8, each byte its own) and the byte
// moves EXT and INS.
`default_nettype none
module px_alu (
    input  wire        i_on,    // o_r and o_carry are looked at; else they are x, and simulation is spared the work
    input  wire [20:0] i_ctl,   // of px_alu_ctl, steady or registered
    input  wire [31:0] i_x,
    input  wire [31:0] i_y,
    input  wire [1:0]  i_byte,  // the byte of EXT and INS
    input  wire [31:0] i_mul,   // the multiplier's result
    output reg  [31:0] o_r,
    output reg         o_eq,    // these three hold when the adder subtracts words, i_on or not
    output reg         o_lt,
    output reg         o_ltu,
    output reg         o_carry
);
    `include "px_alu.vh"

    wire byt    = i_ctl[C_BYTES];
    wire sub    = i_ctl[C_SUB];
    wire sgn    = i_ctl[C_SIGNED];
    wire pick   = i_ctl[C_PICK];
    wire most   = i_ctl[C_MOST];
    wire flag   = i_ctl[C_FLAG];
    wire equal  = i_ctl[C_EQUAL];
    wire sum    = i_ctl[C_SUM];
    wire above  = i_ctl[C_ABOVE];
    wire below  = i_ctl[C_BELOW];
    wire both   = i_ctl[C_BOTH];
    wire x_in   = i_ctl[C_X];
    wire y_in   = i_ctl[C_Y];
    wire and_xy = i_ctl[C_AND];
    wire xor_xy = i_ctl[C_XOR];
    wire shift  = i_ctl[C_SHIFT];
    wire ext    = i_ctl[C_EXT];
    wire ins    = i_ctl[C_INS];
    wire left   = i_ctl[C_LEFT];
    wire sar    = i_ctl[C_SAR];
    wire mul    = i_ctl[C_MUL];

    // Whole words at a time, which simulates faster than bits; both are the same wires.
    function [31:0] reverse(input [31:0] v);
        reg [31:0] r;
        begin
            r = {v[15:0], v[31:16]};
            r = ((r >> 8) & 32'h00FF00FF) | ((r & 32'h00FF00FF) << 8);
            r = ((r >> 4) & 32'h0F0F0F0F) | ((r & 32'h0F0F0F0F) << 4);
            r = ((r >> 2) & 32'h33333333) | ((r & 32'h33333333) << 2);
            reverse = ((r >> 1) & 32'h55555555) | ((r & 32'h55555555) << 1);
        end
    endfunction
    function [31:0] spread(input [3:0] v); // a bit for each byte
        spread = {{8{v[3]}}, {8{v[2]}}, {8{v[1]}}, {8{v[0]}}};
    endfunction

    // The adder, and the flags of each byte; those of the word are the last byte's, and all bytes' together.
    wire [31:0] xy = i_x ^ i_y;
    wire [31:0] yn = i_y ^ {32{sub}};
    wire        gx = !byt || sub;
    wire        gy = byt && sub;
    /* verilator lint_off UNUSEDSIGNAL */ // the bit under the carry in
    reg  [36:0] wide;
    /* verilator lint_on UNUSEDSIGNAL */
    reg  [3:0]  cy, sx, sy, eq;
    always @* begin
        wide = 37'bx;
        {cy, sx, sy, eq, o_eq, o_lt, o_ltu, o_carry} = 20'bx;
        if (i_on || sub) begin
            wide = {1'b0, i_x[31:24], gx, i_x[23:16], gx, i_x[15:8], gx, i_x[7:0], 1'b1}
                 + {1'b0, yn[31:24],  gy, yn[23:16],  gy, yn[15:8],  gy, yn[7:0],  sub};
            cy = {wide[36], wide[27], wide[18], wide[9]};
            sx = {i_x[31], i_x[23], i_x[15], i_x[7]};
            sy = {i_y[31], i_y[23], i_y[15], i_y[7]};
            eq = {xy[31:24] == 8'd0, xy[23:16] == 8'd0, xy[15:8] == 8'd0, xy[7:0] == 8'd0};
            o_eq    = &eq;
            o_lt    = !cy[3] ^ sx[3] ^ sy[3];
            o_ltu   = !cy[3];
            o_carry = cy[3];
        end
    end

    // The shifter. Counts: y's, or each byte's own (the reversed operand has its bytes reversed too), or none for EXT and
    // INS.
    wire       shifts = shift || ext || ins;
    reg        whole, own, rev, fill;
    reg [2:0]  n0, n1, n2, n3;
    reg [1:0]  c8;
    reg [31:0] m1, m2, m4, stay, sh0, sh1, sh2, sh4, sh8, sh16, sh;
    always @* begin
        {whole, own, rev, fill, n0, n1, n2, n3, c8} = 18'bx;
        {m1, m2, m4, stay, sh0, sh1, sh2, sh4, sh8, sh16, sh} = 352'bx;
        if (i_on && shifts) begin
            whole = ext || ins;
            own   = byt && !left;
            rev   = byt && left;
            fill  = sar && i_x[31];
            n0    = whole ? 3'd0 : rev ? i_y[26:24] : i_y[2:0];
            n1    = whole ? 3'd0 : own ? i_y[10:8] : rev ? i_y[18:16] : i_y[2:0];
            n2    = whole ? 3'd0 : own ? i_y[18:16] : rev ? i_y[10:8] : i_y[2:0];
            n3    = whole ? 3'd0 : own ? i_y[26:24] : i_y[2:0];
            c8    = whole ? i_byte : byt ? 2'd0 : i_y[4:3];
            m1    = spread({n3[0], n2[0], n1[0], n0[0]});
            m2    = spread({n3[1], n2[1], n1[1], n0[1]});
            m4    = spread({n3[2], n2[2], n1[2], n0[2]});
            stay  = {32{!byt}}; // bits may cross between bytes
            sh0   = left ? reverse(i_x) : i_x;
            sh1   = (sh0 & ~m1) | ({fill, sh0[31:1]} & (stay | 32'h7F7F7F7F) & m1);
            sh2   = (sh1 & ~m2) | ({{2{fill}}, sh1[31:2]} & (stay | 32'h3F3F3F3F) & m2);
            sh4   = (sh2 & ~m4) | ({{4{fill}}, sh2[31:4]} & (stay | 32'h0F0F0F0F) & m4);
            sh8   = c8[0] ? {{8{fill}}, sh4[31:8]} : sh4;
            sh16  = c8[1] ? {{16{fill}}, sh8[31:16]} : sh8;
            sh    = left ? reverse(sh16) : sh16;
        end
    end

    // The result: a sum or its limit, x or y or both, or something that the flags have no part in.
    reg [3:0]  ss, ovf, turn, less, here, mx, my, over, high, low, bits;
    reg [31:0] mo, lim;
    always @* begin
        {ss, ovf, turn, less, here, mx, my, over, high, low, bits} = 44'bx;
        {mo, lim, o_r} = 96'bx;
        if (i_on) begin
            ss   = {wide[35], wide[26], wide[17], wide[8]};
            ovf  = (sx ^ ss) & ~(sx ^ sy ^ {4{sub}});
            turn = {4{sgn}} & (byt ? sx ^ sy : {4{sx[3] ^ sy[3]}});
            less = ~(byt ? cy : {4{cy[3]}}) ^ turn;
            here = {ins && i_byte == 2'd3, ins && i_byte == 2'd2, ins && i_byte == 2'd1, ins && i_byte == 2'd0};
            mx   = {4{x_in}} | ({4{pick}} & (less ^ {4{most}}));
            my   = ({4{y_in}} & ~here) | ({4{pick}} & ~(less ^ {4{most}}));
            over = ({4{above}} & cy) | ({4{below}} & ~cy) | ({4{both}} & ovf);
            high = {4{above}} | ({4{both}} & sx);
            low  = {4{above}} | ({4{both}} & ~sx);
            bits = {4{flag}} & (equal ? (byt ? eq : {4{o_eq}}) : less) & {{3{byt}}, 1'b1};
            mo   = spread(over);
            lim  = (spread(high) & 32'h80808080) | (spread(low) & 32'h7F7F7F7F);
            o_r  = ({32{sum}} & (({wide[35:28], wide[26:19], wide[17:10], wide[8:1]} & ~mo) | (lim & mo)))
                 | (i_x & spread(mx)) | (i_y & spread(my))
                 | ({32{xor_xy}} & xy) | ({32{and_xy}} & i_x & i_y)
                 | (sh & spread({4{shift}} | {3'd0, ext} | here)) | ({32{mul}} & i_mul)
                 | {7'd0, bits[3], 7'd0, bits[2], 7'd0, bits[1], 7'd0, bits[0]};
        end
    end

`ifdef FORMAL
    // What the flags say of a subtraction of words.
    always @*
        if (sub && !byt) begin
            assert (o_eq == (i_x == i_y));
            assert (o_ltu == (i_x < i_y));
            assert (o_lt == ($signed(i_x) < $signed(i_y)));
        end
`endif
endmodule
`default_nettype wire
