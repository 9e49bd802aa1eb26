/* run_command.h - runs a px command in a child process, for its exit status and what it prints. */
#ifndef TESTS_RUN_COMMAND_H
#define TESTS_RUN_COMMAND_H

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host/commands.h"
#include "tests/unit/make_png.h"

typedef struct run_result {
    int status;
    char text[8192]; /* stdout and stderr together */
} run_result;

/* argv ends in NULL. */
static inline run_result run_command(px_command *command, char **argv)
{
    run_result result = {-1, ""};
    int count = 0, ends[2];
    while (argv[count] != NULL)
        count++;
    fflush(NULL);
    if (pipe(ends) != 0)
        abort();
    const pid_t child = fork();
    if (child == 0) {
        dup2(ends[1], 1);
        dup2(ends[1], 2);
        close(ends[0]);
        close(ends[1]);
        exit(command(count, argv));
    }
    close(ends[1]);
    size_t size = 0;
    for (ssize_t n; (n = read(ends[0], result.text + size, sizeof result.text - 1 - size)) > 0;)
        size += (size_t)n;
    close(ends[0]);
    int status;
    if (waitpid(child, &status, 0) == child && WIFEXITED(status))
        result.status = WEXITSTATUS(status);
    return result;
}

static inline void write_file(const char *path, const bytes *content)
{
    FILE *file = fopen(path, "wb");
    if (file == NULL || fwrite(content->data, 1, content->size, file) != content->size || fclose(file) != 0)
        abort();
}

#endif
