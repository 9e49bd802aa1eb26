// px_banks.v - the pixels in LANES interleaved banks: pixel a is row a / LANES of bank a mod LANES. So any LANES
// consecutive pixels, aligned or not, lie in different banks and can be had in one access.
//
//   core    one pixel, as px_mem: the address in one cycle, the pixel in the next
//   s, t    LANES pixels from any address on, in order, four cycles after the address
//   w       a row, a pixel in each bank where the mask says so, two cycles after it is given
//
//   cycle   0 address   1 rows   2 what the banks read   3 the same, kept   4 rotated into order
//
// Every bank has two ports: s shares one with the core, which is quiet while the lanes read; t the other with w, and
// the lanes see to it that they do not meet. What a port reads where the other writes is not defined: such pixels are
// never used.
`default_nettype none
module px_banks #(
    parameter AW    = 16,
    parameter DEPTH = 1 << AW,
    parameter LANES = 4,
    parameter LB    = $clog2(LANES)
) (
    input  wire                i_clk,
    // the core
    input  wire [AW-1:0]       i_addr,
    input  wire [3:0]          i_we,
    input  wire [31:0]         i_data,
    output wire [31:0]         o_q,
    // the lanes
    input  wire                i_read,   // s is read, not the core's pixel
    input  wire [AW-1:0]       i_s,
    input  wire [AW-1:0]       i_t,
    output reg  [32*LANES-1:0] o_s,
    output reg  [32*LANES-1:0] o_t,
    input  wire [LANES-1:0]    i_w,      // w is written, t is not read
    input  wire [AW-LB-1:0]    i_w_row,
    input  wire [32*LANES-1:0] i_w_data
);
    localparam ROWS = (DEPTH + LANES - 1) / LANES;

    reg                 read;
    reg  [LB-1:0]       s1, s2, s3, t1, t2, t3; // the bank of the first pixel, as it follows the pixels
    reg  [32*LANES-1:0] s_kept, t_kept;
    wire [32*LANES-1:0] s_q, t_q;
    reg  [LB-1:0]       bank;                   // of the core's pixel
    assign o_q = s_q[32*bank +: 32];

    // The banks before the first pixel's give a pixel of the next row.
    wire [LANES-1:0]    s_next = ~({LANES{1'b1}} << i_s[LB-1:0]);
    wire [LANES-1:0]    t_next = ~({LANES{1'b1}} << i_t[LB-1:0]);

    genvar k;
    generate
        for (k = 0; k < LANES; k = k + 1) begin : banks
            localparam [LB-1:0] K = k;
            (* no_rw_check *) reg [31:0] pixel [0:ROWS-1] /*verilator public_flat_rw*/;
            reg  [31:0]      q0, q1, w_data;
            reg  [AW-LB-1:0] s_row, t_row;
            reg              w;
            wire [AW-LB-1:0] row  = read ? s_row : i_addr[AW-1:LB];
            wire             mine = i_addr[LB-1:0] == K;
            always @(posedge i_clk) begin
                s_row  <= i_s[AW-1:LB] + {{AW-LB-1{1'b0}}, s_next[k]};
                t_row  <= i_w != 0 ? i_w_row : i_t[AW-1:LB] + {{AW-LB-1{1'b0}}, t_next[k]};
                w      <= i_w[k];
                w_data <= i_w_data[32*k +: 32];
            end
            always @(posedge i_clk) begin
                if (mine && i_we[0]) pixel[row][7:0]   <= i_data[7:0];
                if (mine && i_we[1]) pixel[row][15:8]  <= i_data[15:8];
                if (mine && i_we[2]) pixel[row][23:16] <= i_data[23:16];
                if (mine && i_we[3]) pixel[row][31:24] <= i_data[31:24];
                q0 <= pixel[row];
            end
            always @(posedge i_clk) begin
                if (w) pixel[t_row] <= w_data;
                q1 <= pixel[t_row];
            end
            assign s_q[32*k +: 32] = q0;
            assign t_q[32*k +: 32] = q1;

            // Pixel k of the access comes from the bank that lies k after the first.
            wire [LB-1:0] s_from = s3 + K;
            wire [LB-1:0] t_from = t3 + K;
            always @(posedge i_clk) begin
                o_s[32*k +: 32] <= s_kept[32*s_from +: 32];
                o_t[32*k +: 32] <= t_kept[32*t_from +: 32];
            end
        end
    endgenerate

    always @(posedge i_clk) begin
        read   <= i_read;
        bank   <= i_addr[LB-1:0];
        s1     <= i_s[LB-1:0];
        t1     <= i_t[LB-1:0];
        s2     <= s1;
        t2     <= t1;
        s3     <= s2;
        t3     <= t2;
        s_kept <= s_q;
        t_kept <= t_q;
    end
endmodule
`default_nettype wire
