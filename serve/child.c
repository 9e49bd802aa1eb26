/* child.c - see serve/child.h. Everything here happens in the child. */
#include "serve/child.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "exec/drive.h"
#include "serve/points.h"

/* Operations of one run of the driver, where the executor's memory holds so many. A difference in lockstep shows, and
 * the parent's patience begins anew, after each. */
enum { PART = 4096 };

/* ---- DRIVE ---- */

/* The most operations whose picture the executor holds: 7 pixels each and the driver, in whole rows. */
static uint32_t part_size(uint32_t pixels, const px_serial_driver *driver)
{
    uint32_t size = PART;
    while (size > PX_SERIAL_ROW && (7 * size + (driver != NULL ? driver->count : PX_SERIAL_ROW)) > pixels)
        size -= PX_SERIAL_ROW;
    return size;
}

static bool drive_part(px_child *c, px_serial_batch *rest, uint32_t *result, px_error *error)
{
    px_serial_batch part = *rest;
    px_serial_result r = {0};
    const uint32_t most = part_size(px_child_executor(c)->caps.max_pixels, part.driver);
    if (part.count > most)
        part.count = most;
    if (!px_child_make_room(c, error) || !px_serial_run(px_child_executor(c), &part, &r, error))
        return false;
    memcpy(result + PX_DRIVEN_HEAD + result[PX_DRIVEN_FRAMES], r.frames, r.frame_count * sizeof *result);
    result[PX_DRIVEN_FRAMES] += r.frame_count;
    result[PX_DRIVEN_ERRORS] += r.errors;
    *rest = (px_serial_batch){.operations = rest->operations + part.count,
                              .count = rest->count - part.count,
                              .received = rest->received + r.taken,
                              .received_count = rest->received_count - r.taken,
                              .clock = r.clock,
                              .setup = r.setup,
                              .driver = rest->driver};
    px_serial_free(&r);
    return true;
}

static void drive(px_child *c, const px_link_frame *request)
{
    const uint32_t *words = request->payload;
    const px_serial_driver driver = {words + PX_DRIVE_HEAD + words[PX_DRIVE_COUNT] + words[PX_DRIVE_RECEIVED],
                                     words[PX_DRIVE_DRIVER]};
    px_serial_batch rest = {.operations = words + PX_DRIVE_HEAD,
                            .count = words[PX_DRIVE_COUNT],
                            .received = words + PX_DRIVE_HEAD + words[PX_DRIVE_COUNT],
                            .received_count = words[PX_DRIVE_RECEIVED],
                            .clock = words[PX_DRIVE_CLOCK],
                            .setup = PX_SERIAL_FIRST_SETUP,
                            .driver = driver.count != 0 ? &driver : NULL};
    const px_link_frame busy = {.version = PX_LINK_VERSION, .type = PXL_BUSY, .sequence = request->sequence};
    px_error error = {0};
    uint32_t *result = calloc(PX_DRIVEN_HEAD + PX_SERVE_OPERATIONS, sizeof *result);
    bool ok = result != NULL || px_fail(&error, PX_E_SYSTEM, "no memory for the frames of a batch");
    while (ok && rest.count > 0) {
        ok = drive_part(c, &rest, result, &error);
        if (ok && rest.count > 0)
            px_child_send(c, &busy);
    }
    if (ok) {
        result[PX_DRIVEN_CLOCK] = rest.clock;
        px_child_send(c, &(px_link_frame){.version = PX_LINK_VERSION,
                                          .type = PX_SERVE_DRIVE | PX_LINK_REPLY,
                                          .sequence = request->sequence,
                                          .length = PX_DRIVEN_HEAD + result[PX_DRIVEN_FRAMES],
                                          .payload = result});
    } else
        px_child_fail(c, request, error.text);
    free(result);
}

/* ---- EMIT ---- */

/* While the queue is full nothing is taken: it is asked again, and the parent told that we are alive. */
static void emit(px_child *c, const px_link_frame *request)
{
    const px_link_frame busy = {.version = PX_LINK_VERSION, .type = PXL_BUSY, .sequence = request->sequence};
    px_link_client *board = px_lockstep_board(px_child_executor(c));
    px_error error = {0};
    bool done = false;
    if (board == NULL)
        px_fail(&error, PX_E_USAGE, "none of the executors is a board with a wire");
    while (board != NULL && !done) {
        done = px_link_write(board, PXL_SPACE_WIRE, 0, request->payload, request->length, &error);
        if (!done && board->refused != PXL_E_FULL)
            break;
        if (!done) {
            px_child_send(c, &busy);
            poll(NULL, 0, 5);
        }
    }
    if (!done)
        px_child_fail(c, request, error.text);
    else
        px_child_send(c, &(px_link_frame){.version = PX_LINK_VERSION,
                                          .type = PX_SERVE_EMIT | PX_LINK_REPLY,
                                          .sequence = request->sequence});
}

bool px_serve_request(px_child *c, const px_link_frame *request)
{
    switch (request->type) {
    case PX_SERVE_DRIVE:
        drive(c, request);
        return true;
    case PX_SERVE_EMIT:
        emit(c, request);
        return true;
    default:
        return false;
    }
}
