; task-jump.asm - JMP to a TSS and back: what each task state gets, busy bits, NT, TS, the link that stays.
%define SECTORS 8
%include "say.inc"
%include "tasks.inc"
        call    protected
        task    TSS_B, b, 0x0002, 0x6F00
        mov     dword [TSS_B + 0x28], 0xA0A1A2A3
        mov     dword [TSS_B + 0x44], 0xD0D1D2D3
        mov     word [TSS_B + 0x58], DATA
        mov     eax, 0x11223344
        mov     ebx, 0x55667788
        mov     ebp, 0x99AABBCC
        stc
        jmp     TASK_B:0
back:   say     'back in A', 10
        tell8   'A after JMP back', [gdt + TASK_A + 5]
        tell8   'B after JMP back', [gdt + TASK_B + 5]
        tell16  'EIP of B', [TSS_B + 0x20]
        tell16  'expected', after_b
        tell32  'EBX kept over all', ebx
        finish
b:      say     'in B', 10
        tell32  'EAX', eax
        tell32  'EDI', edi
        tell16  'FS', fs
        tell16  'SP', sp
        pushf
        pop     ax
        and     ax, 0xFFD5              ; without what is undefined
        tell16  'flags', ax
        str     ax
        tell16  'TR', ax
        smsw    ax
        and     ax, 8
        tell16  'TS', ax
        tell8   'A', [gdt + TASK_A + 5]
        tell8   'B', [gdt + TASK_B + 5]
        tell16  'link', [TSS_B]
        tell32  'EAX of A', [TSS_A + 0x28]
        tell32  'EBX of A', [TSS_A + 0x34]
        tell32  'EBP of A', [TSS_A + 0x3C]
        mov     eax, [TSS_A + 0x20]
        sub     eax, back
        tell32  'EIP of A, less where it goes on', eax
        mov     ax, [TSS_A + 0x24]
        and     ax, 0xF001
        tell16  'carry and NT of A', ax
        tell16  'CS of A', [TSS_A + 0x4C]
        tell16  'SS of A', [TSS_A + 0x50]
        jmp     TASK_A:0
after_b:
        last
