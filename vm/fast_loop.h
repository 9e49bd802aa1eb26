/* fast_loop.h - the text of the loop, for fast_loop.c. LOOP is its name; EDGE: whether it asks before each instruction;
 * HEAT: whether it counts, which asks for EDGE.
 *
 * fuel is where ip would be when the budget is spent, if nothing jumped: so a straight piece of code costs nothing to
 * count, and a jump moves it by what it skips. */
uint64_t LOOP(px_fast *fast, px_vm *vm, px_fast_page *page, uint64_t left)
{
#define ALU_PLACES(name) [PX_FAST_ALU + PX_WORD_##name] = &&alu_##name, [PX_FAST_ALUI + PX_WORD_##name] = &&alui_##name
#define BRANCH_PLACES(name)                                                                                            \
    [PX_FAST_NEAR + (PX_OP_##name & 7)] = &&near_##name, [PX_FAST_FAR + (PX_OP_##name & 7)] = &&far_##name
#define PAIR_PLACES(first)                                                                                             \
    [PX_FAST_PAIR(                                                                                                     \
        PX_FIRST_##first,                                                                                              \
        PX_SECOND_BRANCH +                                                                                             \
            (PX_OP_BEQ & 7))] = &&first##_BEQ,                                                                         \
                         [PX_FAST_PAIR(PX_FIRST_##first, PX_SECOND_BRANCH + (PX_OP_BNE & 7))] = &&first##_BNE,         \
                         [PX_FAST_PAIR(PX_FIRST_##first, PX_SECOND_BRANCH + (PX_OP_BLT & 7))] = &&first##_BLT,         \
                         [PX_FAST_PAIR(PX_FIRST_##first, PX_SECOND_BRANCH + (PX_OP_BGE & 7))] = &&first##_BGE,         \
                         [PX_FAST_PAIR(PX_FIRST_##first, PX_SECOND_BRANCH + (PX_OP_BLTU & 7))] = &&first##_BLTU,       \
                         [PX_FAST_PAIR(PX_FIRST_##first, PX_SECOND_BRANCH + (PX_OP_BGEU & 7))] = &&first##_BGEU,       \
                         [PX_FAST_PAIR(PX_FIRST_##first, PX_SECOND_ADD)] = &&first##_ADD,                              \
                         [PX_FAST_PAIR(PX_FIRST_##first, PX_SECOND_XOR)] = &&first##_XOR,                              \
                         [PX_FAST_PAIR(PX_FIRST_##first, PX_SECOND_OR)] = &&first##_OR,                                \
                         [PX_FAST_PAIR(PX_FIRST_##first, PX_SECOND_LD)] = &&first##_LD
    static const void *const place[EDGE ? PX_FAST_KINDS : PX_FAST_PLACES] = {
        [PX_FAST_LAZY] = &&lazy,
        [PX_FAST_SLOW] = &&slow,
        [PX_FAST_END] = &&leave,
        [PX_FAST_NATIVE] = &&native,
        [PX_FAST_JMP_NEAR] = &&jmp_near,
        [PX_FAST_JMP_FAR] = &&jmp_far,
        [PX_FAST_CALL_NEAR] = &&call_near,
        [PX_FAST_CALL_FAR] = &&call_far,
        [PX_FAST_JR] = &&jr,
        [PX_FAST_VL] = &&vl,
        [PX_FAST_GET] = &&get,
        [PX_FAST_LIT] = &&lit,
        [PX_FAST_CONSTANT] = &&constant,
        [PX_FAST_EXT] = &&ext,
        [PX_FAST_INS] = &&ins,
        [PX_FAST_LD] = &&ld,
        [PX_FAST_ST] = &&st,
        [PX_FAST_LDB] = &&ldb,
        [PX_FAST_STB] = &&stb,
        [PX_FAST_DIV] = &&div,
        [PX_FAST_DIVU] = &&divu,
        [PX_FAST_REM] = &&rem,
        [PX_FAST_REMU] = &&remu,
        [PX_FAST_VEC_PURE] = &&vec_pure,
        [PX_FAST_VEC_RUN] = &&vec_writes,
        [PX_FAST_VEC_ANY] = &&vec_writes,
        BRANCH_PLACES(BEQ),
        BRANCH_PLACES(BNE),
        BRANCH_PLACES(BLT),
        BRANCH_PLACES(BGE),
        BRANCH_PLACES(BLTU),
        BRANCH_PLACES(BGEU),
        ALU_PLACES(ADD),
        ALU_PLACES(SUB),
        ALU_PLACES(AND),
        ALU_PLACES(OR),
        ALU_PLACES(XOR),
        ALU_PLACES(SHL),
        ALU_PLACES(SHR),
        ALU_PLACES(SAR),
        ALU_PLACES(SLT),
        ALU_PLACES(SLTU),
        ALU_PLACES(SEQ),
        ALU_PLACES(MIN),
        ALU_PLACES(MAX),
        ALU_PLACES(MUL),
        ALU_PLACES(MULH),
        ALU_PLACES(MULHU),
#if !EDGE
        PAIR_PLACES(ADD),
        PAIR_PLACES(XOR),
        PAIR_PLACES(ADDI),
        PAIR_PLACES(ANDI),
        PAIR_PLACES(SHLI),
        PAIR_PLACES(SHRI),
        PAIR_PLACES(LD),
#endif
    };
    if (vm == NULL) {
        fast->go = place;
        return 0;
    }
    uint32_t *const m = vm->s.mem, *const r = vm->reg;
    const uint32_t n = vm->n, base = (uint32_t)(m - fast->mem);
    px_fast_page *const *const pages = fast->page;
    px_fast_op *ip = page->op + (base + vm->s.pc - page->first);
    uintptr_t fuel = (uintptr_t)ip + left * sizeof *ip;
    uint64_t address;
    uint32_t target;

#define PC()   (page->first - base + (uint32_t)(ip - page->op))
#define LEFT() ((fuel - (uintptr_t)ip) / sizeof *ip)

#if HEAT
    px_fast_heat *const heat = fast->heat;
    uint64_t *const read = heat->counts.read + base, *const written = heat->counts.written + base;
    px_touch touch[PX_TOUCHES];
    unsigned touches;
#define EDGE_AT(place, by) (page->edges[(place)-page->op] += (uint32_t)(by))
#define READ(address)      (read[address]++)
#define WRITTEN(address)   (written[address]++)
#define TOUCHES()          (touches = px_touches(m[vm->s.pc], vm->s.pc, r, vm->s.vl, touch))
#define TOUCHED()          px_fast_heat_touched(heat, base, touch, touches)
    page->counted = true;
#else
#define EDGE_AT(place, by) (void)0
#define READ(address)      (void)0
#define WRITTEN(address)   (void)0
#define TOUCHES()          (void)0
#define TOUCHED()          (void)0
#endif
#if EDGE
    const px_fast_op *const begin = page->op + (base > page->first ? base - page->first : 0);
    const px_fast_op *const end =
        base + n - page->first < PX_FAST_PAGE ? page->op + (base + n - page->first) : page->op + PX_FAST_PAGE;
#define GO()                                                                                                           \
    do {                                                                                                               \
        if (ip >= end || (uintptr_t)ip == fuel)                                                                        \
            goto leave;                                                                                                \
        goto *place[ip->kind];                                                                                         \
    } while (0)
#define AFTER_JUMP() GO()
#define REACHES(op)  ((op) >= begin && (op) < end)
#else
#define GO() goto * ip->go
/* No straight piece is longer than a page. */
#define AFTER_JUMP()                                                                                                   \
    do {                                                                                                               \
        if (fuel - (uintptr_t)ip <= PX_FAST_PAGE * sizeof *ip)                                                         \
            goto leave;                                                                                                \
        goto * ip->go;                                                                                                 \
    } while (0)
#define REACHES(op) true
#endif
#define NEXT()                                                                                                         \
    do {                                                                                                               \
        ip++;                                                                                                          \
        GO();                                                                                                          \
    } while (0)
/* To the op at distance, in this page; jumping retires one instruction, however far it goes. */
#define JUMP(distance)                                                                                                 \
    do {                                                                                                               \
        px_fast_op *const to = ip + (int32_t)(distance);                                                               \
        if (!REACHES(to))                                                                                              \
            goto slow;                                                                                                 \
        EDGE_AT(ip + 1, -1);                                                                                           \
        EDGE_AT(to, 1);                                                                                                \
        fuel += (uintptr_t)to - (uintptr_t)ip - sizeof *ip;                                                            \
        ip = to;                                                                                                       \
        AFTER_JUMP();                                                                                                  \
    } while (0)

    EDGE_AT(ip, 1);
    GO();

lazy:
#if !EDGE
    if (PC() >= n)
        goto slow;
#endif
    px_fast_decode(fast, page, ip, base + n);
    GO();

    /* ---- control ---- */

jmp_near:
    JUMP(ip->imm);
jmp_far:
    target = PC() + ip->imm;
    goto far;
call_near:
    if (!REACHES(ip + (int32_t)ip->imm))
        goto slow;
    r[ip->a] = PC() + 1;
    JUMP(ip->imm);
call_far:
    target = PC() + ip->imm;
    if (target >= n)
        goto slow;
    r[ip->a] = PC() + 1;
    goto far;
jr:
    target = r[ip->b];
    goto far;
far: /* the instruction at ip goes to target */
    if (target >= n)
        goto slow;
    EDGE_AT(ip + 1, -1);
    left = LEFT() - 1;
#if !EDGE
    page = pages[(base + target) >> PX_FAST_BITS];
    if (page != NULL && left > PX_FAST_PAGE && px_fast_within(fast, page, base, n)) {
        ip = page->op + (base + target - page->first);
        fuel = (uintptr_t)ip + left * sizeof *ip;
        GO();
    }
#endif
    vm->s.pc = target;
    fast->slow = false;
    return left;

#define BRANCH(name, condition)                                                                                        \
    near_##name:                                                                                                       \
    {                                                                                                                  \
        const uint32_t x = r[ip->b], y = r[ip->c];                                                                     \
        if (condition)                                                                                                 \
            JUMP(ip->imm);                                                                                             \
        NEXT();                                                                                                        \
    }                                                                                                                  \
    far_##name:                                                                                                        \
    {                                                                                                                  \
        const uint32_t x = r[ip->b], y = r[ip->c];                                                                     \
        target = PC() + ip->imm;                                                                                       \
        if (condition)                                                                                                 \
            goto far;                                                                                                  \
        NEXT();                                                                                                        \
    }
    BRANCH(BEQ, x == y)
    BRANCH(BNE, x != y)
    BRANCH(BLT, px_signed(x) < px_signed(y))
    BRANCH(BGE, px_signed(x) >= px_signed(y))
    BRANCH(BLTU, x < y)
    BRANCH(BGEU, x >= y)

vl:
    if (r[ip->b] > n)
        goto slow;
    vm->s.vl = r[ip->b];
    NEXT();
get : {
    const uint32_t what[4] = {[PX_GET_N] = n, [PX_GET_W] = vm->s.w, [PX_GET_H] = vm->s.h, [PX_GET_VL] = vm->s.vl};
    r[ip->a] = what[ip->b & 3];
    NEXT();
}
lit:
#if EDGE
    if (ip + 1 >= end)
        goto slow;
#endif
    READ(PC() + 1);
    EDGE_AT(ip + 1, -1);
    EDGE_AT(ip + 2, 1);
    r[ip->a] = ip->imm;
    fuel += sizeof *ip;
    ip++;
    NEXT();

    /* ---- arithmetic ---- */

#define ALU(name, value)                                                                                               \
    alu_##name:                                                                                                        \
    {                                                                                                                  \
        const uint32_t x = r[ip->b], y = r[ip->c];                                                                     \
        r[ip->a] = (value);                                                                                            \
        NEXT();                                                                                                        \
    }                                                                                                                  \
    alui_##name:                                                                                                       \
    {                                                                                                                  \
        const uint32_t x = r[ip->b], y = ip->imm;                                                                      \
        r[ip->a] = (value);                                                                                            \
        NEXT();                                                                                                        \
    }
    ALU(ADD, x + y)
    ALU(SUB, x - y)
    ALU(AND, x & y)
    ALU(OR, x | y)
    ALU(XOR, x ^ y)
    ALU(SHL, x << (y & 31))
    ALU(SHR, x >> (y & 31))
    ALU(SAR, (uint32_t)(px_signed(x) >> (y & 31))) /* both compilers say that the sign enters */
    ALU(SLT, px_signed(x) < px_signed(y))
    ALU(SLTU, x < y)
    ALU(SEQ, x == y)
    ALU(MIN, px_signed(x) < px_signed(y) ? x : y)
    ALU(MAX, px_signed(x) < px_signed(y) ? y : x)
    ALU(MUL, (uint32_t)((uint64_t)x * y))
    ALU(MULH, (uint32_t)((uint64_t)((int64_t)px_signed(x) * px_signed(y)) >> 32))
    ALU(MULHU, (uint32_t)((uint64_t)x * y >> 32))

#define DIVIDE(name, by_zero, overflow, value)                                                                         \
    name : {                                                                                                           \
        const uint32_t x = r[ip->b], y = r[ip->c];                                                                     \
        r[ip->a] = y == 0 ? (by_zero) : y == UINT32_MAX ? (overflow) : (value);                                        \
        NEXT();                                                                                                        \
    }
    DIVIDE(div, UINT32_MAX, 0 - x, (uint32_t)(px_signed(x) / px_signed(y)))
    DIVIDE(divu, UINT32_MAX, x / y, x / y)
    DIVIDE(rem, x, 0, (uint32_t)(px_signed(x) % px_signed(y)))
    DIVIDE(remu, x, x % y, x % y)

    /* ---- pixels, constants, channels ---- */

constant:
    r[ip->a] = ip->imm;
    NEXT();
ext:
    r[ip->a] = r[ip->b] >> ip->imm & 255;
    NEXT();
ins:
    r[ip->a] = (r[ip->a] & ~(UINT32_C(255) << ip->imm)) | (r[ip->b] & 255) << ip->imm;
    NEXT();
ld:
    address = (uint64_t)r[ip->b] + ip->imm;
    if (address >= n)
        goto slow;
    READ(address);
    r[ip->a] = m[address];
    NEXT();
ldb:
    address = (uint64_t)r[ip->b] + (r[ip->c] >> 2);
    if (address >= n)
        goto slow;
    READ(address);
    r[ip->a] = px_byte(m[address], r[ip->c] & 3);
    NEXT();
st:
    address = (uint64_t)r[ip->b] + ip->imm;
    if (address >= n)
        goto slow;
    m[address] = r[ip->c];
    goto stored;
stb:
    address = (uint64_t)r[ip->b] + (r[ip->c] >> 2);
    if (address >= n)
        goto slow;
    READ(address);
    m[address] = px_with_byte(m[address], r[ip->c] & 3, r[ip->a]);
    goto stored;
stored : {
    const uint32_t at = base + (uint32_t)address, in_page = at & (PX_FAST_PAGE - 1);
    px_fast_page *const hit = pages[at >> PX_FAST_BITS];
    WRITTEN(address);
    if (hit != NULL && hit->known[in_page] != 0)
        px_fast_stored(fast, at, 1);
    NEXT();
}

/* ---- pairs ---- */

#if !EDGE
/* The first one makes value; the second, which ip is at then, takes it as x or y. */
#define FIRST(value)                                                                                                   \
    CHECK();                                                                                                           \
    const uint32_t made = (value);                                                                                     \
    r[ip->a] = made;                                                                                                   \
    ip++
#define PAIR_BRANCH(first, value, name, condition)                                                                     \
    first##_##name:                                                                                                    \
    {                                                                                                                  \
        FIRST(value);                                                                                                  \
        const uint32_t x = made, y = r[ip->c];                                                                         \
        if (condition)                                                                                                 \
            JUMP(ip->imm);                                                                                             \
        NEXT();                                                                                                        \
    }
#define PAIR_ALU(first, value, name, result)                                                                           \
    first##_##name:                                                                                                    \
    {                                                                                                                  \
        FIRST(value);                                                                                                  \
        const uint32_t x = r[ip->b], y = made;                                                                         \
        r[ip->a] = (result);                                                                                           \
        NEXT();                                                                                                        \
    }
#define PAIRS(first, value)                                                                                            \
    PAIR_BRANCH(first, value, BEQ, x == y)                                                                             \
    PAIR_BRANCH(first, value, BNE, x != y)                                                                             \
    PAIR_BRANCH(first, value, BLT, px_signed(x) < px_signed(y))                                                        \
    PAIR_BRANCH(first, value, BGE, px_signed(x) >= px_signed(y))                                                       \
    PAIR_BRANCH(first, value, BLTU, x < y)                                                                             \
    PAIR_BRANCH(first, value, BGEU, x >= y)                                                                            \
    PAIR_ALU(first, value, ADD, x + y)                                                                                 \
    PAIR_ALU(first, value, XOR, x ^ y)                                                                                 \
    PAIR_ALU(first, value, OR, x | y)                                                                                  \
    first##_LD:                                                                                                        \
    {                                                                                                                  \
        FIRST(value);                                                                                                  \
        address = (uint64_t)made + ip->imm;                                                                            \
        if (address >= n)                                                                                              \
            goto slow;                                                                                                 \
        r[ip->a] = m[address];                                                                                         \
        NEXT();                                                                                                        \
    }
#define CHECK() (void)0
    PAIRS(ADD, r[ip->b] + r[ip->c])
    PAIRS(XOR, r[ip->b] ^ r[ip->c])
    PAIRS(ADDI, r[ip->b] + ip->imm)
    PAIRS(ANDI, r[ip->b] & ip->imm)
    PAIRS(SHLI, r[ip->b] << (ip->imm & 31))
    PAIRS(SHRI, r[ip->b] >> (ip->imm & 31))
#undef CHECK
#define CHECK()                                                                                                        \
    address = (uint64_t)r[ip->b] + ip->imm;                                                                            \
    if (address >= n)                                                                                                  \
    goto slow
    PAIRS(LD, m[address])
#undef CHECK
#endif

    /* ---- vectors ---- */

#define INSTRUCTION() (px_insn){m[vm->s.pc], (uint8_t)m[vm->s.pc], ip->a, ip->b, ip->c}
vec_pure:
    vm->s.pc = PC();
    TOUCHES();
    if (!px_fast_vector(vm, INSTRUCTION(), ip->imm))
        goto leave;
    TOUCHED();
    NEXT();
vec_writes:
    vm->s.pc = PC();
    TOUCHES();
    if (!px_fast_writing(fast, vm, INSTRUCTION(), ip))
        goto leave;
    TOUCHED();
    NEXT();

    /* ---- native code ---- */

native : {
    const px_fast_entry *const entry = &page->entry[ip - page->op];
    if (px_fast_fits(entry, base, n)) {
        px_fast_frame frame = {.r = r, .m = m, .pages = pages, .left = LEFT()};
        entry->code(&frame);
        if (frame.left != LEFT()) {
            ip = page->op + frame.at;
            fuel = (uintptr_t)ip + frame.left * sizeof *ip;
            AFTER_JUMP();
        }
    }
    goto *place[entry->kind];
}

    /* ---- ends ---- */

slow:
    EDGE_AT(ip, -1);
    vm->s.pc = PC();
    fast->slow = true;
    return LEFT();
leave:
    EDGE_AT(ip, -1);
    vm->s.pc = PC();
    fast->slow = false;
    return LEFT();
}
#undef ALU_PLACES
#undef BRANCH_PLACES
#undef PC
#undef LEFT
#undef GO
#undef AFTER_JUMP
#undef REACHES
#undef NEXT
#undef JUMP
#undef BRANCH
#undef ALU
#undef DIVIDE
#undef PAIR_PLACES
#undef FIRST
#undef PAIR_BRANCH
#undef PAIR_ALU
#undef PAIRS
#undef INSTRUCTION
#undef EDGE_AT
#undef READ
#undef WRITTEN
#undef TOUCHES
#undef TOUCHED
#undef LOOP
#undef EDGE
#undef HEAT
