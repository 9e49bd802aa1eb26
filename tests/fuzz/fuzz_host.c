/* fuzz_host.c - no request harms a host: every one is answered with a result or an error of host.def, only an executor
 * that fails ends a run, and nothing is written but within the image.
 *
 * The input is a list of pieces: words put into the image, and requests. The folder, the disk and the display that are
 * granted lie in a folder of the fuzzer's own. */
#define _XOPEN_SOURCE 700
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "answer/answer.h"
#include "exec/drivers.h"
#include "pxi/host.h"
#include "tests/fuzz/input.h"

enum { SIDE = 32, BYTES = SIDE * SIDE * 4, STEPS = 64 };

/* An address that is likely to mean something. */
static uint32_t address(input *in)
{
    const uint8_t how = byte(in);
    return how < 200 ? (uint32_t)how * 20 : how < 230 ? BYTES - (uint32_t)(how - 200) : word(in);
}

/* Numbers of services that there are, lists of them, and any. */
static uint32_t number(input *in)
{
    static const uint8_t numbers[] = {
#define PXH_SERVICE(id, number, grant, payload, argument, reads, writes, answer, errors, text) number,
#include "pxi/host.def"
    };
    const uint8_t which = byte(in);
    return which < 0xF0 ? numbers[which % sizeof numbers] : word(in) & 0xFF;
}

/* A folder with a file and a disk, made once. */
static const char *folder(void)
{
    static char name[] = "/tmp/px-fuzz-host-XXXXXX";
    static bool made;
    char path[64];
    if (made)
        return name;
    made = mkdtemp(name) != NULL;
    snprintf(path, sizeof path, "%s/disk", name);
    const int disk = open(path, O_RDWR | O_CREAT, 0600);
    require(made && disk >= 0 && ftruncate(disk, 4096) == 0, "a disk");
    close(disk);
    return name;
}

static void put(px_machine *machine, input *in)
{
    px_error error;
    const uint32_t at = address(in) / 4;
    for (uint32_t i = 0, count = byte(in) % 8; i < count; i++) {
        const uint32_t value = (byte(in) & 1) != 0 ? address(in) : number(in) << 24 | (word(in) & 0xFF);
        if (at + i < SIDE * SIDE)
            require(px_put(machine, PX_SPACE_PIXEL, at + i, &value, 1, &error), "a word is put");
    }
}

static void ask(const px_answerer *answerer, px_machine *machine, input *in)
{
    px_error error;
    px_stop stop = {.status = PX_WAITING, .argument = address(in)};
    uint32_t payload = byte(in) < 128 ? byte(in) : word(in) & 0xFFFFFF, reply = 0;
    const uint32_t service = number(in);
    if (service == PXH_WAIT || service == PXH_POLL) /* they may wait, which is no fault */
        return;
    if (service == PXH_OPEN) /* the folder is not to fill up */
        payload &= ~(uint32_t)PXH_CREATE;
    stop.request = PXH_REQUEST(service, payload);
    switch (answerer->answer(answerer->context, machine, &stop, 0, &reply, &error)) {
    case PX_ANSWERED:
        require((int32_t)reply >= PXH_E_IO, "an answer is a result or an error of the list");
        break;
    case PX_UNANSWERED:
        require(service == PXH_EXIT, "only EXIT has no answer");
        break;
    default:
        require(false, "no request makes an executor fail");
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char disk[64];
    const char *disks[1] = {disk};
    static int quiet = -1;
    input in = {data, size};
    px_state start = {0};
    px_executor *ref;
    px_machine *machine;
    px_host *host = NULL;
    px_error error;
    if (quiet < 0) {
        quiet = open("/dev/null", O_RDWR);
        signal(SIGPIPE, SIG_IGN);
    }
    snprintf(disk, sizeof disk, "%s/disk", folder());
    const px_grants grants = {.folder = folder(),
                              .disks = disks,
                              .disk_count = 1,
                              .screen = true,
                              .seeded = true,
                              .input = quiet,
                              .output = quiet,
                              .errors = quiet};
    require(px_state_new(&start, PX_V1, SIDE, SIDE, NULL) && px_ref_driver.open(&ref, NULL, &error) &&
                px_machine_create(ref, &start, &machine, &error) && px_host_open(&host, &grants, &error),
            "a host");
    const px_answerer answerer = px_host_answerer(host);
    int status;
    for (int i = 0; i < STEPS && in.size > 0 && !px_host_exited(host, &status); i++) {
        if ((byte(&in) & 1) != 0)
            put(machine, &in);
        else
            ask(&answerer, machine, &in);
    }
    px_host_close(host, NULL);
    px_machine_drop(machine, NULL);
    ref->ops->close(ref);
    px_state_free(&start);
    return 0;
}
