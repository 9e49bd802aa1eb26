/* line.c - a line that is typed to a terminal: keys, the lines before, and names that are completed. */
#include "os/apps/keys.h"
#include "os/apps/sh/sh.h"

enum {
    STORE = 2048, /* of lines before */
    COLUMNS = 80
};

static char before[STORE]; /* strings, the oldest first */
static uint32_t stored;
static char *line, prompt[64];
static uint32_t length, cursor;

/* ---- lines before ---- */

static void remember(const char *text)
{
    const uint32_t size = length_of(text) + 1;
    uint32_t latest = stored;
    while (latest > 0 && (latest == stored || before[latest - 1] != '\0'))
        latest--;
    if (size == 1 || (stored > 0 && same(before + latest, text)))
        return;
    while (size > STORE - stored) {
        const uint32_t oldest = length_of(before) + 1;
        for (uint32_t i = oldest; i < stored; i++)
            before[i - oldest] = before[i];
        stored -= oldest;
    }
    for (uint32_t i = 0; i < size; i++)
        before[stored++] = text[i];
}

void list_history(void)
{
    uint32_t number = 1;
    char text[21];
    for (uint32_t at = 0; at < stored; at += length_of(before + at) + 1) {
        say(number_text(number++, 5, text));
        say("  ");
        say(before + at);
        say("\n");
    }
}

/* ---- the line ---- */

static bool is_inside(char c) { return ((uint8_t)c & 0xC0) == 0x80; }

static uint32_t places(const char *text, uint32_t count)
{
    uint32_t sum = 0;
    for (uint32_t i = 0; i < count; i++)
        sum += !is_inside(text[i]);
    return sum;
}

/* As much of it as there is room for, so that the cursor is seen. */
static void draw(void)
{
    char number[21];
    const uint32_t room = COLUMNS - 1 - places(prompt, length_of(prompt));
    uint32_t from = 0, end;
    while (places(line + from, cursor - from) > room || is_inside(line[from]))
        from++;
    for (end = from; end < length && places(line + from, end + 1 - from) <= room;)
        end++;
    put("\r");
    put(prompt);
    put_bytes(1, line + from, end - from);
    put("\x1B[K");
    if (cursor < end) {
        put("\x1B[");
        put(number_text(places(line + cursor, end - cursor), 0, number));
        put("D");
    }
}

static void insert(const char *text, uint32_t count)
{
    if (count >= LINE - length)
        return;
    for (uint32_t i = length; i-- > cursor;)
        line[i + count] = line[i];
    for (uint32_t i = 0; i < count; i++)
        line[cursor++] = text[i];
    length += count;
    line[length] = '\0';
}

/* From there to the cursor. */
static void erase(uint32_t from)
{
    for (uint32_t i = cursor; i <= length; i++)
        line[from + i - cursor] = line[i];
    length -= cursor - from;
    cursor = from;
}

static uint32_t left_of(uint32_t place)
{
    while (place > 0 && is_inside(line[--place]))
        ;
    return place;
}

static uint32_t right_of(uint32_t place)
{
    place += place < length;
    while (place < length && is_inside(line[place]))
        place++;
    return place;
}

static void erase_word(void)
{
    uint32_t from = cursor;
    while (from > 0 && line[from - 1] == ' ')
        from--;
    while (from > 0 && line[from - 1] != ' ')
        from--;
    erase(from);
}

static void replace(const char *text)
{
    cursor = length;
    erase(0);
    insert(text, length_of(text));
}

/* ---- names ---- */

typedef struct completion {
    const char *begin; /* what is written of the name */
    uint32_t count, same;
    char name[MOST_NAME]; /* what all have that begin so */
    bool folder, shown;
} completion;

static void offer(completion *c, const char *name, bool folder)
{
    if (!begins_with(name, c->begin) || (name[0] == '.' && c->begin[0] != '.'))
        return;
    uint32_t i = 0;
    for (; name[i] != '\0' && i < MOST_NAME - 1 && (c->count == 0 || (i < c->same && name[i] == c->name[i])); i++)
        c->name[i] = name[i];
    c->same = i;
    c->folder = folder;
    c->count++;
    if (c->shown) {
        put(name);
        put(folder ? "/  " : "  ");
    }
}

static void offer_all(completion *c, const char *path, bool first)
{
    c->count = 0;
    for (uint32_t i = 0; first && own_name(i) != NULL; i++)
        offer(c, own_name(i), false);
    if (list_folder(path))
        while (next_listed())
            offer(c, listed.name, listed.kind == PXH_FOLDER);
}

/* What means something else where it is not behind a backslash. */
static bool is_one_of(char c, const char *all)
{
    while (*all != '\0' && *all != c)
        all++;
    return *all != '\0';
}

/* Of the line, without backslashes; its length. */
static uint32_t plain(char *to, uint32_t from, uint32_t end)
{
    uint32_t used = 0;
    for (; from < end; from++) {
        from += line[from] == '\\' && from + 1 < end;
        to[used++] = line[from];
    }
    to[used] = '\0';
    return used;
}

static void complete(void)
{
    static completion c;
    char path[MOST_PATH], begin[MOST_PATH];
    uint32_t from = cursor, base;
    while (from > 0 && (!is_one_of(line[from - 1], " |;&<>") || (from > 1 && line[from - 2] == '\\')))
        from--;
    uint32_t command = from;
    while (command > 0 && line[command - 1] == ' ')
        command--;
    for (base = cursor; base > from && line[base - 1] != '/';)
        base--;
    const bool first = base == from && (command == 0 || line[command - 1] == '|' || line[command - 1] == ';' ||
                                        line[command - 1] == '&');
    if (cursor - from >= MOST_PATH)
        return;
    if (plain(path, from, base) == 0)
        path[0] = '.', path[1] = '\0';
    const uint32_t used = plain(begin, base, cursor);
    c.begin = begin;
    c.shown = false;
    offer_all(&c, first ? "/bin" : path, first);
    for (uint32_t i = used; c.count > 0 && i < c.same; i++) {
        if (is_one_of(c.name[i], " |;&<>*?$#\"'\\"))
            insert("\\", 1);
        insert(c.name + i, 1);
    }
    if (c.count == 1) {
        insert(c.folder ? "/" : " ", 1);
    } else if (c.count > 1 && c.same == used) {
        put("\r\n");
        c.shown = true;
        offer_all(&c, first ? "/bin" : path, first);
        put("\r\n");
    }
}

/* ---- a line ---- */

static void make_prompt(void)
{
    int32_t count = pxo_folder(prompt, sizeof prompt - 4);
    if (count < 0)
        prompt[0] = '~', count = 1;
    prompt[count] = '$';
    prompt[count + 1] = ' ';
    prompt[count + 2] = '\0';
}

/* The line before or behind the one at *place of those before; stored: the one that is typed. */
static void look(uint32_t *place, bool back)
{
    if (back && *place > 0)
        for (--*place; *place > 0 && before[*place - 1] != '\0';)
            --*place;
    else if (!back && *place < stored)
        *place += length_of(before + *place) + 1;
    else
        return;
    replace(*place < stored ? before + *place : "");
}

static void obey(int key, uint32_t *place)
{
    if (key == UP || key == DOWN || key == ('P' & CTRL) || key == ('N' & CTRL)) {
        look(place, key == UP || key == ('P' & CTRL));
    } else if (key == LEFT || key == ('B' & CTRL)) {
        cursor = left_of(cursor);
    } else if (key == RIGHT || key == ('F' & CTRL)) {
        cursor = right_of(cursor);
    } else if (key == HOME || key == ('A' & CTRL)) {
        cursor = 0;
    } else if (key == END || key == ('E' & CTRL)) {
        cursor = length;
    } else if (key == BACKSPACE || key == '\b') {
        erase(left_of(cursor));
    } else if (key == DELETE || key == ('D' & CTRL)) {
        const uint32_t from = cursor;
        cursor = right_of(cursor);
        erase(from);
    } else if (key == ('U' & CTRL)) {
        erase(0);
    } else if (key == ('K' & CTRL)) {
        length = cursor;
        line[length] = '\0';
    } else if (key == ('W' & CTRL)) {
        erase_word();
    } else if (key == ('L' & CTRL)) {
        put("\x1B[H\x1B[2J");
    } else if (key == TAB) {
        complete();
    } else if (key >= ' ' && key < 256) {
        const char c = (char)key;
        insert(&c, 1);
    }
}

bool edit_line(char to[LINE])
{
    uint32_t place = stored;
    line = to;
    length = cursor = 0;
    line[0] = '\0';
    make_prompt();
    for (draw();; draw()) {
        const int key = next_key();
        if (key == '\r' || key == '\n') {
            put("\r\n");
            remember(line);
            return true;
        }
        if (key == ('C' & CTRL)) {
            put("^C\r\n");
            line[0] = '\0';
            return true;
        }
        if (key < 0 || (key == ('D' & CTRL) && length == 0))
            return false;
        obey(key, &place);
    }
}
