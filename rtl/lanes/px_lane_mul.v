// px_lane_mul.v - the products of a lane, four cycles from operands to result, one in each cycle.
//
// Four 17 x 17 signed multipliers take halves or bytes:
//
//            product 0    1        2        3         result
//   word     xl yl        xl yh    xh yl    xh yh     p3:p0 + (p1 + p2) 2^16, the low word or the high
//   dot4     bytes 0      1        2        3         (p0 + p3) + (p1 + p2)
//   MULU     bytes 0      1        2        3         each over 255, rounded
//
// i_plus is added to the low word of a product.
`default_nettype none
module px_lane_mul (
    input  wire        i_clk,
    input  wire [5:0]  i_op,    // ALU_MUL: dot4; else a word's or a byte's product. Steady while it works
    input  wire [31:0] i_x,
    input  wire [31:0] i_y,
    input  wire [31:0] i_plus,
    output wire [31:0] o_r      // four cycles after i_x and i_y, not registered
);
    `include "px_isa.vh"
    `include "px_alu.vh"

    wire dot  = i_op == ALU_MUL;
    wire byt  = i_op[4];
    wire sign = i_op[3:0] == WORD_MULH;
    wire high = i_op[3:0] != WORD_MUL;

    // Cycle 1: the factors. A byte is extended by its sign in dot4.
    function [16:0] factor(input bytes, input bytes_signed, input [7:0] b, input half_signed, input [15:0] half);
        factor = bytes ? {{9{bytes_signed && b[7]}}, b} : {half_signed && half[15], half};
    endfunction
    reg signed [16:0] a0, a1, a2, a3, b0, b1, b2, b3;
    // Cycle 2: the products.
    /* verilator lint_off UNUSEDSIGNAL */ // the signs of p0 and p3, which no result needs
    reg signed [33:0] p0, p1, p2, p3;
    /* verilator lint_on UNUSEDSIGNAL */
    // Cycle 3: their sums.
    reg        [31:0] low, top;
    reg signed [34:0] inner;
    reg signed [17:0] outer;
    reg        [15:0] u0, u1, u2, u3;

    always @(posedge i_clk) begin
        a0    <= factor(dot || byt, dot, i_x[7:0],   1'b0, i_x[15:0]);
        a1    <= factor(dot || byt, dot, i_x[15:8],  1'b0, i_x[15:0]);
        a2    <= factor(dot || byt, dot, i_x[23:16], sign, i_x[31:16]);
        a3    <= factor(dot || byt, dot, i_x[31:24], sign, i_x[31:16]);
        b0    <= factor(dot || byt, dot, i_y[7:0],   1'b0, i_y[15:0]);
        b1    <= factor(dot || byt, dot, i_y[15:8],  sign, i_y[31:16]);
        b2    <= factor(dot || byt, dot, i_y[23:16], 1'b0, i_y[15:0]);
        b3    <= factor(dot || byt, dot, i_y[31:24], sign, i_y[31:16]);
        p0    <= a0 * b0;
        p1    <= a1 * b1;
        p2    <= a2 * b2;
        p3    <= a3 * b3;
        low   <= p0[31:0] + i_plus;
        top   <= p3[31:0];
        inner <= {p1[33], p1} + {p2[33], p2};
        outer <= p0[17:0] + p3[17:0];
        u0    <= p0[15:0] + 16'd128;
        u1    <= p1[15:0] + 16'd128;
        u2    <= p2[15:0] + 16'd128;
        u3    <= p3[15:0] + 16'd128;
    end

    // Cycle 4. u = p + 128; round(p / 255) = (u + (u >> 8)) >> 8 (SPEC.md section 6)
    wire [47:0] word = {top, low[31:16]} + {{13{inner[34]}}, inner};
    wire [17:0] four = outer + inner[17:0];
    /* verilator lint_off UNUSEDSIGNAL */ // what the shift drops
    wire [15:0] v0   = u0 + {8'd0, u0[15:8]};
    wire [15:0] v1   = u1 + {8'd0, u1[15:8]};
    wire [15:0] v2   = u2 + {8'd0, u2[15:8]};
    wire [15:0] v3   = u3 + {8'd0, u3[15:8]};
    /* verilator lint_on UNUSEDSIGNAL */
    assign o_r = dot ? {{14{four[17]}}, four}
               : byt ? {v3[15:8], v2[15:8], v1[15:8], v0[15:8]}
               : high ? word[47:16] : {word[15:0], low[15:0]};
endmodule
`default_nettype wire
