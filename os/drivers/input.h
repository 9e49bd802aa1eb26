/* input.h - what keyboards and pointers say. Their drivers tell it here, whichever bus they are on; what they have told
 * is events as pxi/HOST.md has them, and the console takes characters out of those. */
#ifndef OS_DRIVERS_INPUT_H
#define OS_DRIVERS_INPUT_H

#include <stdbool.h>
#include <stdint.h>

/* ---- for drivers ---- */

/* Keys are named by the codes of a PS/2 keyboard's set 1, 01h to 7Fh; those that it sends behind E0h have this bit. */
enum { INPUT_BEYOND = 0x80, INPUT_KEYS = 0x100 };
/* A pointer's places go from 0 to this, whatever the screen's size. */
enum { INPUT_FAR = 0x7FFF };
enum { INPUT_LEFT = 1, INPUT_MIDDLE = 2, INPUT_RIGHT = 4 }; /* buttons */

void input_begin(void); /* with each host: no key is held */
void input_key(uint32_t key, bool pressed);
void input_point(uint32_t x, uint32_t y, uint32_t buttons);
void input_move(int32_t right, int32_t down, uint32_t buttons); /* by pixels of the screen */
/* False: what is told may push out what nobody has taken yet. */
bool input_has_room(void);

/* ---- for who takes them ---- */

typedef struct input_event {
    uint32_t kind, a, b, milliseconds;
} input_event;

bool input_next(input_event *event);
/* Who is asked for each event whether it is his, before the console has it. NULL: nobody. */
void input_divert(bool (*takes)(const input_event *event));
/* Pressed keys as a terminal's characters and sequences; all else is dropped. They stay where there is no room. */
uint32_t input_take(uint8_t *bytes, uint32_t most);

#endif
