/* pc.h - the guest's PC: every port it can reach, its interrupts, and its time.
 *
 * The devices are plain C without hardware behind them: ports come in by pc_in() and pc_out(), time by pc_advance(),
 * interrupts go out by pc_interrupt(). The same code runs in pxHV and in native tests. */
#ifndef PC_PC_H
#define PC_PC_H

#include <stdbool.h>
#include <stdint.h>

/* Guest time: nanoseconds since the guest's start; it never goes back. */
typedef uint64_t pc_time;
#define PC_NEVER  UINT64_MAX
#define PC_SECOND UINT64_C(1000000000)

/* Power-up, and again at each reset of the guest. */
void pc_reset(pc_time now);

/* One access of 1, 2 or 4 bytes. A port without a device reads all ones and ignores writes; an access that reaches over
 * several ports is cut into bytes unless the device takes it whole. */
uint32_t pc_in(uint16_t port, unsigned bytes);
void pc_out(uint16_t port, unsigned bytes, uint32_t value);

/* Devices do what is due by now. */
void pc_advance(pc_time now);

/* When something will be due next; PC_NEVER. */
pc_time pc_deadline(void);

/* Whether the interrupt controllers ask for the processor; pc_interrupt_vector() acknowledges it and gives the vector.
 */
bool pc_interrupt_pending(void);
uint8_t pc_interrupt_vector(void);

/* Whether a device has asked for a reset of the whole machine since the last call. */
bool pc_take_reset(void);

/* A20 as the guest has set it by port 92h, the keyboard controller or INT 15h. */
bool pc_a20(void);
void pc_set_a20(bool open);

/* The keyboard: one byte of scan code set 1 from the real one; false when the guest does not take it now. */
bool pc_keyboard_byte(uint8_t scan_code);
bool pc_keyboard_room(void);        /* for another key's */
unsigned pc_keyboard_waiting(void); /* bytes of it that the guest has not read */
bool pc_keyboard_sent(void);        /* what port 60h shows came from it, and not from the controller */

/* The clock: seconds since 1970-01-01 at guest time 0; and the battery-backed memory, where a BIOS leaves what it
 * found. */
void pc_cmos_set(uint64_t seconds_since_1970);
void pc_cmos_put(uint8_t at, uint8_t value);

/* The display's cursor and start address: CRTC registers 0Ah to 0Fh, for the real one. */
typedef void pc_crtc_sink(uint8_t index, uint8_t value);
void pc_vga_connect(pc_crtc_sink *sink);

/* ---- COM1 ----
 * What the guest transmits leaves as operations of the serial driver (pxi/programs/SERIAL.md); whoever takes them gives
 * this function, and holds the guest by not coming back. */
typedef void pc_serial_sink(uint32_t operation);
void pc_com1_connect(pc_serial_sink *sink);

/* A character from the wire: R data, A error flags (bits 4:1 as in LSR: overrun, parity, framing, break). False when
 * the FIFO is full; room says how many it takes. */
bool pc_com1_receive(uint32_t character);
unsigned pc_com1_room(void);

/* Whether the guest looks for characters: by interrupt, or by line status within the last 10 ms. */
bool pc_com1_listening(pc_time now);

/* ---- inside pc/: how a device is joined ---- */

/* One device: a run of ports, and functions, any of which may be NULL. in and out get the port's distance from first.
 */
typedef struct pc_device {
    const char *name;
    uint16_t first, last;
    uint8_t (*in)(unsigned offset);
    void (*out)(unsigned offset, uint8_t value);
    void (*reset)(pc_time now);
    void (*advance)(pc_time now);
    pc_time (*deadline)(void);
} pc_device;

/* pc.c has the list. */
extern const pc_device pc_pic_master, pc_pic_slave, pc_pic_edge, pc_pit, pc_speaker, pc_cmos, pc_keyboard,
    pc_keyboard_status, pc_port92, pc_debug, pc_vga, pc_com1;

/* The time of the access or of the advance under way. */
extern pc_time pc_now;

/* What a device asks of the machine. */
void pc_ask_reset(void);

/* The level of an interrupt line, 0 to 15; and whether an edge of it is still to be acknowledged: more of them would
 * change nothing. */
void pc_irq(unsigned line, bool level);
bool pc_irq_waits(unsigned line);
bool pc_irq_taken(unsigned line); /* the processor has had its interrupt since this was last asked */

#endif
