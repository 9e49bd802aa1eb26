/* rvsim.c - runs a program that px cc would translate, as the RISC-V program that it still is.
 *
 *   rvsim [--count] [--pixels N] [--stack N] [--limit N] PROGRAM.elf [ARGUMENT...]
 *
 * The exit status is the program's; 125 for what no picture should do either, 124 when the limit is reached. --count
 * prints the number of retired instructions on standard error. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/cc/rv.h"

enum { FAULT = 125, LIMIT = 124 };

typedef struct options {
    bool count;
    uint32_t pixels, stack;
    uint64_t limit;
    int first; /* argument: the program */
} options;

static bool read_options(options *o, int argc, char **argv)
{
    *o = (options){.pixels = 1 << 22, .stack = 4096 + 8, .limit = UINT64_C(20000000000), .first = 1};
    for (; o->first < argc && argv[o->first][0] == '-'; o->first++) {
        const char *name = argv[o->first], *value = o->first + 1 < argc ? argv[o->first + 1] : "";
        if (strcmp(name, "--count") == 0) {
            o->count = true;
            continue;
        }
        o->first++;
        if (strcmp(name, "--pixels") == 0)
            o->pixels = (uint32_t)strtoul(value, NULL, 0);
        else if (strcmp(name, "--stack") == 0)
            o->stack = (uint32_t)strtoul(value, NULL, 0) + 8;
        else if (strcmp(name, "--limit") == 0)
            o->limit = strtoull(value, NULL, 0);
        else
            return false;
    }
    return o->first < argc;
}

int main(int argc, char **argv)
{
    options o;
    if (!read_options(&o, argc, argv))
        return fputs("usage: rvsim [--count] [--pixels N] [--stack N] [--limit N] PROGRAM.elf [ARGUMENT...]\n", stderr),
               2;
    rv m;
    if (rv_load(&m, argv[o.first], o.pixels))
        rv_arguments(&m, argc - o.first, argv + o.first);
    m.x[2] = (o.stack & ~3u) * 4;
    while (m.state == RV_RUNNING && m.retired < o.limit)
        rv_step(&m);
    rv_flush();
    if (m.state == RV_FAULT)
        fprintf(stderr, "rvsim: %s: at %08x after %llu instructions: %s\n", argv[o.first], (unsigned)m.pc,
                (unsigned long long)m.retired, m.fault);
    if (o.count)
        fprintf(stderr, "%llu\n", (unsigned long long)m.retired);
    const int status = m.state == RV_FAULT ? FAULT : m.state == RV_RUNNING ? LIMIT : m.status;
    free(m.image);
    free(m.code);
    return status;
}
