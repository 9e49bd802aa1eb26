; odd.asm - paging and long mode are switched on in real mode: #GP. QEMU 7.2 takes that, and does not enter such a guest again, which
; then starts once more.
        bits 16
        org 0x7C00
        xor     ax, ax
        mov     ds, ax
        mov     ss, ax
        mov     sp, 0x7C00
        cli
        cld
        mov     al, 0x6E                ; memory that a reset leaves alone
        out     0x70, al
        in      al, 0x71
        mov     si, again
        cmp     al, 1
        je      tell
        mov     al, 1
        out     0x71, al
        mov     word [13 * 4], refused
        mov     word [13 * 4 + 2], 0
        mov     ax, 0x3000              ; 2 MB as they are
        mov     es, ax
        xor     ax, ax
        xor     di, di
        mov     cx, 0x3000 / 2
        rep     stosw
        mov     dword [es:0], 0x31007
        mov     dword [es:0x1000], 0x32007
        mov     dword [es:0x2000], 0x87
        mov     eax, cr4
        or      al, 0x20                ; PAE
        mov     cr4, eax
        mov     eax, 0x30000
        mov     cr3, eax
        mov     ecx, 0xC0000080
        rdmsr
        or      ah, 1                   ; LME
        wrmsr
        mov     eax, cr0
        or      eax, 0x80000000
        mov     cr0, eax
        in      al, 0x80
        mov     si, taken
tell:   lodsb
        out     0xE9, al
        cmp     al, 10
        jne     tell
        hlt
refused:
        mov     si, gp
        jmp     tell
gp      db      '#GP', 10
taken   db      'taken', 10
again   db      'once more', 10
        times 510 - ($ - $$) db 0
        dw      0xAA55
