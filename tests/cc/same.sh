#!/usr/bin/env bash
# same.sh - programs in C and C++ say the same as a picture as they do natively, whatever the optimisation of clang and the level
# of the translator. LEVELS="0 1 .." and OPTIMISATIONS="-O0 .." choose.
. tests/cli/lib.sh
levels=${LEVELS:-0 1 2 3 4}

if ! "$PX" cc --help >/dev/null || ! command -v clang >/dev/null || ! command -v ld.lld >/dev/null || ! ls /usr/lib/picolibc >/dev/null 2>&1; then
    echo '1..0 # SKIP clang, lld or picolibc-riscv64-unknown-elf is not here'
    exit 0
fi

# same PROGRAM EXPECTED OPTIMISATION LEVEL: the first level compiles and links, the others translate what that has left.
same() {
    local what=("$1" --elf "$dir/a.elf")
    [ "$4" = "${levels%% *}" ] || what=("$dir/a.elf")
    "$PX" cc -q "$3" --level "$4" "${what[@]}" -o "$dir/a.pxi" >"$dir/said" 2>&1 &&
        "$PX" run --host "$dir/a.pxi" >"$dir/got" 2>>"$dir/said" </dev/null
    echo "status $?" >>"$dir/got"
    cmp -s "$2" "$dir/got"
    result $? "$(basename "$1") $3 at level $4" "$(cat "$dir/said"; diff "$2" "$dir/got" | head -n 5)"
}

for program in tests/cc/same/*.c tests/cc/same/*.cc; do
    case $program in *.cc) compiler=g++ ;; *) compiler=gcc ;; esac
    "$compiler" -O1 -w -fwrapv "$program" -lm -o "$dir/native" && "$dir/native" >"$dir/expected"
    echo "status $?" >>"$dir/expected"
    for optimisation in ${OPTIMISATIONS:--O0 -O2}; do
        rm -f "$dir/a.elf"
        for level in $levels; do same "$program" "$dir/expected" "$optimisation" "$level"; done
    done
done
finish
