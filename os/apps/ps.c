/* ps - the processes, and how many instructions each has had. */
#include "os/apps/app.h"

enum { MOST = 128 };

int main(void)
{
    static const char *const states[] = {"free", "ready", "waits", "ended"};
    static pxo_process list[MOST];
    const int32_t count = pxo_processes(list, MOST);
    put("    pid  parent  state  instructions  program\n");
    for (int32_t i = 0; i < count; i++) {
        put_number(list[i].pid, 7);
        put_number(list[i].parent, 8);
        put("  ");
        put(list[i].state < 4 ? states[list[i].state] : "?");
        put_number(list[i].instructions, 14);
        put("  ");
        put(list[i].name);
        if (!put("\n"))
            return 1;
    }
    return count < 0;
}
