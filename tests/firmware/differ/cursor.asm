; cursor.asm - INT 10h AH=01h in characters of 16 lines: shapes of 8 lines are scaled. What the CRTC and AH=03h have then.
%define SECTORS 2
%include "say.inc"
%macro shape 1
        mov     ah, 1
        mov     cx, %1
        int     0x10
        mov     dx, 0x3D4
        mov     al, 0x0A
        out     dx, al
        inc     dx
        in      al, dx
        mov     bh, al
        dec     dx
        mov     al, 0x0B
        out     dx, al
        inc     dx
        in      al, dx
        mov     bl, al
        %defstr %%shape %1
        tell16  {'CRTC for ', %%shape}, bx
        mov     ah, 3
        mov     bh, 0
        int     0x10
        tell16  {'AH=03h for ', %%shape}, cx
%endmacro
        shape   0x0607
        shape   0x0007
        shape   0x0407
        shape   0x2000
        finish
        last
