/* sh.h - the parts of the shell. */
#ifndef OS_APPS_SH_H
#define OS_APPS_SH_H

#define APP_TELLS_ITSELF /* what was not written: say() */
#include "os/apps/app.h"

enum {
    LINE = 512,    /* bytes of a line that is typed or read */
    SCRIPT = 4096, /* of scripts, or of lines that belong together */
    ROOM = 2048,   /* of a pipeline's words */
    WORDS = 96,    /* of a pipeline */
    COMMANDS = 12, /* of a pipeline */
    JOBS = 8,
    NOT_FOUND = 127,
    WRONG = 2,
    STOPPED = 130 /* by Ctrl-C */
};

/* A pattern's * and ? in a word, which no text has. */
enum { ANY_TEXT = 1, ANY_BYTE = 2 };

/* One program of a pipeline, a command of the shell's own, or an if, while, until or for. */
typedef struct command {
    const char *body;        /* where such a one begins, or NULL */
    uint32_t first, end;     /* words */
    uint32_t assignments;    /* of these, at the begin */
    int32_t from, to, wrong; /* handles of its redirections; -1: none */
    bool wrong_is_to;        /* 2>&1 */
    bool wrong_is_around;    /* 2>&1 before any > */
    bool to_is_wrong;        /* >&2 */
    bool failed;             /* one of them was not opened: it is not run, and its status is 1 */
} command;

extern uint32_t last;                  /* status of the last command */
extern uint32_t input, output, errors; /* what commands have, unless they are redirected */
extern bool terminal, stopped;         /* Ctrl-C: what is running is left */
extern char *words[WORDS];
extern uint32_t word_count;
extern bool whole_words;
extern bool has_output; /* of $(..) in what was taken since words_begin() */
extern char **parameters; /* $0 and on */
extern uint32_t parameter_count;
extern int32_t last_behind; /* $! */

extern bool unheard;        /* a command of the shell's own has said what nobody took */
void say(const char *text); /* to output */
void say_number(uint32_t number);
bool wrong(const char *text, const char *name); /* "sh: text: name"; name may be NULL; false */

/* variables.c */
const char *value_of(const char *name, uint32_t length); /* NULL: it has none */
bool is_name(const char *text, uint32_t length);
bool assign(const char *text, bool exported); /* NAME=value */
void export_name(const char *name);
void forget_name(const char *name);
void list_variables(bool exported);
uint32_t put_environment(char *to, uint32_t room); /* strings, of bytes told */

/* words.c */
void words_begin(void);
const char *take_word(const char *at, bool execute); /* the words of it; NULL: it has no end, or there is no room */
bool matches(const char *pattern, const char *name);
extern folder listed; /* what was listed last; one at a time, up to its end */
bool list_folder(const char *path);
bool next_listed(void);

/* run.c */
void run_text(const char *text);
bool is_incomplete(const char *text); /* an if, while or for has no end yet */
int32_t fork_with_output(uint32_t to);
bool run_script(const char *name); /* false: it cannot be read */
extern char scripts[SCRIPT];       /* texts that are run, each behind the one that runs it */
extern uint32_t scripts_used;
void leave_loop(void);

/* jobs.c */
int32_t start_program(const command *c, uint32_t in, uint32_t out, uint32_t wrong_to);
void run_behind(const int32_t *pids, uint32_t count, const char *text, uint32_t length);
void wait_for(const int32_t *pids, uint32_t count);
void reap(bool told);
void list_jobs(void);
int32_t job_named(const char *text); /* the number of %N, or -1 */
void front(const char *text);
void kill_job(uint32_t job);
void wait_for_all(void);

/* own.c */
bool is_own(const char *name);
void run_own(uint32_t first, uint32_t end);
const char *own_name(uint32_t number);

/* line.c */
bool edit_line(char line[LINE]); /* false: the end */
void list_history(void);

#endif
