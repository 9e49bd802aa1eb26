; exceptions.asm - the stubs of pxHV's exceptions, and the instructions that load tables.c's tables.
        bits 64
        default rel
        section .text

        extern  exception
        global  exception_stubs, interrupt_stub, interrupt_taken, load_tables

; load_tables(gdt pointer, idt pointer, code selector, data selector, TSS selector)
load_tables:
        lgdt    [rdi]
        lidt    [rsi]
        pop     rax
        push    rdx
        push    rax
        mov     ds, ecx
        mov     es, ecx
        mov     ss, ecx
        xor     eax, eax
        mov     fs, eax
        mov     gs, eax
        ltr     r8w
        db      0x48
        retf

; One stub a vector, 16 bytes each. Those whose exception has no error code push a 0 in its place.
        align   16
exception_stubs:
%assign vector 0
%rep 32
        align   16
%if vector != 8 && vector != 10 && vector != 11 && vector != 12 && vector != 13 && vector != 14 && vector != 17 && vector != 21 && vector != 29 && vector != 30
        push    0
%endif
        push    vector
        jmp     save_all
%assign vector vector + 1
%endrep

save_all:
        push    rax
        push    rcx
        push    rdx
        push    rbx
        push    rbp
        push    rsi
        push    rdi
        push    r8
        push    r9
        push    r10
        push    r11
        push    r12
        push    r13
        push    r14
        push    r15
        mov     rdi, rsp
        cld
        call    exception               ; comes back from an NMI alone
        pop     r15
        pop     r14
        pop     r13
        pop     r12
        pop     r11
        pop     r10
        pop     r9
        pop     r8
        pop     rdi
        pop     rsi
        pop     rbp
        pop     rbx
        pop     rdx
        pop     rcx
        pop     rax
        add     rsp, 16                 ; vector, error code
        iretq

; An interrupt of the machine, which whoever has let it in tells its controller.
interrupt_stub:
        mov     byte [interrupt_taken], 1
        iretq

        section .bss
interrupt_taken:
        resb    1
