/* state.h - the whole machine as data: what is loaded, saved, compared and handed from one executor to another. */
#ifndef PXI_STATE_H
#define PXI_STATE_H

#include <stddef.h>
#include <stdint.h>

#include "pxi/error.h"
#include "pxi/isa.h"
#include "pxi/picture.h"

#define PX_MAGIC_PROGRAM UINT32_C(0x01495850) /* 'P' 'X' 'I' 1 */
#define PX_MAGIC_STATE   UINT32_C(0x01535850) /* 'P' 'X' 'S' 1 */

enum { PX_HEADER_MAGIC, PX_HEADER_ENTRY, PX_HEADER_END, PX_HEADER_FLAGS, PX_HEADER_CHECKSUM, PX_HEADER_PIXELS };
enum { PX_CLASSIC_STEPS = 1024 };

/* Where a saved state keeps what (SPEC.md section 9); behind its registers are zeros up to a whole row. */
enum {
#define PX_SAVED(id, pixel, count, text) PX_SAVED_##id = (pixel),
#include "pxi/state.def"
};

typedef struct px_state {
    uint32_t profile; /* PX_CLASSIC or PX_V1 */
    uint32_t w, h;    /* the image; w*h <= PX_MAX_PIXELS */
    uint32_t pc, vl;
    uint32_t status; /* enum px_status */
    uint32_t cause;  /* enum px_cause */
    uint32_t value;
    uint32_t retired; /* modulo 2^32 */
    uint32_t reg[256];
    uint32_t *mem; /* w*h pixels, owned unless they are lent */
    bool lent;     /* mem stays its owner's, who keeps it as long as the state or a machine is in it; in the
                    * px_state_rows(w) rows before it a saved state's words have room */
} px_state;

static inline uint32_t px_state_pixels(const px_state *state) { return state->w * state->h; }

/* All zero except profile, w and h. */
bool px_state_new(px_state *state, uint32_t profile, uint32_t w, uint32_t h, px_error *error);
bool px_state_copy(px_state *to, const px_state *from, px_error *error); /* to must be zeroed or a valid state */
void px_state_free(px_state *state);

/* From a picture that is a program (v1 or classic) or a saved state; name is for messages. SPEC.md sections 2, 9, 10.
 */
bool px_state_load(px_state *state, const px_picture *picture, const char *name, px_error *error);

/* The same, and on success the picture is used up: its pixels become the machine's. */
bool px_state_take(px_state *state, px_picture *picture, const char *name, px_error *error);

/* The same for looking at: view->mem is the picture's own, a program's checksum included, and not to be freed. */
bool px_state_view(px_state *view, const px_picture *picture, const char *name, px_error *error);

/* The saved-state picture, and the image alone. */
bool px_state_save(const px_state *state, px_picture *picture, px_error *error);
bool px_state_image(const px_state *state, px_picture *picture, px_error *error);

/* The PX_STATE_WORDS words that a saved state begins with (SPEC.md section 9). */
void px_state_words(const px_state *state, uint32_t *words);

/* Whether the fields are those of a machine that can exist (SPEC.md section 9). Executors' replies are checked with it.
 */
bool px_state_valid(const px_state *state, const char *name, px_error *error);

/* The same for a machine whose image is elsewhere: state->mem is not looked at. */
bool px_state_fields_valid(const px_state *state, const char *name, px_error *error);

/* The host's part of SYS (SPEC.md section 5), for a waiting machine: it runs on with answer in the register it named.
 */
void px_state_answer(px_state *state, uint32_t answer);

/* The checksum of SPEC.md section 2, never 0. */
uint32_t px_checksum(uint32_t w, uint32_t h, const uint32_t *px);

/* The first difference between two states, as one line: "pixel (3,0), address 3: ref 0x0000012C, rtl 0x0000012D". */
bool px_state_equal(const px_state *a, const char *a_name, const px_state *b, const char *b_name, char *difference,
                    size_t size);

#endif
