/* client.c - see client.h. */
#include "firmware/serial/client.h"

#include "firmware/machine/log.h"

client_counts client_counted;

void client_doubt(const serial_batch *b, uint32_t i, uint32_t j)
{
    client_counted.in_doubt++;
    hv_log("serial: operations %lu to %lu are in doubt: they may have been sent, and are not sent again",
           batch_number(b, i), batch_number(b, j));
}

/* UTF-8 in words, padded with 0. The log is for terminals, and the text is somebody else's. */
void client_log_error(const px_link_frame *error)
{
    const uint32_t number = error->length > PXR_ERROR_NUMBER ? error->payload[PXR_ERROR_NUMBER] : 0;
    char text[160];
    uint32_t at = 0;
    for (uint32_t i = 4 * PXR_ERROR_TEXT; i < 4 * error->length && at + 1 < sizeof text; i++) {
        const char c = (char)(error->payload[i / 4] >> 8 * (i % 4));
        if (c == 0)
            break;
        text[at++] = c >= ' ' && c != 127 ? c : '?';
    }
    text[at] = 0;
    client_counted.refused++;
    hv_log("serial: %s: %s", px_link_error_name(number), at != 0 ? text : px_link_error_text(number));
}
