/* speed.c - MODEL EXECUTOR STEPS [STORIES]: tells stories to nobody, all at once, each of its own seed where there are
 * several, and prints their tokens, the seconds of the processor, instructions, where the executor has a clock cycles,
 * and the seconds on the wall; parted by blanks. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "exec/machine.h"
#include "exec/registry.h"
#include "llm/llm.h"
#include "pxi/png/picture_file.h"

typedef struct totals {
    uint64_t tokens, instructions, cycles;
} totals;

static double seconds(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static bool make_stories(px_executor *executor, px_state *start, px_turn *turn, size_t count, px_error *error)
{
    for (size_t i = 0; i < count; i++) {
        if (count > 1)
            start->mem[LLM_AT_TOP_K] = 8;
        start->mem[LLM_AT_CHANCE] = (uint32_t)i + 1;
        turn[i] = (px_turn){.budget = PX_NO_BUDGET};
        if (!px_machine_create(executor, start, &turn[i].machine, error))
            return false;
    }
    return true;
}

/* Each SYS prints a token: it is answered as if it had been printed. */
static bool tell(px_executor *executor, const px_turn *begun, size_t count, totals *sum, px_error *error)
{
    px_turn *turn = calloc(count, sizeof *turn);
    bool ok = turn != NULL || px_fail(error, PX_E_SYSTEM, "no memory for %zu stories", count);
    for (size_t i = 0; ok && i < count; i++)
        turn[i] = begun[i];
    while (ok && count > 0) {
        size_t left = 0;
        ok = px_run(executor, turn, count, NULL, error);
        for (size_t i = 0; ok && i < count; i++) {
            const px_stop stop = turn[i].stop;
            ok = !turn[i].failed || px_fail(error, PX_E_SYSTEM, "%s", turn[i].error.text);
            sum->instructions += stop.executed;
            sum->cycles += stop.cycles;
            if (stop.status == PX_WAITING)
                turn[left++] = (px_turn){.machine = turn[i].machine,
                                         .budget = PX_NO_BUDGET,
                                         .answers = true,
                                         .answer = stop.request & 0xFFFFFF};
        }
        count = left;
    }
    free(turn);
    return ok;
}

static bool measure(const char *path, const char *on, uint32_t steps, size_t count, px_error *error)
{
    px_state start = {0};
    px_executor *executor = NULL;
    totals sum = {0};
    px_turn *turn = calloc(count, sizeof *turn);
    bool ok = (turn != NULL || px_fail(error, PX_E_SYSTEM, "no memory for %zu stories", count)) &&
              px_state_read(&start, path, error) && px_executor_open(&executor, on, error);
    if (ok)
        start.mem[LLM_AT_STEPS] = steps;
    ok = ok && make_stories(executor, &start, turn, count, error);
    const double processor = seconds(CLOCK_PROCESS_CPUTIME_ID), wall = seconds(CLOCK_MONOTONIC);
    ok = ok && tell(executor, turn, count, &sum, error);
    const double processor_end = seconds(CLOCK_PROCESS_CPUTIME_ID), wall_end = seconds(CLOCK_MONOTONIC);
    for (size_t i = 0; ok && i < count; i++) {
        uint32_t tokens;
        ok = px_get(turn[i].machine, PX_SPACE_PIXEL, LLM_AT_POS, &tokens, 1, error);
        sum.tokens += ok ? tokens : 0;
    }
    if (ok)
        printf("%" PRIu64 " %.6f %" PRIu64 " %" PRIu64 " %.6f\n", sum.tokens, processor_end - processor,
               sum.instructions, sum.cycles, wall_end - wall);
    for (size_t i = 0; turn != NULL && i < count; i++)
        px_machine_drop(turn[i].machine, NULL);
    free(turn);
    px_executor_close(executor);
    px_state_free(&start);
    return ok;
}

int main(int argc, char **argv)
{
    px_error error = {0};
    const size_t count = argc > 4 ? strtoul(argv[4], NULL, 10) : 1;
    if (argc < 4 || argc > 5 || count == 0) {
        fprintf(stderr, "usage: speed MODEL EXECUTOR STEPS [STORIES]\n");
        return 2;
    }
    if (measure(argv[1], argv[2], (uint32_t)strtoul(argv[3], NULL, 10), count, &error))
        return 0;
    fprintf(stderr, "speed: %s\n", error.text);
    return 2;
}
