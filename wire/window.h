/* window.h - memory that both ends of a link see, where they are two processes of one machine: words that go through
 * it need no frames. What a link says apart from that stays what it is. */
#ifndef WIRE_WINDOW_H
#define WIRE_WINDOW_H

#include <stdint.h>

enum { PX_LINK_WINDOW = 1 << 16 }; /* words: few requests for an image, and it stays in a cache */

typedef struct px_link_window {
    uint32_t words[PX_LINK_WINDOW];
} px_link_window;

/* READ and WRITE of 1 to PX_LINK_WINDOW words that stand in the window's first: space and address, count. The replies
 * have no payload. An endpoint without a window does not know these types. */
#define PX_LINK_FETCH 0x7Au
#define PX_LINK_STORE 0x7Bu

#endif
