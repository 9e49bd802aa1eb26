/* library.c - the C library as programs use it: malloc, qsort, setjmp, time that goes on, strings, mathematics, exit
 * handlers. */
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static int by_text(const void *a, const void *b) { return strcmp(*(const char *const *)a, *(const char *const *)b); }
static void at_end(void) { puts("at the end"); }
static void before_that(void) { puts("before that"); }

static jmp_buf place;
static void fails(int depth)
{
    if (depth == 0)
        longjmp(place, 42);
    fails(depth - 1);
}

static unsigned allocate(void)
{
    unsigned sum = 0;
    char *kept[50] = {0};
    for (unsigned i = 0; i < 500; i++) {
        char **slot = &kept[i * 7 % 50];
        const size_t size = i * 37 % 900 + 1;
        *slot = realloc(*slot, size);
        if (*slot == NULL)
            return 0;
        memset(*slot, (int)i, size);
        sum = sum * 31 + (unsigned char)(*slot)[size - 1];
    }
    for (int i = 0; i < 50; i++)
        free(kept[i]);
    return sum;
}

int main(int argc, char **argv)
{
    const char *words[] = {"row", "pixel", "image", "alpha", "word", "byte"};
    char line[80] = "";
    atexit(at_end);
    atexit(before_that);
    qsort(words, 6, sizeof *words, by_text);
    for (int i = 0; i < 6; i++)
        strcat(strcat(line, words[i]), i < 5 ? "," : "");
    puts(line);
    int count = 0;
    for (char *word = strtok(line, ","); word != NULL; word = strtok(NULL, ","))
        count += toupper((unsigned char)*word);
    printf("%d %u\n", count, allocate());
    const int jumped = setjmp(place);
    if (jumped == 0)
        fails(5);
    printf("%d %d %d\n", jumped, argc >= 1, argv[argc] == NULL);
    printf("%.6f %.6f %.6f %.6f\n", sin(1.0), pow(2.0, 0.5), exp(1.0), atan2(1.0, -1.0));
    const clock_t before = clock();
    printf("%d %d\n", clock() >= before, time(NULL) != (time_t)-1);
    errno = 0;
    FILE *const absent = fopen("no/such/file", "r");
    printf("%d %d\n", absent == NULL, errno != 0);
    void *volatile room = malloc((size_t)-1 / 2);
    printf("%d\n", room == NULL);
    fputs("to the other channel\n", stderr);
    return 7;
}
