/* standard - a program of the C library that knows nothing of pxOS: prints its words, and its input by lines. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv)
{
    char line[80];
    for (int i = 1; i < argc; i++)
        printf("%d: %-5s|\n", i, argv[i]);
    while (fgets(line, sizeof line, stdin) != NULL)
        printf("%3zu %s", strlen(line), line);
    char *const much = malloc(100000);
    printf("%s %.3f\n", much != NULL ? "room" : "no room", 355.0 / 113);
    return 3;
}
