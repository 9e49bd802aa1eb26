/* log.c - the log of px serve: lines to standard error. What clients do again and again is counted instead of
 * repeated, and a log that nobody reads stops nothing: its lines are lost, and that is told when it is read again. */
#define _DEFAULT_SOURCE
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "pxi/pace.h"
#include "serve/serve_internal.h"

/* Lines of one kind that are printed in a window of time. */
enum { KINDS = 32, BURST = 3, LONGEST = 1200 };
#define WINDOW 10.0

typedef struct line_kind {
    const char *format; /* by its address: a place in the program */
    double until;       /* the end of the window */
    unsigned printed;
    unsigned long more; /* not printed in the window */
    char last[LONGEST]; /* of those */
} line_kind;

static line_kind kinds[KINDS];
static unsigned long unread;

/* One line, if there is room for it: poll() tells a pipe's, and less than PIPE_BUF goes without waiting then. */
static void print(const char *text, const char *rest)
{
    char line[LONGEST + 200];
    struct pollfd out = {.fd = STDERR_FILENO, .events = POLLOUT};
    if (poll(&out, 1, 0) != 1 || (out.revents & POLLOUT) == 0) {
        unread++;
        return;
    }
    const int head =
        unread == 0 ? 0 : snprintf(line, sizeof line, "px serve: %lu lines were lost: nobody read this log\n", unread);
    const int size = snprintf(line + head, sizeof line - (size_t)head, "px serve: %s%s\n", text, rest);
    const size_t all = (size_t)(head + size) < sizeof line ? (size_t)(head + size) : sizeof line - 1;
    line[all - 1] = '\n';
    unread = 0;
    if (write(STDERR_FILENO, line, all) < 0)
        unread++;
}

static void close_window(line_kind *k)
{
    char rest[80];
    if (k->more > 0) {
        snprintf(rest, sizeof rest, "; and %lu more like it", k->more - 1);
        print(k->last, k->more > 1 ? rest : "");
    }
    k->more = k->printed = 0;
}

static line_kind *kind_of(const char *format)
{
    size_t i = 0;
    while (i < KINDS - 1 && kinds[i].format != NULL && kinds[i].format != format)
        i++;
    kinds[i].format = format;
    return &kinds[i];
}

void px_serve_log(const char *format, ...)
{
    char text[LONGEST];
    const double now = px_seconds();
    line_kind *k = kind_of(format);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (now >= k->until) {
        close_window(k);
        k->until = now + WINDOW;
    }
    if (k->printed < BURST) {
        k->printed++;
        print(text, "");
    } else {
        k->more++;
        strcpy(k->last, text);
    }
}

void px_serve_trace(const char *format, ...)
{
    char text[LONGEST];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    print(text, "");
}

void px_serve_log_counts(double now)
{
    for (size_t i = 0; i < KINDS; i++)
        if (kinds[i].more > 0 && now >= kinds[i].until)
            close_window(&kinds[i]);
}
