#!/usr/bin/env bash
# fleet.sh - px fleet: results that are px run's, going on, what is doubled, unreadable or lost, locks, shares, a full disk.
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
expect 'once more: nothing is run' 0 '40 had a result: 0 halted; 0 instr' fleet "$dir/in" --on ref --out "$dir/out"
rm "$dir/out/p7.png" "$dir/out/p8.png"
expect 'what has none is run' 0 '38 had a result: 2 halted; 8 instr' fleet "$dir/in" --on ref --out "$dir/out"
touch -d '2 hours' "$dir/in/p9.pxi"
expect 'what is newer is run again' 0 '39 had a result: 1 halted' fleet "$dir/in" --on ref --out "$dir/out"
cp "$dir/jump.pxi" "$dir/loop.pxi" "$dir/in"
expect 'a trap and a budget' 1 '2 halted, 1 trapped, 1 stopped|1 halted, 1 trapped, 1 stopped' fleet "$dir/in" --on ref --out "$dir/out" --budget 1000
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
[ $status -eq 3 ] && grep -q '4 left' "$dir/said"
result $? 'a signal ends it, and says what is left' "$status $(cat "$dir/said")"
(trap '' XFSZ && ulimit -f 0 && "$PX" fleet "$dir/in" --on ref --budget 10 --out "$dir/full" 2>&1 | cat >/dev/stdout) | cat >"$dir/said"
test "$(results "$dir/full")" = 0
result $? 'no half result on a full disk' "$(ls "$dir/full")"
grep -q 'stopped, because a result cannot be written' "$dir/said"
result $? 'a full disk is said' "$(cat "$dir/said")"
# The words of an outside program are its own, commas too.
mkdir "$dir/comma" && printf '        .size 8, 2\n        halt\n' | "$PX" asm -q - -o "$dir/comma/one.pxi"
printf '#!/bin/sh\n[ "$1" = a,b ] && "%s" run "$2" --on ref --budget "$4" --state -q -o "$3"\n' "$(realpath "$PX")" >"$dir/words"
chmod +x "$dir/words"
expect 'a comma among them is no end' 0 '1 halted' "$PX" fleet --on "cmd:$dir/words a,b" "$dir/comma"
finish
