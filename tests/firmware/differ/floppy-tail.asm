; floppy-tail.asm - an image that ends with its program, as `cat boot.bin kernel.bin` makes it: sectors 2 to 18 of track 0 are there.
; image = floppy 10752
; numbered
%include "say.inc"
        mov     cx, 2
.next:  mov     ax, 0x0201
        mov     dx, 0
        mov     bx, 0x8000
        int     0x13
        jc      .end
        inc     cx
        cmp     cl, 19
        jb      .next
.end:   tell8   'the first sector that cannot be read', cl
        finish
        last
