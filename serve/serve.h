/* serve.h - px serve: executors offered on the link, and the wire of the serial driver (LINK.md). */
#ifndef SERVE_SERVE_H
#define SERVE_SERVE_H

#include <stddef.h>
#include <stdint.h>

#include "pxi/error.h"

enum { PX_SERVE_LISTENERS = 16 };

typedef struct px_serve_options {
    const char *on, *spare, *wire; /* spare and wire may be NULL */
    const char *listen[PX_SERVE_LISTENERS];
    size_t listen_count;
    double timeout; /* seconds */
    uint32_t most_pixels, most_clients;
    bool verbose;
} px_serve_options;

/* Serves until SIGINT or SIGTERM; false when it cannot begin. */
bool px_serve(const px_serve_options *options, px_error *error);

#endif
