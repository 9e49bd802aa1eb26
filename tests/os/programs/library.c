/* library.c - files through the C library; it ends with the number of the first thing that is wrong. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int check(void)
{
    char line[100];
    struct stat about;
    if (mkdir("/home/l", 0777) != 0 || chdir("/home/l") != 0)
        return 1;
    if (getcwd(line, sizeof line) == NULL || strcmp(line, "/home/l") != 0)
        return 2;
    FILE *f = fopen("a", "w+");
    if (f == NULL || fprintf(f, "%d lines\n", 3) != 8 || fputs("second\nthird\n", f) < 0)
        return 3;
    rewind(f);
    if (fgets(line, sizeof line, f) == NULL || strcmp(line, "3 lines\n") != 0)
        return 4;
    if (fseek(f, -6, SEEK_END) != 0 || fgets(line, sizeof line, f) == NULL || strcmp(line, "third\n") != 0)
        return 5;
    if (fclose(f) != 0 || stat("a", &about) != 0 || about.st_size != 21)
        return 6;
    if (rename("a", "b") != 0 || open("a", O_RDONLY) != -1 || errno != ENOENT)
        return 7;
    if (mkdir("/home/l", 0777) != -1 || errno != EEXIST)
        return 8;
    if (remove("b") != 0 || remove("b") != -1 || errno != ENOENT)
        return 9;
    return chdir("..") != 0 || rmdir("l") != 0 ? 10 : 0;
}

int main(void)
{
    const int wrong = check();
    if (wrong != 0)
        printf("%d is wrong: %s\n", wrong, strerror(errno));
    return wrong;
}
