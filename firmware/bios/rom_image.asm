; rom_image.asm - rom.bin as the array bios_rom of bios.h.
        section .rodata align=16
        global  bios_rom
bios_rom:
        incbin  "rom.bin"
