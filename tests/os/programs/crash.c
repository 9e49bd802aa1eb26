/* crash CAUSE - traps, by the number of the cause; 6: by a RESUME whose allowances lie in its slots. */
#include "os/apps/app.h"

int main(int argc, char **argv)
{
    static uint32_t words[8] __attribute__((aligned(16))) = {0xFFFFFFFF};
    switch (argc > 1 ? argv[1][0] : '0') {
    case '1':
        ((void (*)(void))((uintptr_t)words >> 2))();
        break;
    case '2':
        ((void (*)(void))0x0FFFFFFE)();
        break;
    case '3':
        *(volatile uint32_t *)0x0FFFFFF0 = 1;
        break;
    case '4':
        px_vl(4);
        px_vadd_vx(words + 1, words, 1);
        break;
    case '5':
        px_vl(0xFFFFFFFF);
        break;
    default:
        px_vl(1);
        px_resume(words, 300, words + 1);
    }
    put("it did not trap\n");
    return 0;
}
