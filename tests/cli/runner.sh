#!/usr/bin/env bash
# runner.sh - tests/run: what it counts, shows and ends with; suites that hang, with all that they have started; suites that need the
# machine to themselves. TAP.
. tests/cli/lib.sh
printf '%s\n' 'hang-* 1 limit=1' 'alone-* 1 alone' 'long 50' 'measured 100' >"$dir/table"
run() { tests/run --log "$dir/log" --table "$dir/table" "$@"; }
good='echo "ok 1 - x"; echo 1..1'

expect 'passed, failed and skipped are summed up' 1 '^5 passed, 2 failed, 2 skipped$' run \
    a 'echo ok 1; echo ok 2; echo "not ok 3 - the third"; echo "ok 4 # skip no tool"; echo 1..4; exit 1' \
    b 'echo ok 1 - x; echo 1..1' c 'echo "1..0 # SKIP nothing here"' d 'echo ok 1 - x; echo ok 2 - y; echo "not ok 3 - z"; exit 1'
expect 'a failure is shown with its diagnostics' 1 '^    # the reason$' run a 'echo "not ok 1 - x"; echo "# the reason"; exit 1'
expect 'and with the end of standard error' 1 '^    segmentation or so$' run a 'echo "not ok 1"; echo "not ok 1 - x"; echo segmentation or so >&2; exit 1'
expect 'a failure names the whole output' 1 "whole output: $dir/log/a.tap" run a 'echo "not ok 1 - x"; exit 1'
expect 'a plan that is not met is a failure' 1 'planned 3 tests, ran 1' run a 'echo ok 1 - x; echo 1..3'
expect 'an exit status without a failed test is one' 1 'exit status 7' run a "$good; exit 7"
expect 'so is a signal' 1 'exit status -9' run a "$good; kill -9 \$\$"
expect 'a suite that runs no test is one' 1 'ran no test, exit status 0' run a true
expect 'nothing passed is no success' 1 '^0 passed, 0 failed, 1 skipped$' run a 'echo 1..0 "# SKIP x"'
expect 'all passed' 0 '^1 passed, 0 failed$' run a "$good"

# ---- time limits: the group, and whoever left it for a session of their own, also when they take no notice of SIGTERM
expect 'a suite that hangs is a failure of its own' 1 'did not end within 1 s: ended by tests/run' run hang-a "$good; sleep 600" b "$good"
[ "$(tail -n 1 <(run hang-a "$good; sleep 600" b "$good" 2>&1))" = '2 passed, 1 failed' ]
result $? 'and the others are run'
number=$((600 + $$ % 100)).$RANDOM # nobody else sleeps that long
started=$(date +%s)
run hang-a "trap '' TERM; setsid sleep $number & (setsid bash -c 'trap \"\" TERM; sleep $number; true' &); sleep $number; sleep $number" >"$dir/out"
grep -q '1 FAILED' "$dir/out" && ! pgrep -f "sleep $number" >/dev/null && [ $(($(date +%s) - started)) -lt 60 ]
result $? 'nothing that it started lives on' "$(pgrep -af "sleep $number"; cat "$dir/out")"
run a "echo ok 1 - x; setsid sleep $number & sleep 0.2" >"$dir/out"
! pgrep -f "sleep $number" >/dev/null
result $? 'nor what a suite leaves behind that ends well'
run hang-a "trap 'touch $dir/tidy; exit' TERM; sleep $number & wait" >"$dir/out"
[ -e "$dir/tidy" ]
result $? 'a suite may tidy up first'
tests/run --log "$dir/log" --table "$dir/table" -j 1 kept "$good" a "touch $dir/began; sleep $number" >"$dir/out" &
for _ in $(seq 600); do [ -e "$dir/began" ] && break; sleep 0.05; done
kill -TERM $!
wait $!
[ $? = 143 ] && ! pgrep -f "sleep $number" >/dev/null
result $? 'the runner, ended, ends its suites'
grep -q "^kept " "$dir/log/times"
result $? 'and keeps the times of those that had ended' "$(cat "$dir/log/times")"

(trap '' INT QUIT HUP TERM; run a 'sed -n s/^SigIgn:.//p /proc/self/status; echo ok 1 - x; echo 1..1' >"$dir/out")
[ $((0x$(head -n 1 "$dir/log/a.tap") & 0x4007)) = 0 ]
result $? 'Ctrl-C works in a suite, also when the runner was started to ignore it' "$(cat "$dir/log/a.tap")"

# ---- side by side: each suite writes when it begins and ends
mark='echo "begin $S" >>'"$dir/marks"'; sleep 0.5; echo "end $S" >>'"$dir/marks; $good"
run -j 2 alone-a "S=A; $mark" b "S=b; $mark" c "S=c; $mark" alone-d "S=D; $mark" >"$dir/out"
awk '$1 == "begin" { if (alone || (n && $2 ~ /[AD]/)) bad = 1; n++; if (n > most) most = n; alone = $2 ~ /[AD]/ }
     $1 == "end" { n--; if ($2 ~ /[AD]/) alone = 0 } END { exit bad || most != 2 || NR != 8 }' "$dir/marks"
result $? 'two at a time, but nothing beside a suite that is alone' "$(cat "$dir/marks")"
rm -f "$dir/marks"
run -j 1 b "S=b; $mark" long "S=l; $mark" measured "S=m; $mark" >"$dir/out"
[ "$(grep begin "$dir/marks" | paste -sd' ')" = 'begin m begin l begin b' ]
result $? 'the longest first, by the table' "$(cat "$dir/marks")"
rm -f "$dir/marks"
printf 'b 70 1\nlong 1 1\nmeasured 2 1\n' >"$dir/log/times"
run -j 1 b "S=b; $mark" long "S=l; $mark" measured "S=m; $mark" >"$dir/out"
[ "$(grep begin "$dir/marks" | paste -sd' ')" = 'begin b begin m begin l' ]
result $? 'or by the last run' "$(cat "$dir/marks")"
grep -Eq '^b 0\.[0-9]+ 0\.[0-9]+$' "$dir/log/times"
result $? 'which is remembered' "$(cat "$dir/log/times")"
run busy 'for ((i = 0; i < 200000; i++)); do :; done; '"$good" >"$dir/out"
expect 'with its time on the processor: --list shows it, the dearest first' 0 '^busy +1 s  limit  600 s +took [0-9.]+ s, 0?\.?[1-9].* on the processor$' \
    run --list b "$good" busy 'exit 1'
[ "$(run --list b "$good" busy 'exit 1' | cut -d' ' -f1 | paste -sd' ')" = 'busy b' ]
result $? 'in this order'

# ---- choosing
expect 'patterns choose suites' 0 '^2 passed, 0 failed$' run --only 'x-*' x-a "$good" x-b "$good" y 'exit 1'
expect 'so do names with commas between' 0 '^2 passed, 0 failed$' run --only 'x-a,y' x-a "$good" x-b 'exit 1' y "$good"
expect 'a name that there is not: the nearest' 1 "no suite is called 'hv-boots'; did you mean 'hv-boot'\?" run --only hv-boots hv-boot "$good"
expect '--list runs nothing' 0 '^long +50 s  limit  600 s$' run --log "$dir/new" --list long 'exit 1'
expect '--list tells who is alone' 0 '^alone-x +1 s  limit  600 s  alone$' run --log "$dir/new" --list alone-x 'exit 1'
expect 'a command is missing' 1 "suite 'b' has no command" run a "$good" b
expect 'a name twice' 1 "two suites are called 'a'" run a "$good" a "$good"
printf 'a 5 perhaps\n' >"$dir/bad"
expect 'a line of the table that is none: where' 1 "$dir/bad:1: expected PATTERN SECONDS .*, found 'a 5 perhaps'" tests/run --table "$dir/bad" a "$good"
finish
