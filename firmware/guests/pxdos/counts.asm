; counts.asm - COUNTS: how often this machine has left its processor for pxHV, by INT 15h AX=5058h (firmware/vcpu/hypercall.h); every
; counter goes to pxHV's log as well. Without pxHV it says so.
        bits    16
        org     0x100

%macro show 4                           ; BH = kind, CX = which and which more, text
        mov     ax, 0x5058
        mov     bx, %1 << 8 | 3
        mov     cx, %3
        int     0x15
        push    eax
        mov     ax, 0x5058
        mov     bx, %1 << 8 | 3
        mov     cx, %2
        int     0x15
        pop     edx
        add     eax, edx
        call    number
        mov     dx, %4
        call    print
%endmacro
NONE    equ 0xFFFF                      ; no exit has this number, and no device this port

        mov     ax, 0x5058
        mov     bl, 0
        int     0x15
        jc      none
        cmp     eax, 'pxHV'
        jne     none
        show    0, 30, 0x7B, by_port    ; Intel's number, and AMD's
        show    0, 18, 0x46, by_bios    ; VMCALL, and an undefined instruction
        show    2, 0x3F8, NONE, sent
        show    1, 0x3F8, NONE, received
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
        db      '$'
by_port db ' exits by IN and OUT', 13, 10, '$'
by_bios db ' by calls of the BIOS', 13, 10, '$'
sent    db ' writes of port 3F8h', 13, 10, '$'
received db ' reads of it', 13, 10, '$'
missing db 'COUNTS: this is not pxHV', 13, 10, '$'
