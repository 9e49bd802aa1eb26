// px_alu_ctl.v - what each operation asks of px_alu, one bit for each thing that it can do. Apart from px_alu, so that
// a register can stand between: the flags then decide with nothing left to decode.
`default_nettype none
module px_alu_ctl (
    input  wire        i_on,    // o_ctl is looked at; it is x otherwise, and simulation is spared the work
    input  wire [5:0]  i_op,    // {kind, function}: kind 0 word, 1 byte, 2 the ALU_ list of px_alu.vh
    output reg  [20:0] o_ctl
);
    `include "px_isa.vh"
    `include "px_alu.vh"

    reg [3:0] fn;
    reg       word, byt, ext, ins, flag, equal, pick, most, sgn, above,
              below, both, sum, sub, shift, left, sar, mul, x_in, y_in, and_xy, xor_xy;
    always @* begin
        o_ctl = 21'bx;
        {fn, word, byt, ext, ins, flag, equal, pick, most, sgn, above} = 14'bx;
        {below, both, sum, sub, shift, left, sar, mul, x_in, y_in, and_xy, xor_xy} = 12'bx;
        if (i_on) begin
            word   = i_op[5:4] == 2'd0;
            byt    = i_op[5:4] == 2'd1;
            fn     = i_op[3:0];
            ext    = i_op == ALU_EXT;
            ins    = i_op == ALU_INS;
            // SPEC.md section 5, the WORD functions, and section 6, the BYTE functions. A result is a flag (less, or equal),
            // the one of x and y that is less (or most), a sum, a sum within limits (above, below, both), x or y or what they
            // have in common or apart, a shift, or the multiplier's.
            flag   = word ? fn == WORD_SLT || fn == WORD_SLTU || fn == WORD_SEQ
                   : byt && (fn == BYTE_SLT || fn == BYTE_SLTU || fn == BYTE_SEQ);
            equal  = word ? fn == WORD_SEQ : fn == BYTE_SEQ;
            pick   = word ? fn == WORD_MIN || fn == WORD_MAX
                   : byt && (fn == BYTE_MIN || fn == BYTE_MAX || fn == BYTE_MINU || fn == BYTE_MAXU);
            most   = word ? fn == WORD_MAX : fn == BYTE_MAX || fn == BYTE_MAXU;
            sgn    = word ? fn != WORD_SLTU : fn == BYTE_SLT || fn == BYTE_MIN || fn == BYTE_MAX;
            above  = byt && fn == BYTE_ADDU;
            below  = byt && fn == BYTE_SUBU;
            both   = byt && (fn == BYTE_ADDS || fn == BYTE_SUBS);
            sum    = word ? fn == WORD_ADD || fn == WORD_SUB
                   : above || below || both || (byt && (fn == BYTE_ADD || fn == BYTE_SUB));
            sub    = flag || pick || below || (word ? fn == WORD_SUB : byt && (fn == BYTE_SUB || fn == BYTE_SUBS));
            shift  = word ? fn == WORD_SHL || fn == WORD_SHR || fn == WORD_SAR : byt && (fn == BYTE_SHL || fn == BYTE_SHR);
            left   = word ? fn == WORD_SHL : byt ? fn == BYTE_SHL : ins;
            sar    = word && fn == WORD_SAR;
            mul    = word ? fn == WORD_MUL || fn == WORD_MULH || fn == WORD_MULHU : byt ? fn == BYTE_MULU : i_op == ALU_MUL;
            x_in   = word ? fn == WORD_OR : i_op == ALU_X;          // by themselves: or, and the moves
            y_in   = word ? fn == WORD_OR : i_op == ALU_Y || ins;
            and_xy = word && fn == WORD_AND;
            xor_xy = word && fn == WORD_XOR;
            // C_MUL, ..., C_BYTES
            o_ctl  = {mul, sar, left, ins, ext, shift, xor_xy, and_xy, y_in, x_in, both,
                      below, above, sum, equal, flag, most, pick, sgn, sub, byt};
        end
    end

`ifdef FORMAL
    // A result has one source; x and y are one that may have two (OR) or a part of it from the shifter (INS). A flag or a
    // choice comes from a subtraction. The names of px_alu.vh are the functions that they stand for.
    always @* if (i_on) begin
        assert ({2'd0, flag} + {2'd0, pick} + {2'd0, sum} + {2'd0, shift} + {2'd0, ext} + {2'd0, mul} + {2'd0, and_xy}
              + {2'd0, xor_xy} + {2'd0, x_in || y_in} <= 3'd1);
        assert (!(flag || pick) || sub);
        assert (ALU_ADD == {2'd0, WORD_ADD} && ALU_SUB == {2'd0, WORD_SUB} && ALU_SHR == {2'd0, WORD_SHR});
    end
`endif
endmodule
`default_nettype wire
