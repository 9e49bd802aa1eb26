; rom-traps.asm - writes to ROM while the program is stepped, watched by a breakpoint, or interrupted: it sees its own traps, as many
; as there are, and flags that are its own.
%define SECTORS 4
%include "say.inc"
        mov     word [1 * 4], on_debug
        mov     word [1 * 4 + 2], 0
        push    0xF000
        pop     es
        cli
        pushf
        pop     ax
        or      ah, 1
        push    ax
        popf                            ; TF
        nop
        mov     byte [es:0x100], 1
        mov     byte [es:0x200], 2
        mov     di, 0x300
        mov     cx, 5
        rep     stosb
        pushf
        pop     ax
        and     ah, 0xFE
        push    ax
        popf
        nop
        tell16  'traps', [traps]
        mov     word [traps], 0
        mov     byte [es:0x100], 1
        pushf
        pop     ax
        and     ax, 0x0300
        tell16  'IF and TF behind a write', ax
        mov     word [traps], 0
        mov     eax, 0xF0400            ; a breakpoint on writes of a byte at F0400h
        mov     dr0, eax
        mov     eax, 0x00010402
        mov     dr7, eax
        xor     eax, eax
        mov     dr6, eax
        mov     byte [es:0x3FF], 1
        mov     byte [es:0x400], 1
        mov     byte [es:0x401], 1
        xor     eax, eax
        mov     dr7, eax
        tell16  'traps of the breakpoint', [traps]
        tell16  'DR6 then', [dr6_was]
        sti
        mov     cx, [0x46C]             ; writes to ROM for three ticks of the clock
.ticks: mov     word [es:0x500], 0x1234
        mov     ax, [0x46C]
        sub     ax, cx
        cmp     ax, 3
        jb      .ticks
        say     'ticks come = yes', 10
        finish
traps   dw      0
dr6_was dw      0
on_debug:
        push    eax
        inc     word [cs:traps]
        mov     eax, dr6
        and     ax, 0x400F
        mov     [cs:dr6_was], ax
        xor     eax, eax
        mov     dr6, eax
        pop     eax
        iret
        last
