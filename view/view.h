/* view.h - px view: a program on a tape, shown in a page that px itself serves, or kept in a file.
 *
 * One thread does everything. While the machine runs, the sockets are looked at now and then, and only noted is what
 * they want; pictures are taken, and wishes are done, where the machine is at rest: between slices of its run, and
 * while it waits for its host. */
#ifndef VIEW_VIEW_H
#define VIEW_VIEW_H

#include "answer/answer.h"
#include "host/debugger.h"
#include "pxi/heat.h"

enum { PX_SHOWN_WIDTH = 1024, PX_SHOWN_HEIGHT = 768 };

/* What a window shows of each pixel. */
typedef enum px_layer { PX_LAYER_PICTURE, PX_LAYER_HEAT, PX_LAYER_CLASS, PX_LAYERS } px_layer;
extern const char *const px_layer_names[PX_LAYERS];

/* A part of the image, sampled to across x down. */
typedef struct px_window {
    uint32_t x, y, w, h, across, down;
    px_layer layer;
} px_window;

typedef struct px_viewer {
    px_debugger debugger;
    px_host *host; /* who has keys and pointer; NULL: nobody */
    px_shown shown;
    bool running;     /* on its way, in slices */
    bool resumed;     /* this is not the first of them */
    bool disturbed;   /* it waited for its host, and somebody wanted something else meanwhile */
    uint64_t version; /* goes up with all that can be seen */

    px_heat heat;
    bool heats;                     /* the executor counts */
    uint64_t heat_at, heat_most[3]; /* counted up to this position; the greatest of written, executed, read */

    /* Called while the machine runs: whether it is to rest. And while it waits. */
    bool (*meanwhile)(void *context, bool resting);
    void *context;
    double slice_until;
    uint64_t piece; /* instructions that a slice has at most */
    px_cancel cancel;
    px_onlooker onlooker;
} px_viewer;

/* Before the host is there: who looks on. */
void px_viewer_init(px_viewer *viewer);

/* Once viewer->debugger.tape is there. */
bool px_viewer_begin(px_viewer *viewer, px_error *error);
void px_viewer_end(px_viewer *viewer);

/* A line of words, as px debug takes them; its answer, one JSON object, is the caller's. False: no memory, or the
 * machine is lost. */
bool px_viewer_do(px_viewer *viewer, const char *line, char **answer, px_error *error);

/* A slice of a run under way; *answer as of px_viewer_do when it has ended, else NULL. */
bool px_viewer_slice(px_viewer *viewer, double seconds, char **answer, px_error *error);

/* The heat of all that has run; *all is false when it takes longer than seconds. */
bool px_viewer_count(px_viewer *viewer, double seconds, bool *all, px_error *error);

/* ---- window.c ---- */

/* What is asked for, moved and cut so that it fits. */
px_window px_window_fit(const px_viewer *viewer, px_window window);

/* Its pixels, across * down. */
bool px_window_read(px_viewer *viewer, const px_window *window, uint32_t *pixels, px_error *error);

/* The square of such a size at x, y of pixels that were read, as far as there is one; returns the end of it. */
uint32_t *px_window_cut(const px_window *window, const uint32_t *pixels, uint32_t x, uint32_t y, uint32_t size,
                        uint32_t *to);

/* ---- tell.c: each one JSON object, owned by the caller; NULL without memory ---- */

char *px_tell_program(px_viewer *viewer); /* what stays: size, names, colours of classes, keys */
/* What a state is told beside. */
typedef struct px_beside {
    uint64_t printed; /* bytes of the console that the page has */
    bool displays;    /* there is a display */
    px_layer layer;   /* of the window's pixels */
} px_beside;
char *px_tell_state(px_viewer *viewer, const px_beside *beside, size_t *size);
char *px_tell_pixel(px_viewer *viewer, uint32_t address);
char *px_tell_slots(px_viewer *viewer);

/* ---- server.c and save.c ---- */

/* Serves until a signal. port 0: any. False when it cannot begin, or the machine is lost. */
bool px_view_serve(px_viewer *viewer, uint32_t port, px_error *error);

/* Runs the program for budget instructions, and writes the page with what is to be seen into one file. */
bool px_view_save(px_viewer *viewer, uint64_t budget, const char *path, px_error *error);

#endif
