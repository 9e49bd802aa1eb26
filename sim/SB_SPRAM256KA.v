// SB_SPRAM256KA.v - the UP5K's single-port RAM for simulation: 16 K words of 16 bits, a write enable for each four bits, one
// cycle. As in the chip, the output keeps its value in a cycle that writes, and nothing initialises the memory.
`default_nettype none
module SB_SPRAM256KA (
    input  wire [13:0] ADDRESS,
    input  wire [15:0] DATAIN,
    input  wire [3:0]  MASKWREN,
    input  wire        WREN,
    input  wire        CHIPSELECT,
    input  wire        CLOCK,
    input  wire        STANDBY,
    input  wire        SLEEP,
    input  wire        POWEROFF, // low active
    output reg  [15:0] DATAOUT
);
    reg [15:0] word [0:16383];
    wire       on = CHIPSELECT && !STANDBY && !SLEEP && POWEROFF;
    always @(posedge CLOCK)
        if (on) begin
            if (WREN) begin
                if (MASKWREN[0]) word[ADDRESS][3:0]   <= DATAIN[3:0];
                if (MASKWREN[1]) word[ADDRESS][7:4]   <= DATAIN[7:4];
                if (MASKWREN[2]) word[ADDRESS][11:8]  <= DATAIN[11:8];
                if (MASKWREN[3]) word[ADDRESS][15:12] <= DATAIN[15:12];
            end else begin
                DATAOUT <= word[ADDRESS];
            end
        end
endmodule
`default_nettype wire
