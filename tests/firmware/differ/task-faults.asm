; task-faults.asm - what can be wrong with a task: which exception, with which error code, in which task (A is 18, B 20). Vectors 10
; to 13 have tasks of their own, as a task whose stack may be what is wrong needs.
%define SECTORS 17
%include "say.inc"
%macro GDT_MORE 0
        dq      0x0000890015000067, 0x0000890015800067, 0x0000890016000067, 0x0000890016800067
%endmacro
%include "tasks.inc"
        call    protected
%assign v 10
%rep 4
        task    0x1500 + (v - 10) * 0x80, on_%[v], 0x0002, 0x6D00
        task_gate v, MORE + 8 * (v - 10)
%assign v v + 1
%endrep
        mov     word [0x1400], 0xFFFF   ; the LDT: one descriptor, data at 0
        mov     word [0x1405], 0x0092
; wrong "what", field, selector: B is made anew, then called.
%macro wrong 3
        call    renew
        mov     word [TSS_B + %2], %3
        try     %1, call TASK_B:0
        call    again
%endmacro
        try     {'JMP to a TSS beyond the GDT'}, jmp 0x1F8:0
        try     {'JMP to a TSS in an LDT'}, jmp TASK_B + 4:0
        try     {'JMP to a busy TSS'}, jmp TASK_A:0
        try     {'CALL of a busy TSS'}, call TASK_A:0
        try     {'JMP to a TSS that is not present'}, jmp NO_TASK:0
        try     {'JMP to a TSS that is too small'}, jmp SMALL:0
        mov     word [TSS_A], TASK_C    ; not busy
        pushf
        pop     ax
        or      ax, 0x4000
        push    ax
        popf
        try     {'IRET to a task that is not busy'}, iret
        mov     word [TSS_A], 0
        try     {'IRET to a null link'}, iret
        mov     word [TSS_A], 0x1F8
        try     {'IRET to a link beyond the GDT'}, iret
        pushf
        pop     ax
        and     ax, 0xBFFF
        push    ax
        popf
        wrong   'LDT: in an LDT', 0x60, LDT_B + 4
        wrong   'LDT: beyond the GDT', 0x60, 0x1F8
        wrong   'LDT: data', 0x60, DATA
        wrong   'LDT: not present', 0x60, NO_LDT
        wrong   'CS: null', 0x4C, 0
        wrong   'CS: beyond the GDT', 0x4C, 0x1F8
        wrong   'CS: data', 0x4C, DATA
        wrong   'CS: RPL 0, DPL 3', 0x4C, USER & 0xFC
        wrong   'CS: not present', 0x4C, NO_CODE
        wrong   'CS: a system descriptor', 0x4C, LDT_B
        wrong   'SS: null', 0x50, 0
        wrong   'SS: beyond the GDT', 0x50, 0x1F8
        wrong   'SS: code', 0x50, CODE
        wrong   'SS: DPL 3', 0x50, USERDS & 0xFC
        wrong   'SS: RPL 3', 0x50, DATA | 3
        wrong   'DS: beyond the GDT', 0x54, 0x1F8
        wrong   'ES: code that cannot be read', 0x48, NO_RUN
        wrong   'FS: not present', 0x58, ABSENT
        wrong   'GS: RPL above DPL', 0x5C, DATA | 3
        wrong   'DS: a system descriptor', 0x54, LDT_B
        call    renew
        mov     word [TSS_B + 0x60], LDT_B
        mov     word [TSS_B + 0x54], 4  ; the LDT's first
        try     {'all is well'}, call TASK_B:0
        tell8   'busy', [gdt + TASK_B + 5]
        finish
; Each of the four tasks: a line, and the task of the test goes on where it wants.
%assign v 10
%rep 4
on_%[v]: mov    byte [vector], v
        mov     di, on_%[v]
        jmp     told
%assign v v + 1
%endrep
told:   pop     eax                     ; the error code
        say     ' #'
        push    ax
        mov     al, [vector]
        call    hex8
        pop     ax
        say     '('
        call    hex16
        say     ') in task '
        str     bx
        and     bx, 0xFFF8
        mov     eax, [gdt + bx + 2]     ; the base of this one's state, below 64 KB
        mov     bx, ax
        mov     ax, [bx]                ; its link
        call    hex16
        and     byte [gdt + TASK_A + 5], 0xFD
        task    TSS_A, 0, 0x0002, 0
        mov     ax, [resume]
        mov     [TSS_A + 0x20], ax
        mov     ax, [resume.sp]
        mov     [TSS_A + 0x38], ax
        jmp     TASK_A:0
        jmp     di                      ; the next one
in_b:   cli
        say     ' in B'
        mov     ax, cs
        clts
        iret
renew:  and     byte [gdt + TASK_B + 5], 0xFD
        task    TSS_B, in_b, 0x0002, 0x6F00
        ret
; A fault in B leaves B running: back to A, whose state may be what it likes.
again:  and     byte [gdt + TASK_A + 5], 0xFD
        mov     ax, TASK_A
        ltr     ax
        xor     ax, ax
        lldt    ax
        pushf
        pop     ax
        and     ax, 0xBFFF
        push    ax
        popf
        clts
        ret
        last
