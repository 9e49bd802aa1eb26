/* events.c - what the drivers of keyboards and pointers tell, a line each: kind, a, b, as pxi/HOST.md has them. Escape,
 * let go, ends it. */
#include <stdio.h>

#include "os/drivers/driver.h"
#include "os/drivers/input.h"
#include "os/drivers/machine.h"

void console_text(const char *text) { fputs(text, stdout); }
void console_number(uint32_t number) { printf("%u", (unsigned)number); }

int main(void)
{
    enum { ESCAPE = 27 };
    input_event e = {0};
    drivers_begin();
    puts("begun");
    for (;;) {
        drivers_hear();
        while (input_next(&e)) {
            printf("%u %u %u\n", (unsigned)e.kind, (unsigned)e.a, (unsigned)e.b);
            if (e.kind == PXH_EVENT_KEY && e.a == ESCAPE && e.b == 0)
                return 0;
        }
        fflush(stdout);
        host_rest(1000);
    }
}
