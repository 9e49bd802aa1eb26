; floppy-160.asm - the sectors of a floppy of 160 KB.
; image = floppy 163840
; numbered
%include "floppy.inc"
        sector  0, 0, 2
        sector  1, 0, 1
        sector  2, 0, 3
        finish
        last
