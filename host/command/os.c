/* os.c - px os: pxOS, hosted by this terminal. It is px run --host with the system's picture and what sessions want. */
#include <limits.h>
#include <stddef.h>
#include <stdio.h>

#include "exec/registry.h"
#include "host/commands.h"
#include "host/data.h"
#include "os/picture.h"

enum { MOST_DISKS = 4, MOST_WORDS = 20 + 2 * MOST_DISKS };

typedef struct arguments {
    const char *file, *on, *save, *record, *replay, *seed, *net, *frames, *disk[MOST_DISKS];
    bool screen;
    px_values disks;
} arguments;

static const char about[] =
    "Start pxOS, an operating system that is one picture.\v"
    "FILE is the os.pxi that was built or installed with px, unless another is named, or a system that --save has "
    "written, which goes on where it was stopped, on any executor. The terminal is its console: Ctrl-C there ends the "
    "program that the shell waits for, Ctrl-] q stops the whole system and saves it, Ctrl-] ? tells more. Its first "
    "shell ends with `exit`, or where input ends. What stops it otherwise, as SIGTERM does, saves it too.\n\n"
    "Several executors behind --on run the same session in lockstep. Where they differ it ends, and px tells the "
    "first instruction that differed, the process that it was for, and the system call.\n\n"
    "Examples:\n"
    "  px os --save later.pxi\n"
    "  px os later.pxi --on ref,opencl\n"
    "  px mkfs disk.raw --size 4M && px os --disk disk.raw\n"
    "  px os --record session.log && px os --replay session.log --on ref\n\n"
    "Exit status: that of the first shell; 2 wrong usage, bad input, or executors that differ; 3 stopped by Ctrl-] q "
    "or a "
    "signal.";

static const char kept[] = "os.saved.pxi";

static void read_arguments(arguments *a, int argc, char **argv)
{
    const px_option options[] = {
        PX_OPTION_ON_LIST(&a->on, PX_USUAL, ": one, or several in lockstep"),
        {"save", 0, "FILE",
         "when it is stopped write its state, to go on with (os.saved.pxi); when it has ended, its picture",
         .output = &a->save},
        {"disk", 0, "FILE", "a disk, at /disk0 and so on: raw, or a PNG of the same pixels; FILE:ro to read",
         .values = &a->disks},
        {"net", 0, "PLACE", "an Ethernet, as px run has it", .text = &a->net},
        {"screen", 0, "DIR", "a display in the terminal, its keys and mouse; with DIR as PNG files there",
         .flag = &a->screen, .text = &a->frames},
        {"seed", 0, "N", "chance is the sequence of this number", .text = &a->seed},
        {"record", 0, "FILE", "write every answer of the host to a log", .text = &a->record},
        {"replay", 0, "FILE", "answer as a log says, which --record wrote", .input = &a->replay},
        {0}};
    const px_command_line line = {
        .about = about, .options = options, .usage = "[FILE]", .what = "system", .input = &a->file, .arguments = a};
    px_read_arguments(&line, argc, argv);
}

static bool is_system(const px_state *start, const char *file, px_error *error)
{
    os_map map;
    return os_picture_map(start, &map) ||
           px_fail(error, PX_E_INPUT, "%s is no picture of pxOS, and no saved one; px run runs other programs", file);
}

/* An option with its value, if it was given. */
static int add(const char **words, int count, const char *option, const char *value)
{
    if (value == NULL)
        return count;
    words[count] = option;
    words[count + 1] = value;
    return count + 2;
}

int px_cmd_os(int argc, char **argv)
{
    arguments a = {.file = NULL};
    const char *words[MOST_WORDS] = {argv[0]};
    char system[PATH_MAX + 32], screen[PATH_MAX + 16];
    px_error error = {0};
    a.disks = (px_values){a.disk, 0, MOST_DISKS};
    read_arguments(&a, argc, argv);
    if (a.file == NULL && !px_data_system(system, sizeof system, &error))
        return px_complain(argv[0], &error);
    int count = 1;
    words[count++] = a.file != NULL ? a.file : system;
    if (a.replay == NULL)
        words[count++] = "--host";
    count = add(words, count, "--on", a.on);
    count = add(words, count, "--output", a.save);
    count = add(words, count, "--net", a.net);
    snprintf(screen, sizeof screen, "--screen%s%s", a.frames != NULL ? "=" : "", a.frames != NULL ? a.frames : "");
    if (a.screen)
        words[count++] = screen;
    count = add(words, count, "--seed", a.seed);
    count = add(words, count, "--record", a.record);
    count = add(words, count, "--replay", a.replay);
    for (size_t i = 0; i < a.disks.count; i++)
        count = add(words, count, "--disk", a.disk[i]);
    const px_run_kind kind = {
        .saves = "--save FILE", .kept = kept, .several = true, .commands = true, .check = is_system};
    return px_run_as(count, (char **)words, &kind);
}
