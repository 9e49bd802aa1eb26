; enter.asm - the way into a guest and out of it.
        bits 64
        default rel
        %include "firmware/vcpu/registers.inc"
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
        load_guest
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
        save_guest
        add     rsp, 8
        xor     eax, eax
        cld
        jmp     vmx_enter.pop
