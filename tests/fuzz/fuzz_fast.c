/* fuzz_fast.c - any pixels are the same machine on the fast executor and on the reference VM, wherever budgets end and
 * whoever writes pixels between them. Code is made native as soon as it has run a little. */
#include <string.h>

#include "exec/drivers.h"
#include "exec/machine.h"
#include "tests/fuzz/input.h"

enum { MOST_LEGS = 8 };

static px_executor *on[2];

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    px_error error;
    require(setenv("PX_FAST_JIT", "eager", 1) == 0 && px_ref_driver.open(&on[0], NULL, &error) &&
                px_fast_driver.open(&on[1], NULL, &error),
            "executors");
    return 0;
}

/* Half of the pixels are opcodes that there are, with operands that are small. */
static uint32_t pixel(input *in)
{
    const uint32_t any = word(in);
    if ((any & 1) != 0)
        return any >> 1;
    unsigned number = any >> 8 & 255;
    while (px_opcode_of(PX_V1, (uint8_t)number)->mnemonic == NULL)
        number = (number + 1) & 255;
    return (any & 0x0F070000) | (any & 0x0600) | number;
}

static void fill(px_state *s, input *in)
{
    const uint32_t n = px_state_pixels(s);
    s->pc = byte(in) % n;
    s->vl = byte(in) % (n + 1);
    for (uint32_t i = 0; i < 16; i++)
        s->reg[i] = (byte(in) & 1) != 0 ? byte(in) % n : word(in);
    for (uint32_t at = 0; at < n; at++)
        s->mem[at] = pixel(in);
}

static void compare(px_machine *m[2])
{
    px_state a = {0}, b = {0};
    px_error error;
    char difference[200];
    require(px_machine_read(m[0], &a, &error) && px_machine_read(m[1], &b, &error), "states");
    require(px_state_equal(&a, "ref", &b, "fast", difference, sizeof difference), difference);
    px_state_free(&a);
    px_state_free(&b);
}

static void leg(px_machine *m[2], input *in)
{
    px_error error;
    px_stop stop;
    const uint32_t at = byte(in) % px_machine_pixels(m[0]), value = pixel(in), size = byte(in);
    for (int i = 0; i < 2; i++) {
        px_turn turn = {.machine = m[i], .budget = size * size};
        require(px_run(on[i], &turn, 1, NULL, &error) && !turn.failed, "a turn");
        stop = turn.stop;
        require(px_put(m[i], PX_SPACE_PIXEL, at, &value, 1, &error), "a pixel is put");
    }
    compare(m);
    if (stop.status == PX_WAITING)
        for (int i = 0; i < 2; i++) {
            px_turn turn = {.machine = m[i], .answers = true, .answer = value};
            require(px_run(on[i], &turn, 1, NULL, &error), "an answer");
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    input in = {data, size};
    px_state start = {0};
    px_error error;
    px_machine *m[2];
    const uint32_t w = 1 + byte(&in) % 40, h = 1 + byte(&in) % 40;
    require(px_state_new(&start, PX_V1, w, h, &error), "a state");
    fill(&start, &in);
    for (int i = 0; i < 2; i++)
        require(px_machine_create(on[i], &start, &m[i], &error), "a machine");
    for (int i = 0; i < MOST_LEGS && in.size > 0; i++)
        leg(m, &in);
    leg(m, &in);
    for (int i = 0; i < 2; i++)
        require(px_machine_drop(m[i], &error), "a machine is dropped");
    px_state_free(&start);
    return 0;
}
