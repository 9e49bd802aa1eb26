#!/usr/bin/env python3
"""canvas.py PICTURE.png RAW: the last pixels of the picture are the words of the file, or a sentence and status 1."""
import os
import struct
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "gallery"))
import png

width, height, words = png.read(sys.argv[1])
with open(sys.argv[2], "rb") as file:
    raw = file.read()
wanted = struct.unpack(f"<{len(raw) // 4}I", raw)
if not wanted or len(wanted) > len(words):
    sys.exit(f"the picture has {len(words)} pixels, {len(wanted)} are expected")
first = len(words) - len(wanted)
for i, word in enumerate(wanted):
    if words[first + i] != word:
        at = first + i
        sys.exit(f"pixel ({at % width},{at // width}) of {width} x {height} is 0x{words[at]:08X}, expected 0x{word:08X}")
