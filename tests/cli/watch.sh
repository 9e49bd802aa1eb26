#!/usr/bin/env bash
# watch.sh - px watch: each save is seen, whichever way an editor saves; what is wrong with a source is waited over. TAP.
. tests/cli/lib.sh
program() { printf '        .size 4, 3\n        .include "colour.inc"\n        set r1, COLOUR\n        li r2, 4\n        st [r2], r1\n%s\n' "${1-        halt}"; }
printf 'COLOUR = rgba(10, 20, 30, 0)\n' >"$dir/colour.inc"
program >"$dir/p.pxa"
"$PX" watch "$dir/p.pxa" --on ref --times 9 >"$dir/out" 2>&1 &
watching=$!
trap 'kill $watching 2>/dev/null; rm -rf "$dir"' EXIT
looks() { # NUMBER PATTERN NAME: so many looks came, the last with PATTERN
    for _ in {1..300}; do [ "$(grep -cE '^ref: |does not assemble' "$dir/out")" -ge "$1" ] && break || sleep 0.05; done
    tail -n 12 "$dir/out" | grep -qE -- "$2"
    result $? "$3" "$(cat "$dir/out")"
}
looks 1 '48;2;10;20;30m' 'the picture is there at once'
printf 'COLOUR = rgba(40, 50, 60, 0)\n' >"$dir/colour.inc"
looks 2 '48;2;40;50;60m' 'and when a file that it includes is saved'
program '        hlt' >"$dir/p.pxa"
looks 3 "there is no instruction 'hlt'" 'an error is shown'
program '        ld r3, [r1]' >"$dir/new" && mv "$dir/new" "$dir/p.pxa"
looks 4 'trapped at pc .*RANGE' 'a source that takes the place of another, and its trap'
program 'loop:   jmp loop' >"$dir/p.pxa"
sleep 0.5
program >"$dir/p.pxa"
looks 5 'ref: halted' 'a run that does not end gives way to the next'
program 'loop:   jmp loop' >"$dir/p.pxa"
sleep 0.5
kill -TERM $watching
wait $watching
result $? 'a signal ends it and the run that is on'
expect 'so many looks' 0 'waiting' "$PX" watch examples/hello.pxa --times 1
expect 'no file' 2 'none.pxa: No such file' "$PX" watch "$dir/none.pxa"
expect 'a budget' 3 '' bash -c "program() { :; }; printf '        .size 8, 1\nloop: jmp loop\n' >'$dir/l.pxa'; '$PX' watch '$dir/l.pxa' --times 1 --budget 100 | grep -q 'stopped by its budget' && exit 3"
finish
