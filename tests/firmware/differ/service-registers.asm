; service-registers.asm - what BIOS calls leave of registers that are not their results: bits of what has changed, EAX 1, EBX 2, ECX 4,
; EDX 8, ESI 10h, EDI 20h, EBP 40h, DS 80h, ES 100h, upper halves of EAX to EDX 200h, the direction flag 400h, IF 800h, SP 1000h.
%define SECTORS 6
%include "say.inc"
; calls "what", number, AX, BX, CX, DX
%macro calls 6
        mov     dword [want.ax], 0x11110000 + %3
        mov     dword [want.bx], 0x33330000 + %4
        mov     dword [want.cx], 0x55550000 + %5
        mov     dword [want.dx], 0x77770000 + %6
        mov     byte [number], %2
        call    once
        tell16  %1, [changed]
%endmacro
        calls   'INT 10h of 02h', 0x10, 0x0200, 0, 0, 0x0505
        calls   'INT 10h of 01h', 0x10, 0x0100, 0, 0x0607, 0
        calls   'INT 10h of 03h', 0x10, 0x0300, 0, 0, 0
        calls   'INT 10h of 05h', 0x10, 0x0500, 0, 0, 0
        calls   'INT 10h of 06h', 0x10, 0x0601, 0x0700, 0x0000, 0x0101
        calls   'INT 10h of 07h', 0x10, 0x0701, 0x0700, 0x0000, 0x0101
        calls   'INT 10h of 08h', 0x10, 0x0800, 0, 0, 0
        calls   'INT 10h of 09h', 0x10, 0x0941, 7, 1, 0
        calls   'INT 10h of 0Ah', 0x10, 0x0A41, 7, 1, 0
        calls   'INT 10h of 0Eh', 0x10, 0x0E42, 7, 0, 0
        calls   'INT 10h of 0Fh', 0x10, 0x0F00, 0, 0, 0
        calls   'INT 11h itself', 0x11, 0, 0, 0, 0
        calls   'INT 12h itself', 0x12, 0, 0, 0, 0
        calls   'INT 13h of 00h', 0x13, 0x0000, 0, 0, 0
        calls   'INT 13h of 01h', 0x13, 0x0100, 0, 0, 0
        calls   'INT 13h of 02h', 0x13, 0x0201, 0x6000, 0x0001, 0
        calls   'INT 13h of 04h', 0x13, 0x0401, 0x6000, 0x0001, 0
        calls   'INT 13h of 15h', 0x13, 0x1500, 0, 0, 0
        calls   'INT 13h of 41h of a floppy', 0x13, 0x4100, 0x55AA, 0, 0
        calls   'INT 14h of 03h', 0x14, 0x0300, 0, 0, 0
        calls   'INT 15h of 88h', 0x15, 0x8800, 0, 0, 0
        calls   'INT 15h of 2402h', 0x15, 0x2402, 0, 0, 0
        calls   'INT 15h of 4Fh', 0x15, 0x4F1E, 0, 0, 0
        calls   'INT 15h of 86h', 0x15, 0x8600, 0, 0, 1000
        calls   'INT 15h of EEh, unknown', 0x15, 0xEE00, 0, 0, 0
        calls   'INT 16h of 01h', 0x16, 0x0100, 0, 0, 0
        calls   'INT 16h of 02h', 0x16, 0x0200, 0, 0, 0
        calls   'INT 16h of 05h', 0x16, 0x0500, 0, 0x1E61, 0
        calls   'INT 16h of 00h', 0x16, 0x0000, 0, 0, 0
        calls   'INT 16h of 11h', 0x16, 0x1100, 0, 0, 0
        calls   'INT 16h of 12h', 0x16, 0x1200, 0, 0, 0
        calls   'INT 1Ah of 00h', 0x1A, 0x0000, 0xABCD, 0xABCD, 0xABCD
        calls   'INT 1Ah of 02h', 0x1A, 0x0200, 0xABCD, 0xABCD, 0xABCD
        calls   'INT 1Ah of 04h', 0x1A, 0x0400, 0xABCD, 0xABCD, 0xABCD
        finish
once:   mov     al, [number]
        mov     [.int + 1], al
        jmp     .flush                  ; the code has changed
.flush: mov     eax, [want.ax]
        mov     ebx, [want.bx]
        mov     ecx, [want.cx]
        mov     edx, [want.dx]
        mov     esi, 0x9999AAAA
        mov     edi, 0xBBBBCCCC
        mov     ebp, 0xDDDDEEEE
        push    word 0
        pop     es
        mov     [sp_was], sp
        sti
        cld
.int:   int     0x10
        pushf
        pop     word [cs:flags]
        mov     [cs:got.ds], ds
        push    word 0
        pop     ds
        mov     [got.es], es
        mov     [got.ax], eax
        mov     [got.bx], ebx
        mov     [got.cx], ecx
        mov     [got.dx], edx
        cld
        xor     ax, ax
        cmp     sp, [sp_was]
        je      .sp
        or      ax, 0x1000
        mov     sp, [sp_was]
.sp:    cmp     esi, 0x9999AAAA
        je      .si
        or      al, 0x10
.si:    cmp     edi, 0xBBBBCCCC
        je      .di
        or      al, 0x20
.di:    cmp     ebp, 0xDDDDEEEE
        je      .bp
        or      al, 0x40
.bp:    cmp     word [got.ds], 0
        je      .ds
        or      al, 0x80
.ds:    cmp     word [got.es], 0
        je      .es
        or      ah, 1
.es:    mov     si, got
        mov     di, want
        mov     cx, 1
.next:  mov     bx, [si]
        cmp     bx, [di]
        je      .same
        or      al, cl
.same:  mov     bx, [si + 2]
        cmp     bx, [di + 2]
        je      .upper
        or      ah, 2
.upper: add     si, 4
        add     di, 4
        add     cx, cx
        cmp     cx, 16
        jb      .next
        test    word [flags], 0x400
        jz      .df
        or      ah, 4
.df:    test    word [flags], 0x200
        jnz     .if
        or      ah, 8
.if:    mov     [changed], ax
        xor     ax, ax
        mov     es, ax
        ret
number  db      0
changed dw      0
flags   dw      0
sp_was  dw      0
want:
.ax     dd      0
.bx     dd      0
.cx     dd      0
.dx     dd      0
got:
.ax     dd      0
.bx     dd      0
.cx     dd      0
.dx     dd      0
.ds     dw      0
.es     dw      0
        last
