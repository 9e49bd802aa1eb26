#!/bin/bash
# The executor link: against an endpoint of the tests (peer.c), over every kind of stream, on streams that lose, change,
# delay and double frames, and with an end that dies, stops or is somebody else's.
. tests/cli/lib.sh
PEER=${PEER:-build/tests/link/peer}
programs=${PROGRAMS:-build/programs}

mkfifo "$dir/hold"
exec 9<>"$dir/hold" # peers end when this shell does

# peer NAME ARGUMENTS: starts one; where it listens is then in $at, its process in $pid.
peer() {
    local name=$1
    shift
    "$PEER" "$@" <"$dir/hold" >"$dir/$name.at" 2>"$dir/$name.log" 9>&- &
    pid=$!
    disown
    for _ in {1..100}; do
        [ -s "$dir/$name.at" ] && break
        sleep 0.05
    done
    at=$(cat "$dir/$name.at")
}

# same NAME FILE FILE
same() {
    local difference
    difference=$(cmp "$2" "$3" 2>&1)
    result $? "$1" "$difference"
}

# runs NAME PROGRAM: on the link at $at as on ref, in all of the machine's state.
runs() {
    local output
    rm -f "$dir/link.pxi"
    $PX run -q --on ref --state "$programs/$2.pxi" -o "$dir/ref.pxi" >/dev/null
    output=$(timeout 60 $PX run --state --on "link:$at" "$programs/$2.pxi" -o "$dir/link.pxi" 2>&1)
    if [ $? = 0 ] && cmp -s "$dir/ref.pxi" "$dir/link.pxi"; then
        result 0 "$1"
    else
        result 1 "$1" "$output"
    fi
}

# It takes its time to be sure that nobody answers: meanwhile, the rest.
peer stuck "unix:$dir/stuck" ref
kill -STOP $pid
stuck=$pid
$PX link "$at" >"$dir/silence" 2>&1 &
silence=$!
peer cold pty ref
kill -STOP $pid
cold=$pid port=$at
$PX link "$at" >"$dir/cold" 2>&1 &
colder=$!

# ---- every kind of stream ----
peer tcp tcp:0 ref
runs 'TCP' mandelbrot
expect 'px link says who is there' 0 'images of up to 67,108,864 pixels' $PX link "$at"
expect 'px link measures' 0 'writing +[0-9,]+ bytes/s of pixels, 256 a frame$' $PX link "link:$at"
expect 'px devices lists the link' 0 '^link:PORT .*tcp:\[HOST:\]PORT' $PX devices
tcp=$at
expect 'a port alone is one of this machine' 0 'images of up to' $PX link "tcp:${at##*:}"
for number in 65536 70000 -1 abc http 0 '' 4294967376 80x; do
    expect "a client: '$number' is no port" 2 "'$number' is no port; expected a number from 1 to 65535" $PX link "tcp:127.0.0.1:$number"
    [ "$number" = 0 ] && continue
    expect "a server: '$number' is no port" 2 "'$number' is no port; expected a number from 0 to 65535" "$PEER" "tcp:$number" ref
done
if [ -e /proc/net/if_inet6 ]; then
    peer tcp6 tcp:[::1]:0 ref
    case $at in tcp:\[::1\]:*) runs 'TCP over IPv6' life ;; *) result 0 'TCP over IPv6 # SKIP no address ::1' ;; esac
fi
peer chain tcp:0 "link:$tcp"
runs 'a link behind a link' life
peer unix "unix:$dir/socket" ref
runs 'a Unix socket' fire
at=$dir/socket runs 'a Unix socket by its path alone' life
expect 'the place of a live server is not taken' 2 'something of that name is there already' "$PEER" "unix:$dir/socket" ref
peer pty pty ref
pty=$at
runs 'a pseudo-terminal' mandelbrot
runs 'a pseudo-terminal, a second time' life
at=$pty@115200 runs 'a pseudo-terminal with a rate' life

# ---- all of the machine ----
peer free tcp:0 ref # one client at a time, and the first has one
for at in "$at" "unix:$dir/socket" "$pty"; do
    output=$($PX gallery --on "ref,link:$at" "$programs"/*.pxi 2>&1)
    result $? "the gallery over $(sed -E 's/:.*//; s/.dev.*/pty/' <<<"$at")" "$output"
done
at=unix:$dir/socket
output=$($PX conformance --on "link:$at" 2>&1)
result $? 'the conformance set over a link' "$(tail -20 <<<"$output")"
output=$($PX diff --on "ref,link:$at" --answers 1,2,3 "$programs/life.pxi" 2>&1)
result $? 'px diff over a link' "$output"
$PX run -q --on "link:$at" --budget 1000 "$programs/mandelbrot.pxi" -o "$dir/part.pxi"
$PX run -q --on ref "$dir/part.pxi" -o "$dir/rest.pxi"
$PX run -q "$programs/mandelbrot.pxi" -o "$dir/whole.pxi"
same 'a state saved over a link goes on elsewhere' "$dir/rest.pxi" "$dir/whole.pxi"
$PX run -q --on ref --budget 1000 "$programs/mandelbrot.pxi" -o "$dir/part.pxi"
$PX run -q --on "link:$at" "$dir/part.pxi" -o "$dir/rest.pxi"
same 'and the other way round' "$dir/rest.pxi" "$dir/whole.pxi"

# ---- bad streams: of 1000 frames so many lost, changed, late, doubled ----
peer lossy "unix:$dir/lossy" ref 1 30 30 0 30
runs 'lost, changed and doubled frames' mandelbrot
expect 'px link counts what was repeated' 0 'repeated +[1-9]' $PX link "$at"
peer late "unix:$dir/late" ref 2 5 0 10 10
runs 'late frames' life

# ---- other ends ----
cat >"$dir/forever.pxa" <<'END'
.size 16
again: addi r1, r1, 1
jmp again
END
$PX asm -q "$dir/forever.pxa" -o "$dir/forever.pxi" || result 1 'assembling the endless program'

# An endless run over $at, in process $client; ended: its status in $status, its words in $said.
endless() {
    rm -f "$dir/end.pxi"
    (trap - INT && exec $PX run --on "link:$at" "$dir/forever.pxi" -o "$dir/end.pxi" >"$dir/said" 2>&1) &
    client=$!
    sleep 0.7
}
ended() {
    wait $client
    status=$?
    said=$(cat "$dir/said")
}

at=$pty
endless
expect 'a port in use is somebody else'"'"'s' 2 "$pty is in use by another program" $PX run --on "link:$at" "$programs/life.pxi"
{ kill -KILL $client && ended; } 2>/dev/null # or bash mentions it
runs 'the run that a killed client left is ended' life
endless
kill -INT $client
ended
[ "$status" = 3 ] && grep -q interrupted <<<"$said" && $PX info "$dir/end.pxi" | grep -q RUNNING
result $? 'Ctrl-C ends a run and saves it' "$status: $said $($PX info "$dir/end.pxi" 2>&1 | head)"

peer dies tcp:0 ref
endless
kill -KILL $pid
ended
[ "$status" = 2 ] && grep -q 'hung up' <<<"$said" && [ ! -e "$dir/end.pxi" ]
result $? 'an end that dies is said, and leaves no output' "$status: $said"

peer dead "unix:$dir/left" ref
kill -KILL $pid
while kill -0 $pid 2>/dev/null; do sleep 0.05; done
peer again "unix:$dir/left" ref
runs 'a socket that a dead server left is taken over' life
peer plain tcp:0 ref
case $at in tcp:127.0.0.1:*) result 0 'without a host, only this machine is listened to' ;; *) result 1 'the default host' "$at" ;; esac

peer cable pty ref
endless
kill -KILL $pid
ended
[ "$status" = 2 ] && grep -q "$at is gone (.*): was the cable pulled out" <<<"$said" && [ ! -e "$dir/end.pxi" ]
result $? 'a cable that is pulled out is said, and leaves no output' "$status: $said"

expect 'no such port' 2 'there is no serial port /dev/ttyNONE; is the board plugged in' $PX link /dev/ttyNONE
expect 'no serial port at all' 2 '/dev/null is no serial port' $PX link /dev/null
expect 'a file' 2 'neither a serial port nor a socket' $PX link Makefile
expect 'a rate that no port has' 2 'no rate of 12345 baud; there are 9600,' $PX link "$pty@12345"
expect 'nobody listens' 2 'cannot connect to tcp:127.0.0.1:1: Connection refused' $PX link tcp:127.0.0.1:1
expect 'no port in the name' 2 "'localhost' is no port; expected a number from 1 to 65535" $PX link tcp:localhost
expect 'nothing in the name' 2 'no port given' $PX run --on link: "$programs/life.pxi"
expect 'a socket that is not there' 2 'No such file or directory; is .px serve' $PX link "unix:$dir/none"
wait $silence
[ $? = 2 ] && grep -q 'no answer to HELLO from .*stuck in [0-9]*\.[0-9] s (5 tries)' "$dir/silence"
result $? 'an end that does not answer is said' "$(cat "$dir/silence")"
wait $colder
[ $? = 2 ] && grep -q "no answer to HELLO from $port at 1000000 baud in [0-9]*\\.[0-9] s (5 tries); is the board powered" "$dir/cold"
result $? 'a board that does not answer is said' "$(cat "$dir/cold")"
kill -CONT $stuck $cold
finish
