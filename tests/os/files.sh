#!/usr/bin/env bash
# files.sh - files of pxOS: its own, those of a disk, and what px's other commands see of them. TAP.
. tests/os/lib.sh
with_programs files library

# ---- the root, which is in the picture
cat >"$dir/in" <<'END'
ls /
mkdir /home/a; mkdir /home/a; echo $?
cp /bin/hello /home/a/greet; /home/a/greet; ls -l /home/a
mv /home/a/greet /home/a/x; ls /home/a
rm /home/a; echo $?
rm /home/a/x /home/a; ls /home
cat /nosuch; echo $?
cat /bin
rm /bin/../tmp/./x
mkdir /disk0/x/y
cp /bin/true /home/true; mv /home/true /tmp; ls /tmp; /tmp/true; echo $?
mv /tmp /tmp/below
cp /bin/true /bin/true
/home; echo $?
echo a text >/home/text; /home/text; echo $?
END
cat >"$dir/wanted" <<'END'
bin
dev
disk0
disk1
disk2
disk3
home
tmp
mkdir: /home/a: there is one already
1
Hello from process 7
-  SIZE greet
x
rm: /home/a: it is of another kind
1
cat: /nosuch: there is none
1
cat: /bin: it is of another kind
rm: /bin/../tmp/./x: there is none
mkdir: /disk0/x/y: there is none
true
0
mv: /tmp: that cannot be
cp: /bin/true: there is one already
sh: /home: not found
127
sh: /home/text: no program of pxOS
127
END
size=$(printf 'ls -l /bin/hello\n' | "$PX" run --host "$dir/os.pxi" 2>/dev/null | awk '{ print $2 }')
sed -i "s/^-  SIZE/$(printf -- '- %10d' "$size")/" "$dir/wanted"
timed 'files of the root'

# ---- what a program can ask, each with its answer: tests/os/programs/files.c, twice the same under px run --host
echo files >"$dir/in"
: >"$dir/wanted"
timed 'calls for files'
echo library >"$dir/in"
timed 'the C library'
mkdir "$dir/granted"
"$PX" run --host --grant "$dir/granted" "$dir/files.pxi" >"$dir/got" 2>&1
got=$?
[ $got = 0 ] && ! [ -s "$dir/got" ]
result $? 'the same picture under px run --host --grant' "exit $got; $(cat "$dir/got")"

# ---- a disk
printf 'from the host\n' >"$dir/h.txt"
"$PX" mkfs "$dir/disk" --size 1M --id 5 && "$PX" cp "$dir/h.txt" "$dir/disk:/"
cat >"$dir/disk.in" <<'END'
cat /disk0/h.txt
mkdir /disk0/a; cp /disk0/h.txt /disk0/a; mv /disk0/h.txt /disk0/a/y
cp /bin/hello /disk0/greet; /disk0/greet
ls /disk0; ls /disk0/a
END
printf 'from the host\nHello from process 7\na\ngreet\nh.txt\ny\n' >"$dir/wanted"
for executor in ref fast; do
    cp "$dir/disk" "$dir/used"
    timeout 60 "$PX" run --host --on $executor --disk "$dir/used" --record "$dir/log" "$dir/os.pxi" -o "$dir/$executor.png" <"$dir/disk.in" 2>"$dir/err" >"$dir/got"
    diff "$dir/wanted" "$dir/got" >"$dir/diff"
    result $? "a disk on $executor" "$(cat "$dir/diff" "$dir/err")"
    "$PX" fsck -q "$dir/used" >"$dir/got" 2>&1 && "$PX" cp "$dir/used:/a/y" "$dir/back" && cmp "$dir/back" "$dir/h.txt"
    result $? "what is on it after $executor" "$(cat "$dir/got")"
done
timeout 60 "$PX" run --on fast --replay "$dir/log" "$dir/os.pxi" -o "$dir/again.png" >"$dir/got" 2>"$dir/err" && cmp "$dir/got" "$dir/wanted" && cmp "$dir/fast.png" "$dir/again.png"
result $? 'the session fed again, without the disk' "$(cat "$dir/err")"
"$PX" cp --png "$dir/used" "$dir/used.png" && "$PX" fsck -q "$dir/used.png" && "$PX" cp --raw "$dir/used.png" "$dir/raw" && cmp "$dir/raw" "$dir/used"
result $? 'a disk, its PNG, and the disk again'
echo 'cp /bin/true /disk0/new; ls /disk0; exit 4' >"$dir/disk.in"
timeout 60 "$PX" os "$dir/os.pxi" --disk "$dir/used.png" <"$dir/disk.in" >"$dir/got" 2>"$dir/err"
got=$?
[ $got = 4 ] && "$PX" fsck -q "$dir/used.png" && "$PX" cp -l "$dir/used.png:/" | grep -q ' new$'
result $? 'px os with a disk that is a PNG' "exit $got; $(cat "$dir/got" "$dir/err")"
cp "$dir/used.png" "$dir/before.png"
printf 'rm /disk0/new; sync; yes\n' >"$dir/disk.in"
"$PX" run --host --budget 3000000 --disk "$dir/used.png" "$dir/os.pxi" -o "$dir/no.png" >"$dir/got" 2>"$dir/err" <"$dir/disk.in"
cmp "$dir/used.png" "$dir/before.png"
result $? 'a PNG is as it was where the program has not ended by itself' "$(cat "$dir/err")"
printf ".size 8, 8\nhalt\n" >"$dir/narrow.pxa" && "$PX" asm -q "$dir/narrow.pxa" -o "$dir/narrow.png"
expect 'a PNG that is no disk' 2 'expected a disk, which has 256' "$PX" run --host --disk "$dir/narrow.png" "$dir/os.pxi"
printf 'cat /disk0/h.txt; echo end\n' >"$dir/disk.in"
head -c 400000 /dev/urandom >"$dir/noise"
timeout 60 "$PX" run --host --disk "$dir/noise" "$dir/os.pxi" <"$dir/disk.in" >"$dir/got" 2>"$dir/err"
printf 'pxos: /disk0: no file system that pxOS has\ncat: /disk0/h.txt: there is none\nend\n' | diff - "$dir/got" >"$dir/diff"
result $? 'a disk of noise' "$(cat "$dir/diff")"

# ---- a disk that is full: who has written says so, and so does its status
cat >"$dir/disk.in" <<'END'
for i in a b c d e; do cp /bin/edit /disk0/$i; done
yes >/disk0/f; echo $?
for c in "echo hello" "cat /bin/sh" "ls /bin" "du /" "grep -c . /bin/sh" help pwd "yes | head 1"; do sh -c "$c >>/disk0/f"; echo $?; done
help >>/disk0/f; echo $?; pwd
yes | true; echo $?
END
for told in 'yes 1' 'echo 1' 'cat 1' 'ls 1' 'du 1' 'grep 2' 'sh 1' 'sh 1' 'head 1' 'sh 1'; do
    printf '%s: output: no room is left\n%s\n' $told
done >"$dir/wanted"
printf '/\n0\n' >>"$dir/wanted"
"$PX" mkfs "$dir/full" --size 320K
timeout 60 "$PX" os "$dir/os.pxi" --disk "$dir/full" <"$dir/disk.in" >"$dir/got" 2>"$dir/err"
diff "$dir/wanted" "$dir/got" >"$dir/diff" && "$PX" fsck -q "$dir/full"
result $? 'a disk that is full' "$(cat "$dir/diff" "$dir/err")"

# ---- a disk whose host takes no more: what fails is told, and what was committed is there when it is mounted again
cat >"$dir/disk.in" <<'END'
echo kept >/disk0/kept; sync; echo $?
cp -r /bin /disk0/all 2>/dev/null; echo $?; sync; echo $?
echo x >/disk0/x; umount /disk0; echo $?
mount 0 /disk0; ls /disk0; cat /disk0/kept
sh -c 'cp -r /bin /disk0/all 2>/dev/null'; sleep 0.1; echo idle
END
cat >"$dir/wanted" <<'END'
0
0
sync: disks: the device or the file failed
1
sh: /disk0/x: the device or the file failed
umount: /disk0: the device or the file failed
1
kept
kept
pxos: a disk failed; what was written may be lost. umount and mount it
idle
END
"$PX" mkfs "$dir/fails" --size 1M
(trap '' XFSZ; ulimit -f 100; timeout 60 "$PX" os "$dir/os.pxi" --save "$dir/no.png" --disk "$dir/fails" <"$dir/disk.in" >"$dir/got" 2>"$dir/err")
diff "$dir/wanted" "$dir/got" >"$dir/diff" && "$PX" fsck -q "$dir/fails"
result $? 'a disk that fails' "$(cat "$dir/diff" "$dir/err")"

# ---- several names of a file: what lies on the disk is as both readers of it want it
cat >"$dir/disk.in" <<'END'
mkdir /disk0/d; echo some >/disk0/x; ln /disk0/x /disk0/d; ln /disk0/x /disk0/y; ln /disk0/x /disk0/y; ln /disk0/d /disk0/e
echo more >>/disk0/y; rm /disk0/x; mv /disk0/y /disk0/z; cat /disk0/d/x; ls /disk0 /disk0/d
END
cat >"$dir/wanted" <<'END'
ln: /disk0/y: there is one already
ln: /disk0/e: it is of another kind
some
more
END
"$PX" mkfs "$dir/names" --size 1M
timeout 60 "$PX" os "$dir/os.pxi" --disk "$dir/names" <"$dir/disk.in" 2>"$dir/err" | head -n 4 | diff "$dir/wanted" - >"$dir/diff"
result $? 'ln' "$(cat "$dir/diff" "$dir/err")"
"$PX" fsck "$dir/names" >"$dir/got" && grep -q '1 files, 2 folders' "$dir/got" && python3 tests/fs/pxfs.py "$dir/names" >"$dir/names.got"
result $? 'what fsck says of it' "$(cat "$dir/got")"
printf -- 'd          0 00000000 /d\n-         10 %s /d/x\n-         10 %s /z\n' $(for i in 1 2; do printf 'some\nmore\n' | gzip -c | tail -c 8 | od -An -tx4 -N4; done) | cmp - "$dir/names.got"
result $? 'and what the second reader reads' "$(cat "$dir/names.got")"

# ---- disks of others, made and looked at by their own tools
if command -v mkfs.fat mcopy mtype fsck.fat mke2fs >/dev/null; then
    truncate -s 4M "$dir/fat" "$dir/ext4" && mkfs.fat "$dir/fat" >/dev/null && mcopy -i "$dir/fat" "$dir/h.txt" ::/HELLO.TXT
    mkdir "$dir/seed" && cp "$dir/h.txt" "$dir/seed" && mke2fs -q -t ext4 -d "$dir/seed" "$dir/ext4"
    cat >"$dir/disk.in" <<'END'
cat /disk0/hello.txt /disk1/h.txt
mkdir "/disk0/a long name"; mv /disk0/HELLO.TXT "/disk0/a long name/moved.txt"; cp /disk1/h.txt /disk0
cp /bin/true /disk1; echo $?
ln /disk0/h.txt /disk0/i.txt; ln /disk0/h.txt /home/i; ln /disk1/h.txt /disk1/i
END
    printf 'from the host\nfrom the host\ncp: /disk1/true: it may not be written\n1\n' >"$dir/wanted"
    kind='it is of another kind'
    printf "ln: %s: $kind\n" /disk0/i.txt /home/i /disk1/i >>"$dir/wanted"
    timeout 60 "$PX" os "$dir/os.pxi" --disk "$dir/fat" --disk "$dir/ext4" <"$dir/disk.in" >"$dir/got" 2>"$dir/err"
    diff "$dir/wanted" "$dir/got" >"$dir/diff"
    result $? 'FAT and ext4' "$(cat "$dir/diff" "$dir/err")"
    fsck.fat -n "$dir/fat" >"$dir/got" 2>&1 && mtype -i "$dir/fat" '::/a long name/moved.txt' | cmp - "$dir/h.txt"
    result $? 'what dosfstools and mtools see of it' "$(cat "$dir/got")"
    truncate -s 0 "$dir/ext4" && truncate -s 4M "$dir/ext4" && mke2fs -q -t ext4 -O encrypt "$dir/ext4"
    timeout 60 "$PX" os "$dir/os.pxi" --disk "$dir/ext4" <<<'echo end' >"$dir/got" 2>"$dir/err"
    printf 'pxos: /disk0: its file system has what pxOS does not read: encrypt\nend\n' | diff - "$dir/got" >"$dir/diff"
    result $? 'ext4 with what is not read is refused by name' "$(cat "$dir/diff" "$dir/err")"
    expect 'and by px cp' 2 'its file system has what px does not read: encrypt' "$PX" cp -l "$dir/ext4:/"
fi

# ---- commands
expect 'fsck of noise' 8 'there is no pxFS in it' "$PX" fsck "$dir/noise"
expect 'cp without a disk' 2 'one side is DISK:/PATH' "$PX" cp a b
expect 'cp of a folder' 1 'a folder, which needs -r' "$PX" cp tests/os "$dir/used:/"
expect 'a PNG that another program has' 2 'is in use by another program' flock "$dir/used.png" "$PX" cp "$dir/h.txt" "$dir/used.png:/"
expect 'mkfs too small' 2 'a pxFS has 262144 to 4294967296 bytes' "$PX" mkfs "$dir/new" --size 1000
expect 'mkfs of what is there' 2 'is there already' "$PX" mkfs "$dir/used" --size 1M
"$PX" cp -r tests/os "$dir/used:/" && "$PX" cp -r "$dir/used:/os" "$dir/copy" && diff -r tests/os "$dir/copy" && "$PX" fsck -q "$dir/used"
result $? 'a folder in and out'
deep=$dir/deep && for i in $(seq 100); do deep=$deep/a; done
mkdir -p "$deep" && cp "$dir/h.txt" "$deep" && "$PX" mkfs "$dir/depths" --size 1M && "$PX" cp -r "$dir/deep" "$dir/depths:/" && \
    "$PX" cp -r "$dir/depths:/deep" "$dir/shallow" && diff -r "$dir/deep" "$dir/shallow"
result $? 'a hundred folders, each in the one before, in and out'
printf 'cp -r /disk0/deep /tmp; echo $?; du -s /disk0/deep >/dev/null; echo $?; grep -r from /disk0/deep; echo $?; mkdir /tmp/x; cp -r /tmp/x /tmp/x/y; echo $?\n' >"$dir/disk.in"
timeout 60 "$PX" os "$dir/os.pxi" --disk "$dir/depths" <"$dir/disk.in" 2>"$dir/err" | sed 's/:.*//' >"$dir/got"
printf 'cp\n1\ndu\n1\ngrep\n2\ncp\n1\n' | diff - "$dir/got" >"$dir/diff"
result $? 'programs say what is too deep for them' "$(cat "$dir/diff" "$dir/err")"
printf x | dd of="$dir/used" bs=1 seek=9000 conv=notrunc 2>/dev/null
expect 'fsck of a damaged disk' 4 'block 8 of .* does not hold what was written there' "$PX" fsck "$dir/used"
finish
