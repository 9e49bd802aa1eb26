// px_host.v - the host port: one access at a time, while the machine stands still.
//
//   i_h_valid   REST   ASK      TAKE     RESULT   COMMIT
//   read               address  x        res      ready: res is given back
//   write              y        y        res      ready: a register, a pixel or a word of the control space takes res
//
// Clear goes on from COMMIT through all registers; the word that it writes is 0.
`default_nettype none
module px_host (
    input  wire            i_clk,
    input  wire            i_rst,
    input  wire            i_idle,     // the machine stands still
    input  wire            i_valid,
    input  wire            i_write,
    input  wire [1:0]      i_space,
    input  wire [2:0]      i_word,     // of the control space
    input  wire            i_idx_end,  // idx is 255
    output reg             o_ready,
    output wire            o_busy,     // a run has to wait
    output reg             o_state,    // res is profile, cause and status
    output reg             o_budget,   // res is the budget
    output reg  [63:0] o_do
);
    `include "px_host.vh"
    `include "px_isa.vh"
    `include "px_ops.vh"

    localparam [2:0] REST = 0, ASK = 1, TAKE = 2, RESULT = 3, COMMIT = 4, CLEAR = 5;
    (* fsm_encoding = "one-hot" *)
    reg [2:0] state;
    reg [2:0] next;
    assign o_busy = i_valid || state != REST;

    always @* begin
        next     = state;
        o_ready  = 1'b0;
        o_state  = 1'b0;
        o_budget = 1'b0;
        o_do     = {DO_W{1'b0}};
        case (state)
        REST:
            if (i_idle) begin
                o_do = R1_HOST | M_HOST;
                if (i_valid)
                    next = ASK;
            end
        ASK: begin
            o_do = R1_HOST | Y_HOST;
            next = TAKE;
        end
        TAKE: begin
            o_do = (i_space == H_PIXEL ? X_PIXEL : X_REG) | (i_write ? THEN_Y : THEN_X);
            next = RESULT;
        end
        RESULT: begin
            o_do = RES | IDX_RESET;
            next = COMMIT;
        end
        COMMIT: begin
            o_ready = 1'b1;
            next    = REST;
            if (i_write)
                case (i_space)
                H_PIXEL: o_do = WRITE;
                H_REG:   o_do = W_HOST;
                H_CTL: case (i_word)
                    CTL_PC:     o_do = PC_RES;
                    CTL_VL:     o_do = VL_RES;
                    CTL_STATE:  o_state = 1'b1;
                    CTL_N:      o_do = N_RES;
                    CTL_BUDGET: o_budget = 1'b1;
                    CTL_CLEAR: begin
                        o_ready = 1'b0;
                        next    = CLEAR;
                    end
                    default: ; // there is no such word
                    endcase
                default: ;     // nor such a space
                endcase
        end
        CLEAR: begin
            o_do = W_INDEX | IDX_NEXT;
            if (i_idx_end) begin
                o_ready = 1'b1;
                next    = REST;
            end
        end
        default: next = REST;
        endcase
    end

    always @(posedge i_clk) begin
        state <= next;
        if (i_rst)
            state <= REST;
    end
endmodule
`default_nettype wire
