/* options.c - see options.h. */
#include "firmware/image/options.h"

#include "firmware/serial/client.h"

_Static_assert(ROUTE_BATCH == 4096, "as the words say");

typedef enum kind {
#define KIND(kind, ...) WORD_##kind,
    HV_OPTION_WORDS(KIND) WORD_NONE
} kind;

static const char *const names[] = {
#define NAME(kind, name, ...) name,
    HV_OPTION_WORDS(NAME)};

#define PROVOCATION_NAME(way, name) name,
static const char *const ways[] = {HV_PROVOCATIONS(PROVOCATION_NAME)};

/* What stands behind name at the beginning of word, or NULL. */
static const char *behind(const char *word, const char *name)
{
    while (*name != 0 && *word == *name)
        word++, name++;
    return *name == 0 ? word : NULL;
}

static bool is(const char *word, const char *name)
{
    const char *const rest = behind(word, name);
    return rest != NULL && *rest == 0;
}

/* Which word it is; *value is what stands behind a name with =. */
static kind kind_of(const char *word, const char **value)
{
    for (size_t i = 0; i < WORD_NONE; i++) {
        const char *const rest = behind(word, names[i]);
        if (rest != NULL && (*rest == 0 || rest[-1] == '=')) {
            *value = rest;
            return (kind)i;
        }
    }
    return WORD_NONE;
}

/* A number from 1 to most, or 0. */
static uint32_t number(const char *digits, uint32_t most)
{
    uint32_t n = 0;
    while (*digits >= '0' && *digits <= '9' && n <= most)
        n = n * 10 + (uint32_t)(*digits++ - '0');
    return *digits == 0 && n <= most ? n : 0;
}

static bool take_provocation(const char *way, provocation *p)
{
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
        if (is(way, ways[i])) {
            *p = (provocation)(PROVOKE_NOTHING + 1 + i);
            return true;
        }
    return false;
}

/* NULL, or what was expected. */
static const char *take(const char *word, hv_options *o)
{
    const char *value = NULL;
    switch (kind_of(word, &value)) {
    case WORD_BATCH:
        return (o->batch = number(value, ROUTE_BATCH)) != 0 ? NULL : "operations from 1 to 4096";
    case WORD_PATIENCE:
        return (o->patience = number(value, 100000)) != 0 ? NULL : "seconds from 1 to 100000";
    case WORD_LINK:
        return link_option(value, &o->link) ? NULL : LINK_OPTION_EXPECTED;
    case WORD_CONSOLE:
        o->console_serial = true;
        return NULL;
    case WORD_END:
        o->end_bochs = true;
        return NULL;
#define PROVOCATION_LISTED(way, name) " " name
    case WORD_PROVOKE:
        return take_provocation(value, &o->provoke) ? NULL : "one of" HV_PROVOCATIONS(PROVOCATION_LISTED);
    case WORD_APPEND:
        o->append = value;
        return NULL;
    case WORD_NONE:
        break;
    }
#define LISTED(kind, name, value, ...) " " name value
    return "one of" HV_OPTION_WORDS(LISTED);
}

bool options_parse(const void *part, size_t bytes, hv_options *o, const char **wrong, const char **expected)
{
    const char *const from = part;
    *o = (hv_options){.batch = ROUTE_BATCH, .patience = 10, .append = "console=ttyS0,115200"};
    (void)link_option(NULL, &o->link);
    *wrong = *expected = NULL;
    if (bytes > HV_OPTIONS_LONGEST || (bytes > 0 && from[bytes - 1] != 0)) {
        *wrong = "their text", *expected = "at most 4096 bytes, the last of them 0";
        return false;
    }
    for (size_t i = 0; i < bytes; i++)
        o->text[i] = from[i];
    for (char *word = o->text; *word != 0;) {
        char *end = word;
        const bool rest = behind(word, names[WORD_APPEND]) != NULL;
        while (*end != 0 && (rest || *end != ' '))
            end++;
        char *const next = *end != 0 ? end + 1 : end;
        *end = 0;
        const char *const reason = end != word ? take(word, o) : NULL;
        if (reason != NULL && *wrong == NULL)
            *wrong = word, *expected = reason;
        word = next;
    }
    return *wrong == NULL;
}
