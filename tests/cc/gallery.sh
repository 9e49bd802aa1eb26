#!/usr/bin/env bash
# gallery.sh - the gallery's programs in C: what they draw is what gcc's build of the same source draws, at every level and on the
# Verilated core; heat.c's vector instructions beat its loops everywhere. TAP.
. tests/cc/lib.sh

options_of() { sed -nE 's,^/\* px cc: (.*) \*/$,\1,p' "$1"; }

# drawn NAME RAW EXECUTOR FLAG..: made with the flags, run, and its last rows compared.
drawn() {
    local name=$1 raw=$2 on=$3 source=pxi/programs/c/$1.c
    shift 3
    # shellcheck disable=SC2046
    "$PX" cc -q $(options_of "$source") "$@" "$source" -o "$dir/$name.pxi" >"$dir/said" 2>&1 &&
        "$PX" run --on "$on" --image "$dir/$name.pxi" -o "$dir/$name.png" >"$dir/ran" 2>&1 && tests/cc/canvas.py "$dir/$name.png" "$raw" >>"$dir/said" 2>&1
    result $? "$name $* on $on" "$(cat "$dir/said" "$dir/ran")"
}

# figure WORD: the number before it in what px run said.
figure() { sed -nE "s/.* ([0-9,]+) $1.*/\1/p" "$dir/ran" | tr -d ,; }

executors=$(for on in ref fast rtl opencl; do present "$on" && echo $on; done)
have_cc || { echo '1..0 # SKIP px cc is not here' && exit 0; }
for source in pxi/programs/c/*.c; do
    name=$(basename "$source" .c)
    gcc -O1 -std=c17 "$source" -o "$dir/native" && "$dir/native" >"$dir/raw"
    result $? "$name natively"
    for level in $LEVELS; do drawn "$name" "$dir/raw" ref --level "$level" -O2; done
    drawn "$name" "$dir/raw" ref -Os
    for on in $executors; do [ "$on" = ref ] || drawn "$name" "$dir/raw" "$on" -O2; done
done

gcc -O1 -std=c17 pxi/programs/c/heat.c -o "$dir/native" && "$dir/native" >"$dir/raw"
for on in $executors; do
    drawn heat "$dir/raw" "$on" -O2
    vector=$(figure instructions) cycles=$(figure cycles)
    drawn heat "$dir/raw" "$on" -O2 -DSCALAR
    [ "$vector" -lt "$(figure instructions)" ] && { [ -z "$cycles" ] || [ "$cycles" -lt "$(figure cycles)" ]; }
    result $? "heat on $on: $vector instructions ${cycles:+and $cycles cycles }with vectors, $(figure instructions) ${cycles:+and $(figure cycles) }without"
done
finish
