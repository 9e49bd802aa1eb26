; hello.asm - the smallest .COM program: INT 21h AH=09h, and INT 20h.
        bits    16
        org     0x100
        mov     dx, text
        mov     ah, 0x09
        int     0x21
        int     0x20
text    db      'Hello from a .COM program', 13, 10, '$'
