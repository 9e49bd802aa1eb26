; shutdown.asm - CMOS 0Fh = 0Ah and a reset by the 8042: the machine goes on at 40:67, and the code is used up.
%define SECTORS 1
%include "say.inc"
        mov     al, 0x6E
        out     0x70, al
        in      al, 0x71
        cmp     al, 0x3D
        je      .again
        mov     al, 0x6E
        out     0x70, al
        mov     al, 0x3D
        out     0x71, al
        mov     al, 0x0F
        out     0x70, al
        mov     al, 0x0A
        out     0x71, al
        mov     word [0x467], .on
        mov     word [0x469], 0
        mov     al, 0xFE
        out     0x64, al
        jmp     $
.on:    xor     ax, ax
        mov     ds, ax
        mov     ss, ax
        mov     sp, 0x7C00
        say     'went on = at 40:67', 10
        mov     al, 0x0F
        out     0x70, al
        in      al, 0x71
        tell8   'the code then', al
        finish
.again: say     'went on = at the boot sector', 10
        finish
        last
