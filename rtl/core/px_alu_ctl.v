// px_alu_ctl.v - what each operation asks of px_alu, one bit for each thing that it can do. Apart from px_alu, so that
// a register can stand between: the flags then decide with nothing left to decode.
`default_nettype none
module px_alu_ctl (
    input  wire [5:0]  i_op,    // {kind, function}: kind 0 word, 1 byte, 2 the ALU_ list of px_alu.vh
    output wire [20:0] o_ctl
);
    `include "px_isa.vh"
    `include "px_alu.vh"

    wire       word = i_op[5:4] == 2'd0;
    wire       byt  = i_op[5:4] == 2'd1;
    wire [3:0] fn   = i_op[3:0];
    wire       ext  = i_op == ALU_EXT;
    wire       ins  = i_op == ALU_INS;

    // SPEC.md section 5, the WORD functions, and section 6, the BYTE functions. A result is a flag (less, or equal),
    // the one of x and y that is less (or most), a sum, a sum within limits (above, below, both), x or y or what they
    // have in common or apart, a shift, or the multiplier's.
    wire flag  = word ? fn == WORD_SLT || fn == WORD_SLTU || fn == WORD_SEQ
               : byt && (fn == BYTE_SLT || fn == BYTE_SLTU || fn == BYTE_SEQ);
    wire equal = word ? fn == WORD_SEQ : fn == BYTE_SEQ;
    wire pick  = word ? fn == WORD_MIN || fn == WORD_MAX
               : byt && (fn == BYTE_MIN || fn == BYTE_MAX || fn == BYTE_MINU || fn == BYTE_MAXU);
    wire most  = word ? fn == WORD_MAX : fn == BYTE_MAX || fn == BYTE_MAXU;
    wire sgn   = word ? fn != WORD_SLTU : fn == BYTE_SLT || fn == BYTE_MIN || fn == BYTE_MAX;
    wire above = byt && fn == BYTE_ADDU;
    wire below = byt && fn == BYTE_SUBU;
    wire both  = byt && (fn == BYTE_ADDS || fn == BYTE_SUBS);
    wire sum   = word ? fn == WORD_ADD || fn == WORD_SUB
               : above || below || both || (byt && (fn == BYTE_ADD || fn == BYTE_SUB));
    wire sub   = flag || pick || below || (word ? fn == WORD_SUB : byt && (fn == BYTE_SUB || fn == BYTE_SUBS));
    wire shift = word ? fn == WORD_SHL || fn == WORD_SHR || fn == WORD_SAR : byt && (fn == BYTE_SHL || fn == BYTE_SHR);
    wire left  = word ? fn == WORD_SHL : byt ? fn == BYTE_SHL : ins;
    wire sar   = word && fn == WORD_SAR;
    wire mul   = word ? fn == WORD_MUL || fn == WORD_MULH || fn == WORD_MULHU : byt ? fn == BYTE_MULU : i_op == ALU_MUL;
    wire x_in  = word ? fn == WORD_OR : i_op == ALU_X;          // by themselves: or, and the moves
    wire y_in  = word ? fn == WORD_OR : i_op == ALU_Y || ins;
    wire and_xy = word && fn == WORD_AND;
    wire xor_xy = word && fn == WORD_XOR;
    assign o_ctl[C_BYTES]  = byt;
    assign o_ctl[C_SUB]    = sub;
    assign o_ctl[C_SIGNED] = sgn;
    assign o_ctl[C_PICK]   = pick;
    assign o_ctl[C_MOST]   = most;
    assign o_ctl[C_FLAG]   = flag;
    assign o_ctl[C_EQUAL]  = equal;
    assign o_ctl[C_SUM]    = sum;
    assign o_ctl[C_ABOVE]  = above;
    assign o_ctl[C_BELOW]  = below;
    assign o_ctl[C_BOTH]   = both;
    assign o_ctl[C_X]      = x_in;
    assign o_ctl[C_Y]      = y_in;
    assign o_ctl[C_AND]    = and_xy;
    assign o_ctl[C_XOR]    = xor_xy;
    assign o_ctl[C_SHIFT]  = shift;
    assign o_ctl[C_EXT]    = ext;
    assign o_ctl[C_INS]    = ins;
    assign o_ctl[C_LEFT]   = left;
    assign o_ctl[C_SAR]    = sar;
    assign o_ctl[C_MUL]    = mul;

`ifdef FORMAL
    // A result has one source; x and y are one that may have two (OR) or a part of it from the shifter (INS). A flag or a
    // choice comes from a subtraction. The names of px_alu.vh are the functions that they stand for.
    always @* begin
        assert ({2'd0, flag} + {2'd0, pick} + {2'd0, sum} + {2'd0, shift} + {2'd0, ext} + {2'd0, mul} + {2'd0, and_xy}
              + {2'd0, xor_xy} + {2'd0, x_in || y_in} <= 3'd1);
        assert (!(flag || pick) || sub);
        assert (ALU_ADD == {2'd0, WORD_ADD} && ALU_SUB == {2'd0, WORD_SUB} && ALU_SHR == {2'd0, WORD_SHR});
    end
`endif
endmodule
`default_nettype wire
