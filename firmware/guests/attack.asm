; attack.asm - a guest that tries to get out of its machine or to bring pxHV down. Every attempt is a line on port E9h, PASS or
; FAIL and what was tried; what only the outside can judge (pxHV's memory, the wire) tests/firmware/attack.sh judges.
;
; Real mode with FS flat over 4 GB. An exception that is expected sets got and goes on at resume.
        bits 16
        org 0x7C00

start:  cli
        xor     ax, ax
        mov     ds, ax
        mov     es, ax
        mov     ss, ax
        mov     sp, 0x7C00
        cld
        mov     ax, 0x0200 + 17         ; the rest of the guest
        mov     cx, 2
        xor     dx, dx
        mov     bx, 0x7E00
        int     0x13
        jnc     main
        hlt

        times 510 - ($ - $$) db 0
        dw 0xAA55

; expect VECTOR, "name": what stands between expect and expected must raise it; 0xFF for nothing.
%macro expect 2+
        %push   one
        %define %$vector %1
        mov     byte [got], 0xFF
        mov     word [resume], %$after
        %2
%endmacro
%macro expected 1
%$after: cmp    byte [got], %$vector
        report  %1
        %pop
%endmacro
; report "name": PASS when ZF is set.
%macro report 1
        mov     si, %%text
        call    tell
        jmp     %%on
%%text  db      %1, 0
%%on:
%endmacro

tell:   push    ax
        push    si
        mov     si, pass
        jz      .head
        mov     si, fail
        mov     byte [failed], 1
.head:  call    say
        pop     si
        call    say
        mov     al, 10
        out     0xE9, al
        pop     ax
        ret
say:    lodsb
        test    al, al
        jz      .end
        out     0xE9, al
        jmp     say
.end:   ret
pass    db 'PASS ', 0
fail    db 'FAIL ', 0
got     db 0
failed  db 0
resume  dw 0
stepped db 0

; Exceptions: the vector is noted, the guest goes on where it asked to. In real mode no error code is pushed.
%macro handler 1
on_%1:  mov     byte [cs:got], %1
        jmp     recover
%endmacro
        handler 6
        handler 12
        handler 13
recover:
        push    bp
        push    ax
        mov     bp, sp
        mov     ax, [cs:resume]
        mov     [bp + 4], ax
        pop     ax
        pop     bp
        iret

; Single steps: whether one stopped behind the IN.
on_step:
        push    bp
        mov     bp, sp
        cmp     word [bp + 2], behind_in
        jne     .no
        mov     byte [cs:stepped], 1
.no:    pop     bp
        iret

main:   mov     word [6 * 4], on_6
        mov     word [12 * 4], on_12
        mov     word [13 * 4], on_13
        mov     word [1 * 4], on_step
        mov     word [1 * 4 + 2], 0
        mov     word [6 * 4 + 2], 0
        mov     word [12 * 4 + 2], 0
        mov     word [13 * 4 + 2], 0
        call    flat

; ---- COM1 ----
        mov     dx, 0x3FB
        mov     al, 0x83
        out     dx, al
        mov     dx, 0x3F8
        xor     ax, ax
        out     dx, ax                  ; divisor 0, by one word over two ports
        in      ax, dx
        test    ax, ax
        setz    al
        test    al, al
        report  'divisor 0 is never read back'
        mov     dx, 0x3FB
        mov     al, 3
        out     dx, al
        mov     dx, 0x3FC
        mov     al, 0x10
        out     dx, al
        mov     dx, 0x3F8
        mov     al, 'L'
        out     dx, al
        in      al, dx
        cmp     al, 'L'
        report  'loopback comes back'
        mov     dx, 0x3FC
        mov     al, 3
        out     dx, al
        mov     dx, 0x3F8
        mov     al, 'A'
        out     dx, al                  ; the wire must show A and not L

; ---- ports ----
        mov     dx, 0xFFFF
        xor     eax, eax
        in      eax, dx
        cmp     eax, -1
        report  'a dword at port FFFFh reads ones'
        mov     dx, 0xFFFE
        out     dx, eax
        mov     dx, 0xCF8
        mov     eax, 0x80000000
        out     dx, eax
        mov     dx, 0xCFC
        in      eax, dx
        cmp     eax, -1
        report  'no PCI'
        mov     dx, 0x1F7
        in      al, dx
        cmp     al, 0xFF
        report  'no disk controller'

; ---- strings ----
        mov     dx, 0x80
        mov     si, 0x1234
        xor     cx, cx
        rep     outsb
        cmp     si, 0x1234
        report  'REP OUTSB with count 0 does nothing'
        mov     si, 0x10
        mov     cx, 0xFFFF
        std
        rep     outsb
        cld
        cmp     si, 0x11
        report  'REP OUTSB with all ones, downwards around 64 KB'
        expect  13, mov si, 0xFFFF
        outsd
        expected 'OUTSD over the segment limit is #GP'
        mov     ax, 0xF000
        mov     es, ax
        mov     di, 0xFF00
        mov     cx, 0x40
        rep     insd                    ; ones over the end of the shadow ROM
        xor     ax, ax
        mov     es, ax
        cmp     di, 0
        report  'REP INSD into the ROM'

; ---- INT 13h ----
        call    read_at_ivt
        report  'INT 13h over the vector table'
        mov     ax, 0xD000
        mov     es, ax
        mov     ax, 0x0201
        mov     cx, 1
        xor     dx, dx
        xor     bx, bx
        int     0x13
        sbb     al, al
        cmp     al, 0
        report  'INT 13h into a hole'
        mov     ax, 0x0201
        mov     bx, 0xFF00
        int     0x13
        cmp     ah, 9
        report  'INT 13h over the end of a segment is error 09h'
        mov     ax, 0xFFFF
        mov     es, ax
        mov     ax, 0x02FF
        mov     bx, 0xFFF0
        int     0x13
        cmp     ah, 0
        setz    al
        test    al, al
        report  'INT 13h of 255 sectors above 1 MB is refused'
        mov     ax, 0x4200
        mov     dl, 0x80
        mov     si, 0xFFF8
        int     0x13
        sbb     al, al
        cmp     al, -1
        report  'INT 13h packets without a disk are refused'

; ---- A20 ----
        xor     ax, ax
        mov     es, ax
        mov     ax, 0xFFFF
        mov     gs, ax
        mov     byte [0x600], 0x11
        mov     byte [gs:0x610], 0x22
        mov     al, 0
        out     0x92, al
        cmp     byte [gs:0x610], 0x11
        report  'A20 closed by port 92h'
        push    es
        push    gs
        pop     es
        mov     ax, 0x0201              ; the BIOS sees what its caller sees: sector 1 comes to 0:600
        mov     cx, 1
        xor     dx, dx
        mov     bx, 0x610
        int     0x13
        pop     es
        cmp     word [0x600 + 510], 0xAA55
        report  'INT 13h with A20 closed'
        mov     al, 0xD1
        out     0x64, al
        mov     al, 0xDF
        out     0x60, al
        cmp     byte [gs:0x610], 0x22
        report  'A20 opened by the keyboard controller'

; ---- memory that is not the guest's ----
        mov     eax, [dword fs:0xFEE00020]
        cmp     eax, -1
        report  'no local APIC'
        mov     eax, [dword fs:0xFEC00000]
        cmp     eax, -1
        report  'no I/O APIC'
        mov     ax, 0xE801
        int     0x15
        movzx   ebx, bx
        shl     ebx, 16
        add     ebx, 0x1000000          ; the end of RAM: from here on it is pxHV's
        mov     edi, ebx
        mov     ecx, [fs:ebx]
        cmp     ecx, -1
        report  'memory above the top reads ones'
.smash: mov     dword [fs:edi], 0xDEADBEEF
        mov     dword [fs:edi + 0xFFC], 0xDEADBEEF
        add     edi, 0x1000
        cmp     edi, 0x08000000
        jb      .smash
        cmp     al, al
        report  'written all over what lies above the top'
        mov     byte [dword fs:0xF2120], 0xCF ; INT 12h's stub: an IRET, the shadow is the guest's
        mov     ax, 0x7777
        int     0x12
        cmp     ax, 0x7777
        report  'the shadow ROM belongs to the guest'
        mov     dword [dword fs:0xF2120], 0x72C1010F ; VMCALL, JC: as it was

; ---- the processor ----
        expect  13, mov ecx, 0x1B
        rdmsr
        expected 'RDMSR of the APIC base is #GP'
        expect  13, mov ecx, 0x480
        rdmsr
        expected 'RDMSR of VMX_BASIC is #GP'
        expect  13, mov ecx, 0x3A
        xor     eax, eax
        xor     edx, edx
        wrmsr
        expected 'WRMSR of FEATURE_CONTROL is #GP'
        expect  13, mov ecx, 0xC0000082
        mov     edx, 0x8000
        wrmsr
        expected 'WRMSR of an LSTAR that is not canonical is #GP'
        expect  13, mov eax, 0x2000
        mov     cr4, eax
        expected 'CR4.VMXE is #GP'
        expect  13, mov eax, 0x40000
        mov     cr4, eax
        expected 'CR4.OSXSAVE is #GP'
        expect  13, mov eax, 0x20000010
        mov     cr0, eax
        expected 'CR0.NW without CD is #GP'
        mov     eax, cr0
        or      eax, 0x60000000
        mov     cr0, eax
        mov     ebx, cr0
        cmp     eax, ebx
        report  'CR0.CD and NW are kept for show'
        and     eax, 0x9FFFFFFF
        mov     cr0, eax
        expect  6, db 0x0F, 0x01, 0xC1
        expected 'VMCALL elsewhere is #UD'
        expect  6, db 0x0F, 0x01, 0xC2
        expected 'VMLAUNCH is #UD'
        expect  6, db 0x0F, 0x01, 0xC4
        expected 'VMXOFF is #UD'
        expect  6, db 0xF3, 0x0F, 0xC7, 0x36, 0x00, 0x06
        expected 'VMXON is #UD'
        expect  6, db 0x0F, 0x01, 0xC8
        expected 'MONITOR is #UD'
        expect  6, db 0x0F, 0x01, 0xC9
        expected 'MWAIT is #UD'
        expect  6, db 0x0F, 0x01, 0xD1
        expected 'XSETBV is #UD'
        expect  6, db 0x0F, 0x37
        expected 'GETSEC is #UD'
        expect  0xFF, invd
        expected 'INVD is survived'
        mov     eax, 0x12345
        mov     dr0, eax
        mov     eax, 0x402
        mov     dr7, eax
        in      al, 0x80
        mov     ebx, dr7
        cmp     ebx, 0x402
        report  'DR7 survives an exit'
        mov     eax, 0x400
        mov     dr7, eax
        pushf
        or      word [esp], 0x100
        popf
        in      al, 0x80
behind_in:
        nop
        pushf
        and     word [esp], 0xFEFF
        popf
        cmp     byte [stepped], 1
        report  'a single step stops behind IN'

; ---- delivery into nothing ----
        mov     ax, 0xD800
        mov     ss, ax
        mov     sp, 0x1000
        int     0x12
        mov     bx, ax
        xor     ax, ax
        mov     ss, ax
        mov     sp, 0x7C00
        cmp     bx, 639
        report  'an interrupt with its stack in a hole'
        mov     byte [dword fs:0x10FFEF], 0xCF
        sidt    [table]
        lidt    [hole]
        int     0x40                    ; reads FFFF:FFFF from the hole; an IRET lies there
        lidt    [table]
        cmp     sp, 0x7C00
        report  'an interrupt through a table in a hole'

        mov     dx, 0x3F8
        mov     al, 'Z'
        out     dx, al
        cmp     byte [failed], 0
        report  'every attempt'
        cli
        hlt

hole:   dw 0x3FF
        dd 0xE1000
table:  dw 0, 0, 0

; A sector over vectors 0 to 7Fh, which are put back.
read_at_ivt:
        push    es
        push    ds
        mov     ax, 0x2000
        mov     es, ax
        xor     si, si
        xor     di, di
        mov     cx, 256
        rep     movsw
        xor     ax, ax
        mov     es, ax
        mov     ax, 0x0201
        mov     cx, 1
        xor     dx, dx
        xor     bx, bx
        int     0x13
        mov     dx, [510]
        mov     ax, 0x2000
        mov     ds, ax
        xor     si, si
        xor     di, di
        mov     cx, 256
        rep     movsw
        pop     ds
        pop     es
        cmp     dx, 0xAA55
        ret

; FS with a limit of 4 GB, loaded in protected mode and kept.
flat:   lgdt    [gdt]
        mov     eax, cr0
        or      al, 1
        mov     cr0, eax
        mov     bx, 8
        mov     fs, bx
        and     al, 0xFE
        mov     cr0, eax
        ret
        align   8
gdt:    dw 15
        dd gdt_0
        align   8
gdt_0:  dq 0, 0x00CF93000000FFFF

        times 18 * 512 - ($ - $$) db 0
