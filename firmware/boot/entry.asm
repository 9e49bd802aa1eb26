; entry.asm - stage 2's ground floor: from real mode to flat 32-bit protected mode, back for each BIOS call, and on to
; long mode. Everything else is loader.c.
%include "layout.inc"

        extern  loader_main             ; void loader_main(uint32_t drive), never returns
        global  bios_call               ; void bios_call(uint32_t vector, bios_registers *)
        global  enter_long_mode         ; void enter_long_mode(uint32_t cr3, uint64_t entry, uint32_t boot)

CODE32  equ 0x08
DATA32  equ 0x10
CODE16  equ 0x18
DATA16  equ 0x20
CODE64  equ 0x28

        section .entry
        bits 16
start:  cli
        xor ax, ax
        mov ds, ax
        mov es, ax
        mov ss, ax
        mov sp, STACK_TOP
        movzx edi, dl
        lgdt [gdt_pointer]
        mov eax, cr0
        or al, 1
        mov cr0, eax
        jmp CODE32:protected
        bits 32
protected:
        call flat_segments
        mov esp, STACK_TOP
        cld
        push edi
        call loader_main                ; does not return

flat_segments:
        mov ax, DATA32
        mov ds, ax
        mov es, ax
        mov fs, ax
        mov gs, ax
        mov ss, ax
        ret

; Drops to real mode, does INT vector with the registers given, and comes back with what they are then.
; bios_registers: eax ebx ecx edx esi edi ebp, ds, es, flags - each 32 bits.
        section .text
        bits 32
bios_call:
        pushad
        mov eax, [esp + 36]
        mov [.vector], al
        mov esi, [esp + 40]
        mov [.where], esi
        mov edi, registers
        mov ecx, 10
        rep movsd
        mov [.stack], esp
        jmp CODE16:.sixteen
        bits 16
.sixteen:
        mov ax, DATA16
        mov ds, ax
        mov es, ax
        mov fs, ax
        mov gs, ax
        mov ss, ax
        lidt [real_idt]
        mov eax, cr0
        and al, 0xFE
        mov cr0, eax
        jmp 0:.real
.real:  xor ax, ax
        mov fs, ax
        mov gs, ax
        mov ss, ax
        mov sp, [cs:.stack]
        mov ds, ax
        mov eax, [registers + 0]
        mov ebx, [registers + 4]
        mov ecx, [registers + 8]
        mov edx, [registers + 12]
        mov esi, [registers + 16]
        mov edi, [registers + 20]
        mov ebp, [registers + 24]
        mov es, [registers + 32]
        mov ds, [registers + 28]
        sti
        db 0xCD                         ; INT
.vector db 0
        cli
        pushfd
        push ds
        push word 0
        pop ds
        mov [registers + 0], eax
        mov [registers + 4], ebx
        mov [registers + 8], ecx
        mov [registers + 12], edx
        mov [registers + 16], esi
        mov [registers + 20], edi
        mov [registers + 24], ebp
        pop word [registers + 28]
        mov [registers + 32], es
        pop dword [registers + 36]
        lgdt [gdt_pointer]
        mov eax, cr0
        or al, 1
        mov cr0, eax
        jmp CODE32:.back
        bits 32
.back:  call flat_segments
        mov esp, [.stack]
        cld
        mov esi, registers
        mov edi, [.where]
        mov ecx, 10
        rep movsd
        popad
        ret
.stack  dd 0
.where  dd 0

; CR3 and both mappings of pxHV are ready; the way there is identity-mapped.
enter_long_mode:
        mov ebx, [esp + 4]
        mov esi, [esp + 8]              ; entry, low and high
        mov edx, [esp + 12]
        mov edi, [esp + 16]             ; first argument of pxHV's entry
        mov eax, cr4
        or eax, 1 << 5                  ; PAE
        mov cr4, eax
        mov cr3, ebx
        mov ecx, 0xC0000080             ; IA32_EFER
        push edx
        rdmsr
        or eax, 1 << 8 | 1 << 11        ; LME, NXE
        wrmsr
        pop edx
        mov eax, cr0
        or eax, 1 << 31 | 1 << 16       ; PG, WP
        mov cr0, eax
        jmp CODE64:.long
        bits 64
.long:  mov eax, DATA32
        mov ds, eax
        mov es, eax
        mov ss, eax
        shl rdx, 32
        or rdx, rsi
        mov edi, edi
        jmp rdx

        section .data
        align 8
gdt:    dq 0
        dq 0x00CF9A000000FFFF           ; CODE32
        dq 0x00CF92000000FFFF           ; DATA32
        dq 0x00009A000000FFFF           ; CODE16
        dq 0x000092000000FFFF           ; DATA16
        dq 0x00AF9A000000FFFF           ; CODE64
gdt_pointer:
        dw $ - gdt - 1
        dd gdt
real_idt:
        dw 0x3FF
        dd 0
registers:
        times 10 dd 0
