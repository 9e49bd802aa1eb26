; task-trap.asm - the T flag of a TSS, TF across a switch, and the local breakpoints that a switch takes away.
%define SECTORS 8
%include "say.inc"
%include "tasks.inc"
        call    protected
        gate    1, on_debug
        task    TSS_B, b, 0x0002, 0x6F00
        mov     word [TSS_B + 100], 1
        mov     eax, 0x155
        or      eax, 0x2AA
        mov     dr7, eax
        xor     eax, eax
        mov     dr6, eax
        call    TASK_B:0
        mov     eax, dr7
        and     eax, 0x3FF
        tell32  'DR7, local and global', eax
        mov     word [TSS_B + 100], 0
        mov     dword [TSS_B + 0x20], b2
        mov     dword [TSS_B + 0x24], 0x0102 ; TF: a step behind its first instruction
        mov     word [traps], 0
        call    TASK_B:0
        tell16  'traps of the new task', [traps]
        finish
b:      mov     eax, 0xB
        tell16  'traps in front of it', [traps]
        mov     eax, dr6
        and     eax, 0xE00F
        tell32  'DR6', eax
        clts
        iret
b2:     nop
        nop
b3:     mov     ax, [trap_at]
        sub     ax, b2
        tell16  'the first trap, less the first instruction', ax
        clts
        iret
traps   dw      0
trap_at dw      0
on_debug:
        push    bp
        mov     bp, sp
        cmp     word [ss:traps], 0
        jne     .more
        push    ax
        mov     ax, [bp + 2]
        mov     [ss:trap_at], ax
        pop     ax
        cmp     word [bp + 2], b
        je      .more
        and     word [bp + 6], 0xFEFF
.more:  inc     word [ss:traps]
        pop     bp
        iret
        last
