; boot.asm - the boot sector: loads stage 2 from sectors 1..64 of the drive that the BIOS booted from, and jumps there.
;
; It works from a floppy, a hard disk and a USB stick in either disguise: by block number where the BIOS offers that
; (INT 13h AH=42h), by cylinder, head and sector otherwise, one sector at a time with three tries. Some BIOSes want to see
; a partition, and some write into the place of a FAT parameter block: both are provided for.
;
; On failure it prints "pxHV: disk error" and waits for a key to let the BIOS try the next drive (INT 18h).
%include "layout.inc"
        bits 16
        org BOOT_AT

        jmp short start
        nop
        times 0x3E - ($ - $$) db 0      ; a parameter block may be written here

start:  cli
        xor ax, ax
        mov ds, ax
        mov es, ax
        mov ss, ax
        mov sp, STACK_TOP
        jmp 0:.flat                     ; some BIOSes start us at 07C0:0000
.flat:  sti
        cld
        mov [drive], dl

        ; Block numbers: installed, and with packets (bit 0 of CX)?
        mov ah, 0x41
        mov bx, 0x55AA
        int 0x13
        jc .chs
        cmp bx, 0xAA55
        jne .chs
        test cl, 1
        jz .chs
        inc byte [lba]
        jmp .load

.chs:   mov ah, 8                       ; sectors a track, heads; a floppy of 1.44 MB if the BIOS does not know
        mov dl, [drive]
        xor di, di
        int 0x13
        push ds
        pop es                          ; ES:DI was the diskette table
        jc .load
        and cl, 0x3F
        jz .load
        mov [sectors], cl
        inc dh
        mov [heads], dh

.load:  mov cx, STAGE2_SECTORS
.sector:
        mov bp, 3
.try:   pusha                           ; some BIOSes keep less than they promise
        call read
        popa
        jnc .good
        xor ah, ah                      ; reset the drive, try again
        mov dl, [drive]
        int 0x13
        dec bp
        jnz .try
        jmp fail
.good:  inc word [block]
        add word [offset], 512
        loop .sector

        mov dl, [drive]
        jmp 0:STAGE2_AT

; Sector [block] to 0:[offset]; carry when it fails.
read:   cmp byte [lba], 0
        je .chs
        mov ah, 0x42
        mov dl, [drive]
        mov si, packet
        int 0x13
        ret
.chs:   mov ax, [block]                 ; block = (cylinder * heads + head) * sectors + sector - 1
        xor dx, dx
        movzx bx, byte [sectors]
        div bx
        mov cl, dl
        inc cl
        xor dx, dx
        movzx bx, byte [heads]
        div bx
        mov dh, dl
        mov ch, al                      ; cylinders stay below 256: 64 sectors
        mov dl, [drive]
        mov bx, [offset]
        mov ax, 0x0201
        int 0x13
        ret

fail:   mov si, message
.next:  lodsb
        test al, al
        jz .wait
        mov ah, 0x0E
        mov bx, 7
        int 0x10
        jmp .next
.wait:  xor ah, ah
        int 0x16
        int 0x18

message db 'pxHV: disk error', 13, 10, 0
drive   db 0
lba     db 0
sectors db 18
heads   db 2

        align 4
packet  db 16, 0
        dw 1
offset  dw STAGE2_AT, 0
block   dq 1

        times 446 - ($ - $$) db 0
        ; One active partition, type DAh (no file system), over what the sector's own cylinder can say.
        db 0x80, 0, 1, 0, 0xDA, 1, 18, 0
        dd 0, 2880
        times 510 - ($ - $$) db 0
        dw 0xAA55
