; bulk.asm - a guest that only transmits, in the ways that programs do, so that the wire's transcript and the counts of exits
; and dispatches can be told beforehand:
;
;   1. 8 blocks of 512 characters by polling: divisor 1 + 100 * block, line control 3 with its two low bits turned by block; character i is
;      (7 * i + 3) & 255
;   2. 1,024 characters by one REP OUTSB, divisor 12, 8N1: the same rule
;   3. 256 characters by INT 14h, the same rule
        bits 16
        org 0x7C00
PORT    equ 0x3F8
BUFFER  equ 0x8000

        xor ax, ax
        mov ds, ax
        mov es, ax
        cld
        mov si, 0                       ; i
        xor bp, bp                      ; block
.block: mov ax, 100
        mul bp
        inc ax
        mov bx, ax
        mov ax, bp
        and al, 3
        xor al, 3
        call format
        mov cx, 512
.next:  mov dx, PORT + 5
.wait:  in al, dx
        test al, 0x20
        jz .wait
        call character
        mov dx, PORT
        out dx, al
        loop .next
        inc bp
        cmp bp, 8
        jne .block

        mov bx, 12
        mov al, 3
        call format
        mov di, BUFFER
        mov cx, 1024
        xor si, si
.fill:  call character
        stosb
        loop .fill
        mov si, BUFFER
        mov cx, 1024
        mov dx, PORT
        rep outsb

        xor si, si
        mov cx, 256
        xor dx, dx
.bios:  call character
        mov ah, 1
        int 0x14
        loop .bios
        cli
        hlt

; AL = character SI, SI advances
character:
        imul ax, si, 7
        add al, 3
        inc si
        ret

; divisor BX, line control AL
format: push ax
        mov dx, PORT + 3
        mov al, 0x80
        out dx, al
        mov dx, PORT
        mov al, bl
        out dx, al
        inc dx
        mov al, bh
        out dx, al
        mov dx, PORT + 3
        pop ax
        out dx, al
        ret

        times 510 - ($ - $$) db 0
        dw 0xAA55
