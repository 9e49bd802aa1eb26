#!/usr/bin/env bash
# session.sh - the shell of pxOS and its programs: what is typed and what must come, worked by hand. TAP.
. tests/os/lib.sh
small crowd
with_programs standard spin family grow

cat >"$dir/in" <<'END'
hello; hello
echo a   "b  c" 'd "e"' f"g"h # a comment
echo "#" '$?' "$?"
true; echo $?; false; echo $?
nosuch x; echo $?
echo one two three | wc
yes well | head 3
echo through | cat | cat | cat
false | true; echo $?
true | false; echo $?
nosuch | cat; echo $?
sh -c "echo inside; exit 5"; echo $?
echo no | | cat; echo $?
echo no | cat |; echo $?
echo 'unclosed
echo $?; ; | x
hello | wc | head 0; echo done
END
cat >"$dir/wanted" <<'END'
Hello from process 2
Hello from process 3
a b  c d "e" fgh
# $? 0
0
1
sh: nosuch: not found
127
      1       3      14
well
well
well
through
0
1
sh: nosuch: not found
0
inside
5
sh: a command is missing beside |
2
sh: a command is missing beside |
2
sh: a quote is not closed
2
sh: a command is missing
sh: a command is missing beside |
done
END
session 'a session' 0

# A line has 511 bytes at most, 5 of them `echo `.
long=$(printf '%0506d' 0)
printf 'echo %s\necho %s0\necho $?\n' "$long" "$long" >"$dir/in"
printf '%s\nsh: the line is too long\n2\n' "$long" >"$dir/wanted"
session 'a line that is too long' 0

# The rest of the input is the program's that reads it.
printf 'echo first\ncat\nthese lines\nare for cat\n' >"$dir/in"
printf 'first\nthese lines\nare for cat\n' >"$dir/wanted"
session 'a program reads the console' 0

printf 'echo before; exit 42; echo behind\n' >"$dir/in"
echo before >"$dir/wanted"
session 'exit' 42

printf 'false' >"$dir/in"
: >"$dir/wanted"
session 'the end of input, without a newline' 1

: >"$dir/in"
session 'no input at all' 0

# ---- what processes ask for themselves: they say what is wrong
printf 'family; grow; echo $?\n' >"$dir/in"
printf 'a family\ngrown to 508 KB, LIMIT\n0\n' >"$dir/wanted"
session 'fork, exec, messages, priorities, heap' 0

printf 'nice 3 echo a "b c"; nice 2 nice 1 echo better; echo $?; nice 8 echo; nice 1 nobody; echo $?; nice 0 sh -c "exit 6"; echo $?\n' >"$dir/in"
cat >"$dir/wanted" <<'END'
a b c
nice: not better than it is now
1
usage: nice LEVEL PROGRAM [ARGUMENT..]
nobody: not found
127
6
END
session 'nice' 0

# ---- a sleep can be longer than the call, which takes 24 bits of milliseconds, and have a fraction
cat >"$dir/in" <<'END'
sleep 0.05; echo $?; sleep .01; echo $?; sleep 1e3; echo $?; sleep .; echo $?
sleep 20000.5 & sleep 0.1; jobs; kill %1
END
cat >"$dir/wanted" <<'END'
0
0
usage: sleep SECONDS
2
usage: sleep SECONDS
2
[1] runs  sleep 20000.5
END
timed 'sleep'

# ---- many who ask for the same in one round, and some for the same pipe: nothing is wrong, and it is the same everywhere
for kind in c w p m s q g n r; do echo "crowd $kind 20 30 quietly; echo \$?"; done >"$dir/in"
printf '0\n%.0s' 1 2 3 4 5 6 7 8 9 >"$dir/wanted"
session 'many at once' 0
for kind in o l h; do echo "crowd $kind 20 30 quietly; echo \$?"; done >"$dir/in" # they write, and a file has its time
printf '0\n%.0s' 1 2 3 >"$dir/wanted"
timed 'many at one file'

# ---- a program of the C library; malloc takes it to a larger slot
printf 'standard one "two words"\nline\nthe last line\n' >"$dir/in" # its status, 3, is the session's
printf '1: one  |\n2: two words|\n  5 line\n 14 the last line\nroom 3.142\n' >"$dir/wanted"
session 'a program of the C library' 3

# ---- processes behind `&`: 2 sh, 3 and 4 echo, 5 cat, which has no input, 6 echo, 7 and 10 spin
cat >"$dir/in" <<'END'
sh -c "echo later" & wait; echo now
cat & wait
echo $?
spin & kill 7; wait; echo $?
kill 7; echo $?
spin & kill 16777226; echo $?; kill 10
kill 1; echo $?
kill; echo $?
END
cat >"$dir/wanted" <<'END'
later
now
0
0
sh: kill: 7: no such process, or not mine to kill
1
sh: kill: 16777226: no such process, or not mine to kill
1
sh: kill: 1: no such process, or not mine to kill
1
usage: kill PID|%JOB..
2
END
session 'processes behind &' 0

# ---- a session recorded, and fed to another executor
cat >"$dir/in" <<'END'
hello | cat
uptime | wc
sleep 0; sleep 1; echo slept
END
printf 'Hello from process 2\n      1       3       7\nslept\n' >"$dir/wanted"
timeout 60 "$PX" run --host --on fast --record "$dir/log" --image "$dir/os.pxi" -o "$dir/a.png" <"$dir/in" >"$dir/got" 2>"$dir/err"
cmp -s "$dir/got" "$dir/wanted"
result $? 'a session with a clock' "$(diff "$dir/wanted" "$dir/got"; cat "$dir/err")"
timeout 60 "$PX" run --on ref --replay "$dir/log" --image "$dir/os.pxi" -o "$dir/b.png" >"$dir/again" 2>"$dir/err" &&
    cmp "$dir/again" "$dir/wanted" && cmp "$dir/a.png" "$dir/b.png"
result $? 'recorded on fast, it is the same on ref' "$(cat "$dir/err")"

# ---- px os: a system that is stopped, and goes on elsewhere
mkfifo "$dir/typed"
exec 3<>"$dir/typed"
"$PX" os "$dir/os.pxi" --on fast --save "$dir/saved.pxi" <"$dir/typed" >"$dir/got" 2>"$dir/err" &
running=$!
echo 'echo ready' >&3
for _ in $(seq 600); do grep -q ready "$dir/got" && break; sleep 0.1; done
kill -TERM $running
wait $running
got=$?
exec 3>&-
[ $got = 3 ] && "$PX" info "$dir/saved.pxi" | grep -q 'saved state'
result $? 'px os, stopped by a signal, is saved' "exit $got; $(cat "$dir/got" "$dir/err")"
echo 'hello; exit 9' | "$PX" os "$dir/saved.pxi" --on ref >"$dir/got" 2>"$dir/err"
got=$?
[ $got = 9 ] && echo 'Hello from process 3' | cmp -s - "$dir/got"
result $? 'and goes on, on another executor, until its shell ends' "exit $got; $(cat "$dir/got" "$dir/err")"

# A sleep of a second, begun when the system had run for four: it is not four seconds and more until it ends.
exec 3<>"$dir/typed"
"$PX" os "$dir/os.pxi" --save "$dir/saved.pxi" <"$dir/typed" >"$dir/got" 2>"$dir/err" &
running=$!
echo 'sleep 4; echo ready; sleep 1; echo slept; exit 7' >&3
for _ in $(seq 600); do grep -q ready "$dir/got" && break; sleep 0.1; done
kill -TERM $running
wait $running
exec 3>&-
began=$SECONDS
"$PX" os "$dir/saved.pxi" </dev/null >"$dir/got" 2>"$dir/err"
got=$? took=$((SECONDS - began))
[ $got = 7 ] && [ $took -le 3 ] && echo slept | cmp -s - "$dir/got"
result $? 'a sleep goes on where a saved system does' "exit $got, $took s; $(cat "$dir/got" "$dir/err")"

exec 3<>"$dir/typed"
px=$(realpath "$(command -v "$PX")")
(cd "$dir" && exec "$px" os os.pxi <typed >got 2>err) &
running=$!
echo 'echo ready' >&3
for _ in $(seq 600); do grep -q ready "$dir/got" && break; sleep 0.1; done
kill -TERM $running
wait $running
exec 3>&-
grep -q '^os.saved.pxi: saved state' "$dir/err" && "$PX" info "$dir/os.saved.pxi" | grep -q 'process 1, sh: BLOCKED'
result $? 'px os that is told no name saves to os.saved.pxi, and names it' "$(cat "$dir/err")"
expect 'px os --record with --replay' 2 '--record is for the host' "$PX" os "$dir/os.pxi" --record "$dir/a.log" --replay "$dir/log"
expect 'px os without a system' 2 'px os: .*nowhere.pxi' "$PX" os "$dir/nowhere.pxi"

# ---- output that nobody takes
"$PX" run --host "$dir/os.pxi" <<<'yes; echo $?' 2>/dev/null | head -n 3 >"$dir/got"
printf 'y\ny\ny\n' | cmp -s - "$dir/got"
result $? 'yes ends when nobody reads'

# ---- px mkos
kernel=(--kernel "$OS/kernel/kernel.pxi" -o "$dir/no.pxi")
expect 'a name that is too long' 2 'a-name-that-is-too-long.pxi: a program.s name' "$PX" mkos "${kernel[@]}" "$dir/a-name-that-is-too-long.pxi"
expect 'slots without a count' 2 'not PIXELS=COUNT,PIXELS=COUNT.. at 4K' "$PX" mkos --slots 2K=4,4K "${kernel[@]}" "$OS/sh.pxi"
expect 'slots that are none' 2 'not PIXELS=COUNT,PIXELS=COUNT.. at its end' "$PX" mkos --slots '' "${kernel[@]}" "$OS/sh.pxi"
expect 'slots that are too small' 2 '1000 pixels: at least 1024' "$PX" mkos --slots 1000=4 "${kernel[@]}" "$OS/sh.pxi"
expect 'slots in disorder' 2 '2048 pixels: the smaller ones come first' "$PX" mkos --slots 8K=4,2K=4 "${kernel[@]}" "$OS/sh.pxi"
expect 'nine sizes of slots' 2 'more than 8 sizes' "$PX" mkos --slots 2K=1,3K=1,4K=1,5K=1,6K=1,7K=1,8K=1,9K=1,10K=1 "${kernel[@]}"
expect 'slots of more pixels than there can be' 2 'more than 2.26 pixels' "$PX" mkos --slots 2K=40K "${kernel[@]}" "$OS/sh.pxi"
expect 'a picture of more than 2^26 pixels' 2 'would have [0-9]* pixels, more than 2.26' "$PX" mkos --slots 4K=16K "${kernel[@]}" "$OS/echo.pxi"
expect 'a program that no slot holds' 2 'sh fits in no slot: it needs [0-9]* pixels' "$PX" mkos --slots 1024=4,2K=1 "${kernel[@]}" "$OS/sh.pxi"
text='#include <px.h>\nint main(void) { px_vl(1); px_fill(px_image(px_get_n() - 1), 1); return 0; }\n'
printf "$text" >"$dir/ran.c"
"$PX" cc -q --freestanding --heap 64 "$dir/ran.c" -o "$dir/ran.pxi" && "$PX" run -q --image "$dir/ran.pxi" -o "$dir/ran.png"
expect 'a picture that has run' 2 'is heap, and not 0' "$PX" mkos "${kernel[@]}" "$dir/ran.png"
expect 'a system that is none' 2 'sh.pxi is no os.pxi' "$PX" mkos --from "$OS/sh.pxi" -o "$dir/no.pxi"
"$PX" mkos -q --slots 8K=2 "${kernel[@]}" "$OS/echo.pxi"
expect 'a system without a shell' 1 'there is no program sh' "$PX" run --host "$dir/no.pxi"

"$PX" mkos -q --from "$dir/os.pxi" -o "$dir/same.pxi" && cmp -s "$dir/os.pxi" "$dir/same.pxi"
result $? 'a system made of another, with the same slots, is the same'
cp "$OS/false.pxi" "$dir/true.pxi"
"$PX" mkos --slots 2K=1000,16K=3 --from "$OS.pxi" -o "$dir/many.pxi" "$dir/true.pxi" >"$dir/regions" && grep -q '^slots ' "$dir/regions" &&
    "$PX" run --host "$dir/many.pxi" <<<'true; echo $?; ps | wc' >"$dir/got" && printf '1\n      3      15     128\n' | cmp -s - "$dir/got"
result $? "with other slots and another program" "$(cat "$dir/got")"
# ---- each program has its page, and is told of
in_system() { timeout 60 "$PX" run --host "${OS:-build/os}.pxi" -o "$dir/end.png" <<<"$1" 2>"$dir/err"; }
in_system 'ls /bin' >"$dir/names" && in_system 'for p in $(ls /bin); do man $p; done' | sed -nE 's/^([^ ]+) - .*/\1/p' | diff "$dir/names" - >"$dir/diff"
result $? 'each program has a page in the manual' "$(cat "$dir/diff" "$dir/err")"
in_system 'for p in $(ls /bin); do man $p; done' | sed -nE 's/^usage: show ([a-z0-9]+)$/usage: \1/; s/^usage: ([^ ]+).*/\1/p' | diff "$dir/names" - >"$dir/diff"
result $? 'which tells its usage' "$(cat "$dir/diff" "$dir/err")"
in_system help | sed -nE '/^Programs:/,/^The shell/ { s/^Programs://; s/^The shell.*//; p }' | xargs -n 1 | diff "$dir/names" - >"$dir/diff"
result $? 'help names it' "$(cat "$dir/diff" "$dir/err")"

# ---- the Verilated core holds 2^20 pixels (RTL_AW of rtl/rtl.mk), and pxOS has to fit
pixels=$("$PX" info "${OS:-build/os}.pxi" | sed -nE '1s/.* ([0-9]+) pixels/\1/p')
[ "${pixels:-9999999}" -le 1048576 ]
result $? 'os.pxi is no larger than the Verilated core' "$pixels"
finish
