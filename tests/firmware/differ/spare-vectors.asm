; spare-vectors.asm - vectors of interrupts and exceptions that nobody has taken: called by INT, and by a handler that has ended its
; short
; interrupt and goes on at the old one.
%define SECTORS 3
%include "say.inc"
        int     0x00
        say     'INT 00h = back', 10
        int     0x06
        say     'INT 06h = back', 10
        int     0x0B
        say     'INT 0Bh = back', 10
        int     0x0C
        say     'INT 0Ch = back', 10
        int     0x0D
        say     'INT 0Dh = back', 10
        int     0x0E
        say     'INT 0Eh = back', 10
        int     0x0F
        say     'INT 0Fh = back', 10
        int     0x76
        say     'INT 76h = back', 10
        cli
        mov     eax, [0x0C * 4]
        mov     [old], eax
        mov     word [0x0C * 4], taken
        mov     word [0x0C * 4 + 2], 0
        in      al, 0x21
        and     al, 0xEF                ; line 4
        out     0x21, al
        mov     dx, 0x3FC
        mov     al, 0x08                ; OUT2: the line is connected
        out     dx, al
        mov     dx, 0x3F9
        mov     al, 2                   ; the transmitter is empty
        out     dx, al
        mov     cx, 8
        sti
.wait:  hlt
        cmp     byte [count], 0
        jne     .told
        loop    .wait
.told:  cli
        mov     dx, 0x3F9
        mov     al, 0
        out     dx, al
        tell8   'a handler of line 4 that goes on at the BIOS', [count]
        mov     al, 0x0B
        out     0x20, al
        in      al, 0x20
        tell8   'in service', al
        finish
taken:  push    ax
        push    dx
        mov     dx, 0x3FA
        in      al, dx
        inc     byte [cs:count]
        mov     al, 0x20
        out     0x20, al
        pop     dx
        pop     ax
        jmp     far [cs:old]
old     dd      0
count   db      0
        last
