/* options.c - see options.h. */
#include "firmware/hv/options.h"

#include "firmware/hv/log.h"
#include "firmware/hv/memory.h"
#include "firmware/hv/provoke.h"
#include "firmware/serial/client.h"

#define LONGEST 4096u

/* The words, each closed by a 0; "append=" has the rest of the text. */
static char text[LONGEST];

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

/* A number from 1 to most, or 0. */
static uint32_t number(const char *digits, uint32_t most)
{
    uint32_t n = 0;
    while (*digits >= '0' && *digits <= '9' && n <= most)
        n = n * 10 + (uint32_t)(*digits++ - '0');
    return *digits == 0 && n <= most ? n : 0;
}

/* NULL, or what was expected. */
static const char *take(const char *word, hv_options *o)
{
    const char *value;
    if (is(word, "end=bochs"))
        o->end_bochs = true;
    else if (is(word, "console=serial"))
        o->console_serial = true;
    else if ((value = behind(word, "batch=")) != NULL)
        return (o->batch = number(value, ROUTE_BATCH)) != 0 ? NULL : "operations from 1 to 4096";
    else if ((value = behind(word, "patience=")) != NULL)
        return (o->patience = number(value, 100000)) != 0 ? NULL : "seconds from 1 to 100000";
    else if ((value = behind(word, "link=")) != NULL)
        return link_option(value, &o->link) ? NULL : LINK_OPTION_EXPECTED;
    else if ((value = behind(word, "provoke=")) != NULL)
        return provoke_choose(value) ? NULL : PROVOKE_EXPECTED;
    else if ((value = behind(word, "append=")) != NULL)
        o->append = value;
    else
        return "batch=, patience=, link=, console=serial, end=bochs, provoke= or, last, append=";
    return NULL;
}

hv_options options_read(const void *part, size_t bytes)
{
    hv_options o = {.batch = ROUTE_BATCH, .patience = 10, .append = "console=ttyS0,115200"};
    const char *expected = NULL, *wrong = NULL;
    (void)link_option(NULL, &o.link);
    if (bytes == 0)
        return o;
    if (bytes > LONGEST || ((const char *)part)[bytes - 1] != 0)
        hv_stop("options: %lu bytes; expected at most %u, the last of them 0", (uint64_t)bytes, LONGEST);
    memcpy(text, part, bytes);
    for (char *word = text; *word != 0;) {
        char *end = word;
        const bool rest = behind(word, "append=") != NULL;
        while (*end != 0 && (rest || *end != ' '))
            end++;
        char *const next = *end != 0 ? end + 1 : end;
        *end = 0;
        const char *const reason = end != word ? take(word, &o) : NULL;
        if (reason != NULL && wrong == NULL)
            wrong = word, expected = reason;
        word = next;
    }
    if (o.end_bochs)
        hv_end_by(0x8900, 'D'); /* Bochs with its debugger goes on with its script */
    if (wrong != NULL)
        hv_stop("option %s: expected %s", wrong, expected);
    return o;
}
