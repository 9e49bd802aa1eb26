/* screen.c - see screen.h. Text memory of a VGA: a character and its attribute, row by row. The guest cannot bring the
 * real VGA out of text mode (pc/vga.c), so nothing needs to be set but what log.c sets: cursor and start address. */
#include "firmware/machine/screen.h"

#include <stdbool.h>

#define WHITE_ON_RED 0x4Fu
#define GREY         0x07u
#define INVERSE      0x70u

static const char prefix[] = "pxhv: ";

/* The last rows of a text, as a terminal would have them: row r is kept in cell[r % SCREEN_ROWS]. */
typedef struct sheet {
    char cell[SCREEN_ROWS][SCREEN_COLUMNS];
    unsigned rows, column;
} sheet;

static void new_row(sheet *s)
{
    char *const row = s->cell[s->rows++ % SCREEN_ROWS];
    for (unsigned i = 0; i < SCREEN_COLUMNS; i++)
        row[i] = ' ';
    s->column = 0;
}

static void put(sheet *s, char c)
{
    if (s->column == SCREEN_COLUMNS)
        new_row(s);
    s->cell[(s->rows - 1) % SCREEN_ROWS][s->column++] = c;
}

static char at(const screen_log *log, size_t i) { return log->ring[i % log->size]; }

/* Whether a line's prefix stands at i, whole before to. */
static bool prefix_at(const screen_log *log, size_t i, size_t to)
{
    for (size_t k = 0; k < sizeof prefix - 1; k++)
        if (i + k >= to || at(log, i + k) != prefix[k])
            return false;
    return true;
}

/* The lines of [from, to): each begins a row. */
static void put_lines(sheet *s, const screen_log *log, size_t from, size_t to)
{
    bool fresh = true;
    for (size_t i = from; i < to; i++) {
        if (fresh) {
            new_row(s);
            if (prefix_at(log, i, to))
                i += sizeof prefix - 1;
        }
        fresh = i < to && at(log, i) == '\n';
        if (!fresh && i < to)
            put(s, at(log, i));
    }
}

static void show_row(uint8_t *text, unsigned row, const char *cells, uint8_t attribute)
{
    for (unsigned i = 0; i < SCREEN_COLUMNS; i++) {
        text[2 * (row * SCREEN_COLUMNS + i)] = cells != NULL ? (uint8_t)cells[i] : ' ';
        text[2 * (row * SCREEN_COLUMNS + i) + 1] = attribute;
    }
}

/* The end of the reason's own line: what follows it only says that pxHV has stopped. */
static size_t reason_end(const screen_log *log)
{
    size_t i = log->reason;
    while (i < log->written && at(log, i) != '\n')
        i++;
    return i;
}

/* Two rows hold what is long: the others belong to what came before. */
static unsigned show_reason(uint8_t *text, unsigned row, unsigned most, const screen_log *log, uint8_t attribute)
{
    sheet s = {.rows = 0};
    put_lines(&s, log, log->reason, reason_end(log));
    const unsigned rows = s.rows < most ? s.rows : most;
    for (unsigned i = 0; i < rows; i++)
        show_row(text, row + i, s.cell[i], attribute);
    return rows;
}

void screen_stop(uint8_t *text, const screen_log *log)
{
    sheet s = {.rows = 0};
    const size_t kept = log->written > log->size ? log->written - log->size : 0;
    const unsigned first = show_reason(text, 0, 2, log, WHITE_ON_RED), room = SCREEN_ROWS - first;
    put_lines(&s, log, kept, log->reason);
    const unsigned rows = s.rows < room ? s.rows : room;
    for (unsigned i = 0; i < room; i++)
        show_row(text, first + i, i < rows ? s.cell[(s.rows - rows + i) % SCREEN_ROWS] : NULL, GREY);
}

void screen_end(uint8_t *text, const screen_log *log) { (void)show_reason(text, SCREEN_ROWS - 1, 1, log, INVERSE); }
