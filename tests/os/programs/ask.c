/* ask - asks the kernel what a file says, or its input, a call a line, and tells the answers (tests/os/second.txt).
 *
 *     NAME PAYLOAD ARGUMENT   or a number in the name's place; x = NAME .. keeps the answer, $x is it
 *     ( WORD WORD .. )        an argument that is a block of these words: its address
 *     "text"                  two words: its address and length; \0 is a byte 0. 'text': its address alone
 *     &N                      the address of byte N of a buffer. All of it is 0xEE before a call with &, unless fill
 *                             stands before that
 *     fill WORD WORD ..       these words are the buffer's first
 *     tell N COUNT            words of the buffer from byte N on; text N COUNT: bytes
 *     fork N .. join          lines that a child does, which ends then with status N; $c: it, $p: its parent
 *     until N                 until process N waits or has ended
 *     peek N, leap N          a load at byte N, a call of pixel N */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "os/pxos.h"

enum { BUFFER = 2048, LETTERS = 128 };

static char script[6144], texts[1024], line[160];
static uint32_t words[256], values[LETTERS], buffer[BUFFER / 4];
static uint32_t texts_used, words_used, line_used, end_status;
static bool filled;
static char *at; /* of the script */

static const struct {
    const char *name;
    uint32_t number;
} calls[] = {
#define PXH_SERVICE(id, number, grant, payload, argument, reads, writes, answer, errors, text) {#id, number},
#include "pxi/host.def"
#define PXO_CALL(id, number, payload, argument, answer, errors, text) {#id, number},
#include "os/os.def"
};

static const struct {
    const char *name;
    int32_t number;
} errors[] = {
#define PXH_ERROR(id, number, text) {#id, number},
#include "pxi/host.def"
};

/* ---- what is told, on the channel for errors, which nothing here closes ---- */

static void put(const char *text, uint32_t length)
{
    const uint32_t room = sizeof line - 1 - line_used, count = length < room ? length : room;
    memcpy(line + line_used, text, count);
    line_used += count;
}

static void put_text(const char *text) { put(text, (uint32_t)strlen(text)); }

static void put_number(uint32_t number)
{
    char digits[10];
    uint32_t first = sizeof digits;
    do {
        digits[--first] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    put(digits + first, sizeof digits - first);
}

static void put_answer(int32_t answer)
{
    for (uint32_t i = 0; i < sizeof errors / sizeof *errors; i++)
        if (answer == errors[i].number) {
            put_text(errors[i].name);
            return;
        }
    put_number((uint32_t)answer);
}

static void end_line(void)
{
    line[line_used++] = '\n';
    const uint32_t block[2] = {PXO_ADDRESS(line), line_used};
    px_sys(PXH_REQUEST(PXH_WRITE, 2), PXO_ADDRESS(block));
    line_used = 0;
}

/* ---- the script's words ---- */

static uint32_t rest_of_line(const char *text) { return (uint32_t)strcspn(text, "\n"); }

static void skip_spaces(void)
{
    while (*at == ' ')
        at++;
}

static bool is(const char *word)
{
    uint32_t length = 0;
    while (word[length] != '\0' && at[length] == word[length])
        length++;
    if (word[length] != '\0' || (at[length] != ' ' && at[length] != '\n'))
        return false;
    at += length;
    skip_spaces();
    return true;
}

static uint32_t number(void)
{
    skip_spaces();
    if (*at != '$')
        return *at == '-' ? (uint32_t)strtol(at, &at, 0) : (uint32_t)strtoul(at, &at, 0);
    at += 2;
    return values[at[-1] % LETTERS];
}

static uint32_t text_in_marks(uint32_t *length)
{
    char *const begin = texts + texts_used;
    const char mark = *at++;
    while (*at != mark && *at != '\n') {
        const bool is_0 = at[0] == '\\' && at[1] == '0';
        texts[texts_used++] = is_0 ? 0 : *at;
        at += 1 + is_0;
    }
    at++;
    *length = (uint32_t)(texts + texts_used - begin);
    texts[texts_used++] = 0;
    return PXO_ADDRESS(begin);
}

static uint32_t block(void);

/* Up to `end`; a text in double marks is two. */
static uint32_t take_words(uint32_t *to, char end)
{
    uint32_t count = 0, length;
    for (skip_spaces(); *at != end && *at != '\n'; skip_spaces())
        if (*at == '"') {
            to[count] = text_in_marks(&length);
            to[count + 1] = length;
            count += 2;
        } else if (*at == '\'') {
            to[count++] = text_in_marks(&length);
        } else if (*at == '(') {
            to[count++] = block();
        } else if (*at == '&') {
            at++;
            to[count++] = PXO_ADDRESS(buffer) + number();
        } else {
            to[count++] = number();
        }
    return count;
}

static uint32_t block(void)
{
    uint32_t own[32];
    at++;
    const uint32_t count = take_words(own, ')');
    at += *at == ')';
    uint32_t *const to = words + words_used;
    memcpy(to, own, count * sizeof *own);
    words_used += count;
    return PXO_ADDRESS(to);
}

/* ---- lines ---- */

static uint32_t service(void)
{
    for (uint32_t i = 0; i < sizeof calls / sizeof *calls; i++)
        if (is(calls[i].name))
            return calls[i].number;
    return number();
}

static void call(void)
{
    const char *const begin = at;
    char keep = 0;
    if (at[1] == ' ' && at[2] == '=') {
        keep = *at;
        at += 4;
    }
    const uint32_t asked = service(), payload = number() & PXO_MOST_PAYLOAD;
    uint32_t argument[2] = {0};
    if (!filled && memchr(at, '&', rest_of_line(at)) != NULL)
        memset(buffer, 0xEE, sizeof buffer);
    filled = false;
    take_words(argument, '\n');
    const int32_t answer = px_sys(PXH_REQUEST(asked, payload), argument[0]);
    if (keep != 0)
        values[keep % LETTERS] = (uint32_t)answer;
    put(begin, rest_of_line(begin));
    put_text(": ");
    put_answer(answer);
    end_line();
}

static void tell(void)
{
    const uint32_t from = number() / 4, count = number();
    for (uint32_t i = 0; i < count; i++) {
        put_text(" ");
        put_number(buffer[from + i]);
    }
    end_line();
}

static void text(void)
{
    const char *const bytes = (const char *)buffer + number();
    const uint32_t count = number();
    for (uint32_t i = 0; i < count; i++)
        put(bytes[i] >= ' ' && bytes[i] <= '~' ? bytes + i : ".", 1);
    end_line();
}

static void next_line(void)
{
    at += rest_of_line(at);
    at += *at == '\n';
}

/* The child goes on behind the line, its parent behind the join that belongs to it. */
static void fork_here(void)
{
    const uint32_t status = number(), me = (uint32_t)pxo_getpid();
    values['c'] = (uint32_t)pxo_fork();
    if (values['c'] == 0) {
        values['p'] = me;
        end_status = status;
        return;
    }
    for (uint32_t depth = 1; depth > 0;) {
        next_line();
        depth += strncmp(at, "fork ", 5) == 0;
        depth -= strncmp(at, "join\n", 5) == 0;
    }
}

static void until(uint32_t process)
{
    pxo_process now = {.state = PXO_READY};
    while (now.state == PXO_READY && px_sys(PXH_REQUEST(PXO_PROCESS, process), PXO_ADDRESS(&now)) == 0)
        ;
}

static void do_line(void)
{
    if (!filled)
        texts_used = words_used = 0;
    if (is("fill")) {
        memset(buffer, 0xEE, sizeof buffer);
        filled = true;
        take_words(buffer, '\n');
    } else if (is("tell")) {
        tell();
    } else if (is("text")) {
        text();
    } else if (is("fork")) {
        fork_here();
    } else if (is("join")) {
        px_sys(PXH_REQUEST(PXH_EXIT, end_status), 0);
    } else if (is("until")) {
        until(number());
    } else if (is("peek")) {
        values['v'] = *(volatile uint32_t *)(uintptr_t)number();
    } else if (is("leap")) {
        ((void (*)(void))(uintptr_t)number())();
    } else {
        call();
    }
    next_line();
}

static void read_script(uint32_t handle)
{
    uint32_t where[2] = {PXO_ADDRESS(script), sizeof script - 1};
    int32_t came;
    while ((came = px_sys(PXH_REQUEST(PXH_READ, handle), PXO_ADDRESS(where))) > 0) {
        where[0] += (uint32_t)came;
        where[1] -= (uint32_t)came;
    }
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        read_script(0);
    } else {
        const uint32_t name[2] = {PXO_ADDRESS(argv[1]), (uint32_t)strlen(argv[1])};
        const int32_t handle = px_sys(PXH_REQUEST(PXH_OPEN, PXH_FOR_READ), PXO_ADDRESS(name));
        read_script((uint32_t)handle);
        px_sys(PXH_REQUEST(PXH_CLOSE, (uint32_t)handle), 0);
    }
    for (at = script; *at != '\0';)
        do_line();
    return 0;
}
