/* lists - SUBMIT and POLL of a process: what each entry is answered, and what they wait for. */
#include "os/apps/app.h"

enum { ENTRIES = 6 };

typedef struct entry {
    uint32_t request, argument;
    int32_t answer;
    uint32_t state;
} entry;

static entry list[ENTRIES];

static void tell(const char *what, int32_t answer, uint32_t count)
{
    put(what);
    put(answer < 0 ? " -" : " ");
    put_number((uint32_t)(answer < 0 ? -answer : answer), 0);
    for (uint32_t i = 0; i < count; i++) {
        put(i == 0 ? ":" : ",");
        put(list[i].answer < 0 ? " -" : " ");
        put_number((uint32_t)(list[i].answer < 0 ? -list[i].answer : list[i].answer), 0);
        put(" ");
        put_number(list[i].state, 0);
    }
    put("\n");
}

static int32_t ask(uint32_t service, uint32_t count) { return px_sys(PXH_REQUEST(service, count), PXO_ADDRESS(list)); }

int main(void)
{
    static char got[8];
    uint32_t ends[2], other[2];
    pxo_pipe(ends);
    pxo_pipe(other);
    const pxh_read from = {PXO_ADDRESS(got), sizeof got, 0, 0}, from_other = {PXO_ADDRESS(got), 2, 0, 0};
    list[0] = (entry){PXH_REQUEST(PXH_PRINT, 3), PXO_ADDRESS("in\n"), 0, PXH_TO_DO};
    list[1] = (entry){PXH_REQUEST(PXH_EXIT, 1), 0, 0, PXH_TO_DO};
    list[2] = (entry){PXH_REQUEST(PXH_YIELD, 0), 0, 7, PXH_DONE};
    list[3] = (entry){PXH_REQUEST(PXH_YIELD, 0), 0, 0, 9};
    list[4] = (entry){PXH_REQUEST(PXO_GETPID, 0), 0, 0, PXH_TO_DO};
    list[5] = (entry){PXH_REQUEST(PXH_READ, ends[0]), PXO_ADDRESS(&from), 7, PXH_TO_DO};
    tell("several", ask(PXH_SUBMIT, 6), 6);
    tell("again", ask(PXH_SUBMIT, 6), 6);
    tell("none", ask(PXH_POLL, 5), 0);
    tell("too many", ask(PXH_SUBMIT, 65), 0);
    tell("outside", px_sys(PXH_REQUEST(PXH_SUBMIT, 1), 4 * px_get_n() - 8), 0);
    if (pxo_fork() == 0) { /* two things are waited for: the second comes, with time between */
        pxo_close(ends[0]);
        for (unsigned i = 0; i < 100; i++)
            px_sys(0, 0);
        put_bytes(other[1], "yes", 3);
        for (unsigned i = 0; i < 100; i++)
            px_sys(0, 0);
        put_bytes(ends[1], "no", 2);
        return 0;
    }
    list[0] = list[5];
    list[1] = (entry){PXH_REQUEST(PXH_READ, other[0]), PXO_ADDRESS(&from_other), 7, PXH_TO_DO};
    tell("two", ask(PXH_POLL, 2), 2);
    put_bytes(1, got, 2);
    tell(" one", ask(PXH_POLL, 2), 2);
    put_bytes(1, got, 2);
    return put("\n") ? 0 : 1;
}
