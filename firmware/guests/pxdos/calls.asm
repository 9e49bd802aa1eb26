; calls.asm - tries the calls of INT 21h that pxDOS has, on README.TXT, and reports a line for each: "ok NAME" or
; "not ok NAME". What it expects is what MS-DOS' programmer's reference says.
        bits    16
        org     0x100

%macro check 2                          ; the condition that must hold now, and the name
        j%1     %%good
        mov     byte [bad], 1
%%good: mov     si, %%name
        call    report
        jmp     %%on
%%name  db      %2, '$'
%%on:
%endmacro

        mov     ah, 0x30
        int     0x21
        cmp     ax, 0x1E03
        check   e, '30 the version is 3.30'
        mov     ah, 0x62
        int     0x21
        mov     ax, cs
        cmp     ax, bx
        check   e, '62 the PSP is this segment'
        cmp     word [0], 0x20CD
        check   e, 'the PSP begins with INT 20h'
        mov     ah, 0x19
        int     0x21
        test    al, al
        check   z, '19 the drive is A'
        mov     ah, 0x0B
        int     0x21
        test    al, al
        check   z, '0B nothing has been typed'
        mov     ah, 0x06
        mov     dl, 0xFF
        int     0x21
        check   z, '06 nothing has been typed'
        mov     ah, 0x06
        mov     dl, ' '
        int     0x21
        mov     ax, 0x3577
        int     0x21
        mov     [old], bx
        mov     [old + 2], es
        mov     dx, hook
        mov     ax, 0x2577
        int     0x21
        mov     ax, 0x3577
        int     0x21
        mov     ax, es
        mov     cx, cs
        cmp     ax, cx
        jne     .vector
        cmp     bx, hook
.vector:
        check   e, '25 and 35 a vector'
        push    ds
        pop     es
        int     0x77
        cmp     byte [hooked], 1
        check   e, 'and it is taken'
        push    ds
        lds     dx, [old]
        mov     ax, 0x2577
        int     0x21
        pop     ds
        mov     ah, 0x2A
        int     0x21
        cmp     cx, 2000
        check   ae, '2A the year'
        mov     ah, 0x2C
        int     0x21
        cmp     ch, 24
        check   b, '2C the hour'

        mov     dx, readme
        xor     cx, cx
        mov     ah, 0x3C
        int     0x21
        jnc     .created
        cmp     ax, 5
.created:
        check   e, '3C is refused: access denied'
        mov     dx, nothing
        mov     ax, 0x3D00
        int     0x21
        jnc     .nothing
        cmp     ax, 2
.nothing:
        check   e, '3D a file that is not there: 2'
        mov     dx, readme
        mov     ax, 0x3D00
        int     0x21
        mov     bx, ax
        check   nc, '3D opens README.TXT'
        mov     ax, 0x4202
        xor     cx, cx
        xor     dx, dx
        int     0x21
        mov     [size], ax
        mov     [size + 2], dx
        mov     ax, 0x4200
        xor     cx, cx
        mov     dx, 6
        int     0x21
        cmp     ax, 6
        check   e, '42 to byte 6'
        mov     ah, 0x3F
        mov     cx, 4
        mov     dx, buffer
        int     0x21
        cmp     ax, 4
        jne     .four
        cmp     dword [buffer], 'is a'
.four:  check   e, '3F reads 4 bytes there'
        mov     ax, 0x4201
        mov     cx, 0xFFFF
        mov     dx, 0xFFFE              ; -2
        int     0x21
        cmp     ax, 8
        check   e, '42 from here'
        mov     ax, 0x4202
        mov     cx, 0xFFFF
        mov     dx, 0xFFFF
        int     0x21
        mov     ah, 0x3F
        mov     cx, 100
        mov     dx, buffer
        int     0x21
        cmp     ax, 1
        check   e, '3F ends at the end'
        mov     ah, 0x3E
        int     0x21
        check   nc, '3E closes it'
        mov     ah, 0x3F
        mov     cx, 1
        int     0x21
        jnc     .closed
        cmp     ax, 6
.closed:
        check   e, '3F of a closed file: 6'

        mov     dx, area
        mov     ah, 0x1A
        int     0x21
        mov     dx, pattern
        xor     cx, cx
        mov     ah, 0x4E
        int     0x21
        check   nc, '4E finds README.*'
        mov     ax, [area + 0x1A]
        cmp     ax, [size]
        check   e, 'with the size that 42 told'
        mov     si, area + 0x1E
        mov     di, readme
        mov     cx, 11
        repe    cmpsb
        check   e, 'and its name'
        mov     ah, 0x4F
        int     0x21
        jnc     .more
        cmp     ax, 18
.more:  check   e, '4F finds no more: 18'
        mov     eax, 0x12345678
        mov     ebp, 0x3456789A
        mov     ah, 0x99
        stc
        int     0x21
        jnc     .unknown
        cmp     ax, 1
.unknown:
        check   e, '99 is no call: 1'
        cmp     ebp, 0x3456789A
        check   e, 'registers keep their upper halves'
        mov     ah, 0x40
        mov     bx, 1
        mov     cx, 6
        mov     dx, end_text
        int     0x21
        mov     ax, 0x4C00
        int     0x21

hook:   mov     byte [cs:hooked], 1
        iret

report: pushf
        pusha
        push    si
        mov     dx, text_ok
        cmp     byte [bad], 0
        je      .good
        mov     dx, text_not_ok
        mov     byte [bad], 0
.good:  mov     ah, 0x09
        int     0x21
        pop     dx
        int     0x21
        mov     dx, text_line
        int     0x21
        popa
        popf
        ret

readme  db      'README.TXT', 0
nothing db      'NOTHING.TXT', 0
pattern db      'A:\readme.*', 0
text_ok db      'ok $'
text_not_ok db  'not ok $'
text_line db    13, 10, '$'
end_text db     'done', 13, 10
bad     db      0
hooked  db      0
old     dd      0
size    dd      0
buffer  times 128 db 0
area    times 64 db 0
