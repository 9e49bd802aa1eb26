/* speed.c - MODEL EXECUTOR STEPS: tells a story to nobody, and prints its tokens, the seconds of the processor,
 * instructions and, where the executor has a clock, cycles; parted by blanks. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "exec/registry.h"
#include "exec/run.h"
#include "llm/llm.h"
#include "pxi/png/picture_file.h"

static px_answered print_nothing(void *context, px_machine *machine, const px_stop *stop, uint64_t executed,
                                 uint32_t *word, px_error *error)
{
    (void)context, (void)machine, (void)executed, (void)error;
    *word = stop->request & 0xFFFFFF;
    return PX_ANSWERED;
}

static bool measure(const char *path, const char *on, uint32_t steps, px_error *error)
{
    px_state start = {0};
    px_executor *executor = NULL;
    px_machine *machine = NULL;
    px_stop stop;
    uint32_t tokens;
    const px_answerer answerer = {.answer = print_nothing};
    bool ok = px_state_read(&start, path, error) && px_executor_open(&executor, on, error);
    if (ok)
        start.mem[LLM_AT_STEPS] = steps;
    ok = ok && px_machine_create(executor, &start, &machine, error);
    struct timespec from, to;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
    ok = ok && px_run_answered(machine, PX_NO_BUDGET, &answerer, NULL, &stop, error);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
    ok = ok && px_get(machine, PX_SPACE_PIXEL, LLM_AT_POS, &tokens, 1, error);
    if (ok)
        printf("%" PRIu32 " %.6f %" PRIu64 " %" PRIu64 "\n", tokens,
               (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9, stop.executed,
               stop.cycles);
    px_machine_drop(machine, NULL);
    px_executor_close(executor);
    px_state_free(&start);
    return ok;
}

int main(int argc, char **argv)
{
    px_error error = {0};
    if (argc != 4) {
        fprintf(stderr, "usage: speed MODEL EXECUTOR STEPS\n");
        return 2;
    }
    if (measure(argv[1], argv[2], (uint32_t)strtoul(argv[3], NULL, 10), &error))
        return 0;
    fprintf(stderr, "speed: %s\n", error.text);
    return 2;
}
