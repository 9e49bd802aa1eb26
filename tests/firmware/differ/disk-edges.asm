; disk-edges.asm - INT 13h on a hard disk: buffers that go beyond a segment's end, and calls that a controller of an AT has.
; image = disk 10321920
%define SECTORS 5
%include "say.inc"
%macro call13 5
        push    word 0x2000
        pop     es
        mov     ax, %2
        mov     cx, %3
        mov     dx, 0x80
        mov     bx, %4
        mov     si, %5
        stc
        int     0x13
        push    word 0
        pop     es
        tellc   {%1, ', carry'}
        tell16  {%1, ', AX'}, ax
%endmacro
        call13  'two sectors at FE00h', 0x0202, 1, 0xFE00, 0
        call13  'one at FFFFh', 0x0201, 1, 0xFFFF, 0
        call13  '128 at 0', 0x0280, 1, 0, 0
        call13  'head 1 behind head 0', 0x0202, 63, 0, 0
        call13  'kind', 0x15FF, 0, 0, 0
        call13  'parameters', 0x0800, 0, 0xBBBB, 0
        tell16  'BX', bx
        call13  'set parameters', 0x0900, 0, 0, 0
        call13  'seek', 0x0C00, 1, 0, 0
        call13  'ready', 0x1000, 0, 0, 0
        call13  'recalibrate', 0x1100, 0, 0, 0
        call13  'diagnostic', 0x1400, 0, 0, 0
        call13  'packet: read', 0x4200, 0, 0, packet
        tell16  'sectors', [packet + 2]
        call13  'packet: verify', 0x4400, 0, 0, packet
        call13  'packet: seek', 0x4700, 0, 0, packet
        finish
        align   4
packet: dw      16, 1, 0, 0x3000
        dq      99
        last
