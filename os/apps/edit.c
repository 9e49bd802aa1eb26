/* edit - edits a text on the whole screen
 *
 * usage: edit FILE
 *
 * For terminals of 80 columns and 24 lines.
 *
 * arrows, Home, End, Page up, Page down   move
 * Ctrl-S     saves              Ctrl-Q   ends; twice, where changes are not saved
 * Ctrl-F     finds a text       Ctrl-N   finds the next
 * Ctrl-K     cuts the line      Ctrl-U   puts in what was cut: lines that were
 *                               cut one behind the other together
 * Ctrl-G     goes to a line     Ctrl-A, Ctrl-E   begin and end of the line
 * Ctrl-L     draws the screen anew */
#include "os/apps/keys.h"

enum { COLUMNS = 80, LINES = 22, ASKED = 64, CUT = 2048, OUT = 4096 };

static char *text;                               /* in the heap, up to room */
static uint32_t length, room, cursor, top, left; /* top: where the screen's first line begins; left: its first column */
static bool changed, cutting;
static const char *name, *message = "Ctrl-S saves, Ctrl-Q ends, Ctrl-F finds, Ctrl-K cuts, Ctrl-U puts in";
static char cut[CUT], wanted[ASKED];
static uint32_t cut_length, goal; /* goal: the column that up and down keep to */
static char out[OUT];
static uint32_t out_length;

/* ---- the text ---- */

static bool make_room(uint32_t count)
{
    if (length + count <= room)
        return true;
    if (pxo_heap(2 * PXO_ADDRESS(text + length + count)) < 0 && pxo_heap(PXO_ADDRESS(text + length + count)) < 0)
        return message = "There is no room for more.", false;
    room = 4 * px_get_n() - PXO_ADDRESS(text);
    return true;
}

static void insert(const char *from, uint32_t count)
{
    if (!make_room(count))
        return;
    for (uint32_t i = length; i-- > cursor;)
        text[i + count] = text[i];
    for (uint32_t i = 0; i < count; i++)
        text[cursor++] = from[i];
    length += count;
    changed = true;
}

static void erase(uint32_t from, uint32_t to)
{
    for (uint32_t i = to; i < length; i++)
        text[from + i - to] = text[i];
    length -= to - from;
    cursor = from;
    changed = changed || to > from;
}

static bool is_inside(uint32_t at) { return at < length && ((uint8_t)text[at] & 0xC0) == 0x80; }

static uint32_t line_begin(uint32_t at)
{
    while (at > 0 && text[at - 1] != '\n')
        at--;
    return at;
}

static uint32_t line_end(uint32_t at)
{
    while (at < length && text[at] != '\n')
        at++;
    return at;
}

static uint32_t next_column(uint32_t at, uint32_t column)
{
    return text[at] == '\t' ? (column | 7) + 1 : column + !is_inside(at);
}

static uint32_t column_of(uint32_t at)
{
    uint32_t column = 0;
    for (uint32_t i = line_begin(at); i < at; i++)
        column = next_column(i, column);
    return column;
}

/* In the line that begins there. */
static uint32_t place_of(uint32_t begin, uint32_t column)
{
    uint32_t now = 0;
    while (begin < length && text[begin] != '\n' && next_column(begin, now) <= column)
        now = next_column(begin++, now);
    while (is_inside(begin))
        begin++;
    return begin;
}

static uint32_t line_number(uint32_t at)
{
    uint32_t number = 1;
    for (uint32_t i = 0; i < at; i++)
        number += text[i] == '\n';
    return number;
}

/* ---- files ---- */

static bool load(void)
{
    const int32_t handle = open_file(name, PXH_FOR_READ);
    int32_t got = handle;
    if (handle == PXH_E_ABSENT) {
        message = "A new file.";
        return true;
    }
    while (got >= 0 && make_room(512) && (got = read_file((uint32_t)handle, text + length, 512)) > 0)
        length += (uint32_t)got;
    if (handle >= 0)
        pxo_close((uint32_t)handle);
    return !failed("edit", name, got > 0 ? PXH_E_FULL : got);
}

static void save(void)
{
    const int32_t handle = open_file(name, PXH_FOR_WRITE | PXH_CREATE | PXH_TRUNCATE);
    const bool put = handle >= 0 && put_bytes((uint32_t)handle, text, length);
    const bool closed = handle >= 0 && pxo_close((uint32_t)handle) >= 0;
    changed = changed && !(put && closed);
    message = put && closed ? "Saved." : handle < 0 ? error_text(handle) : "It could not be written.";
}

/* ---- the screen ---- */

static void flush(void)
{
    put_bytes(1, out, out_length);
    out_length = 0;
}

static void draw_byte(char c)
{
    if (out_length == OUT)
        flush();
    out[out_length++] = c;
}

static void draw_text(const char *from)
{
    while (*from != '\0')
        draw_byte(*from++);
}

static void draw_number(uint32_t number)
{
    char digits[21];
    draw_text(number_text(number, 0, digits));
}

static void draw_at(uint32_t row, uint32_t column)
{
    draw_text("\x1B[");
    draw_number(row);
    draw_text(";");
    draw_number(column);
    draw_text("H");
}

static void draw_line(uint32_t at)
{
    for (uint32_t column = 0, next; at < length && text[at] != '\n'; at++, column = next) {
        next = next_column(at, column);
        if (column < left || next > left + COLUMNS - 1)
            continue;
        if (text[at] == '\t')
            for (uint32_t i = column; i < next; i++)
                draw_byte(' ');
        else
            draw_byte((uint8_t)text[at] < ' ' || text[at] == 0x7F ? '?' : text[at]);
    }
}

/* So that the cursor is on it. */
static void scroll(void)
{
    const uint32_t column = column_of(cursor), begin = line_begin(cursor);
    uint32_t rows = 0;
    left = column < left ? column : column > left + COLUMNS - 2 ? column - (COLUMNS - 2) : left;
    if (top > begin)
        top = begin;
    for (uint32_t i = top; i < begin; i++)
        rows += text[i] == '\n';
    for (; rows >= LINES; rows--)
        top = line_end(top) + 1;
}

static void draw(const char *asked, const char *answer)
{
    uint32_t at = top, row = 1;
    scroll();
    at = top;
    draw_text("\x1B[?25l");
    for (; row <= LINES; row++) {
        draw_at(row, 1);
        if (at <= length) {
            draw_line(at);
            at = line_end(at) + 1;
        } else {
            draw_text("~");
        }
        draw_text("\x1B[K");
    }
    draw_at(LINES + 1, 1);
    draw_text("\x1B[7m ");
    draw_text(name);
    draw_text(changed ? " (changed)  line " : "  line ");
    draw_number(line_number(cursor));
    draw_text(", column ");
    draw_number(column_of(cursor) + 1);
    draw_text(" \x1B[m\x1B[K");
    draw_at(LINES + 2, 1);
    draw_text(asked != NULL ? asked : message);
    draw_text(answer);
    draw_text("\x1B[K");
    if (asked == NULL) {
        uint32_t rows = 1;
        for (uint32_t i = top; i < cursor; i++)
            rows += text[i] == '\n';
        draw_at(rows, column_of(cursor) - left + 1);
    }
    draw_text("\x1B[?25h");
    flush();
}

/* ---- what is asked for ---- */

/* False: Escape, or Ctrl-C. */
static bool ask(const char *question, char answer[ASKED])
{
    uint32_t used = 0;
    for (answer[0] = '\0';;) {
        draw(question, answer);
        const int key = next_key();
        if (key == '\r' || key == '\n')
            return true;
        if (key < 0 || key == OTHER || key == ('C' & CTRL))
            return false;
        if ((key == BACKSPACE || key == '\b') && used > 0)
            used--;
        else if (key >= ' ' && key < 256 && key != BACKSPACE && used < ASKED - 1)
            answer[used++] = (char)key;
        answer[used] = '\0';
    }
}

static void find(void)
{
    for (uint32_t i = 1; i <= length + 1; i++) {
        const uint32_t at = (cursor + i) % (length + 1);
        uint32_t same = 0;
        while (wanted[same] != '\0' && at + same < length && text[at + same] == wanted[same])
            same++;
        if (wanted[same] == '\0') {
            message = at <= cursor ? "Found, from the begin on." : "Found.";
            cursor = at;
            return;
        }
    }
    message = "It is not there.";
}

static void go_to_line(void)
{
    char answer[ASKED];
    uint32_t line;
    if (!ask("Line: ", answer) || !read_number(answer, &line))
        return;
    for (cursor = 0; line > 1 && line_end(cursor) < length; line--)
        cursor = line_end(cursor) + 1;
}

static void cut_line(void)
{
    const uint32_t from = line_begin(cursor), end = line_end(cursor), to = end + (end < length);
    cut_length = cutting ? cut_length : 0;
    if (to - from > CUT - cut_length) {
        message = "What is cut is too long.";
        return;
    }
    for (uint32_t i = from; i < to; i++)
        cut[cut_length++] = text[i];
    erase(from, to);
}

/* ---- keys ---- */

static void move_lines(int count)
{
    for (; count < 0 && line_begin(cursor) > 0; count++)
        cursor = line_begin(cursor) - 1;
    for (; count > 0 && line_end(cursor) < length; count--)
        cursor = line_end(cursor) + 1;
    cursor = place_of(line_begin(cursor), goal);
}

static bool move(int key)
{
    const bool upright = key == UP || key == DOWN || key == PAGE_UP || key == PAGE_DOWN;
    if (upright)
        move_lines(key == UP ? -1 : key == DOWN ? 1 : key == PAGE_UP ? -LINES : LINES);
    else if (key == LEFT)
        for (cursor -= cursor > 0; is_inside(cursor) && cursor > 0;)
            cursor--;
    else if (key == RIGHT)
        for (cursor += cursor < length; is_inside(cursor);)
            cursor++;
    else if (key == HOME || key == ('A' & CTRL))
        cursor = line_begin(cursor);
    else if (key == END || key == ('E' & CTRL))
        cursor = line_end(cursor);
    else
        return false;
    goal = upright ? goal : column_of(cursor);
    return true;
}

static void change(int key)
{
    const char c = key == '\r' ? '\n' : (char)key;
    uint32_t other = cursor;
    if (key == BACKSPACE || key == '\b') {
        for (other -= other > 0; is_inside(other) && other > 0;)
            other--;
        erase(other, cursor);
    } else if (key == DELETE) {
        for (other += other < length; is_inside(other);)
            other++;
        erase(cursor, other);
    } else if (key == ('K' & CTRL)) {
        cut_line();
    } else if (key == ('U' & CTRL)) {
        insert(cut, cut_length);
    } else if (key == '\r' || key == '\t' || (key >= ' ' && key < 256)) {
        insert(&c, 1);
    }
    goal = column_of(cursor);
}

/* False: the end. */
static bool obey(int key)
{
    static bool asked;
    const bool again = asked;
    asked = false;
    if (key == ('Q' & CTRL)) {
        asked = changed && !again;
        message = "It is not saved. Ctrl-Q again ends without it.";
        return asked;
    }
    message = "";
    if (key == ('S' & CTRL))
        save();
    else if (key == ('G' & CTRL))
        go_to_line();
    else if (key == ('L' & CTRL))
        put("\x1B[2J");
    else if (key == ('N' & CTRL) || (key == ('F' & CTRL) && ask("Find: ", wanted)))
        find();
    else if (!move(key))
        change(key);
    cutting = key == ('K' & CTRL);
    return true;
}

int main(int argc, char **argv)
{
    if (asks_help(argc, argv))
        return 0;
    if (argc != 2)
        return usage();
    name = argv[1];
    text = (char *)(uintptr_t)px_image(0)[7];
    room = 4 * px_get_n() - PXO_ADDRESS(text);
    if (!load())
        return 1;
    if (!ask_keys(true))
        return complain("edit: there is no terminal\n"), 1;
    put("\x1B[2J");
    int key;
    do
        draw(NULL, "");
    while ((key = next_key()) >= 0 && obey(key));
    ask_keys(false);
    put("\x1B[24;1H\x1B[K\r");
    return 0;
}
