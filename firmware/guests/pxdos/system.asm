; system.asm - pxDOS, a small DOS-like system: the shell with its commands, the root directory of one FAT12 floppy for
; reading, .COM programs with a program segment prefix, and the calls of INT 20h and 21h that small programs use.
;
; One segment, KERNEL, has everything that is pxDOS'. Its routines run with DS = ES = KERNEL unless they say otherwise.
; The floppy has sectors of 512 bytes, and of FAT12 no more than FAT_SECTORS.
        bits    16
        cpu     386
        org     0

KERNEL  equ     0x60
PROGRAM equ     0x1000                  ; where a program's PSP is
ENVIRONMENT equ 0x0FF0

        section .text
        cli
        mov     ax, cs
        mov     ds, ax
        mov     es, ax
        mov     ss, ax
        mov     sp, stack_top
        sti
        cld
        mov     [drive], dl
        mov     di, section..bss.start
        mov     cx, stack_top
        sub     cx, di
        xor     al, al
        rep     stosb
        call    disk_open
        jc      no_disk
        call    dos_open
        mov     si, text_banner
        call    print
        call    shell_autoexec
        jmp     shell
no_disk:
        mov     si, text_no_disk
        call    print
        cli
        hlt

%include "pxdos/console.inc"
%include "pxdos/fat.inc"
%include "pxdos/dos.inc"
%include "pxdos/shell.inc"
%include "pxdos/commands.inc"

        section .data
text_banner db  'pxDOS 1.0', 13, 10, 'HELP lists the commands.', 13, 10, 0
text_no_disk db 'Not a FAT12 floppy with sectors of 512 bytes', 13, 10, 0
drive   db      0

        section .bss
        resb    1024
stack_top:
