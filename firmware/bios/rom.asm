; rom.asm - the guest's BIOS as the guest sees it: 64 KB at F000:0000 with a stub for each interrupt vector, the reset
; vector, and the tables that old programs look for. What a service does is C, behind VMCALL.
;
; bios.c knows the vector from where the VMCALL stands. It answers in the stub's own carry flag: clear for done, set for wait - then
; the stub halts until the next interrupt and asks again. What a service tells its caller goes into the stacked flags.
        bits 16
        org 0

%macro stub 1
%if %1 == 0x08
        vmcall                          ; the timer tick; then whoever hangs on it, who is not called twice at a time
        int     0x1C
        push    ax
        mov     al, 0x20
        out     0x20, al
        pop     ax
        iret
%elif %1 == 0x70
        vmcall                          ; the clock's interrupt; set: it was an alarm
        jnc     %%done
        int     0x4A
%%done: iret
%elif %1 == 0x1C || %1 == 0x4A
        iret                            ; for programs to hook
%else
%%again:
        vmcall
        jc      %%wait
        iret
%%wait: sti
        hlt
        cli
        jmp     %%again
%endif
%endmacro

; One stub a vector, 16 bytes each. bios.h: BIOS_STUBS
        times 0x2000 - ($ - $$) db 0xFF
%assign vector 0
%rep 256
        stub    vector
        align   16, db 0x90
%assign vector vector + 1
%endrep

; The reset vector jumps here: bios.c sets up vectors and data area behind the first VMCALL. bios.h: BIOS_RESET
        times 0x3000 - ($ - $$) db 0xFF
reset:  cli
        xor     ax, ax
        mov     ss, ax
        mov     sp, 0x7C00
        vmcall
        sti
        int     0x19
.dead:  cli
        hlt
        jmp     .dead

; INT 15h AH=C0h: the configuration table: an AT with second 8259, clock and extended data area. bios.h: BIOS_CONFIGURATION
        times 0xE6F5 - ($ - $$) db 0xFF
        dw 8
        db 0xFC, 0, 0, 0x64, 0, 0, 0, 0

; INT 1Eh: the parameter table of a 1.44 MB drive. bios.h: BIOS_DISKETTE
        times 0xEFC7 - ($ - $$) db 0xFF
        db 0xAF, 0x02, 0x25, 2, 18, 0x1B, 0xFF, 0x6C, 0xF6, 0x0F, 0x08

        times 0xFFF0 - ($ - $$) db 0xFF
        jmp     0xF000:reset
        db      '11/21/26'              ; FFF5h, as on every PC
        db      0, 0xFC, 0              ; FFFEh: the model: an AT
        times 0x10000 - ($ - $$) db 0
