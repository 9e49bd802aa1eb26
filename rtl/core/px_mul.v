// px_mul.v - products: 32 x 32, four signed bytes summed (dot4), four bytes over 255.
//
// Two 9 x 9 signed multipliers between registers take bytes of x and y; their products are added into a 34-bit
// accumulator that can first move right by a byte into lo. So a step takes three cycles: operands, products, sum.
//
//   MUL     halves of x times bytes of y, from the lightest: weight 0 1 2 2 3 3 4 5 (x 2^8), moving where it grows
//   dot4    i_dot_a: bytes 0, 1 of x and of the pixel that just comes from memory; i_dot_b: bytes 2, 3 of x and y
//   MULU    byte k of x times byte k of y, rounded over 255, enters lo from the top, k = 0..3
`default_nettype none
module px_mul (
    input  wire        i_clk,
    input  wire        i_rst,
    input  wire        i_start,   // MUL or MULU, with x and y steady until o_done
    input  wire        i_byte,    // MULU
    input  wire        i_high,    // the high word
    input  wire        i_signed,  // of signed operands
    input  wire        i_clear,   // the next dot4 starts a new sum
    input  wire        i_dot_a,
    input  wire        i_dot_b,
    input  wire [31:0] i_x,
    input  wire [31:0] i_y,
    input  wire [15:0] i_m,
    output wire        o_done,    // o_r holds the product in this cycle
    output wire [31:0] o_r,       // MUL, MULU
    output wire [31:0] o_dot      // the sum with what is in flight, two cycles after i_dot_b
);
    // Steps of MUL: half of x, byte of y, and whether the accumulator moves first.
    reg [3:0] step;
    wire      busy = step != 4'd0;
    wire [3:0] n = step - 4'd1;
    reg [3:0] t; // {move, half, byte}
    always @* begin
        t = 4'b0000;
        case (n[2:0])
        3'd0: t = 4'b0_0_00;
        3'd1: t = 4'b1_0_01;
        3'd2: t = 4'b1_0_10;
        3'd3: t = 4'b0_1_00;
        3'd4: t = 4'b1_0_11;
        3'd5: t = 4'b0_1_01;
        3'd6: t = 4'b1_1_10;
        3'd7: t = 4'b1_1_11;
        endcase
    end
    // The operands of a step. Where it does not multiply it is at the second half of a dot4, or the first: what is known
    // late decides as little as can be. Where it does neither they are x, and simulation does not look for them.
    wire      on = busy || i_dot_a || i_dot_b;
    reg       last;
    reg [1:0] xb, yb;
    reg [7:0] a0, a1, yk, b0, b1;
    reg [8:0] sa0, sa1, sb0, sb1; // with their signs
    reg       dots, bytes, moves, clears;
    always @* begin
        {last, xb, yb, a0, a1, yk, b0, b1} = 45'bx;
        {sa0, sa1, sb0, sb1, dots, bytes, moves, clears} = 40'bx;
        if (on) begin
            last = i_byte ? n == 4'd3 : i_high ? n == 4'd7 : n == 4'd5;
            xb   = !busy ? {!i_dot_a, 1'b0} : i_byte ? n[1:0] : {t[2], 1'b0};
            yb   = !busy ? 2'd2 : i_byte ? n[1:0] : t[1:0];
            a0   = i_x[8*xb +: 8];
            a1   = xb[1] ? i_x[31:24] : i_x[15:8];
            yk   = i_y[8*yb +: 8];
            b0   = i_dot_a ? i_m[7:0] : yk;
            b1   = i_dot_a ? i_m[15:8] : !busy ? i_y[31:24] : yk;
            sa0  = {!busy && a0[7], a0};
            sa1  = {(!busy || (i_signed && t[2] && !i_byte)) && a1[7], a1};
            sb0  = {(!busy || (i_signed && t[1:0] == 2'd3 && !i_byte)) && b0[7], b0};
            sb1  = {(!busy || (i_signed && t[1:0] == 2'd3 && !i_byte)) && b1[7], b1};
            dots   = !busy;
            bytes  = i_byte && busy;
            moves  = t[3] && busy;
            clears = busy ? n == 4'd0 : i_dot_a && i_clear;
        end
    end
    reg signed [8:0] fa0, fa1, fb0, fb1;
    reg              f, f_dot, f_move, f_clear, f_byte, f_last;

    // keep: Yosys 0.23 otherwise packs the adder behind a DSP product and leaves its carry undefined.
    (* keep *) wire signed [17:0] m0;
    (* keep *) wire signed [17:0] m1;
    assign m0 = fa0 * fb0;
    assign m1 = fa1 * fb1;
    (* keep *) reg signed [17:0] p0, p1;
    reg        v, v_dot, v_move, v_clear, v_byte, v_last;

    // The sum.
    reg         done;
    reg  [33:0] acc;
    reg  [31:0] lo;
    reg  [33:0] w0, w1, moved, total;
    reg  [15:0] u;
    /* verilator lint_off UNUSEDSIGNAL */
    reg  [15:0] q;
    /* verilator lint_on UNUSEDSIGNAL */
    always @* begin
        {w0, w1, moved, total, u, q} = 168'bx;
        if (v) begin
            w0    = {{16{p0[17]}}, p0};
            w1    = v_dot ? {{16{p1[17]}}, p1} : {{8{p1[17]}}, p1, 8'd0};
            moved = v_clear ? 34'd0 : v_move ? {{8{acc[33]}}, acc[33:8]} : acc;
            total = moved + (w0 + w1);
            // u = p + 128; round(p / 255) = (u + (u >> 8)) >> 8 (SPEC.md section 6)
            u     = p0[15:0] + 16'd128;
            q     = u + {8'd0, u[15:8]};
        end
    end

    always @(posedge i_clk) begin
        fa0     <= sa0;
        fa1     <= sa1;
        fb0     <= sb0;
        fb1     <= sb1;
        f       <= on;
        f_dot   <= dots;
        f_byte  <= bytes;
        f_move  <= moves;
        f_clear <= clears;
        f_last  <= busy && last;
        p0      <= m0;
        p1      <= m1;
        v       <= f;
        v_dot   <= f_dot;
        v_byte  <= f_byte;
        v_move  <= f_move;
        v_clear <= f_clear;
        v_last  <= f_last;
        if (v)
            acc <= total;
        if (v && v_byte)
            lo <= {q[15:8], lo[31:8]};
        else if (v && v_move)
            lo <= {acc[7:0], lo[31:8]};
        if (i_start)
            step <= 4'd1;
        else if (busy)
            step <= last ? 4'd0 : step + 4'd1;
        done <= v_last;
        if (i_rst) begin
            step   <= 4'd0;
            f      <= 1'b0;
            f_last <= 1'b0;
            v      <= 1'b0;
            v_last <= 1'b0;
            done   <= 1'b0;
        end
    end
    assign o_done = done;
    assign o_r    = i_byte ? lo : i_high ? {acc[23:0], lo[31:24]} : {acc[7:0], lo[31:8]};
    assign o_dot  = v ? total[31:0] : acc[31:0];
endmodule
`default_nettype wire
