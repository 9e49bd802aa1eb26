; key-hook.asm - INT 15h AH=4Fh, which national keyboard drivers hook: called for each scan code, which it may change or drop.
%include "keys.inc"
        mov     eax, [0x15 * 4]
        mov     [old], eax
        cli
        mov     word [0x15 * 4], hook
        mov     word [0x15 * 4 + 2], 0
        sti
        keys    'a becomes s', 0x1E, 0x9E
        keys    'd is dropped', 0x20, 0xA0
        tell8   'calls', [calls]
        mov     eax, [old]
        mov     [0x15 * 4], eax
        mov     ah, 0xC0
        int     0x15
        mov     al, [es:bx + 5]
        and     al, 0x10
        tell8   'INT 15h AH=C0h tells of it', al
        finish
hook:   cmp     ah, 0x4F
        jne     .on
        inc     byte [cs:calls]
        cmp     al, 0x20
        je      .drop
        cmp     al, 0x1E
        jne     .keep
        mov     al, 0x1F
.keep:  stc
        retf    2
.drop:  clc
        retf    2
.on:    jmp     far [cs:old]
old     dd      0
calls   db      0
        last
