/* number.c - see number.h. */
#include "pxi/number.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int digit_of(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : 16;
}

bool px_scan_number(const char **text, uint64_t *value)
{
    const char *at = *text;
    const bool hexadecimal = at[0] == '0' && (at[1] == 'x' || at[1] == 'X');
    const int base = hexadecimal ? 16 : 10;
    const char *const first = at += hexadecimal ? 2 : 0;
    uint64_t sum = 0;
    for (; digit_of(*at) < base; at++) {
        const uint64_t digit = (uint64_t)digit_of(*at);
        if (sum > (UINT64_MAX - digit) / (uint64_t)base)
            return false;
        sum = sum * (uint64_t)base + digit;
    }
    if (at == first)
        return false;
    *text = at;
    *value = sum;
    return true;
}

bool px_parse_number(const char *what, const char *text, uint64_t least, uint64_t most, uint64_t *value,
                     px_error *error)
{
    const char *at = text;
    return (px_scan_number(&at, value) && *at == '\0' && *value >= least && *value <= most) ||
           px_fail(error, PX_E_USAGE, "%s is '%s', expected a number from %" PRIu64 " to %" PRIu64, what, text, least,
                   most);
}

bool px_parse_signed(const char *what, const char *text, int64_t least, int64_t most, int64_t *value, px_error *error)
{
    const bool negative = *text == '-';
    const char *at = text + negative;
    uint64_t size;
    bool good = px_scan_number(&at, &size) && *at == '\0' && size <= INT64_MAX;
    if (good) {
        *value = negative ? -(int64_t)size : (int64_t)size;
        good = *value >= least && *value <= most;
    }
    return good || px_fail(error, PX_E_USAGE, "%s is '%s', expected a number from %" PRId64 " to %" PRId64, what, text,
                           least, most);
}

bool px_parse_real(const char *what, const char *text, double least, double most, double *value, px_error *error)
{
    char *end;
    const bool plain = *text != '\0' && strspn(text, "0123456789.eE+-") == strlen(text); /* no inf, no 0x, no blanks */
    *value = strtod(text, &end);
    return (plain && *end == '\0' && *value >= least && *value <= most) ||
           px_fail(error, PX_E_USAGE, "%s is '%s', expected a number from %g to %g", what, text, least, most);
}

/* Behind the digits: how many zeros follow. */
static bool scan_zeros(const char **text, uint64_t *zeros)
{
    const char *at = *text;
    *zeros = 0;
    if (*at == 'e' || *at == 'E') {
        at++;
        if ((at[0] == '0' && (at[1] == 'x' || at[1] == 'X')) || !px_scan_number(&at, zeros))
            return false;
    } else if (*at == 'k' || *at == 'K' || *at == 'M' || *at == 'G') {
        *zeros = *at == 'M' ? 6 : *at == 'G' ? 9 : 3;
        at++;
    }
    *text = at;
    return true;
}

bool px_parse_count(const char *text, uint64_t *count, px_error *error)
{
    const char *at = text;
    uint64_t zeros = 0;
    bool good = px_scan_number(&at, count) && scan_zeros(&at, &zeros) && *at == '\0';
    for (; good && zeros > 0 && *count > 0; zeros--) {
        good = *count <= UINT64_MAX / 10;
        *count *= 10;
    }
    return good || px_fail(error, PX_E_USAGE, "'%s' is not a count; write 1000000, 1e6, 1M or 0x100", text);
}

bool px_parse_count_within(const char *what, const char *text, uint64_t least, uint64_t most, uint64_t *count,
                           px_error *error)
{
    return (px_parse_count(text, count, NULL) && *count >= least && *count <= most) ||
           px_fail(error, PX_E_USAGE, "%s is '%s', expected a number from %" PRIu64 " to %" PRIu64, what, text, least,
                   most);
}

const char *px_grouped(uint64_t n)
{
    static _Thread_local char buffers[8][32];
    static _Thread_local unsigned turn;
    char digits[24];
    char *out = buffers[turn++ % 8];
    const int length = snprintf(digits, sizeof digits, "%" PRIu64, n);
    int at = 0;
    for (int i = 0; i < length; i++) {
        if (i > 0 && (length - i) % 3 == 0)
            out[at++] = ',';
        out[at++] = digits[i];
    }
    out[at] = '\0';
    return out;
}
