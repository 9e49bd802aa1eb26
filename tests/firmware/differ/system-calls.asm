; system-calls.asm - INT 11h, 12h, 14h, 15h, 16h, 17h and 1Ah: registers and flags.
%define SECTORS 4
%include "say.inc"
        int     0x11
        and     ax, 0x0033              ; a floppy, 80 columns
        tell16  'equipment', ax
        mov     ah, 3
        mov     dx, 0
        int     0x14
        and     ax, 0x6000
        tell16  'INT 14h AH=03h', ax
        mov     ah, 0x88
        clc
        int     0x15
        tellc   'INT 15h AH=88h, carry'
        mov     ax, 0xE820
        mov     ebx, 0
        mov     ecx, 20
        mov     edx, 0x534D4150
        mov     di, 0x7000
        int     0x15
        tellc   'INT 15h AX=E820h, carry'
        tell32  'EAX', eax
        tell32  'ECX', ecx
        tell32  'the first row begins', [0x7000]
        tell32  'kind', [0x7010]
        mov     ax, 0xE820
        mov     ebx, 0
        mov     ecx, 20
        mov     edx, 0
        int     0x15
        tellc   'AX=E820h without its mark, carry'
        mov     ah, 0xC0
        int     0x15
        tellc   'AH=C0h, carry'
        tell16  'AX', ax
        tell8   'model', [es:bx + 2]
        mov     ax, 0x5300
        mov     bx, 0
        mov     ah, 0x77
        int     0x15
        tellc   'AH=77h, carry'
        tell8   'status', ah
        mov     ax, 0x2402
        int     0x15
        tellc   'AX=2402h, carry'
        tell8   'A20', al
        mov     ax, 0x2400
        int     0x15
        mov     ax, 0x2402
        int     0x15
        tell8   'A20 closed', al
        mov     ax, 0x2401
        int     0x15
        mov     ah, 1
        int     0x16
        setz    al
        tell8   'INT 16h AH=01h, ZF', al
        mov     ah, 5
        mov     cx, 0x1E61
        int     0x16
        tell8   'AH=05h', al
        mov     ah, 0
        int     0x16
        tell16  'AH=00h', ax
        mov     ah, 2
        clc
        int     0x1A
        tellc   'INT 1Ah AH=02h, carry'
        mov     ah, 4
        int     0x1A
        tell16  'century and year', cx
        tell16  'month and day', dx
        mov     ax, 0xFF00
        int     0x10
        mov     ah, 0x0F
        int     0x10
        tell16  'INT 10h AH=0Fh', ax
        mov     ax, 0x1A00
        int     0x10
        tell8   'AX=1A00h', al
        mov     ax, 0x0200
        mov     bx, 0
        mov     dx, 0x0305
        int     0x10
        mov     ax, 0x0941
        mov     bx, 0x001E
        mov     cx, 3
        int     0x10
        mov     ax, 0x0800
        mov     bx, 0
        int     0x10
        tell16  'AH=09h, then AH=08h', ax
        mov     ah, 3
        mov     bh, 0
        int     0x10
        tell16  'the cursor has not moved', dx
        mov     ax, 0x0E0D
        int     0x10
        mov     ah, 3
        mov     bh, 0
        int     0x10
        tell16  'behind a carriage return', dx
        finish
        last
