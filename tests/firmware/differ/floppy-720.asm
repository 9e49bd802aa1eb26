; floppy-720.asm - the sectors of a floppy of 720 KB.
; image = floppy 737280
; numbered
%include "floppy.inc"
        sector  0, 1, 2
        sector  1, 0, 1
        sector  2, 0, 3
        finish
        last
