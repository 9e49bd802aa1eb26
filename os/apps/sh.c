/* sh - the shell
 *
 * usage: sh [-c LINE | FILE [ARGUMENT..]]
 *
 * Without arguments it runs the lines of its input, -c runs LINE, FILE is a
 * script. A file that begins with #!sh, and is named with a /, is one, too.
 *
 * commands   a ; b   a & (behind, without input)   a | b   a && b   a || b
 *            ! a   # a comment
 * words      'as it is'  "with $values"  \x   ~ for $HOME
 *            * and ? in the last part of a path: all files of such names
 * values     NAME=value  $NAME  ${NAME}  $(commands)  $((1 + 2 * N))
 *            $? the last status  $0 $1.. $# $@ a script's arguments
 *            $$ own number  $! number of what was started last with &
 *            NAME=value PROGRAM, or export NAME, gives it to programs
 * files      < FILE  > FILE  >> FILE  2> FILE  2>&1  >&2
 * choices    if A; then B; elif C; then D; else E; fi
 * loops      while A; do B; done   until A; do B; done   break
 *            for NAME in WORDS; do B; done
 * its own    . FILE  :  [ .. ]  cd  exit  export  fg  help  history  jobs  kill
 *            pwd  read  set  shift  test  unset  wait
 * keys       up, down: lines before; Tab: the rest of a name; Ctrl-C: ends
 *            what runs; Ctrl-A -E -U -K -W -L; Ctrl-D: the end
 *
 * The status of a command is that of its last program; 127: not found, 128 and
 * the cause: a trap, 137: killed, 130: Ctrl-C. Choices and loops can be in a
 * pipe and behind &, where they have values of their own, and redirected. A line
 * has 511 bytes, a script, with those that it is run by, 4,095. */
#include "os/apps/sh/sh.h"
#include "os/apps/keys.h"

uint32_t last, input = 0, output = 1, errors = 2, parameter_count = 1;
bool terminal, stopped, unheard;
char **parameters;

void say(const char *text)
{
    const int32_t answer = write_all(output, text, length_of(text));
    if (answer < 0 && answer != PXH_E_CLOSED && !unheard)
        wrong("output", error_text(answer));
    unheard |= answer < 0;
}

void say_number(uint32_t number)
{
    char text[21];
    say(number_text(number, 0, text));
}

bool wrong(const char *text, const char *name)
{
    put_bytes(errors, "sh: ", 4);
    put_bytes(errors, text, length_of(text));
    if (name != NULL) {
        put_bytes(errors, ": ", 2);
        put_bytes(errors, name, length_of(name));
    }
    put_bytes(errors, "\n", 1);
    last = WRONG;
    return false;
}

static bool read_line(char line[LINE])
{
    const int32_t length = read_typed(line, LINE);
    if (length >= LINE) {
        wrong("the line is too long", NULL);
        line[0] = '\0';
    }
    return length >= 0;
}

static bool next_line(char line[LINE])
{
    if (!terminal)
        return read_line(line);
    ask_keys(true);
    const bool got = edit_line(line);
    ask_keys(false);
    return got;
}

/* Lines until no if, while or for is open. */
static void run_lines(void)
{
    static char line[LINE];
    char *const text = scripts;
    uint32_t used = 0;
    while (next_line(line)) {
        const uint32_t length = length_of(line);
        if (used + length + 2 > SCRIPT) {
            wrong("the lines are too long together", NULL);
            used = 0;
            continue;
        }
        for (uint32_t i = 0; i < length; i++)
            text[used++] = line[i];
        text[used] = '\0';
        if (is_incomplete(text)) {
            text[used++] = '\n';
            continue;
        }
        scripts_used = used + 1;
        used = 0;
        stopped = false;
        run_text(text);
        scripts_used = 0;
        reap(terminal);
    }
    if (used > 0)
        wrong("an if, while or for has no end", NULL);
}

int main(int argc, char **argv)
{
    char byte;
    parameters = argv;
    input = get_bytes(&byte, 0) == PXH_E_HANDLE ? PXO_NOTHING : 0;
    for (char **known = argv + argc + 1; *known != NULL; known++)
        assign(*known, true);
    if (value_of("HOME", 4) == NULL)
        assign("HOME=/home", true);
    if (argc == 2 && same(argv[1], "--help"))
        return !put("usage: " OS_USAGE "\n");
    if (argc == 3 && same(argv[1], "-c")) {
        run_text(argv[2]);
        return (int)last;
    }
    if (argc > 1 && argv[1][0] == '-')
        return usage();
    if (argc > 1) {
        parameters = argv + 1;
        parameter_count = (uint32_t)argc - 1;
        run_script(argv[1]);
        return (int)last;
    }
    terminal = ask_keys(false);
    if (terminal)
        put("pxOS. Type help for what there is, man NAME for more.\n");
    run_lines();
    if (terminal)
        put("\n");
    return (int)last;
}
