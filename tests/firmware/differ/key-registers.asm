; key-registers.asm - handlers of INT 15h AH=4Fh, 1Bh and 05h that spoil every register: what the program under the key then has.
; only = pxhv seabios
%include "keys.inc"
        cli
        mov     eax, [0x15 * 4]
        mov     [old], eax
        mov     word [0x15 * 4], offer
        mov     word [0x15 * 4 + 2], 0
        mov     word [0x1B * 4], spoil
        mov     word [0x05 * 4], spoil
        sti
%macro under 2+
        mov     si, %%bytes
        call    each
        tell8   {%1, ', bytes that changed something'}, [changed]
        jmp     %%on
%%bytes: db     %2, 0
%%on:
%endmacro
        under   'a', 0x1E, 0x9E
        under   'Ctrl-Break', 0x1D, 0xE0, 0x46, 0xE0, 0xC6, 0x9D
        under   'Print Screen', 0xE0, 0x2A, 0xE0, 0x37, 0xE0, 0xB7, 0xE0, 0xAA
        tell8   'calls of INT 15h AH=4Fh', [offers]
        finish
each:   lodsb
        test    al, al
        jz      .end
        mov     [next], si
        cli
        mov     bl, al
        call    ready
        mov     al, 0xD2
        out     0x64, al
        call    ready
        mov     al, bl
        out     0x60, al
        mark_registers
        sti
        hlt
        hlt
        cli
        mov     [cs:had.ds], ds
        push    0
        pop     ds
        mov     [had.es], es
        push    0
        pop     es
%macro still 2
        cmp     %1, %2
        jne     .other
%endmacro
        still   eax, 0x11112222
        still   ebx, 0x33334444
        still   ecx, 0x55556666
        still   edx, 0x77778888
        still   esi, 0x9999AAAA
        still   edi, 0xBBBBCCCC
        still   ebp, 0xDDDDEEEE
        still   word [had.ds], 0
        still   word [had.es], 0x2345
.on:    mov     si, [next]
        jmp     each
.other: inc     byte [changed]
        jmp     .on
.end:   sti
        ret
offer:  cmp     ah, 0x4F
        jne     .other
        inc     byte [cs:offers]
        push    ax
        call    all
        pop     ax
        stc
        retf    2
.other: jmp     far [cs:old]
spoil:  call    all
        mov     eax, -1
        iret
all:    mov     ebx, 0x1F
        mov     ecx, 0x2F
        mov     edx, 0x3F
        mov     esi, 0x4F
        mov     edi, 0x5F
        mov     ebp, 0x6F
        movzx   eax, ax
        mov     ds, bx
        mov     es, cx
        ret
old     dd      0
next    dw      0
had:
.ds     dw      0
.es     dw      0
changed db      0
offers  db      0
        last
