/* text.c - strings, printf and scanf, sorting of words, numbers to text and back. */
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char verse[] = "Pixels march in rows of four, Red and Green and Blue and more; what was Picture now is "
                            "Code, every Pixel bears its load.";

static int by_text(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

int main(void)
{
    char copy[sizeof verse], *word[40], out[100];
    int count = 0;
    strcpy(copy, verse);
    for (char *w = strtok(copy, " ,;."); w != NULL; w = strtok(NULL, " ,;."))
        word[count++] = w;
    qsort(word, (size_t)count, sizeof *word, by_text);
    for (int i = 0; i < count; i++)
        printf("%s%s", word[i], i + 1 < count ? "|" : "\n");
    for (char *c = copy; c < copy + sizeof copy; c++)
        *c = (char)(isupper((unsigned char)*c) ? tolower((unsigned char)*c) : toupper((unsigned char)*c));
    printf("%s %zu %s\n", copy, strlen(verse), strstr(verse, "now"));
    snprintf(out, sizeof out, "[%5d|%-8s|%08x|%+.3f|%g|%c|%%|%o]", -42, "abc", 0xBEEF, 3.14159, 1e-7, 'x', 511);
    puts(out);
    int a = 0, b = 0;
    double d = 0;
    char name[20] = "";
    printf("%d", sscanf("17 -0x1F 2.5e3 hello", "%d %i %lf %19s", &a, &b, &d, name));
    printf(" %d %d %.2f %s %ld %.6f\n", a, b, d, name, strtol("-777abc", NULL, 8), atof("0.1"));
    printf("%.9f %.9f %.9f\n", sin(1.0), pow(2.0, 0.5), exp(-1.5));
    return 0;
}
