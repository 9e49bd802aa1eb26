/* frames.h - a run as pictures: an animated PNG, or a filmstrip, with a frame every so many instructions. */
#ifndef HOST_FRAMES_H
#define HOST_FRAMES_H

#include "exec/run.h"

typedef struct px_frames px_frames;

/* spec is what stands behind --apng or --filmstrip: "every=1000", and for an animation "every=1000,fps=10". NULL with
 * an error for what is neither. */
px_frames *px_frames_parse(const char *option, const char *spec, bool strip, px_error *error);
void px_frames_free(px_frames *frames); /* also fine with NULL */

/* Runs as px_run_answering does, and looks at the image at the start, every so many instructions, and at the end. */
bool px_frames_run(px_frames *frames, px_machine *machine, uint64_t budget, uint32_t zoom, const px_answerer *answerer,
                   px_stop *stop, px_error *error);

/* Writes them; *count frames differ. */
bool px_frames_write(px_frames *frames, const char *path, uint32_t *count, px_error *error);

#endif
