; unreal.asm - a program that has taken FS, base 0 and 4 GB, along from protected mode: interrupts and BIOS calls leave it as it is.
; short
%define SECTORS 2
%include "say.inc"
        mov     al, 2
        out     0x92, al
        cli
        flat_fs
        mov     dword [fs:dword 0x100000], 0x12345678
        mov     cx, 3
        sti
.tick:  hlt
        loop    .tick
        tell32  'behind three ticks', [fs:dword 0x100000]
        mov     ah, 1
        int     0x16
        mov     ah, 2
        int     0x1A
        mov     ah, 0
        mov     dl, 0
        int     0x13
        tell32  'behind BIOS calls', [fs:dword 0x100000]
        mov     ax, fs
        tell16  'FS', ax
        finish
gdt     dq 0, 0x00CF92000000FFFF
gdtr    dw      15
        dd      gdt
        last
