; task-286.asm - a task state of the 80286, there and back, and an error code of 16 bits on its stack.
%define SECTORS 8
%include "say.inc"
%include "tasks.inc"
        call    protected
        mov     word [TSS_B + 0x0E], b
        mov     word [TSS_B + 0x10], 0x0002
        mov     word [TSS_B + 0x12], 0xA0A1 ; AX
        mov     word [TSS_B + 0x18], 0xB0B1 ; BX
        mov     word [TSS_B + 0x1A], 0x6F00
        mov     word [TSS_B + 0x1C], 0xC0C1 ; BP
        mov     word [TSS_B + 0x22], DATA
        mov     word [TSS_B + 0x24], CODE
        mov     word [TSS_B + 0x26], DATA
        mov     word [TSS_B + 0x28], DATA
        mov     ax, DATA
        mov     fs, ax
        mov     ecx, 0x11112222
        call    OLD_B:0
        say     'back', 10
        tell32  'ECX of A', ecx
        mov     ax, fs
        tell16  'FS of A', ax
        tell8   'B', [gdt + OLD_B + 5]
        tell16  'IP of B, less where it goes on', [TSS_B + 0x0E]
        tell16  'CX of B', [TSS_B + 0x14]
        task_gate 13, OLD_B
        mov     fs, [wrong]
        say     'behind #GP', 10
        finish
wrong   dw      0x148
b:      tell16  'AX', ax
        tell16  'BX', bx
        tell16  'BP', bp
        mov     ax, fs
        tell16  'FS', ax
        tell16  'link', [TSS_B]
        tell32  'ECX in the state of A', [TSS_A + 0x2C]
        mov     cx, 0x7777
        clts
        iret
        mov     ax, sp
        tell16  'SP with the error code', ax
        pop     ax
        tell16  'error code', ax
        add     dword [TSS_A + 0x20], 4
        iret
        last
