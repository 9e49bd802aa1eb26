; hello.asm - the smallest guest: a boot sector that says hello by INT 10h, on port E9h and on COM1, and shuts down its
; processor for good.
        bits 16
        org 0x7C00
        xor ax, ax
        mov ds, ax
        mov si, text
        cld
.next:  lodsb
        test al, al
        jz .done
        mov ah, 0x0E
        mov bx, 7
        int 0x10
        out 0xE9, al
        mov dx, 0x3F8
        out dx, al
        jmp .next
.done:  cli
        hlt
text    db 'Hello from a guest of pxHV', 13, 10, 0
        times 510 - ($ - $$) db 0
        dw 0xAA55
