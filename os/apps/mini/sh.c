/* sh - the shell of a mini system
 *
 * usage: sh [-c LINE]
 *
 * commands   a ; b   a & (behind)   a | b   # a comment
 * words      'as it is'  "this, too"  \x   $? the last status
 * files      < FILE  > FILE  >> FILE
 * its own    cd [FOLDER]  exit [STATUS]  help  kill NUMBER  wait
 *
 * A line has 127 bytes, a command 15 words, a pipeline 4 commands. */
#include "os/apps/app.h"
#include "os/apps/keys.h"

enum { LINE = 128, WORDS = 16, COMMANDS = 4, NOT_FOUND = 127, WRONG = 2, STOPPED = 130 };

/* Its words lie side by side, as SPAWN wants arguments; handles of its redirections, -1: none. */
typedef struct command {
    const char *words[WORDS];
    uint32_t count, bytes;
    int32_t from, to;
} command;

static const char *at; /* in the line */
static char room[2 * LINE];
static uint32_t used, last;
static bool terminal;

static bool wrong(const char *what)
{
    complain("sh: ");
    complain(what);
    complain("\n");
    last = WRONG;
    at = "";
    return false;
}

/* ---- words ---- */

static bool is_one_of(char c, const char *some)
{
    while (*some != '\0' && *some != c)
        some++;
    return *some != '\0';
}

static void skip_blanks(void)
{
    while (*at == ' ' || *at == '\t')
        at++;
    if (*at == '#')
        at = "";
}

static bool ends_command(void) { return *at == '\0' || is_one_of(*at, ";&|"); }

static void put_byte(char byte)
{
    if (used < sizeof room - 1)
        room[used++] = byte;
}

static void put_status(void)
{
    char text[21];
    for (const char *digit = number_text(last, 0, text); *digit != '\0'; digit++)
        put_byte(*digit);
}

/* To the room; false: a quote is not closed, or it has no end. */
static bool take_word(void)
{
    char quote = '\0';
    for (; *at != '\0' && (quote != '\0' || !is_one_of(*at, " \t;&|<>")); at++)
        if (*at == quote)
            quote = '\0';
        else if (quote == '\0' && (*at == '\'' || *at == '"'))
            quote = *at;
        else if (quote != '\'' && at[0] == '$' && at[1] == '?')
            at++, put_status();
        else
            put_byte(quote == '\0' && at[0] == '\\' && at[1] != '\0' ? *++at : *at);
    put_byte('\0');
    if (quote != '\0')
        return wrong("a quote is not closed");
    return used < sizeof room - 1 || wrong("the line is too long");
}

/* ---- commands ---- */

static bool take_redirection(command *c)
{
    const bool in = *at == '<', behind = at[0] == '>' && at[1] == '>';
    const char *const name = room + used;
    int32_t *const handle = in ? &c->from : &c->to;
    at += behind ? 2 : 1;
    skip_blanks();
    if (!take_word())
        return false;
    used = (uint32_t)(name - room);
    if (*handle >= 0)
        pxo_close((uint32_t)*handle);
    *handle = open_file(name, in ? PXH_FOR_READ : PXH_FOR_WRITE | PXH_CREATE | (behind ? PXH_APPEND : PXH_TRUNCATE));
    return !failed("sh", name, *handle) || (last = WRONG, false);
}

static bool take_command(command *c)
{
    *c = (command){.from = -1, .to = -1};
    const uint32_t before = used;
    for (skip_blanks(); !ends_command(); skip_blanks()) {
        const bool file = is_one_of(*at, "<>");
        if (!file && c->count == WORDS - 1)
            return wrong("too many words");
        if (!file)
            c->words[c->count++] = room + used;
        if (!(file ? take_redirection(c) : take_word()))
            return false;
    }
    c->bytes = used - before;
    return c->count > 0 || wrong("a command is missing");
}

static void close_if(int32_t handle)
{
    if (handle > 0)
        pxo_close((uint32_t)handle);
}

/* ---- its own ---- */

static void wait_all(void)
{
    pxo_ended how;
    while ((terminal ? pxo_watch(0, &how) : pxo_wait(0, &how)) > 0)
        ;
}

static bool run_own(const command *c)
{
    const char *const name = c->words[0], *const what = c->count > 1 ? c->words[1] : NULL;
    uint32_t number = last;
    if (same(name, "cd")) {
        const char *const folder = what != NULL ? what : "/home";
        last = failed("cd", folder, pxo_chdir(folder, length_of(folder)));
    } else if (same(name, "exit") || same(name, "kill")) {
        if (what != NULL ? !read_number(what, &number) : *name == 'k')
            wrong("a number is wanted");
        else if (*name == 'k')
            last = failed("kill", what, pxo_kill(number));
        else
            px_sys(PXH_REQUEST(PXH_EXIT, number & 0xFF), 0);
    } else if (same(name, "help")) {
        last = !put("cd [FOLDER]  exit [STATUS]  help  kill NUMBER  wait\n"
                    "a ; b   a & (behind)   a | b   < FILE   > FILE   >> FILE   $?   ls /bin: programs\n");
    } else if (same(name, "wait")) {
        wait_all();
    } else {
        return false;
    }
    return true;
}

/* ---- pipelines ---- */

static int32_t start(const command *c, uint32_t in, uint32_t out)
{
    const char *const name = c->words[0];
    const pxo_spawn what = {PXO_ADDRESS(name), length_of(name), PXO_ADDRESS(name), c->bytes, in, out};
    const int32_t pid = pxo_start(&what);
    if (pid < 0) {
        complain("sh: ");
        complain(name);
        complain(pid == PXH_E_ABSENT || pid == PXH_E_NAME ? ": not found\n" : ": no room for another process\n");
    }
    return pid;
}

/* Ctrl-C ends them all. */
static void wait_for(const int32_t *pids, uint32_t count)
{
    bool stopped = false;
    for (uint32_t i = 0; i < count; i++) {
        pxo_ended how;
        if (pids[i] < 0) {
            last = NOT_FOUND;
            continue;
        }
        if (terminal && pxo_watch((uint32_t)pids[i], &how) == 0) {
            stopped = true;
            for (uint32_t k = i; k < count; k++)
                if (pids[k] > 0)
                    pxo_kill((uint32_t)pids[k]);
        }
        if (!terminal || stopped)
            pxo_wait((uint32_t)pids[i], &how);
        last = stopped ? STOPPED : status_of(&how);
    }
}

/* One command with what it reads from. What it is piped to reads from what is told; 0: to nothing, -1: it went wrong.
 */
static int32_t run_command(int32_t *pids, uint32_t *count, int32_t in)
{
    command c;
    uint32_t ends[2] = {0, 1};
    bool good = take_command(&c);
    const bool piped = good && *at == '|';
    if (piped && (*count == COMMANDS - 1 || pxo_pipe(ends) < 0))
        good = wrong("too many commands in a pipeline");
    if (good && (piped || in > 0 || !run_own(&c)))
        pids[(*count)++] = start(&c, (uint32_t)(c.from >= 0 ? c.from : in), c.to >= 0 ? (uint32_t)c.to : ends[1]);
    close_if(c.from);
    close_if(c.to);
    close_if(in);
    if (good && piped)
        pxo_close(ends[1]);
    at += good && piped;
    return !good ? -1 : piped ? (int32_t)ends[0] : 0;
}

static void run_line(const char *line)
{
    at = line;
    for (skip_blanks(); *at != '\0'; skip_blanks()) {
        int32_t pids[COMMANDS], in = 0;
        uint32_t count = 0;
        used = 0;
        while ((in = run_command(pids, &count, in)) > 0)
            ;
        if (*at == '&')
            last = 0;
        else
            wait_for(pids, count);
        last = in < 0 ? WRONG : last;
        at += *at != '\0';
    }
}

int main(int argc, char **argv)
{
    char line[LINE];
    pxo_ended how;
    if (argc == 3 && same(argv[1], "-c"))
        return run_line(argv[2]), (int)last;
    if (argc > 1)
        return usage();
    terminal = ask_keys(true); /* so that the kernel edits lines, and Ctrl-C is told */
    ask_keys(false);
    for (int32_t length; !terminal || put("$ "), (length = read_typed(line, LINE)) >= 0;) {
        if (length >= LINE)
            wrong("the line is too long");
        else
            run_line(line);
        while (pxo_wait(PXO_NOW, &how) > 0)
            ;
    }
    return (int)last;
}
