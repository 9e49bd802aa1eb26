; boot-state.asm - what a boot sector finds: its drive, flags, the data area of the BIOS, vectors of tables and of programs.
; short
%define SECTORS 2
%include "say.inc"
        mov     dx, [at_boot.dx]
        tell8   'drive', dl
        tell16  'the BIOS data area: COM1', [0x400]
        tell16  'the keyboard ring: first', [0x480]
        tell16  'the keyboard ring: end', [0x482]
        tell8   'video mode', [0x449]
        tell16  'columns', [0x44A]
        tell16  'size of a page', [0x44C]
        tell16  'CRTC', [0x463]
        tell8   'rows less one', [0x484]
        tell16  'lines of a character', [0x485]
        tell8   'shift flags', [0x417]
        tell8   'boot signature behind', [0x7DFF]
        mov     ax, [0x472]
        tell16  'warm boot', ax
        mov     ax, [0x40E]             ; the extended data area begins where INT 12h ends
        shr     ax, 6
        mov     bx, ax
        int     0x12
        sub     ax, bx
        tell16  'INT 12h less the extended data area', ax
        cmp     dword [0x1C * 4], 0
        setne   al
        tell8   'INT 1Ch has a handler', al
        cmp     dword [0x1E * 4], 0
        setne   al
        tell8   'INT 1Eh has a table', al
        in      al, 0x21
        and     al, 7
        tell8   'timer, keyboard and cascade masked', al
        finish
        last
