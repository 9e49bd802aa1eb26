/* usb_input.h - USB keyboards, mice and tablets: what their descriptors say (HID 1.11, appendix B: the boot protocol),
 * and what their reports. It asks nobody for anything. */
#ifndef OS_DRIVERS_USB_INPUT_H
#define OS_DRIVERS_USB_INPUT_H

#include <stdbool.h>
#include <stdint.h>

enum {
    USB_REPORT = 64, /* bytes of a report at most */
    USB_KEYS = 8     /* of a keyboard's */
};

typedef enum usb_kind { USB_OTHER, USB_KEYBOARD, USB_MOUSE, USB_TABLET } usb_kind;

/* Where a field of a report is, in bits; no bits: there is none. */
typedef struct usb_field {
    uint32_t at, bits, far; /* its largest value */
} usb_field;

typedef struct usb_input {
    usb_kind kind;
    uint32_t class;                               /* of the device, or of its first interface */
    uint32_t configuration, interface, described; /* bytes of the description of its reports */
    uint32_t endpoint, bytes, interval;           /* as its descriptor has them */
    usb_field x, y, buttons;                      /* of a tablet */
    uint8_t last[USB_KEYS];
} usb_input;

/* Of a configuration with everything that belongs to it. A device whose kind is OTHER is not for this file. */
usb_input usb_input_of(uint32_t class, const uint8_t *descriptors, uint32_t bytes);
/* Of a TABLET's reports, by their description; false: they have no places. */
bool usb_input_describe(usb_input *device, const uint8_t *description, uint32_t bytes);
void usb_input_report(usb_input *device, const uint8_t *report, uint32_t bytes);
void usb_input_leave(usb_input *device); /* its keys are let go */
#endif
