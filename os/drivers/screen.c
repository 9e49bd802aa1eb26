/* screen.c - the console on the screen: QEMU's ramfb, whose pixels lie in pages beside the picture, with the letters
 * that the machine's BIOS has. A line of text is drawn whole, all of its columns with the same instructions. Rolling
 * moves the place where the screen begins, down through the pages; at their end all is drawn once more, at their
 * beginning. A process' picture is drawn there, too; what is written meanwhile is only kept. */
#include "os/drivers/driver.h"
#include "os/drivers/machine.h"

#include <string.h>

enum {
    LETTER = 8, /* dots wide; as many rows, and each is two on the screen */
    COLUMNS = SCREEN_WIDTH / LETTER,
    ROWS = SCREEN_HEIGHT / (2 * LETTER),
    LETTERS = 128,
    WIDTH = SCREEN_WIDTH,
    HEIGHT = SCREEN_HEIGHT,
    STRIDE = 4 * WIDTH, /* bytes */
    LINE = 2 * LETTER * STRIDE,
    LINES = 4 * ROWS, /* of text, in the pages */
    INK = 0xC0C0C0,   /* the same in any order of colours */
    FONT = 0xFFA6E    /* where a BIOS has 128 letters of 8 x 8 dots, a row a byte */
};

static machine_pages pages;
static uint32_t selector; /* of ramfb's file */
static uint32_t letters[LETTERS][2];
/* The screen's rows, beginning with `first`, are the lines of the pages from `top` on. */
static uint8_t text[ROWS][COLUMNS];
static bool stale[ROWS]; /* not yet drawn */
static bool pictured;    /* a process' picture is on the screen, from the pages' first line on */
static uint32_t line[WIDTH];
static uint32_t first, top, row, column;

static uint32_t less(uint32_t a, uint32_t b) { return a < b ? a : b; }
static uint32_t place_of(uint32_t which) { return (first + which) % ROWS; }

/* ---- fw_cfg: files that the machine has for its firmware; what is written has its high byte first ---- */

enum { SELECT = 0x510, READ = 0x511, DMA = 0x514 };

static uint32_t swapped(uint32_t word) { return word >> 24 | (word >> 8 & 0xFF00) | (word & 0xFF00) << 8 | word << 24; }

enum { ENTRY = 64 /* bytes of the list of files */ };

static void read_bytes(uint8_t to[ENTRY], uint32_t count)
{
    static host_entry list[ENTRY];
    static uint32_t words[ENTRY];
    for (uint32_t i = 0; i < count; i++)
        list[i] = host_entry_of(PXH_PORT_READ, READ, at(&words[i]));
    host_submit(list, count);
    for (uint32_t i = 0; i < count; i++)
        to[i] = (uint8_t)words[i];
}

/* Its selector; 0: there is no such file. */
static uint32_t file_named(const char *name, uint32_t length)
{
    enum { SIGNATURE = 0, FILES = 0x19, NAME = 8, MOST = 256 };
    uint8_t entry[ENTRY];
    port_write(1, SELECT, SIGNATURE);
    read_bytes(entry, 4);
    if (memcmp(entry, "QEMU", 4) != 0)
        return 0;
    port_write(1, SELECT, FILES);
    read_bytes(entry, 4);
    const uint32_t count = (uint32_t)entry[2] << 8 | entry[3];
    for (uint32_t i = 0; i < count && i < MOST; i++) {
        read_bytes(entry, sizeof entry);
        if (memcmp(entry + NAME, name, length) == 0)
            return (uint32_t)entry[4] << 8 | entry[5];
    }
    return 0;
}

/* ---- pixels ---- */

static uint32_t offset_of(uint32_t line) { return MACHINE_PAGE + line * LINE; }

/* The screen begins at this line of the pages. */
static void show_from(uint32_t line)
{
    enum { XR24 = 0x34325258, WRITE = 0x10, SELECTED = 8, LENGTH = 28, BEHIND = 16 };
    const uint64_t pixels = pages.where + offset_of(line), file = pages.where + BEHIND;
    const uint32_t words[] = {swapped(selector << 16 | SELECTED | WRITE),
                              swapped(LENGTH),
                              swapped((uint32_t)(file >> 32)),
                              swapped((uint32_t)file),
                              swapped((uint32_t)(pixels >> 32)),
                              swapped((uint32_t)pixels),
                              swapped(XR24),
                              0,
                              swapped(WIDTH),
                              swapped(HEIGHT),
                              swapped(STRIDE)};
    top = line;
    pages_in(&pages, 0, words, sizeof words);
    port_write(2, DMA, swapped((uint32_t)(pages.where >> 32)));
    port_write(2, DMA + 4, swapped((uint32_t)pages.where));
}

/* A row of dots of a whole line at a time: the letters' bytes side by side, then bit after bit. */
static void draw(uint32_t which)
{
    static uint32_t codes[COLUMNS], dots[COLUMNS], bits[COLUMNS];
    for (uint32_t i = 0; i < COLUMNS; i++)
        codes[i] = 2u * text[place_of(which)][i];
    px_vl(COLUMNS);
    for (uint32_t y = 0; y < LETTER; y++) {
        if (y == 4)
            px_vadd_vx(codes, codes, 1);
        px_gather(dots, letters[0], 2 * LETTERS, codes);
        if (which == row)
            dots[less(column, COLUMNS - 1)] ^= UINT32_MAX; /* the cursor */
        for (uint32_t x = 0; x < LETTER; x++) {
            px_vshr_vx(bits, dots, 8 * (y % 4) + LETTER - 1 - x);
            px_vand_vx(bits, bits, 1);
            px_vmul_vx(bits, bits, INK);
            px_copys(line + x, LETTER, bits, 1);
        }
        const uint32_t to = offset_of(top + which) + 2 * y * STRIDE;
        pages_in(&pages, to, line, sizeof line);
        pages_in(&pages, to + STRIDE, line, sizeof line);
    }
}

static void draw_stale(void)
{
    for (uint32_t which = 0; which < ROWS; which++)
        if (stale[place_of(which)]) {
            draw(which);
            stale[place_of(which)] = false;
        }
}

/* A row of a picture: B, G, R, and as wide as it is shown. */
static void draw_row(const screen_picture *p, const uint32_t *from)
{
    static uint32_t row_of[WIDTH], part[WIDTH];
    px_vl(p->width);
    px_copys(row_of, 1, from, p->step);
    px_vshr_vx(part, row_of, 16);
    px_vand_vx(part, part, 0xFF);
    px_vshl_vx(line, row_of, 16);
    px_vand_vx(line, line, 0xFF0000);
    px_vor_vv(part, part, line);
    px_vand_vx(row_of, row_of, 0xFF00);
    px_vor_vv(row_of, row_of, part);
    px_vl(WIDTH);
    px_fill(line, 0);
    px_vl(p->width);
    for (uint32_t i = 0; i < p->times; i++)
        px_copys(line + p->left + i, p->times, row_of, 1);
}

static void draw_picture(const screen_picture *p)
{
    const uint32_t shown = p->height * p->times;
    for (uint32_t y = 0; y < HEIGHT; y++) {
        const uint32_t within = y - p->top; /* above the picture it is beyond it */
        if (within < shown && within % p->times == 0)
            draw_row(p, p->pixels + within / p->times * p->stride);
        else if (y == 0 || within == shown)
            memset(line, 0, sizeof line);
        pages_in(&pages, offset_of(0) + y * STRIDE, line, sizeof line);
    }
}

/* ---- a terminal: as much of ECMA-48 as pxOS' programs use ---- */

static void erase(uint32_t which, uint32_t from)
{
    memset(text[place_of(which)] + from, ' ', COLUMNS - from);
    stale[place_of(which)] = true;
}

static void new_line(void)
{
    if (row < ROWS - 1) {
        row++;
        return;
    }
    first = place_of(1);
    top++;
    erase(ROWS - 1, 0);
}

static void show_letter(uint8_t c)
{
    if (column == COLUMNS) {
        column = 0;
        new_line();
    }
    text[place_of(row)][column++] = c < LETTERS ? c : '?';
    stale[place_of(row)] = true;
}

/* What a sequence does: its numbers, where 0 stands for what is not there, and its last letter. */
static void control(const uint32_t n[2], uint8_t letter)
{
    const uint32_t count = n[0] > 0 ? n[0] : 1;
    if (letter == 'H') {
        row = less(count, ROWS) - 1;
        column = less(n[1] > 0 ? n[1] : 1, COLUMNS) - 1;
    } else if (letter == 'K') {
        erase(row, n[0] == 2 ? 0 : less(column, COLUMNS));
    } else if (letter == 'J') {
        for (uint32_t which = n[0] == 2 ? 0 : row; which < ROWS; which++)
            erase(which, which == row && n[0] != 2 ? less(column, COLUMNS) : 0);
    } else if (letter == 'A') {
        row -= less(count, row);
    } else if (letter == 'B') {
        row = less(row + less(count, ROWS), ROWS - 1);
    } else if (letter == 'C') {
        column = less(column + less(count, COLUMNS), COLUMNS - 1);
    } else if (letter == 'D') {
        column -= less(count, column);
    }
}

/* Within a sequence; whether this byte was part of one. */
static bool is_control(uint8_t c)
{
    static enum { NONE, BEGUN, NUMBERS } state;
    static uint32_t n[2], which;
    if (state == NONE) {
        state = c == 0x1B ? BEGUN : NONE;
        return c == 0x1B;
    }
    if (state == BEGUN) {
        state = c == '[' ? NUMBERS : NONE;
        n[0] = n[1] = which = 0;
    } else if (c >= '0' && c <= '9') {
        n[which] = less(n[which] * 10 + c - '0', 9999);
    } else if (c == ';') {
        which = 1;
    } else if (c >= '@') {
        state = NONE;
        control(n, c);
    }
    return true;
}

static void show(uint8_t c)
{
    enum { TAB = 8 };
    if (is_control(c))
        return;
    if (c == '\n') {
        column = 0;
        new_line();
    } else if (c == '\r') {
        column = 0;
    } else if (c == '\b') {
        column -= column > 0;
    } else if (c == '\t') {
        column = less((column / TAB + 1) * TAB, COLUMNS - 1);
    } else if (c >= ' ' && (c & 0xC0) != 0x80) { /* of a character of UTF-8, its first byte */
        show_letter(c);
    }
}

/* ---- the driver ---- */

static void put(const uint8_t *bytes, uint32_t count)
{
    const uint32_t before = top;
    stale[place_of(row)] = true; /* the cursor was there */
    for (uint32_t i = 0; i < count; i++)
        show(bytes[i]);
    stale[place_of(row)] = true;
    if (top > LINES - ROWS) {
        memset(stale, true, sizeof stale);
        top = 0;
    }
    if (pictured)
        return;
    draw_stale();
    if (top != before)
        show_from(top);
}

static void show_picture(const screen_picture *picture)
{
    if (picture == NULL)
        memset(stale, true, sizeof stale);
    else
        draw_picture(picture);
    if (picture == NULL || !pictured)
        show_from(0);
    pictured = picture != NULL;
    if (!pictured)
        draw_stale();
}

static bool begin(void)
{
    static const char name[] = "etc/ramfb";
    selector = file_named(name, sizeof name);
    for (uint32_t i = 0; i < LETTERS; i++) {
        const uint64_t rows = mmio_read(3, FONT + LETTER * i);
        letters[i][0] = (uint32_t)rows;
        letters[i][1] = (uint32_t)(rows >> 32);
    }
    /* No letters: this machine has another firmware. */
    if (selector == 0 || letters['A'][0] == 0 || !pages_get(&pages, offset_of(LINES) / MACHINE_PAGE))
        return false;
    memset(text, ' ', sizeof text);
    first = row = column = 0;
    pictured = false;
    show_from(0);
    return true;
}

const driver driver_screen = {.begin = begin, .put = put, .show = show_picture};
