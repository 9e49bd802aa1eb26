/* picture_file.h - pictures in PNG files, read and written without changing one bit of them. */
#ifndef PXI_PNG_PICTURE_FILE_H
#define PXI_PNG_PICTURE_FILE_H

#include "pxi/picture.h"
#include "pxi/state.h"

/* Strict: SPEC.md section 2. The pixel cap is checked before the pixels are allocated. On failure *picture is zeroed.
 */
bool px_picture_read(px_picture *picture, const char *path, px_error *error);
bool px_picture_read_memory(px_picture *picture, const void *data, size_t size, const char *name, px_error *error);

/* Written to a temporary name beside path, synced, and renamed: path is the whole new picture or what it was. A pipe or
 * a device is written directly, a terminal not at all. With the same libpng and zlib, the same pixels give the same
 * bytes. */
bool px_picture_write(const px_picture *picture, const char *path, px_error *error);
bool px_rows_write(const px_rows *rows, const char *path, px_error *error);

/* A copy for viewing: the colours alone, each pixel zoom x zoom. It is an RGB PNG, which no executor takes for a
 * program (SPEC.md section 2), and says so in a text chunk (px_png_no_copy). At most PX_MAX_COPY pixels, which
 * px_copy_fits asks before. */
#define PX_MAX_COPY (UINT32_C(1) << 28)
bool px_copy_write(const px_rows *rows, uint32_t zoom, const char *path, px_error *error);
bool px_copy_fits(uint32_t w, uint32_t h, uint32_t zoom, px_error *error);

/* Whether a picture could be written there, as far as can be told before. */
bool px_picture_place(const char *path, px_error *error);

/* A picture that is a program (v1 or classic) or a saved state, read and loaded. SPEC.md sections 2, 9, 10. */
bool px_state_read(px_state *state, const char *path, px_error *error);

#endif
