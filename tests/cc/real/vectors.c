/* vectors.c - Berkeley TestFloat's vectors from standard input, the function's name first: each case computed as C
 * computes it, and compared by its bits; any NaN is as good as another. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

typedef uint64_t function(uint64_t, uint64_t);

static float single_of(uint64_t bits)
{
    const uint32_t low = (uint32_t)bits;
    float x;
    memcpy(&x, &low, sizeof x);
    return x;
}

static double double_of(uint64_t bits)
{
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

static uint64_t of_single(float x)
{
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static uint64_t of_double(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

#define PAIR(name, operator)                                                                                           \
    static uint64_t f32_##name(uint64_t a, uint64_t b) { return of_single(single_of(a) operator single_of(b)); }       \
    static uint64_t f64_##name(uint64_t a, uint64_t b) { return of_double(double_of(a) operator double_of(b)); }
#define ORDER(name, operator)                                                                                          \
    static uint64_t f32_##name(uint64_t a, uint64_t b) { return single_of(a) operator single_of(b); }                  \
    static uint64_t f64_##name(uint64_t a, uint64_t b) { return double_of(a) operator double_of(b); }
#define FROM(name, type)                                                                                               \
    static uint64_t name##_to_f32(uint64_t a, uint64_t b) { return (void)b, of_single((float)(type)a); }               \
    static uint64_t name##_to_f64(uint64_t a, uint64_t b) { return (void)b, of_double((double)(type)a); }
PAIR(add, +)
PAIR(sub, -)
PAIR(mul, *)
PAIR(div, /)
ORDER(eq, ==)
ORDER(le, <=)
ORDER(lt, <)
FROM(i32, int32_t)
FROM(ui32, uint32_t)
FROM(i64, int64_t)
FROM(ui64, uint64_t)
static uint64_t f32_to_f64(uint64_t a, uint64_t b) { return (void)b, of_double((double)single_of(a)); }
static uint64_t f64_to_f32(uint64_t a, uint64_t b) { return (void)b, of_single((float)double_of(a)); }
static uint64_t f64_sqrt(uint64_t a, uint64_t b) { return (void)b, of_double(sqrt(double_of(a))); }

static const struct {
    const char *name;
    function *call;
    int operands, bits; /* of a result that is a number */
} functions[] = {
#define BOTH(name, bits32, bits64)                                                                                     \
    {"f32_" #name, f32_##name, 2, bits32}, { "f64_" #name, f64_##name, 2, bits64 }
#define WHOLE(name)                                                                                                    \
    {#name "_to_f32", name##_to_f32, 1, 32}, { #name "_to_f64", name##_to_f64, 1, 64 }
    BOTH(add, 32, 64),
    BOTH(sub, 32, 64),
    BOTH(mul, 32, 64),
    BOTH(div, 32, 64),
    BOTH(eq, 0, 0),
    BOTH(le, 0, 0),
    BOTH(lt, 0, 0),
    WHOLE(i32),
    WHOLE(ui32),
    WHOLE(i64),
    WHOLE(ui64),
    {"f32_to_f64", f32_to_f64, 1, 64},
    {"f64_to_f32", f64_to_f32, 1, 32},
    {"f64_sqrt", f64_sqrt, 1, 64},
};

static int is_nan(uint64_t x, int bits)
{
    return bits == 32 ? (x & 0x7FFFFFFF) > 0x7F800000 : bits == 64 && (x & INT64_MAX) > UINT64_C(0x7FF0000000000000);
}

static char buffer[4096];
static size_t filled, taken;

static int next(void)
{
    if (taken == filled) {
        filled = fread(buffer, 1, sizeof buffer, stdin);
        taken = 0;
    }
    return filled == 0 ? EOF : (unsigned char)buffer[taken++];
}

/* The next number of hexadecimal digits; false at the end. */
static int number(uint64_t *value)
{
    int c = next();
    while (c == ' ' || c == '\n')
        c = next();
    for (*value = 0; c != EOF && c != ' ' && c != '\n'; c = next())
        *value = *value << 4 | (uint64_t)(c <= '9' ? c - '0' : c - 'A' + 10);
    return c != EOF || *value != 0;
}

int main(void)
{
    char name[32];
    unsigned length = 0, cases = 0, wrong = 0, which = 0;
    for (int c = next(); c != '\n' && c != EOF && length < sizeof name - 1; c = next())
        name[length++] = (char)c;
    name[length] = '\0';
    while (which < sizeof functions / sizeof *functions && strcmp(functions[which].name, name) != 0)
        which++;
    if (which == sizeof functions / sizeof *functions)
        return printf("%s: not known\n", name), 2;
    for (uint64_t a, b = 0, expected, flags;
         number(&a) && (functions[which].operands == 1 || number(&b)) && number(&expected);) {
        const uint64_t got = functions[which].call(a, b);
        number(&flags);
        cases++;
        if (got != expected && !(is_nan(got, functions[which].bits) && is_nan(expected, functions[which].bits)) &&
            wrong++ < 3)
            printf("%s %llx %llx: %llx, not %llx\n", name, (unsigned long long)a, (unsigned long long)b,
                   (unsigned long long)got, (unsigned long long)expected);
    }
    printf("%s: %u cases, %u wrong\n", name, cases, wrong);
    return wrong != 0 || cases == 0;
}
