; biostest.asm - a boot sector that tries the PC that it was booted on: every BIOS service that guests are known to use, and
; the devices behind them. What it expects is what IBM's technical reference, the EDD, VBE and ACPI documents, and the
; datasheets of 8254, 8259A, 8042, MC146818 and PC16550D say.
;
; Each test is a line on the screen, on COM1 and on port E9h: "PASS name", or "FAIL name: WHAT expected XXXX got XXXX" with the
; first thing that was wrong. A count closes the report; then the processor halts for good.
;
; Every service is called with all upper halves of the 32-bit registers filled, and they must be the same afterwards.
;
; In memory: 0:0600 what survives INT 19h, 0:7C00 this program, 2000:0 and 3000:0 buffers. On its disk it takes LBA 0 to
; PATTERN_LBA; the sector behind is scribbled on.
        bits    16
        org     0x7C00

PATTERN_LBA equ 53
SCRATCH_LBA equ 54
DISK_SECTORS equ 8192                   ; of the disk image; firmware.mk makes it so long

SURVIVOR equ 0x600                      ; a magic word, then the two counts
MAGIC   equ 0x7E57

        section .text
        jmp     0:entry
entry:  pushf
        pop     word [cs:first_flags]
        xor     ax, ax
        mov     ds, ax
        mov     es, ax
        cli
        mov     ss, ax
        mov     sp, 0x7C00
        sti
        cld
        mov     [drive], dl
        test    dl, dl
        jns     .geometry
        mov     ah, 0x41                ; a disk is read by a packet, as current boot loaders do
        mov     bx, 0x55AA
        int     0x13
        jc      .failed
        mov     si, packet
        mov     ah, 0x42
        mov     dl, [drive]
        int     0x13
        jc      .failed
        jmp     start
.geometry:
        mov     di, 1                   ; LBA
.next:  mov     ax, di
        call    chs
        mov     bx, di
        shl     bx, 9
        add     bx, 0x7C00
        mov     ax, 0x0201
        int     0x13
        jc      .failed
        inc     di
        cmp     di, PATTERN_LBA
        jbe     .next
        jmp     start
.failed:
        mov     ax, 0x0E00 + '!'
        mov     bx, 7
        int     0x10
        cli
        hlt

; Cylinder, head, sector of LBA AX, and the drive, in CX and DX. AX is lost.
chs:    xor     dx, dx
        div     word [sectors]
        mov     cx, dx
        inc     cx                      ; sectors count from 1
        xor     dx, dx
        div     word [heads]
        mov     ch, al                  ; few cylinders: no high bits
        mov     dh, dl
        mov     dl, [drive]
        ret

packet  db      16, 0
        dw      PATTERN_LBA, 0x7E00, 0
        dq      1
sectors dw      18                      ; a 1.44 MB floppy, until function 08h has told about the disk
heads   dw      2
drive   db      0
first_flags dw  0

        times 510 - ($ - $$) db 0
        dw      0xAA55

        section .data
        section .bss
        section .pattern start=(0x7C00 + PATTERN_LBA * 512)
pattern:
%assign value 1
%rep 256
        dw      value
%assign value (value * 0x6255 + 0x3619) & 0xFFFF
%endrep
        section .text

%include "biostest/harness.inc"

start:  call    open_wire
        cmp     word [SURVIVOR], MAGIC
        je      second_time
        call    test_start
        call    test_video
        call    test_disk
        call    test_system
        call    test_memory
        call    test_time
        call    test_keys
        call    test_hooks
        call    test_resets
        call    test_chips
        call    test_a20
        call    test_uart
        call    test_serial
        call    finish_test
        mov     word [SURVIVOR], MAGIC
        mov     ax, [passed]
        mov     [SURVIVOR + 2], ax
        mov     ax, [failed]
        mov     [SURVIVOR + 4], ax
        int     0x19
second_time:
        mov     word [SURVIVOR], 0
        mov     ax, [SURVIVOR + 2]
        mov     [passed], ax
        mov     ax, [SURVIVOR + 4]
        mov     [failed], ax
        title   "19 boots the same drive again"
        call    finish_test
        mov     ax, [passed]
        call    put_decimal
        mov     si, text_passed
        call    put_string
        mov     ax, [failed]
        call    put_decimal
        mov     si, text_failed
        call    put_string
        cli
        hlt

        section .data
text_passed db  ' passed, ', 0
text_failed db  ' failed', 13, 10, 0
        section .text

test_start:
        title   "19 the boot sector starts with IF = 1"
        want    'IF', [first_flags], 0x0200, 0x0200
        title   "vectors 08h to 1Ah point into the BIOS"
        mov     di, 8 * 4 + 2
.next:  want    'segment', [di], 0xF000
        add     di, 4
        cmp     di, 0x1A * 4 + 2
        jbe     .next
        ret

%include "biostest/video.inc"
%include "biostest/disk.inc"
%include "biostest/system.inc"
%include "biostest/time.inc"
%include "biostest/keys.inc"
%include "biostest/hooks.inc"
%include "biostest/chips.inc"
%include "biostest/uart.inc"
