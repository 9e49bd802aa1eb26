/* sh [-c LINE] - the shell. A line has commands with `;`, `&` or `|` behind them; words may be in quotes; `$?` is the
 * status of the last command; # begins a comment. exit [N], kill PID, wait and help are its own. */
#include "os/apps/app.h"

enum { LINE = 512, WORDS = 64, NOT_FOUND = 127, WRONG = 2, TRAPS = 128, WAS_KILLED = 137 };

static char line[LINE], text[2 * LINE]; /* words, one behind the other, each with its byte 0 */
static char *words[WORDS];
static char mark[WORDS]; /* what stands where there is no word: ; & | */
static uint32_t count, last;
static bool terminal;
static uint32_t own_input; /* what programs have as theirs: 0, or nothing where there is none */

/* ---- from a line to words ---- */

static bool is_mark(char c) { return c == ';' || c == '&' || c == '|'; }

/* One word from *at on, without its quotes. NULL: a quote that is not closed. */
static const char *take_word(const char *at, char **to)
{
    char quote = '\0';
    for (; *at != '\0' && (quote != '\0' || (*at != ' ' && *at != '\t' && !is_mark(*at))); at++) {
        if (quote != '\0' ? *at == quote : *at == '\'' || *at == '"') {
            quote = quote != '\0' ? '\0' : *at;
        } else if (quote != '\'' && at[0] == '$' && at[1] == '?') {
            char number[21];
            for (const char *digit = number_text(last, 0, number); *digit != '\0';)
                *(*to)++ = *digit++;
            at++;
        } else {
            *(*to)++ = *at;
        }
    }
    *(*to)++ = '\0';
    return quote == '\0' ? at : NULL;
}

static bool split(const char *at)
{
    char *to = text;
    for (count = 0;;) {
        while (*at == ' ' || *at == '\t')
            at++;
        if (*at == '\0' || *at == '#')
            return true;
        if (count == WORDS - 1)
            return complain("sh: too many words\n"), false;
        mark[count] = is_mark(*at) ? *at : '\0';
        words[count++] = to;
        at = mark[count - 1] != '\0' ? at + 1 : take_word(at, &to);
        if (at == NULL)
            return complain("sh: a quote is not closed\n"), false;
    }
}

/* ---- programs ---- */

static bool same(const char *a, const char *b)
{
    for (; *a != '\0' && *a == *b; a++)
        b++;
    return *a == *b;
}

/* The words first..end-1 lie one behind the other, as the kernel wants arguments. */
static int32_t start(uint32_t first, uint32_t end, uint32_t input, uint32_t output)
{
    const char *begin = words[first], *behind = words[end - 1] + length_of(words[end - 1]) + 1;
    const pxo_spawn what = {
        PXO_ADDRESS(begin), length_of(begin), PXO_ADDRESS(begin), (uint32_t)(behind - begin), input, output};
    const int32_t pid = pxo_start(&what);
    if (pid >= 0)
        return pid;
    complain("sh: ");
    complain(begin);
    complain(pid == PXH_E_ABSENT || pid == PXH_E_NAME ? ": not found\n"
             : pid == PXH_E_FULL                      ? ": no room for another process\n"
                                                      : ": cannot be started\n");
    return pid;
}

static uint32_t status_of(const pxo_ended *how)
{
    return how->how == PXO_EXITED ? how->status : how->how == PXO_TRAPPED ? TRAPS + how->status : WAS_KILLED;
}

/* Between its pipes, and at both ends of them, a command has words. */
static bool is_whole(uint32_t first, uint32_t end)
{
    bool before = false;
    for (uint32_t i = first; i < end; i++) {
        if (mark[i] == '|' && !before)
            return false;
        before = mark[i] != '|';
    }
    return before;
}

/* Processes with pipes between them. Their last one's status is the command's. */
static void run_programs(uint32_t first, uint32_t end, bool behind)
{
    uint32_t input = behind ? PXO_NOTHING : own_input, ends[2];
    int32_t pids[WORDS];
    uint32_t started = 0, from = first;
    if (!is_whole(first, end)) {
        complain("sh: a command is missing beside |\n");
        last = WRONG;
        return;
    }
    for (uint32_t to; from < end; from = to + 1) {
        for (to = from; to < end && mark[to] != '|';)
            to++;
        const bool more = to < end;
        if (more && pxo_pipe(ends) < 0) {
            complain("sh: no pipe is left\n");
            break;
        }
        pids[started++] = start(from, to, input, more ? ends[1] : 1);
        if (input != 0 && input != PXO_NOTHING)
            pxo_close(input);
        input = more ? ends[0] : PXO_NOTHING;
        if (more)
            pxo_close(ends[1]);
    }
    if (input != 0 && input != PXO_NOTHING)
        pxo_close(input);
    for (uint32_t i = 0; i < started; i++) {
        pxo_ended how;
        if (pids[i] < 0)
            last = NOT_FOUND;
        else if (behind)
            last = 0;
        else if (pxo_wait((uint32_t)pids[i], &how) > 0)
            last = status_of(&how);
    }
    if (from < end)
        last = WRONG;
}

/* ---- the shell's own commands ---- */

static void leave(uint32_t first, uint32_t end)
{
    uint32_t status = last;
    if (end > first + 2 || (end == first + 2 && !read_number(words[first + 1], &status)))
        complain("usage: exit [STATUS]\n"), status = WRONG;
    px_sys(PXH_REQUEST(PXH_EXIT, status & 0xFF), 0);
}

static void kill_them(uint32_t first, uint32_t end)
{
    last = end == first + 1 ? WRONG : 0;
    if (last != 0)
        complain("usage: kill PID..\n");
    for (uint32_t i = first + 1; i < end; i++) {
        uint32_t pid;
        if (!read_number(words[i], &pid) || pxo_kill(pid) < 0) {
            complain("sh: kill: ");
            complain(words[i]);
            complain(": no such process, or not mine to kill\n");
            last = 1;
        }
    }
}

static void wait_for_all(void)
{
    pxo_ended how;
    while (pxo_wait(0, &how) > 0)
        ;
    last = 0;
}

static void help(void)
{
    put("Programs: " OS_PROGRAMS "\nThe shell's own: exit [STATUS], help, kill PID.., wait\n"
        "A command; another & one | with a pipe  # a comment. \"Quotes\" hold words together, $? is the last "
        "status.\n");
    last = 0;
}

static void run_command(uint32_t first, uint32_t end, bool behind)
{
    const char *name = words[first];
    bool piped = false;
    for (uint32_t i = first; i < end; i++)
        piped = piped || mark[i] == '|';
    if (piped || behind)
        run_programs(first, end, behind);
    else if (same(name, "exit"))
        leave(first, end);
    else if (same(name, "kill"))
        kill_them(first, end);
    else if (same(name, "wait"))
        wait_for_all();
    else if (same(name, "help"))
        help();
    else
        run_programs(first, end, false);
}

/* Words are made again for each command, so that $? is the status of the one before. */
static void run_line(const char *whole)
{
    for (uint32_t from = 0; split(whole);) {
        uint32_t end = from;
        while (end < count && mark[end] != ';' && mark[end] != '&')
            end++;
        if (end > from)
            run_command(from, end, end < count && mark[end] == '&');
        else if (end < count)
            complain("sh: a command is missing\n"), last = WRONG;
        if (end >= count)
            return;
        from = end + 1;
    }
    last = WRONG;
}

/* ---- lines ---- */

/* Byte by byte, so that what is behind the line is left for the programs that it starts. */
static bool read_line(void)
{
    uint32_t length = 0, all = 0;
    char byte;
    int32_t got;
    if (terminal)
        put("$ ");
    while ((got = get_bytes(&byte, 1)) == 1 && byte != '\n')
        if (byte != '\0' && all++ < LINE - 1)
            line[length++] = byte;
    line[length] = '\0';
    if (all > length) {
        complain("sh: the line is too long\n");
        line[0] = '\0';
        last = WRONG;
    }
    return got == 1 || length > 0;
}

/* Programs behind `&` that have ended. */
static void reap(void)
{
    pxo_ended how;
    while (pxo_wait(PXO_NOW, &how) > 0)
        ;
}

int main(int argc, char **argv)
{
    own_input = get_bytes(line, 0) == PXH_E_HANDLE ? PXO_NOTHING : 0;
    if (argc == 3 && same(argv[1], "-c")) {
        run_line(argv[2]);
        return (int)last;
    }
    terminal = px_sys(PXH_REQUEST(PXH_CONSOLE, 0), 0) == 1;
    if (terminal)
        put("pxOS. Type help for what there is.\n");
    while (read_line()) {
        run_line(line);
        reap();
    }
    if (terminal)
        put("\n");
    return (int)last;
}
