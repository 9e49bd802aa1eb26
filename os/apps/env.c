/* env - the environment, or a program with another
 *
 * usage: env [NAME=VALUE.. [PROGRAM [ARGUMENT..]]]
 *
 * Without a PROGRAM it is printed. */
#include "os/apps/app.h"

enum { ROOM = 1024 };

static char strings[ROOM];
static uint32_t used;

static void add(const char *text)
{
    const uint32_t size = length_of(text) + 1;
    for (uint32_t i = 0; i < size && used + size <= ROOM; i++)
        strings[used + i] = text[i];
    used += used + size <= ROOM ? size : 0;
}

static bool is_assignment(const char *text)
{
    while (*text != '\0' && *text != '=')
        text++;
    return *text == '=';
}

/* Whether one of these is of the same name. */
static bool is_among(const char *text, char **list, int count)
{
    for (int i = 0; i < count; i++) {
        uint32_t at = 0;
        while (text[at] != '=' && text[at] == list[i][at])
            at++;
        if (text[at] == '=' && list[i][at] == '=')
            return true;
    }
    return false;
}

static int run(int argc, char **argv, int program)
{
    char **known = argv + argc + 1;
    pxo_ended how;
    for (int i = program; i < argc; i++)
        add(argv[i]);
    for (int i = 1; i < program; i++)
        add(argv[i]);
    for (; *known != NULL; known++)
        if (!is_among(*known, argv + 1, program - 1))
            add(*known);
    const pxo_spawn_more what = {
        {PXO_ADDRESS(argv[program]), length_of(argv[program]), PXO_ADDRESS(strings), used, inherited(0), inherited(1)},
        inherited(2),
        (uint32_t)(argc - program)};
    const int32_t pid = pxo_start_more(&what);
    if (failed("env", argv[program], pid))
        return 127;
    pxo_wait((uint32_t)pid, &how);
    return how.how == PXO_EXITED ? (int)how.status : 128;
}

int main(int argc, char **argv)
{
    int program = 1;
    bool good = true;
    if (asks_help(argc, argv))
        return 0;
    while (program < argc && is_assignment(argv[program]))
        program++;
    if (program < argc)
        return run(argc, argv, program);
    for (char **known = argv + argc + 1; *known != NULL && good; known++)
        good = is_among(*known, argv + 1, argc - 1) || (put(*known) && put("\n"));
    for (int i = 1; i < argc; i++)
        good = put(argv[i]) && put("\n") && good;
    return !good;
}
