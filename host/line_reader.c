/* line_reader.c - see line_reader.h. */
#include "host/line_reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef PX_HAVE_LIBEDIT
#include <editline/readline.h>

static const char *(*known)(unsigned long index);

static char *fitting(const char *begun, int state)
{
    static unsigned long next;
    if (state == 0)
        next = 0;
    for (const char *word; (word = known(next)) != NULL;) {
        next++;
        if (strncmp(word, begun, strlen(begun)) == 0)
            return strdup(word);
    }
    return NULL;
}

/* Only the first word is known; behind it are expressions and the names of files. */
static char **complete(const char *begun, int start, int end)
{
    (void)end;
    return start == 0 ? rl_completion_matches(begun, fitting) : NULL;
}

static char *edited(const char *prompt, const char *(*word)(unsigned long index))
{
    known = word;
    rl_attempted_completion_function = complete;
    char *line = readline(prompt);
    if (line != NULL && *line != '\0')
        add_history(line);
    return line;
}
#else
static char *edited(const char *prompt, const char *(*word)(unsigned long index))
{
    (void)word;
    fputs(prompt, stdout);
    fflush(stdout);
    return px_line_read(prompt, false, NULL);
}
#endif

char *px_line_read(const char *prompt, bool terminal, const char *(*word)(unsigned long index))
{
    static const char mark[] = "\xEF\xBB\xBF"; /* of byte order, in front of a script from Windows */
    static bool read_before;
    char *line = NULL;
    size_t room = 0;
    if (terminal)
        return edited(prompt, word);
    const ssize_t length = getline(&line, &room, stdin);
    if (length < 0) {
        free(line);
        return NULL;
    }
    line[strcspn(line, "\r\n")] = '\0';
    if (!read_before && strncmp(line, mark, strlen(mark)) == 0)
        memmove(line, line + strlen(mark), strlen(line + strlen(mark)) + 1);
    read_before = true;
    return line;
}
