/* endless [COUNT] - asks so often to print a text that has no end: all of its heap. Without COUNT: prints texts of many
 * lengths, from each byte of a word on. */
#include "os/apps/app.h"

static const uint32_t lengths[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 509, 510, 511, 512, 513, 2000};

static uint32_t ask(uint32_t address, uint32_t wanted)
{
    return (uint32_t)px_sys(PXH_REQUEST(PXH_PRINT, PXH_STRING), address) != wanted;
}

int main(int argc, char **argv)
{
    const uint32_t begin = px_image(0)[7] / 4, all = px_get_n();
    uint32_t count = 0, wrong = 0;
    if (argc > 1)
        read_number(argv[1], &count);
    for (uint32_t i = begin; i < all; i++)
        px_image(i)[0] = 0x01FF0180;
    for (uint32_t i = 0; i < count; i++)
        wrong += ask(4 * begin + i % 4, (uint32_t)PXH_E_RANGE);
    for (uint32_t i = 0; argc == 1 && i < 4 * (sizeof lengths / sizeof *lengths); i++) {
        uint8_t *text = (uint8_t *)px_image(begin) + i % 4, was = text[lengths[i / 4]];
        text[lengths[i / 4]] = 0;
        wrong += ask(4 * begin + i % 4, lengths[i / 4]);
        text[lengths[i / 4]] = was;
    }
    return wrong != 0;
}
