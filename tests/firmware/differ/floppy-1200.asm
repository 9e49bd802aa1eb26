; floppy-1200.asm - the sectors of a floppy of 1.2 MB.
; image = floppy 1228800
; numbered
%include "floppy.inc"
        sector  0, 1, 2
        sector  1, 0, 1
        sector  2, 0, 3
        finish
        last
