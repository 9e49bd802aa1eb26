; enter.asm - the way into a guest and out of it.
        bits 64
        default rel
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
        vmload
        vmrun
        vmsave
        push    rdi
        mov     rdi, [rsp + 8]
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
