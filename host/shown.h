/* shown.h - what a program has shown, on its console and its display, and when: wound back, it shows what it had shown
 * up to there.
 *
 * What is shown by an answer is there behind that answer, so at positions after its own; where the tape has not been
 * further, what a request has shown that still waits is there, too. The last of the console is kept as text. Of
 * displays only the positions are: the machine is as it was there, and shows once more. */
#ifndef HOST_SHOWN_H
#define HOST_SHOWN_H

#include "answer/answer.h"
#include "exec/tape.h"

enum { PX_CONSOLE_KEPT = 65536 };

typedef struct px_shown {
    px_tape *tape;
    px_host *host; /* who can show a request once more; NULL: nobody */
    bool again;    /* it is doing so: nothing of it is new */
    uint64_t furthest;
    uint8_t text[PX_CONSOLE_KEPT]; /* byte n at n % PX_CONSOLE_KEPT */
    uint64_t text_at[PX_CONSOLE_KEPT];
    uint64_t printed;  /* all of them */
    uint64_t *display; /* owned: positions */
    size_t displays, room;
    px_picture screen; /* of display[screen_of - 1], where screen_of is not 0 */
    size_t screen_of;
    uint64_t screens; /* goes up with each change of what px_shown_screen says */
} px_shown;

void px_shown_free(px_shown *shown);

/* The two ends of an onlooker, whose context is a px_shown. Its tape must be there before the program runs. */
void px_shown_print(void *shown, const uint8_t *bytes, size_t count);
void px_shown_picture(void *shown, const px_picture *picture);

/* The run goes on anew from an earlier position: what had come after is forgotten. To be called whenever that may be.
 */
void px_shown_settle(px_shown *shown);

/* How many bytes were printed where the tape stands; the last PX_CONSOLE_KEPT of all there ever were are in text. */
uint64_t px_shown_printed(const px_shown *shown);

/* Those from `from` on which are kept, as a text: a byte 0 is a blank in it. Owned by the caller; NULL without memory.
 */
char *px_shown_text(const px_shown *shown, uint64_t from);

/* What was displayed last where the tape stands; NULL: nothing. The tape may be wound, and back, for it. */
bool px_shown_screen(px_shown *shown, const px_picture **screen, px_error *error);

#endif
