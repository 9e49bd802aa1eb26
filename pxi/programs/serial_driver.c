/* serial_driver.c - serial_driver.pxa once more, in C: from the same operations the same pixels. SERIAL.md says what
 * lies where.
 *
 * A board keeps a driver's first pixels from batch to batch, so this one has no data, no stack, and a start of its own;
 * a frame's length and mask are computed, not looked up. tests/cc/driver.sh says how it is made. */
#include "px.h"

enum { OPERATIONS = 5, AT_OPERATIONS, RECEIVED, AT_RECEIVED, AT_FRAMES, AT_STARTS, AT_READS, AT_SCRATCH, CLOCK };
enum { FRAMES = 14, READS, TAKEN, STAT_OPERATIONS, STAT_CHARACTERS, STAT_ERRORS, CLOCK_AFTER, SETUP_AFTER };

typedef struct runs {
    uint32_t n;
    px_pixel *op, *frame, *start, *read, *s0, *s1;
    uint32_t last, latest; /* set-up, and one with a divisor: counted from 1, 0 is the pixel before the operations */
    uint32_t writes, wanted, errors, clock, taken;
} runs;

PX_INLINE uint32_t parameter(uint32_t address) { return *(volatile px_pixel *)px_image(address); }
PX_INLINE px_pixel *run(uint32_t address) { return px_image(parameter(address)); }
PX_INLINE void result(uint32_t address, uint32_t value) { *(volatile px_pixel *)px_image(address) = value; }

/* To read: the divisor at each operation. An exclusive maximum carries the number of the latest set-up that has one. */
PX_INLINE void find_divisors(runs *r)
{
    px_vshr_vx(r->s0, r->op, 24);
    px_vseq_vx(r->s1, r->s0, 3);
    px_iota(r->read, 1, 1);
    px_vmul_vv(r->start, r->s1, r->read);
    r->last = (uint32_t)px_max((uint32_t)px_rmax(r->start), 0); /* an empty batch has no maximum */
    px_vand_vx(r->frame, r->op, 0xFFFF);
    px_vseq_vx(r->frame, r->frame, 0);
    px_vslt_vv(r->s1, r->frame, r->s1); /* a set-up, and its divisor not 0 */
    px_vmul_vv(r->s1, r->s1, r->read);
    r->latest = px_scanmax(r->s1, r->s1, 0);
    px_gather(r->read, r->op - 1, r->n, r->s1); /* the last operation cannot be before another */
    px_vand_vx(r->read, r->read, 0xFFFF);
    px_vmax_vx(r->read, r->read, 1);
    px_vshr_vx(r->s1, r->op, 8); /* a write that names a divisor has that one */
    px_vand_vx(r->s1, r->s1, 255);
    px_select(r->read, r->s1, r->s1);
}

/* The writes to frame and their divisors to start; how many operations there are of each kind. */
PX_INLINE void pack_writes(runs *r)
{
    px_fill(r->frame, 0);
    px_fill(r->start, 0);
    px_vseq_vx(r->s1, r->s0, 1);
    r->writes = (uint32_t)(px_pack(r->frame, r->op, r->s1) - r->frame);
    px_pack(r->start, r->read, r->s1);
    px_vseq_vx(r->s1, r->s0, 2);
    r->wanted = px_sum(r->s1);
    px_vsltu_vx(r->s1, r->s0, 4);
    r->errors = r->n - px_sum(r->s1);
}

/* To read: half bits of each frame, start, data, parity and stop, from its line control in s0. */
PX_INLINE void count_half_bits(runs *r)
{
    px_vand_vx(r->read, r->s0, 3);
    px_vmin_vx(r->read, r->read, 1);
    px_vadd_vx(r->read, r->read, 1); /* what bit 2 adds: one with five data bits, otherwise two */
    px_vshr_vx(r->s1, r->s0, 2);
    px_vand_vx(r->s1, r->s1, 1);
    px_vmul_vv(r->read, r->read, r->s1);
    px_vshr_vx(r->s1, r->s0, 2);
    px_vand_vx(r->s1, r->s1, 2); /* bit 3 adds two */
    px_vadd_vv(r->read, r->read, r->s1);
    px_vand_vx(r->s1, r->s0, 3);
    px_vshl_vx(r->s1, r->s1, 1);
    px_vadd_vv(r->read, r->read, r->s1);
    px_vadd_vx(r->read, r->read, 2 + 10 + 2);
}

/* Frames: data cut to its word length, divisor, line control without bit 7. Their lengths with divisor 1 to s1. */
PX_INLINE void make_frames(runs *r)
{
    px_vshr_vx(r->s0, r->frame, 16);
    px_vand_vx(r->s0, r->s0, 0x7F);
    count_half_bits(r);
    px_vshl_vx(r->read, r->read, 3 + 8); /* out of the way, above line control */
    px_vor_vv(r->s0, r->s0, r->read);
    px_vand_vx(r->s1, r->s0, 3);
    px_fill(r->read, 0x20);
    px_vshl_vv(r->read, r->read, r->s1);
    px_vsub_vx(r->read, r->read, 1);
    px_vand_vv(r->frame, r->frame, r->read);
    px_vshr_vx(r->s1, r->s0, 8);
    px_vand_vx(r->s0, r->s0, 0x7F);
    px_vshl_vx(r->s0, r->s0, 16);
    px_vor_vv(r->frame, r->frame, r->s0);
    px_vand_vx(r->s0, r->start, 255);
    px_vshl_vx(r->s0, r->s0, 8);
    px_vor_vv(r->frame, r->frame, r->s0);
    px_vshr_vx(r->s0, r->start, 8);
    px_vshl_vx(r->s0, r->s0, 24);
    px_vor_vv(r->frame, r->frame, r->s0);
}

/* The next received characters in order, marked; beyond the last, 0. */
PX_INLINE void take_received(runs *r)
{
    const uint32_t count = parameter(RECEIVED);
    px_vl(r->n);
    px_fill(r->read, 0);
    px_vl(r->wanted);
    px_iota(r->s0, 0, 1);
    px_gather(r->read, run(AT_RECEIVED), count, r->s0);
    r->taken = r->wanted < count ? r->wanted : count;
    px_vl(r->taken);
    px_vand_vx(r->read, r->read, 0xFF0000FF);
    px_vor_vx(r->read, r->read, 0x10000);
}

/* The set-up after the batch: the divisor of the latest that has one, the line control of the last. */
PX_INLINE uint32_t setup_after(const runs *r)
{
    const uint32_t divisor = (r->op - 1)[r->latest] & 0xFFFF, line = (r->op - 1)[r->last] >> 16 & 0x7F;
    return (divisor != 0 ? divisor : 1) | line << 16 | UINT32_C(3) << 24;
}

__attribute__((noreturn)) void _start(void);
__attribute__((noreturn)) void _start(void)
{
    runs r = {.n = parameter(OPERATIONS), .op = run(AT_OPERATIONS), .frame = run(AT_FRAMES), .start = run(AT_STARTS)};
    r.read = run(AT_READS);
    r.s0 = run(AT_SCRATCH);
    r.s1 = r.s0 + r.n;
    px_vl(r.n);
    find_divisors(&r);
    pack_writes(&r);
    px_vl(r.writes);
    make_frames(&r);
    px_vmul_vv(r.s1, r.s1, r.start);
    r.clock = px_scanadd(r.start, r.s1, parameter(CLOCK));
    take_received(&r);
    result(FRAMES, r.writes);
    result(READS, r.wanted);
    result(TAKEN, r.taken);
    result(STAT_OPERATIONS, r.wanted + r.writes);
    result(STAT_CHARACTERS, r.writes);
    result(STAT_ERRORS, r.errors);
    result(CLOCK_AFTER, r.clock);
    result(SETUP_AFTER, setup_after(&r));
    px_vl(r.n); /* work leaves no trace */
    px_fill(r.s0, 0);
    px_fill(r.s1, 0);
    px_halt();
}
