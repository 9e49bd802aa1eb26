; counts.asm - COUNTS: how often this machine has left its processor for pxHV, by INT 15h AX=5058h (firmware/vcpu/hypercall.h); every
; counter goes to pxHV's log as well. Without pxHV it says so.
        bits    16
        org     0x100

%macro show 4                           ; BH = kind, CX = which, text before, text after
        mov     dx, %3
        call    print
        mov     ax, 0x5058
        mov     bx, %1 << 8 | 3
        mov     cx, %2
        int     0x15
        call    number
        mov     dx, %4
        call    print
%endmacro

        mov     ax, 0x5058
        mov     bl, 0
        int     0x15
        jc      none
        cmp     eax, 'pxHV'
        jne     none
        show    0, 30, empty, by_port
        show    0, 18, empty, by_bios
        show    2, 0x3F8, empty, sent
        show    1, 0x3F8, empty, received
        mov     ax, 0x5058
        mov     bl, 1                   ; to the log
        int     0x15
        int     0x20

none:   mov     dx, missing
        call    print
        mov     ax, 0x4C01
        int     0x21

print:  mov     ah, 9
        int     0x21
        ret

; EAX in decimal; what is above 32 bits is not for this program.
number: mov     di, digits + 10
        mov     ebx, 10
.next:  xor     edx, edx
        div     ebx
        add     dl, '0'
        dec     di
        mov     [di], dl
        test    eax, eax
        jnz     .next
        mov     dx, di
        jmp     print

digits  times 10 db 0
empty   db '$'
by_port db ' exits by IN and OUT', 13, 10, '$'
by_bios db ' by calls of the BIOS', 13, 10, '$'
sent    db ' writes of port 3F8h', 13, 10, '$'
received db ' reads of it', 13, 10, '$'
missing db 'COUNTS: this is not pxHV', 13, 10, '$'
