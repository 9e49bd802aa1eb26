; rom-modes.asm - writes to ROM in protected mode, with paging, by CPL 3, and in long mode; a GDT whose accessed bits lie in ROM
; cannot be made here, but a page fault in the middle of an instruction that writes to ROM can.
%define SECTORS 6
%include "say.inc"
TABLES  equ 0x10000                     ; PML4, PDPT, PD, PT
        cli
        push    0xF000
        pop     es
        mov     eax, [es:0x1000]
        mov     [was], eax
        push    0x1000
        pop     es
        xor     di, di
        mov     cx, 0x2000
        xor     ax, ax
        rep     stosw
        mov     dword [es:0], TABLES + 0x1003
        mov     dword [es:0x1000], TABLES + 0x2003
        mov     dword [es:0x2000], TABLES + 0x3003
        mov     di, 0x3000
        mov     eax, 3
.page:  mov     [es:di], eax
        add     di, 8
        add     eax, 0x1000
        cmp     di, 0x4000
        jb      .page
        mov     dword [es:0x3000 + 0x100 * 8], 0xF1003 ; linear 100000h is ROM, 101000h is missing
        mov     dword [es:0x3000 + 0x101 * 8], 0
        lgdt    [gdtr]
        lidt    [no_idt]
        mov     eax, cr0
        or      al, 1
        mov     cr0, eax
        jmp     8:protected
gdt     dq      0, 0x00CF9A000000FFFF, 0x00CF92000000FFFF, 0x00AF9A000000FFFF, 0x00009A000000FFFF, 0x000092000000FFFF
gdtr    dw      $ - gdt - 1
        dd      gdt
no_idt  dw      0
        dd      0
idt64   dw      16 * 32 - 1
        dd      0x9000
        dd      0
real    dw      0x3FF
        dd      0
was     dd      0
seen    dd      0, 0, 0, 0, 0, 0
        bits    32
protected:
        mov     eax, 16
        mov     ds, eax
        mov     es, eax
        mov     ss, eax
        mov     edi, 0xF1000
        mov     eax, 0xDEADBEEF
        mov     ecx, 0x400
        rep     stosd
        mov     eax, [0xF1000]
        mov     [seen], eax
        mov     esp, 0xF1004
        push    eax
        mov     esp, 0x7C00
        mov     eax, [0xF1000]
        mov     [seen + 4], eax
        mov     eax, cr4
        or      eax, 0x20
        mov     cr4, eax
        mov     eax, TABLES
        mov     cr3, eax
        mov     ecx, 0xC0000080
        rdmsr
        or      eax, 0x100
        wrmsr
        mov     eax, cr0
        or      eax, 0x80000000
        mov     cr0, eax
        jmp     24:in_long_mode
        bits    64
in_long_mode:
        mov     rax, 0x1122334455667788
        mov     [0xF1000], rax
        mov     eax, [0xF1000]
        mov     [seen + 8], eax
        mov     qword [0x100000], 5     ; by another linear address
        mov     eax, [0x100000]
        mov     [seen + 12], eax
        mov     dword [0x9000 + 14 * 16], 24 << 16 | (on_page_fault - $$ + 0x7C00)
        mov     dword [0x9000 + 14 * 16 + 4], 0x8E00
        mov     qword [0x9000 + 14 * 16 + 8], 0
        lidt    [idt64]
        mov     rsp, 0x7C00
        mov     qword [0x100FFC], rax   ; half of it in ROM, half on the page that is missing
        mov     eax, [0x100FFC]
        mov     ecx, [0xF1FFC]
        sub     eax, ecx
        mov     [seen + 16], eax
        push    8
        push    compatible
        o64 retf
on_page_fault:
        mov     rax, [rsp + 24]         ; the flags
        and     eax, 0x100
        or      eax, [rsp]              ; the error code
        mov     [seen + 20], eax
        mov     qword [TABLES + 0x3000 + 0x101 * 8], 0x6003
        add     rsp, 8
        iretq
        bits    32
compatible:
        mov     eax, 16
        mov     ds, eax
        mov     ss, eax
        mov     eax, cr0
        and     eax, 0x7FFFFFFF
        mov     cr0, eax
        jmp     32:.sixteen
        bits    16
.sixteen:
        mov     ax, 40
        mov     ds, ax
        mov     ss, ax
        mov     es, ax
        mov     eax, cr0
        and     al, 0xFE
        mov     cr0, eax
        jmp     0:.real
.real:  xor     ax, ax
        mov     ds, ax
        mov     es, ax
        mov     ss, ax
        lidt    [real]
        mov     ebx, [was]
        sub     [seen], ebx
        sub     [seen + 4], ebx
        sub     [seen + 8], ebx
        sub     [seen + 12], ebx
        tell32  'protected mode, what has changed', [seen]
        tell32  'PUSH, what has changed', [seen + 4]
        tell32  'long mode, what has changed', [seen + 8]
        tell32  'by paging, what has changed', [seen + 12]
        tell32  'behind the page fault, what has changed', [seen + 16]
        tell32  'error code, with TF of the flags', [seen + 20]
        finish
        last
