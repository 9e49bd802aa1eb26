; task-call.asm - CALL to a TSS and through a task gate, and IRET back: the link, NT, busy bits, twice in a row.
%define SECTORS 8
%include "say.inc"
%include "tasks.inc"
        call    protected
        task    TSS_B, b, 0x0002, 0x6F00
        mov     ecx, 0xC1C2C3C4
        call    TASK_B:0
        say     'back in A', 10
        tell32  'ECX is as it was', ecx
        tell8   'A', [gdt + TASK_A + 5]
        tell8   'B', [gdt + TASK_B + 5]
        pushf
        pop     ax
        and     ax, 0x4000
        tell16  'NT', ax
        mov     ax, [TSS_A + 0x24]
        and     ax, 0x4000
        tell16  'NT in the state of A', ax
        mov     ax, [TSS_B + 0x24]
        and     ax, 0x4000
        tell16  'NT in the state of B', ax
        clts
        call    GATE_B:0
        say     'and again', 10
        tell8   'B at the end', [gdt + TASK_B + 5]
        call    CODE32:in32             ; from code of 32 bits
        say     'the same from 32-bit code', 10
        tell32  'EBX', ebx
        tell32  'EIP of A, less where it went on', [from32]
        finish
b:      tell16  'link', [TSS_B]
        pushf
        pop     ax
        and     ax, 0x4000
        tell16  'NT in B', ax
        tell8   'A is still busy', [gdt + TASK_A + 5]
        tell8   'B is busy', [gdt + TASK_B + 5]
        smsw    ax
        and     ax, 8
        tell16  'TS in B', ax
        clts
        iret
        say     'behind the IRET', 10
        tell8   'A, the second time', [gdt + TASK_A + 5]
        iret
        inc     dword [counted]
        iret
counted dd      0
from32  dd      0
        bits    32
in32:   mov     ebx, 0x12345678
        call    TASK_B:0
.on:    mov     eax, [TSS_A + 0x20]
        sub     eax, .on
        mov     [from32], eax
        o16 retf
        bits    16
        last
