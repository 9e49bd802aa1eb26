; triple.asm - a triple fault starts the machine again, as the keyboard controller does: how often it has booted is in
; the memory of the clock, which a reset leaves alone; what it finds is what a reset makes.
; only = pxhv amd seabios legacy
; (Bochs' newer BIOS raises a triple fault after a reset by the keyboard controller: findings/bochs-bios-8042-reset.sh.)
; short
; triple faults = 1
%define SECTORS 2
%include "say.inc"
        call    counter
        in      al, 0x71
        inc     ax
        mov     ah, 0
        mov     bx, ax
        call    counter
        mov     al, bl
        out     0x71, al
        tell16  'boot', bx
        mov     dx, [at_boot.dx]
        tell8   'drive', dl
        smsw    ax
        and     ax, 1
        tell16  'protected mode', ax
        cmp     bx, 2
        je      by_keyboard
        ja      over
        lidt    [none]
        int3
by_keyboard:
        mov     al, 0xFE
        out     0x64, al
        hlt
        jmp     by_keyboard
over:   call    counter
        mov     al, 0
        out     0x71, al
        finish
counter: mov    al, 0x6E
        out     0x70, al
        ret
none    dw      0
        dd      0
        last
