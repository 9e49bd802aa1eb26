; tick-long.asm - a handler of the timer's interrupt that computes for milliseconds before it touches a port: it is entered once for
; each, from a program that has interrupts on, and never while it runs.
%define SECTORS 1
%include "say.inc"
        cli
        mov     word [8 * 4], handler
        mov     [8 * 4 + 2], cs
        sti
.wait:  cmp     byte [calls], 5
        jb      .wait
        cli
        tell8   'entered with interrupts off', [off]
        tell8   'entered while it runs', [nested]
        finish

handler:
        push    bp
        mov     bp, sp
        push    ax
        push    ecx
        test    byte [bp + 7], 2        ; IF of the program
        jnz     .on
        inc     byte [off]
.on:    mov     al, [running]
        add     [nested], al
        mov     byte [running], 1
        mov     ecx, 40000
.next:  dec     ecx
        jnz     .next
        mov     byte [running], 0
        inc     byte [calls]
        mov     al, 0x20
        out     0x20, al
        pop     ecx
        pop     ax
        pop     bp
        iret
calls   db      0
off     db      0
nested  db      0
running db      0
        last
