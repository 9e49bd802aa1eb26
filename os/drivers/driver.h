/* driver.h - the machine's devices, where the system has a machine: a driver is a file, and os.mk lists those that are
 * in the kernel. Everything else is a host's: its console, its clock, its disks. */
#ifndef OS_DRIVERS_DRIVER_H
#define OS_DRIVERS_DRIVER_H

#include "os/fs/fs.h"

/* A picture on the screen. */
typedef struct screen_picture {
    const uint32_t *pixels;               /* R, G, B */
    uint32_t width, height, stride, step; /* rows and columns, and how far apart they are */
    uint32_t times;                       /* a pixel is shown so many high and wide */
    uint32_t left, top;                   /* where it begins; what is beside it is black */
} screen_picture;

/* What it does not do is NULL. Interrupts only end a wait: what has come is looked for. */
typedef struct driver {
    bool (*begin)(void); /* false: the machine has no such device; once more, where a saved system goes on */
    void (*put)(const uint8_t *bytes, uint32_t count);
    void (*show)(const screen_picture *picture);           /* NULL: what is written is to be seen again */
    uint32_t (*take)(uint8_t *bytes, uint32_t most);       /* what was typed, as far as it has come */
    void (*hear)(void);                                    /* what keys and pointers have said goes to input.h */
    uint64_t (*today)(void);                               /* nanoseconds since 1970 */
    fs_device *(*disk)(uint32_t number);                   /* NULL: there is none */
    int32_t (*send)(const uint8_t *frame, uint32_t bytes); /* answers as SEND does */
    uint32_t (*receive)(uint8_t *frame, uint32_t most);    /* its whole length; 0: none has come */
    void (*ethernet)(uint8_t address[6]);                  /* the card's own */
} driver;

/* Numbers of interrupts. */
enum { UART_INTERRUPT = 1, KEYBOARD_INTERRUPT, NVME_INTERRUPT, NET_INTERRUPT, USB_INTERRUPT, VIRTIO_INTERRUPT };

enum { SCREEN_WIDTH = 640, SCREEN_HEIGHT = 400 }; /* pixels */

void drivers_begin(void); /* with each host */
bool drivers_are_there(void);
/* Whether the machine has something to write to: its devices are the console then. */
bool drivers_have_console(void);
void drivers_put(const uint8_t *bytes, uint32_t count);
void drivers_hear(void);                              /* input_next() then has what keys and pointers have said */
uint32_t drivers_take(uint8_t *bytes, uint32_t most); /* the same, for the console */
bool drivers_have_screen(void);
void drivers_show(const screen_picture *picture);
uint64_t drivers_today(void); /* or the host's */
fs_device *drivers_disk(uint32_t number);

/* The console's, for what a driver has to say. */
void console_text(const char *text);
void console_number(uint32_t number);

/* Of the machine's network card, or the host's Ethernet. */
int32_t drivers_send(const uint8_t *frame, uint32_t bytes);
int32_t drivers_receive(uint8_t *frame, uint32_t most); /* 0: none has come; or an error */
int32_t drivers_ethernet(uint8_t address[6]);           /* 0, or an error */

#endif
