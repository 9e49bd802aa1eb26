; endless.asm - a guest that starts twenty times, by triple faults, then sends a line and executes nothing any more: the first
; instruction of its handler of undefined instructions is one.
        bits 16
        org 0x7C00
        xor     ax, ax
        mov     ds, ax
        cli
        mov     al, 0x6E                ; memory that a reset leaves alone
        out     0x70, al
        in      al, 0x71
        cmp     al, 20
        jae     last
        inc     ax
        out     0x71, al
        lidt    [none]
        int3
last:   mov     word [6 * 4], undefined
        mov     word [6 * 4 + 2], 0
        mov     ax, 0x4000              ; its frames go round in a segment of their own
        mov     ss, ax
        mov     dx, 0x3F8
        mov     si, text
        cld
next:   lodsb
        out     dx, al
        cmp     si, text_end
        jb      next
undefined:
        ud2
none    dw      0
        dd      0
text    db      'twenty times', 10
text_end:
        times 510 - ($ - $$) db 0
        dw      0xAA55
