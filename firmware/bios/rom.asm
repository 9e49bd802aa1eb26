; rom.asm - the guest's BIOS as the guest sees it: 64 KB at F000:0000 with a stub for each interrupt vector, the reset
; vector, and the tables that old programs look for. What a service does is C, behind VMCALL.
;
; bios.c knows the vector from where the VMCALL stands. It answers in the stub's own carry flag: clear for done, set for wait - then
; the stub halts until the next interrupt and asks again. What a service tells its caller goes into the stacked flags.
;
; What calls a program's own interrupt is here, by an INT that every monitor of virtual-8086 mode sees; README, "What the BIOS
; calls", says what each of them is promised.
        bits 16
        org 0
BIOS_STUBS equ 0x2000
BIOS_KEY   equ 0x3100

%macro stub 1
%if %1 == 0x08
        vmcall
        jmp     tick
%elif %1 == 0x09
        jmp     key
%elif %1 == 0x16
        vmcall
        jc      no_key
        iret
%elif %1 == 0x19
        vmcall
        jc      %%none
        iret
%%none: int     0x18                    ; set: there is nothing to boot
        cli
        hlt
%elif %1 == 0x70
        vmcall
        jc      alarm                   ; set: it was one
        iret
%elif %1 == 0x71
        push    ax                      ; input 9 of the pair is input 2 of the XT
        mov     al, 0x20
        out     0xA0, al
        pop     ax
        int     0x0A
        iret
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

; One stub a vector, 16 bytes each. common.h: BIOS_STUBS
        times BIOS_STUBS - ($ - $$) db 0xFF
%assign vector 0
%rep 256
        stub    vector
        align   16, db 0x90
%assign vector vector + 1
%endrep

; The reset vector jumps here: bios.c sets up vectors and data area behind the first VMCALL. common.h: BIOS_RESET
        times 0x3000 - ($ - $$) db 0xFF
reset:  cli
        xor     ax, ax
        mov     ss, ax
        mov     sp, 0x7C00
        vmcall
        jc      come_back
        sti
        int     0x19

; A reset that a program has asked for to leave protected mode: CMOS byte 0Fh, which is in AL, said how to go on with the pointer
; at 40:67.
come_back:
        xor     bx, bx
        mov     ds, bx
        cmp     al, 0x09
        je      .from_move
        cmp     al, 0x0B
        je      .interrupted
        cmp     al, 0x0C
        je      .called
        jmp     far [0x467]             ; 05h, 0Ah
.called:
        lss     sp, [0x467]
        retf
.from_move:
        lss     sp, [0x467]             ; as an AT's INT 15h AH=87h left them
        pop     ds
        pop     es
        popa
        iret
.interrupted:
        lss     sp, [0x467]
        iret

; What is below is entered with interrupts off, by a stub. entered keeps the registers of who was interrupted, and gives a handler
; the data area in DS, as IBM's own does. FS and GS are not touched: loading them again would change their base for a program
; that has taken it along from protected mode.
%macro entered 0
        pushad
        push    ds
        push    es
        push    0x40
        pop     ds
%endmacro
%macro left 0
        pop     es
        pop     ds
        popad
        iret
%endmacro

; INT 08h: the tick has been counted; then whoever hangs on it, who is not called twice at a time.
tick:   entered
        int     0x1C
        mov     al, 0x20
        out     0x20, al
        left

; INT 70h: the clock's alarm.
alarm:  entered
        int     0x4A
        left

; INT 16h: nobody has typed. Who runs several programs hears of it once; then the next key ends the wait.
no_key: push    ax
        mov     ax, 0x9002
        int     0x15
        pop     ax
.wait:  sti
        hlt
        cli
        push    ds
        push    ax
        push    0x40
        pop     ds
        mov     ax, [0x1A]
        cmp     ax, [0x1C]
        pop     ax
        pop     ds
        je      .wait
        jmp     BIOS_STUBS + 16 * 0x16

; INT 09h: the byte goes by INT 15h AH=4Fh, whose CF says whether the BIOS gets it; the BIOS answers in AX what is to be called.
; Its VMCALL stands at common.h's BIOS_KEY.
        times BIOS_KEY - 16 - ($ - $$) db 0xFF
key:    entered
        in      al, 0x60
        mov     ah, 0x4F
        stc
        int     0x15
        mov     ah, 0x4F
.ask:   vmcall
        test    ah, ah
        jnz     .system
        cmp     al, 0x1B
        je      .break
        cmp     al, 0x05
        je      .print
        cmp     al, 0x08
        je      .hold
.end:   left
.system:
        int     0x15                    ; 85xxh, 9102h
        jmp     .end
.print: int     0x05
        jmp     .end
.break: int     0x1B
        mov     ah, 0x1B                ; its word comes into the ring behind it
        jmp     .ask
.hold:  push    0x40                    ; until a key takes bit 3 away
        pop     ds
.held:  sti
        hlt
        cli
        test    byte [0x18], 0x08
        jnz     .held
        jmp     .end
%if key.ask - $$ != BIOS_KEY
%error the VMCALL of INT 09h is not at BIOS_KEY
%endif

; INT 15h AH=C0h: the configuration table: an AT with second 8259, clock, extended data area, and INT 15h
; AH=4Fh for each scan code. common.h: BIOS_CONFIGURATION
        times 0xE6F5 - ($ - $$) db 0xFF
        dw 8
        db 0xFC, 0, 0, 0x74, 0, 0, 0, 0

; INT 1Eh: the parameter table of a 1.44 MB drive. common.h: BIOS_DISKETTE
        times 0xEFC7 - ($ - $$) db 0xFF
        db 0xAF, 0x02, 0x25, 2, 18, 0x1B, 0xFF, 0x6C, 0xF6, 0x0F, 0x08

        times 0xFFF0 - ($ - $$) db 0xFF
        jmp     0xF000:reset
        db      '11/21/26'              ; FFF5h, as on every PC
        db      0, 0xFC, 0              ; FFFEh: the model: an AT
        times 0x10000 - ($ - $$) db 0
