#!/usr/bin/env bash
# sim.sh - boards simulated at their pins, and px at the other end of the cable: hello, programs, a bad clock, noise, a line
# that is held, a cable that is pulled out. TAP; the short form, sim_long.sh is the long one.
. tests/boards/lib.sh
programs=$build/programs

# ---- icebreaker ----

# Whatever bits it wakes up with, the first request after reset is answered, without a repetition.
for seed in 1 2 3 4 5 6; do
    board ice icebreaker --seed $seed --monitor "$dir/frames" || continue
    expect "hello right after reset, power-up state $seed" 0 'images of up to 32,768 pixels' "$PX" link -q "$dir/ice"
    stop ice
    awk 'NR <= 2 { way = way $3; what[NR] = $4 " " $5 } END { exit !(way == "><" && what[1] == what[2]) }' "$dir/frames"
    result $? "at the first try" "$(cat "$dir/frames")"
done

board ice icebreaker
expect "px link measures it" 0 'repeated +0 of' "$PX" link "$dir/ice"
tap "gallery on icebreaker" "$PX" gallery --tap --on "ref,link:$dir/ice" \
    "$programs"/{dot_test,classic_matmul,creeper,matmul,mlp,life,serial_driver,atlas_large}.pxi
tap "conformance on icebreaker" "$PX" conformance --tap --on "link:$dir/ice" tests/conformance/{load,order}.pxt
expect "a run stops at a budget" 3 '1,000 instructions' \
    "$PX" run --on "link:$dir/ice" --budget 1000 --state -o "$dir/part.pxi" "$programs/life.pxi"
"$PX" run --on ref --budget 1000 --state -q -o "$dir/part_ref.pxi" "$programs/life.pxi"
cmp -s "$dir/part.pxi" "$dir/part_ref.pxi"
result $? "in the state that the reference VM has"
model=llm/models/kjv-small.pxi
"$PX" llm run "$model" --steps 4 --on ref And >"$dir/told.txt"
"$PX" llm run "$model" --steps 4 --on "link:$dir/ice" And >"$dir/board.txt" && cmp "$dir/told.txt" "$dir/board.txt" 2>"$dir/cmp"
result $? "a language model tells the story of the reference VM" "$(cat "$dir/cmp" "$dir/board.txt")"
stop ice
result $? "it ends well"
within "256-pixel writes use so much of the wire, %" \
    "$(sed -nE 's/.*writes of 256 pixels used ([0-9.]+) %.*/\1/p' "$dir/ice.err")" 85 100

# ---- a bad clock, a bad line ----

for error in 3 -3; do
    board skew icebreaker --baud-error $error --monitor "$dir/frames" || continue
    expect "life with the adapter's clock $error % off" 0 '' \
        "$PX" run --on "link:$dir/skew" -q --image -o "$dir/skew.png" "$programs/life.pxi"
    stop skew
    "$PX" run --on ref -q --image -o "$dir/ref.png" "$programs/life.pxi"
    cmp -s "$dir/skew.png" "$dir/ref.png" && ! grep -q dropped "$dir/frames"
    result $? "ends in the right picture without a lost frame" "$(grep -m 3 dropped "$dir/frames")"
done

board noise icebreaker --flip 3e-5 --seed 5
expect "life with 3 of 100,000 bits on the line turned around" 0 '' \
    "$PX" run --on "link:$dir/noise" -q --image -o "$dir/noise.png" "$programs/life.pxi"
stop noise
"$PX" run --on ref -q --image -o "$dir/ref.png" "$programs/life.pxi"
cmp -s "$dir/noise.png" "$dir/ref.png"
result $? "ends in the right picture"
grep -qE '; [1-9][0-9]* bits turned around, [1-9][0-9]* requests repeated' "$dir/noise.err"
result $? "though bits were turned around and requests repeated" "$(cat "$dir/noise.err")"

# ---- a line held low, a cable pulled out ----

long=$dir/loop.pxi
printf '.size 8, 4\nloop: JMP loop\n' >"$dir/loop.pxa"
"$PX" asm -q -o "$long" "$dir/loop.pxa"

board ice icebreaker
kill -USR1 "${pid[ice]}"
"$PX" run --on "link:$dir/ice" -q --image -o "$dir/held.png" "$programs/creeper.pxi" 2>"$dir/held.err" &
client=$!
sleep 1
kill -USR2 "${pid[ice]}"
wait $client
status=$?
"$PX" run --on ref -q --image -o "$dir/ref.png" "$programs/creeper.pxi"
cmp -s "$dir/held.png" "$dir/ref.png"
result $((status | $?)) "a line held low for a second only delays" "$(cat "$dir/held.err")"

# pulled NAME PROGRAM PAUSE: the simulation is killed so many seconds after px run began
pulled() {
    local began=$SECONDS status
    "$PX" run --on "link:$dir/ice" -o "$dir/pulled.png" "$2" 2>"$dir/pulled.err" &
    local client=$!
    sleep "$3"
    kill -KILL "${pid[ice]}"
    wait "${pid[ice]}" 2>/dev/null
    wait $client
    status=$?
    [ $status = 2 ] && [ $((SECONDS - began)) -lt 20 ] && grep -q 'cable' "$dir/pulled.err"
    result $? "$1: exit status 2, and a sentence about the cable" "status $status, $((SECONDS - began)) s: $(cat "$dir/pulled.err")"
    [ ! -e "$dir/pulled.png" ] && [ -z "$(find "$dir" -name '*pulled.png*')" ]
    result $? "no output, and nothing half-written"
}
pulled "cable out in mid-run" "$long" 1.5
board ice icebreaker --realtime
pulled "cable out in mid-transfer" "$programs/terrain_large.pxi" 0.3

# ---- the wire ----

board ice icebreaker --edges "$dir/edges"
tap "wire" "$build/tests/boards/sim_wire" send "$dir/ice"
stop ice
tap "wire" "$build/tests/boards/sim_wire" compare "$dir/edges" "$(value icebreaker CLOCK)"

board ice icebreaker --wire "$dir/text"
text='Pixels on a wire.'
"$build/tests/boards/sim_wire" text "$dir/ice" "$text"
for ((waited = 0; waited < 100; waited++)); do
    [ "$(wc -c <"$dir/text")" -ge ${#text} ] && break
    sleep 0.1
done
stop ice
[ "$(cat "$dir/text")" = "$text" ]
result $? "a receiver at 115,200 baud sees what was sent" "$(cat "$dir/text")"

# ---- hx8k-evn ----

SOCKET=1 board hx hx8k-evn
expect "hello of hx8k-evn, over a Unix socket" 0 'images of up to 2,048 pixels' "$PX" link -q "unix:$dir/hx"
tap "gallery on hx8k-evn" "$PX" gallery --tap --on "ref,link:unix:$dir/hx" \
    "$programs"/{dot_test,creeper,fire,scalar,mlp_large}.pxi
tap "conformance on hx8k-evn" "$PX" conformance --tap --on "link:unix:$dir/hx" tests/conformance/load.pxt
expect "a picture that is too large is refused before anything is sent" 2 'at most 2048' \
    "$PX" run --on "link:unix:$dir/hx" -o "$dir/large.png" "$programs/mlp_large.pxi"
expect "and so is a language model" 2 'at most 2048' "$PX" llm run "$model" --on "link:unix:$dir/hx" And
stop hx

finish
