// px_link_reply.v - the words of the endpoint's replies (pxi/LINK.md, sections 2 and 3). Logic only: a word is picked by
// the place in the frame and by how many payload words are still to go.
`default_nettype none
module px_link_reply #(
    parameter AW           = 11,
    parameter DEPTH        = 1 << AW,
    parameter LANES        = 1,
    parameter CLOCK        = 48000000,
    parameter [127:0] NAME = "board",
    parameter WIRE         = 0
) (
    input  wire [1:0]  i_phase,    // head, length, payload
    input  wire [8:0]  i_length,
    input  wire [7:0]  i_number,
    input  wire [2:0]  i_kind,
    input  wire [3:0]  i_error,    // 0: none
    input  wire        i_underway,
    input  wire        i_profile,
    input  wire [2:0]  i_cause,
    input  wire [1:0]  i_status,
    input  wire [AW:0] i_pc,
    input  wire [AW:0] i_vl,
    input  wire [31:0] i_budget,
    input  wire        i_host,     // it is i_h_data
    input  wire [31:0] i_h_data,
    output reg  [31:0] o_word
);
    `include "px_link.vh"

    localparam [31:0] ABOUT = 32'd1 | LANES << 8 | 32'd1 << CAP_CLASSIC | 32'd1 << CAP_RESUME
                             | (WIRE != 0 ? 32'd1 << CAP_WIRE : 32'd0);

    // Verilog has the last letter of a string at the bottom, and zeros above the first.
    function [127:0] letters(input [127:0] name);
        integer i;
        begin
            letters = 128'd0;
            for (i = 0; i < 16; i = i + 1)
                if (name[8*i +: 8] != 8'd0)
                    letters = {letters[119:0], name[8*i +: 8]};
        end
    endfunction
    localparam [127:0] LETTERS = letters(NAME);

    // Words that are still to go while the first is.
    localparam [3:0] HELLO = R_HELLO_LENGTH[3:0];
    localparam [2:0] STATUS = R_STATUS_LENGTH[2:0];

    always @* begin
        o_word = 32'd0;
        case (i_phase)
        2'd0: o_word = {8'd0, i_number, i_error != 4'd0 ? TYPE_ERROR : {5'b10000, i_kind}, LINK_VERSION};
        2'd1: o_word = {23'd0, i_length};
        2'd2:
            if (i_error != 4'd0)
                o_word = {28'd0, i_error};
            else if (i_host)
                o_word = i_h_data;
            else if (i_kind == TYPE_HELLO[2:0])
                case (i_length[3:0])
                HELLO - R_HELLO_MAGIC[3:0]: o_word = LINK_MAGIC;
                HELLO - R_HELLO_ABOUT[3:0]: o_word = ABOUT;
                HELLO - R_HELLO_PIXELS[3:0]: o_word = DEPTH;
                HELLO - R_HELLO_PAYLOAD[3:0]: o_word = LINK_BASE;
                HELLO - R_HELLO_CLOCK[3:0]: o_word = CLOCK;
                HELLO - R_HELLO_NAME[3:0]: o_word = LETTERS[31:0];
                HELLO - R_HELLO_NAME[3:0] - 4'd1: o_word = LETTERS[63:32];
                HELLO - R_HELLO_NAME[3:0] - 4'd2: o_word = LETTERS[95:64];
                default: o_word = LETTERS[127:96];
                endcase
            else
                case (i_length[2:0])
                STATUS - R_STATUS_FLAGS[2:0]: o_word = {i_underway, 14'd0, i_profile, 5'd0, i_cause, 6'd0, i_status};
                STATUS - R_STATUS_PC[2:0]: o_word = {{31-AW{1'b0}}, i_pc};
                STATUS - R_STATUS_VL[2:0]: o_word = {{31-AW{1'b0}}, i_vl};
                default: o_word = i_budget;
                endcase
        default: ;
        endcase
    end
endmodule
`default_nettype wire
