; modes.asm - INT 10h AH=00h with bit 7, and cursor emulation that was off when a mode is set.
%define SECTORS 2
%include "say.inc"
        mov     ax, 0x0083
        int     0x10
        mov     ah, 0x0F
        int     0x10
        tell16  'AH=0Fh with bit 7', ax
        tell8   'At 40:87h', [0x487]
        mov     ax, 0x1201
        mov     bl, 0x34
        int     0x10
        tell8   'AX=1201h BL=34h', al
        tell8   'At 40:87h, emulation off', [0x487]
        mov     ax, 0x0003
        int     0x10
        tell8   'At 40:87h of a new mode', [0x487]
        mov     ah, 0x0F
        int     0x10
        tell16  'AH=0Fh', ax
        mov     ah, 1
        mov     cx, 0x0407
        int     0x10
        mov     dx, 0x3D4
        mov     al, 0x0A
        out     dx, al
        inc     dx
        in      al, dx
        tell8   'the cursor of 0407h begins with line', al
        finish
        last
