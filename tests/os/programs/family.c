/* family - fork and exec: what a child has of its parent, what it has not, and what is answered. Says what is wrong. */
#include "os/apps/app.h"

static uint32_t bad, shared = 1;

static void wants(const char *what, bool right)
{
    if (right)
        return;
    bad++;
    put(what);
    put("\n");
}

/* name, and arguments with their bytes 0 */
static int32_t become(const char *name, const char *arguments, uint32_t bytes)
{
    const pxo_spawn what = {PXO_ADDRESS(name), length_of(name), PXO_ADDRESS(arguments), bytes, 0, 1};
    return pxo_exec(&what);
}

static void forked(void)
{
    uint32_t ends[2], word = 7;
    pxo_ended how = {0};
    const uint32_t own = (uint32_t)pxo_getpid();
    pxo_pipe(ends);
    const int32_t child = pxo_fork();
    if (child == 0) {
        pxo_process about = {0};
        pxo_about(0, &about);
        shared++;
        word = about.parent;
        pxo_close(ends[0]);
        wants("a child's pipe", put_bytes(ends[1], (const char *)&word, 4));
        px_sys(PXH_REQUEST(PXH_EXIT, shared == 2 ? 40 : 41), 0);
    }
    wants("fork", child > 0 && (uint32_t)child != own);
    pxo_close(ends[1]);
    const pxh_read block = {PXO_ADDRESS(&word), 4, 0, 0};
    wants("a parent's pipe", px_sys(PXH_REQUEST(PXH_READ, ends[0]), PXO_ADDRESS(&block)) == 4 && word == own);
    wants("the pipe's end", px_sys(PXH_REQUEST(PXH_READ, ends[0]), PXO_ADDRESS(&block)) == 0);
    wants("what a child changed", shared == 1);
    wants("a child's status", pxo_wait((uint32_t)child, &how) == child && how.how == PXO_EXITED && how.status == 40);
    wants("who is forgotten", pxo_wait((uint32_t)child, &how) == PXH_E_ABSENT);
    pxo_close(ends[0]);
}

/* The child becomes `sh -c "exit 9"`, which is larger; its number stays. */
static void executed(void)
{
    static const char words[] = "sh\0-c\0exit 9";
    pxo_process about = {0};
    pxo_ended how = {0};
    const int32_t child = pxo_fork();
    if (child == 0)
        px_sys(PXH_REQUEST(PXH_EXIT, (uint32_t)-become("sh", words, sizeof words)), 0);
    while (pxo_about((uint32_t)child, &about) == 0 && about.state != PXO_ENDED)
        px_sys(PXH_REQUEST(PXH_YIELD, 0), 0);
    wants("its name", about.name[0] == 's' && about.name[1] == 'h');
    wants("its number and status", pxo_wait((uint32_t)child, &how) == child && how.status == 9);
}

static void refused(void)
{
    static const char words[] = "sh", open[] = {'s', 'h'};
    static const char many[1025];
    wants("no such program", become("nobody", words, sizeof words) == PXH_E_ABSENT);
    wants("no name", become("", words, sizeof words) == PXH_E_NAME);
    wants("no end", become("sh", open, sizeof open) == PXH_E_INVALID);
    wants("arguments that are too long", become("true", many, sizeof many) == PXH_E_LIMIT);
}

/* Levels of priority: none better than one's own, and nobody's but descendants'. */
static void levels(void)
{
    wants("priority 8", pxo_priority(0, 8) == PXH_E_INVALID);
    wants("nobody's", pxo_priority(0x700000, 1) == PXH_E_ABSENT);
    wants("an ancestor's", pxo_priority(1, 7) == PXH_E_DENIED);
    wants("one's own", pxo_priority(0, 2) == 0);
    const int32_t child = pxo_fork();
    if (child == 0)
        for (;;)
            px_sys(PXH_REQUEST(PXH_YIELD, 0), 0);
    wants("a child's", pxo_priority((uint32_t)child, 7) == 0 && pxo_priority((uint32_t)child, 2) == 0);
    wants("a better one than one's own",
          pxo_priority((uint32_t)child, 1) == PXH_E_DENIED && pxo_priority(0, 1) == PXH_E_DENIED);
    pxo_ended how = {0};
    pxo_kill((uint32_t)child);
    wants("killed", pxo_wait(0, &how) == child && how.how == PXO_KILLED);
}

static uint32_t instructions_of(int32_t pid)
{
    pxo_process about = {0};
    pxo_about((uint32_t)pid, &about);
    return about.instructions;
}

static int32_t spinner(uint32_t level)
{
    const int32_t child = pxo_fork();
    if (child == 0)
        for (volatile uint32_t i = 0;; i++)
            ;
    wants("a spinner's level", pxo_priority((uint32_t)child, level) == 0);
    return child;
}

/* What two that never stop have had meanwhile; each level is half of the one before. Without the first the second has a
 * full share, since the caller's is no larger. */
static void shares(void)
{
    const int32_t first = spinner(2), second = spinner(5);
    const uint32_t before[] = {instructions_of(first), instructions_of(second)};
    for (uint32_t i = 0; i < 10; i++)
        px_sys(PXH_REQUEST(PXH_YIELD, 0), 0);
    const uint32_t had = instructions_of(first) - before[0];
    wants("eighths", had > 0 && (instructions_of(second) - before[1]) * 8 > had - had / 8 &&
                         (instructions_of(second) - before[1]) * 8 < had + had / 4);
    pxo_ended how;
    pxo_kill((uint32_t)first);
    pxo_kill((uint32_t)second);
    wants("spinners are killed", pxo_wait(0, &how) > 0 && pxo_wait(0, &how) > 0);
}

static void messages(void)
{
    uint32_t words[PXO_MESSAGE_WORDS] = {1, 2, 3, 4};
    const uint32_t own = (uint32_t)pxo_getpid();
    wants("to nobody", pxo_post(0, words) == PXH_E_ABSENT && pxo_post(0x700000, words) == PXH_E_ABSENT);
    wants("none is there", pxo_take(PXO_NOW, words) == 0);
    int32_t children[6];
    for (uint32_t i = 0; i < 6; i++) {
        words[0] = i;
        children[i] = pxo_fork();
        if (children[i] == 0)
            px_sys(PXH_REQUEST(PXH_EXIT, pxo_post(own, words) == 0 ? 1 : 2), 0);
    }
    for (uint32_t i = 0; i < 50; i++)
        px_sys(PXH_REQUEST(PXH_YIELD, 0), 0);
    for (uint32_t i = 0; i < 6; i++)
        wants("the first comes first",
              pxo_take(i % 2 ? PXO_NOW : 0, words) == children[i] && words[0] == i && words[3] == 4);
    pxo_ended how = {0};
    for (uint32_t i = 0; i < 6; i++)
        wants("a sender goes on", pxo_wait((uint32_t)children[i], &how) == children[i] && how.status == 1);
    const int32_t receiver = pxo_fork();
    if (receiver == 0) {
        for (uint32_t i = 0; i < 20; i++)
            px_sys(PXH_REQUEST(PXH_YIELD, 0), 0);
        px_sys(PXH_REQUEST(PXH_EXIT, 0), 0);
    }
    wants("a receiver that ends", pxo_post((uint32_t)receiver, words) == PXH_E_ABSENT);
    wants("one that has ended", pxo_post((uint32_t)receiver, words) == PXH_E_ABSENT);
    wants("it is waited for", pxo_wait(0, &how) == receiver);
}

int main(void)
{
    forked();
    executed();
    refused();
    messages();
    levels();
    shares();
    put(bad == 0 ? "a family\n" : "");
    return bad != 0;
}
