; floppy-360.asm - where the sectors of a floppy of 360 KB lie: its parameters, and sectors by their numbers. Each sector of the image but the
; first begins with its number.
; image = floppy 368640
; numbered
%include "say.inc"
        mov     ah, 8
        mov     dl, 0
        xor     di, di
        int     0x13
        push    0
        pop     es
        tell16  'CX', cx
        tell8   'DH', dh
%macro sector 3
        mov     ax, 0x0201
        mov     cx, %1 << 8 | %3
        mov     dx, %2 << 8
        mov     bx, 0x8000
        int     0x13
        %defstr %%where cylinder %1 head %2 sector %3
        tell16  %%where, [0x8000]
%endmacro
        sector  0, 1, 2
        sector  1, 0, 1
        sector  2, 0, 3
        finish
        last
