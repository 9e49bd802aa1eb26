/* progress.c - see progress.h. */
#include "pxi/progress.h"

#include <stdio.h>
#include <unistd.h>

#include "pxi/number.h"
#include "pxi/pace.h"

static bool allowed;
static _Thread_local unsigned depth;

void px_progress_allow(void) { allowed = isatty(STDERR_FILENO) != 0; }

px_progress px_progress_begin(const char *what, uint64_t all)
{
    const bool silent = !allowed || depth > 0;
    depth += allowed;
    return (px_progress){.what = what, .all = all, .next = silent ? 0 : px_seconds() + 1, .silent = silent};
}

void px_progress_show(px_progress *p, uint64_t done)
{
    if (p->silent || px_seconds() < p->next)
        return;
    p->next = px_seconds() + 0.1;
    fprintf(stderr, "\r%s %s of %s pixels ", p->what, px_grouped(done), px_grouped(p->all));
    p->shown = true;
}

void px_progress_end(const px_progress *p)
{
    depth -= allowed;
    if (p->shown)
        fputs("\r\033[K", stderr);
}
