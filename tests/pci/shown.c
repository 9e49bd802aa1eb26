/* shown.c - `shown WIDTH HEIGHT STRIDE`, a process of pxOS: shows a picture whose words have a colour by their number,
 * says how large the screen is and what DISPLAY has answered, and then each place that is pointed at, until a key is
 * pressed. */
#include "os/apps/app.h"

enum { WORDS = 16384, MOST = 16 };

static uint32_t words[WORDS];

static void tell(uint32_t a, uint32_t b)
{
    put_number(a, 0);
    put(" ");
    put_number(b, 0);
}

int main(int argc, char **argv)
{
    uint32_t block[4] = {PXO_ADDRESS(words)};
    pxo_event events[MOST];
    for (int i = 1; i < 4; i++)
        if (i >= argc || !read_number(argv[i], &block[i]))
            return 2;
    for (uint32_t i = 0; i < WORDS; i++)
        words[i] = 0xAA000000 | ((i * 0x050301 + 0x102030) & 0xFFFFFF);
    const uint32_t size = (uint32_t)px_sys(PXH_REQUEST(PXH_DISPLAY_SIZE, 0), 0);
    if (pxo_keyboard(true) != 0 || pxo_pointer(true) != 0)
        return 3;
    const int32_t answer = px_sys(PXH_REQUEST(PXH_DISPLAY, 0), PXO_ADDRESS(block));
    tell(size >> 16, size & 0xFFFF);
    put(" ");
    put_number((uint32_t)-answer, 0);
    put("\n");
    while (answer == 0) {
        const int32_t count = pxo_wait_events(events, MOST, 0);
        for (int32_t i = 0; i < count; i++) {
            if (events[i].kind == PXH_EVENT_KEY)
                return 0;
            tell(events[i].a >> 16, events[i].a & 0xFFFF);
            put("\n");
        }
    }
    return 1;
}
