// px_alu.v - every word and byte function of SPEC.md sections 5 and 6 that is not a product, in one cycle.
//
// One adder serves words and four byte lanes: between the bytes stands a guard bit, which hands the carry on (word),
// swallows it (byte addition) or makes the 1 that a byte subtraction starts with.
//
//       guard    x y   next lane gets   sum bit
//       word     1 0   the carry        not carry
//       byte +   0 0   0                carry out of the lane
//       byte -   1 1   1                carry out of the lane
//
// One right shifter serves both directions (reversed operand), both widths (per-lane counts below 8) and the byte
// moves EXT and INS.
`default_nettype none
module px_alu (
    input  wire [5:0]  i_op,    // {kind, function}: kind 0 word, 1 byte, 2 the ALU_ list of px_ops.vh
    input  wire        i_sub,   // f_sub of i_op, decoded a cycle ahead
    input  wire [31:0] i_x,
    input  wire [31:0] i_y,
    input  wire [1:0]  i_lane,  // the byte of EXT and INS
    input  wire [31:0] i_mul,   // the multiplier's result
    output reg  [31:0] o_r,
    output wire        o_eq,    // these three hold when the adder subtracts words
    output wire        o_lt,
    output wire        o_ltu,
    output wire        o_carry
);
    `include "px_isa.vh"
    `include "px_ops.vh"

    wire       word = i_op[5:4] == 2'd0;
    wire       byt  = i_op[5:4] == 2'd1;
    wire [3:0] fn   = i_op[3:0];

    // The adder.
    wire [31:0] yn = i_y ^ {32{i_sub}};
    wire        gx = !byt || i_sub;
    wire        gy = byt && i_sub;
    /* verilator lint_off UNUSEDSIGNAL */ // the bit under the carry in
    wire [36:0] sum = {1'b0, i_x[31:24], gx, i_x[23:16], gx, i_x[15:8], gx, i_x[7:0], 1'b1}
                    + {1'b0, yn[31:24],  gy, yn[23:16],  gy, yn[15:8],  gy, yn[7:0],  i_sub};
    /* verilator lint_on UNUSEDSIGNAL */
    wire [31:0] s = {sum[35:28], sum[26:19], sum[17:10], sum[8:1]};
    wire [3:0]  cy = {sum[36], sum[27], sum[18], sum[9]};

    // The shifter.
    wire ext  = i_op == ALU_EXT;
    wire ins  = i_op == ALU_INS;
    wire left = word ? fn == WORD_SHL : byt ? fn == BYTE_SHL : ins;
    wire fill = word && fn == WORD_SAR && i_x[31];
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
    function [31:0] spread(input [3:0] v); // a bit a lane
        spread = {{8{v[3]}}, {8{v[2]}}, {8{v[1]}}, {8{v[0]}}};
    endfunction

    // The counts: y's, or each lane's own (the reversed operand has its lanes reversed too), or none for EXT and INS.
    wire       own = byt && !left;
    wire       rev = byt && left;
    wire [2:0] n0  = i_op[5] ? 3'd0 : rev ? i_y[26:24] : i_y[2:0];
    wire [2:0] n1  = i_op[5] ? 3'd0 : own ? i_y[10:8] : rev ? i_y[18:16] : i_y[2:0];
    wire [2:0] n2  = i_op[5] ? 3'd0 : own ? i_y[18:16] : rev ? i_y[10:8] : i_y[2:0];
    wire [2:0] n3  = i_op[5] ? 3'd0 : own ? i_y[26:24] : i_y[2:0];
    wire [1:0] c8  = ext || ins ? i_lane : byt ? 2'd0 : i_y[4:3];
    wire [31:0] m1 = spread({n3[0], n2[0], n1[0], n0[0]});
    wire [31:0] m2 = spread({n3[1], n2[1], n1[1], n0[1]});
    wire [31:0] m4 = spread({n3[2], n2[2], n1[2], n0[2]});
    wire [31:0] stay = {32{!byt}}; // bits may cross between lanes
    wire [31:0] sh0  = left ? reverse(i_x) : i_x;
    wire [31:0] sh1  = (sh0 & ~m1) | ({fill, sh0[31:1]} & (stay | 32'h7F7F7F7F) & m1);
    wire [31:0] sh2  = (sh1 & ~m2) | ({{2{fill}}, sh1[31:2]} & (stay | 32'h3F3F3F3F) & m2);
    wire [31:0] sh4  = (sh2 & ~m4) | ({{4{fill}}, sh2[31:4]} & (stay | 32'h0F0F0F0F) & m4);
    wire [31:0] sh8  = c8[0] ? {{8{fill}}, sh4[31:8]} : sh4;
    wire [31:0] sh16 = c8[1] ? {{16{fill}}, sh8[31:16]} : sh8;
    wire [31:0] sh   = left ? reverse(sh16) : sh16;

    // Flags of the word and of each lane.
    wire [3:0] sx   = {i_x[31], i_x[23], i_x[15], i_x[7]};
    wire [3:0] sy   = {i_y[31], i_y[23], i_y[15], i_y[7]};
    wire [3:0] ss   = {s[31], s[23], s[15], s[7]};
    wire [3:0] ltu  = ~cy;
    wire [3:0] lt   = ltu ^ sx ^ sy;
    wire [3:0] ovf  = (sx ^ ss) & ~(sx ^ sy ^ {4{i_sub}});
    wire [31:0] xy  = i_x ^ i_y;
    wire [3:0] eq   = {xy[31:24] == 8'd0, xy[23:16] == 8'd0, xy[15:8] == 8'd0, xy[7:0] == 8'd0};
    assign o_eq    = &eq;
    assign o_lt    = lt[3];
    assign o_ltu   = ltu[3];
    assign o_carry = cy[3];

    // What each byte of the result is taken from.
    localparam [2:0] SUM = 3'd0, LOGIC = 3'd1, SHIFT = 3'd2, FLAG = 3'd3, LIMIT = 3'd4, MUL = 3'd5;
    reg [11:0] from;              // three bits a byte
    reg [3:0]  mx, my;            // LOGIC: x and y let through (min, max, pass), both: or
    reg        is_and, is_xor;
    reg [3:0]  flag, low, high;   // FLAG: bit 0 of the lane. LIMIT: the lane's bits 6:0 and 7
    reg [3:0]  less;
    integer    k;
    always @* begin
        mx     = 4'h0;
        my     = 4'h0;
        is_and = word && fn == WORD_AND;
        is_xor = word && fn == WORD_XOR;
        flag   = 4'h0;
        low    = 4'h0;
        high   = 4'h0;
        less   = 4'h0;
        from   = {4{LOGIC}};
        if (word)
            case (fn) // SPEC.md section 5, the WORD functions
            WORD_ADD, WORD_SUB: from = {4{SUM}};
            WORD_OR:            begin mx = 4'hF; my = 4'hF; end
            WORD_SHL, WORD_SHR, WORD_SAR: from = {4{SHIFT}};
            WORD_SLT, WORD_SLTU, WORD_SEQ: begin
                from = {4{FLAG}};
                flag[0] = fn == WORD_SLT ? o_lt : fn == WORD_SLTU ? o_ltu : o_eq;
            end
            WORD_MIN:           begin mx = {4{o_lt}}; my = {4{!o_lt}}; end
            WORD_MAX:           begin mx = {4{!o_lt}}; my = {4{o_lt}}; end
            WORD_MUL, WORD_MULH, WORD_MULHU: from = {4{MUL}};
            default: ;
            endcase
        else if (byt)
            for (k = 0; k < 4; k = k + 1)
                case (fn) // SPEC.md section 6, the BYTE functions
                BYTE_ADD, BYTE_SUB: from[3*k +: 3] = SUM;
                BYTE_ADDU: begin
                    from[3*k +: 3] = cy[k] ? LIMIT : SUM;
                    low[k] = 1'b1;
                    high[k] = 1'b1;
                end
                BYTE_SUBU: from[3*k +: 3] = cy[k] ? SUM : LIMIT;
                BYTE_ADDS, BYTE_SUBS: begin
                    from[3*k +: 3] = ovf[k] ? LIMIT : SUM;
                    low[k] = !sx[k];
                    high[k] = sx[k];
                end
                BYTE_SHL, BYTE_SHR: from[3*k +: 3] = SHIFT;
                BYTE_SLT, BYTE_SLTU, BYTE_SEQ: begin
                    from[3*k +: 3] = FLAG;
                    flag[k] = fn == BYTE_SLT ? lt[k] : fn == BYTE_SLTU ? ltu[k] : eq[k];
                end
                BYTE_MULU: from[3*k +: 3] = MUL;
                default: begin // BYTE_MIN, BYTE_MAX, BYTE_MINU, BYTE_MAXU
                    less[k] = fn == BYTE_MIN || fn == BYTE_MAX ? lt[k] : ltu[k];
                    mx[k] = less[k] ^ (fn == BYTE_MAX || fn == BYTE_MAXU);
                    my[k] = !mx[k];
                end
                endcase
        else begin
            mx = {4{i_op == ALU_X}};
            my = {4{i_op == ALU_Y}};
            if (i_op == ALU_MUL)
                from = {4{MUL}};
            if (ext)
                from[2:0] = SHIFT; // the other bytes stay 0
            if (ins)
                my = 4'hF;
            for (k = 0; k < 4; k = k + 1)
                if (ins && i_lane == k[1:0])
                    from[3*k +: 3] = SHIFT;
        end
    end

    always @* begin
        for (k = 0; k < 4; k = k + 1)
            case (from[3*k +: 3])
            SUM:     o_r[8*k +: 8] = s[8*k +: 8];
            SHIFT:   o_r[8*k +: 8] = sh[8*k +: 8];
            FLAG:    o_r[8*k +: 8] = {7'd0, flag[k]};
            LIMIT:   o_r[8*k +: 8] = {high[k], {7{low[k]}}};
            MUL:     o_r[8*k +: 8] = i_mul[8*k +: 8];
            default: o_r[8*k +: 8] = is_xor ? xy[8*k +: 8]
                                   : is_and ? i_x[8*k +: 8] & i_y[8*k +: 8]
                                   : (i_x[8*k +: 8] & {8{mx[k]}}) | (i_y[8*k +: 8] & {8{my[k]}});
            endcase
    end
endmodule
`default_nettype wire
