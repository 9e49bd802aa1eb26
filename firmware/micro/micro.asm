; micro.asm - the CPU microkernel: finds the accelerator, and from then on does what that asks for. README.md has the protocol.
;
; One image, two starts: a boot sector that loads what is behind it, and multiboot, which has loaded all of it. What is written has
; pages without code: an emulator translates a page anew when somebody writes into it.
        %include "mailbox.inc"

LOAD    equ 0x7C00
SECTORS equ (end - start + 511) / 512
TABLES  equ 0x10000             ; of pages: the root, its first table, that one's first directory; then what faults ask for
TABLES_END equ 0x60000
STUBS   equ 0x60000             ; of interrupts: 256 of 8 bytes
IDT     equ 0x61000
STACK   equ 0x70000             ; downwards; the dword above it is the next free table
FREE    equ STACK
BORN    equ STACK - 8
COM1    equ 0x3F8

        org LOAD
        bits 16
start:  cli
        xor  ax, ax
        mov  ds, ax
        mov  ss, ax
        mov  sp, LOAD
        cld
        jmp  0:.here
.here:  mov  si, packet
        mov  ah, 0x42
        int  0x13
        jc   $
        mov  ax, 0x2401         ; A20, by the BIOS and by the port that most machines have
        int  0x15
        in   al, 0x92
        or   al, 2
        and  al, 0xFE
        out  0x92, al
        cli
        lgdt [gdt_pointer]
        mov  eax, cr0
        or   al, 1
        mov  cr0, eax
        jmp  8:start32

        align 4
multiboot:                      ; flag 16: these addresses, no ELF
        dd   0x1BADB002, 0x10000, -(0x1BADB002 + 0x10000), multiboot, LOAD, end, 0, start_multiboot
packet: dw   16, SECTORS - 1, LOAD + 512, 0
        dq   1
gdt:    dq   0, 0x00CF9B000000FFFF, 0x00CF93000000FFFF, 0x00AF9B000000FFFF ; none, code 32, data, code 64
gdt_pointer:
        dw   $ - gdt - 1
        dd   gdt
idt_pointer:
        dw   4095
        dq   IDT

        bits 32
start_multiboot:
        lgdt [gdt_pointer]
        jmp  8:start32
start32:
        cli
        mov  eax, 16
        mov  ds, eax
        mov  es, eax
        mov  ss, eax
        mov  esp, STACK
        cld
        rdtsc
        push edx                ; BORN
        push eax
        call new_tables
        mov  eax, cr4
        or   al, 0x20           ; PAE
        mov  cr4, eax
        mov  ecx, 0xC0000080    ; EFER
        rdmsr
        or   ah, 1              ; LME
        wrmsr
        mov  eax, cr0
        or   eax, 0x80000000
        and  eax, 0x9FFFFFFF    ; paging, and caches on
        mov  cr0, eax
        jmp  24:start64

; Maps the first 2 MB and forgets all else. These bytes mean the same in 32 and in 64 bits, and what is mapped stays so: the
; processor may look it up at any time.
new_tables:
        mov  edi, FREE
        mov  eax, TABLES + 0x3000
        stosd
        mov  edi, TABLES
        mov  edx, TABLES + 0x1003
.table: mov  eax, edx
        stosd
        xor  eax, eax
        mov  ecx, 1023
        rep  stosd
        mov  edx, TABLES + 0x2003
        cmp  edi, TABLES + 0x2000
        jb   .table
        mov  edx, 0x83
        je   .table
        mov  eax, TABLES
        mov  cr3, eax
        ret

        bits 64
; ---- what an entry can ask for: rsi its address, cl its width ----
operations:
        dw   mmio_read, mmio_write, port_read, port_write, pci_read, pci_write, msr_read, msr_write, copy, wait_for
.end:

mmio_read:
        cmp  cl, 1
        jb   .byte
        je   .word
        cmp  cl, 3
        jb   .dword
        mov  rax, [rsi]
        jmp  value
.byte:  movzx eax, byte [rsi]
        jmp  value
.word:  movzx eax, word [rsi]
        jmp  value
.dword: mov  eax, [rsi]
value:  mov  [r15 + ENTRY_VALUE], rax
done:   mov  al, STATUS_DONE
        ret

mmio_write:
        mov  rax, [r15 + ENTRY_VALUE]
        cmp  cl, 1
        jb   .byte
        je   .word
        cmp  cl, 3
        jb   .dword
        mov  [rsi], rax
        jmp  done
.byte:  mov  [rsi], al
        jmp  done
.word:  mov  [rsi], ax
        jmp  done
.dword: mov  [rsi], eax
        jmp  done

pci_read:
        call select
port_read:
        mov  edx, esi
        xor  eax, eax
        cmp  cl, 1
        jb   .byte
        je   .word
        cmp  cl, 3
        je   unknown
        in   eax, dx
        jmp  value
.byte:  in   al, dx
        jmp  value
.word:  in   ax, dx
        jmp  value

pci_write:
        call select
port_write:
        mov  edx, esi
        mov  eax, [r15 + ENTRY_VALUE]
        cmp  cl, 1
        jb   .byte
        je   .word
        cmp  cl, 3
        je   unknown
        out  dx, eax
        jmp  done
.byte:  out  dx, al
        jmp  done
.word:  out  dx, ax
        jmp  done

unknown:
        mov  al, STATUS_UNKNOWN
        ret

select: mov  eax, esi
        and  eax, 0x00FFFFFC
        bts  eax, 31
        mov  edx, 0xCF8
        out  dx, eax
        and  esi, 3
        add  esi, 0xCFC
        ret

msr_read:
        mov  ecx, esi
        rdmsr
        shl  rdx, 32
        or   rax, rdx
        jmp  value

        times 510 - ($ - $$) db 0
        dw   0xAA55             ; a boot sector's last word

msr_write:
        mov  ecx, esi
        mov  eax, [r15 + ENTRY_VALUE]
        mov  edx, [r15 + ENTRY_VALUE + 4]
        wrmsr
        jmp  done

copy:   mov  rdi, [r15 + ENTRY_VALUE]
        mov  rcx, [r15 + ENTRY_MORE]
        mov  eax, ecx
        shr  rcx, 3
        rep  movsq              ; the more usual way, by bytes, is 30 times slower under an emulator
        mov  ecx, eax
        and  ecx, 7
        rep  movsb
        jmp  done

wait_for:
        mov  r8, [r15 + ENTRY_VALUE]
        call time
        mov  edi, [r15 + ENTRY_KILO]
        shl  rdi, 10
        add  rdi, rax
.look:  call mmio_read
        mov  rax, [r15 + ENTRY_VALUE]
        and  rax, [r15 + ENTRY_MORE]
        cmp  rax, r8
        je   done
        call time
        cmp  rax, rdi
        jb   .look
        mov  al, STATUS_LATE
        ret

start64:
        mov  al, 0xFF           ; the 8259s: off
        out  0x21, al
        out  0xA1, al
        mov  edi, STUBS
        mov  edx, IDT
        xor  ecx, ecx
.stub:  mov  byte [rdi], 0x6A   ; push byte VECTOR
        mov  [rdi + 1], cl
        mov  byte [rdi + 2], 0xE9 ; jmp interrupted
        mov  eax, interrupted - 7
        sub  eax, edi
        mov  [rdi + 3], eax
        mov  eax, 24 << 16
        mov  ax, di
        mov  [rdx], eax
        mov  eax, edi
        mov  ax, 0x8E00
        mov  [rdx + 4], eax
        and  qword [rdx + 8], 0
        add  edi, 8
        add  edx, 16
        inc  cl
        jnz  .stub
        lidt [idt_pointer]
        mov  r11d, MICRO_LAPIC_MB << 20
        mov  dword [r11 + 0xF0], 0x1FF ; on; spurious interrupts are vector 255
        call time
        mov  r9, rax

; ---- the scan: all functions up to the highest bus behind a bridge seen so far; then, for second roots, all others ----
        xor  ebp, ebp           ; bdf
        mov  r10d, 0x100        ; its limit
scan:   cmp  ebp, r10d
        jb   .look
        bts  r10d, 16
        mov  esi, no_accelerator
        jc   complain
        mov  r10d, 0x10000
.look:  xor  eax, eax
        call configuration
        cmp  ax, -1
        je   .absent
        cmp  eax, MICRO_DEVICE
        je   .ours
.other: mov  al, 0x0C
        call configuration
        shr  eax, 16
        mov  ecx, eax           ; the header's type
        and  al, 0x7F
        dec  al
        jnz  .plain
        mov  al, 0x18
        call configuration
        shr  eax, 16
        movzx eax, al
        inc  eax
        shl  eax, 8
        cmp  eax, r10d
        cmova r10d, eax
.plain: test cl, cl             ; bit 7: it has more functions
        js   .next
.absent:
        test ebp, 7
        jnz  .next
        or   ebp, 7
.next:  inc  ebp
        jmp  scan

.ours:  mov  al, 4
        call configuration
        or   al, 6              ; it answers to memory, and masters the bus
        out  dx, ax
        mov  al, 0x10
        call configuration
        and  al, 0xF0
        mov  r13d, eax
        mov  al, 0x18
        call configuration
        mov  ebx, eax
        and  bl, 0xF0
        test al, 4
        jz   .mapped
        mov  al, 0x1C
        call configuration
        shl  rax, 32
        or   rbx, rax
.mapped:
        test rbx, rbx
        jz   .other             ; nobody gave it a place
        cmp  dword [rbx + AT_HOST_MAGIC], MICRO_ACCELERATOR_MAGIC
        jne  .other
        mov  esi, other_protocol
        cmp  dword [rbx + AT_HOST_PROTOCOL], MICRO_VERSION
        jne  complain

; ---- found: what the accelerator wants to know; a batch that an earlier start has left is over ----
        call time
        mov  [rbx + AT_FOUND], rax
        mov  [rbx + AT_SCAN], r9
        mov  rax, [BORN]
        mov  [rbx + AT_BORN], rax
        mov  [rbx + AT_BDF], rbp
        mov  [rbx + AT_BAR0], r13
        mov  [rbx + AT_BAR2], rbx
        xor  eax, eax
        mov  [rbx + AT_MAGIC], eax
        mov  [rbx + AT_EVENTS], rax
        mov  [rbx + AT_SLEEP], rax
        inc  qword [rbx + AT_GENERATION]
        mov  r12, [rbx + AT_REQ]
        mov  [rbx + AT_DONE], r12
        mov  dword [rbx + AT_PROTOCOL], MICRO_VERSION
        mov  dword [rbx + AT_MAGIC], MICRO_CPU_MAGIC

; Nothing can wake it yet: before the first batch, which may give the accelerator's interrupt its vector, it does not sleep.
.first: cmp  [rbx + AT_REQ], r12
        je   .first

; ---- rbx the memory, r11 the interrupt controller, r12 the newest batch done, r14 entries left, r15 the entry or 0 ----
serve:  mov  esp, BORN
        xor  r15d, r15d
        sti
.again: xor  r13d, r13d
.poll:  mov  rax, [rbx + AT_REQ]
        cmp  rax, r12
        jne  batch
        inc  r13
        cmp  r13, [rbx + AT_SPIN]
        jb   .poll
        cli
        mov  byte [rbx + AT_SLEEP], 1
        mfence
        mov  eax, [r11 + 0x20]  ; where an emulator takes one processor's fences for nothing, this is one
        cmp  [rbx + AT_REQ], r12
        jne  .awake
        sti
        hlt
.awake: mov  byte [rbx + AT_SLEEP], 0
        jmp  serve

batch:  mov  r12, rax
        mov  r14, [rbx + AT_COUNT]
        mov  ecx, MICRO_ENTRIES
        cmp  r14, rcx
        cmova r14d, ecx
        lea  r15, [rbx + AT_TABLE]
        test r14d, r14d
        jz   .done
.entry: movzx eax, byte [r15 + ENTRY_OP]
        mov  cl, [r15 + ENTRY_WIDTH]
        mov  rsi, [r15 + ENTRY_ADDRESS]
        cmp  al, (operations.end - operations) / 2
        jae  .unknown
        cmp  cl, 3
        ja   .unknown
        movzx eax, word [rax * 2 + operations]
        call rax                ; status in al
        jmp  .status
.unknown:
        mov  al, STATUS_UNKNOWN
.status:
        mov  [r15 + ENTRY_STATUS], al
        add  r15, MICRO_ENTRY
        dec  r14d
        jnz  .entry
.done:  xor  r15d, r15d
        mov  [rbx + AT_DONE], r12
        call ring
        jmp  serve.again

ring:   mfence
        mov  rdi, [rbx + AT_RING_AT]
        test rdi, rdi
        jz   .not
        mov  eax, [rbx + AT_RING_WITH]
        mov  [rdi], eax
.not:   ret

; ---- interrupts and faults: the vector is on the stack, a fault's error code may be behind it ----
interrupted:
        cmp  byte [rsp], 14
        je   unmapped
        cmp  byte [rsp], MICRO_FIRST_VECTOR
        jb   fault
        push rax
        push rcx
        push rdx
        push rdi
        movzx ecx, byte [rsp + 32]
        movzx edi, byte [rbx + AT_EVENTS]
        shl  edi, 4
        mov  [rbx + rdi + AT_RING], rcx
        call time
        mov  [rbx + rdi + AT_RING + 8], rax
        inc  qword [rbx + AT_EVENTS]
        and  dword [r11 + 0xB0], 0 ; its end
        call ring
        pop  rdi
        pop  rdx
        pop  rcx
        pop  rax
        add  rsp, 8
        iretq

; The entry that is being served cannot be done. Out of an entry it is a place to ring at that is none.
fault:  mov  al, [rsp]
        or   al, STATUS_FAULT
        mov  esp, BORN
        sti
        test r15, r15
        jnz  batch.status
        jmp  serve

; Memory is mapped when it is first touched, 2 MB at a time. An address that the processor does not have makes an entry with
; reserved bits, and comes back with an error code that says so.
unmapped:
        test byte [rsp + 8], 9
        jnz  fault
        push rax
        push rcx
        push rdx
        push rsi
        push rdi
.anew:  mov  rax, cr2
        mov  esi, TABLES
        mov  cl, 39
.level: mov  rdx, rax
        shr  rdx, cl
        and  edx, 511
        lea  esi, [rsi + rdx * 8]
        cmp  cl, 21
        je   .leaf
        mov  edx, [rsi]
        test dl, dl
        jnz  .there
        mov  edi, [FREE]
        cmp  edi, TABLES_END
        jb   .room
        call new_tables
        jmp  .anew
.room:  add  dword [FREE], 0x1000
        lea  edx, [rdi + 3]
        mov  [rsi], edx
        push rax
        push rcx
        xor  eax, eax
        mov  ecx, 1024
        rep  stosd
        pop  rcx
        pop  rax
.there: xor  dl, dl
        mov  esi, edx
        sub  cl, 9
        jmp  .level
.leaf:  shr  rax, 21
        shl  rax, 21
        mov  al, 0x83
        mov  [rsi], rax
        pop  rdi
        pop  rsi
        pop  rdx
        pop  rcx
        pop  rax
        add  rsp, 16
        iretq

time:   rdtsc
        shl  rdx, 32
        or   rax, rdx
        ret

; Of function ebp: the register al. Behind it dx is the port with the register.
configuration:
        movzx eax, al
        mov  edx, ebp
        shl  edx, 8
        or   eax, edx
        bts  eax, 31
        mov  dx, 0xCF8
        out  dx, eax
        mov  dl, 0xFC
        in   eax, dx
        ret

; ---- the end of a machine without an accelerator: the text at esi, on COM1 and on the screen ----
no_accelerator:
        db   "pxOS: no accelerator found", 13, 10, 0
other_protocol:
        db   "pxOS: the accelerator has another protocol", 13, 10, 0
line:   db   0xFB, 0x80, 0xF8, 1, 0xF9, 0, 0xFB, 3 ; port and value: 115200 8N1

complain:
        mov  edi, line
        mov  dh, COM1 >> 8
.port:  mov  dl, [rdi]
        mov  al, [rdi + 1]
        out  dx, al
        inc  edi
        inc  edi
        cmp  edi, line + 8
        jb   .port
        mov  edi, 0xB8000
.text:  mov  dl, 0xFD
.full:  in   al, dx
        test al, 0x20
        jz   .full
        lodsb
        test al, al
        jz   .end
        mov  dl, 0xF8
        out  dx, al
        mov  ah, 7
        stosw
        jmp  .text
.end:   cli
        hlt
        jmp  .end
end:
