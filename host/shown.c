/* shown.c - see shown.h. */
#include "host/shown.h"

#include <stdlib.h>
#include <string.h>

/* Asked for each byte that is printed: px_tape_about would count answers. */
static uint64_t here(const px_shown *s) { return px_tape_stop(s->tape)->executed; }

void px_shown_free(px_shown *s)
{
    free(s->display);
    px_picture_free(&s->screen);
}

void px_shown_print(void *context, const uint8_t *bytes, size_t count)
{
    px_shown *s = context;
    if (s->again)
        return;
    for (size_t i = 0; i < count; i++, s->printed++) {
        s->text[s->printed % PX_CONSOLE_KEPT] = bytes[i];
        s->text_at[s->printed % PX_CONSOLE_KEPT] = here(s);
    }
}

static bool note_display(px_shown *s)
{
    if (s->displays == s->room) {
        const size_t room = s->room == 0 ? 64 : 2 * s->room;
        uint64_t *more = realloc(s->display, room * sizeof *more);
        if (more == NULL)
            return false;
        s->display = more;
        s->room = room;
    }
    s->display[s->displays++] = here(s);
    return true;
}

void px_shown_picture(void *context, const px_picture *picture)
{
    px_shown *s = context;
    if (!s->again && !note_display(s))
        return;
    if (s->screen.px == NULL || s->screen.w != picture->w || s->screen.h != picture->h) {
        px_picture_free(&s->screen);
        s->screen_of = 0;
        if (!px_picture_new(&s->screen, picture->w, picture->h, NULL))
            return;
    }
    memcpy(s->screen.px, picture->px, (size_t)picture->w * picture->h * sizeof *picture->px);
    if (!s->again) {
        s->screen_of = s->displays;
        s->screens++;
    }
}

void px_shown_settle(px_shown *s)
{
    const uint64_t furthest = px_tape_about(s->tape).furthest;
    if (furthest < s->furthest) {
        while (s->printed > 0 && s->text_at[(s->printed - 1) % PX_CONSOLE_KEPT] >= furthest)
            s->printed--;
        while (s->displays > 0 && s->display[s->displays - 1] >= furthest)
            s->displays--;
    }
    s->furthest = furthest;
}

static bool at_the_end(const px_shown *s) { return here(s) >= px_tape_about(s->tape).furthest; }

static uint64_t first_kept(const px_shown *s)
{
    return s->printed > PX_CONSOLE_KEPT ? s->printed - PX_CONSOLE_KEPT : 0;
}

uint64_t px_shown_printed(const px_shown *s)
{
    uint64_t low = first_kept(s), high = s->printed;
    if (at_the_end(s))
        return high;
    while (low < high) {
        const uint64_t middle = low + (high - low) / 2;
        if (s->text_at[middle % PX_CONSOLE_KEPT] < here(s))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

char *px_shown_text(const px_shown *s, uint64_t from)
{
    const uint64_t end = px_shown_printed(s), kept = first_kept(s);
    from = from < kept ? kept : from > end ? end : from;
    char *text = malloc((size_t)(end - from) + 1), *to = text;
    if (text == NULL)
        return NULL;
    for (; from < end; from++) {
        const uint8_t byte = s->text[from % PX_CONSOLE_KEPT];
        *to++ = (char)(byte == 0 ? ' ' : byte);
    }
    *to = '\0';
    return text;
}

/* Winds to the display, has it shown once more, and winds back. */
static bool show_again(px_shown *s, size_t which, px_error *error)
{
    const uint64_t back = here(s);
    if (!px_tape_seek(s->tape, s->display[which - 1], NULL, NULL, error))
        return false;
    s->again = true;
    px_host_show(s->host, px_tape_machine(s->tape), px_tape_stop(s->tape));
    s->again = false;
    s->screen_of = which;
    s->screens++;
    return px_tape_seek(s->tape, back, NULL, NULL, error);
}

bool px_shown_screen(px_shown *s, const px_picture **screen, px_error *error)
{
    size_t low = 0, high = s->displays;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (s->display[middle] < here(s) || at_the_end(s))
            low = middle + 1;
        else
            high = middle;
    }
    if (low > 0 && low != s->screen_of && s->host != NULL && !show_again(s, low, error))
        return false;
    *screen = low > 0 && s->screen_of == low && s->screen.px != NULL ? &s->screen : NULL;
    return true;
}
