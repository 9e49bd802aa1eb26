// gate_ecp5.v - the cells of ECP5 that Yosys' models (ecp5/cells_sim.v, cells_bb.v) leave empty, as far as synthesis uses
// them: block RAM without output registers or resets, the multiplier without registers, the PLL. Anything else stops the
// simulation. Widths, address bits and byte enables: Lattice FPGA-TN-02204 (ECP5 memory usage guide), and where it leaves
// initial values and the halves of a 36-bit word open, Yosys' brams_map.v; multiplier: FPGA-TN-02205 (sysDSP).
//
// Stricter than hardware in two ways, so that nothing leans on luck: a block without initial contents wakes up with random
// bits, and a port that reads the word which the other one is writing gets random bits.
`default_nettype none
module DP16KD (
    input wire DIA17, DIA16, DIA15, DIA14, DIA13, DIA12, DIA11, DIA10, DIA9, DIA8, DIA7, DIA6, DIA5, DIA4, DIA3, DIA2,
    DIA1, DIA0,
    input wire ADA13, ADA12, ADA11, ADA10, ADA9, ADA8, ADA7, ADA6, ADA5, ADA4, ADA3, ADA2, ADA1, ADA0,
    input wire CEA, OCEA, CLKA, WEA, RSTA, CSA2, CSA1, CSA0,
    output wire DOA17, DOA16, DOA15, DOA14, DOA13, DOA12, DOA11, DOA10, DOA9, DOA8, DOA7, DOA6, DOA5, DOA4, DOA3,
    DOA2, DOA1, DOA0,
    input wire DIB17, DIB16, DIB15, DIB14, DIB13, DIB12, DIB11, DIB10, DIB9, DIB8, DIB7, DIB6, DIB5, DIB4, DIB3, DIB2,
    DIB1, DIB0,
    input wire ADB13, ADB12, ADB11, ADB10, ADB9, ADB8, ADB7, ADB6, ADB5, ADB4, ADB3, ADB2, ADB1, ADB0,
    input wire CEB, OCEB, CLKB, WEB, RSTB, CSB2, CSB1, CSB0,
    output wire DOB17, DOB16, DOB15, DOB14, DOB13, DOB12, DOB11, DOB10, DOB9, DOB8, DOB7, DOB6, DOB5, DOB4, DOB3,
    DOB2, DOB1, DOB0
);
    parameter DATA_WIDTH_A = 18;
    parameter DATA_WIDTH_B = 18;
    parameter WRITEMODE_A = "NORMAL";
    parameter WRITEMODE_B = "NORMAL";
    parameter REGMODE_A = "NOREG";
    parameter REGMODE_B = "NOREG";
    parameter CLKAMUX = "CLKA";
    parameter CLKBMUX = "CLKB";
    parameter CSDECODE_A = "0b000";
    parameter CSDECODE_B = "0b000";
    parameter RESETMODE = "SYNC"; // of resets that are not used
    parameter ASYNC_RESET_RELEASE = "SYNC";
    parameter GSR = "ENABLED";
    parameter [319:0] INITVAL_00 = 320'h0;
    parameter [319:0] INITVAL_01 = 320'h0;
    parameter [319:0] INITVAL_02 = 320'h0;
    parameter [319:0] INITVAL_03 = 320'h0;
    parameter [319:0] INITVAL_04 = 320'h0;
    parameter [319:0] INITVAL_05 = 320'h0;
    parameter [319:0] INITVAL_06 = 320'h0;
    parameter [319:0] INITVAL_07 = 320'h0;
    parameter [319:0] INITVAL_08 = 320'h0;
    parameter [319:0] INITVAL_09 = 320'h0;
    parameter [319:0] INITVAL_0A = 320'h0;
    parameter [319:0] INITVAL_0B = 320'h0;
    parameter [319:0] INITVAL_0C = 320'h0;
    parameter [319:0] INITVAL_0D = 320'h0;
    parameter [319:0] INITVAL_0E = 320'h0;
    parameter [319:0] INITVAL_0F = 320'h0;
    parameter [319:0] INITVAL_10 = 320'h0;
    parameter [319:0] INITVAL_11 = 320'h0;
    parameter [319:0] INITVAL_12 = 320'h0;
    parameter [319:0] INITVAL_13 = 320'h0;
    parameter [319:0] INITVAL_14 = 320'h0;
    parameter [319:0] INITVAL_15 = 320'h0;
    parameter [319:0] INITVAL_16 = 320'h0;
    parameter [319:0] INITVAL_17 = 320'h0;
    parameter [319:0] INITVAL_18 = 320'h0;
    parameter [319:0] INITVAL_19 = 320'h0;
    parameter [319:0] INITVAL_1A = 320'h0;
    parameter [319:0] INITVAL_1B = 320'h0;
    parameter [319:0] INITVAL_1C = 320'h0;
    parameter [319:0] INITVAL_1D = 320'h0;
    parameter [319:0] INITVAL_1E = 320'h0;
    parameter [319:0] INITVAL_1F = 320'h0;
    parameter [319:0] INITVAL_20 = 320'h0;
    parameter [319:0] INITVAL_21 = 320'h0;
    parameter [319:0] INITVAL_22 = 320'h0;
    parameter [319:0] INITVAL_23 = 320'h0;
    parameter [319:0] INITVAL_24 = 320'h0;
    parameter [319:0] INITVAL_25 = 320'h0;
    parameter [319:0] INITVAL_26 = 320'h0;
    parameter [319:0] INITVAL_27 = 320'h0;
    parameter [319:0] INITVAL_28 = 320'h0;
    parameter [319:0] INITVAL_29 = 320'h0;
    parameter [319:0] INITVAL_2A = 320'h0;
    parameter [319:0] INITVAL_2B = 320'h0;
    parameter [319:0] INITVAL_2C = 320'h0;
    parameter [319:0] INITVAL_2D = 320'h0;
    parameter [319:0] INITVAL_2E = 320'h0;
    parameter [319:0] INITVAL_2F = 320'h0;
    parameter [319:0] INITVAL_30 = 320'h0;
    parameter [319:0] INITVAL_31 = 320'h0;
    parameter [319:0] INITVAL_32 = 320'h0;
    parameter [319:0] INITVAL_33 = 320'h0;
    parameter [319:0] INITVAL_34 = 320'h0;
    parameter [319:0] INITVAL_35 = 320'h0;
    parameter [319:0] INITVAL_36 = 320'h0;
    parameter [319:0] INITVAL_37 = 320'h0;
    parameter [319:0] INITVAL_38 = 320'h0;
    parameter [319:0] INITVAL_39 = 320'h0;
    parameter [319:0] INITVAL_3A = 320'h0;
    parameter [319:0] INITVAL_3B = 320'h0;
    parameter [319:0] INITVAL_3C = 320'h0;
    parameter [319:0] INITVAL_3D = 320'h0;
    parameter [319:0] INITVAL_3E = 320'h0;
    parameter [319:0] INITVAL_3F = 320'h0;

    // 1024 words of 18 bits; each stands in 20 bits of the initial contents.
    localparam [64*320-1:0] INIT = {
        INITVAL_3F, INITVAL_3E, INITVAL_3D, INITVAL_3C, INITVAL_3B, INITVAL_3A, INITVAL_39, INITVAL_38,
        INITVAL_37, INITVAL_36, INITVAL_35, INITVAL_34, INITVAL_33, INITVAL_32, INITVAL_31, INITVAL_30,
        INITVAL_2F, INITVAL_2E, INITVAL_2D, INITVAL_2C, INITVAL_2B, INITVAL_2A, INITVAL_29, INITVAL_28,
        INITVAL_27, INITVAL_26, INITVAL_25, INITVAL_24, INITVAL_23, INITVAL_22, INITVAL_21, INITVAL_20,
        INITVAL_1F, INITVAL_1E, INITVAL_1D, INITVAL_1C, INITVAL_1B, INITVAL_1A, INITVAL_19, INITVAL_18,
        INITVAL_17, INITVAL_16, INITVAL_15, INITVAL_14, INITVAL_13, INITVAL_12, INITVAL_11, INITVAL_10,
        INITVAL_0F, INITVAL_0E, INITVAL_0D, INITVAL_0C, INITVAL_0B, INITVAL_0A, INITVAL_09, INITVAL_08,
        INITVAL_07, INITVAL_06, INITVAL_05, INITVAL_04, INITVAL_03, INITVAL_02, INITVAL_01, INITVAL_00};
    wire [17:0] di_a = {DIA17, DIA16, DIA15, DIA14, DIA13, DIA12, DIA11, DIA10, DIA9, DIA8, DIA7, DIA6, DIA5, DIA4,
                       DIA3, DIA2, DIA1, DIA0};
    wire [13:0] ad_a = {ADA13, ADA12, ADA11, ADA10, ADA9, ADA8, ADA7, ADA6, ADA5, ADA4, ADA3, ADA2, ADA1, ADA0};
    wire [17:0] di_b = {DIB17, DIB16, DIB15, DIB14, DIB13, DIB12, DIB11, DIB10, DIB9, DIB8, DIB7, DIB6, DIB5, DIB4,
                       DIB3, DIB2, DIB1, DIB0};
    wire [13:0] ad_b = {ADB13, ADB12, ADB11, ADB10, ADB9, ADB8, ADB7, ADB6, ADB5, ADB4, ADB3, ADB2, ADB1, ADB0};

    // Both ports write words of 18 bits: a port of 36 is A's lower and B's upper half, addressed by A to write, by B to read.
    localparam WIDE = DATA_WIDTH_A == 36;
    reg [17:0] memory [0:1023];
    integer    i;
    generate
        if (INIT != 0) begin : contents
            initial
                for (i = 0; i < 1024; i = i + 1)
                    memory[i] = INIT[20*i +: 18];
        end
    endgenerate

    // Where a narrow access lies in its word: nine bits a byte, of which narrower ones reach eight.
    function [4:0] place(input integer width, input [3:0] a);
        case (width)
            9: place = a[3] ? 5'd9 : 5'd0;
            4: place = (a[3] ? 5'd9 : 5'd0) + {2'd0, a[2], 2'd0};
            2: place = (a[3] ? 5'd9 : 5'd0) + {2'd0, a[2:1], 1'd0};
            1: place = (a[3] ? 5'd9 : 5'd0) + {2'd0, a[2:0]};
            default: place = 5'd0;
        endcase
    endfunction
    function [17:0] ones(input integer width);
        ones = width >= 18 ? 18'h3FFFF : (18'd1 << width) - 18'd1;
    endfunction
    function [17:0] enable(input integer width, input [13:0] a);
        enable = width >= 18 ? {{9{a[1]}}, {9{a[0]}}} : ones(width) << place(width, a[3:0]);
    endfunction

    wire        on_a = CEA && {CSA2, CSA1, CSA0} == 3'd0;
    wire        on_b = CEB && {CSB2, CSB1, CSB0} == 3'd0;
    wire        write_a = on_a && WEA;
    wire        write_b = on_b && WEB && !WIDE;
    wire [9:0]  word_a = WIDE ? {ad_a[13:5], 1'b0} : ad_a[13:4];
    wire [9:0]  word_b = DATA_WIDTH_B == 36 ? {ad_b[13:5], 1'b1} : ad_b[13:4];
    wire [9:0]  read_a = WIDE ? {ad_b[13:5], 1'b0} : word_a; // what DOA shows
    wire [17:0] mask_a = enable(DATA_WIDTH_A, ad_a);
    wire [17:0] mask_b = WIDE ? {{9{ad_a[3]}}, {9{ad_a[2]}}} : enable(DATA_WIDTH_B, ad_b);
    wire [17:0] old_a = memory[read_a];
    wire [17:0] old_b = memory[word_b];
    wire [17:0] new_a = (memory[word_a] & ~mask_a) | (di_a << place(DATA_WIDTH_A, ad_a[3:0]) & mask_a);
    wire [17:0] new_b = (old_b & ~mask_b) | (di_b << place(DATA_WIDTH_B, ad_b[3:0]) & mask_b);
    wire [17:0] new_wide = (memory[word_a | 10'd1] & ~mask_b) | (di_b & mask_b);

    // Who reads what is being written: B what A writes, A what B writes.
    wire        writes_a = write_a && (mask_a != 0 || (WIDE && mask_b != 0));
    wire        clash_a = write_b && mask_b != 0 && word_b == word_a;
    wire        clash_b = writes_a && (WIDE ? word_a[9:1] == word_b[9:1] : word_a == word_b);

    reg [17:0] q_a, q_b, q_low;
    always @(posedge CLKA) begin
        if (write_a)
            memory[word_a] <= new_a;
        if (write_a && WIDE)
            memory[word_a | 10'd1] <= new_wide;
        if (on_a) begin
            if (clash_a)
                q_a <= $random;
            else if (!WEA || WRITEMODE_A == "READBEFOREWRITE")
                q_a <= old_a >> place(DATA_WIDTH_A, ad_a[3:0]) & ones(DATA_WIDTH_A);
            else if (WRITEMODE_A == "WRITETHROUGH")
                q_a <= new_a >> place(DATA_WIDTH_A, ad_a[3:0]) & ones(DATA_WIDTH_A);
        end
    end
    always @(posedge CLKB) begin
        if (write_b)
            memory[word_b] <= new_b;
        if (on_b) begin
            q_low <= clash_b ? $random : old_a;
            if (clash_b)
                q_b <= $random;
            else if (!write_b || WRITEMODE_B == "READBEFOREWRITE")
                q_b <= old_b >> place(DATA_WIDTH_B, ad_b[3:0]) & ones(DATA_WIDTH_B);
            else if (WRITEMODE_B == "WRITETHROUGH")
                q_b <= new_b >> place(DATA_WIDTH_B, ad_b[3:0]) & ones(DATA_WIDTH_B);
        end
    end
    assign {DOA17, DOA16, DOA15, DOA14, DOA13, DOA12, DOA11, DOA10, DOA9, DOA8, DOA7, DOA6, DOA5, DOA4, DOA3, DOA2,
    DOA1, DOA0} = WIDE ? q_low : q_a;
    assign {DOB17, DOB16, DOB15, DOB14, DOB13, DOB12, DOB11, DOB10, DOB9, DOB8, DOB7, DOB6, DOB5, DOB4, DOB3, DOB2,
    DOB1, DOB0} = q_b;

    initial
        if (REGMODE_A != "NOREG" || REGMODE_B != "NOREG" || CLKAMUX != "CLKA" || CLKBMUX != "CLKB" ||
            CSDECODE_A != "0b000" || CSDECODE_B != "0b000" || (DATA_WIDTH_B == 36 && !WIDE)) begin
            $display("gate_ecp5.v: %m: a block RAM in a mode that is not modelled here");
            $finish;
        end
    always @(posedge CLKA)
        if (RSTA || RSTB) begin
            $display("gate_ecp5.v: %m: the reset of a block RAM is not modelled here");
            $finish;
        end
endmodule

module MULT18X18D (
    input wire A17, A16, A15, A14, A13, A12, A11, A10, A9, A8, A7, A6, A5, A4, A3, A2, A1, A0,
    input wire B17, B16, B15, B14, B13, B12, B11, B10, B9, B8, B7, B6, B5, B4, B3, B2, B1, B0,
    input wire C17, C16, C15, C14, C13, C12, C11, C10, C9, C8, C7, C6, C5, C4, C3, C2, C1, C0,
    input wire SIGNEDA, SIGNEDB, SOURCEA, SOURCEB,
    input wire CLK3, CLK2, CLK1, CLK0,
    input wire CE3, CE2, CE1, CE0,
    input wire RST3, RST2, RST1, RST0,
    input wire SRIA17, SRIA16, SRIA15, SRIA14, SRIA13, SRIA12, SRIA11, SRIA10, SRIA9, SRIA8, SRIA7, SRIA6, SRIA5,
    SRIA4, SRIA3, SRIA2, SRIA1, SRIA0,
    input wire SRIB17, SRIB16, SRIB15, SRIB14, SRIB13, SRIB12, SRIB11, SRIB10, SRIB9, SRIB8, SRIB7, SRIB6, SRIB5,
    SRIB4, SRIB3, SRIB2, SRIB1, SRIB0,
    output wire SROA17, SROA16, SROA15, SROA14, SROA13, SROA12, SROA11, SROA10, SROA9, SROA8, SROA7, SROA6, SROA5,
    SROA4, SROA3, SROA2, SROA1, SROA0,
    output wire SROB17, SROB16, SROB15, SROB14, SROB13, SROB12, SROB11, SROB10, SROB9, SROB8, SROB7, SROB6, SROB5,
    SROB4, SROB3, SROB2, SROB1, SROB0,
    output wire ROA17, ROA16, ROA15, ROA14, ROA13, ROA12, ROA11, ROA10, ROA9, ROA8, ROA7, ROA6, ROA5, ROA4, ROA3,
    ROA2, ROA1, ROA0,
    output wire ROB17, ROB16, ROB15, ROB14, ROB13, ROB12, ROB11, ROB10, ROB9, ROB8, ROB7, ROB6, ROB5, ROB4, ROB3,
    ROB2, ROB1, ROB0,
    output wire ROC17, ROC16, ROC15, ROC14, ROC13, ROC12, ROC11, ROC10, ROC9, ROC8, ROC7, ROC6, ROC5, ROC4, ROC3,
    ROC2, ROC1, ROC0,
    output wire P35, P34, P33, P32, P31, P30, P29, P28, P27, P26, P25, P24, P23, P22, P21, P20, P19, P18, P17, P16,
    P15, P14, P13, P12, P11, P10, P9, P8, P7, P6, P5, P4, P3, P2, P1, P0,
    output wire SIGNEDP
);
    parameter REG_INPUTA_CLK = "NONE";
    parameter REG_INPUTB_CLK = "NONE";
    parameter REG_PIPELINE_CLK = "NONE";
    parameter REG_OUTPUT_CLK = "NONE";

    wire [17:0] a = {A17, A16, A15, A14, A13, A12, A11, A10, A9, A8, A7, A6, A5, A4, A3, A2, A1, A0};
    wire [17:0] b = {B17, B16, B15, B14, B13, B12, B11, B10, B9, B8, B7, B6, B5, B4, B3, B2, B1, B0};
    wire signed [36:0] product = $signed({SIGNEDA && A17, a}) * $signed({SIGNEDB && B17, b});
    assign {P35, P34, P33, P32, P31, P30, P29, P28, P27, P26, P25, P24, P23, P22, P21, P20, P19, P18, P17, P16, P15,
    P14, P13, P12, P11, P10, P9, P8, P7, P6, P5, P4, P3, P2, P1, P0} = product[35:0];
    assign SIGNEDP = SIGNEDA || SIGNEDB;
    initial
        if (REG_INPUTA_CLK != "NONE" || REG_INPUTB_CLK != "NONE" || REG_PIPELINE_CLK != "NONE" || REG_OUTPUT_CLK != "NONE")
        begin
            $display("gate_ecp5.v: %m: a multiplier with registers is not modelled here");
            $finish;
        end
endmodule

// Its clock is the pin's, which in simulation already has the frequency of the board's clock (as in sim/px_clock.v); it locks
// after 64 of them.
module EHXPLLL #(
    parameter CLKI_DIV = 1, CLKFB_DIV = 1, CLKOP_DIV = 8, CLKOP_CPHASE = 0, CLKOP_FPHASE = 0, FEEDBK_PATH = "CLKOP",
    parameter CLKOP_ENABLE = "ENABLED", OUTDIVIDER_MUXA = "DIVA", OUTDIVIDER_MUXB = "DIVB", OUTDIVIDER_MUXC = "DIVC",
    parameter OUTDIVIDER_MUXD = "DIVD", PLLRST_ENA = "DISABLED", INTFB_WAKE = "DISABLED", STDBY_ENABLE = "DISABLED",
    parameter DPHASE_SOURCE = "DISABLED"
) (
    input  wire CLKI, CLKFB, RST, STDBY, PHASESEL0, PHASESEL1, PHASEDIR, PHASESTEP, PHASELOADREG, PLLWAKESYNC, ENCLKOP,
    output wire CLKOP, LOCK
);
    assign CLKOP = CLKI;
    reg [5:0] count = 6'd0;
    reg       locked = 1'b0;
    always @(posedge CLKI) begin
        count  <= count + {5'd0, !locked};
        locked <= locked || &count;
    end
    assign LOCK = locked;
endmodule
`default_nettype wire
