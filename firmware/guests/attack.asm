; attack.asm - a guest that tries to get out of its machine or to bring pxHV down, in real, protected and long mode. Every
; attempt is a line on port E9h, PASS or FAIL and what was tried; what only the outside can judge (pxHV's memory, the wire)
; tests/firmware/attack.sh judges.
;
; Real mode has FS flat over 4 GB. An exception that is expected sets got and goes on at resume. Memory: 7C00h to E7FFh this
; program, 20000h the vectors kept, 30000h to 37FFFh page tables, 38000h a TSS, 39000h and 3A000h the IDTs of protected
; and of long mode, 40000h to 4FFFFh pages to be played with.
;
; LAX leaves out what QEMU 7.2's processor does not know of: #GP for a CR0 that cannot be, and limits of code segments.
        bits 16
        org 0x7C00
SECTORS equ 54                          ; three tracks

start:  cli
        xor     ax, ax
        mov     ds, ax
        mov     es, ax
        mov     ss, ax
        mov     sp, 0x7C00
        cld
        mov     ax, 0x0200 + 17         ; the rest of the guest, track by track
        mov     cx, 2
        xor     dx, dx
        mov     bx, 0x7E00
        int     0x13
        jc      .end
        mov     ax, 0x0200 + 18
        mov     cx, 1
        mov     dx, 0x0100
        mov     bx, 0x7C00 + 18 * 512
        int     0x13
        jc      .end
        mov     ax, 0x0200 + 18
        mov     cx, 0x0101
        xor     dx, dx
        mov     bx, 0x7C00 + 36 * 512
        int     0x13
        jnc     main
.end:   hlt

        times 510 - ($ - $$) db 0
        dw 0xAA55

%include "attack/harness.inc"

main:
        mov     word [6 * 4], on_6
        mov     word [12 * 4], on_12
        mov     word [13 * 4], on_13
        mov     word [1 * 4], on_step
        mov     word [1 * 4 + 2], 0
        mov     word [6 * 4 + 2], 0
        mov     word [12 * 4 + 2], 0
        mov     word [13 * 4 + 2], 0
        call    flat
%include "attack/serial.inc"
%include "attack/ports.inc"
%include "attack/strings.inc"
%include "attack/memory.inc"
%include "attack/processor.inc"
%include "attack/delivery.inc"
        call    protected_mode

        mov     dx, 0x3F8
        mov     al, 'Z'
        out     dx, al
        cmp     byte [failed], 0
        report  'every attempt'
        cli
        hlt

%include "attack/protected.inc"
%include "attack/long.inc"

        times SECTORS * 512 - ($ - $$) db 0
