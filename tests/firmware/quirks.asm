; quirks.asm - a boot sector that puts a difficult BIOS between the machine's and pxHV, and then boots the sector that it has
; replaced: that lies at block LAST of the disk. Whoever waits for a key ends the run. Assembled with some of
;
;   NO_MAP     INT 15h AX=E820h is not there
;   ODD_MAP    a memory map of rows that overlap, touch, are empty or out of order: 64 MB of RAM, reserved at 48 MB
;   LONG_MAP   a memory map that never ends
;   NO_BLOCKS  INT 13h has no block numbers (AH=41h): cylinders, heads and sectors
;   FLAKY      two of three reads fail
;   BROKEN     every read fails, and what INT 10h shows is also "pxhv: screen: ..." on port E9h
;   CLOBBER    INT 13h loses EBX, ECX, EDX, ESI, EDI and EBP where it returns nothing there
        bits 16
        org 0
HERE    equ 0x3000                      ; a segment that nobody else uses

        jmp short start
        times 0x3E - ($ - $$) db 0
start:  cli
        xor ax, ax
        mov ds, ax
        mov ss, ax
        mov sp, 0x7C00
        mov ax, HERE
        mov es, ax
        mov si, 0x7C00
        xor di, di
        mov cx, 256
        cld
        rep movsw
        jmp HERE:moved
moved:  mov [cs:packet.drive], dl
        mov eax, [0x13 * 4]
        mov [cs:old_13], eax
        mov eax, [0x15 * 4]
        mov [cs:old_15], eax
        mov ax, cs
        mov ds, ax
        mov ah, 0x42
        mov si, packet
        int 0x13
        jc $
        xor ax, ax
        mov ds, ax
        mov es, ax
        mov word [0x13 * 4], hook_13
        mov word [0x13 * 4 + 2], HERE
        mov word [0x15 * 4], hook_15
        mov word [0x15 * 4 + 2], HERE
        mov word [0x16 * 4], hook_16
        mov word [0x16 * 4 + 2], HERE
%ifdef BROKEN
        mov word [0x10 * 4], hook_10
        mov word [0x10 * 4 + 2], HERE
%endif
        mov dl, [cs:packet.drive]
        sti
        jmp 0:0x7C00

packet  db 16, 0
        dw 1, 0x7C00, 0
        dq LAST
.drive  db 0
old_13  dd 0
old_15  dd 0
turn    db 0

%macro fails 1                          ; CF = 1 and AH
        mov ah, %1
        push bp
        mov bp, sp
        or byte [bp + 6], 1
        pop bp
        iret
%endmacro

; The end of a run under Bochs (firmware/bochs.sh).
hook_16:
        mov dx, 0x8900
        mov al, 'D'
        out dx, al
        jmp $

%ifdef BROKEN
hook_10:
        cmp byte [cs:turn], 0
        jne .on
        inc byte [cs:turn]
        push ax
        push si
        mov si, .begin
        mov cx, .end - .begin
.next:  cs lodsb
        out 0xE9, al
        loop .next
        pop si
        pop ax
.on:    out 0xE9, al
        iret
.begin  db 'pxhv: screen: '
.end:
%endif

hook_13:
%ifdef BROKEN
        fails 4
%endif
%ifdef NO_BLOCKS
        cmp ah, 0x41
        je .none
        cmp ah, 0x42
        je .none
%endif
%ifdef FLAKY
        cmp ah, 2
        je .read
        cmp ah, 0x42
        jne .on
.read:  inc byte [cs:turn]
        cmp byte [cs:turn], 3
        jb .none
        mov byte [cs:turn], 0
.on:
%endif
%ifdef CLOBBER
        cmp ah, 0x08
        je .chain
        cmp ah, 0x41
        je .chain
        pushf
        call far [cs:old_13]
        jmp clobber
%endif
.chain: jmp far [cs:old_13]
.none:  fails 1

hook_15:
        cmp ax, 0xE820
        jne .chain
%ifdef NO_MAP
        fails 0x86
%endif
%ifdef LONG_MAP
        mov dword [es:di], 0
        mov dword [es:di + 4], 0
        mov dword [es:di + 8], 1
        mov dword [es:di + 12], 0
        mov dword [es:di + 16], 2
        inc ebx
        mov eax, 0x534D4150
        iret
%endif
%ifdef ODD_MAP
        push si
        push ds
        push cs
        pop ds
        mov si, map
        imul cx, bx, 20
        add si, cx
        mov cx, 20
        push di
        rep movsb
        pop di
        pop ds
        pop si
        mov cx, 20
        inc ebx
        cmp bx, ROWS
        jb .more
        xor ebx, ebx
.more:  mov eax, 0x534D4150
        push bp
        mov bp, sp
        and byte [bp + 6], 0xFE
        pop bp
        iret
%endif
.chain: jmp far [cs:old_15]

%ifdef CLOBBER
clobber:
        push bp
        mov bp, sp
        pushf
        pop word [bp + 6]
        pop bp
        mov ebx, 0xB0B0B0B0
        mov ecx, ebx
        mov edx, ebx
        mov esi, ebx
        mov edi, ebx
        mov ebp, ebx
        iret
%endif

%ifdef ODD_MAP
%macro row 3
        dq %1, %2
        dd %3
%endmacro
map:    row 0x100000, 0x800000, 1       ; RAM to 64 MB, in two pieces that touch
        row 0x900000, 0x3700000, 1
        row 0x3000000, 0x200000, 2      ; reserved within it
        row 0, 0x9F000, 1
        row 0x9F000, 0x61000, 2
        row 0x2000000, 0, 2             ; nothing
        row 0x3FF0000, 0x20000, 3       ; over its end, and beyond
        row 0xFFFFFFFFFFF00000, 0x100000, 2
        row 0x100000000, 0x40000000, 1  ; above 4 GB
ROWS    equ ($ - map) / 20
%endif
        times 510 - ($ - $$) db 0
        dw 0xAA55
