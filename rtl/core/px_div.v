// px_div.v - unsigned division, a bit a cycle: the dividend leaves quo at the top while the quotient enters below.
// By 0 every step subtracts nothing and succeeds: the quotient is all ones and the remainder the dividend, as SPEC.md
// section 5 wants it.
`default_nettype none
module px_div (
    input  wire        i_clk,
    input  wire        i_rst,
    input  wire        i_start,  // with x and y steady until o_done
    input  wire        i_rem,    // o_r is the remainder
    input  wire [31:0] i_x,
    input  wire [31:0] i_y,
    output wire        o_done,
    output wire [31:0] o_r
);
    reg  [31:0] quo, rem;
    reg  [5:0]  step;     // bit 5: at work
    reg         done;
    /* verilator lint_off UNUSEDSIGNAL */ // bit 32 is 0 where it matters; division by 0 drops it
    reg  [33:0] less;
    /* verilator lint_on UNUSEDSIGNAL */
    always @* begin
        less = 34'bx;
        if (step[5])
            less = {1'b0, rem, quo[31]} - {2'b00, i_y};
    end

    always @(posedge i_clk) begin
        step <= 6'd0;
        done <= step == 6'h3F;
        if (step[5]) begin
            step <= step + 6'd1;
            quo  <= {quo[30:0], !less[33]};
            rem  <= less[33] ? {rem[30:0], quo[31]} : less[31:0];
        end
        if (i_start) begin
            step <= 6'h20;
            quo  <= i_x;
            rem  <= 32'd0;
        end
        if (i_rst) begin
            step <= 6'd0;
            done <= 1'b0;
        end
    end
    assign o_done = done;
    assign o_r    = i_rem ? rem : quo;
endmodule
`default_nettype wire
