; enter.asm - the way into a guest and out of it.
        bits 64
        default rel
        %include "firmware/vcpu/registers.inc"
        section .text

        global  svm_enter

; void svm_enter(guest_registers *, uint64_t guest, uint64_t host): VMRUN with the guest's general registers but RAX, which is in
; the VMCB as RSP is; back when the guest exits. guest and host are physical addresses: the guest's VMCB, and a page where VMLOAD
; finds what VMRUN leaves of the host.
;
; Interrupts of the machine are held while GIF is 0 and exit while the guest runs, because IF is 1; those that have come are taken
; behind STGI. The processor keeps the host's RSP.
svm_enter:
        push    rbx
        push    rbp
        push    r12
        push    r13
        push    r14
        push    r15
        push    rdx
        push    rdi
        clgi
        sti
        mov     rax, rsi
        load_guest
        vmload
        vmrun
        vmsave
        push    rdi
        mov     rdi, [rsp + 8]
        save_guest
        pop     rdi
        pop     rax
        vmload
        cld
        stgi
        nop
        cli
        pop     r15
        pop     r14
        pop     r13
        pop     r12
        pop     rbp
        pop     rbx
        ret
