; tick-hook.asm - a handler at INT 1Ch that changes AX, DX and DS: the program under the tick keeps its own.
%define SECTORS 1
%include "say.inc"
        cli
        mov     word [0x1C * 4], handler
        mov     word [0x1C * 4 + 2], cs
        sti
        mov     ax, 0x1111
        mov     dx, 0x2222
.wait:  cmp     byte [cs:calls], 3
        jb      .wait
        tell16  'AX', ax
        tell16  'DX', dx
        mov     ax, ds
        tell16  'DS', ax
        finish
handler:
        inc     byte [cs:calls]
        mov     ax, 0xB800
        mov     ds, ax
        mov     dx, 0x3D4
        iret
calls   db      0
        last
