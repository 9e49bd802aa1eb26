/* about CHILDREN CALLS - children ask in the same rounds what names and handles are about, wrong ones too; prints what
 * each was answered, as a sum. Whether they were served together or one by one, it must be the same. */
#include "os/apps/app.h"

/* Of these some are there, some have a mount, some are no names. */
static const char *const names[] = {
    "/bin/ls", "/bin/sh", "/bin/cat", "/bin/nobody", "/bin/l", "/bin//ls", "/bin/./ls", "/bin/../bin/ls", "/bin/ls/",
    "/bin/ls/x", "/bin/.", "/bin/..", "/bin", "/", "", ".", "..", "ls", "bin", "bin/ls", "./sh", "n7", "n266", "/disk0",
    "/disk0/", "disk0", "/disk0/f", "/disk1/f", "/disk2", "/nowhere/ls", "/disk0/many/n1", "/disk0/many/n2",
    "/disk0/many/n255", "/disk0/many/n256", "/disk0/many/n266", "/disk0/many/n267",
    "/disk0/many/a-name-of-fifty-six-bytes-which-is-as-long-as-names-get1",
    "/disk0/many/a-name-of-fifty-six-bytes-which-is-as-long-as-names-get2",
    "/disk0/many/a-name-of-fifty-six-bytes-which-is-as-long-as-names-get12",
    /* of the same hash: two that are there, and one that is and one that is not */
    "/disk0/many/nnhbauim", "/disk0/many/zvvdrmhf", "/disk0/many/zedsndda", "/disk0/many/fjvqiwal",
    "/disk0/many/folder", "/disk0/many/linked", "/disk0/many/../many/n2"};
static const char *const folders[] = {"/", "/bin", "/disk0/many"};
enum { NAMES = sizeof names / sizeof *names, HANDLES = 9, MOST = 96 /* bytes of a name, with what is around it */ };

static uint32_t chance_now, sum = 2166136261u, text[MOST / 4], told[9], opened[2];
static const char file[] = "/disk0/many/n1";
static pxo_stat about_file; /* asked alone */

static uint32_t chance(uint32_t below)
{
    chance_now = chance_now * 1664525 + 1013904223;
    return (chance_now >> 8) % below;
}

static void mix(uint32_t value) { sum = (sum ^ value) * 16777619u; }

static int32_t ask(const char *name)
{
    char *const to = (char *)text + chance(4);
    const uint32_t service = chance(8), length = length_of(name), address = PXO_ADDRESS(told) + (chance(16) == 0);
    for (uint32_t i = 0; i <= length; i++)
        to[i] = name[i];
    if (service >= 4)
        return px_sys(
            PXH_REQUEST(service < 6 ? PXO_FSTAT : PXH_SIZE, chance(4) == 0 ? chance(HANDLES) : opened[chance(2)]),
            address);
    const pxo_told block = {chance(16) == 0 ? 0x7FFFFF00 + chance(9) : PXO_ADDRESS(to),
                            length + chance(32) / 30 - chance(32) / 30, chance(32) == 0 ? 0xFFFFFFF0 : address};
    return px_sys(PXH_REQUEST(PXO_STAT, chance(32) == 0), PXO_ADDRESS(&block) + (chance(32) == 0));
}

/* What is of the time of the test must not be in the sum. */
static void work(uint32_t calls)
{
    for (; calls > 0; calls--) {
        const char *const name = names[chance(NAMES)];
        for (uint32_t i = 0; i < 9; i++)
            told[i] = 0;
        mix((uint32_t)ask(name));
        const bool same = told[0] == PXH_FILE && told[5] == about_file.number && told[7] == about_file.file_system;
        told[3] = same && told[3] == about_file.modified;
        told[4] = same && told[4] == about_file.modified_high;
        for (uint32_t i = 0; i < 9; i++)
            mix(told[i]);
    }
}

int main(int argc, char **argv)
{
    uint32_t children, calls, ends[2], report[PXO_MESSAGE_WORDS] = {0};
    if (argc < 3 || !read_number(argv[1], &children) || !read_number(argv[2], &calls) || pxo_pipe(ends) != 0 ||
        pxo_stat_of(file, sizeof file - 1, &about_file) < 0)
        return 2;
    opened[0] = (uint32_t)open_file(file, PXH_FOR_READ);
    opened[1] = (uint32_t)open_file("/bin/cat", PXH_FOR_READ);
    const uint32_t parent = (uint32_t)pxo_getpid();
    for (uint32_t own = 0; own < children; own++) {
        const int32_t child = pxo_fork();
        if (child < 0)
            return 1;
        if (child == 0) { /* until all are there: nobody has the other end of the pipe any more */
            const char *const folder = folders[own % 3];
            const pxo_name in = {PXO_ADDRESS(folder), length_of(folder)};
            const pxh_read end = {PXO_ADDRESS(told), 4, 0, 0};
            pxo_close(ends[1]);
            px_sys(PXH_REQUEST(PXH_READ, ends[0]), PXO_ADDRESS(&end));
            pxo_close(ends[0]);
            mix((uint32_t)px_sys(PXH_REQUEST(PXO_CHDIR, 0), PXO_ADDRESS(&in)));
            chance_now = own * 2654435761u;
            work(calls);
            report[0] = own;
            report[1] = sum;
            return pxo_post(parent, report), 0;
        }
    }
    pxo_close(ends[1]);
    for (uint32_t i = 0; i < children; i++) {
        pxo_take(0, report);
        put("file ");
        put_number(report[0], 3);
        put_number(report[1], 11);
        put("\n");
    }
    return 0;
}
