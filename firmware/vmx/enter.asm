; enter.asm - the way into a guest and out of it.
        bits 64
        default rel
        section .text

        global  vmx_enter, vmx_exited

; int vmx_enter(guest_registers *, int launched): VMLAUNCH or VMRESUME with the guest's general registers; back when the
; guest exits. Returns 0 after an exit, 1 when the entry failed with CF, 2 with ZF.
vmx_enter:
        push    rbx
        push    rbp
        push    r12
        push    r13
        push    r14
        push    r15
        push    rdi
        mov     edx, 0x6C14             ; VMCS: host RSP
        vmwrite rdx, rsp
        jbe     .no_vmcs
        test    esi, esi
        mov     rax, [rdi + 0]
        mov     rcx, [rdi + 8]
        mov     rdx, [rdi + 16]
        mov     rbx, [rdi + 24]
        mov     rbp, [rdi + 32]
        mov     rsi, [rdi + 40]
        mov     r8, [rdi + 56]
        mov     r9, [rdi + 64]
        mov     r10, [rdi + 72]
        mov     r11, [rdi + 80]
        mov     r12, [rdi + 88]
        mov     r13, [rdi + 96]
        mov     r14, [rdi + 104]
        mov     r15, [rdi + 112]
        mov     rdi, [rdi + 48]
        jnz     .again
        vmlaunch
        jmp     .failed
.again: vmresume
.failed:
        mov     eax, 1
        jc      .back
        mov     eax, 2
.back:  add     rsp, 8
        jmp     .pop
.no_vmcs:
        mov     eax, 1
        add     rsp, 8
.pop:   pop     r15
        pop     r14
        pop     r13
        pop     r12
        pop     rbp
        pop     rbx
        ret

; The host RIP of the VMCS. The processor has loaded the RSP of vmx_enter.
vmx_exited:
        push    rdi
        mov     rdi, [rsp + 8]
        mov     [rdi + 0], rax
        mov     [rdi + 8], rcx
        mov     [rdi + 16], rdx
        mov     [rdi + 24], rbx
        mov     [rdi + 32], rbp
        mov     [rdi + 40], rsi
        pop     qword [rdi + 48]
        mov     [rdi + 56], r8
        mov     [rdi + 64], r9
        mov     [rdi + 72], r10
        mov     [rdi + 80], r11
        mov     [rdi + 88], r12
        mov     [rdi + 96], r13
        mov     [rdi + 104], r14
        mov     [rdi + 112], r15
        add     rsp, 8
        xor     eax, eax
        cld
        jmp     vmx_enter.pop
