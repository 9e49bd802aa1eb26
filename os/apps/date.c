/* date - the day and the time, UTC
 *
 * usage: date [-s]
 *
 * -s: seconds since 1970. */
#include "os/apps/app.h"

static bool two(uint32_t number) { return put(number < 10 ? "0" : "") && put_number(number, 0); }

/* Days since 1970 to a date: years begin in March, so that a leap day is the last one of its year. */
static bool put_date(uint32_t days)
{
    static const char *const names[] = {"Thu ", "Fri ", "Sat ", "Sun ", "Mon ", "Tue ", "Wed "};
    const bool good = put(names[days % 7]);
    days += 719468;
    const uint32_t era = days / 146097, day = days % 146097;
    const uint32_t year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
    const uint32_t in_year = day - (365 * year + year / 4 - year / 100), m = (5 * in_year + 2) / 153;
    const uint32_t month = m < 10 ? m + 3 : m - 9;
    return good && put_number(400 * era + year + (month <= 2), 0) && put("-") && two(month) && put("-") &&
           two(in_year - (153 * m + 2) / 5 + 1) && put(" ");
}

/* 64 bits by 32, where the answer has 32. */
static uint32_t divide(uint32_t high, uint32_t low, uint32_t by, uint32_t *rest)
{
    uint32_t answer = 0;
    for (unsigned i = 0; i < 32; i++) {
        const bool carry = high >> 31 != 0;
        high = high << 1 | low >> 31;
        low <<= 1;
        answer <<= 1;
        if (carry || high >= by) {
            high -= by;
            answer |= 1;
        }
    }
    *rest = high;
    return answer;
}

int main(int argc, char **argv)
{
    uint32_t now[2], rest, options;
    int first;
    if (asks_help(argc, argv))
        return 0;
    if (!read_options(argc, argv, "s", &options, &first) || argc > first)
        return usage();
    if (failed("date", "clock", px_sys(PXH_REQUEST(PXH_CLOCK, 1), PXO_ADDRESS(now))))
        return 1;
    const uint32_t seconds = divide(now[1], now[0], 1000000000, &rest), day = seconds % 86400;
    if (options != 0)
        return !(put_number(seconds, 0) && put("\n"));
    return !(put_date(seconds / 86400) && two(day / 3600) && put(":") && two(day / 60 % 60) && put(":") &&
             two(day % 60) && put(" UTC\n"));
}
