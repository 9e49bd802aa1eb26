#!/usr/bin/env bash
# snapshot.sh - px-snap: what goes on from a saved system ends in the same pixels, with the same output, as the one that saved itself
# and went on; and what cannot be saved says why. TAP.
. tests/os/lib.sh
"$PX" mkfs "$dir/data.raw" --size 1M >/dev/null && cp "$OS.pxi" "$dir/os.pxi" || exit 1
rows=$("$PX" info --json "$dir/os.pxi" | python3 -c 'import json, sys; print(json.load(sys.stdin)["height"])')
truncate -s $((rows * 1024)) "$dir/save.raw"
truncate -s $((rows * 1024 - 1024)) "$dir/small.raw"
cp "$dir/save.raw" "$dir/readonly.raw"

# No time is asked for behind it, which is another for each of the two.
cat >"$dir/in" <<'END'
x=5; echo one >/disk0/one; sh -c 'while true; do x=1; done' & echo $(ls /disk0)
px-snap 0; px-snap 2; px-snap 3; px-snap 4; px-snap 9; sh -c 'true; px-snap 1; true'
px-snap 1; echo $?
echo on $x; cat /disk0/one | wc; show life | wc; kill %1; cat /home/nothing
exit 7
END
cat >"$dir/before" <<'END'
one
px-snap: 0: there is one already
px-snap: 2: no room is left
px-snap: 3: it may not be written
px-snap: 4: there is none
px-snap: 9: there is none
px-snap: 1: the host was not given what this needs
END
cat >"$dir/behind" <<'END'
0
on 5
      1       1       4
     21      21   13363
cat: /home/nothing: there is none
END
first=${OS_ON%% *}
for on in $OS_ON; do
    with=(--replay "$dir/log")
    [ "$on" = "$first" ] && with=(--disk "$dir/data.raw" --disk "$dir/save.raw" --disk "$dir/small.raw" --disk "$dir/readonly.raw:ro" --record "$dir/log")
    timeout 60 "$PX" os "$dir/os.pxi" --on "$on" "${with[@]}" --save "$dir/$on.png" <"$dir/in" >"$dir/all" 2>"$dir/err"
    [ $? = 7 ] && grep -v '^pxos: ' "$dir/all" | diff - <(cat "$dir/before" "$dir/behind") >"$dir/diff"
    result $? "a system saves itself on $on" "$(cat "$dir/diff" "$dir/err")"
done

"$PX" cp --png "$dir/save.raw" "$dir/save.png" && "$PX" info "$dir/save.png" | grep -q 'process .*, px-snap: READY'
result $? 'what it saved is a picture of pxOS'
for on in $OS_ON; do
    timeout 60 "$PX" os "$dir/save.png" --on "$on" --disk "$dir/data.raw" --save "$dir/again.png" </dev/null >"$dir/got" 2>"$dir/err"
    [ $? = 7 ] && diff "$dir/behind" "$dir/got" >"$dir/diff"
    result $? "and goes on, on $on" "$(cat "$dir/diff" "$dir/err")"
    cmp "$dir/$on.png" "$dir/again.png"
    result $? 'to the same pixels' "$("$PX" diff "$dir/$on.png" "$dir/again.png" 2>&1)"
done

# A disk that is a PNG is the saved system itself. Two that save at once are both answered, and so is one in what they saved.
"$PX" cp --png "$dir/small.raw" "$dir/small.png" && cp "$dir/save.png" "$dir/later.png" || exit 1
echo 'px-snap 0 & px-snap 0; echo saved $?; px-snap 1; exit 3' |
    "$PX" os "$dir/os.pxi" --disk "$dir/later.png" --disk "$dir/small.png" >"$dir/got" 2>"$dir/err"
result $(($? != 3)) 'a system that saves itself twice' "$(cat "$dir/got" "$dir/err")"
printf 'echo not read\n' | "$PX" os "$dir/later.png" >"$dir/got" 2>"$dir/err"
[ $? = 3 ] && printf 'saved 0\npx-snap: 1: the host was not given what this needs\n' | cmp -s - "$dir/got"
result $? 'and goes on from a PNG' "$(cat "$dir/got" "$dir/err")"
finish
