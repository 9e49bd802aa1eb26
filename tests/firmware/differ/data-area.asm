; data-area.asm - what the BIOS' data area says of keyboard, diskette, disk, printers and display when a boot sector begins.
%define SECTORS 4
%include "say.inc"
        tell8   'self-test (12)', [0x412]
        tell16  'memory (13)', [0x413]
        tell8   'keys that are down (18)', [0x418]
        tell8   'a character by its number (19)', [0x419]
        mov     ax, [0x41C]
        sub     ax, [0x41A]
        tell16  'keys in the ring (1A)', ax
        tell8   'the motor runs for a while (40)', [0x43F]
        tell8   'diskette status (41)', [0x441]
        tell16  'where the page begins (4E)', [0x44E]
        tell16  'cursor (60)', [0x460]
        tell8   'page (62)', [0x462]
        tell8   'mode register (65)', [0x465]
        tell8   'midnight (70)', [0x470]
        tell8   'break (71)', [0x471]
        tell8   'disk status (74)', [0x474]
        tell8   'disks (75)', [0x475]
        tell8   'patience for LPT1 (78)', [0x478]
        tell8   'patience for COM1 (7C)', [0x47C]
        tell8   'display (87)', [0x487]
        tell8   'switches (88)', [0x488]
        tell8   'VGA (89)', [0x489]
        tell8   'keyboard (96)', [0x496]
        tell8   'its lights (97)', [0x497]
        tell8   'print screen (50:00)', [0x500]
        finish
        last
