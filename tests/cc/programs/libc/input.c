/* input.c - standard input to its end: lines counted, words reversed. */
#include <stdio.h>
#include <string.h>

int main(void)
{
    char line[200];
    int lines = 0, numbers = 0, sum = 0, x;
    while (fgets(line, sizeof line, stdin) != NULL) {
        lines++;
        if (sscanf(line, "%d", &x) == 1) {
            numbers++;
            sum += x;
        }
        for (size_t i = strcspn(line, "\n"); i-- > 0;)
            putchar(line[i]);
        putchar('\n');
    }
    printf("%d lines, %d numbers, %d\n", lines, numbers, sum);
    return lines == 0;
}
