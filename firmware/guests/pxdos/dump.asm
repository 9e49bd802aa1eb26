; dump.asm - DUMP NAME: a file in hexadecimal, 16 bytes a line, by INT 21h AH=3Dh, 3Fh, 3Eh.
        bits    16
        org     0x100
        mov     si, 0x81
.skip:  lodsb
        cmp     al, ' '
        je      .skip
        dec     si
        mov     dx, si
.word:  lodsb
        cmp     al, ' '
        ja      .word
        mov     byte [si - 1], 0
        mov     ax, 0x3D00
        int     0x21
        mov     dx, text_failed
        jc      say
        mov     bx, ax
.line:  mov     dx, buffer
        mov     cx, 16
        mov     ah, 0x3F
        int     0x21
        mov     dx, text_failed
        jc      say
        test    ax, ax
        jz      .end
        mov     bp, ax
        mov     ax, [place]
        xchg    al, ah
        call    byte_out
        mov     ax, [place]
        call    byte_out
        mov     dl, ':'
        call    put
        mov     si, buffer
        mov     cx, bp
.byte:  mov     dl, ' '
        call    put
        lodsb
        call    byte_out
        loop    .byte
        add     [place], bp
        mov     dl, 13
        call    put
        mov     dl, 10
        call    put
        jmp     .line
.end:   mov     ah, 0x3E
        int     0x21
        mov     ax, 0x4C00
        int     0x21
say:    mov     ah, 0x09
        int     0x21
        mov     ax, 0x4C01
        int     0x21
byte_out:
        push    ax
        shr     al, 4
        call    digit
        pop     ax
        and     al, 15
digit:  cmp     al, 10
        sbb     al, 0x69
        das
        mov     dl, al
put:    push    ax
        mov     ah, 0x02
        int     0x21
        pop     ax
        ret
text_failed db  'DUMP: the file cannot be opened', 13, 10, '$'
place   dw      0
buffer  times 16 db 0
