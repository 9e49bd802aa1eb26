; task-v86.asm - a task in virtual-8086 mode: into it by JMP, out of it by an interrupt through a task gate and by a fault through one.
%define SECTORS 8
%include "say.inc"
%include "tasks.inc"
        call    protected
        mov     byte [gdt + TASK_B], 0x8F ; room for the I/O map up to port E9h, all clear
        task    TSS_B, v86, 0x00023002, 0x2F00 ; IOPL 3: INT n and OUT go on
        mov     word [TSS_B + 0x4C], 0
        mov     word [TSS_B + 0x50], 0x0400
        mov     word [TSS_B + 0x48], 0x1234
        mov     word [TSS_B + 0x54], 0
        mov     word [TSS_B + 0x58], 0xFFFF
        task    TSS_C, c, 0x0002, 0x6F00
        task_gate 0x31, TASK_C
        task_gate 13, TASK_C
        jmp     TASK_B:0
v86:    mov     ax, ss
        tell16  'SS in virtual-8086 mode', ax
        mov     ax, es
        tell16  'ES', ax
        mov     ax, fs
        tell16  'FS', ax
        mov     bp, sp
        push    word 0x5A5A
        mov     es, [zero]
        mov     ax, [es:0x4000 + 0x2F00 - 2]
        tell16  'pushed through SS', ax
        mov     [here], sp
        int     0x31
        say     'back in virtual-8086 mode', 10
        mov     ax, cs
        tell16  'CS', ax
        mov     eax, 0xE0E0E0E0
fault:  mov     cr0, eax                ; #GP(0)
        say     'not reached', 10
        finish
zero    dw      0
here    dw      0
c:      tell16  'link', [TSS_C]
        mov     eax, [TSS_B + 0x24]
        and     eax, 0x00023000
        tell32  'flags of B', eax
        tell16  'SS of B', [TSS_B + 0x50]
        mov     ax, [TSS_B + 0x38]
        sub     ax, [here]
        tell16  'SP of B, less what it had', ax
        tell16  'FS of B', [TSS_B + 0x58]
        pushf
        pop     ax
        and     ax, 0x4000
        tell16  'NT', ax
        clts
        iret
        mov     bp, sp
        tell32  'error code', [bp]
        mov     ax, [TSS_B + 0x20]
        sub     ax, fault
        tell16  'EIP of B, less the fault', ax
        mov     eax, [TSS_B + 0x28]
        tell32  'EAX of B', eax
        finish
        last
