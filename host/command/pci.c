/* pci.c - px pci: a program that is the operating system of an emulated machine, as its accelerator. */
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "exec/registry.h"
#include "exec/run.h"
#include "host/commands.h"
#include "host/files.h"
#include "host/hosting.h"
#include "pci/pci.h"
#include "pxi/number.h"
#include "pxi/png/picture_file.h"

typedef struct arguments {
    const char *file, *on, *listen, *output, *memory;
    uint64_t bytes; /* of memory */
    uint32_t timeout;
    bool direct, quiet;
    px_hosting hosting;
    bool exited;
    int status;
} arguments;

static const char about[] =
    "Run a pixel program as the accelerator of an emulated machine, whose processor does what the program asks for.\v"
    "The machine is QEMU's, with `-device ivshmem-doorbell`, and boots pxOS' microkernel, which make micro builds. The "
    "program has the services of HOST.md that are the machine's: ports, memory of devices, configuration registers, "
    "pages that devices reach, interrupts; and those that any host has, and what it is granted.\n\n"
    "The image has a place in the memory that devices reach. What a device has delivered there is copied to the "
    "program, and what it is to fetch is copied there, when the program says so. With --direct the program runs there, "
    "on executors that work in this process's memory: nothing is copied, and a program that looks at bytes before it "
    "has asked for them sees what the device has done so far, which no log can replay. Use it for programs that you "
    "trust with this process: what they let a device write over the image, the executor is working on.\n\n"
    "A machine that is reset starts the program again from its file. When the machine is gone, what the program was is "
    "kept with -o, waiting at what it had asked for.\n\n"
    "Example:\n"
    "  px pci lspci.pxi --listen unix:pci.sock &\n"
    "  qemu-system-x86_64 -machine q35 -smp 2 -display none -serial stdio -kernel micro.img \\\n"
    "      -chardev socket,id=px,path=pci.sock -device ivshmem-doorbell,chardev=px,vectors=1\n\n"
    "Exit status: what the program exits with; 1 trapped, 2 wrong usage or bad input, 3 stopped, by a signal or "
    "because "
    "the machine is gone.";

/* As QEMU has sizes of memory: M is 2^20, G 2^30. */
static bool parse_memory(arguments *a, px_error *error)
{
    const char *end = a->memory;
    if (px_scan_number(&end, &a->bytes) && a->bytes <= UINT32_MAX) {
        const int shift = *end == 'M' ? 20 : *end == 'G' ? 30 : 0;
        a->bytes <<= shift;
        if (end[shift > 0] == '\0')
            return true;
    }
    return px_fail(error, PX_E_USAGE, "--memory takes bytes, as 256M or 1G; found '%s'", a->memory);
}

static bool check(void *arguments_read, px_error *error)
{
    arguments *a = arguments_read;
    a->hosting.host = a->hosting.replay == NULL;
    if (a->listen == NULL)
        return px_fail(error, PX_E_USAGE, "--listen unix:PATH says where the machine finds its accelerator");
    if (a->hosting.replay != NULL)
        return px_fail(error, PX_E_USAGE, "a log is fed without a machine: px run --replay");
    return parse_memory(a, error) && px_hosting_check(&a->hosting, NULL, error);
}

static void read_arguments(arguments *a, int argc, char **argv)
{
    const px_option options[] = {
        PX_OPTION_ON(&a->on),
        {"listen", 0, "unix:PATH", "where QEMU's -chardev socket finds it", .text = &a->listen},
        {"memory", 0, "BYTES", "of memory that devices reach, BAR2 of the machine: a power of two (256M)",
         .text = &a->memory},
        {"direct", 0, NULL, "the program runs in that memory, and devices deliver straight into its image",
         .flag = &a->direct},
        {"timeout", 0, "S", "seconds that the machine may take over a request (10)", .number = &a->timeout, 1, 3600},
        PX_HOSTING_OPTIONS(&a->hosting),
        PX_OPTION_OUTPUT(&a->output, "write the image when the program has ended, the saved state otherwise"),
        PX_OPTION_QUIET(&a->quiet, "print only errors"),
        {0}};
    const px_command_line line = {.about = about,
                                  .options = options,
                                  .usage = "FILE",
                                  .what = "program",
                                  .input = &a->file,
                                  .missing = "no program given",
                                  .check = check,
                                  .arguments = a};
    px_read_arguments(&line, argc, argv);
}

static bool write_result(const arguments *a, px_machine *machine, const px_stop *stop, px_error *error)
{
    px_view view;
    px_rows rows;
    const bool image = stop->status == PX_HALTED || a->exited;
    return a->output == NULL ||
           (px_machine_rows(machine, image, &view, &rows, error) && px_write_or_keep(&rows, 0, a->output, error));
}

static void print_counts(const arguments *a, const px_pci *pci)
{
    const px_pci_counts c = px_pci_count(pci);
    struct rusage own;
    if (a->quiet)
        return;
    fprintf(stderr, "px pci: %s requests", px_grouped(c.requests));
    fprintf(stderr, " in %s batches", px_grouped(c.batches));
    fprintf(stderr, ", %s interrupts", px_grouped(c.interrupts));
    fprintf(stderr, "; the machine was woken %s times", px_grouped(c.wakes));
    if (getrusage(RUSAGE_SELF, &own) == 0)
        fprintf(stderr, "; %.2f s of processor time here",
                (double)(own.ru_utime.tv_sec + own.ru_stime.tv_sec) +
                    (double)(own.ru_utime.tv_usec + own.ru_stime.tv_usec) / 1e6);
    if (c.machine > 0)
        fprintf(stderr, ", %.2f s there", c.machine);
    fputc('\n', stderr);
}

/* How the run ended, where the program has not said it. *gone: with the machine, as told says. */
static bool finish(arguments *a, px_machine *machine, px_stop *stop, const px_pci *pci, bool *again, px_error *error)
{
    px_error told = {0};
    const bool gone = px_host_abandoned(a->hosting.running, &told);
    char text[256];
    *again = gone && px_pci_was_reset(pci) && a->hosting.record == NULL;
    if (!px_hosting_end(&a->hosting, stop, &a->exited, &a->status, error))
        return false;
    if (gone)
        fprintf(stderr, "px pci: %s%s\n", told.text, *again ? "; the program starts again" : "");
    if (*again)
        return true;
    if (!a->quiet && stop->status != PX_HALTED && !a->exited) {
        px_stop_text(stop, machine->w, px_interrupted(), text, sizeof text);
        fprintf(stderr, "px pci: %s\n", text);
    }
    print_counts(a, pci);
    return write_result(a, machine, stop, error);
}

/* A machine of the executor: with --direct in the memory that devices reach, if it can. */
static bool make_machine(const arguments *a, px_executor *executor, const px_state *start, const px_pci *pci,
                         px_machine **machine, px_error *error)
{
    px_state lent = *start;
    if (!a->direct)
        return px_machine_create(executor, start, machine, error);
    lent.mem = px_pci_image(pci);
    lent.lent = true;
    memcpy(lent.mem, start->mem, (size_t)px_state_pixels(start) * sizeof *lent.mem);
    if (!px_machine_create_from(executor, &lent, machine, error))
        return false;
    if (!(*machine)->in_place && !a->quiet)
        fprintf(stderr, "px pci: %s has memory of its own: what devices deliver is copied\n", executor->name);
    return true;
}

/* The program from its beginning, on the machine that is there. */
static bool run_once(arguments *a, px_executor *executor, const px_state *start, px_pci *pci, px_stop *stop,
                     bool *again, px_error *error)
{
    px_answerer answerer;
    px_machine *machine;
    uint64_t budget = PX_NO_BUDGET;
    a->hosting.grants.bare = px_pci_bare(pci);
    if (!px_hosting_begin(&a->hosting, start, false, &budget, &answerer, error) ||
        !make_machine(a, executor, start, pci, &machine, error))
        return false;
    const bool ok =
        px_run_answering(machine, budget, &answerer, false, stop, error) && finish(a, machine, stop, pci, again, error);
    px_machine_drop(machine, NULL);
    return ok;
}

static bool run(arguments *a, px_executor *executor, const px_state *start, px_pci *pci, px_stop *stop, px_error *error)
{
    bool again = true;
    px_catch_signals();
    while (again) {
        if (!px_pci_meet(pci, error)) {
            *stop = (px_stop){.status = PX_RUNNING};
            return error->code == PX_OK;
        }
        if (!run_once(a, executor, start, pci, stop, &again, error))
            return false;
    }
    return true;
}

static bool open_device(const arguments *a, const px_state *start, px_pci **pci, px_error *error)
{
    const uint64_t row = (uint64_t)start->w * sizeof *start->mem;
    const px_pci_plan plan = {.listen = a->listen,
                              .memory = a->bytes,
                              .before = px_state_rows(start->w) * row,
                              .image = start->h * row,
                              .timeout = a->timeout};
    return px_pci_open(pci, &plan, error);
}

int px_cmd_pci(int argc, char **argv)
{
    arguments a = {.on = PX_USUAL, .memory = "256M", .timeout = 10};
    px_error error = {0};
    px_state start = {0};
    px_executor *executor = NULL;
    px_pci *pci = NULL;
    px_stop stop = {0};
    px_hosting_init(&a.hosting);
    read_arguments(&a, argc, argv);
    const bool ok =
        px_read_program(&start, a.file, NULL, &error) &&
        (a.output == NULL || (px_picture_place(a.output, &error) && px_spares_input(a.file, a.output, true, &error))) &&
        px_executor_open(&executor, a.on, &error) && open_device(&a, &start, &pci, &error) &&
        run(&a, executor, &start, pci, &stop, &error);
    px_hosting_abandon(&a.hosting);
    const int status = ok ? (a.exited ? a.status : px_stop_exit(&stop)) : px_complain(argv[0], &error);
    px_pci_close(pci);
    px_executor_close(executor);
    px_state_free(&start);
    return status;
}
