/* serial.c - px serial: a text, or a picture of serial operations, through the serial driver on an executor. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exec/drive.h"
#include "exec/registry.h"
#include "exec/run.h"
#include "host/commands.h"
#include "host/files.h"
#include "pxi/number.h"
#include "pxi/pixel.h"
#include "pxi/png/picture_file.h"
#include "wire/batch_client.h"
#include "wire/serial.h"

typedef struct arguments {
    px_operands texts;
    const char *text, *ops, *received, *on, *output, *serve;
    uint32_t divisor, line_control, batch;
    bool check, quiet;
} arguments;

static bool check(void *arguments_read, px_error *error)
{
    arguments *a = arguments_read;
    char **texts = a->texts.at;
    if (a->texts.count > 1)
        return px_fail(error, PX_E_USAGE, "one text at a time, found '%s' and '%s'; put it in quotes", texts[0],
                       texts[1]);
    a->text = a->texts.count > 0 ? texts[0] : NULL;
    if ((a->text == NULL) == (a->ops == NULL))
        return px_fail(error, PX_E_USAGE, "give either a text or a picture of operations (--ops)");
    return a->serve == NULL || (a->on == NULL && a->output == NULL && a->received == NULL) ||
           px_fail(error, PX_E_USAGE,
                   "--serve sends to the executor and the wire of a server: --on, --output and --received are not for "
                   "it");
}

static const char about[] =
    "Send a text through the serial driver, a pixel program, and show the frames with their times on the wire.\v"
    "Times count in units of the 16550's clock, 1/1.8432 MHz. A picture for --ops holds operations and no code, as "
    "the founding 256x1 format has it: A is 0 nothing, 1 write, 2 read, 3 set-up. With --serve the frames leave on a "
    "wire; if the server dies meanwhile, it is waited for, and each frame of a wire that is a file is sent exactly "
    "once; of other wires, operations in doubt are reported and not sent again. Exit status: 0, or 1 when executors "
    "differ or operations are in doubt, 2 for wrong usage, bad input, or a server that refuses.";

static void read_arguments(arguments *a, int argc, char **argv)
{
    const px_option options[] = {
        PX_OPTION_ON_LIST(&a->on, PX_USUAL, "; all are compared with the first"),
        {"divisor", 0, "D", "baud divisor, 1 (115,200 baud) to 65535", .number = &a->divisor, 1, 65535},
        {"lcr", 0, "L", "line control as in a 16550, 0 to 127; 3 is 8N1", .number = &a->line_control, 0, 127},
        {"ops", 0, "PICTURE", "instead of TEXT, a picture of operations: R data, G divisor, B line control, A kind",
         .input = &a->ops},
        {"received", 0, "TEXT", "the characters that reads receive", .text = &a->received},
        PX_OPTION_OUTPUT(&a->output, "write the driver's picture, ready to run, as well"),
        {"check", 0, NULL, "compare with the plain C version of the driver", .flag = &a->check},
        {"serve", 0, "PLACE", "send it, in batches, to the wire of a `px serve`: tcp:[HOST:]PORT, unix:PATH",
         .text = &a->serve},
        {"batch", 0, "N", "operations of a batch (4096)", .number = &a->batch, 1, 65535},
        PX_OPTION_QUIET(&a->quiet, "print only differences and errors"),
        {0}};
    const px_command_line line = {
        .about = about, .options = options, .usage = "[TEXT]", .operands = &a->texts, .check = check, .arguments = a};
    px_read_arguments(&line, argc, argv);
}

/* ---- making the batch ---- */

/* Operations and received characters, owned; the batch points to them. */
typedef struct input {
    px_picture operations, received;
    px_serial_batch batch;
} input;

/* One pixel a character: the byte in R, the rest as given. */
static bool characters(px_picture *picture, const char *text, uint32_t rest, px_error *error)
{
    const size_t length = strlen(text);
    if (length == 0 || length > PX_SERIAL_MOST)
        return px_fail(error, PX_E_USAGE, "a text of %zu characters; expected 1 to %" PRIu32, length, PX_SERIAL_MOST);
    if (!px_picture_new(picture, (uint32_t)length, 1, error))
        return false;
    for (size_t i = 0; i < length; i++)
        picture->px[i] = px_with_byte(rest, 0, (uint8_t)text[i]);
    return true;
}

static bool read_operations(px_picture *picture, const char *path, px_error *error)
{
    if (!px_picture_read(picture, path, error))
        return false;
    if (picture->w * picture->h > PX_SERIAL_MOST)
        return px_fail(error, PX_E_TOO_LARGE, "%s: %" PRIu32 " pixels; a batch has at most %" PRIu32 " operations",
                       path, picture->w * picture->h, PX_SERIAL_MOST);
    if (picture->px[0] == PX_MAGIC_PROGRAM || picture->px[0] == PX_MAGIC_STATE)
        return px_fail(error, PX_E_INPUT, "%s: a %s, expected a picture of serial operations; px run runs programs",
                       path, picture->px[0] == PX_MAGIC_PROGRAM ? "program" : "saved state");
    return true;
}

static bool make_input(const arguments *a, input *in, px_error *error)
{
    const uint32_t line = a->line_control << 16;
    const bool ok = a->ops != NULL
                        ? read_operations(&in->operations, a->ops, error)
                        : characters(&in->operations, a->text, pxs_write(0, 0, (uint32_t)a->line_control), error);
    if (!ok || (a->received != NULL && !characters(&in->received, a->received, 0, error)))
        return false;
    in->batch = (px_serial_batch){.operations = in->operations.px,
                                  .count = in->operations.w * in->operations.h,
                                  .received = in->received.px,
                                  .received_count = in->received.w * in->received.h,
                                  .setup = a->divisor | line | (uint32_t)PX_SERIAL_SETUP << 24};
    return true;
}

/* ---- printing ---- */

static void line_text(uint32_t line_control, char *text, size_t size)
{
    static const char parity[8] = {'N', 'O', 'N', 'E', 'N', 'M', 'N', 'S'};
    const uint32_t data = 5 + pxs_line_length(line_control);
    const uint32_t which =
        pxs_line_parity(line_control) | pxs_line_even(line_control) << 1 | pxs_line_stick(line_control) << 2;
    const char *stop = pxs_line_stop(line_control) == 0 ? "1" : data == 5 ? "1.5" : "2";
    snprintf(text, size, "%" PRIu32 "%c%s%s", data, parity[which], stop,
             pxs_line_break(line_control) != 0 ? " break" : "");
}

static void character_text(uint32_t c, char *text, size_t size)
{
    if (c >= 32 && c < 127)
        snprintf(text, size, "'%c'", (char)c);
    else
        snprintf(text, size, "0x%02" PRIX32, c);
}

static void print_frames(const px_serial_result *r)
{
    if (r->frame_count > 0)
        printf("   frame        start           ms      baud  line       data\n");
    for (uint32_t i = 0; i < r->frame_count; i++) {
        const uint32_t frame = r->frames[i], divisor = pxs_frame_divisor(frame);
        char line[32], data[16];
        line_text(pxs_frame_line(frame), line, sizeof line);
        character_text(pxs_frame_data(frame), data, sizeof data);
        printf("%8" PRIu32 " %12" PRIu32 " %12.4f %9.6g  %-10s %s\n", i, r->starts[i],
               r->starts[i] * 1e3 / PX_SERIAL_CLOCK, PX_SERIAL_CLOCK / 16.0 / divisor, line, data);
    }
}

static void print_reads(const px_serial_result *r)
{
    for (uint32_t i = 0; i < r->read_count; i++) {
        char data[16];
        character_text(pxs_result_data(r->reads[i]), data, sizeof data);
        if (r->reads[i] == 0)
            printf("read %" PRIu32 ": none\n", i);
        else if (pxs_result_errors(r->reads[i]) != 0)
            printf("read %" PRIu32 ": %s, error flags 0x%02" PRIX32 "\n", i, data, pxs_result_errors(r->reads[i]));
        else
            printf("read %" PRIu32 ": %s\n", i, data);
    }
}

static void print_result(const px_serial_result *r)
{
    print_frames(r);
    print_reads(r);
    printf("%s operations, %s characters, %s errors; the wire is free at %s, %.4f ms\n", px_grouped(r->operations),
           px_grouped(r->characters), px_grouped(r->errors), px_grouped(r->clock), r->clock * 1e3 / PX_SERIAL_CLOCK);
}

/* ---- running ---- */

static void compare(const px_serial_result *first, const char *first_name, const px_serial_result *other,
                    const char *other_name, bool quiet, bool *agreed)
{
    char text[256];
    if (!px_serial_equal(first, first_name, other, other_name, text, sizeof text)) {
        *agreed = false;
        printf("%s differs from %s: %s\n", other_name, first_name, text);
    } else if (!quiet) {
        printf("%s: the same as %s\n", other_name, first_name);
    }
}

static bool run_all(const arguments *a, const px_executors *executors, const px_serial_batch *batch, bool *agreed,
                    px_error *error)
{
    px_serial_result first = {0}, other = {0};
    bool ok = px_serial_run(executors->at[0], batch, &first, error);
    if (ok && !a->quiet)
        print_result(&first);
    for (size_t i = 1; ok && i < executors->count; i++) {
        ok = px_serial_run(executors->at[i], batch, &other, error);
        if (ok)
            compare(&first, executors->at[0]->name, &other, executors->at[i]->name, a->quiet, agreed);
    }
    if (ok && a->check) {
        ok = px_serial_cpu(batch, &other, error);
        if (ok)
            compare(&other, "the C version", &first, executors->at[0]->name, a->quiet, agreed);
    }
    px_serial_free(&first);
    px_serial_free(&other);
    return ok;
}

static bool write_picture(const arguments *a, const px_serial_batch *batch, px_error *error)
{
    px_picture picture = {0};
    const bool ok = px_serial_picture(&picture, batch, error) && px_picture_write(&picture, a->output, error);
    if (ok && !a->quiet)
        fprintf(px_messages(a->output), "%s: the driver and %s operations, %" PRIu32 "x%" PRIu32 "\n", a->output,
                px_grouped(batch->count), picture.w, picture.h);
    px_picture_free(&picture);
    return ok;
}

/* ---- to the wire of a server ---- */

/* Most received characters that a batch may bring back. */
enum { CREDIT = 1024, PATIENCE = 10 };

/* What a set-up leaves in force: divisor 0 keeps the one before. */
static uint32_t after_setup(uint32_t setup, uint32_t operation)
{
    const uint32_t divisor = pxs_setup_divisor(operation);
    return pxs_setup(divisor != 0 ? divisor : pxs_setup_divisor(setup), pxs_setup_line(operation));
}

static void print_received(const px_batch_done *done)
{
    for (uint32_t i = 0; i < done->received_count; i++) {
        char data[16];
        character_text(pxs_received_data(done->received[i]), data, sizeof data);
        printf("received %s", data);
        printf(pxs_received_errors(done->received[i]) != 0 ? ", error flags 0x%02" PRIX32 "\n" : "\n",
               pxs_received_errors(done->received[i]));
    }
}

/* How far a stream has got. */
typedef struct stream {
    uint64_t before; /* frames on the wire when it began */
    uint32_t at, batches, doubts, setup, errors;
    px_batch_done done;
} stream;

/* One batch: a set-up, so that it stands alone, and the next operations. */
static bool send_part(const arguments *a, px_batch_client *client, const px_serial_batch *all, uint32_t count,
                      uint32_t *part, stream *s, px_error *error)
{
    const uint32_t errors = s->errors, clock = s->done.clock;
    part[0] = s->setup;
    memcpy(part + 1, all->operations + s->at, count * sizeof *part);
    const px_batch_outcome outcome = px_batch_send(client, part, count + 1, s->at, clock, CREDIT, &s->done, error);
    if (outcome == PX_BATCH_FAILED)
        return false;
    if (outcome == PX_BATCH_DOUBT) {
        fprintf(stderr,
                "px serial: operations %" PRIu32 " to %" PRIu32
                " are in doubt, some or all of their frames may be on the wire; they are not sent again: %s\n",
                s->at, s->at + count - 1, error->text);
        s->doubts++;
    } else {
        s->errors = errors + s->done.errors;
        if (!a->quiet)
            print_received(&s->done);
    }
    for (uint32_t i = 0; i < count; i++)
        if (pxs_operation_kind(part[1 + i]) == PX_SERIAL_SETUP)
            s->setup = after_setup(s->setup, part[1 + i]);
    s->at += count;
    s->batches++;
    return true;
}

/* The frames' number, their time on the wire and the errors, against the plain C version. */
static bool check_stream(const px_serial_batch *all, const stream *s, bool *agreed, px_error *error)
{
    px_serial_result r = {0};
    if (!px_serial_cpu(all, &r, error))
        return false;
    *agreed = s->done.total - s->before == r.frame_count && s->done.clock == r.clock && s->errors == r.errors;
    printf("%s the C version: %" PRIu64 " frames, clock %" PRIu32 ", %" PRIu32 " errors",
           *agreed ? "the same as" : "differs from", s->done.total - s->before, s->done.clock, s->errors);
    if (!*agreed)
        printf("; expected %" PRIu32 ", %" PRIu32 ", %" PRIu32, r.frame_count, r.clock, r.errors);
    putchar('\n');
    px_serial_free(&r);
    return true;
}

static bool send_all(const arguments *a, const px_serial_batch *all, bool *agreed, px_error *error)
{
    px_batch_client *client;
    stream s = {.setup = all->setup};
    if (!px_batch_open(&client, a->serve, 0, PATIENCE, error))
        return false;
    const uint32_t most = px_batch_most(client) - 1, size = a->batch < most ? a->batch : most;
    uint32_t *part = calloc((size_t)size + 1, sizeof *part);
    bool ok = (part != NULL && size > 0) || px_fail(error, PX_E_SYSTEM, "no memory, or no room there, for a batch");
    s.before = s.done.total = px_batch_total(client);
    while (ok && s.at < all->count)
        ok = send_part(a, client, all, all->count - s.at < size ? all->count - s.at : size, part, &s, error);
    if (ok && !a->quiet)
        printf("%s: %s operations in %s batches; %s frames on the wire, free at %s\n", a->serve, px_grouped(s.at),
               px_grouped(s.batches), px_grouped(px_batch_total(client)), px_grouped(s.done.clock));
    if (ok && a->check && s.doubts == 0)
        ok = check_stream(all, &s, agreed, error);
    if (s.doubts > 0)
        *agreed = false;
    free(part);
    px_batch_close(client);
    return ok;
}

/* ---- the command ---- */

static bool run_here(arguments *a, const px_serial_batch *batch, bool *agreed, px_error *error)
{
    px_executors executors = {0};
    bool ok = px_executors_open(&executors, a->on != NULL ? a->on : PX_USUAL, false, error) &&
              (a->output == NULL || write_picture(a, batch, error));
    (void)px_reserve_output(a->output); /* the picture is there: frames are told beside it */
    ok = ok && run_all(a, &executors, batch, agreed, error);
    px_executors_close(&executors);
    return ok;
}

int px_cmd_serial(int argc, char **argv)
{
    arguments a = {.divisor = 1, .line_control = 3, .batch = 4096};
    px_error error = {0};
    input in = {0};
    bool agreed = true;
    read_arguments(&a, argc, argv);
    const bool ok =
        (a.output == NULL || px_picture_place(a.output, &error)) && make_input(&a, &in, &error) &&
        (a.serve != NULL ? send_all(&a, &in.batch, &agreed, &error) : run_here(&a, &in.batch, &agreed, &error));
    const int status = !ok ? px_complain(argv[0], &error) : agreed ? PX_EXIT_AGREED : PX_EXIT_DIFFERS;
    px_picture_free(&in.operations);
    px_picture_free(&in.received);
    return status;
}
