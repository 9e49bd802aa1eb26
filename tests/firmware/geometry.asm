; geometry.asm - a boot sector that tells of its drive by port E9h, in hexadecimal words: CX and DX of INT 13h AH=08h, then what
; stands in three sectors, each of which begins with its number: cylinder 1 head 0 sector 1, the last head of cylinder 0, its
; sector 1, and the last of all; FFFF where the BIOS refuses one.
        bits    16
        org     0x7C00
        jmp     0:start
        times   62 - ($ - $$) db 0      ; DOS' parameter block, where a test wants one

start:  xor     ax, ax
        mov     ds, ax
        mov     ss, ax
        mov     sp, 0x7C00
        mov     [drive], dl
        mov     ah, 8
        int     0x13
        mov     [last], cx
        mov     [last + 2], dx
        mov     ax, cx
        call    say
        mov     ax, [last + 2]
        xor     al, al
        call    say
        mov     cx, 0x0101
        mov     dh, 0
        call    read
        mov     cx, 0x0001
        mov     dh, [last + 3]
        call    read
        mov     cx, [last]
        mov     dh, [last + 3]
        call    read
        mov     al, 10
        out     0xE9, al
        cli
        hlt

read:   mov     ax, 0x0201
        mov     dl, [drive]
        push    0x1000
        pop     es
        xor     bx, bx
        mov     word [es:bx], 0xFFFF
        int     0x13
        mov     ax, [es:0]
say:    mov     cx, 4
.digit: rol     ax, 4
        push    ax
        and     al, 15
        cmp     al, 10
        sbb     al, 0x69
        das
        out     0xE9, al
        pop     ax
        loop    .digit
        mov     al, ' '
        out     0xE9, al
        ret

drive   db      0
last    dd      0
        times   510 - ($ - $$) db 0
        dw      0xAA55
