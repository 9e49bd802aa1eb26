; rom-writes.asm - every kind of instruction that writes, into F0000h to FFFFFh: nothing of it is kept, and the instruction does all
; else that it does. The bytes are compared with what they were.
; short
%define SECTORS 8
%include "say.inc"
        cli
        push    0xF000
        pop     es
        push    0xF000
        pop     gs
        push    0x2000
        pop     fs
        xor     si, si                  ; a copy of the first 32 KB at 20000h, the upper 32 KB at 28000h
.copy:  mov     eax, [gs:si]
        mov     [fs:si], eax
        add     si, 4
        jnz     .copy
; kept "name": whether the ROM is as it was.
%macro kept 1
        call    same
        say     {%1, ' = '}
        call    digit
        line
%endmacro
        mov     bx, 0x1234
        mov     dword [gs:bx], 0x12345678
        mov     byte [gs:bx], 0x55
        kept    'MOV'
        mov     eax, [gs:bx]
        mov     edx, 0x5A5AA5A5
        xchg    edx, [gs:bx]
        cmp     eax, edx
        call    equal
        kept    'XCHG'
        add     dword [gs:bx], 0x11111111
        inc     byte [gs:bx]
        not     word [gs:bx]
        bts     dword [gs:bx], 3
        btc     dword [gs:bx], 4
        shl     dword [gs:bx], 5
        lock    or byte [gs:bx], 0xF0
        kept    'read, change and write'
        mov     eax, [gs:bx]
        mov     ecx, 0x77777777
        cmpxchg [gs:bx], ecx
        call    equal
        mov     ecx, 1
        xadd    [gs:bx], ecx
        cmp     ecx, eax
        call    equal
        kept    'CMPXCHG, XADD'
        mov     eax, [gs:bx]
        mov     edx, [gs:bx + 4]
        mov     ecx, 0x13572468
        push    ebx
        cmpxchg8b [gs:0x1234]
        pop     ebx
        call    equal
        kept    'CMPXCHG8B'
        mov     di, 0x8000
        mov     cx, 100
        mov     ax, 0xA55A
        rep     stosw
        cmp     di, 0x80C8
        call    equal
        cmp     cx, 0
        call    equal
        kept    'REP STOSW'
        std
        mov     di, 0x8104
        mov     cx, 65
        rep     stosd
        cmp     di, 0x8000
        call    equal
        cld
        kept    'REP STOSD downwards, over a page'
        mov     si, 0x7C00
        mov     di, 0x9001
        mov     cx, 33
        rep     movsd
        cmp     si, 0x7C84
        call    equal
        cmp     di, 0x9085
        call    equal
        kept    'REP MOVSD'
        mov     dword [gs:0x2FFE], 0x99999999
        mov     word [gs:0xFFF], 0x8888
        kept    'across a page'
        mov     [saved], sp
        mov     ax, 0xF000
        mov     ss, ax
        mov     sp, 0x4002
        push    ax
        push    eax
        pusha
        pushad
        pushf
        mov     cx, sp
        call    .into
.into:  enter   8, 3
        mov     dx, sp
        push    cs
        mov     ax, 0
        mov     ss, ax
        mov     sp, [saved]
        tell16  'SP behind the pushes', cx
        tell16  'SP behind CALL and ENTER', dx
        kept    'PUSH, PUSHA, PUSHF, CALL, ENTER'
        mov     word [0x60 * 4], .int
        mov     word [0x60 * 4 + 2], 0
        mov     ax, 0xF000
        mov     ss, ax
        mov     sp, 0x5002              ; the frame crosses a page
        stc
        int     0x60
.int:   mov     cx, sp
        mov     ax, 0
        mov     ss, ax
        mov     sp, [saved]
        tell16  'SP in a handler whose frame is lost', cx
        kept    'INT n'
        mov     eax, cr4
        or      eax, 0x200
        mov     cr4, eax
        fninit
        fxsave  [gs:0x6E00]
        kept    'FXSAVE'
        fnstcw  [gs:0x6E00]
        fld1
        fstp    qword [gs:0x6FFC]
        kept    'FSTCW, FSTP'
        sgdt    [gs:0x6E01]
        smsw    [gs:0x6E01]
        mov     [gs:0x6E01], cs
        setc    [gs:0x6E01]
        kept    'SGDT, SMSW, MOV of a segment, SETcc'
        mov     byte [gs:0], 0
        mov     byte [gs:0xFFFF], 0
        mov     dword [gs:0xFFF0], 0
        kept    'the first and the last byte, the reset vector'
        sti
        mov     ah, 1
        int     0x16
        mov     ah, 0x12
        int     0x12
        tell16  'INT 12h', ax
        finish
saved   dw      0
; ZF is set, or the line says so.
equal:  je      .good
        say     'not as it should be = here', 10
.good:  ret
; AL = 1 when the ROM is as it was.
same:   push    si
        xor     si, si
.next:  mov     eax, [gs:si]
        cmp     eax, [fs:si]
        mov     al, 0
        jne     .end
        add     si, 4
        jnz     .next
        mov     al, 1
.end:   pop     si
        ret
        last
