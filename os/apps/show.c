/* show - runs a program and shows the picture that it leaves
 *
 * usage: show [-o FILE] PROGRAM [ARGUMENT..]
 *
 * Two pixels, one above the other, are a character; of a picture of more than
 * 80 columns every second pixel is shown, or every third, and so on.
 *
 * -o: the picture is not shown but written to FILE, as a program. On the host
 * `px cp --picture DISK:/FILE picture.png` makes a PNG of it.
 *
 * The gallery is there: atlas, bitonic, blend, cells, creeper, digits, equalise,
 * fire, fork, hyper, life, mandelbrot, matmul, mlp, rule90, scalar, scheduler,
 * sieve, sphere, terrain and voronoi, each with a page of its own.
 *
 * The status is the program's: 128 and the cause of a trap, 137 when killed. */
#include "os/apps/app.h"
#include "os/map.h"

enum { COLUMNS = 80, PIECE = 128, NO_COLOUR = 1u << 24 };

static uint32_t child, width, height;
static uint32_t piece[PIECE];

/* Pixels of the child's picture from `first` on, PIECE at most, and its size. */
static int32_t look(uint32_t first, uint32_t pixels)
{
    pxo_picture what = {PXO_ADDRESS(piece), pixels, first, 0, 0};
    const int32_t got = pxo_look(child, &what);
    width = what.width;
    height = what.height;
    return got;
}

/* ---- on the terminal ---- */

static void read_row(uint32_t y, uint32_t step, uint32_t row[COLUMNS])
{
    for (uint32_t x = 0; x < width; x += PIECE) {
        const uint32_t count = width - x < PIECE ? width - x : PIECE;
        look(y * width + x, count);
        for (uint32_t i = (step - x % step) % step; i < count; i += step)
            row[(x + i) / step] = y < height ? piece[i] & 0xFFFFFF : 0;
    }
}

/* The colour of what follows, where it is another. */
static void put_colour(const char *which, uint32_t colour, uint32_t *last)
{
    if (colour == *last)
        return;
    *last = colour;
    put(which);
    for (unsigned c = 0; c < 3; c++) {
        put(";");
        put_number(colour >> 8 * c & 255, 0);
    }
    put("m");
}

static void draw(void)
{
    static uint32_t upper[COLUMNS], lower[COLUMNS];
    const uint32_t step = (width + COLUMNS - 1) / COLUMNS;
    for (uint32_t y = 0; y < height; y += 2 * step) {
        uint32_t front = NO_COLOUR, back = NO_COLOUR;
        read_row(y, step, upper);
        read_row(y + step, step, lower);
        for (uint32_t x = 0; x * step < width; x++) {
            put_colour("\033[38;2", upper[x], &front);
            put_colour("\033[48;2", lower[x], &back);
            put("\xE2\x96\x80");
        }
        put("\033[0m\n");
    }
}

/* ---- in a file ---- */

static bool save(const char *name)
{
    const int32_t handle = open_file(name, PXH_FOR_WRITE | PXH_CREATE | PXH_TRUNCATE);
    if (failed("show", name, handle))
        return false;
    const uint32_t pixels = width * height;
    const uint32_t header[OS_PROGRAM_HEADER] = {
        OS_PROGRAM_MAGIC, width, height, piece[1] < pixels ? piece[1] : 0, pixels, OS_PROGRAM_PLAIN};
    bool good = put_bytes((uint32_t)handle, (const char *)header, sizeof header);
    for (uint32_t at = 0; at < pixels && good; at += PIECE) {
        const int32_t got = look(at, PIECE);
        good = got > 0 && put_bytes((uint32_t)handle, (const char *)piece, 4 * (uint32_t)got);
    }
    pxo_close((uint32_t)handle);
    return good || !(complain("show: ") && complain(name) && complain(": no room for the picture\n"));
}

int main(int argc, char **argv)
{
    const bool kept = argc > 3 && same(argv[1], "-o");
    const int first = kept ? 3 : 1;
    if (asks_help(argc, argv))
        return 0;
    if (argc < 2 || (argv[1][0] == '-' && !kept))
        return usage();
    const int32_t pid = start_rest(argc, argv, first);
    pxo_ended how;
    if (failed("show", argv[first], pid))
        return pid == PXH_E_ABSENT ? 127 : 126;
    child = (uint32_t)pid;
    pxo_wait(child | PXO_KEEP, &how);
    look(0, 2);
    if (!kept)
        draw();
    else if (!save(argv[2]))
        return 1;
    pxo_wait(child, &how);
    return (int)status_of(&how);
}
