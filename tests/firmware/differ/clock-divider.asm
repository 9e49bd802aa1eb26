; clock-divider.asm - register A of the clock with its divider held in reset (DV = 11x): the second stands; let go, it goes on.
%define SECTORS 2
%include "clock.inc"
        put     0x0A, 0x76
        call    second
        mov     bl, al
        call    pause
        call    second
        sub     al, bl
        tell8   'seconds in 2.2 s, held', al
        put     0x0A, 0x26
        call    second
        mov     bl, al
        call    pause
        call    second
        cmp     al, bl
        setne   al
        tell8   'it goes on behind it', al
        finish
second: xor     al, al
        out     0x70, al
        in      al, 0x71
        ret
pause:  mov     si, [0x46C]
.tick:  hlt
        mov     ax, [0x46C]
        sub     ax, si
        cmp     ax, 40
        jb      .tick
        ret
        last
