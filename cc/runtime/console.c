/* console.c - picolibc's stdin, stdout and stderr. Output goes to the host by lines, and before input is waited for. */
#include <stdio.h>
#include <unistd.h>

enum { ROOM = 512 };

static char out_bytes[ROOM], in_bytes[ROOM];
static int out_count, in_count, in_taken;

static int flush_out(FILE *file)
{
    int done = 0;
    (void)file;
    while (done < out_count) {
        const ssize_t now = write(STDOUT_FILENO, out_bytes + done, (size_t)(out_count - done));
        if (now <= 0)
            break;
        done += now;
    }
    const int result = done == out_count ? 0 : EOF;
    out_count = 0;
    return result;
}

static int put_out(char byte, FILE *file)
{
    out_bytes[out_count++] = byte;
    const int failed = out_count == ROOM || byte == '\n' ? flush_out(file) : 0;
    return failed != 0 ? EOF : (unsigned char)byte;
}

static int put_error(char byte, FILE *file)
{
    (void)file;
    return write(STDERR_FILENO, &byte, 1) == 1 ? (unsigned char)byte : EOF;
}

static int get_in(FILE *file)
{
    if (in_taken == in_count) {
        flush_out(file);
        in_taken = 0;
        in_count = read(STDIN_FILENO, in_bytes, ROOM);
        if (in_count <= 0) {
            const int what = in_count == 0 ? _FDEV_EOF : _FDEV_ERR;
            in_count = 0;
            return what;
        }
    }
    return (unsigned char)in_bytes[in_taken++];
}

static FILE out = FDEV_SETUP_STREAM(put_out, NULL, flush_out, _FDEV_SETUP_WRITE);
static FILE error = FDEV_SETUP_STREAM(put_error, NULL, NULL, _FDEV_SETUP_WRITE);
static FILE in = FDEV_SETUP_STREAM(NULL, get_in, NULL, _FDEV_SETUP_READ);

FILE *const stdin = &in;
FILE *const stdout = &out;
FILE *const stderr = &error;

__attribute__((destructor)) static void flush_at_end(void) { flush_out(stdout); }
