/* run.c - the shell's language. What is read is run as it is read; what is not to be run, like the other branch of an
 * if, is read in the same way. */
#include "os/apps/sh/sh.h"

enum { ITEMS = 1280, DEEP = 10 /* in each other, as far as the stack goes */ };

static const char *at;
static uint32_t depth, loops; /* loops: that run, in each other */
static bool execute, incomplete, breaking, bad, too_deep;
static command commands[COMMANDS];

static void list(void);
static bool take_compound(void);

static bool going(void) { return execute && !breaking && !stopped; }

void leave_loop(void) { breaking = loops > 0; }

/* ---- between words ---- */

static void skip_blanks(void)
{
    while (*at == ' ' || *at == '\t' || (*at == '\\' && at[1] == '\n'))
        at += *at == '\\' ? 2 : 1;
    if (*at == '#')
        while (*at != '\0' && *at != '\n')
            at++;
}

static void skip_lines(void)
{
    for (skip_blanks(); *at == '\n'; skip_blanks())
        at++;
}

/* To a command that has to be there, be it on the next line. */
static void skip_more(void)
{
    skip_lines();
    incomplete = incomplete || *at == '\0';
}

static bool ends_command(char c) { return c == '\0' || c == '\n' || c == ';' || c == '&' || c == '|'; }

static bool is_next(const char *keyword)
{
    const uint32_t length = length_of(keyword);
    const char behind = begins_with(at, keyword) ? at[length] : 'x';
    return behind == ' ' || behind == '\t' || ends_command(behind);
}

static bool take(const char *keyword)
{
    skip_lines();
    if (!is_next(keyword))
        return false;
    at += length_of(keyword);
    return true;
}

/* What is wrong is told, and the rest of the text is left. */
static void expect(const char *keyword)
{
    if (take(keyword))
        return;
    if (*at == '\0')
        incomplete = incomplete || !bad;
    else if (execute)
        wrong("expected", keyword);
    bad = true;
    at = "";
}

static bool ends_list(void)
{
    static const char *const ends[] = {"then", "elif", "else", "fi", "do", "done"};
    for (unsigned i = 0; i < sizeof ends / sizeof *ends; i++)
        if (is_next(ends[i]))
            return true;
    return false;
}

/* ---- a command: assignments, words, redirections ---- */

static bool is_assignment(const char *text)
{
    uint32_t length = 0;
    while (is_name(text, length + 1))
        length++;
    return length > 0 && text[length] == '=';
}

static int32_t open_for(const char *name, bool in, bool behind)
{
    const int32_t handle =
        open_file(name, in ? PXH_FOR_READ : PXH_FOR_WRITE | PXH_CREATE | (behind ? 0 : PXH_TRUNCATE));
    pxo_stat about;
    if (handle < 0) {
        failed("sh", name, handle);
    } else if (behind && px_sys(PXH_REQUEST(PXO_FSTAT, (uint32_t)handle), PXO_ADDRESS(&about)) == 0) {
        const uint32_t end[] = {about.size, about.size_high};
        px_sys(PXH_REQUEST(PXO_SEEK, (uint32_t)handle), PXO_ADDRESS(end));
    }
    return handle;
}

/* < NAME, > NAME, >> NAME, 2> NAME, 2>&1, >&2 */
static bool take_redirection(command *c)
{
    const uint32_t before = word_count;
    const bool of_errors = *at == '2';
    at += *at == '1' || *at == '2';
    const bool in = *at == '<', behind = at[0] == '>' && at[1] == '>';
    at += behind ? 2 : 1;
    if (!in && at[0] == '&' && (at[1] == '1' || at[1] == '2')) {
        if (of_errors && at[1] == '1') {
            c->wrong_is_to = c->to >= 0;
            c->wrong_is_around = c->to < 0;
        }
        c->to_is_wrong = c->to_is_wrong || (!of_errors && at[1] == '2');
        at += 2;
        return true;
    }
    skip_blanks();
    if (ends_command(*at) || *at == '<' || *at == '>')
        return !execute || wrong("a name is missing beside < or >", NULL);
    const bool run = going() && !c->failed;
    at = take_word(at, run);
    if (at == NULL || !run)
        return at != NULL;
    if (word_count != before + 1)
        return wrong("one name is wanted beside < or >", NULL);
    int32_t *const handle = in ? &c->from : of_errors ? &c->wrong : &c->to;
    if (*handle >= 0)
        pxo_close((uint32_t)*handle);
    *handle = open_for(words[--word_count], in, behind);
    c->failed = *handle < 0;
    return true;
}

/* Whether it is an if, while, until or for, which is read to be run when what is beside it is known. */
static bool take_body_of(command *c)
{
    const bool run = execute;
    const char *const begin = at;
    execute = false;
    c->body = take_compound() ? begin : NULL;
    execute = run;
    if (run && too_deep)
        wrong("too many of if, while, until and for in each other", NULL);
    return c->body != NULL;
}

static bool take_command(command *c)
{
    *c = (command){.first = word_count, .from = -1, .to = -1, .wrong = -1};
    bool before = true, good = true; /* before: no word but assignments */
    skip_blanks();
    uint32_t read = take_body_of(c);
    for (skip_blanks(); good && !ends_command(*at); skip_blanks(), read++) {
        if (*at == '<' || *at == '>' || ((*at == '1' || *at == '2') && at[1] == '>')) {
            good = take_redirection(c);
            continue;
        }
        if (c->body != NULL) {
            good = ends_list() || !going() || wrong("fi and done have only redirections behind them", NULL);
            break;
        }
        before = before && is_assignment(at);
        whole_words = before;
        at = take_word(at, going());
        whole_words = false;
        good = at != NULL;
        c->assignments += before;
    }
    c->end = word_count;
    if (good && read == 0) {
        if (going())
            wrong(*at == '|' || c > commands ? "a command is missing beside |" : "a command is missing", NULL);
        return false;
    }
    return good;
}

/* ---- running ---- */

int32_t fork_with_output(uint32_t to)
{
    const int32_t pid = pxo_fork();
    if (pid == 0) {
        output = to;
        terminal = false;
    } else if (pid < 0) {
        wrong("no room for another process", NULL);
    }
    return pid;
}

static void close_those(const command *c)
{
    const int32_t handles[] = {c->from, c->to, c->wrong};
    for (unsigned i = 0; i < 3; i++)
        if (handles[i] >= 0)
            pxo_close((uint32_t)handles[i]);
}

/* What it has: of its redirections, or of what is around it. */
static void find_handles(const command *c, uint32_t *in, uint32_t *out, uint32_t *wrong_to)
{
    const uint32_t around = *out;
    *in = c->from >= 0 ? (uint32_t)c->from : *in;
    *out = c->to >= 0 ? (uint32_t)c->to : *out;
    *wrong_to = c->wrong >= 0         ? (uint32_t)c->wrong
                : c->wrong_is_to     ? *out
                : c->wrong_is_around ? around
                                     : errors;
    *out = c->to_is_wrong ? errors : *out;
}

static bool is_shells(const command *c)
{
    return c->failed || c->body != NULL || c->first + c->assignments == c->end || is_own(words[c->first + c->assignments]);
}

/* What the shell does itself. */
static void run_own_or_body(const command *c)
{
    const char *const behind = at;
    if (c->failed) {
        last = 1;
    } else if (c->body != NULL) {
        at = c->body;
        take_compound();
        at = behind;
    } else if (c->first + c->assignments < c->end) {
        run_own(c->first + c->assignments, c->end);
    } else if (!has_output) {
        last = 0;
    }
}

static void run_here(const command *of)
{
    const command c = *of; /* what it runs may read others */
    const uint32_t was_input = input, was_output = output, was_errors = errors;
    uint32_t in = input, out = output, wrong_to;
    find_handles(&c, &in, &out, &wrong_to);
    input = in;
    output = out;
    errors = wrong_to;
    for (uint32_t i = 0; i < c.assignments; i++)
        assign(words[c.first + i], false);
    run_own_or_body(&c);
    input = was_input;
    output = was_output;
    errors = was_errors;
    close_those(&c);
}

/* One of several, or behind &; other: an end of its pipe that is not its own. */
static int32_t start_one(const command *c, uint32_t in, uint32_t out, uint32_t other)
{
    uint32_t wrong_to;
    find_handles(c, &in, &out, &wrong_to);
    if (!is_shells(c))
        return start_program(c, in, out, wrong_to);
    const int32_t pid = fork_with_output(out);
    if (pid != 0)
        return pid;
    if (other != PXO_NOTHING)
        pxo_close(other);
    input = in;
    errors = wrong_to;
    const command own = *c; /* what it runs may read others */
    run_own_or_body(&own);
    px_sys(PXH_REQUEST(PXH_EXIT, last & 0xFF), 0);
    return pid;
}

static void run_commands(uint32_t count, bool behind, const char *text)
{
    uint32_t in = behind ? PXO_NOTHING : input, ends[2], started = 0;
    int32_t pids[COMMANDS];
    if (count == 1 && !behind && is_shells(commands)) {
        run_here(commands);
        return;
    }
    for (const uint32_t first = in; started < count; started++) {
        const bool more = started + 1 < count;
        if (more && pxo_pipe(ends) < 0) {
            wrong("no pipe is left", NULL);
            break;
        }
        pids[started] = start_one(&commands[started], in, more ? ends[1] : output, more ? ends[0] : PXO_NOTHING);
        close_those(&commands[started]);
        if (in != first)
            pxo_close(in);
        in = more ? ends[0] : first;
        if (more)
            pxo_close(ends[1]);
    }
    if (behind)
        run_behind(pids, started, text, (uint32_t)(at - text));
    else
        wait_for(pids, started);
    if (started < count)
        last = WRONG;
}

/* ---- from small to large ---- */

static void skip_command(void)
{
    while (*at != '\0' && *at != '\n' && *at != ';' && *at != '&')
        at++;
}

static void take_pipeline(void)
{
    const char *const text = at;
    const bool run = going();
    command skipped; /* those around it are kept */
    uint32_t count = 0;
    bool good = true, more = true;
    if (run)
        words_begin();
    while (good && more) {
        good = (count < COMMANDS || (execute && wrong("too many commands in a pipeline", NULL))) &&
               take_command(run ? &commands[count] : &skipped);
        count += good;
        at = at == NULL ? "" : at;
        more = good && at[0] == '|' && at[1] != '|';
        at += more;
        if (more)
            skip_more();
    }
    const bool behind = at[0] == '&' && at[1] != '&';
    if (good && going() && !too_deep) {
        run_commands(count, behind, text);
        return;
    }
    for (uint32_t i = 0; run && i < count; i++)
        close_those(&commands[i]);
    if (!good)
        skip_command();
}

static void take_if(void)
{
    const bool run = going();
    bool taken = false;
    do {
        execute = run && !taken;
        list();
        expect("then");
        execute = going() && last == 0;
        taken = taken || execute;
        list();
    } while (take("elif"));
    if (take("else")) {
        execute = run && !taken;
        list();
    } else if (run && !taken) {
        last = 0;
    }
    expect("fi");
    execute = run;
}

/* The body of a loop, from where `at` is. */
static void take_body(bool run)
{
    execute = run;
    expect("do");
    list();
    expect("done");
}

static void take_while(bool until)
{
    const char *const begin = at;
    const bool run = going();
    uint32_t status = 0; /* of the body */
    bool more = true;
    loops += run;
    while (more) {
        at = begin;
        execute = run;
        list();
        more = going() && (last == 0) != until;
        take_body(more);
        execute = run;
        status = more ? last : status;
        more = more && going();
    }
    loops -= run;
    breaking = breaking && !run;
    if (run)
        last = stopped ? STOPPED : status;
}

/* for NAME in WORDS; do ..; done. The words are kept apart, since the body has its own: as NAME=word. */
static void take_for(void)
{
    static char items[ITEMS];
    static uint32_t used;
    const uint32_t from = used;
    const bool run = going();
    uint32_t length = 0;
    skip_blanks();
    const char *const name = at;
    while (is_name(at, length + 1))
        length++;
    at += length;
    expect("in");
    if (run)
        words_begin();
    for (skip_blanks(); at != NULL && !ends_command(*at); skip_blanks())
        if ((at = take_word(at, run)) == NULL)
            at = "";
    const uint32_t count = run ? word_count : 0;
    uint32_t put = 0;
    for (; put < count && used + length + 1 + length_of(words[put]) < ITEMS; put++) {
        for (uint32_t i = 0; i < length; i++)
            items[used++] = name[i];
        items[used++] = '=';
        for (const char *c = words[put]; *c != '\0'; c++)
            items[used++] = *c;
        items[used++] = '\0';
    }
    if (put < count)
        wrong("the words of for are too long together", NULL), put = 0;
    at += *at == ';';
    const char *const body = at, *item = items + from;
    take_body(false);
    const char *const behind = at;
    execute = run;
    if (run && count == 0)
        last = 0;
    loops += run;
    for (uint32_t i = 0; i < put && going(); i++, item += length_of(item) + 1) {
        assign(item, false);
        at = body;
        take_body(true);
        execute = run;
    }
    at = behind;
    loops -= run;
    breaking = breaking && !run;
    used = from;
}

/* An if, while, until or for; false: it is none. */
static bool take_compound(void)
{
    const bool is_if = is_next("if"), is_while = is_next("while"), is_for = is_next("for");
    if (!is_if && !is_while && !is_for && !is_next("until"))
        return false;
    if (depth == DEEP) {
        too_deep = bad = true;
        at = "";
        return true;
    }
    depth++;
    at += is_if ? 2 : is_for ? 3 : 5;
    if (is_if)
        take_if();
    else if (is_for)
        take_for();
    else
        take_while(!is_while);
    depth--;
    return true;
}

static void take_one(void)
{
    skip_blanks();
    const bool not = *at == '!' && at[1] == ' ';
    at += not ;
    take_pipeline();
    if (not &&going())
        last = last == 0;
}

static void take_and_or(void)
{
    const bool run = execute;
    take_one();
    for (skip_blanks(); (*at == '&' || *at == '|') && at[1] == *at; skip_blanks()) {
        execute = run && (last == 0) == (*at == '&');
        at += 2;
        skip_more();
        take_one();
    }
    execute = run;
}

static void list(void)
{
    for (skip_lines(); *at != '\0' && !ends_list(); skip_lines()) {
        take_and_or();
        if (*at == ';' || *at == '&')
            at++;
    }
}

void run_text(const char *text)
{
    const char *const was = at;
    const bool executed = execute;
    at = text;
    execute = true;
    bad = too_deep = false;
    list();
    if (*at != '\0')
        wrong("not expected", ends_list() ? at : NULL);
    at = was;
    execute = executed;
}

bool is_incomplete(const char *text)
{
    const char *const was = at;
    const bool executed = execute;
    at = text;
    execute = incomplete = bad = too_deep = false;
    list();
    at = was;
    execute = executed;
    return incomplete;
}

/* ---- scripts ---- */

/* Scripts that a script, or what is typed, runs with `.` lie behind it. */
char scripts[SCRIPT];
uint32_t scripts_used;

bool run_script(const char *name)
{
    char *const script = scripts;
    uint32_t used = scripts_used;
    const uint32_t begin = used;
    const int32_t handle = open_file(name, PXH_FOR_READ);
    int32_t got = handle;
    while (got >= 0 && used < SCRIPT - 1 && (got = read_file((uint32_t)handle, script + used, SCRIPT - 1 - used)) > 0)
        used += (uint32_t)got;
    if (handle >= 0)
        pxo_close((uint32_t)handle);
    if (failed("sh", name, got)) {
        last = NOT_FOUND;
        return false;
    }
    script[used++] = '\0';
    scripts_used = used;
    if (used == SCRIPT)
        wrong("the script is too long", name);
    else if (is_incomplete(script + begin))
        wrong("an if, while or for has no end", name);
    else
        run_text(script + begin);
    scripts_used = begin;
    return true;
}
