#!/usr/bin/env bash
# pxdos.sh - pxDOS through its COM1, whose characters go through the serial driver: px serve owns the wire, a pseudo-terminal,
# behind px front. pxdos.py speaks with it. TAP.
NEEDS='mcopy python3'
. tests/firmware/lib.sh

# The floppy with more on it: LONG.TXT goes where a deleted file was, then behind what followed that.
cp "$fw/pxdos.floppy" "$dir/floppy"
put() { mcopy -o -i "$dir/floppy" - "::$1"; }
printf '@CTTY COM1\r\n' | put AUTOEXEC.BAT
head -c 1500 /dev/zero | put GAP1
printf 'between\r\n' | put KEEP1.TXT
head -c 1000 /dev/zero | put GAP2
printf 'between\r\n' | put KEEP2.TXT
head -c 1100000 /dev/zero | put FILLER # clusters whose numbers need all of their 12 bits
mdel -i "$dir/floppy" ::GAP1 ::GAP2
for i in $(seq 200); do printf 'line %d of a file that lies in pieces\r\n' "$i"; done | put LONG.TXT
: | put EMPTY.TXT
head -c 65100 /dev/zero | put BIG.COM
for i in $(seq 0 299); do printf "\\x$(printf %x $((i * 7 % 256)))"; done | put BYTES.BIN
[ "$(mshowfat -i "$dir/floppy" ::LONG.TXT | grep -o '<' | wc -l)" = 3 ] || { echo "Bail out! LONG.TXT does not lie in pieces"; exit 1; }
printf 'echo from a batch file\r\nhello\r\n@echo silent\r\nrem the end\r\n' | put JOB.BAT

"$fw/mkimage" -o "$dir/hv.img" "$fw/boot/boot.bin" "$fw/stage2.bin" hv="$fw/hv.bin" driver="${fw%/firmware}/programs/serial_driver.pxi" \
    floppy="$dir/floppy" 'options=end=bochs patience=200' || exit 1
"$px" serve --on ref --listen "unix:$dir/link" --wire pty >"$dir/serve" 2>&1 &
wire=$(await "$dir/serve" '/dev/pts/[0-9]+') || { echo "Bail out! $(cat "$dir/serve")"; exit 1; }
await "$dir/serve" 'listening on .*' >/dev/null
"$px" front --listen tcp:0 --to "unix:$dir/link" >"$dir/front" 2>&1 &
port=$(await "$dir/front" 'tcp:127.0.0.1:[0-9]+') || { echo "Bail out! $(cat "$dir/front")"; exit 1; }
firmware/$emu.sh --ips 1000000 --seconds 200 --com2 "${port##*:}" "$dir/hv.img" >"$dir/out" 2>&1 &
bochs=$!
tests/firmware/pxdos.py "$wire" "$dir/floppy" "$fw" >"$dir/tap"
status=$?
[ $status = 0 ] && { wait $bochs; status=$?; }
grep -v '^1\.\.' "$dir/tap"
count=$(grep -cE '^(not )?ok' "$dir/tap")
verdict() { # STATUS, NAME
    count=$((count + 1))
    [ "$1" = 0 ] && echo "ok $count - $2" || { echo "not ok $count - $2"; status=1; tail -n 30 "$dir/out" | sed 's/^/# /'; }
}
verdict $status 'HALT ends the run'
grep -q '^pxhv: counters, asked for by the guest' "$dir/out" && grep -qE '^pxhv: exits: [0-9]+ of reason (18|70),' "$dir/out"
verdict $? 'COUNTS puts the counters into the log'
grep -qE 'serial: [0-9]+ operations, [1-9]' "$dir/out"
verdict $? 'the characters went through the executor'

# The same system on screen and keyboard: a program fills the keyboard's ring, the prompt reads from there.
cat >"$dir/keys.asm" <<'END'
        org     0x100
        mov     si, keys
next:   lodsb
        test    al, al
        jz      end
        mov     cx, 0x0100
        mov     cl, al
        mov     ah, 5
        int     0x16
        jmp     next
end:    int     0x20
keys    db      'ECHO 1', 8, '2', 13, 'HALT', 13, 0
END
nasm -f bin "$dir/keys.asm" -o "$dir/keys.com"
cp "$fw/pxdos.floppy" "$dir/floppy"
put KEYS.COM <"$dir/keys.com"
printf '@cls\r\nhello\r\n@keys\r\n' | put AUTOEXEC.BAT
"$fw/mkimage" -o "$dir/hv.img" "$fw/boot/boot.bin" "$fw/stage2.bin" hv="$fw/hv.bin" floppy="$dir/floppy" 'options=end=bochs link=none' &&
    firmware/$emu.sh --seconds 60 --screen "$dir/screen" "$dir/hv.img" >"$dir/out" 2>&1
verdict $? 'HALT from the keyboard ends the run'
python3 -c 'import sys; text = open(sys.argv[1], "rb").read()[::2].decode("cp437")
for at in range(0, 2000, 80): print(text[at:at + 80].rstrip())' "$dir/screen" | sed '/^$/d' >"$dir/text"
cmp -s "$dir/text" <<'END'
A:\>hello
Hello from a .COM program
A:\>ECHO 2
2
A:\>HALT
END
verdict $? 'what was typed and written is on the screen'
bad=$status
finish
