/* screen.c - the display, as half blocks in the terminal or as PNG files, and the terminal's keys and mouse as
 * events. */
#define _DEFAULT_SOURCE /* TIOCGWINSZ */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "answer/internal.h"
#include "pxi/pixel.h"
#include "pxi/png/picture_file.h"

enum { MOST_SIDE = 4096, MOST_FRAMES = 1000000, ESCAPE = 0x1B };

static px_reply say(px_host *host, const char *text)
{
    return console_put(host, (const uint8_t *)text, (uint32_t)strlen(text));
}

/* ---- the display ---- */

/* Characters that the terminal has. */
static void terminal_size(const px_host *host, uint32_t *columns, uint32_t *rows)
{
    struct winsize size = {0};
    const bool known = ioctl(host->console.output, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 && size.ws_row > 1;
    *columns = known ? size.ws_col : 80;
    *rows = known ? size.ws_row : 25;
}

/* A character is two pixels, one above the other; a larger picture loses rows and columns. */
static px_reply draw(px_host *host, const px_picture *p)
{
    uint32_t columns, rows, step = 1, shown[2] = {1, 1};
    terminal_size(host, &columns, &rows);
    while (p->w / step > columns || (p->h / step + 1) / 2 > rows - 1)
        step++;
    host->cell_width = step;
    host->cell_height = 2 * step;
    px_reply bad = say(host, host->screen_on ? "\033[H" : "\033[2J\033[H\033[?25l");
    host->screen_on = true;
    for (uint32_t y = 0; bad >= 0 && y + step <= p->h; y += 2 * step) {
        for (uint32_t x = 0; bad >= 0 && x + step <= p->w; x += step) {
            const uint32_t upper = p->px[y * p->w + x], lower = y + step < p->h ? p->px[(y + step) * p->w + x] : 0;
            char text[64];
            if (x == 0 || ((upper ^ shown[0]) | (lower ^ shown[1])) << 8 != 0)
                snprintf(text, sizeof text, "\033[38;2;%u;%u;%u;48;2;%u;%u;%um\xE2\x96\x80", upper & 0xFF,
                         upper >> 8 & 0xFF, upper >> 16 & 0xFF, lower & 0xFF, lower >> 8 & 0xFF, lower >> 16 & 0xFF);
            else
                strcpy(text, "\xE2\x96\x80");
            shown[0] = upper;
            shown[1] = lower;
            bad = say(host, text);
        }
        if (bad >= 0)
            bad = say(host, "\033[0m\r\n");
    }
    return bad < 0 ? bad : 0;
}

static px_reply write_frame(px_host *host, const px_picture *picture)
{
    char path[HOST_PATH];
    px_error error;
    if (host->frame_number == MOST_FRAMES)
        return PXH_E_LIMIT;
    const px_rows rows = px_picture_rows(picture);
    const int length = snprintf(path, sizeof path, "%s/frame-%06u.png", host->frames, host->frame_number++);
    return length < (int)sizeof path && px_copy_write(&rows, 1, path, &error) ? 0 : PXH_E_IO;
}

static px_reply show(px_host *host, const px_picture *picture)
{
    if (host->onlooker != NULL)
        host->onlooker->picture(host->onlooker->context, picture);
    return host->frames != NULL ? write_frame(host, picture) : host_replaced(host) ? 0 : draw(host, picture);
}

/* Whether a terminal is the screen. */
static bool on_terminal(const px_host *host) { return host->frames == NULL && !host_replaced(host); }

/* block: address, width, height, stride. */
static px_reply check_display(const px_host *host, const uint32_t block[4])
{
    if (block[0] % 4 != 0 || block[1] == 0 || block[2] == 0)
        return PXH_E_INVALID;
    if (block[1] > MOST_SIDE || block[2] > MOST_SIDE)
        return PXH_E_LIMIT;
    return host_within(host, block[0], ((uint64_t)(block[2] - 1) * block[3] + block[1]) * 4);
}

px_reply answer_DISPLAY(px_host *host, uint32_t payload, uint32_t argument)
{
    uint32_t block[4];
    px_picture picture = {0};
    px_reply bad = payload != 0 ? PXH_E_INVALID : host_get_words(host, argument, block, 4);
    if (bad == 0)
        bad = check_display(host, block);
    if (bad == 0 && !px_picture_new(&picture, block[1], block[2], NULL))
        bad = PXH_E_LIMIT;
    for (uint32_t y = 0; bad == 0 && y < block[2]; y++)
        bad = host_get_words(host, block[0] + y * block[3] * 4, picture.px + y * block[1], block[1]);
    if (bad == 0) {
        host->screen_width = block[1];
        host->screen_height = block[2];
        bad = show(host, &picture);
    }
    px_picture_free(&picture);
    return bad;
}

px_reply answer_DISPLAY_SIZE(px_host *host, uint32_t payload, uint32_t argument)
{
    uint32_t columns = MOST_SIDE, rows = MOST_SIDE / 2 + 1;
    (void)argument;
    if (on_terminal(host))
        terminal_size(host, &columns, &rows);
    return payload != 0 ? PXH_E_INVALID : (px_reply)((columns & 0x7FFF) << 16 | ((rows - 1) * 2 & 0xFFFF));
}

/* ---- keys and mouse, as terminals code them ---- */

typedef struct typed {
    const uint8_t *at, *end;
} typed;

/* Behind ESC [ or ESC O: numbers, then a letter. False when it is none of those. */
static bool sequence(typed *t, uint32_t number[3], uint8_t *mark, uint8_t *letter)
{
    const uint8_t *at = t->at;
    uint32_t i = 0;
    *mark = at < t->end && *at == '<' ? *at++ : 0;
    number[0] = number[1] = number[2] = 0;
    for (; at < t->end && ((*at >= '0' && *at <= '9') || *at == ';'); at++) {
        if (*at == ';')
            i = i < 2 ? i + 1 : 2;
        else
            number[i] = (number[i] * 10 + *at - '0') & 0xFFFF;
    }
    if (at == t->end)
        return false;
    *letter = *at++;
    t->at = at;
    return true;
}

static uint32_t key_of(uint8_t letter, uint32_t number)
{
    static const char letters[] = "ABCDHF";
    static const uint32_t
        by_letter[] = {PXH_KEY_UP, PXH_KEY_DOWN, PXH_KEY_RIGHT, PXH_KEY_LEFT, PXH_KEY_HOME, PXH_KEY_LAST},
        by_number[] = {
            0, PXH_KEY_HOME, PXH_KEY_INSERT, PXH_KEY_DELETE, PXH_KEY_LAST, PXH_KEY_PAGE_UP, PXH_KEY_PAGE_DOWN};
    const char *const found = strchr(letters, letter);
    return letter == '~' && number < 7    ? by_number[number]
           : found != NULL && letter != 0 ? by_letter[found - letters]
                                          : 0;
}

static void tell_pointer(px_host *host, const uint32_t number[3], bool pressed)
{
    const uint32_t x = (number[1] > 0 ? number[1] - 1 : 0) * host->cell_width,
                   y = (number[2] > 0 ? number[2] - 1 : 0) * host->cell_height, button = number[0] & 3;
    const bool held = pressed && (number[0] & 64) == 0 && button < 3;
    if (host->pointer && x < host->screen_width && y < host->screen_height)
        host_tell(host, PXH_EVENT_POINTER, x << 16 | y, held ? (button == 0 ? 1 : button == 1 ? 2 : 4) : 0);
}

/* The bytes that follow the first of a character in UTF-8; one that is none is itself. */
static uint32_t character(typed *t)
{
    const uint32_t first = *t->at++;
    const unsigned more = first >= 0xF0 && first < 0xF8 ? 3 : first >= 0xE0 ? 2 : first >= 0xC0 ? 1 : 0;
    uint32_t c = first & (0x3Fu >> more);
    if (more == 0 || first >= 0xF8 || (size_t)(t->end - t->at) < more)
        return first;
    for (unsigned i = 0; i < more; i++)
        c = c << 6 | (*t->at++ & 0x3F);
    return c;
}

static void tell_key(px_host *host, typed *t)
{
    uint32_t number[3];
    uint8_t mark, letter;
    if (*t->at == ESCAPE && t->end - t->at > 2 && (t->at[1] == '[' || t->at[1] == 'O')) {
        typed behind = {t->at + 2, t->end};
        if (sequence(&behind, number, &mark, &letter)) {
            t->at = behind.at;
            const uint32_t key = key_of(letter, number[0]);
            if (mark == '<')
                tell_pointer(host, number, letter == 'M');
            else if (key != 0)
                host_tell(host, PXH_EVENT_KEY, key, 2);
            return;
        }
    }
    host_tell(host, PXH_EVENT_KEY, character(t), 2);
}

void console_take_keys(px_host *host)
{
    px_console *c = &host->console;
    if (!console_ready(host))
        return;
    typed t = {c->in + c->in_at, c->in + c->in_count};
    while (t.at < t.end)
        tell_key(host, &t);
    c->in_at = c->in_count = 0;
    if (c->ended && !c->told) {
        c->told = true;
        host_tell(host, PXH_EVENT_CONSOLE, 0, 0);
    }
}

px_reply answer_KEYBOARD(px_host *host, uint32_t payload, uint32_t argument)
{
    (void)argument;
    if (payload > 1)
        return PXH_E_INVALID;
    if (!host->showing) {
        host->console.keys = payload == 1;
        console_raw(host, payload == 1);
    }
    return 0;
}

px_reply answer_POINTER(px_host *host, uint32_t payload, uint32_t argument)
{
    (void)argument;
    if (payload > 1)
        return PXH_E_INVALID;
    if (host->pointer != (payload == 1) && on_terminal(host) && !host->showing)
        (void)say(host, payload == 1 ? "\033[?1003h\033[?1006h" : "\033[?1003l\033[?1006l");
    host->pointer = payload == 1;
    return 0;
}

/* ---- keys and pointer, as an onlooker has them ---- */

/* A character as UTF-8; a key that is none has no bytes that a console could read. */
static unsigned bytes_of(uint32_t c, uint8_t bytes[4])
{
    const unsigned more = c < 0x80 ? 0 : c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    if (c > 0x10FFFF)
        return 0;
    bytes[0] = (uint8_t)(more == 0 ? c : (0xF00u >> more & 0xFF) | c >> 6 * more);
    for (unsigned i = 1; i <= more; i++)
        bytes[i] = (uint8_t)(0x80 | (c >> 6 * (more - i) & 0x3F));
    return more + 1;
}

bool px_host_key(px_host *host, uint32_t key, bool pressed)
{
    px_console *c = &host->console;
    uint8_t bytes[4];
    const unsigned count = pressed ? bytes_of(key, bytes) : 0;
    if (c->keys) {
        host_tell(host, PXH_EVENT_KEY, key, pressed);
        return true;
    }
    if (c->in_at > 0) {
        memmove(c->in, c->in + c->in_at, c->in_count - c->in_at);
        c->in_count -= c->in_at;
        c->in_at = 0;
    }
    if (count > sizeof c->in - c->in_count || c->ended)
        return false;
    memcpy(c->in + c->in_count, bytes, count);
    c->in_count += count;
    if (host_replaced(host) && !c->raw) /* a terminal's echo */
        host->onlooker->print(host->onlooker->context, bytes, count);
    return true;
}

void px_host_pointer(px_host *host, uint32_t x, uint32_t y, uint32_t buttons)
{
    if (host->pointer && x < host->screen_width && y < host->screen_height)
        host_tell(host, PXH_EVENT_POINTER, x << 16 | y, buttons & 7);
}

/* ---- opening and closing ---- */

bool screen_open(px_host *host, const px_grants *grants, px_error *error)
{
    struct stat s;
    host->granted[PXH_GRANT_SCREEN] = true;
    host->frames = grants->frames;
    host->cell_width = 1;
    host->cell_height = 2;
    if (host->frames == NULL || (mkdir(host->frames, 0777) != 0 && errno != EEXIST) || stat(host->frames, &s) != 0)
        return host->frames == NULL ||
               px_fail(error, PX_E_SYSTEM, "--screen: %s: cannot make this folder: %s", host->frames, strerror(errno));
    return S_ISDIR(s.st_mode) || px_fail(error, PX_E_USAGE, "--screen: %s is no folder", host->frames);
}

void screen_close(px_host *host)
{
    if (host->pointer && on_terminal(host))
        (void)say(host, "\033[?1003l\033[?1006l");
    if (host->screen_on)
        (void)say(host, "\033[?25h");
}
