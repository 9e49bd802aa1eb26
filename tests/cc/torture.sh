#!/usr/bin/env bash
# torture.sh - gcc's own torture tests, those that are run, as pictures: each ends with status 0, or it aborts. Left out, and
# counted, are those that clang or its linker does not take (nested functions, builtins of gcc alone) and those that fail in the
# simulator too, which are not the translator's. TAP.   torture.sh [--every N] [NAME..]
. tests/cc/lib.sh
. tests/cc/sources.sh
have_cc || { echo '1..0 # SKIP px cc is not here' && exit 0; }
every=1 levels=${LEVELS_TORTURE:-0 4}
[ "${1-}" != --every ] || { every=$2 && shift 2; }

source_of gcc-12 || { echo "1..0 # SKIP $why" && exit 0; }
tests=$source/execute
if [ ! -d "$tests" ]; then
    mkdir -p "$tests.new"
    tar xf "$source"/gcc-*.tar.xz -C "$tests.new" --strip-components=5 --wildcards '*/gcc/testsuite/gcc.c-torture/execute/*' && mv "$tests.new" "$tests"
fi

refused=0 elsewhere=0 number=0
one() { # FILE FLAG
    local name level
    name="$(basename "$1" .c) $2"
    grep -q 'requires frame pointers' "$1" && set -- "$1" "$2" -fno-omit-frame-pointer
    if ! { compiled "$dir/t.o" "$@" -std=gnu89 -fno-strict-aliasing && linked "$dir/t.elf" "$dir/t.o"; } >/dev/null 2>&1; then
        refused=$((refused + 1))
        return
    fi
    timeout 60 "$RVSIM" --limit 200000000 "$dir/t.elf" >/dev/null 2>&1 </dev/null || {
        elsewhere=$((elsewhere + 1))
        return
    }
    for level in $levels; do
        "$PX" cc -q --heap 200000 --level "$level" "$dir/t.elf" -o "$dir/t.pxi" >"$dir/said" 2>&1 &&
            timeout 60 "$PX" run --host "$dir/t.pxi" >"$dir/said" 2>&1 </dev/null
        result $? "$name at level $level" "$(tail -n 4 "$dir/said")"
    done
}

for file in "$tests"/*.c "$tests"/ieee/*.c; do
    [ -e "$file" ] || continue
    [ $# -eq 0 ] || [[ " $* " == *" $(basename "$file" .c) "* ]] || continue
    number=$((number + 1))
    [ $((number % every)) = 0 ] || continue
    for flag in ${OPTIMISE:--O0 -O2}; do one "$file" "$flag"; done
done
echo "# left out: $refused that clang or lld does not take, $elsewhere that fail in the simulator too"
finish
