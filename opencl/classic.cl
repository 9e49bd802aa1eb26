/* classic.cl - the founding profile (SPEC.md section 10), on one work-item: its instructions are short, and MATMUL's
 * elements may read earlier ones. */

#define CLASSIC_STEPS 1024u

typedef struct px_classic {
    __global uint *m;
    uint w, h;
} px_classic;

uint red(const px_classic *p, uint x, uint y) { return p->m[y * p->w + x] & 255u; }
void set_red(const px_classic *p, uint x, uint y, uint value)
{
    __global uint *pixel = &p->m[y * p->w + x];
    *pixel = (*pixel & ~255u) | value;
}

/* Whether the scan of rows a and b goes on at column x. */
uint classic_scan(const px_classic *p, uint x, uint a, uint b)
{
    return x < p->w && (p->m[a * p->w + x] | p->m[b * p->w + x]) != 0u;
}

void classic_dot(const px_classic *p, uint a, uint b, uint c)
{
    uint sum = 0u;
    for (uint x = 0u; classic_scan(p, x, a, b); x++)
        sum += red(p, x, a) * red(p, x, b);
    __global uint *out = &p->m[c * p->w];
    *out = (*out & ~0xFFFFu) | (sum & 0xFFFFu);
}

void classic_add(const px_classic *p, uint a, uint b, uint c)
{
    for (uint x = 0u; classic_scan(p, x, a, b); x++)
        set_red(p, x, c, min(red(p, x, a) + red(p, x, b), 255u));
}

uint matrix_fits(const px_classic *p, uint y, uint elements)
{
    return elements == 0u || y + (elements - 1u) / (p->w - 1u) < p->h;
}
uint matrix_red(const px_classic *p, uint y, uint i) { return red(p, 1u + i % (p->w - 1u), y + i / (p->w - 1u)); }

/* MATMUL's header and dimensions; 0 when the instruction does nothing. */
uint classic_matmul_begin(const px_classic *p, uint instruction, __global px_control *control)
{
    const uint a = byte_of(instruction, 1), b = byte_of(instruction, 2), c = byte_of(instruction, 3);
    const uint ha = p->m[a * p->w], hb = p->m[b * p->w];
    const uint rows = ha >> 16, depth = ha & 0xFFFFu, cols = hb & 0xFFFFu;
    if (p->w < 2u || depth != hb >> 16 || !matrix_fits(p, a, rows * depth) || !matrix_fits(p, b, depth * cols) ||
        !matrix_fits(p, c, rows * cols))
        return 0u;
    p->m[c * p->w] = cols | rows << 16;
    control->rows = rows;
    control->cols = cols;
    control->depth = depth;
    control->element = 1u;
    control->instruction = instruction;
    return 1u;
}

/* Elements in order until all are done (0 is returned) or fuel is out: a large product takes more than one launch. */
uint classic_matmul(const px_classic *p, uint a, uint b, uint c, __global px_control *control, uint *fuel)
{
    const uint cols = control->cols, depth = control->depth, elements = control->rows * cols;
    uint e = control->element - 1u;
    for (; e<elements && * fuel> 0u; e++) {
        uint sum = 0u;
        for (uint k = 0u; k < depth; k++)
            sum += matrix_red(p, a, e / cols * depth + k) * matrix_red(p, b, k * cols + e % cols);
        set_red(p, 1u + e % (p->w - 1u), c + e / (p->w - 1u), min(sum, 255u));
        *fuel -= min(*fuel, depth + 1u);
    }
    control->element = e < elements ? e + 1u : 0u;
    return control->element;
}

uint px_classic_run(px_cpu *cpu, __global uint *m, uint w, uint h, uint allow, uint fuel, __global px_control *control)
{
    px_classic p;
    p.m = m;
    p.w = w;
    p.h = h;
    while (cpu->status == STATUS_RUNNING && cpu->executed < allow && fuel > 0u) {
        const uint i = control->element ? control->instruction : m[cpu->pc];
        const uint op = byte_of(i, 0), a = byte_of(i, 1), b = byte_of(i, 2), c = byte_of(i, 3);
        const uint rows_exist = a < h && b < h && c < h;
        fuel--;
        if (op == OP_C_HALT) {
            cpu->status = STATUS_HALTED;
            cpu->executed++;
            break;
        }
        if (op == OP_C_DOT && rows_exist) {
            classic_dot(&p, a, b, c);
            fuel -= min(fuel, w);
        } else if (op == OP_C_ADD && rows_exist) {
            classic_add(&p, a, b, c);
            fuel -= min(fuel, w);
        } else if (op == OP_C_MATMUL && rows_exist) {
            if (control->element != 0u || classic_matmul_begin(&p, i, control))
                if (classic_matmul(&p, a, b, c, control, &fuel))
                    break;
        }
        cpu->executed++;
        if (++cpu->pc >= min(w, CLASSIC_STEPS))
            cpu->status = STATUS_HALTED;
    }
    return DONE;
}
