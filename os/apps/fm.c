/* fm - a file manager on the whole screen
 *
 * usage: fm [FOLDER]
 *
 * For terminals of 80 columns and 24 lines. A list of what is in a folder:
 *
 * up, down, Page up, Page down   move
 * Enter, right   opens a folder, or edits a file     left   the folder above
 * c copies   m gives another name   d removes   n makes a folder
 * x runs a program   q ends */
#include "os/apps/keys.h"

enum { ROWS = 21, MOST = 256, ASKED = 64, NAMES = 4096 };

typedef struct entry {
    uint32_t kind, size;
    const char *name;
} entry;

static entry list[MOST];
static char names[NAMES], path[MOST_PATH];
static const char *note = "";
static uint32_t count, at, top;
static bool more; /* than there is room for */

/* ---- the list ---- */

static bool is_before(const entry *a, const entry *b)
{
    const uint8_t *x = (const uint8_t *)a->name, *y = (const uint8_t *)b->name;
    if ((a->kind == PXH_FOLDER) != (b->kind == PXH_FOLDER))
        return a->kind == PXH_FOLDER;
    for (; *x != 0 && *x == *y; x++)
        y++;
    return *x < *y;
}

static void read_list(void)
{
    static folder f;
    uint32_t used = 0;
    count = 0;
    more = false;
    if (folder_open(&f, ".") < 0)
        return;
    while (folder_next(&f) > 0) {
        const uint32_t size = length_of(f.name) + 1;
        more = more || count == MOST || used + size > NAMES;
        if (more)
            continue;
        entry e = {f.kind, f.size, names + used};
        for (uint32_t i = 0; i < size; i++)
            names[used++] = f.name[i];
        uint32_t place = count++;
        for (; place > 0 && is_before(&e, &list[place - 1]); place--)
            list[place] = list[place - 1];
        list[place] = e;
    }
    at = at < count ? at : count > 0 ? count - 1 : 0;
}

static void put_at(uint32_t row)
{
    char number[21];
    (void)(put("\x1B[") && put(number_text(row, 0, number)) && put(";1H"));
}

static void draw(const char *question, const char *answer)
{
    const int32_t length = pxo_folder(path, sizeof path - 1);
    path[length > 0 ? length : 0] = '\0';
    top = at < top ? at : at >= top + ROWS ? at - ROWS + 1 : top;
    put_at(1);
    (void)(put("\x1B[7m ") && put(path) && put(more ? " (not all)" : "") && put(" \x1B[m\x1B[K"));
    for (uint32_t row = 0; row < ROWS; row++) {
        const uint32_t i = top + row;
        put_at(row + 2);
        if (i < count) {
            put(i == at ? "\x1B[7m" : "");
            if (list[i].kind == PXH_FOLDER)
                put("         /");
            else
                put_number(list[i].size, 10);
            const uint32_t size = length_of(list[i].name);
            (void)(put("  ") && put_bytes(1, list[i].name, size < 64 ? size : 64) && put("\x1B[m"));
        }
        put("\x1B[K");
    }
    put_at(ROWS + 2);
    put("Enter opens, c copies, m renames, d removes, n new folder, x runs, q ends\x1B[K");
    put_at(ROWS + 3);
    (void)(put(question != NULL ? question : note) && put(answer) && put("\x1B[K"));
    note = "";
}

/* False: not answered. */
static bool ask(const char *question, char answer[ASKED])
{
    uint32_t used = 0;
    for (answer[0] = '\0';;) {
        draw(question, answer);
        const int key = next_key();
        if (key == '\r' || key == '\n')
            return used > 0;
        if (key < 0 || key == OTHER || key == ('C' & CTRL))
            return false;
        if ((key == BACKSPACE || key == '\b') && used > 0)
            used--;
        else if (key >= ' ' && key < 256 && key != BACKSPACE && used < ASKED - 1)
            answer[used++] = (char)key;
        answer[used] = '\0';
    }
}

/* ---- what is done ---- */

/* Programs do it: these words, up to NULL. What they say is below the list until a key comes. */
static void run(const char *const *word, bool waits)
{
    char strings[512];
    uint32_t used = 0;
    pxo_ended how;
    for (const char *const *w = word; *w != NULL; w++)
        for (const char *c = *w; used < sizeof strings; c++) {
            strings[used++] = *c;
            if (*c == '\0')
                break;
        }
    if (strings[used - 1] != '\0') {
        note = "The names are too long.";
        return;
    }
    const pxo_spawn what = {PXO_ADDRESS(*word), length_of(*word), PXO_ADDRESS(strings), used, 0, 1};
    put_at(ROWS + 3);
    put("\x1B[J");
    ask_keys(false);
    const int32_t pid = pxo_start(&what);
    const bool ran = pid > 0 && pxo_watch((uint32_t)pid, &how) > 0;
    if (pid > 0 && !ran) {
        pxo_kill((uint32_t)pid);
        pxo_wait((uint32_t)pid, &how);
    }
    ask_keys(true);
    if (pid < 0)
        note = "It is no program that can be started.";
    else if (waits || how.how != PXO_EXITED || how.status != 0) {
        put("\n(a key)");
        next_key();
    }
    put("\x1B[2J");
    read_list();
}

static void enter(const char *name)
{
    if (pxo_chdir(name, length_of(name)) < 0)
        note = "It cannot be opened.";
    at = top = 0;
    read_list();
}

static void use(int key)
{
    char answer[ASKED], program[MOST_PATH];
    const char *name = list[at].name;
    if (key == '\r' || key == '\n' || key == RIGHT) {
        if (list[at].kind == PXH_FOLDER)
            enter(name);
        else
            run((const char *const[]){"edit", name, NULL}, false);
    } else if (key == 'c' && ask("Copy to: ", answer)) {
        run((const char *const[]){"cp", "-r", name, answer, NULL}, false);
    } else if (key == 'm' && ask("New name: ", answer)) {
        run((const char *const[]){"mv", name, answer, NULL}, false);
    } else if (key == 'd' && ask("Remove it, with all that is in it? y and Enter: ", answer) && same(answer, "y")) {
        run((const char *const[]){"rm", "-r", name, NULL}, false);
    } else if (key == 'x') {
        join_path(program, ".", name);
        run((const char *const[]){program, NULL}, true);
    }
}

/* False: the end. */
static bool obey(int key)
{
    char answer[ASKED];
    if (key == 'q' || key < 0)
        return false;
    if (key == UP || key == PAGE_UP)
        at -= key == UP ? at > 0 : at > ROWS ? ROWS : at;
    else if (key == DOWN || key == PAGE_DOWN)
        at += count == 0 ? 0 : key == DOWN ? at + 1 < count : at + ROWS < count ? ROWS : count - 1 - at;
    else if (key == LEFT)
        enter("..");
    else if (key == ('L' & CTRL))
        put("\x1B[2J");
    else if (key == 'n' && ask("New folder: ", answer))
        run((const char *const[]){"mkdir", answer, NULL}, false);
    else if (count > 0)
        use(key);
    return true;
}

int main(int argc, char **argv)
{
    if (asks_help(argc, argv))
        return 0;
    if (argc > 2)
        return usage();
    if (argc == 2 && failed("fm", argv[1], pxo_chdir(argv[1], length_of(argv[1]))))
        return 1;
    if (!ask_keys(true))
        return complain("fm: there is no terminal\n"), 1;
    read_list();
    put("\x1B[2J");
    do
        draw(NULL, "");
    while (obey(next_key()));
    ask_keys(false);
    put("\x1B[24;1H\x1B[K\r");
    return 0;
}
