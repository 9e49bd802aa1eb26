/* wc - counts lines, words and bytes of its input. */
#include "os/apps/app.h"

int main(void)
{
    uint32_t lines = 0, words = 0, count = 0;
    bool inside = false;
    char bytes[256];
    int32_t got;
    while ((got = get_bytes(bytes, sizeof bytes)) > 0) {
        count += (uint32_t)got;
        for (int32_t i = 0; i < got; i++) {
            const bool space = bytes[i] == ' ' || (bytes[i] >= '\t' && bytes[i] <= '\r');
            lines += bytes[i] == '\n';
            words += !space && !inside;
            inside = !space;
        }
    }
    put_number(lines, 7);
    put_number(words, 8);
    put_number(count, 8);
    return put("\n") && got == 0 ? 0 : 1;
}
