; floppy-360.asm - the sectors of a floppy of 360 KB.
; image = floppy 368640
; numbered
%include "floppy.inc"
        sector  0, 1, 2
        sector  1, 0, 1
        sector  2, 0, 3
        finish
        last
