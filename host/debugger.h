/* debugger.h - px debug without its terminal: a program on a tape, and the words that look at it and wind it. One line
 * is one word with what belongs to it; its answer is text, or one JSON object a line. */
#ifndef HOST_DEBUGGER_H
#define HOST_DEBUGGER_H

#include "exec/tape.h"
#include "host/json.h"
#include "host/names.h"
#include "host/shown.h"
#include "pxi/asm/expression.h"

typedef struct px_stop_place {
    unsigned number;
    px_breakpoint what;
    px_expression *when; /* owned; or NULL */
    char *text;          /* owned: as it was asked for */
    bool temporary;
} px_stop_place;

typedef struct px_debugger {
    px_tape *tape;
    const px_names *names;
    const char *program;
    uint64_t limit; /* no run goes beyond it */
    uint32_t w, h, profile;
    bool json, terminal; /* terminal: pictures are shown, in colours */
    bool recorded;       /* what happens is written down elsewhere: nothing can be put */
    const px_cancel *cancel;
    px_shown *shown;        /* what the program has shown; NULL: it can show nothing */
    px_stop_place **places; /* owned */
    size_t count;
    unsigned numbered;
    uint32_t reg[256], vl; /* as they were shown last */
    uint32_t point;        /* of interest: the address that the picture is shown around */
    bool quit;
    /* The answer that is being given: */
    FILE *text;
    px_json answer;
    const char *why;
    unsigned stopped_by;
} px_debugger;

bool px_debugger_begin(px_debugger *debugger, px_error *error); /* once its tape is there */
void px_debugger_end(px_debugger *debugger);

/* Does what a line says, and answers on `to`. False, with the answer given and the error in *error, when it cannot. An
 * empty line and a comment (#) do nothing. */
bool px_debugger_do(px_debugger *debugger, const char *line, FILE *to, px_error *error);

/* Whether one of its breakpoints would stop a run that arrived where the machine stands: a run does not stop where it
 * begins. */
bool px_debugger_stands_at_break(px_debugger *debugger, bool *stands, px_error *error);

/* The words, for completion; NULL after the last. */
const char *px_debugger_word(unsigned long index);

/* ---- between its files ---- */

/* A place in the words of a line: each is taken off it. */
bool px_take_word(const char **line, char *word, size_t size); /* up to the next blank; false at the end */

/* An expression's value now, to the end of the text. */
bool px_debugger_value(px_debugger *debugger, const char *text, int64_t *value, px_error *error);
bool px_debugger_address(px_debugger *debugger, const char *text, uint32_t *address, px_error *error);
bool px_debugger_expression(px_debugger *debugger, const char *text, px_expression **x, px_error *error);

/* Where it stands: place, instruction, line; and in an answer as JSON. */
bool px_show_here(px_debugger *debugger, px_error *error);
bool px_show_changes(px_debugger *debugger, px_error *error);

typedef bool px_debugger_word_fn(px_debugger *debugger, const char *rest, px_error *error);
px_debugger_word_fn px_do_regs, px_do_mem, px_do_dis, px_do_print, px_do_list, px_do_where, px_do_info, px_do_picture,
    px_do_console, px_do_display;
px_debugger_word_fn px_do_break, px_do_tbreak, px_do_watch, px_do_rwatch, px_do_awatch, px_do_delete, px_do_disable,
    px_do_enable;

/* What `break` and `watch` take, as a breakpoint; the text is left at "if" or at its end. */
bool px_parse_watch(px_debugger *debugger, const char *text, px_breakpoint *what, px_error *error);

/* Runs on or back, with these besides the user's, and says where it has stopped. */
bool px_debugger_run(px_debugger *debugger, const px_breakpoint *more, bool back, uint64_t limit, px_error *error);

#endif
