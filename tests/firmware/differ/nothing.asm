; nothing.asm - where memory ends, by the way of old programs: a word is written and read back, megabyte by megabyte.
%define SECTORS 2
%include "say.inc"
        cli
        flat_fs
        mov     al, 2
        out     0x92, al
        mov     edi, 0x200000
.next:  mov     edx, [fs:edi]
        mov     dword [fs:edi], 0x55AA33CC
        cmp     dword [fs:edi], 0x55AA33CC
        jne     .end
        mov     [fs:edi], edx
        add     edi, 0x100000
        cmp     edi, 0x10000000
        jb      .next
.end:   say     'an end below 256 MB = '
        cmp     edi, 0x10000000
        setb    al
        call    digit
        line
        sti
        push    edi
        mov     ax, 0xE801
        int     0x15
        pop     edi
        shr     edi, 16
        sub     di, 0x100
        sub     di, bx                  ; in 64 KB, above 16 MB
        add     di, 0x10
        say     'less than INT 15h AX=E801h says = '
        test    di, di
        sets    al
        call    digit
        line
        finish
gdt     dq      0, 0x00CF92000000FFFF
gdtr    dw      15
        dd      gdt
        last
