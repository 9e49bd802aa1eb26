; ticks.asm - the clock stands at 15:30 when the machine starts: the ticks since midnight are those of the time of day.
; only = pxhv seabios legacy
; (Bochs' newer BIOS raises a triple fault after a reset by the keyboard controller: findings/bochs-bios-8042-reset.sh.)
%define SECTORS 2
%include "say.inc"
        mov     al, 0x6E                ; memory of the clock: has it been set?
        out     0x70, al
        in      al, 0x71
        cmp     al, 0x5C
        je      .again
        mov     al, 0x6E
        out     0x70, al
        mov     al, 0x5C
        out     0x71, al
        mov     ah, 3
        mov     cx, 0x1530
        mov     dx, 0
        int     0x1A
        mov     al, 0xFE
        out     0x64, al
        jmp     $
.again: mov     ah, 0
        int     0x1A
        shl     ecx, 16
        mov     cx, dx
        sub     ecx, 1015800            ; 15.5 hours of 65,543 and a third
        add     ecx, 300
        cmp     ecx, 600
        setb    al
        tell8   'ticks of the time of day', al
        finish
        last
