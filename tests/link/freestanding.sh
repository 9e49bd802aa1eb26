#!/bin/bash
# The codec needs no library: firmware is built from the same file. -ffreestanding, and a whole program linked without
# libc, libgcc or anything else.
CC=${CC:-cc}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cat >"$dir/main.c" <<'END'
#include "pxi/link.h"
/* What a compiler may call even so. */
void *memset(void *to, int byte, size_t count);
void *memset(void *to, int byte, size_t count)
{
    for (size_t i = 0; i < count; i++)
        ((volatile unsigned char *)to)[i] = (unsigned char)byte;
    return to;
}
void *memcpy(void *to, const void *from, size_t count);
void *memcpy(void *to, const void *from, size_t count)
{
    for (size_t i = 0; i < count; i++)
        ((volatile unsigned char *)to)[i] = ((const unsigned char *)from)[i];
    return to;
}
void _start(void);
void _start(void)
{
    static uint32_t words[300], packed[300];
    static uint8_t bytes[PX_LINK_BYTES(300)];
    px_link_rx rx;
    px_link_frame frame = {1, PXL_HELLO, 0, px_link_pack(words, 100, packed), packed};
    px_link_rx_init(&rx, words, 300);
    px_link_rx_drop(&rx);
    for (size_t i = px_link_encode(&frame, bytes); i > 0; i--)
        px_link_rx_byte(&rx, bytes[i], &frame);
    px_link_unpack(packed, 100, words, 100);
    px_link_error_text(px_link_error_name(1)[0] + (unsigned)px_link_type_name(1)[0]);
    for (;;)
        ;
}
END
number=0 bad=0
for options in '-O0' '-O2' '-Os'; do
    number=$((number + 1))
    if output=$($CC -std=c17 $options -ffreestanding -fno-builtin -nostdlib -static -Wall -Wextra -Werror -I. \
        pxi/link.c "$dir/main.c" -o "$dir/a.out" 2>&1); then
        echo "ok $number - pxi/link.c stands alone, $options"
    else
        bad=1
        echo "not ok $number - pxi/link.c stands alone, $options"
        sed 's/^/# /' <<<"$output"
    fi
done
echo "1..$number"
exit $bad
