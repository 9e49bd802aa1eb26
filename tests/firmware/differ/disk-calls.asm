; disk-calls.asm - INT 13h on a floppy: status, flags and what is changed by a call that fails.
%define SECTORS 3
%include "say.inc"
%macro call13 5
        mov     ax, %2
        mov     cx, %3
        mov     dx, %4
        mov     bx, %5
        stc
        int     0x13
        pushf
        mov     [0x7000], ax
        popf
        tellc   {%1, ', carry'}
        mov     al, [0x7001]
        tell8   {%1, ', status'}, al
%endmacro
        call13  'reset', 0x0000, 0, 0, 0
        call13  'read', 0x0201, 1, 0, 0x8000
        tell16  'mark', [0x8000 + 510]
        call13  'sector 0', 0x0201, 0, 0, 0x8000
        call13  'sector 19', 0x0201, 19, 0, 0x8000
        call13  'head 2', 0x0201, 1, 0x0200, 0x8000
        call13  'drive 3', 0x0201, 1, 3, 0x8000
        call13  'drive 80h', 0x0201, 1, 0x80, 0x8000
        call13  'verify', 0x0402, 1, 0, 0x8000
        call13  'kind of drive 0', 0x1500, 0, 0, 0
        call13  'kind of drive 80h', 0x1500, 0, 0x80, 0
        call13  'extensions of a floppy', 0x4100, 0, 0, 0x55AA
        call13  'parameters', 0x0800, 0, 0, 0
        tell16  'CX', cx
        tell8   'DH', dh
        tell8   'BL', bl
        finish
        last
