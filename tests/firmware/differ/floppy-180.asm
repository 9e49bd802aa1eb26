; floppy-180.asm - the sectors of a floppy of 180 KB.
; image = floppy 184320
; numbered
%include "floppy.inc"
        sector  0, 0, 2
        sector  1, 0, 1
        sector  2, 0, 3
        finish
        last
