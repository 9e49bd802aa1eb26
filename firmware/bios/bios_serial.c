/* bios_serial.c - INT 14h: COM1 through its own registers, so that a program that uses the BIOS and one that uses the
 * ports see one UART. */
#include "firmware/bios/services.h"

#include "firmware/pc/pc.h"

#define PORT 0x3F8u

static uint16_t status(void) { return (uint16_t)(pc_in(PORT + 5, 1) << 8 | pc_in(PORT + 6, 1)); }

/* AH=00h: in AL = 7:5 speed (110 to 9600), 4:3 parity, 2 stop bits, 1:0 length - 5; out AX = line and modem status */
static void initialise(uint8_t parameters)
{
    static const uint16_t divisor[8] = {1047, 768, 384, 192, 96, 48, 24, 12};
    const uint16_t d = divisor[parameters >> 5];
    pc_out(PORT + 3, 1, 0x80);
    pc_out(PORT, 1, d & 0xFF);
    pc_out(PORT + 1, 1, d >> 8);
    pc_out(PORT + 3, 1, parameters & 0x1F);
    pc_out(PORT + 1, 1, 0);
    pc_out(PORT + 4, 1, 3);
}

/* AH=02h waits for a character as long as the data area's time-out says (1 is a second here); out AL = it, AH = line
 * status, bit 7 when none came */
static bios_answer receive(void)
{
    const uint8_t line = (uint8_t)pc_in(PORT + 5, 1); /* once: a read clears the errors */
    if ((line & 1) != 0) {
        set_high(&guest.rax, line & 0x1E);
        set_low(&guest.rax, (uint8_t)pc_in(PORT, 1));
        bios_wait_end(BIOS_WAIT_SERIAL);
        return BIOS_DONE;
    }
    if (bios_wait(BIOS_WAIT_SERIAL, bios_byte(BDA(0x7C)) * PC_SECOND) == BIOS_WAIT)
        return BIOS_WAIT;
    set_high(&guest.rax, 0x80);
    return BIOS_DONE;
}

/* In DX = port, 0. AH=01h: in AL = character; out AH = line status. AH=03h: out AX = line and modem status. Other
 * ports: AH = 80h */
bios_answer bios_serial(void)
{
    if (word(guest.rdx) != 0) {
        set_high(&guest.rax, 0x80);
        return BIOS_DONE;
    }
    switch (high(guest.rax)) {
    case 0x00:
        initialise(low(guest.rax));
        set_word(&guest.rax, status());
        break;
    case 0x01:
        pc_out(PORT, 1, low(guest.rax));
        set_high(&guest.rax, (uint8_t)pc_in(PORT + 5, 1));
        break;
    case 0x02:
        return receive();
    case 0x03:
        set_word(&guest.rax, status());
        break;
    default:
        bios_unknown(0x14);
        set_high(&guest.rax, 0x80);
        break;
    }
    return BIOS_DONE;
}
