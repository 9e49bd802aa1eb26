/* guest.h - a guest's life: its start, its resets, its end, and what is done between an exit and the next entry. */
#ifndef VCPU_GUEST_H
#define VCPU_GUEST_H

#include <stdbool.h>
#include <stdint.h>

/* The guest's firmware and loader, which use all of this and are given to it. */
typedef struct guest_firmware {
    const uint8_t *rom;          /* GUEST_ROM_SIZE bytes, as they are after a reset */
    bool (*call)(void);          /* the guest calls pxHV; false where no such call stands */
    bool (*keeps_machine)(void); /* the reset that comes is the processor's alone */
    void (*start)(void);         /* the guest has been reset; this gives it what it boots from */
} guest_firmware;
void guest_init(const guest_firmware *firmware);

/* The machine as at power-up: processor, devices, the BIOS' ROM; guest_start() makes it ready to boot too. */
void guest_reset(void);
void guest_start(void);

/* Runs the guest, which has been started, until it ends: shut down, or a state that pxHV does not go on from. poll is
 * called between exit and entry. */
_Noreturn void guest_loop(void (*poll)(bool waiting));

/* The end of a guest, in one line, with counters; state shows the guest's registers as well. */
_Noreturn void guest_end(const char *why, bool state);

#endif
