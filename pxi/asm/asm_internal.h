/* asm_internal.h - what the assembler's files share.
 *
 * The way of a program: asm_lex.c cuts text into tokens; asm_parse.c makes statements of them, asm_expr.c expressions,
 * asm_directives.c what each directive means; asm_macro.c and asm_if.c decide which lines are read, and how often;
 * asm_layout.c gives every statement its address, asm_emit.c writes pixels, asm_flow.c asks where the code ends.
 * Everything lives in one arena, so that a failed assembly is freed like a good one. */
#ifndef PXI_ASM_ASM_INTERNAL_H
#define PXI_ASM_ASM_INTERNAL_H

#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pxi/asm/asm.h"
#include "pxi/guess.h"
#include "pxi/isa.h"
#include "pxi/state.h"

enum {
    ASM_MAX_INCLUDE_DEPTH = 16,
    ASM_MAX_PART_DEPTH = 4, /* of programs that are pictures in programs */
    ASM_MAX_FILES = 1000,
    ASM_MAX_SOURCE = 1 << 30, /* bytes, all files together */
    ASM_MAX_DEPTH = 64,       /* of parentheses, signs, and constants in terms of constants */
    ASM_MAX_ROUNDS = 8,       /* of laying out, before every `set` takes its long form */
    ASM_MAX_COLLECTED = 200,  /* errors, of which the first PX_ASM_MAX_ERRORS in the order of the text are told */
    ASM_MAX_GUESSES = 200000, /* names compared with misspelt ones, in all */
    ASM_MAX_EXPANSION_DEPTH = 64,
    ASM_MAX_EXPANDED_LINES = 1 << 20, /* that .macro and .rept make, all together, */
    ASM_MAX_EXPANDED_BYTES = 1 << 24,
    ASM_MAX_PARAMETERS = 32 /* of a macro */
};

typedef struct asm_file asm_file;

/* A piece of a source line. */
typedef struct asm_place {
    const asm_file *file;
    const char *at;
    uint32_t length, line;
} asm_place;

/* A part of an expansion's text that an argument gave, and where that is written. */
typedef struct asm_argument {
    const char *at;
    uint32_t length;
    asm_place written; /* at NULL: a counter of .rept */
} asm_argument;

/* The lines of a file, or those that a macro or a repeat makes of its body. Those have the name and the line numbers of
 * the file that the body is in. */
struct asm_file {
    const char *name;
    const char *text, *end;
    uint32_t first_line, number; /* number: in the order of reading */
    const asm_file *parent;      /* the file that includes this one or asks for the expansion, */
    asm_place included;          /* and where */
    unsigned depth, expansion_depth;
    const char *expansion;         /* what it is, for messages: "macro 'delay'"; NULL: a file */
    const char *scope;             /* of the local names that the body defines */
    const asm_argument *arguments; /* in the order of the text */
    size_t argument_count;
};

/* A note has the place of what it belongs to. */
typedef struct asm_diagnostic {
    px_diagnostic shown;
    asm_place place;
    size_t number;
} asm_diagnostic;

typedef enum asm_token_kind {
    ASM_T_END, /* of the line or of the file */
    ASM_T_NAME,
    ASM_T_NUMBER,
    ASM_T_STRING,
    ASM_T_PUNCTUATION,
    ASM_T_BAD /* already reported */
} asm_token_kind;

typedef struct asm_token {
    asm_token_kind kind;
    asm_place place;
    int64_t number;     /* NUMBER; PUNCTUATION: the character, or the code of one of asm_lex.c's longer ones */
    const char *string; /* STRING: its bytes, escapes done */
    uint32_t string_length;
} asm_token;

typedef struct asm_expr asm_expr;

typedef enum asm_symbol_kind { ASM_S_UNDEFINED, ASM_S_LABEL, ASM_S_CONSTANT, ASM_S_REGISTER } asm_symbol_kind;

/* Lines between two directives. */
typedef struct asm_body {
    const asm_file *file;
    const char *start, *end;
    uint32_t line, lines;
    const asm_place *locals; /* the local names that they define */
    size_t local_count;
} asm_body;

typedef struct asm_parameter {
    asm_place name, otherwise; /* otherwise.at NULL: the argument is needed */
} asm_parameter;

typedef struct asm_macro {
    asm_place name;
    const char *form;
    asm_parameter *parameters;
    size_t parameter_room;
    unsigned parameter_count;
    asm_body body;
} asm_macro;

typedef struct asm_if {
    asm_place place;
    bool taken, last; /* a branch was read; .else was seen */
    struct asm_if *outer;
} asm_if;

typedef struct asm_symbol {
    const char *name;
    uint32_t length;
    asm_symbol_kind kind;
    bool used, code;
    bool jumped_to;  /* by a branch, a jump or a call */
    bool uses_here;  /* its expression names . */
    bool broken;     /* evaluating it failed, and said so */
    bool complained; /* its being undefined, or no register, is reported */
    bool placed;     /* this round has reached it */
    bool known;      /* value holds */
    bool visiting;   /* its expression is being evaluated */
    bool from_command_line;
    int64_t value, here;
    const asm_expr *expr;   /* CONSTANT */
    const asm_macro *macro; /* of this name; a label or a constant may have it too */
    asm_place place;
    struct asm_symbol *bucket, *next; /* of the hash table; in order of appearance */
} asm_symbol;

typedef enum asm_op {
    ASM_E_NUMBER,
    ASM_E_SYMBOL,
    ASM_E_HERE,
    ASM_E_W,
    ASM_E_H,
    ASM_E_N,
    ASM_E_NEGATE,
    ASM_E_NOT,
    ASM_E_LOGICAL_NOT,
    ASM_E_SKIP_IF_0,   /* &&: what follows, as far as `number`, is not asked when the left side decides */
    ASM_E_SKIP_IF_NOT, /* || */
    ASM_E_TRUTH,
    ASM_E_EQ,
    ASM_E_NE,
    ASM_E_LT,
    ASM_E_LE,
    ASM_E_GT,
    ASM_E_GE,
    ASM_E_MUL,
    ASM_E_DIV,
    ASM_E_REM,
    ASM_E_ADD,
    ASM_E_SUB,
    ASM_E_SHL,
    ASM_E_SHR,
    ASM_E_AND,
    ASM_E_XOR,
    ASM_E_OR,
    ASM_E_ROW,
    ASM_E_AT,
    ASM_E_RGBA,
    ASM_E_REGISTER, /* of a machine that is asked about: number; pc, vl and count; and the pixel at an address */
    ASM_E_PC,
    ASM_E_VL,
    ASM_E_COUNT,
    ASM_E_PIXEL
} asm_op;

typedef struct asm_item {
    asm_op op;
    asm_place place;
    union {
        int64_t number;
        asm_symbol *symbol;
    };
} asm_item;

/* Postfix, so that evaluating needs no recursion. */
struct asm_expr {
    const asm_item *items;
    uint32_t count;
    asm_place place;
};

/* An element of a data list: an expression, or a string's bytes. */
typedef struct asm_datum {
    const asm_expr *expr; /* NULL for a string */
    const char *string;
    uint32_t length;
    asm_place place;
} asm_datum;

typedef struct asm_operand {
    char kind;     /* of the pattern: # $ @ = */
    uint8_t bytes; /* bit k: byte k of the pixel (1 a, 2 b, 3 c) takes part */
    const asm_expr *expr;
} asm_operand;

typedef struct assembler assembler;
typedef struct asm_statement asm_statement;
typedef struct asm_directive asm_directive;

typedef enum asm_statement_kind { ASM_LABEL, ASM_CONSTANT, ASM_INSTRUCTION, ASM_SET, ASM_DIRECTIVE } asm_statement_kind;

struct asm_statement {
    asm_statement_kind kind;
    asm_place place;
    int64_t address;
    uint32_t size; /* pixels; of a rectangle, those of a row */
    uint32_t rows; /* of a rectangle, which stands aside: what follows goes on where it was. Otherwise 0 */
    bool bad;      /* its error is reported: no more is known of it */
    bool overlaps; /* which is reported */
    union {
        asm_symbol *symbol; /* LABEL, CONSTANT */
        struct {
            uint32_t word; /* opcode and registers */
            asm_operand operands[3];
            unsigned operand_count;
        };
        struct {
            const asm_directive *directive;
            const asm_datum *data;
            uint32_t data_count;
            const px_picture *picture; /* .incimage */
            const asm_expr *x, *y;     /* .incimage: where a rectangle goes; or NULL, */
            bool linear;               /* and that a run is meant is said */
        };
    };
};

struct asm_directive {
    const char *name, *usage;
    unsigned least, most; /* operands */
    bool strings;         /* operands may be strings */
    /* Reads what a list of operands cannot say; NULL: read the list. Called with the token after the name. */
    bool (*parse)(assembler *as, asm_statement *statement);
    /* Gives the statement its address, if not the one it has, and its size; NULL: it takes no room. */
    bool (*place)(assembler *as, asm_statement *statement);
    bool (*emit)(assembler *as, asm_statement *statement);
};

typedef struct asm_lexer {
    const asm_file *file;
    const char *at;
    uint32_t line;
} asm_lexer;

/* The pixels that a statement writes; statement NULL: the header. */
typedef struct asm_run {
    int64_t start, end;
    size_t number;
    const asm_statement *statement;
} asm_run;

/* What a program is told to be by .profile, .size, .header and their like; the statement that said so, or NULL. */
typedef struct asm_settings {
    asm_statement *profile, *size, *entry, *header, *endcode, *checksum;
} asm_settings;

struct assembler {
    px_assembly *out;
    struct assembler *whole; /* .incimage there asks for this program; or NULL */
    px_asm_options options;
    struct asm_arena_chunk *chunks;
    jmp_buf no_memory;

    asm_diagnostic *diagnostics;
    size_t diagnostic_count, diagnostic_room;
    bool muted; /* the last error or warning was not kept: its notes are not either */
    uint32_t guesses;
    uint32_t files;
    size_t source_bytes, image_pixels;
    bool incomplete; /* an included file is missing, so names may be */

    asm_if *ifs; /* those that are open in the text being read */
    uint32_t expanded_lines, expanded_bytes, expansions;
    bool expansions_stopped; /* at a limit, which is reported */

    const asm_file *main_file;
    asm_lexer lexer;
    asm_token token;
    const char *form_name, *form_operands; /* how the instruction or directive being read is written, or NULL */
    const asm_statement *current;          /* being placed or written */
    const char *scope;                     /* the last global label */
    uint32_t scope_length;

    asm_symbol **buckets;
    size_t bucket_count, symbol_count;
    asm_symbol *first_symbol, **last_symbol;
    asm_item *references; /* every name in every expression */
    size_t reference_count, reference_room;
    asm_item *stack; /* of expressions being read */
    size_t stack_count, stack_room;
    unsigned depth;
    asm_datum *data; /* of the list being read */
    size_t data_room;

    asm_statement **statements;
    size_t statement_count, statement_room;
    asm_settings settings;

    int64_t w, h; /* h 0: not known yet */
    bool auto_height;
    bool quiet;                   /* errors are for a later try to report */
    bool tainted;                 /* after errors: no address is known, and what needs one is not checked */
    bool laid_out;                /* the addresses are final */
    bool early;                   /* values are asked for while the text is read */
    bool about_machine;           /* expressions are about a machine, */
    const struct px_asked *asked; /* this one */
    int64_t here, end;            /* of the layout; end: the first pixel after all statements */
    uint32_t *px;
};

/* ---- asm.c ---- */

/* px_assemble(), of a program whose picture becomes a part of another's; or whole is NULL. */
bool asm_assemble(px_assembly *assembly, const char *name, const char *text, size_t size, const px_asm_options *options,
                  assembler *whole);

/* ---- asm_memory.c ---- */

/* Zeroed. Does not return when there is no memory. */
void *asm_allocate(assembler *as, size_t size);
/* Room for one more element in an array that starts as NULL, 0, 0. */
void *asm_grow(assembler *as, void *array, size_t count, size_t *room, size_t size);
char *asm_format(assembler *as, const char *format, ...) __attribute__((format(printf, 2, 3)));
void asm_free_all(assembler *as);

/* ---- asm_diag.c ---- */

/* Both return false, for `return asm_error(...)`. */
bool asm_error(assembler *as, asm_place place, const char *format, ...) __attribute__((format(printf, 3, 4)));
bool asm_warning(assembler *as, asm_place place, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* An error in the operands: tells the form of the instruction or directive, too. hint follows it; it may be "". */
bool asm_form_error(assembler *as, asm_place place, const char *hint, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* Adds to the error or warning just reported. */
void asm_note(assembler *as, asm_place place, const char *format, ...) __attribute__((format(printf, 3, 4)));
bool asm_too_many(const assembler *as);
void asm_sort_diagnostics(assembler *as);
/* "; did you mean 'best'?" or "". */
const char *asm_guess_text(assembler *as, const px_guess *guess);

/* ---- asm_lex.c ---- */

void asm_next(assembler *as); /* as->token becomes the next one */
bool asm_is(const assembler *as, char punctuation);
bool asm_take(assembler *as, char punctuation); /* and go on, if it is the token */
asm_token asm_peek(assembler *as);
bool asm_next_line(assembler *as); /* past the end of this line; false at the end of the file */
bool asm_same_name(const asm_place *place, const char *name); /* whatever the case */
/* For what is read without tokens. Behind the next end of a line; false at the end of the file. */
bool asm_raw_line(assembler *as);
/* The text up to the next comma outside of brackets and quotes, or to the end of the line or a comment. */
asm_place asm_raw_argument(assembler *as);
asm_place asm_span(asm_place first, asm_place last);
/* For messages: "found 'token'" or "the line ends". */
const char *asm_found(assembler *as);

/* ---- asm_symbol.c ---- */

asm_symbol *asm_symbol_get(assembler *as, asm_place name);
asm_symbol *asm_symbol_find(const assembler *as, asm_place name); /* NULL: nobody has named it yet */
/* Makes a name that the body of an expansion defines one of its own. */
void asm_symbol_reserve(assembler *as, const char *scope, asm_place name);
void asm_guess_symbols(assembler *as, px_guess *guess, asm_place name, bool registers);
const char *asm_kind_name(asm_symbol_kind kind); /* "a label" */
/* Defines it or reports that it is taken. */
bool asm_define(assembler *as, asm_symbol *symbol, asm_symbol_kind kind, asm_place place);
void asm_report_undefined(assembler *as);
void asm_report_unused(assembler *as, int64_t entry);
void asm_collect_symbols(assembler *as);
void asm_collect_lines(assembler *as);

/* ---- asm_expr.c ---- */

/* From the token on; NULL after reporting an error. */
const asm_expr *asm_expr_parse(assembler *as);

/* The value, or false after reporting an error. What is not placed yet is an error that says so, by `what` needing it
 * now. */
bool asm_eval(assembler *as, const asm_expr *expr, int64_t here, const char *what, int64_t *value);
/* A value that decides what is read: only constants further up can take part. */
bool asm_eval_early(assembler *as, const char *what, int64_t low, int64_t high, int64_t *value);
/* A constant's own; its value is kept in it for this round. */
bool asm_eval_constant(assembler *as, asm_symbol *symbol);
/* A value as of asm_eval, and within low..high. */
bool asm_eval_range(assembler *as, const asm_expr *expr, int64_t here, const char *what, int64_t low, int64_t high,
                    int64_t *value);

/* ---- asm_parse.c ---- */

/* Also from within a file; the place in that one is kept. */
void asm_parse_file(assembler *as, const asm_file *file);
/* 0..255, -1 when the name is not r and a number, -2 when the number is too large. */
int asm_register_number(asm_place name);
bool asm_parse_register(assembler *as, uint8_t *number);
/* Whether a name may be defined: it is no register and not built in. Reports it if not. */
bool asm_definable(assembler *as, asm_place name);
bool asm_is_pseudo(asm_place name);
/* How the statement at hand is written, "add ra, rb, rc"; NULL for none. */
const char *asm_form(assembler *as);
/* "; for a number: 'addi ..'", where the form wants a register, or the other way round. Or "". */
const char *asm_operand_hint(assembler *as, bool number);
asm_statement *asm_add_statement(assembler *as, asm_statement_kind kind, asm_place place);

/* ---- asm_include.c ---- */

/* `parse` of these directives. */
bool asm_include(assembler *as, asm_statement *statement);
bool asm_incimage(assembler *as, asm_statement *statement);

/* Whether it is the name of a built-in file, and that file; *data is from malloc. */
bool asm_is_builtin(const char *name, size_t length);
bool asm_builtin(uint8_t **data, size_t *size);

/* ---- asm_directives.c ---- */

const asm_directive *asm_directive_named(const asm_place *name);
bool asm_parse_directive(assembler *as, const asm_directive *directive, asm_place name);
/* `parse` of .runs_on, which only says that asm_flow.c need not warn. */
bool asm_runs_on(assembler *as, asm_statement *statement);
void asm_guess_directive(px_guess *guess, const asm_place *name);

/* ---- asm_macro.c ---- */

const asm_macro *asm_macro_named(const assembler *as, asm_place name);
void asm_guess_macro(assembler *as, px_guess *guess, asm_place name);
bool asm_expand_macro(assembler *as, const asm_macro *macro, asm_place name);
/* `parse` of .macro, .rept, .endm and .endr. */
bool asm_macro_begin(assembler *as, asm_statement *statement);
bool asm_rept(assembler *as, asm_statement *statement);
bool asm_stray_end(assembler *as, asm_statement *statement);

/* ---- asm_if.c ---- */

/* `parse` of .if, .elif, .else, .endif. */
bool asm_if_begin(assembler *as, asm_statement *statement);
bool asm_if_branch(assembler *as, asm_statement *statement);
bool asm_if_end(assembler *as, asm_statement *statement);
/* At the end of a text: all that it began must have ended. */
void asm_if_finish(assembler *as);
/* The first word of the line at the lexer, after labels if `labels`. */
asm_place asm_first_word(const asm_lexer *lexer, bool labels);

/* ---- asm_foreign.c ---- */

/* What another assembler's word is here: a sentence; NULL when it is none of those known. */
const char *asm_foreign(const assembler *as, asm_place word);
const char *asm_foreign_word(size_t i); /* the words themselves; NULL after the last */
/* What the operands of an instruction are for, where the form alone does not tell: "; .." or "". */
const char *asm_usage_hint(const char *instruction);
/* Drops a guess that may be the opposite of what was meant. */
void asm_guess_check(px_guess *guess, asm_place word);

/* ---- asm_layout.c ---- */

bool asm_has_header(const assembler *as);
bool asm_is_code(const asm_statement *statement);
/* The first pixel after the statement's last. */
int64_t asm_statement_end(const assembler *as, const asm_statement *statement);
/* From .size; also before the rest is laid out. */
bool asm_read_size(assembler *as);
bool asm_layout(assembler *as);

/* ---- asm_emit.c ---- */

bool asm_emit(assembler *as);
/* After errors: reports what else can be seen to be wrong. */
void asm_check(assembler *as);

/* ---- asm_flow.c ---- */

/* Warns of code that can run off its end. */
void asm_report_falls(assembler *as, int64_t entry);

#endif
