// isolation.vh - what a machine in a slot does to memory: properties of px_core, stated inside of it for isolation.sh,
// and the invariants by which induction finds its way. rtl/README.md says what is proven and what is not.
//
// A name with a dot is a wire or register of that unit. regs.v follows one register, whichever (which), and the one
// beside it: a claim about it is one about every register.
`include "states.vh"
`define OF(width, name) (* hierconn *) wire width name ;
`OF([AW-1:0], \data0.at )
`OF([AW:0],   \data0.n )
`OF([AW:0],   \data0.idx )
`OF([AW:0],   \data0.count )
`OF([31:0],   \data0.op )
`OF([31:0],   \data0.rom )
`OF([31:0],   \data0.q1 )
`OF([31:0],   \data0.q2 )
`OF([31:0],   \data0.x )
`OF([31:0],   \data0.result )
`OF(,         \data0.carry )
`OF([ALU_W-1:0], \data0.ctl )
`OF(,         \data0.alu_carry )
`OF([8:0],    \data0.regs0.which )
`OF([31:0],   \data0.regs0.word )
`OF([31:0],   \data0.regs0.beside )
`OF([1:0],    \data0.index )
`OF([5:0],    \ctrl0.state )
`OF([2:0],    \ctrl0.wb )
`OF([3:0],    \check0.state )
`OF([1:0],    \check0.pair )
`OF(,         \check0.over_b )
`OF(,         \check0.over_c )
`OF([3:0],    \vec0.state )
`OF(,         \vec0.was_none )
`OF(,         \vec0.was_last )
`OF(,         \vec0.ended )
`OF([2:0],    \host0.state )

// ---- Names for them

wire [AW-1:0] p_at   = \data0.at ;
wire [AW:0]   p_n    = \data0.n , p_idx = \data0.idx , p_idx1 = p_idx + 1'b1, p_count = \data0.count ;
wire [31:0]   p_op   = \data0.op , p_q1 = \data0.q1 , p_word = \data0.regs0.word ,
              p_beside = \data0.regs0.beside ;
wire [5:0]    p_ctrl = \ctrl0.state ;
wire [3:0]    p_check = \check0.state , p_vec = \vec0.state ;
wire [2:0]    p_host = \host0.state ;
wire [8:0]    p_which = \data0.regs0.which ;
wire          p_is_a = p_which == {milli, p_op[15:8]};  // the register is the instruction's a, b, c
wire          p_is_b = p_which == {milli, p_op[23:16]};
wire          p_is_c = p_which == {milli, p_op[31:24]};
wire          p_program = nested && !milli;             // a machine in a slot does an instruction of its own
wire [AW+1:0] p_end = {2'b00, base} + {1'b0, p_n};    // where its image ends
wire          p_fits = p_n <= {1'b1, {AW{1'b0}}} && o_vl <= p_n;
wire          p_sane = p_n != 0 && p_end <= {2'b01, {AW{1'b0}}} && o_vl <= p_n && o_pc <= p_n;

reg p_woken = 1'b0, p_was_milli, p_was_nested;
reg [AW:0] p_was_n;
reg [AW-1:0] p_was_base;
reg p_may; // n and base may have changed in this cycle
reg p_set; // UCTL has written this word
reg [2:0] p_set_a;
reg [31:0] p_set_to;
always @(posedge i_clk) begin
    p_set        <= !i_rst && \ctrl0.wb == TO_CTL;
    p_set_a      <= op_a;
    p_set_to     <= res;
    p_woken      <= 1'b1;
    p_was_milli  <= milli;
    p_was_nested <= nested;
    p_was_n      <= p_n;
    p_was_base   <= base;
    p_may        <= i_rst || (milli && \ctrl0.wb == TO_CTL) || (p_host == HOST_COMMIT && i_h_write && !nested);
end

// ---- What is assumed

`include "opcodes.vh" // in_rom(op): the millicode has this opcode
always @* begin
    if (!p_woken)
        assume (i_rst);
    if (milli && now[AT_DECODE])
        assume (in_rom(\data0.rom [7:0]));
    // What millicode.py proves of the ROM: it gives a machine an image inside of the memory, with pc and vl in it.
    if (p_woken && p_was_milli && p_program)
        assume (p_sane);
    if (nested && milli && p_ctrl == CTRL_READ && does == WAY_VECTOR)
        assume (p_fits);
end

// ---- What is proven

wire [AW-1:0] p_st = p_word[AW-1:0] + {{AW-8{1'b0}}, p_op[15:8]}; // ST's address
wire p_writes = o_mem_we != 4'd0;
wire p_named  = p_ctrl == CTRL_VECTOR ? p_is_a : p_is_b; // the register that the address comes from is the one followed
always @* if (p_woken && !i_rst) begin
    // A write of the machine's own instruction lies in its image, and so does the address that memory sees.
    if (p_program && p_writes && p_named) begin
        assert ({1'b0, p_at} < p_n);
        assert ({1'b0, o_mem_addr} >= {1'b0, base} && {2'b00, o_mem_addr} < p_end);
    end
    // Millicode writes with ST, to r[b] + a, exchanges registers, and has loops over vl pixels from r[a] on, one after
    // the other or r[a | 1] apart; nothing else.
    if (nested && milli && p_writes)
        assert (p_ctrl == CTRL_STORE || p_ctrl == CTRL_SWAP_PIXEL || p_ctrl == CTRL_VECTOR);
    if (nested && milli && p_writes && p_ctrl == CTRL_VECTOR && p_is_a) begin
        assert (p_element < o_vl);
        assert (p_at == (kind == STRIDE ? p_next[AW-1:0] : p_d + p_element[AW-1:0]));
    end
    if (milli && p_ctrl == CTRL_STORE && p_is_b)
        assert (p_at == p_st);
    if (milli && p_ctrl == CTRL_SWAP_PIXEL && p_writes && p_is_b)
        assert (p_at == p_word[AW-1:0] + p_idx[AW-1:0] && p_idx < 256);
    // Image and base change by UCTL, or by a host while the machine is in no slot.
    if (p_was_n != p_n || p_was_base != base || p_was_nested != nested)
        assert (p_may);
    // UCTL does what it says.
    if (p_set)
        case (p_set_a)
        CTL_PC:           begin assert (o_pc == p_set_to[AW:0]); end
        CTL_VL:           begin assert (o_vl == p_set_to[AW:0]); end
        CTL_N:            begin assert (p_n == p_set_to[AW:0]); end
        CTL_OUT, CTL_IN:  begin assert (base == p_set_to[AW-1:0] && nested == p_set_a[0]); end
        default: ;
        endcase
    // A host gets at nothing while the machine is in a slot.
    assert (!(nested && p_ctrl == CTRL_IDLE));
    assert (p_host == HOST_REST || p_ctrl == CTRL_IDLE);
end

// ---- Invariants

reg p_ok_a, p_ok_b, p_ok_c; // px_check has seen that this run ends inside
always @(posedge i_clk) begin
    if (p_check == CHECK_REST)
        {p_ok_a, p_ok_b, p_ok_c} <= 3'b000;
    else if (p_check == CHECK_INSIDE && fits)
        case (\check0.pair )
        2'd0, 2'd3: p_ok_a <= 1'b1;
        2'd1:       p_ok_b <= 1'b1;
        2'd2:       p_ok_c <= 1'b1;
        endcase
    if (p_vec != VEC_OFF)
        {p_ok_a, p_ok_b, p_ok_c} <= {p_ok_a, p_ok_b, p_ok_c};
end

wire [32:0] p_sum = {1'b0, p_word} + {{32-AW{1'b0}}, o_vl}; // where a run there ends
wire p_in      = p_sum <= {{32-AW{1'b0}}, p_n};
wire p_slow    = kind == DOTV;
// p_ahead: written in the last phase, the element before idx; p_here: in phase 0, element idx.
wire p_ahead   = kind == TWO || kind == ONE || kind == DOTX || kind == LOOKUP;
wire p_here    = kind == SCAN || kind == IOTA || kind == FILL || kind == STRIDE;
wire p_late    = p_vec == (kind == LOOKUP ? VEC_P3 : VEC_P2); // of p_ahead: the phase that writes
wire [AW:0] p_element = p_here ? p_idx : p_idx - 1'b1;
wire [ALU_W-1:0] p_add; // what the ALU is told when it adds
px_alu_ctl p_ctl0 (.i_on(1'b1), .i_op(ALU_ADD), .o_ctl(p_add));
reg [31:0] p_next; // STRIDE: where it writes next
always @(posedge i_clk)
    if (p_vec == VEC_FIRST)
        p_next <= p_word;
    else if (p_vec == VEC_P0 && !p_none)
        p_next <= p_next + p_beside;
wire p_stores  = p_ahead || p_here || p_slow;
wire p_none    = p_idx == {AW+1{1'b1}};
wire p_phase   = nested && (p_vec == VEC_P0 || p_vec == VEC_P1 || p_vec == VEC_P2 || p_vec == VEC_P3
                            || p_vec == VEC_PRODUCT);
wire [AW-1:0] p_d = p_word[AW-1:0];

always @* if (p_woken && !i_rst) begin
    // One unit at a time.
    assert ((p_ctrl == CTRL_VECTOR) == (p_check != CHECK_REST || p_vec != VEC_OFF));
    assert (p_check == CHECK_REST || p_vec == VEC_OFF);
    assert (p_ctrl <= CTRL_SWAP_LAST && p_check <= CHECK_VALUE && p_vec <= VEC_DONE);
    if (\ctrl0.wb != TO_NONE)
        assert (p_ctrl == CTRL_DECODE || p_ctrl == CTRL_START || p_ctrl == CTRL_FETCH || p_ctrl == CTRL_ADDRESS);
    if (\ctrl0.wb == TO_CTL) // which goes by op
        assert (p_ctrl != CTRL_ADDRESS);
    if (p_ctrl == CTRL_MULTIPLY || p_ctrl == CTRL_PRODUCT)
        assert (does == WAY_PRODUCT);
    if (does == WAY_PRODUCT && p_ctrl >= CTRL_READ)
        assert (to == TO_A);
    // Of millicode alone: UPUT, which writes while the next one's registers are read, and those of the other bank; UCTL.
    if (\ctrl0.wb [2] || (does != WAY_ILLEGAL && does != WAY_ENTER && to[2] && p_ctrl >= CTRL_READ))
        assert (milli);
    if (does >= WAY_UGET && p_ctrl >= CTRL_READ)
        assert (milli || p_ctrl >= CTRL_TRAP_PIXEL);
    if (p_ctrl > CTRL_READ && p_ctrl < CTRL_TRAP_PIXEL)
        assert (does != WAY_ILLEGAL && does != WAY_ENTER && does != WAY_HALT);
    // The machine in a slot is sane.
    if (p_program) begin
        assert (p_sane);
        if (p_ctrl == CTRL_ADDRESS)
            assert (pc_end == (o_pc == p_n));
        if (p_ctrl == CTRL_READ)
            assert (pc1_end == (o_pc + 1'b1 == p_n));
        if (p_ctrl >= CTRL_READ && p_ctrl < CTRL_TRAP_VALUE)
            assert (o_pc < p_n);
    end
    if (p_ctrl == CTRL_VECTOR) begin
        assert (does == WAY_VECTOR && !vl_zero && o_vl != 0 && (!nested || p_fits));
    end
    if (milli && p_ctrl == CTRL_ADDRESS)
        assert (in_rom(p_op[7:0]));
    if (milli && p_ctrl >= CTRL_READ && p_ctrl < CTRL_TRAP_PIXEL)
        assert (!(does == WAY_BYTE && stores));
    if (does == WAY_VECTOR && (p_ctrl == CTRL_READ || p_ctrl == CTRL_VECTOR))
        assert (kind <= LOOKUP && exact && or_equal && (!p_stores || runs[0] || milli)
                && (!times || kind == TWO || kind == ONE)
                && (!pack || (kind == TWO && !times)) && (kind != STRIDE || fn == ALU_ADD)
                && (milli ? kind == ONE || kind == VDOT || kind == STRIDE || kind == LOOKUP : kind < STRIDE));
    // Stores: what is checked in res is what is addressed.
    if (p_ctrl == CTRL_STORE_SUM || p_ctrl == CTRL_STORE)
        assert (does == WAY_STORE);
    if (p_ctrl >= CTRL_BYTE_INDEX && p_ctrl <= CTRL_BYTE_STORE)
        assert (does == WAY_BYTE && (stores || p_ctrl != CTRL_BYTE_STORE));
    if ((does == WAY_STORE || does == WAY_BYTE) && p_ctrl >= CTRL_READ)
        assert (exact && !or_equal);
    if (p_is_b)
        case (p_ctrl)
        CTRL_STORE_SUM:    begin assert (\data0.result [AW-1:0] == p_at && p_at == p_st); end
        CTRL_STORE:        begin assert (res[AW-1:0] == p_at && p_at == p_st); end
        CTRL_BYTE_QUARTER: begin assert (\data0.q2 == p_word); end
        CTRL_BYTE_OFFSET:  begin assert (y == p_word); end
        CTRL_BYTE_SUM: begin
            assert (p_q1 == p_word && \data0.index == 2'b10);
            assert (\data0.result [AW-1:0] == p_word[AW-1:0] + p_count[AW-1:0]);
        end
        CTRL_BYTE_VALUE:   begin assert (res[AW-1:0] == p_at); end
        CTRL_BYTE_PLACE,
        CTRL_BYTE_STORE:   begin assert (milli || !stores || {1'b0, p_at} < p_n); end
        default: ;
        endcase
    // Jumps and VL.
    case (p_ctrl)
    CTRL_TARGET: begin
        assert ((does == WAY_JUMP || does == WAY_BRANCH) && or_equal == sets_vl && (does == WAY_JUMP || !sets_vl));
    end
    CTRL_JUMP, CTRL_LINK: begin assert (!or_equal && does != WAY_ENTER); end
    CTRL_SET_VL: begin assert (does == WAY_JUMP && or_equal && sets_vl); end
    default: ;
    endcase
    if ((does == WAY_JUMP || does == WAY_BRANCH) && (p_ctrl == CTRL_READ || p_ctrl == CTRL_BRANCH))
        assert (or_equal == sets_vl && (does == WAY_JUMP || !sets_vl));
    // The exchange of registers.
    if (p_ctrl >= CTRL_SWAP_PIXEL) begin
        assert (milli && does == WAY_SWAP && (p_none || p_idx < 256 || p_ctrl == CTRL_SWAP_LAST));
        if (p_is_b) begin
            assert (p_ctrl != CTRL_SWAP_PIXEL || (p_q1 == p_word && \data0.index == 2'b01));
            assert (p_ctrl != CTRL_SWAP_PIXEL || p_none || p_at == p_d + p_idx[AW-1:0]);
            assert (p_ctrl != CTRL_SWAP_REGISTER || p_at == p_d + p_idx1[AW-1:0]);
        end
    end
    // The checks in their order.
    if (p_check != CHECK_REST && p_check != CHECK_VERDICT && p_check != CHECK_BLAME && p_check != CHECK_VALUE) begin
        assert (!milli);
        case (\check0.pair )
        2'd0: begin assert (runs[0]); end
        2'd1: begin assert (!runs[0] || p_ok_a); end
        2'd2: begin assert (!runs[0] || p_ok_a); end
        2'd3: begin assert (p_ok_a); end
        endcase
    end
    if (p_is_a && (\check0.pair == 2'd0 || \check0.pair == 2'd3))
        case (p_check)
        CHECK_BASES:  begin assert (p_q1 == p_word); end
        CHECK_SAME:   begin assert (\data0.x == p_word); end
        CHECK_ADD:    begin assert ({\data0.alu_carry , \data0.result } == p_sum); end
        CHECK_INSIDE: begin assert ({\data0.carry , res} == p_sum); end
        default: ;
        endcase
    if (!milli && (p_check == CHECK_VERDICT || p_vec != VEC_OFF))
        assert (!runs[0] || p_ok_a);
    if (p_ctrl == CTRL_VECTOR && p_ok_a && p_is_a)
        assert (p_in);
    // The loops: their phases, which elements idx may be at, and what is addressed.
    case (p_vec)
    VEC_OPERANDS, VEC_FIRST: begin assert (p_none && p_count == 0); end
    VEC_P1:      begin assert (kind != ONE && kind != REDUCE && kind != FILL); end
    VEC_P2:      begin assert (kind != IOTA && kind != FILL && kind != VDOT); end
    VEC_P3:      begin assert (kind == LOOKUP); end
    VEC_PRODUCT: begin assert (times); end
    default: ;
    endcase
    if (p_phase && p_ahead && !p_late)
        assert (p_idx1 <= o_vl);
    if (p_phase && p_ahead && p_late)
        assert (p_idx <= o_vl && \vec0.was_none == (p_idx == 0) && \vec0.was_last == (p_idx == o_vl));
    if (p_phase && p_here)
        assert (p_idx1 <= o_vl && (p_vec != VEC_P1 || kind == IOTA || p_idx1 < o_vl)
                && (p_vec == VEC_P0 || (p_vec == VEC_P1 && kind != IOTA) || p_idx < o_vl));
    if (p_phase && p_slow) begin
        assert (p_none || p_idx <= o_vl);
        assert (p_count == (p_none || p_idx == 0 ? 0 : p_idx - 1'b1));
        assert (!(p_idx == o_vl) || \vec0.ended );
    end
    if (p_phase && pack && kind == TWO)
        assert (p_vec == VEC_P2 ? p_count == 0 || p_count < p_idx : p_count == 0 || (!p_none && p_count <= p_idx));
    if (p_phase && kind == STRIDE)
        assert (\data0.ctl == p_add);
    if (p_phase && p_is_a && kind == STRIDE) begin
        assert (p_vec != VEC_P0 || (p_none ? p_q1 == p_word && p_next == p_word
                                           : \data0.x == p_next && p_at == p_next[AW-1:0]));
        assert (p_vec != VEC_P1 || \data0.result == p_next);
        assert (p_vec != VEC_P2 || res == p_next);
    end
    if (p_phase && p_is_a && kind != STRIDE) begin
        if (p_late && p_ahead && p_idx != 0 && !(pack && kind == TWO))
            assert (p_at == p_d + p_idx[AW-1:0] - 1'b1);
        if (p_vec == VEC_P2 && kind == TWO && pack && p_idx != 0)
            assert (p_at == p_d + p_count[AW-1:0]);
        if (p_vec == VEC_P0 && p_here && !p_none)
            assert (p_at == p_d + p_idx[AW-1:0]);
        if (p_vec == VEC_P1 && p_slow)
            assert (p_at == p_d + p_count[AW-1:0]);
    end
end
