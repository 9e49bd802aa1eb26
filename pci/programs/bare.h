/* bare.h - a bare machine for pixel programs in C: ports, memory, configuration registers, pages that devices reach. */
#ifndef PCI_PROGRAMS_BARE_H
#define PCI_PROGRAMS_BARE_H

#include <px.h>
#include <px_host.h>
#include <stdint.h>

static inline uint32_t at(const volatile void *p) { return (uint32_t)(uintptr_t)p; }

/* ---- ports: size 0, 1, 2 for 1, 2, 4 bytes ---- */

static inline void port_write(uint32_t size, uint32_t port, uint32_t value)
{
    (void)px_sys((uint32_t)PXH_PORT_WRITE << 24 | size << 16 | port, value);
}

static inline uint32_t port_read(uint32_t size, uint32_t port)
{
    uint32_t value = 0;
    (void)px_sys((uint32_t)PXH_PORT_READ << 24 | size << 16 | port, at(&value));
    return value;
}

/* ---- configuration registers; an absent function reads all ones ---- */

static inline uint32_t pci_read(uint32_t bdf, uint32_t reg, uint32_t bytes)
{
    uint32_t block[3] = {reg, bytes, 0};
    return px_sys((uint32_t)PXH_PCI_READ << 24 | bdf, at(block)) == 0 ? block[2] : UINT32_MAX;
}

static inline int32_t pci_write(uint32_t bdf, uint32_t reg, uint32_t bytes, uint32_t value)
{
    uint32_t block[3] = {reg, bytes, value};
    return px_sys((uint32_t)PXH_PCI_WRITE << 24 | bdf, at(block));
}

/* ---- memory of devices; what faults reads 0 ---- */

static inline uint64_t mmio_read(uint32_t size, uint64_t address)
{
    uint32_t block[4] = {(uint32_t)address, (uint32_t)(address >> 32), 0, 0};
    (void)px_sys((uint32_t)PXH_MMIO_READ << 24 | size, at(block));
    return block[2] | (uint64_t)block[3] << 32;
}

static inline void mmio_write(uint32_t size, uint64_t address, uint64_t value)
{
    uint32_t block[4] = {(uint32_t)address, (uint32_t)(address >> 32), (uint32_t)value, (uint32_t)(value >> 32)};
    (void)px_sys((uint32_t)PXH_MMIO_WRITE << 24 | size, at(block));
}

/* ---- COM1, as the BIOS or an emulator leaves it: 115200 8N1 set anew ---- */

enum { COM1 = 0x3F8, COM1_ROOM = 0x20 };

static inline void com1_open(void)
{
    static const uint8_t set[][2] = {{1, 0}, {3, 0x80}, {0, 1}, {1, 0}, {3, 3}, {2, 7}, {4, 3}};
    for (unsigned i = 0; i < sizeof set / sizeof *set; i++)
        port_write(0, COM1 + set[i][0], set[i][1]);
}

static inline void com1_put(char c)
{
    while ((port_read(0, COM1 + 5) & COM1_ROOM) == 0)
        ;
    port_write(0, COM1, (uint8_t)c);
}

static inline void com1_text(const char *text)
{
    while (*text != '\0')
        com1_put(*text++);
}

static inline void com1_hex(uint64_t value, int digits)
{
    while (digits-- > 0)
        com1_put("0123456789abcdef"[value >> 4 * digits & 15]);
}

#endif
