/* debugger.c - see debugger.h: the words, and those that wind the tape. */
#include "host/debugger.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "host/files.h"
#include "pxi/guess.h"
#include "pxi/number.h"
#include "pxi/pixel.h"

bool px_take_word(const char **line, char *word, size_t size)
{
    const char *at = *line + strspn(*line, " \t");
    const size_t length = strcspn(at, " \t");
    snprintf(word, size, "%.*s", (int)length, at);
    *line = at + length + strspn(at + length, " \t");
    return length > 0;
}

/* ---- values ---- */

static bool pixel_now(void *context, uint32_t address, uint32_t *pixel)
{
    const px_debugger *d = context;
    return px_get(px_tape_machine(d->tape), PX_SPACE_PIXEL, address, pixel, 1, NULL);
}

bool px_debugger_expression(px_debugger *d, const char *text, px_expression **x, px_error *error)
{
    return px_expression_read(x, text, d->names->at, d->names->count, d->w, d->h, error);
}

bool px_debugger_value(px_debugger *d, const char *text, int64_t *value, px_error *error)
{
    px_machine *machine = px_tape_machine(d->tape);
    uint32_t reg[256], words[PX_STATE_SPACE];
    px_expression *x = NULL;
    if (!px_get(machine, PX_SPACE_REGISTER, 0, reg, 256, error) ||
        !px_get(machine, PX_SPACE_STATE, 0, words, PX_STATE_SPACE, error))
        return false;
    const px_asked asked = {px_tape_about(d->tape).at, words[PX_WORD_PC], words[PX_WORD_VL], reg, pixel_now, d};
    const bool ok = px_debugger_expression(d, text, &x, error) && px_expression_value(x, &asked, value, error);
    px_expression_free(x);
    return ok;
}

bool px_debugger_address(px_debugger *d, const char *text, uint32_t *address, px_error *error)
{
    int64_t value;
    if (!px_debugger_value(d, text, &value, error))
        return false;
    if (value < 0 || value >= (int64_t)d->w * d->h)
        return px_fail(error, PX_E_USAGE, "address %" PRId64 " is outside the image, which has 0 to %" PRIu32, value,
                       d->w * d->h - 1);
    *address = (uint32_t)value;
    return true;
}

static bool count_of(const char *rest, uint64_t usual, uint64_t *count, px_error *error)
{
    *count = usual;
    return *rest == '\0' || px_parse_count_within("the number of instructions", rest, 1, UINT64_MAX, count, error);
}

/* ---- winding ---- */

static const char *const ends[] = {"breakpoint", "done", "the machine stands", "the beginning", "interrupted"};

/* What a watchpoint has seen: the instruction before, and the pixels after. */
static bool tell_hit(px_debugger *d, const px_stop_place *p, const px_tape_hit *hit, bool back, px_error *error)
{
    const px_breakpoint *b = hit->breakpoint;
    uint32_t value;
    if (p != NULL) {
        fprintf(d->text, "%u: %s\n", p->number, p->text);
        d->stopped_by = p->number;
    }
    if (b->kind != PX_BREAK_PIXELS && b->kind != PX_BREAK_REGISTER)
        return true;
    if (hit->answered)
        fprintf(d->text, "  touched by the answer that comes next\n");
    else if (back)
        fprintf(d->text, "  touched by the instruction that comes next\n");
    if (b->kind == PX_BREAK_PIXELS)
        d->point = b->at;
    if (!px_get(px_tape_machine(d->tape), b->kind == PX_BREAK_PIXELS ? PX_SPACE_PIXEL : PX_SPACE_REGISTER, b->at,
                &value, 1, error))
        return false;
    fprintf(d->text, "  %s %" PRIu32 " is 0x%08" PRIX32 "\n", b->kind == PX_BREAK_PIXELS ? "pixel" : "register", b->at,
            value);
    return true;
}

static bool tell(px_debugger *d, const px_tape_hit *hit, const px_stop_place *by, bool back, px_error *error)
{
    d->why = hit->end == PX_END_BREAK && by == NULL ? ends[PX_END_LIMIT] : ends[hit->end];
    if (hit->end == PX_END_BREAK && !tell_hit(d, by, hit, back, error))
        return false;
    if (hit->end == PX_END_FIRST || hit->end == PX_END_CANCELLED)
        fprintf(d->text, "%s\n", ends[hit->end]);
    return px_show_changes(d, error) && px_show_here(d, error);
}

bool px_debugger_run(px_debugger *d, const px_breakpoint *more, bool back, uint64_t limit, px_error *error)
{
    px_breakpoint *all = calloc(d->count + 1, sizeof *all);
    px_tape_hit hit;
    if (all == NULL)
        return px_fail(error, PX_E_SYSTEM, "no memory for breakpoints");
    for (size_t i = 0; i < d->count; i++)
        all[i] = d->places[i]->what;
    if (more != NULL)
        all[d->count] = *more;
    const px_breakpoints list = {all, d->count + (more != NULL)};
    bool ok = (back ? px_tape_back : px_tape_run)(d->tape, &list, limit, d->cancel, &hit, error);
    const size_t which = ok && hit.end == PX_END_BREAK ? (size_t)(hit.breakpoint - all) : d->count;
    ok = ok && tell(d, &hit, which < d->count ? d->places[which] : NULL, back, error);
    free(all);
    if (ok && which < d->count && d->places[which]->temporary) {
        char number[16];
        snprintf(number, sizeof number, "%u", d->places[which]->number);
        return px_do_delete(d, number, error);
    }
    return ok;
}

static bool seek(px_debugger *d, uint64_t at, px_error *error)
{
    px_tape_hit hit;
    if (!px_tape_seek(d->tape, at < d->limit ? at : d->limit, d->cancel, &hit, error))
        return false;
    if (at == 0 && hit.end == PX_END_LIMIT)
        hit.end = PX_END_FIRST;
    return tell(d, &hit, NULL, false, error);
}

static uint64_t here(const px_debugger *d) { return px_tape_about(d->tape).at; }

static bool do_run(px_debugger *d, const char *rest, px_error *error)
{
    uint64_t count;
    return count_of(rest, UINT64_MAX, &count, error) &&
           px_debugger_run(d, NULL, false, count < d->limit - here(d) ? here(d) + count : d->limit, error);
}

static bool do_step(px_debugger *d, const char *rest, px_error *error)
{
    uint64_t count;
    return count_of(rest, 1, &count, error) &&
           seek(d, count < UINT64_MAX - here(d) ? here(d) + count : d->limit, error);
}

static bool do_next(px_debugger *d, const char *rest, px_error *error)
{
    uint64_t count;
    const px_breakpoint over = {.kind = PX_BREAK_OVER};
    bool ok = count_of(rest, 1, &count, error);
    for (; ok && count > 0; count--)
        ok = px_debugger_run(d, &over, false, d->limit, error) && (d->stopped_by == 0 || (count = 1));
    return ok;
}

static bool do_finish(px_debugger *d, const char *rest, px_error *error)
{
    const px_breakpoint out = {.kind = PX_BREAK_RETURN};
    return (*rest == '\0' || px_fail(error, PX_E_USAGE, "finish takes nothing")) &&
           px_debugger_run(d, &out, false, d->limit, error);
}

static bool do_until(px_debugger *d, const char *rest, px_error *error)
{
    px_breakpoint pc = {.kind = PX_BREAK_PC};
    return px_debugger_address(d, rest, &pc.at, error) && px_debugger_run(d, &pc, false, d->limit, error);
}

static bool do_back(px_debugger *d, const char *rest, px_error *error)
{
    uint64_t count;
    if (!count_of(rest, 1, &count, error))
        return false;
    /* A trap is undone first: it has not retired. */
    count -= px_tape_stop(d->tape)->status == PX_TRAPPED;
    return seek(d, count < here(d) ? here(d) - count : 0, error);
}

static bool do_rnext(px_debugger *d, const char *rest, px_error *error)
{
    px_tape_hit hit;
    return (*rest == '\0' || px_fail(error, PX_E_USAGE, "rnext takes nothing")) &&
           px_tape_back_over(d->tape, d->cancel, &hit, error) && tell(d, &hit, NULL, false, error);
}

static bool do_rrun(px_debugger *d, const char *rest, px_error *error)
{
    uint64_t count;
    return count_of(rest, UINT64_MAX, &count, error) &&
           px_debugger_run(d, NULL, true, count < here(d) ? here(d) - count : 0, error);
}

/* Breakpoints are not asked: this is about one thing. */
static bool do_last(px_debugger *d, const char *rest, px_error *error)
{
    px_breakpoint what;
    px_tape_hit hit;
    const uint64_t start = here(d);
    if (!px_parse_watch(d, rest, &what, error))
        return false;
    const px_breakpoints list = {&what, 1};
    if (!px_tape_back(d->tape, &list, 0, d->cancel, &hit, error))
        return false;
    if (hit.end == PX_END_FIRST) {
        fprintf(d->text, "%s was not written before; back where it was\n", rest);
        d->why = "not written";
        return px_tape_seek(d->tape, start, NULL, NULL, error) && px_show_here(d, error);
    }
    return tell(d, &hit, NULL, true, error);
}

static bool do_goto(px_debugger *d, const char *rest, px_error *error)
{
    uint64_t at;
    return px_parse_count_within("the number of instructions", rest, 0, UINT64_MAX, &at, error) && seek(d, at, error);
}

/* ---- writing ---- */

static bool put(px_debugger *d, const char *target, uint32_t value, px_error *error)
{
    px_breakpoint what;
    const size_t length = strlen(target);
    char address[512];
    if (strcmp(target, "pc") == 0)
        return px_tape_put(d->tape, PX_SPACE_STATE, PX_WORD_PC, &value, 1, error);
    if (strcmp(target, "vl") == 0)
        return px_tape_put(d->tape, PX_SPACE_STATE, PX_WORD_VL, &value, 1, error);
    if (*target == '[' && length > 2 && target[length - 1] == ']') {
        snprintf(address, sizeof address, "%.*s", (int)length - 2, target + 1);
        return px_debugger_address(d, address, &d->point, error) &&
               px_tape_put(d->tape, PX_SPACE_PIXEL, d->point, &value, 1, error);
    }
    if (!px_parse_watch(d, target, &what, error) || what.kind != PX_BREAK_REGISTER)
        return px_fail(error, PX_E_USAGE, "'%s' cannot be set; a register, pc, vl or [address] can", target);
    return px_tape_put(d->tape, PX_SPACE_REGISTER, what.at, &value, 1, error);
}

static bool do_set(px_debugger *d, const char *rest, px_error *error)
{
    char target[512];
    int64_t value;
    const char *equal = strchr(rest, '=');
    if (equal == NULL || equal == rest)
        return px_fail(error, PX_E_USAGE, "expected set WHAT = VALUE");
    size_t length = (size_t)(equal - rest);
    while (length > 0 && isblank((unsigned char)rest[length - 1]))
        length--;
    snprintf(target, sizeof target, "%.*s", (int)length, rest);
    if (d->recorded)
        return px_fail(error, PX_E_USAGE,
                       "nothing can be set while --record writes the session down, or a log answers");
    if (!px_debugger_value(d, equal + 1, &value, error))
        return false;
    if (value < INT32_MIN || value > UINT32_MAX)
        return px_fail(error, PX_E_USAGE, "%" PRId64 " does not fit in 32 bits", value);
    if ((strcmp(target, "pc") == 0 || strcmp(target, "vl") == 0) && (value < 0 || value > (int64_t)d->w * d->h))
        return px_fail(error, PX_E_USAGE, "%s is 0 to %" PRIu32, target, d->w * d->h);
    return put(d, target, (uint32_t)value, error) && px_show_changes(d, error);
}

static bool do_save(px_debugger *d, const char *rest, px_error *error)
{
    px_view view;
    px_rows rows;
    if (*rest == '\0')
        return px_fail(error, PX_E_USAGE, "expected the name of a file");
    if (px_same_file(rest, d->program))
        return px_fail(error, PX_E_USAGE, "%s is the program; choose another name", rest);
    if (!px_machine_rows(px_tape_machine(d->tape), px_tape_stop(d->tape)->status == PX_HALTED, &view, &rows, error) ||
        !px_write_or_keep(&rows, 0, rest, error))
        return false;
    fprintf(d->text, "%s: %s, %" PRIu32 "x%" PRIu32 "\n", rest, view.above > 0 ? "saved state" : "image", rows.w,
            rows.h);
    return true;
}

static bool do_quit(px_debugger *d, const char *rest, px_error *error)
{
    (void)rest, (void)error;
    d->quit = true;
    return true;
}

/* ---- the words ---- */

static px_debugger_word_fn do_help;

static const struct {
    const char *word, *other, *takes, *help;
    px_debugger_word_fn *run;
    bool shows; /* the picture, afterwards, on a terminal */
} words[] = {
    {"run", "continue", "[N]", "to the next breakpoint, or for N instructions", do_run, true},
    {"step", "s", "[N]", "one instruction", do_step, true},
    {"next", "n", "[N]", "the same, a call with all that it calls", do_next, true},
    {"finish", NULL, "", "until the function returns", do_finish, true},
    {"until", NULL, "ADDRESS", "until an address is reached", do_until, true},
    {"back", "bs", "[N]", "one instruction back", do_back, true},
    {"rnext", NULL, "", "back over a call with all that it calls", do_rnext, true},
    {"rrun", "rc", "[N]", "back to the last breakpoint, or for N instructions", do_rrun, true},
    {"last", NULL, "WHAT", "back to the last write of a register or pixels", do_last, true},
    {"goto", NULL, "N", "to the state after N instructions, back or on", do_goto, true},
    {"break", "b", "WHERE [if EXPR]", "stop there: an address, FILE:LINE, op NAME, class NAME, sys, count N",
     px_do_break, false},
    {"tbreak", NULL, "WHERE [if EXPR]", "the same, once", px_do_tbreak, false},
    {"watch", "w", "WHAT [if EXPR]", "stop when it is written: a register, or ADDRESS[, COUNT] pixels", px_do_watch,
     false},
    {"rwatch", NULL, "WHAT [if EXPR]", "stop when pixels are read", px_do_rwatch, false},
    {"awatch", NULL, "WHAT [if EXPR]", "stop when pixels are read or written", px_do_awatch, false},
    {"delete", "d", "[NUMBER]", "a breakpoint, or all", px_do_delete, false},
    {"disable", NULL, "NUMBER", "a breakpoint is passed over", px_do_disable, false},
    {"enable", NULL, "NUMBER", "and stops again", px_do_enable, false},
    {"regs", "r", "[all]", "registers that are not 0, or all", px_do_regs, false},
    {"mem", "x", "[ADDRESS[, COUNT]]", "pixels", px_do_mem, false},
    {"dis", NULL, "[ADDRESS[, COUNT]]", "pixels as instructions", px_do_dis, false},
    {"print", "p", "EXPR", "a value: registers, pc, vl, count, [address], names", px_do_print, false},
    {"set", NULL, "WHAT = EXPR", "a register, pc, vl or [address]; what came after is forgotten", do_set, false},
    {"picture", NULL, "[ADDRESS]", "the image around it, in half blocks", px_do_picture, false},
    {"console", NULL, "", "what the program has printed up to here", px_do_console, false},
    {"display", NULL, "", "what it displays here, in half blocks", px_do_display, false},
    {"list", "l", "", "the source", px_do_list, false},
    {"where", "bt", "", "where it stands, and who called", px_do_where, false},
    {"info", "i", "", "the run, and breakpoints", px_do_info, false},
    {"save", NULL, "FILE", "the image when halted, else the saved state", do_save, false},
    {"help", "h", "", "this list", do_help, false},
    {"quit", "q", "", "end", do_quit, false},
};
enum { WORDS = sizeof words / sizeof *words };

static bool do_help(px_debugger *d, const char *rest, px_error *error)
{
    (void)rest, (void)error;
    for (size_t i = 0; i < WORDS; i++)
        fprintf(d->text, "  %-8s %-8s %-20s %s\n", words[i].word, words[i].other != NULL ? words[i].other : "",
                words[i].takes, words[i].help);
    fputs("the beginning of a word is enough, for the first in this list\n", d->text);
    return true;
}

const char *px_debugger_word(unsigned long index) { return index < WORDS ? words[index].word : NULL; }

/* The whole word first; else the first of the list that begins so, of either of its names. WORDS: there is none. */
static size_t find_word(const char *word)
{
    const size_t length = strlen(word);
    size_t found = WORDS;
    for (size_t i = WORDS; i-- > 0;) {
        const char *other = words[i].other != NULL ? words[i].other : "";
        if (strcmp(word, words[i].word) == 0 || strcmp(word, other) == 0)
            return i;
        if (length > 0 && (strncmp(word, words[i].word, length) == 0 || strncmp(word, other, length) == 0))
            found = i;
    }
    return found;
}

static bool perform(px_debugger *d, const char *line, px_error *error)
{
    char word[64];
    px_guess guess = {0};
    const char *rest = line;
    px_take_word(&rest, word, sizeof word);
    const size_t at = find_word(word);
    if (at < WORDS)
        return words[at].run(d, rest, error) &&
               (!words[at].shows || !d->terminal || d->json || px_do_picture(d, "", error));
    for (size_t i = 0; i < WORDS; i++)
        px_guess_try(&guess, word, strlen(word), words[i].word);
    return px_fail(error, PX_E_USAGE, "there is no '%s'%s%s%s; help lists what there is", word,
                   guess.best != NULL ? "; did you mean '" : "", guess.best != NULL ? guess.best : "",
                   guess.best != NULL ? "'?" : "");
}

static void begin_answer(px_debugger *d, const char *line, FILE *to)
{
    d->why = NULL;
    d->stopped_by = 0;
    d->answer = (px_json){.to = to, .line = true};
    if (!d->json)
        return;
    px_json_open(&d->answer, NULL, '{');
    px_json_string(&d->answer, "command", line);
}

static void end_answer(px_debugger *d, bool ok, const px_error *error)
{
    if (!d->json)
        return;
    if (d->why != NULL)
        px_json_string(&d->answer, "why", d->why);
    if (d->stopped_by != 0)
        px_json_number(&d->answer, "breakpoint", d->stopped_by);
    px_json_bool(&d->answer, "ok", ok);
    if (!ok)
        px_json_string(&d->answer, "error", error->text);
    px_json_close(&d->answer, '}');
}

bool px_debugger_do(px_debugger *d, const char *line, FILE *to, px_error *error)
{
    char *text = NULL;
    size_t size = 0;
    char trimmed[1024];
    line += strspn(line, " \t");
    size_t length = strcspn(line, "\r\n");
    while (length > 0 && isblank((unsigned char)line[length - 1]))
        length--;
    if (length == 0 || *line == '#')
        return true;
    if (length >= sizeof trimmed)
        return px_fail(error, PX_E_USAGE, "a line of %zu characters; at most %zu are read", length, sizeof trimmed - 1);
    snprintf(trimmed, sizeof trimmed, "%.*s", (int)length, line);
    d->text = open_memstream(&text, &size);
    if (d->text == NULL)
        return px_fail(error, PX_E_SYSTEM, "no memory for an answer");
    begin_answer(d, trimmed, to);
    const bool ok = perform(d, trimmed, error);
    if (d->shown != NULL)
        px_shown_settle(d->shown);
    fclose(d->text);
    if (d->json && size > 0)
        px_json_string(&d->answer, "text", text);
    else
        fwrite(text, 1, size, to);
    free(text);
    end_answer(d, ok, error);
    fflush(to);
    return ok;
}

bool px_debugger_stands_at_break(px_debugger *d, bool *stands, px_error *error)
{
    px_machine *machine = px_tape_machine(d->tape);
    const px_stop *stop = px_tape_stop(d->tape);
    uint32_t reg[256], instruction;
    *stands = false;
    if (d->count == 0 || stop->status != PX_RUNNING || stop->pc >= d->w * d->h)
        return true;
    if (!px_get(machine, PX_SPACE_REGISTER, 0, reg, 256, error) ||
        !px_get(machine, PX_SPACE_PIXEL, stop->pc, &instruction, 1, error))
        return false;
    const px_moment moment = {here(d), stop->pc, stop->vl, reg, machine};
    for (size_t i = 0; i < d->count && !*stands; i++) {
        const px_breakpoints one = {&d->places[i]->what, 1};
        *stands = px_break_before(&one, &moment, instruction) != NULL;
    }
    return true;
}

bool px_debugger_begin(px_debugger *d, px_error *error)
{
    const px_machine *machine = px_tape_machine(d->tape);
    d->w = machine->w;
    d->h = machine->h;
    d->profile = machine->profile;
    d->point = px_tape_stop(d->tape)->pc;
    return px_get(px_tape_machine(d->tape), PX_SPACE_REGISTER, 0, d->reg, 256, error) &&
           px_get(px_tape_machine(d->tape), PX_SPACE_STATE, PX_WORD_VL, &d->vl, 1, error);
}

void px_debugger_end(px_debugger *d)
{
    px_error error;
    d->text = stderr;
    (void)px_do_delete(d, "", &error);
    free(d->places);
}
