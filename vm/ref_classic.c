/* ref_classic.c - the reference VM's classic profile: row 0 is the program (SPEC.md section 10). */
#include "pxi/pixel.h"
#include "vm/ref.h"

static uint32_t *at(px_vm *vm, uint32_t x, uint32_t y) { return &vm->s.mem[y * vm->s.w + x]; }

static uint32_t red(px_vm *vm, uint32_t x, uint32_t y) { return px_byte(*at(vm, x, y), 0); }

static uint32_t scan_length(px_vm *vm, uint32_t a, uint32_t b)
{
    uint32_t x = 0;
    while (x < vm->s.w && (*at(vm, x, a) != 0 || *at(vm, x, b) != 0))
        x++;
    return x;
}

static void dot_rgb(px_vm *vm, uint32_t a, uint32_t b, uint32_t c)
{
    const uint32_t length = scan_length(vm, a, b);
    uint32_t sum = 0;
    for (uint32_t x = 0; x < length; x++)
        sum += red(vm, x, a) * red(vm, x, b);
    uint32_t *out = at(vm, 0, c);
    *out = px_with_byte(px_with_byte(*out, 0, sum), 1, sum >> 8);
}

static void add(px_vm *vm, uint32_t a, uint32_t b, uint32_t c)
{
    const uint32_t length = scan_length(vm, a, b);
    for (uint32_t x = 0; x < length; x++) {
        const uint32_t sum = red(vm, x, a) + red(vm, x, b);
        *at(vm, x, c) = px_with_byte(*at(vm, x, c), 0, sum > 255 ? 255 : sum);
    }
}

typedef struct matrix {
    uint32_t y, columns, rows;
} matrix;

static matrix matrix_at(px_vm *vm, uint32_t y)
{
    const uint32_t header = *at(vm, 0, y);
    return (matrix){y, header & 65535, header >> 16};
}

static bool fits(const px_vm *vm, matrix m)
{
    const uint32_t elements = m.rows * m.columns; /* below 2^32: both are 16 bits */
    return elements == 0 || (uint64_t)m.y + (elements - 1) / (vm->s.w - 1) < vm->s.h;
}

static uint32_t *element(px_vm *vm, matrix m, uint32_t row, uint32_t column)
{
    const uint32_t i = row * m.columns + column;
    return at(vm, 1 + i % (vm->s.w - 1), m.y + i / (vm->s.w - 1));
}

static void matmul(px_vm *vm, uint32_t ya, uint32_t yb, uint32_t yc)
{
    if (vm->s.w == 1)
        return;
    const matrix a = matrix_at(vm, ya), b = matrix_at(vm, yb), c = {yc, b.columns, a.rows};
    if (a.columns != b.rows || !fits(vm, a) || !fits(vm, b) || !fits(vm, c))
        return;
    *at(vm, 0, yc) = c.columns | c.rows << 16;
    for (uint32_t i = 0; i < c.rows; i++) {
        for (uint32_t j = 0; j < c.columns; j++) {
            uint32_t sum = 0; /* at most 65535 * 255 * 255 */
            for (uint32_t k = 0; k < a.columns; k++)
                sum += px_byte(*element(vm, a, i, k), 0) * px_byte(*element(vm, b, k, j), 0);
            uint32_t *out = element(vm, c, i, j);
            *out = px_with_byte(*out, 0, sum > 255 ? 255 : sum);
        }
    }
}

void px_vm_step_classic(px_vm *vm)
{
    px_state *s = &vm->s;
    const uint32_t last = s->w < PX_CLASSIC_STEPS ? s->w : PX_CLASSIC_STEPS;
    const uint32_t word = s->mem[s->pc];
    const uint32_t a = px_byte(word, 1), b = px_byte(word, 2), c = px_byte(word, 3);
    const bool rows_exist = a < s->h && b < s->h && c < s->h;
    vm->written = -1;
    s->retired++;
    switch (px_byte(word, 0)) {
    case PX_OP_C_HALT:
        s->status = PX_HALTED;
        return;
    case PX_OP_C_DOT:
        if (rows_exist)
            dot_rgb(vm, a, b, c);
        break;
    case PX_OP_C_ADD:
        if (rows_exist)
            add(vm, a, b, c);
        break;
    case PX_OP_C_MATMUL:
        if (rows_exist)
            matmul(vm, a, b, c);
        break;
    default:
        break; /* RELU, and numbers without meaning */
    }
    if (++s->pc == last)
        s->status = PX_HALTED;
}
