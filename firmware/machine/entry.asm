; entry.asm - where the loader enters pxHV.
        bits 64
        default rel
        section .text

        extern  hv_main, hv_bss, hv_end
        global  entry

; RDI: the physical address of hv_boot, below 4 GB and mapped as it is.
entry:  lea     rsp, [stack_top]
        mov     rbx, rdi
        lea     rdi, [hv_bss]
        lea     rcx, [hv_end]
        sub     rcx, rdi
        xor     eax, eax
        cld
        rep stosb
        mov     rdi, rbx
        call    hv_main
.park:  cli
        hlt
        jmp     .park

        section .bss align=16
        resb    16384
stack_top:
