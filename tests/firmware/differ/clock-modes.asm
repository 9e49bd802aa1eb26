; clock-modes.asm - the clock's hours of 12 and 24, in binary and BCD; its alarm with bytes that fit everything; the last second
; of a year.
; only = pxhv amd seabios
%define SECTORS 6
%include "clock.inc"
; The clock goes on by mode; until its update interrupt has come.
%macro second 0
        call    one_second
%endmacro
        mov     word [0x70 * 4], updated
        mov     word [0x70 * 4 + 2], 0
        in      al, 0xA1
        and     al, 0xFE
        out     0xA1, al
        in      al, 0x21
        and     al, 0xFB
        out     0x21, al
        mov     byte [mode], 0x02
        call    set                     ; 23:59:59 of 31.12.99
        second
        get     'seconds', 0
        get     'minutes', 2
        get     'hours', 4
        get     'day', 7
        get     'month', 8
        get     'year', 9
        put     0x0B, 0x80              ; 12 hours, BCD
        put     4, 0x91                 ; 11 in the afternoon
        put     2, 0x59
        put     0, 0x59
        mov     byte [mode], 0
        second
        get     'midnight of 12 hours', 4
        put     0x0B, 0x80
        put     4, 0x11
        put     2, 0x59
        put     0, 0x59
        second
        get     'noon of 12 hours', 4
        put     0x0B, 0x84              ; 12 hours, binary
        put     4, 0x8B
        put     2, 59
        put     0, 59
        mov     byte [mode], 4
        second
        get     'midnight of 12 hours, binary', 4
        put     0x0B, 0x86
        put     4, 22
        put     2, 59
        put     0, 59
        mov     byte [mode], 6
        second
        get     'hours, binary', 4
        put     0x0B, 0x82
        put     4, 0x10
        put     2, 0x20
        put     0, 0x30
        put     5, 0xC0                 ; any hour, any minute, second 31
        put     3, 0xFF
        put     1, 0x31
        mov     byte [mode], 0x02
        second
        tell8   'the alarm, without its interrupt', [flags]
        second
        tell8   'no alarm in the next second', [flags]
        finish
set:    put     0x0B, 0x82
        put     0x0A, 0x26
        put     9, 0x99
        put     8, 0x12
        put     7, 0x31
        put     4, 0x23
        put     2, 0x59
        put     0, 0x59
        ret
one_second:
        mov     byte [flags], 0
        mov     al, 0x0B
        out     0x70, al
        mov     al, [mode]
        or      al, 0x10
        out     0x71, al
.wait:  sti
        hlt
        cli
        test    byte [flags], 0x10
        jz      .wait
        ret
; The flags of C but PF.
updated:
        push    ax
        mov     al, 0x0C
        out     0x70, al
        in      al, 0x71
        and     al, 0xB0
        mov     [cs:flags], al
        mov     al, 0x20
        out     0xA0, al
        out     0x20, al
        pop     ax
        iret
mode    db      2
flags   db      0
        last
