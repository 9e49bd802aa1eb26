; task-events.asm - events whose IDT entry is a task gate: INT n, INT3, a fault with an error code and one without, a hardware
; interrupt while the processor halts; where the interrupted task goes on, what lies on the new stack.
%define SECTORS 10
%include "say.inc"
%include "tasks.inc"
        call    protected
        task    TSS_B, b, 0x0002, 0x6F00
        task_gate 0x30, TASK_B
        task_gate 3, TASK_B
        task_gate 13, TASK_B
        task_gate 6, TASK_B
        task_gate 8, TASK_B             ; IRQ 0, and what #DF would be
        mov     word [what], .int_n
        int     0x30
.int_n: say     'behind INT n', 10
        mov     word [what], behind_int3
        int3
behind_int3:
        say     'behind INT3', 10
        mov     word [what], gp
        mov     word [skip], 4
gp:     mov     fs, [wrong]             ; #GP(0148h): beyond the GDT
        say     'behind #GP', 10
        mov     word [what], gp2
gp2:    mov     gs, [wrong]             ; again: no double fault, since the first one has been delivered
        say     'behind another #GP', 10
        mov     word [what], ud
        mov     word [skip], 2
ud:     ud2
        say     'behind #UD', 10
        mov     word [skip], 0
        mov     al, 0xFE                ; the timer alone
        out     0x21, al
        mov     word [what], behind_hlt
        mov     byte [irq], 1
        sti
        hlt
behind_hlt:
        cli
        say     'behind HLT', 10
        tell8   'A', [gdt + TASK_A + 5]
        tell8   'B', [gdt + TASK_B + 5]
        finish
wrong   dw      0x148
what    dw      0
skip    dw      0
irq     db      0
b:      mov     ax, sp
        tell16  'SP', ax
        mov     eax, [TSS_A + 0x20]
        sub     ax, [what]
        tell32  'EIP, less the instruction', eax
        mov     eax, [TSS_A + 0x24]
        and     eax, 0x00034300
        and     ah, 0x43
        cmp     byte [irq], 0
        je      .flags
        and     ah, 0x41                ; IF is set then
.flags: tell32  'RF, VM, NT and TF of A', eax
        tell16  'the link of B', [TSS_B]
        cmp     sp, 0x6F00
        je      .plain
        mov     bp, sp
        tell32  'error code', [bp]
        add     sp, 4
.plain: mov     ax, [skip]
        add     [TSS_A + 0x20], ax
        cmp     byte [irq], 0
        je      .back
        mov     al, 0x20
        out     0x20, al
        and     byte [TSS_A + 0x25], 0xFD
.back:  clts
        iret
        jmp     b
        last
