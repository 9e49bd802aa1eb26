; task-paging.asm - tasks with page tables of their own: CR3 goes with the task, states and descriptors are reached through the tables
; of the task that they are touched for, and what is missing is a page fault of one of the two.
%define SECTORS 12
%include "say.inc"
%include "tasks.inc"
PAGES_A equ 0xA000
PAGES_B equ 0xC000
MISSING equ 0x5000                      ; linear: where states can be missing
        call    protected
        mov     edi, PAGES_A
        call    make_pages
        mov     edi, PAGES_B
        call    make_pages
        mov     dword [PAGES_B + 0x1000 + 0x0F * 4], 0x6003 ; linear F000h is 6000h for B
        mov     dword [0x6000], 0xBBBBBBBB
        mov     dword [0xF000], 0xAAAAAAAA
        mov     eax, PAGES_A
        mov     cr3, eax
        mov     eax, cr0
        or      eax, 0x80010000
        mov     cr0, eax
        jmp     .on
.on:    task    TSS_B, b, 0x0002, 0x6F00
        mov     dword [TSS_B + 0x1C], PAGES_B
        mov     dword [TSS_A + 0x1C], PAGES_A
        tell32  'A sees', [0xF000]
        call    TASK_B:0
        tell32  'A sees then', [0xF000]
        mov     eax, cr3
        tell32  'CR3', eax
        call    again
        mov     word [gdt + TASK_C + 2], MISSING ; C's state is missing
        mov     dword [PAGES_A + 0x1000 + MISSING / 1024], 0
        invlpg  [MISSING]
        try     {'the new state is missing'}, call TASK_C:0
        mov     eax, cr2
        tell32  'CR2 is', eax
        mov     word [gdt + TASK_C + 2], TSS_C
        task    TSS_C, b, 0x0002, 0x6F00
        mov     dword [TSS_C + 0x1C], PAGES_B
        mov     dword [PAGES_A + 0x1000 + 1 * 4], 0x1001 ; the states cannot be written
        invlpg  [TSS_A]
        try     {'the old state is read-only'}, call TASK_C:0
        mov     dword [PAGES_A + 0x1000 + 1 * 4], 0x1003
        invlpg  [TSS_A]
        mov     eax, cr2
        and     eax, 0xFFFFF000
        tell32  'page of CR2', eax
        tell8   'C is not busy', [gdt + TASK_C + 5]
        finish
b:      tell32  'B sees', [0xF000]
        mov     eax, cr3
        tell32  'CR3 of B', eax
        clts
        iret
again:  and     byte [gdt + TASK_A + 5], 0xFD
        mov     ax, TASK_A
        ltr     ax
        clts
        ret
make_pages:
        lea     eax, [edi + 0x1003]
        stosd
        mov     cx, 1023
        xor     eax, eax
        rep     stosd
        mov     eax, 3
.next:  stosd
        add     eax, 0x1000
        cmp     eax, 0x400003
        jb      .next
        ret
        last
