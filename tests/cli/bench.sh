#!/usr/bin/env bash
# bench.sh - tests/bench/run: every executable of its folder is a part, its lines are laid out, what is wrong with one is told. TAP.
. tests/cli/lib.sh
mkdir -p "$dir/tests/bench"
cp tests/bench/run tests/bench/lib.sh "$dir/tests/bench"
part() { cat >"$dir/tests/bench/$1" && chmod +x "$dir/tests/bench/$1"; }
part good <<'END'
#!/usr/bin/env bash
. tests/bench/lib.sh
line 'a loop' 2 7 s
printf 'two spaces  1 ms  10 ms  10\n'
absent 'wasm3' 'cargo install wasm3'
[ "$(cpu 3 true)" != '' ] && printf '# %s %s\n' "$BUILD" "$PX"
END
expect 'a part, its lines and notes' 0 '^good +ours +peer +ratio$' "$dir/tests/bench/run"
expect 'a figure of which less is better' 0 '^  a loop +2 s +7 s +3\.50$' "$dir/tests/bench/run"
expect 'parted by spaces' 0 '^  two spaces +1 ms +10 ms +10$' "$dir/tests/bench/run"
expect 'a peer that is not here' 0 '^  absent: wasm3; cargo install wasm3$' "$dir/tests/bench/run"
expect 'where programs are' 0 '^  build build/px$' "$dir/tests/bench/run"
part broken <<'END'
#!/usr/bin/env bash
echo 'three  fields  here'
exit 7
END
expect 'a line that is none, a part that fails' 1 'not NAME, OURS, PEER, RATIO: three  fields  here' "$dir/tests/bench/run"
expect 'its status' 1 'tests/bench/broken failed with status 7' "$dir/tests/bench/run"
expect 'the parts after it' 1 '^  a loop' "$dir/tests/bench/run"
expect 'one part by name' 0 '^good ' "$dir/tests/bench/run" good
expect 'a part that there is not' 2 "there is no part 'speed'; there are broken, good" "$dir/tests/bench/run" speed
finish
