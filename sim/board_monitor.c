/* board_monitor.c - the link's frames as they pass, one line each: begin and end in microseconds, direction, type,
 * sequence number, payload words. */
#include "sim/board_monitor.h"

#include <inttypes.h>

void px_monitor_init(px_monitor *monitor, FILE *file, double clock, double bit)
{
    *monitor = (px_monitor){.file = file, .clock = clock, .bit = bit, .asked = -1};
    monitor->to_board.begin = monitor->to_host.begin = -1;
    monitor->to_board.zero_end = monitor->to_host.zero_end = -bit;
    px_link_rx_init(&monitor->to_board.rx, monitor->to_board.words, PX_MONITOR_WORDS);
    px_link_rx_init(&monitor->to_host.rx, monitor->to_host.words, PX_MONITOR_WORDS);
}

static double microseconds(const px_monitor *monitor, double cycles) { return cycles / monitor->clock * 1e6; }

static void print(const px_monitor *monitor, double begin, double end, char direction, const px_link_frame *frame)
{
    if (monitor->file == NULL)
        return;
    fprintf(monitor->file, "%.2f %.2f %c ", microseconds(monitor, begin), microseconds(monitor, end), direction);
    if (frame == NULL) {
        fputs("dropped\n", monitor->file);
        return;
    }
    const bool base = frame->type != PXL_BUSY && frame->type != PXL_ERROR;
    fprintf(monitor->file, "%s %u %" PRIu32, px_link_type_name(base ? frame->type & ~PX_LINK_REPLY : frame->type),
            frame->sequence, frame->length);
    if (frame->type == PXL_ERROR && frame->length > 0)
        fprintf(monitor->file, " %s", px_link_error_name(frame->payload[PXR_ERROR_NUMBER]));
    fputc('\n', monitor->file);
}

/* True when byte completed a frame; *begin is then when that began. */
static bool take(px_monitor *monitor, px_monitor_side *side, char direction, double *begin, double end, uint8_t byte,
                 px_link_frame *frame)
{
    if (side->begin < 0 && byte != 0)
        side->begin = *begin - side->zero_end < monitor->bit ? side->zero_begin : *begin;
    const bool whole = px_link_rx_byte(&side->rx, byte, frame);
    const bool drop = side->rx.dropped != side->dropped;
    side->dropped = side->rx.dropped;
    if (drop || whole) {
        *begin = side->begin;
        print(monitor, *begin, end, direction, whole ? frame : NULL);
    } else if (byte == 0) {
        side->zero_begin = *begin;
        side->zero_end = end;
    }
    if (byte == 0)
        side->begin = -1;
    return whole;
}

void px_monitor_to_board(px_monitor *monitor, double begin, double end, uint8_t byte)
{
    px_link_frame frame;
    if (!take(monitor, &monitor->to_board, '>', &begin, end, byte, &frame))
        return;
    const bool again = monitor->asked >= 0 && frame.sequence == monitor->sequence;
    monitor->repeats += again;
    monitor->asked = begin;
    monitor->sequence = frame.sequence;
    monitor->requests++;
    monitor->block = !again && frame.type == PXL_WRITE && frame.length == PX_LINK_BASE;
}

void px_monitor_to_host(px_monitor *monitor, double begin, double end, uint8_t byte)
{
    px_link_frame frame;
    if (!take(monitor, &monitor->to_host, '<', &begin, end, byte, &frame) || monitor->asked < 0 ||
        frame.sequence != monitor->sequence)
        return;
    if (monitor->block && frame.type == (PXL_WRITE | PX_LINK_REPLY)) {
        monitor->blocks++;
        monitor->block_cycles += end - monitor->asked;
    }
    monitor->asked = -1;
}

double px_monitor_efficiency(const px_monitor *monitor)
{
    const double pixels = (double)monitor->blocks * PX_LINK_BLOCK * 4 * 10 * monitor->bit;
    return monitor->blocks == 0 ? 0 : pixels / monitor->block_cycles;
}
