/* forth - a small Forth
 *
 * usage: forth [FILE]
 *
 * It reads the FILE, then its input; numbers are 32 bits, decimal.
 *
 * numbers     + - * / mod negate abs min max 1+ 1-
 * compares    = <> < > 0= and or xor invert
 * stack       dup drop swap over rot nip depth .s
 * output      . emit cr space ." text" words
 * memory      variable NAME   VALUE constant NAME   @ ! +! ?   (cells)
 * new words   : NAME .. ;   if .. else .. then   begin .. until
 *             begin .. while .. repeat   LIMIT FIRST do .. i .. loop   exit
 * other       ( a comment )   \ a comment   bye
 *
 * An example: : squares 5 0 do i i * . loop ; squares */
#include "os/apps/app.h"

enum { CELLS = 2048, STACK = 128, WORDS = 160, NAME = 16, TOKEN = 64, TEXTS = 1024 };

/* What code is made of: these with their operand behind them where they have one, and from CALL on a word's number. */
enum op {
    LITERAL,
    BRANCH,
    BRANCH_0,
    DO,
    LOOP,
    TEXT,
    EXIT, /* within words; the first six have an operand, but for DO */
    ADD,
    SUB,
    MUL,
    DIV,
    MOD,
    NEGATE,
    ABS,
    MIN,
    MAX,
    INC,
    DEC,
    EQUAL,
    OTHER,
    LESS,
    MORE,
    ZERO,
    AND,
    OR,
    XOR,
    INVERT,
    DUP,
    DROP,
    SWAP,
    OVER,
    ROT,
    NIP,
    DEPTH,
    SHOW,
    DOT,
    EMIT,
    CR,
    SPACE,
    LIST,
    FETCH,
    STORE,
    ADD_TO,
    ASK,
    INDEX,
    BYE,
    CALL
};

static const char *const own[] = {"",     "",    "",       "",      "",    "",    "exit",   "+",   "-",     "*",
                                  "/",    "mod", "negate", "abs",   "min", "max", "1+",     "1-",  "=",     "<>",
                                  "<",    ">",   "0=",     "and",   "or",  "xor", "invert", "dup", "drop",  "swap",
                                  "over", "rot", "nip",    "depth", ".s",  ".",   "emit",   "cr",  "space", "words",
                                  "@",    "!",   "+!",     "?",     "i",   "bye"};

static struct {
    char name[NAME];
    uint32_t begin; /* in code */
} word[WORDS];
static uint32_t word_count;

static int32_t code[CELLS], stack[STACK], returns[STACK];
static uint32_t used, depth, return_depth;
static char texts[TEXTS];
static uint32_t text_used;
static uint32_t control[32], control_depth; /* places in code that wait for their ends */
static bool compiling, wrong, ended;
static uint32_t begun; /* where the word that is being made begins */
static reader in;

static void fail(const char *why, const char *what)
{
    if (!wrong)
        (void)(put(what) && put(why) && put("\n"));
    wrong = true;
}

/* ---- the stack ---- */

static void push(int32_t value)
{
    if (depth == STACK)
        fail("the stack is full", "");
    else
        stack[depth++] = value;
}

static int32_t pop(void)
{
    if (depth == 0)
        return fail("the stack is empty", ""), 0;
    return stack[--depth];
}

static void push_return(int32_t value)
{
    if (return_depth == STACK)
        fail("too deep", "");
    else
        returns[return_depth++] = value;
}

static int32_t pop_return(void)
{
    return return_depth == 0 ? (fail("not in a loop or word", ""), 0) : returns[--return_depth];
}

static void put_signed(int32_t number)
{
    if (wrong)
        return;
    (void)(put(number < 0 ? "-" : "") && put_number(number < 0 ? 0 - (uint32_t)number : (uint32_t)number, 0) &&
           put(" "));
}

static int32_t *cell(int32_t at)
{
    static int32_t nowhere;
    if (at >= 0 && at < CELLS)
        return &code[at];
    return fail("no such cell", ""), &nowhere;
}

/* ---- running ---- */

static int32_t combine(int32_t op, int32_t a, int32_t b)
{
    const uint32_t x = (uint32_t)a, y = (uint32_t)b;
    const bool whole = b != 0 && b != -1;
    switch (op) {
    case ADD:
        return (int32_t)(x + y);
    case SUB:
        return (int32_t)(x - y);
    case MUL:
        return (int32_t)(x * y);
    case DIV:
        return b == 0 ? (fail("division by 0", ""), 0) : whole ? a / b : (int32_t)(0 - x);
    case MOD:
        return b == 0 ? (fail("division by 0", ""), 0) : whole ? a % b : 0;
    case MIN:
        return a < b ? a : b;
    case MAX:
        return a > b ? a : b;
    case EQUAL:
        return -(a == b);
    case OTHER:
        return -(a != b);
    case LESS:
        return -(a < b);
    case MORE:
        return -(a > b);
    case AND:
        return (int32_t)(x & y);
    case OR:
        return (int32_t)(x | y);
    default:
        return (int32_t)(x ^ y);
    }
}

static int32_t change(int32_t op, int32_t a)
{
    switch (op) {
    case NEGATE:
        return (int32_t)(0 - (uint32_t)a);
    case ABS:
        return a < 0 ? (int32_t)(0 - (uint32_t)a) : a;
    case INC:
        return (int32_t)((uint32_t)a + 1);
    case DEC:
        return (int32_t)((uint32_t)a - 1);
    case ZERO:
        return -(a == 0);
    default:
        return ~a;
    }
}

/* The stack's order. */
static void arrange(int32_t op)
{
    const int32_t a = op == DEPTH ? 0 : pop(), b = op >= SWAP && op <= NIP ? pop() : 0, c = op == ROT ? pop() : 0;
    if (op == DUP)
        push(a), push(a);
    else if (op == SWAP)
        push(a), push(b);
    else if (op == OVER)
        push(b), push(a), push(b);
    else if (op == ROT)
        push(b), push(a), push(c);
    else if (op == NIP)
        push(a);
    else if (op == DEPTH)
        push((int32_t)depth);
}

static void list_words(void)
{
    for (uint32_t i = EXIT; i < CALL; i++)
        (void)(put(own[i]) && put(" "));
    for (uint32_t i = 0; i < word_count; i++)
        (void)(put(word[i].name) && put(" "));
}

static void say(int32_t op)
{
    const char c = op == EMIT ? (char)pop() : op == CR ? '\n' : ' ';
    if (op == SHOW)
        for (uint32_t i = 0; i < depth; i++)
            put_signed(stack[i]);
    else if (op == LIST)
        list_words();
    else if (op == DOT)
        put_signed(pop());
    else
        put_bytes(1, &c, 1);
}

static void use_memory(int32_t op)
{
    int32_t *const at = cell(pop());
    if (op == FETCH)
        push(*at);
    else if (op == ASK)
        put_signed(*at);
    else
        *at = (int32_t)((op == ADD_TO ? (uint32_t)*at : 0) + (uint32_t)pop());
}

/* One that a word has no operand for. */
static void run_plain(int32_t op)
{
    if (op == NEGATE || op == ABS || op == INC || op == DEC || op == ZERO || op == INVERT)
        push(change(op, pop()));
    else if (op >= ADD && op <= XOR) {
        const int32_t b = pop();
        push(combine(op, pop(), b));
    } else if (op >= DUP && op <= DEPTH)
        arrange(op);
    else if (op >= SHOW && op <= LIST)
        say(op);
    else if (op >= FETCH && op <= ASK)
        use_memory(op);
    else if (op == INDEX)
        push(return_depth == 0 ? 0 : returns[return_depth - 1]);
    else
        ended = true;
}

/* From there to the EXIT of the word that begins there. */
static void run(uint32_t at)
{
    const uint32_t base = return_depth;
    while (!wrong && !ended) {
        const int32_t op = code[at++];
        if (op >= CALL) {
            push_return((int32_t)at);
            at = word[op - CALL].begin;
        } else if (op == EXIT) {
            if (return_depth == base)
                return;
            at = (uint32_t)pop_return();
        } else if (op == LITERAL) {
            push(code[at++]);
        } else if (op == BRANCH || op == BRANCH_0) {
            at = op == BRANCH || pop() == 0 ? (uint32_t)code[at] : at + 1;
        } else if (op == DO) {
            const int32_t first = pop();
            push_return(pop());
            push_return(first);
        } else if (op == LOOP) {
            const int32_t next = (int32_t)((uint32_t)pop_return() + 1), limit = pop_return();
            push_return(limit);
            push_return(next);
            at = next < limit ? (uint32_t)code[at] : at + 1;
            return_depth -= next < limit ? 0 : 2;
        } else if (op == TEXT) {
            put(texts + code[at++]);
        } else {
            run_plain(op);
        }
    }
}

/* ---- reading ---- */

static bool is_blank(int c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

static int behind; /* the byte behind the last token */

static bool next_token(char token[TOKEN])
{
    uint32_t length = 0;
    int c = next_of(&in);
    while (is_blank(c))
        c = next_of(&in);
    for (; c >= 0 && !is_blank(c); c = next_of(&in))
        if (length < TOKEN - 1)
            token[length++] = (char)c;
    token[length] = '\0';
    behind = c;
    return length > 0;
}

static void skip_to(int end)
{
    while (behind != end && behind >= 0)
        behind = next_of(&in);
}

static void compile(int32_t value)
{
    if (used == CELLS)
        fail("no room for more code", "");
    else
        code[used++] = value;
}

static void begin_word(const char *name)
{
    if (word_count == WORDS || length_of(name) >= NAME || *name == '\0') {
        fail(": no room for such a word", name);
        return;
    }
    for (uint32_t i = 0; i < NAME && (i == 0 || name[i - 1] != '\0'); i++)
        word[word_count].name[i] = name[i];
    word[word_count].begin = begun = used;
}

static void hold(uint32_t place)
{
    if (control_depth < sizeof control / sizeof *control)
        control[control_depth++] = place;
    else
        fail("too many in each other", "");
}

static uint32_t held(const char *what)
{
    return control_depth == 0 ? (fail(": nothing was begun for it", what), 0) : control[--control_depth];
}

static void compile_branch(int32_t op)
{
    compile(op);
    hold(used);
    compile(0);
}

/* if else then, begin until while repeat, do loop */
static bool take_structure(const char *token)
{
    if (same(token, "if") || same(token, "while")) {
        compile_branch(BRANCH_0);
    } else if (same(token, "else")) {
        const uint32_t from = held(token);
        compile_branch(BRANCH);
        code[from] = (int32_t)used;
    } else if (same(token, "then")) {
        code[held(token)] = (int32_t)used;
    } else if (same(token, "begin")) {
        hold(used);
    } else if (same(token, "do")) {
        compile(DO);
        hold(used);
    } else if (same(token, "until") || same(token, "loop")) {
        compile(*token == 'u' ? BRANCH_0 : LOOP);
        compile((int32_t)held(token));
    } else if (same(token, "repeat")) {
        const uint32_t leave = held(token), begin = held(token);
        compile(BRANCH);
        compile((int32_t)begin);
        code[leave] = (int32_t)used;
    } else {
        return false;
    }
    return true;
}

static void take_text(void)
{
    const uint32_t begin = text_used;
    int c;
    while ((c = next_of(&in)) >= 0 && c != '"')
        if (text_used < TEXTS - 1)
            texts[text_used++] = (char)c;
    texts[text_used++ < TEXTS - 1 ? text_used - 1 : TEXTS - 1] = '\0';
    if (text_used >= TEXTS) {
        fail("no room for more text", "");
        text_used = begin;
    } else if (compiling) {
        compile(TEXT);
        compile((int32_t)begin);
    } else {
        put(texts + begin);
        text_used = begin;
    }
}

/* A word of one value: VALUE, or the cell that holds it. */
static void take_definition(const char *token)
{
    char name[TOKEN];
    next_token(name);
    if (same(token, ":")) {
        begin_word(name);
        compiling = !wrong;
        control_depth = 0;
        return;
    }
    const bool constant = same(token, "constant");
    const int32_t value = constant ? pop() : (int32_t)used + 3;
    begin_word(name);
    compile(LITERAL);
    compile(value);
    compile(EXIT);
    if (!constant)
        compile(0);
    word_count += !wrong;
}

static bool read_signed(const char *token, int32_t *value)
{
    uint32_t number;
    const bool minus = *token == '-', good = read_number(token + minus, &number);
    *value = (int32_t)(minus ? 0 - number : number);
    return good;
}

/* What a name is: code of one cell, or 0. */
static int32_t code_of(const char *token)
{
    for (uint32_t i = word_count; i-- > 0;)
        if (same(word[i].name, token))
            return CALL + (int32_t)i;
    for (int32_t i = EXIT; i < CALL; i++)
        if (same(own[i], token))
            return i;
    return 0;
}

static void take(const char *token)
{
    int32_t value;
    const int32_t op = code_of(token);
    if (same(token, "(")) {
        skip_to(')');
    } else if (same(token, "\\")) {
        skip_to('\n');
    } else if (same(token, ".\"")) {
        take_text();
    } else if (!compiling && (same(token, ":") || same(token, "variable") || same(token, "constant"))) {
        take_definition(token);
    } else if (compiling && same(token, ";")) {
        compile(EXIT);
        if (control_depth != 0)
            fail(": something has no end", word[word_count].name);
        word_count += !wrong;
        compiling = false;
    } else if (compiling && take_structure(token)) {
        return;
    } else if (op == 0 && !read_signed(token, &value)) {
        fail(": no such word", token);
    } else if (compiling) {
        compile(op == 0 ? LITERAL : op);
        if (op == 0)
            compile(value);
    } else if (op >= CALL) {
        run(word[op - CALL].begin);
    } else if (op == 0) {
        push(value);
    } else if (op != EXIT) {
        run_plain(op);
    }
}

/* What was wrong empties the stacks; the rest of the line is left, and the word that was being made is none. */
static void read_all(bool answers)
{
    char token[TOKEN];
    while (!ended && next_token(token)) {
        take(token);
        if (wrong) {
            skip_to('\n');
            used = compiling ? begun : used;
            depth = return_depth = control_depth = 0;
            compiling = wrong = false;
        } else if (answers && behind == '\n' && !compiling) {
            put(" ok\n");
        }
    }
}

int main(int argc, char **argv)
{
    if (asks_help(argc, argv))
        return 0;
    if (argc > 2)
        return usage();
    if (argc == 2) {
        if (!open_reader(&in, "forth", argv[1]))
            return 1;
        read_all(false);
        close_reader(&in);
    }
    if (!open_reader(&in, "forth", NULL))
        return 1;
    read_all(px_sys(PXH_REQUEST(PXH_CONSOLE, 0), 0) == 1);
    return 0;
}
