; hook-registers.asm - INT 1Ch by a handler that spoils every register: what a program of 32 bits then has.
%define SECTORS 4
%include "say.inc"
        mov     word [0x1C * 4], spoil
        mov     word [0x1C * 4 + 2], 0
        cli
        mark_registers
        sti
        hlt
        cli
        push    ds
        push    0
        pop     ds
        pop     word [had.ds]
        mov     [had.es], es
        tell32  'EAX', eax
        tell32  'EBX', ebx
        tell32  'ECX', ecx
        tell32  'EDX', edx
        tell32  'ESI', esi
        tell32  'EDI', edi
        tell32  'EBP', ebp
        tell16  'DS', [had.ds]
        tell16  'ES', [had.es]
        finish
spoil:
        mov     eax, -1
        mov     ebx, -2
        mov     ecx, -3
        mov     edx, -4
        mov     esi, -5
        mov     edi, -6
        mov     ebp, -7
        mov     ds, ax
        mov     es, ax
        iret
had:
.ds     dw      0
.es     dw      0
        last
