; boot.asm - the boot sector of a FAT12 floppy: loads PXDOS.SYS from the root directory to 0060:0000 and goes there, with the
; drive in DL. mformat puts the disk's own parameters over those below.
        bits    16
        org     0x7C00

FAT     equ     0x7E00                  ; at most 12 sectors of it
ROOT    equ     0x9600                  ; then the root directory
TARGET  equ     0x60

        jmp     short start
        nop
        db      'PXDOS   '
        dw      512
cluster db      1                       ; its sectors
reserved dw     1
fats    db      2
entries dw      224
        dw      2880
        db      0xF0
fat_size dw     9
sectors dw      18
heads   dw      2
        dd      0, 0
drive   db      0, 0, 0x29
        dd      0x50584453
        db      'NO NAME    FAT12   '

start:  cli
        xor     ax, ax
        mov     ds, ax
        mov     es, ax
        mov     ss, ax
        mov     sp, 0x7C00
        sti
        cld
        mov     [drive], dl

        mov     ax, [reserved]
        mov     bx, FAT
        mov     cx, [fat_size]
        call    read
        mov     al, [fats]
        xor     ah, ah
        mul     word [fat_size]
        add     ax, [reserved]
        mov     cx, [entries]
        shr     cx, 4
        mov     bx, ROOT
        call    read
        mov     [data], ax

        mov     di, ROOT
        mov     dx, [entries]
.entry: push    di
        mov     si, name
        mov     cx, 11
        repe    cmpsb
        pop     di
        je      .found
        add     di, 32
        dec     dx
        jnz     .entry
        jmp     failed

.found: mov     di, [di + 26]           ; its first cluster
        mov     bp, TARGET
.cluster:
        mov     es, bp
        xor     bx, bx
        mov     cl, [cluster]
        xor     ch, ch
        lea     ax, [di - 2]
        mul     cx
        add     ax, [data]
        call    read
        shr     bx, 4                   ; behind them
        add     bp, bx
        mov     bx, di                  ; 12 bits: at 3/2 of the cluster's number
        shr     bx, 1
        mov     ax, [FAT + bx + di]
        jc      .odd
        and     ax, 0x0FFF
        jmp     .next
.odd:   shr     ax, 4
.next:  mov     di, ax
        cmp     di, 0xFF8
        jb      .cluster
        mov     dl, [drive]
        jmp     TARGET:0

; CX sectors from LBA AX on to ES:BX; AX is behind them afterwards.
read:   pusha
        xor     dx, dx
        div     word [sectors]
        mov     cx, dx
        inc     cx
        xor     dx, dx
        div     word [heads]
        mov     ch, al
        mov     dh, dl
        mov     dl, [drive]
        mov     ax, 0x0201
        int     0x13
        jc      failed
        popa
        inc     ax
        add     bx, 512
        loop    read
        ret

failed: mov     si, text
.next:  lodsb
        test    al, al
        jz      .stop
        mov     ah, 0x0E
        mov     bx, 7
        int     0x10
        jmp     .next
.stop:  cli
        hlt

data    dw      0
name    db      'PXDOS   SYS'
text    db      'PXDOS.SYS cannot be loaded', 13, 10, 0
        times 510 - ($ - $$) db 0
        dw      0xAA55
