#!/usr/bin/env bash
# fleet.sh - px fleet: results that are px run's, going on, what is doubled, unreadable or lost, locks, shares, a full disk.
# Every result is synced, which takes memory no time.
[ -w /dev/shm ] && export TMPDIR=${TMPDIR:-/dev/shm}
. tests/cli/lib.sh

printf '  .size 8, 4\n  li r1, 24\n  set r2, rgba(255, 128, 0, 255)\n  st [r1], r2\n  halt\n' >"$dir/dot.pxa"
printf '  .size 8, 4\n  li r1, 32\n  jr r1\n' >"$dir/jump.pxa"
printf '  .size 8, 4\nagain: jmp again\n' >"$dir/loop.pxa"
for name in dot jump loop; do "$PX" asm "$dir/$name.pxa" -o "$dir/$name.pxi" >/dev/null; done
mkdir "$dir/in"
for i in $(seq 40); do cp "$dir/dot.pxi" "$dir/in/p$i.pxi"; done
fleet() { "$PX" fleet "$@"; }
results() { find "$1" -name '*.png' | wc -l; }

# ---- results ----
expect 'forty programs on two executors' 0 '^40 programs: 40 halted; 160 instructions' fleet "$dir/in" --on ref,fast --out "$dir/out"
"$PX" run "$dir/dot.pxi" -q -o "$dir/alone.png"
cmp "$dir/alone.png" "$dir/out/p33.png" >"$dir/said" 2>&1
result $? 'a result is what px run writes' "$(cat "$dir/said")"
expect 'without --out nothing is written' 0 '40 halted' fleet "$dir/in" --on ref,fast
expect 'once more: nothing is run' 0 '40 had a result: 40 halted; 0 instr' fleet "$dir/in" --on ref --out "$dir/out"
rm "$dir/out/p7.png" "$dir/out/p8.png"
expect 'what has none is run' 0 '38 had a result: 40 halted; 8 instr' fleet "$dir/in" --on ref --out "$dir/out"
touch -d '2 hours' "$dir/in/p9.pxi"
expect 'what is newer is run again' 0 '39 had a result: 40 halted; 4 instr' fleet "$dir/in" --on ref --out "$dir/out"
mkdir "$dir/soon" && cp "$dir/dot.pxi" "$dir/soon/a.pxi"
fleet "$dir/soon" --on ref --out "$dir/soon-out" -q
touch -d "$(date -r "$dir/soon-out/a.png" '+%F %T').999999999" "$dir/soon/a.pxi"
expect 'newer by less than a second, too' 0 '^1 program: 1 halted; 4 instr' fleet "$dir/soon" --on ref --out "$dir/soon-out"
cp "$dir/jump.pxi" "$dir/loop.pxi" "$dir/in"
expect 'a trap and a budget' 1 '40 halted, 1 trapped, 1 stopped' fleet "$dir/in" --on ref --out "$dir/out" --budget 1000
expect 'and what became of them stays the exit status' 1 'had a result: 40 halted, 1 trapped, 1 stopped' fleet "$dir/in" --on ref --out "$dir/out" --budget 1000
expect 'their states are saved' 3 'loop|after 1,000' "$PX" run "$dir/out/loop.state.png" --budget 1000
ls "$dir/in"/p?.pxi >"$dir/list"
expect 'a list' 0 '^9 programs: 9 halted' fleet "$dir/list" --on fast
expect 'a list on standard input' 0 '^9 programs: 9 halted' sh -c '"$1" fleet - --on fast <"$2"' _ "$PX" "$dir/list"

# ---- bad input ----
echo junk >"$dir/bad.pxi"
printf '%s\n' "$dir/bad.pxi" "$dir/nowhere.pxi" "$dir/dot.pxi" >"$dir/list"
expect 'what cannot be read is said, and the rest runs' 1 '1 halted, 2 failed' fleet "$dir/list" --on ref,fast
expect 'by name' 1 'nowhere.pxi' fleet "$dir/list" --on ref
printf '%s\n' "$dir/in/p1.pxi" "$dir/dot.pxi" "$dir/in/../in/p1.pxi" >"$dir/list"
expect 'one name twice' 2 'p1.pxi and .*p1.pxi have the same name' fleet "$dir/list" --on ref
mkdir "$dir/twice" && cp "$dir/dot.pxi" "$dir/dot.pxa" "$dir/twice"
expect 'one name twice in a folder' 2 'dot.px[ai] and .*dot.px[ai] have the same name' fleet "$dir/twice" --on ref
mkdir "$dir/empty"
expect 'an empty folder' 2 'empty names no program' fleet "$dir/empty" --on ref
cp "$dir/alone.png" "$dir/empty"
expect 'no result replaces its program' 2 'would replace it; take another folder' fleet "$dir/empty" --out "$dir/empty" --on ref
expect 'an executor that there is not' 2 "no executor is called 'nonesuch'" fleet "$dir/in" --on nonesuch
expect 'a share that is none' 2 "--share is 3; expected K/N" fleet "$dir/in" --share 3
expect 'a share beyond its parts' 2 "share's part" fleet "$dir/in" --share 3/2

# ---- one folder, several fleets ----
for k in 1 2 3; do fleet "$dir/in" --on fast --budget 10 --share $k/3 --out "$dir/shared" -q; done
test "$(results "$dir/shared")" = 42
result $? 'three shares are the whole' "$(ls "$dir/shared")"
expect 'a fleet alone beside a fleet' 2 'another fleet writes into it' flock "$dir/shared/.fleet.lock" "$PX" fleet "$dir/in" --out "$dir/shared"
expect 'the same share twice' 2 'another fleet writes into it' flock "$dir/shared/.fleet-1-of-3.lock" "$PX" fleet "$dir/in" --share 1/3 --out "$dir/shared"

# ---- what is lost ----
mkdir "$dir/long"
for i in $(seq 4); do cp "$dir/loop.pxi" "$dir/long/l$i.pxi"; done
cp "$dir/dot.pxi" "$dir/long"
# Waits until the fleet with process id $1 has its children, and prints them.
children() {
    for _ in $(seq 200); do
        local of=$(pgrep -P "$1" | wc -l)
        if [ "$of" -eq "$2" ]; then break; fi
        sleep 0.02
    done
    pgrep -P "$1"
}
"$PX" fleet "$dir/long" --on ref,ref --batch 1 --out "$dir/killed" >"$dir/said" 2>&1 &
pid=$!
children "$pid" 2 >"$dir/children"
sleep 0.2
kill -9 "$pid"
for _ in $(seq 100); do
    xargs ps -o pid= <"$dir/children" >"$dir/alive" 2>/dev/null
    if [ ! -s "$dir/alive" ]; then break; fi
    sleep 0.05
done
test ! -s "$dir/alive"
result $? 'its executors end with it' "$(cat "$dir/alive")"
expect 'a killed fleet goes on' 3 '4 stopped' fleet "$dir/long" --on ref,ref --budget 1000 --out "$dir/killed"
test "$(results "$dir/killed")" = 5
result $? 'nothing is lost' "$(ls "$dir/killed")"
"$PX" fleet "$dir/long" --on ref,fast --batch 1 --budget 200M --out "$dir/lost" >"$dir/said" 2>&1 &
pid=$!
children "$pid" 2 >"$dir/children"
sleep 0.1
kill -9 "$(head -n 1 "$dir/children")"
wait "$pid"
grep -q 'ref was ended by signal 9, others go on' "$dir/said" && grep -q '1 halted, 4 stopped' "$dir/said"
result $? 'an executor is lost, the other does its work' "$(cat "$dir/said")"
"$PX" fleet "$dir/long" --on fast --out "$dir/ended" >"$dir/said" 2>&1 &
pid=$!
children "$pid" 1 >"$dir/children"
sleep 0.1
kill -TERM "$pid"
wait "$pid"
status=$?
[ $status -eq 3 ] && grep -q '4 left' "$dir/said" && grep -q 'ended by a signal; the same command goes on' "$dir/said"
result $? 'a signal ends it, and says what is left' "$status $(cat "$dir/said")"
(trap '' XFSZ && ulimit -f 0 && "$PX" fleet "$dir/in" --on ref --budget 10 --out "$dir/full" 2>&1 | cat >/dev/stdout) | cat >"$dir/said"
test "$(results "$dir/full")" = 0
result $? 'no half result on a full disk' "$(ls "$dir/full")"
grep -q 'stopped, because a result cannot be written' "$dir/said"
result $? 'a full disk is said' "$(cat "$dir/said")"
# A device that ends in mid-fleet, as a driver or a cable tells it: by an error, not by a signal.
lose_device() { # FLEET'S EXECUTORS, RESULTS: the first of them is a board that is switched off
    rm -f "$dir/board"
    "$PX" serve --on ref --listen "unix:$dir/board" >"$dir/serving" 2>&1 &
    local board=$! at
    for at in $(seq 100); do
        [ -S "$dir/board" ] && break
        sleep 0.05
    done
    "$PX" fleet "$dir/long" --on "$1" --batch 1 --budget 200M --out "$2" >"$dir/said" 2>&1 &
    pid=$!
    sleep 1
    kill -9 "$board"
    wait "$pid"
    status=$?
    wait "$board" 2>/dev/null
}
lose_device "link:unix:$dir/board,fast" "$dir/beside"
[ $status -eq 3 ] && grep -q 'link.* is lost, others go on with what it had: ' "$dir/said" && grep -q '^5 programs: 1 halted, 4 stopped' "$dir/said"
result $? 'a device is lost, the other does its work' "$status $(cat "$dir/said")"
test "$(results "$dir/beside")" = 5
result $? 'nothing is lost with it' "$(ls "$dir/beside")"
lose_device "link:unix:$dir/board" "$dir/alone"
[ $status -eq 1 ] && grep -qE '[2-5] left' "$dir/said"
result $? 'the only device is lost: what is left is said' "$status $(cat "$dir/said")"
expect 'and another goes on' 3 '^5 programs.*: 1 halted, 4 stopped' fleet "$dir/long" --on fast --budget 1000 --out "$dir/alone"
test "$(results "$dir/alone")" = 5
result $? 'with nothing lost' "$(ls "$dir/alone")"

# A device that goes away while its results are fetched: a cable that carries so many bytes from it, and is pulled.
cat >"$dir/cable.py" <<'SCRIPT'
import os, select, socket, sys
listener = socket.socket(socket.AF_UNIX)
listener.bind(sys.argv[2] + '.new')
listener.listen()
os.rename(sys.argv[2] + '.new', sys.argv[2])
here, there, left = listener.accept()[0], socket.socket(socket.AF_UNIX), int(sys.argv[3])
listener.close()
there.connect(sys.argv[1])
while left > 0:
    for end in select.select([here, there], [], [])[0]:
        data = end.recv(4096)
        left -= len(data) if end is there else 0 if data else left
        (here if end is there else there).sendall(data)
SCRIPT
mkdir "$dir/wide"
printf '  .size 256, 256\n  li r1, 300\n  set r2, 0xFF8040FF\n  st [r1], r2\n  halt\n' >"$dir/wide/a.pxa"
for i in b c d; do cp "$dir/wide/a.pxa" "$dir/wide/$i.pxa"; done
pull() { # FLEET'S OTHER EXECUTORS, RESULTS
    rm -f "$dir/board" "$dir/cable"
    "$PX" serve --on ref --listen "unix:$dir/board" >"$dir/serving" 2>&1 &
    local board=$! at
    for at in $(seq 100); do [ -S "$dir/board" ] && break; sleep 0.05; done
    "${PYTHON:-python3}" "$dir/cable.py" "$dir/board" "$dir/cable" 100000 &
    local cable=$!
    for at in $(seq 100); do [ -S "$dir/cable" ] && break; sleep 0.05; done
    timeout 60 "$PX" fleet "$dir/wide" --on "link:unix:$dir/cable$1" --batch 2 --out "$2" >"$dir/said" 2>&1
    status=$?
    kill "$board" "$cable" 2>/dev/null
    wait "$board" "$cable" 2>/dev/null
}
pull '' "$dir/pulled"
[ $status -eq 1 ] && grep -q '4 left' "$dir/said" && grep -q 'link.* is lost' "$dir/said" && ! grep -q 'cannot be written' "$dir/said"
result $? 'a device that goes away while a result is fetched is lost, and no disk is full' "$status $(cat "$dir/said")"
test "$(results "$dir/pulled")" = 0
result $? 'and leaves no half result' "$(ls "$dir/pulled")"
pull ',worker:ref' "$dir/taken"
[ $status -eq 0 ] && grep -q 'link.* is lost' "$dir/said" && grep -q '^4 programs: 4 halted' "$dir/said"
result $? 'another device takes what it had' "$status $(cat "$dir/said")"
"$PX" run "$dir/wide/a.pxa" -q -o "$dir/wide.png"
cmp "$dir/wide.png" "$dir/taken/a.png" >"$dir/cmp" 2>&1 && cmp "$dir/wide.png" "$dir/taken/d.png" >>"$dir/cmp" 2>&1
result $? 'in whole' "$(cat "$dir/cmp")"

# A disk that is full for real, and goes on when there is room.
cat >"$dir/small.sh" <<'SCRIPT'
mkdir "$2/small" && mount -t tmpfs -o size=64k none "$2/small" || exit 77
"$1" fleet "$2/in" --on ref,fast --budget 10 --out "$2/small"
echo "status $?, $(find "$2/small" -name '*.png' | wc -l) results, $(find "$2/small" -type f ! -name '*.png' ! -name '.fleet*' | wc -l) others"
mount -o remount,size=4m "$2/small"
"$1" fleet "$2/in" --on ref,fast --budget 10 --out "$2/small"
echo "status $?, $(find "$2/small" -name '*.png' | wc -l) results"
SCRIPT
unshare -m sh "$dir/small.sh" "$(realpath "$PX")" "$dir" >"$dir/said" 2>&1
if grep -q '^status' "$dir/said"; then
    grep -q 'No space left on device' "$dir/said" && grep -qE '^status 1, ([1-9]|1[0-9]) results, 0 others' "$dir/said"
    result $? 'a full disk: whole results, and no others' "$(cat "$dir/said")"
    tail -n 2 "$dir/said" | grep -qE '^42 programs, [1-9][0-9]* had a result: 40 halted, 1 trapped, 1 stopped' && grep -qx 'status 1, 42 results' "$dir/said"
    result $? 'with room again it goes on' "$(cat "$dir/said")"
else
    result 0 'a full disk # SKIP no small file system can be mounted here'
fi
# The words of an outside program are its own, commas too.
mkdir "$dir/comma" && printf '        .size 8, 2\n        halt\n' | "$PX" asm -q - -o "$dir/comma/one.pxi"
printf '#!/bin/sh\n[ "$1" = a,b ] && "%s" run "$2" --on ref --budget "$4" --state -q -o "$3"\n' "$(realpath "$PX")" >"$dir/words"
chmod +x "$dir/words"
expect 'a comma among them is no end' 0 '1 halted' "$PX" fleet --on "cmd:$dir/words a,b" "$dir/comma"
finish
