; args.asm - writes each word of its command line in brackets, by the tail in its PSP.
        bits    16
        org     0x100
        mov     si, 0x81
.skip:  lodsb
        cmp     al, ' '
        je      .skip
        cmp     al, 13
        je      .end
        push    ax
        mov     dl, '['
        call    put
        pop     ax
.word:  mov     dl, al
        call    put
        lodsb
        cmp     al, ' '
        ja      .word
        dec     si
        mov     dl, ']'
        call    put
        mov     dl, 13
        call    put
        mov     dl, 10
        call    put
        jmp     .skip
.end:   mov     ax, 0x4C00
        int     0x21
put:    mov     ah, 0x02
        int     0x21
        ret
