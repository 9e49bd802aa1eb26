; clock-set.asm - the clock's registers A to D while it is set and held: SET takes the update interrupt away.
%define SECTORS 3
%include "clock.inc"
        get     'A', 0x0A
        get     'B', 0x0B
        get     'D', 0x0D
        put     0x0B, 0x12
        get     'B with UIE', 0x0B
        put     0x0B, 0x92
        get     'B with UIE and SET', 0x0B
        put     0x0B, 0xE2
        get     'B with PIE, AIE and SET', 0x0B
        put     0x00, 0x30
        put     0x02, 0x31
        mov     cx, 40                  ; ticks
.wait:  sti
        hlt
        loop    .wait
        cli
        get     'seconds while SET', 0x00
        get     'minutes while SET', 0x02
        put     0x0B, 0x02
        get     'minutes afterwards', 0x02
        put     0x0A, 0x66
        get     'A held', 0x0A
        put     0x0A, 0x26
        put     0x0D, 0x00
        get     'D written', 0x0D
        put     0x7F, 0x5A
        get     'memory at 7Fh', 0x7F
        get     'index with bit 7', 0x8D
        finish
        last
