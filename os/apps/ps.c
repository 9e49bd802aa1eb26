/* ps - the processes
 *
 * usage: ps
 *
 * Number, parent, state, instructions so far and program of each. */
#include "os/apps/app.h"

/* The list lies in the heap, which grows until there is room for one more than there are. */
static int32_t list_all(pxo_process **list)
{
    const uint32_t begin = px_image(0)[7];
    *list = (pxo_process *)px_image(begin / 4);
    for (;;) {
        const uint32_t bytes = 4 * px_get_n() - begin, most = bytes / sizeof **list;
        const int32_t count = pxo_processes(*list, most);
        if (count < (int32_t)most || pxo_heap(8 * px_get_n()) < 0)
            return count;
    }
}

static bool tell(const pxo_process *p)
{
    static const char *const states[] = {"free", "ready", "waits", "ended"};
    put_number(p->pid, 7);
    put_number(p->parent, 8);
    put("  ");
    put(p->state < 4 ? states[p->state] : "?");
    put_number(p->instructions, 14);
    put("  ");
    put(p->name);
    return put("\n");
}

int main(int argc, char **argv)
{
    pxo_process *list;
    if (asks_help(argc, argv))
        return 0;
    const int32_t count = list_all(&list);
    bool told = put("    pid  parent  state  instructions  program\n");
    for (uint32_t last = 0; told; last = list->pid) { /* by number: the least above the last */
        pxo_process *next = NULL;
        for (int32_t i = 0; i < count; i++)
            if (list[i].pid > last && (next == NULL || list[i].pid < next->pid))
                next = &list[i];
        if (next == NULL)
            return count < 0;
        const pxo_process first = *list;
        *list = *next;
        *next = first;
        told = tell(list);
    }
    return 1;
}
