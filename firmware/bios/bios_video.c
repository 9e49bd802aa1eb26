/* bios_video.c - INT 10h: text mode 3, 80 x 25, in the real display's memory at B8000h.
 *
 * Modes other than 3 are not there: setting one clears the screen and stays in text. Every page but page 0 is page 0.
 */
#include "firmware/bios/services.h"

#include "firmware/pc/pc.h"

#define COM1    0x3F8u
#define COLUMNS 80u
#define ROWS    25u
#define TEXT    UINT64_C(0xB8000)
#define NORMAL  0x07u

static uint64_t cell(unsigned column, unsigned row) { return TEXT + 2 * (uint64_t)(row * COLUMNS + column); }
static unsigned cursor_column(void) { return bios_byte(BDA(0x50)); }
static unsigned cursor_row(void) { return bios_byte(BDA(0x51)); }

static void crtc(uint8_t index, uint8_t value)
{
    pc_out(0x3D4, 1, index);
    pc_out(0x3D5, 1, value);
}

static void set_cursor(unsigned column, unsigned row)
{
    const unsigned at = row * COLUMNS + column;
    bios_put_byte(BDA(0x50), (uint8_t)column);
    bios_put_byte(BDA(0x51), (uint8_t)row);
    crtc(0x0E, (uint8_t)(at >> 8));
    crtc(0x0F, (uint8_t)at);
}

static void fill_row(unsigned row, unsigned left, unsigned right, uint8_t attribute)
{
    uint16_t line[COLUMNS];
    for (unsigned i = 0; i < COLUMNS; i++)
        line[i] = (uint16_t)(attribute << 8 | ' ');
    bios_write(cell(left, row), line, 2 * (uint64_t)(right - left + 1));
}

static void copy_row(unsigned to, unsigned from, unsigned left, unsigned right)
{
    uint16_t line[COLUMNS];
    const uint64_t bytes = 2 * (uint64_t)(right - left + 1);
    bios_read(line, cell(left, from), bytes);
    bios_write(cell(left, to), line, bytes);
}

/* Rows top..bottom, columns left..right move by count rows (0: all of them are cleared). */
static void scroll(bool down, unsigned count, unsigned left, unsigned top, unsigned right, unsigned bottom,
                   uint8_t attribute)
{
    if (right >= COLUMNS)
        right = COLUMNS - 1;
    if (bottom >= ROWS)
        bottom = ROWS - 1;
    if (left > right || top > bottom)
        return;
    const unsigned rows = bottom - top + 1;
    if (count == 0 || count > rows)
        count = rows;
    for (unsigned i = 0; i < rows; i++) {
        const unsigned row = down ? bottom - i : top + i;
        if (i + count < rows)
            copy_row(row, down ? row - count : row + count, left, right);
        else
            fill_row(row, left, right, attribute);
    }
}

/* A cursor's shape: lines first to last, bit 5 of first: none. Programs mean lines of a character of 8 lines; where one
 * has more, and unless they have switched that off (bit 0 of 40:87), the shape is stretched. One whose last line is the
 * next to its first stays so high. */
#define NO_EMULATION 0x01u

static bool emulates(void) { return (bios_byte(BDA(0x87)) & NO_EMULATION) == 0; }

static void set_shape(uint16_t shape, bool stretched)
{
    unsigned first = shape >> 8 & 0x3F, last = shape & 0x1F;
    const unsigned lines = bios_byte(BDA(0x85));
    bios_put_word(BDA(0x60), (uint16_t)(first << 8 | last));
    if (stretched && lines > 8 && lines <= 32 && first < 0x20 && last < 8) {
        const unsigned end = (last + 1) * lines / 8;
        first = last == first + 1 ? end - 2 : (first + 1) * lines / 8 - 1;
        last = end - 1;
    }
    crtc(0x0A, (uint8_t)first);
    crtc(0x0B, (uint8_t)last);
}

#define TEXT_KEPT 0x80u /* of a mode, and of 40:87: its setting has cleared nothing */

static void set_mode(uint8_t mode)
{
    bios_put_byte(BDA(0x49), 3);
    bios_put_word(BDA(0x4A), COLUMNS);
    bios_put_word(BDA(0x4C), 0x1000);
    bios_put_word(BDA(0x4E), 0);
    bios_put_byte(BDA(0x62), 0);
    bios_put_word(BDA(0x63), 0x3D4);
    bios_put_byte(BDA(0x84), ROWS - 1);
    bios_put_word(BDA(0x85), 16);
    bios_put_byte(BDA(0x87), (uint8_t)((mode & TEXT_KEPT) | 0x60 | (emulates() ? 0 : NO_EMULATION)));
    bios_put_byte(BDA(0x88), 0xF9);
    bios_put_byte(BDA(0x89), 0x51);
    set_shape(0x0607, true); /* a mode's own cursor is at the foot of its characters */
    crtc(0x0C, 0);
    crtc(0x0D, 0);
    if ((mode & TEXT_KEPT) == 0)
        scroll(false, 0, 0, 0, COLUMNS - 1, ROWS - 1, NORMAL);
    set_cursor(0, 0);
}

/* ---- text ---- */

static void line_feed(unsigned column)
{
    const unsigned row = cursor_row();
    if (row + 1 < ROWS) {
        set_cursor(column, row + 1);
        return;
    }
    scroll(false, 1, 0, 0, COLUMNS - 1, ROWS - 1, (uint8_t)(bios_word(cell(0, ROWS - 1)) >> 8));
    set_cursor(column, ROWS - 1);
}

void bios_teletype(uint8_t character, uint8_t attribute, bool with_attribute)
{
    unsigned column = cursor_column(), row = cursor_row();
    if (column >= COLUMNS || row >= ROWS) {
        column = 0;
        row = row < ROWS ? row : ROWS - 1;
        set_cursor(column, row);
    }
    if (bios.console_serial && (pc_in(COM1 + 3, 1) & 0x80) == 0 && (pc_in(COM1 + 4, 1) & 0x10) == 0)
        pc_out(COM1, 1, character); /* not into the divisor, nor the guest's own loop */
    switch (character) {
    case 7:
        return;
    case 8:
        set_cursor(column > 0 ? column - 1 : 0, row);
        return;
    case 10:
        line_feed(column);
        return;
    case 13:
        set_cursor(0, row);
        return;
    default:
        break;
    }
    bios_put_byte(cell(column, row), character);
    if (with_attribute)
        bios_put_byte(cell(column, row) + 1, attribute);
    if (column + 1 < COLUMNS)
        set_cursor(column + 1, row);
    else
        line_feed(0);
}

void bios_print(const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '\n')
            bios_teletype(13, NORMAL, true);
        bios_teletype((uint8_t)*text, NORMAL, true);
    }
}

/* AH=09h, 0Ah: in AL = character, BL = attribute (09h), CX = how often; the cursor stays */
static void write_characters(bool with_attribute)
{
    unsigned at = cursor_row() * COLUMNS + cursor_column();
    for (unsigned i = 0; i < word(guest.rcx) && at < COLUMNS * ROWS; i++, at++) {
        bios_put_byte(TEXT + 2 * at, low(guest.rax));
        if (with_attribute)
            bios_put_byte(TEXT + 2 * at + 1, low(guest.rbx));
    }
}

/* A string that is under way: a long one is written in parts, so that pxHV looks after the link in between. */
#define STRING_PART 256u
static struct {
    uint64_t frame; /* of the call; UINT64_MAX: none */
    uint16_t text;
    unsigned left;
    uint8_t column, row; /* where the cursor was */
} string = {.frame = UINT64_MAX};

static void begin_string(void)
{
    string.frame = bios_stack(0);
    string.text = word(guest.rbp);
    string.left = word(guest.rcx);
    string.column = (uint8_t)cursor_column();
    string.row = (uint8_t)cursor_row();
    set_cursor(low(guest.rdx) < COLUMNS ? low(guest.rdx) : COLUMNS - 1,
               high(guest.rdx) < ROWS ? high(guest.rdx) : ROWS - 1);
}

/* AH=13h: in AL bit 0 = the cursor follows, bit 1 = attributes stand between the characters; BL = attribute, CX =
 * length, DH DL = row, column, ES:BP -> text */
static bios_answer write_string(void)
{
    const bool follows = (low(guest.rax) & 1) != 0, pairs = (low(guest.rax) & 2) != 0;
    const uint64_t text = bios_base(SEGMENT_ES);
    if (string.frame != bios_stack(0))
        begin_string();
    for (unsigned i = 0; i < STRING_PART && string.left > 0; i++, string.left--) {
        const uint8_t character = bios_byte(text + string.text++);
        bios_teletype(character, pairs ? bios_byte(text + string.text++) : low(guest.rbx), true);
    }
    if (string.left > 0)
        return BIOS_AGAIN;
    string.frame = UINT64_MAX;
    if (!follows)
        set_cursor(string.column, string.row);
    return BIOS_DONE;
}

/* AH=11h AL=30h: in BH = which font; out CX = bytes a character, DL = rows - 1, ES:BP -> font: for BH = 0 and 1 what
 * vectors 1Fh and 43h say, for the others 0:0. The fonts are in the display's own ROM, which the guest has not; in text
 * mode nobody needs them. Other AL load fonts: taken. */
static void font(void)
{
    if (low(guest.rax) != 0x30)
        return;
    const uint8_t which = high(guest.rbx);
    const uint64_t vector = which == 0 ? 0x1F * 4 : 0x43 * 4;
    set_word(&guest.rbp, which <= 1 ? bios_word(vector) : 0);
    vcpu_load_real(SEGMENT_ES, which <= 1 ? bios_word(vector + 2) : 0);
    set_word(&guest.rcx, 16);
    set_low(&guest.rdx, ROWS - 1);
}

/* AH=12h BL=10h: out BH = 0 (colour), BL = 3 (256 KB), CX = switches; BL=30h AL=2: 400 lines, which there are; BL=34h
 * AL = 0, 1: shapes of the cursor are stretched, are not. Out AL = 12h; another AL or BL is not there: AL stays. */
static void alternate(void)
{
    const uint8_t what = low(guest.rbx), how = low(guest.rax), info = bios_byte(BDA(0x87));
    if (what == 0x10) {
        set_word(&guest.rbx, 0x0003);
        set_word(&guest.rcx, 0x0009);
    } else if (what == 0x34 && how <= 1) {
        bios_put_byte(BDA(0x87), (uint8_t)((info & ~NO_EMULATION) | how));
        set_low(&guest.rax, 0x12);
    } else if (what == 0x30 && how == 2)
        set_low(&guest.rax, 0x12);
}

/* AH=00h AL = mode; 01h CX = cursor shape; 02h DH DL = row, column; 03h out CX = shape, DH DL; 05h page: taken; 06h,
 * 07h scroll up, down: AL = rows, BH = attribute, CH CL to DH DL; 08h out AL = character, AH = attribute; 0Eh teletype
 * AL; 0Fh out AL = mode with its bit 7, AH = columns, BH = page; 10h colours: bios_palette.c; 1Ah AL=00h out AL = 1Ah,
 * BL = 8 (VGA, colour); 4Fh VBE: not there */
bios_answer bios_video(void)
{
    switch (high(guest.rax)) {
    case 0x00:
        set_mode(low(guest.rax));
        break;
    case 0x01:
        set_shape(word(guest.rcx), emulates());
        break;
    case 0x02:
        set_cursor(low(guest.rdx), high(guest.rdx));
        break;
    case 0x03:
        set_word(&guest.rcx, bios_word(BDA(0x60)));
        set_word(&guest.rdx, bios_word(BDA(0x50)));
        break;
    case 0x05:
    case 0x0B:
        break;
    case 0x10:
        bios_palette();
        break;
    case 0x06:
    case 0x07:
        scroll(high(guest.rax) == 7, low(guest.rax), low(guest.rcx), high(guest.rcx), low(guest.rdx), high(guest.rdx),
               high(guest.rbx));
        break;
    case 0x08:
        set_word(&guest.rax, bios_word(cell(cursor_column() % COLUMNS, cursor_row() % ROWS)));
        break;
    case 0x09:
    case 0x0A:
        write_characters(high(guest.rax) == 9);
        break;
    case 0x0E:
        bios_teletype(low(guest.rax), 0, false);
        break;
    case 0x0F:
        set_word(&guest.rax, (uint16_t)(COLUMNS << 8 | (bios_byte(BDA(0x87)) & TEXT_KEPT) | 3));
        set_high(&guest.rbx, 0);
        break;
    case 0x11:
        font();
        break;
    case 0x12:
        alternate();
        break;
    case 0x13:
        return write_string();
    case 0x1A:
        set_low(&guest.rax, 0x1A);
        set_word(&guest.rbx, 0x0008);
        break;
    case 0x4F:
        set_word(&guest.rax, 0x0100);
        break;
    default:
        bios_unknown(0x10);
        break;
    }
    return BIOS_DONE;
}

void bios_video_init(void)
{
    string.frame = UINT64_MAX;
    set_mode(3);
}
