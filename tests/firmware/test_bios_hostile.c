/* test_bios_hostile.c - a guest that calls the BIOS with everything wrong: pointers over vectors, ROM, holes and the
 * end of memory, counts, stacks that wrap, a data area full of nonsense. Nothing beyond the guest's memory is touched,
 * no exit costs more than its bound, and what is not there fails as the house rule says. try_interrupt() checks the
 * first two after every exit. */
#include "tests/firmware/bios_call.h"

static int setup(void **state)
{
    (void)state;
    reset_native();
    return 0;
}

static uint32_t seed;
static unsigned any(void) { return (seed = seed * 1664525 + 1013904223) >> 16; }

/* Vectors 10h to 1Ah and the interrupts with a service of their own. 18h and 19h end or replace the guest. */
static const uint8_t vectors[] = {0x05, 0x08, 0x09, 0x10, 0x11, 0x12, 0x13, 0x14, 0x15,
                                  0x16, 0x17, 0x1A, 0x1B, 0x40, 0x70, 0x76, 0xFF};

/* Waiting is bounded by the guest's own patience: a key arrives, time goes by. */
static unsigned waited;
static bool press(void)
{
    static const uint8_t words[] = {0x1E, 0x61};
    const unsigned tail = word_at(0x41C);
    native_time += PC_SECOND;
    if (0x400 + tail + 1 < NATIVE_RAM)
        memcpy(at(0x400 + tail), words, 2);
    put_word_at(0x41C, (tail + 2) & 0xFFFF);
    return ++waited < 50;
}

static void try(uint8_t vector)
{
    waited = 0;
    call_interrupt = press;
    (void)try_interrupt(vector, 0);
    call_interrupt = NULL;
    if (native_stop[0] != 0)
        assert_true(memcmp(native_stop, "guest: ", 7) == 0);
}

/* ---- house rules ---- */

static void upper_halves_survive_every_call(void **state)
{
    (void)state;
    for (size_t v = 0; v < sizeof vectors; v++)
        for (unsigned ah = 0; ah < 256; ah++)
            for (unsigned al = 0; al < 4; al++) {
                const unsigned ax = ah << 8 | (al == 3 ? 0x20 : al);
                if (vectors[v] == 0x15 && ax == 0xE820)
                    continue; /* answers in all of EAX, EBX, ECX */
                registers(ax, 0x0000, 0x0001, 0x0000);
                try(vectors[v]);
                if (!upper_halves_survive())
                    fail_msg("INT %02x AX=%04x changes upper halves", vectors[v], ax);
            }
}

static void unlisted_calls_fail(void **state)
{
    (void)state;
    static const uint8_t disk[] = {0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x08, 0x09, 0x0C, 0x0D, 0x10,
                                   0x11, 0x14, 0x15, 0x16, 0x41, 0x42, 0x43, 0x44, 0x47, 0x48};
    static const uint8_t machine[] = {0x24, 0x4F, 0x80, 0x81, 0x82, 0x83, 0x85, 0x86,
                                      0x87, 0x88, 0x90, 0x91, 0xC0, 0xC1, 0xE8};
    for (unsigned ah = 0; ah < 256; ah++) {
        if (memchr(disk, (int)ah, sizeof disk) == NULL) {
            registers(ah << 8, 0, 0, 0x80);
            assert_int_equal(interrupt(0x13, 0) & CF, CF);
            assert_int_equal(AH, 0x01);
        }
        if (memchr(machine, (int)ah, sizeof machine) == NULL) {
            registers(ah << 8, 0, 0, 0);
            assert_int_equal(interrupt(0x15, 0) & CF, CF);
            assert_int_equal(AH, 0x86);
        }
        if (ah > 7) {
            registers(ah << 8, 0, 0, 0);
            assert_int_equal(interrupt(0x1A, 0) & CF, CF);
        }
    }
    for (unsigned al = 0; al < 256; al++)
        if (al != 0x01 && al != 0x20) {
            registers(0xE800 | al, 0, 0, 0);
            assert_int_equal(interrupt(0x15, 0) & CF, CF);
            assert_int_equal(AH, 0x86);
        }
}

/* ---- the stack ---- */

static void stacks_wrap(void **state)
{
    (void)state;
    for (unsigned sp = 0xFFF8; sp < 0x10006; sp++) {
        native_set(VMCS_GUEST_SS_BASE, 0x20000);
        native_set(VMCS_GUEST_RSP, UPPER | (sp & 0xFFFF));
        const unsigned flags = 0x20000 + ((sp + 4) & 0xFFFF);
        memset(at(0x20000), 0xF0, 0x10002);
        registers(0x7700, 0, 0, 0);
        (void)interrupt(0x15, 0x0246);
        assert_int_equal(word_at(flags), 0x0247);
        for (unsigned i = 0x20000; i < 0x30002; i++) /* and nothing else on it has changed */
            if (i != flags && i != flags + 1)
                assert_int_equal(*at(i), 0xF0);
    }
    native_set(VMCS_GUEST_RSP, 0xFFFC); /* INT 19h puts a frame of its own there */
    *at(0x30000) = 0xEE;
    native_set(VMCS_GUEST_RIP, 0);
    registers(0, 0, 0, 0);
    native_set(VMCS_GUEST_RSP, 0xFFFE);
    assert_true(try_interrupt(0x18, 0));
    assert_int_equal(*at(0x30000), 0xEE);
}

static void stacks_that_are_no_memory(void **state)
{
    (void)state;
    static const uint64_t bases[] = {0xC0000, 0xF0000, 0xFFFF0, NATIVE_RAM - 2, NATIVE_RAM, 0xFEE00000, 0xFFFFFFF0};
    for (size_t i = 0; i < sizeof bases / sizeof *bases; i++)
        for (size_t v = 0; v < sizeof vectors; v++)
            for (unsigned sp = 0; sp < 6; sp++) {
                native_set(VMCS_GUEST_SS_BASE, bases[i]);
                native_set(VMCS_GUEST_RSP, sp);
                registers(0x0100 * any() & 0xFF00, 0, 1, 0);
                try(vectors[v]);
            }
}

/* ---- pointers and counts ---- */

static const uint64_t places[] = {0,
                                  0x400,
                                  0x9FC00,
                                  0xA0000,
                                  0xB8000,
                                  0xBFFF0,
                                  0xC0000,
                                  0xEFFF0,
                                  0xF0000,
                                  0xFFFF0,
                                  0x100000,
                                  NATIVE_RAM - 0x10000,
                                  NATIVE_RAM - 1,
                                  NATIVE_RAM,
                                  NATIVE_RAM + 0x1000,
                                  0xFEC00000,
                                  0xFFFF0000,
                                  0xFFFFFFFF};

static void pointers(void **state)
{
    (void)state;
    static const unsigned offsets[] = {0, 1, 0x7FFF, 0xFE00, 0xFE01, 0xFFF0, 0xFFFE, 0xFFFF};
    static const struct {
        uint8_t vector;
        uint16_t ax, cx, dx;
    } calls[] = {{0x10, 0x1300, 0xFFFF, 0}, {0x10, 0x1303, 300, 0x184F}, {0x13, 0x0201, 1, 0},
                 {0x13, 0x02FF, 1, 0},      {0x13, 0x03FF, 1, 0},        {0x13, 0x0312, 1, 0x0100},
                 {0x13, 0x0280, 1, 0x80},   {0x13, 0x0800, 0, 0},        {0x13, 0x4200, 0, 0x80},
                 {0x13, 0x4300, 0, 0x80},   {0x13, 0x4400, 0, 0x80},     {0x13, 0x4800, 0, 0x80},
                 {0x15, 0x8300, 0, 1},      {0x15, 0x8700, 0x8000, 0},   {0x15, 0x8700, 0xFFFF, 0},
                 {0x10, 0x1130, 0, 0},      {0x13, 0x0500, 1, 0x80},     {0x15, 0xE820, 20, 0x4150}};
    for (size_t c = 0; c < sizeof calls / sizeof *calls; c++)
        for (size_t p = 0; p < sizeof places / sizeof *places; p++)
            for (size_t o = 0; o < sizeof offsets / sizeof *offsets; o++) {
                native_set(VMCS_GUEST_ES_BASE, places[p]);
                native_set(VMCS_GUEST_DS_BASE, places[p]);
                native_set(VMCS_GUEST_SS_BASE, 0);
                native_set(VMCS_GUEST_RSP, 0x7BFA);
                registers(calls[c].ax, offsets[o], calls[c].cx, calls[c].dx);
                guest.rsi = guest.rdi = guest.rbp = offsets[o];
                if (calls[c].ax == 0xE820) {
                    guest.rbx = 0;
                    guest.rcx = 20;
                    guest.rdx = 0x534D4150;
                }
                try(calls[c].vector);
                pc_reset(native_time); /* 83h has the clock interrupt: not here */
            }
}

/* Packets and descriptors that say anything. */
static void what_pointers_point_to(void **state)
{
    (void)state;
    seed = 4711;
    for (unsigned round = 0; round < 3000; round++) {
        for (unsigned i = 0; i < 48; i++)
            *at(0x8000 + i) = (uint8_t)any();
        if (round % 2 == 0)
            *at(0x8000) = 16;
        if (round % 3 == 0) { /* within the disk: 100 sectors */
            put_long_at(0x8008, any() % 110);
            put_long_at(0x800C, 0);
            put_word_at(0x8002, any() % 140);
        }
        set_ds(0x0800);
        set_es(0x0800);
        registers((0x42 + any() % 3) << 8, 0, 0, 0x80);
        guest.rsi = UPPER;
        (void)interrupt(0x13, 0);
        if (round % 4 == 0)
            put_long_at(0x8010 + 2, any() << 8);
        registers(0x8700, 0, any() % 0x8100, 0);
        guest.rsi = UPPER;
        (void)interrupt(0x15, 0);
    }
}

static void sectors_out_of_range(void **state)
{
    (void)state;
    set_es(0x1000);
    for (unsigned drive = 0; drive <= 0x80; drive += 0x80)
        for (unsigned round = 0; round < 4000; round++) {
            seed = round * 7 + drive;
            registers((2 + any() % 3) << 8 | (any() & 0xFF), any(), any(), (any() & 0xFF00) | drive);
            const unsigned count = AL, cylinder = CX >> 8 | (CX & 0xC0) << 2, head = DX >> 8, sector = CX & 0x3F;
            const unsigned heads = drive == 0 ? 2 : 16, sectors = drive == 0 ? 18 : 63, cylinders = drive == 0 ? 80 : 1;
            const unsigned first = (cylinder * heads + head) * sectors + sector - 1, size = drive == 0 ? 2880 : 100;
            const bool there = sector >= 1 && sector <= sectors && head < heads && cylinder < cylinders && count > 0 &&
                               first + count <= size && (AH == 4 || BX + count * 512 <= 0x10000);
            const unsigned flags = interrupt(0x13, 0);
            assert_int_equal(flags & CF, there ? 0 : CF);
            assert_int_equal(AL, there ? count : 0);
            assert_int_equal(AH == 0, there);
        }
}

/* ---- the data area ---- */

static void spoil(unsigned how)
{
    static const uint8_t bytes[] = {0x00, 0xFF, 0x80, 0x7F, 0x1E};
    for (unsigned i = 0; i < 0x100; i++)
        *at(0x400 + i) = how < sizeof bytes ? bytes[how] : (uint8_t)any();
}

static void a_data_area_of_nonsense(void **state)
{
    (void)state;
    seed = 815;
    for (unsigned how = 0; how < 40; how++)
        for (size_t v = 0; v < sizeof vectors; v++)
            for (unsigned ah = 0; ah < 0x20; ah++) {
                spoil(how);
                registers(ah << 8 | (any() & 0xFF), any(), vectors[v] == 0x15 ? 0 : any(), any() & 0xFF00);
                set_es(0x3000);
                native_set(VMCS_GUEST_RSP, 0x7BFA);
                try(vectors[v]);
            }
}

static void a_ring_without_end(void **state)
{
    (void)state;
    static const struct {
        uint16_t head, tail, start, end;
    } rings[] = {{0x1E, 0x1F, 0x1E, 0x3E}, {0x1E, 0x0000, 0x1E, 0x1E},   {0xFFFE, 0x1E, 0xFFFE, 0xFFFF},
                 {0xFFFF, 0, 0xFFFF, 0},   {0x1E, 0x40, 0x1E, 0x20},     {0x8001, 0x8000, 0x8001, 0x8003},
                 {0, 0xFFFF, 0, 0xFFFF},   {0x1E, 0x9E00, 0x20, 0x8000}, {0x3E, 0x1E, 0x1E, 0x3E}};
    for (size_t i = 0; i < sizeof rings / sizeof *rings; i++)
        for (unsigned ah = 0; ah < 0x13; ah++) {
            put_word_at(0x41A, rings[i].head);
            put_word_at(0x41C, rings[i].tail);
            put_word_at(0x480, rings[i].start);
            put_word_at(0x482, rings[i].end);
            memset(at(0x41E), 0x85, 32); /* F11: an old caller throws it away */
            registers(ah << 8, 0, 0x8585, 0);
            native_set(VMCS_GUEST_RSP, 0x7BFA);
            try(0x16);
            pc_out(0x64, 1, 0xD2);
            pc_out(0x60, 1, 0x1E);
            try(0x09);
        }
}

static void a_cursor_beyond_the_screen(void **state)
{
    (void)state;
    static const uint16_t cursors[] = {0xFFFF, 0x1950, 0x1850, 0x00FF, 0xFF00, 0x184F};
    for (size_t i = 0; i < sizeof cursors / sizeof *cursors; i++)
        for (unsigned ah = 0; ah < 0x14; ah++) {
            memset(at(0xB8000), 0x11, 0x8000);
            put_word_at(0x450, cursors[i]);
            set_es(0x2000);
            registers(ah << 8 | (ah == 0x0E ? 10 : 0x41), 0x0700, 0xFFFF, cursors[i]);
            (void)interrupt(0x10, 0);
            for (unsigned k = 4000; k < 0x8000; k++) /* what is behind the screen stays */
                assert_int_equal(*at(0xB8000 + k), 0x11);
        }
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup(f, setup)
    const struct CMUnitTest tests[] = {TEST(upper_halves_survive_every_call),
                                       TEST(unlisted_calls_fail),
                                       TEST(stacks_wrap),
                                       TEST(stacks_that_are_no_memory),
                                       TEST(pointers),
                                       TEST(what_pointers_point_to),
                                       TEST(sectors_out_of_range),
                                       TEST(a_data_area_of_nonsense),
                                       TEST(a_ring_without_end),
                                       TEST(a_cursor_beyond_the_screen)};
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
