// px_link.v - the link's endpoint: requests in, the machine's host port worked, replies out (pxi/LINK.md, sections 2, 3).
//
// A frame's type, number and address are taken on the way in and mean nothing until the codec says that the frame holds.
// Then VERIFY makes the checks in LINK.md's order, one state for each kind does the work, DONE remembers how it ended and
// orders the reply, and IDLE hands out the reply's words as the codec asks for them.
`default_nettype none
module px_link #(
    parameter AW            = 11,
    parameter DEPTH         = 1 << AW,
    parameter LANES         = 1,
    parameter CLOCK         = 48000000,
    parameter [127:0] NAME  = "board",
    parameter WIRE          = 0
) (
    input  wire          i_clk,
    input  wire          i_rst,
    // bytes
    input  wire          i_valid,
    input  wire [7:0]    i_byte,
    input  wire          i_break,
    input  wire          i_tick,
    output wire          o_valid,
    output wire [7:0]    o_byte,
    input  wire          i_ready,
    // the machine
    output reg           o_h_valid,
    output wire          o_h_write,
    output reg  [1:0]    o_h_space,
    output reg  [AW-1:0] o_h_addr,
    output wire [31:0]   o_h_data,
    input  wire          i_h_ready,
    input  wire [31:0]   i_h_data,
    output reg           o_stop,
    input  wire          i_running,
    input  wire [31:0]   i_budget,
    input  wire [AW:0]   i_pc,
    input  wire [AW:0]   i_vl,
    input  wire          i_profile,
    input  wire [1:0]    i_status,
    input  wire [2:0]    i_cause,
    // the wire's queue takes o_h_data
    output wire          o_push,
    input  wire [8:0]    i_room,
    output reg           o_seen      // changes with each frame
);
    `include "px_isa.vh"
    `include "px_host.vh"
    `include "px_link.vh"

    localparam [2:0] HELLO = TYPE_HELLO[2:0], RESET = TYPE_RESET[2:0], READ = TYPE_READ[2:0], WRITE = TYPE_WRITE[2:0],
                     RUN = TYPE_RUN[2:0], STATUS = TYPE_STATUS[2:0], STOP = TYPE_STOP[2:0];
    localparam [3:0] IDLE = 4'd0, VERIFY = 4'd1, COUNT = 4'd2, ROOM = 4'd3, RANGE = 4'd4, STEP = 4'd5, ACCESS = 4'd6,
                     AHEAD = 4'd7, SETTLE = 4'd8, JUDGE = 4'd9, DONE = 4'd10;
    // What RESET does, in this order: a step for each payload word, N and the ones behind it; at 7 a payload word is made 0,
    // for those below it.
    localparam [3:0] R_PROFILE = Q_RESET_PROFILE[3:0], R_N = Q_RESET_N[3:0], R_W = 4'd5, R_H = 4'd6, R_ZERO = 4'd7, R_CLEAR = 4'd8, R_PC = 4'd9,
                     R_VL = 4'd10, R_STATE = 4'd11, R_VALUE = 4'd12;

    reg [3:0]    state, step;
    reg [3:0]    error;
    // of the frame
    reg          other, unknown;   // its version, its type
    reg [2:0]    kind;
    reg [7:0]    number;
    reg [1:0]    space;
    reg          far;              // its address has bits beyond space and addr
    reg [AW-1:0] addr;
    // of the last request
    reg          remembers;
    reg [7:0]    last;
    reg [3:0]    last_error;
    // of the machine
    reg [AW:0]   pixels;
    reg          underway;
    reg          profile;
    reg [AW+1:0] room;

    wire         take, good, want;
    wire [1:0]   phase, place;
    wire [31:0]  word, q, reply;
    wire [8:0]   length;
    wire         payload = want && phase == 2'd2;
    wire         ask     = payload && error == 4'd0 && (kind == READ || (kind == STATUS && length == 9'd2 && !underway));
    wire         to_queue = WIRE != 0 && kind == WRITE && space == SPACE_WIRE; // RUN has its budget there
    wire         writes  = kind == RESET || kind == WRITE || kind == RUN || kind == STOP;
    wire         again   = remembers && number == last && writes;
    wire         moved   = state == ACCESS && (i_h_ready || o_push);
    wire         rewind  = kind == RESET && step == R_N;
    wire         stay    = kind == RESET && (step == R_ZERO || step[3]);

    // Lengths: READ's is its count, other replies' are as long as they are.
    reg        set;
    reg  [8:0] new_length;
    always @* begin
        set        = state == COUNT && kind == READ;
        new_length = q[8:0];
        if (state == DONE && (error != 4'd0 || kind != READ)) begin
            set        = 1'b1;
            new_length = error != 4'd0 ? R_ERROR_TEXT : kind == HELLO ? R_HELLO_LENGTH : kind == STATUS ? R_STATUS_LENGTH : 9'd0;
        end
    end

    px_link_codec codec0 (
        .i_clk(i_clk), .i_rst(i_rst), .i_valid(i_valid), .i_byte(i_byte), .i_break(i_break), .i_tick(i_tick),
        .o_valid(o_valid), .o_byte(o_byte), .i_ready(i_ready), .o_take(take), .o_phase(phase), .o_place(place),
        .o_word(word), .o_good(good), .i_first(state == AHEAD && rewind), .i_next(state == AHEAD && !rewind && !stay), .o_q(q),
        .i_load(state == VERIFY), .i_store(state == STEP && step == R_ZERO),
        .o_length(length), .i_set(set), .i_length(new_length),
        .i_count(moved || (state == VERIFY && kind == WRITE)), .i_reply(state == DONE),
        .o_want(want), .i_have(!ask || i_h_ready), .i_word(reply));

    // What the frame is, as its bytes pass.
    always @(posedge i_clk)
        if (take) begin
            if (phase == 2'd0)
                case (place)
                2'd0: other <= word[31:24] != LINK_VERSION;
                2'd1: begin
                    kind <= word[26:24];
                    case (word[31:24])
                    TYPE_HELLO, TYPE_RESET, TYPE_READ, TYPE_WRITE, TYPE_RUN, TYPE_STATUS, TYPE_STOP: unknown <= 1'b0;
                    default: unknown <= 1'b1;
                    endcase
                end
                2'd2: number <= word[31:24];
                default: ;
                endcase
            if (phase == 2'd2 && place == 2'd3) begin
                space <= word[29:28];
                far   <= word[31:30] != 2'd0 || word[27:AW] != 0;
            end
        end

    // The first check that fails; settled: there is nothing to be done but to answer.
    reg [3:0] fault;
    reg       fits;
    wire      settled = again || fault != 4'd0;
    always @* begin
        case (kind)
        HELLO:   fits = 1'b1;
        RESET:   fits = length == Q_RESET_LENGTH;
        READ:    fits = length == Q_READ_LENGTH;
        WRITE:   fits = length[8:1] != 8'd0;
        RUN:     fits = length == Q_RUN_LENGTH;
        default: fits = length == 9'd0;
        endcase
        if (other)
            fault = E_VERSION;
        else if (unknown)
            fault = E_TYPE;
        else if (again)
            fault = last_error;
        else if (!fits)
            fault = E_LENGTH;
        else if (i_running && (kind == RESET || kind == READ || kind == WRITE || kind == RUN))
            fault = E_RUNNING;
        else
            fault = 4'd0;
    end

    // Ranges. q is READ's count, RESET's N, RESET's profile. Block RAM of an ECP5 takes half of a cycle at 80 MHz to give it, so what it is
    // compared with stands a cycle later: JUDGE waits for that.
    reg           none, many, excess, strange;
    always @(posedge i_clk) begin
        none    <= q == 32'd0;
        many    <= q[31:9] != 23'd0 || (q[8] && q[7:0] != 8'd0);
        excess  <= q[31:AW+1] != 0 || (DEPTH == 1 << AW ? q[AW] && q[AW-1:0] != 0 : q[AW:0] > DEPTH[AW:0]);
        strange <= q[31:1] != 31'd0;
    end
    wire [AW:0]   limit  = space == SPACE_PIXEL    ? pixels :
                           space == SPACE_REGISTER ? 256    :
                           space == SPACE_STATE    ? 4      : {{AW-8{1'b0}}, i_room};
    wire          lacks = room[AW+1] || (room[AW:9] == 0 && room[8:0] < length);
    wire          absent = far || (space == SPACE_WIRE && (WIRE == 0 || addr != 0)) || (kind == READ && space[1]);

    // The host port.
    reg [8:0] hidden; // RESET's and STATUS' address
    always @* begin
        hidden = 9'd0;
        if (kind == RUN)
            hidden[2:0] = CTL_BUDGET;
        else if (kind == RESET)
            case (step)
            R_N:     hidden[2:0] = CTL_N;
            R_W:     hidden = {1'b1, HID_W};
            R_H:     hidden = {1'b1, HID_H};
            R_CLEAR: hidden[2:0] = CTL_CLEAR;
            R_PC:    hidden[2:0] = CTL_PC;
            R_VL:    hidden[2:0] = CTL_VL;
            R_STATE: hidden[2:0] = CTL_STATE;
            default: hidden = {1'b1, HID_VALUE};
            endcase
        else
            hidden = {1'b1, HID_VALUE};
    end
    wire       value   = space == SPACE_STATE && addr[1:0] == STATE_VALUE;
    wire       listed  = kind == READ || (kind == WRITE && !value);
    always @* begin
        o_h_addr = addr;
        if (!listed)
            o_h_addr[8:0] = hidden;
        if (listed)
            o_h_space = space;
        else
            o_h_space = hidden[8] ? H_REG : H_CTL;
    end
    assign o_h_write = kind != READ && kind != STATUS;
    assign o_h_data  = {q[31:17], q[16] || (profile && kind == RESET && step == R_STATE), q[15:0]};
    assign o_push    = state == ACCESS && kind == WRITE && to_queue;

    px_link_reply #(.AW(AW), .DEPTH(DEPTH), .LANES(LANES), .CLOCK(CLOCK), .NAME(NAME), .WIRE(WIRE)) reply0 (
        .i_phase(phase), .i_length(length), .i_number(number), .i_kind(kind), .i_error(error), .i_underway(underway),
        .i_profile(i_profile), .i_cause(i_cause), .i_status(i_status), .i_pc(i_pc), .i_vl(i_vl), .i_budget(i_budget),
        .i_host(ask), .i_h_data(i_h_data), .o_word(reply));

    always @(posedge i_clk) begin
        o_h_valid <= ((state == ACCESS && !to_queue) || ask) && !i_h_ready;
        o_stop    <= i_running && (o_stop || (state == VERIFY && !settled && kind == STOP));
        if (take && phase == 2'd2 && place == 2'd3)
            addr <= word[AW-1:0];
        else if (i_h_ready || o_push)
            addr <= addr + 1'b1;

        case (state)
        IDLE:
            if (good) begin
                state  <= VERIFY;
                o_seen <= !o_seen;
            end
        VERIFY: begin
            error    <= fault;
            step     <= R_PROFILE;
            underway <= i_running;
            if (settled)
                state <= DONE;
            else
                case (kind)
                RESET:   state <= JUDGE;
                READ:    state <= AHEAD;
                WRITE:   state <= ROOM;
                RUN:     state <= ACCESS;
                default: state <= DONE;
                endcase
        end
        COUNT: begin
            state <= ROOM;
            if (none || many) begin
                error <= E_RANGE;
                state <= DONE;
            end
        end
        ROOM: begin
            room  <= {1'b0, limit} - {2'b00, addr};
            state <= RANGE;
        end
        RANGE: begin
            state <= kind == READ ? DONE : AHEAD;
            if (absent || lacks) begin
                error <= absent || !to_queue ? E_RANGE : E_FULL;
                state <= DONE;
            end
        end
        STEP: begin
            state <= AHEAD;
            case (step)
            R_PROFILE: begin
                profile <= q[0];
                if (strange) begin
                    error <= E_RANGE;
                    state <= DONE;
                end
            end
            R_N: begin
                state <= ACCESS;
                if (none || excess) begin
                    error <= E_RANGE;
                    state <= DONE;
                end else
                    pixels <= q[AW:0];
            end
            R_PROFILE + 4'd1, R_PROFILE + 4'd2, R_N + 4'd1, R_ZERO: ;
            default: state <= ACCESS;
            endcase
        end
        ACCESS:
            if (moved)
                state <= kind == RUN || (kind == WRITE && length == 9'd1) || (kind == RESET && step == R_VALUE) ? DONE
                                                                                                                : AHEAD;
        AHEAD: begin
            step  <= step + 4'd1;
            state <= SETTLE;
        end
        SETTLE:
            state <= kind == RESET || kind == READ ? JUDGE : ACCESS;
        JUDGE:
            state <= kind == RESET ? STEP : COUNT;
        default: begin
            remembers  <= kind != HELLO || error != 4'd0;
            last       <= number;
            last_error <= error;
            state      <= IDLE;
        end
        endcase

        if (i_rst) begin
            state     <= IDLE;
            o_h_valid <= 1'b0;
            o_stop    <= 1'b0;
            o_seen    <= 1'b0;
            remembers <= 1'b0;
            pixels    <= {AW+1{1'b0}};
        end
    end
endmodule
`default_nettype wire
