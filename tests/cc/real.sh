#!/usr/bin/env bash
# real.sh - real programs, unmodified, as pictures: Lua runs a script, zlib inflates this repository's own PNGs. Natively built
# from the same sources they say what is expected. TAP.
. tests/cc/lib.sh
. tests/cc/sources.sh
have_cc || { echo '1..0 # SKIP px cc is not here' && exit 0; }

# both NAME FLAGS SOURCE..: natively to $dir/native-NAME, and linked for RISC-V to $dir/NAME.elf.
both() {
    local name=$1 flags=$2 file objects=()
    shift 2
    # shellcheck disable=SC2086
    gcc -O1 -w -funsigned-char $flags "$@" -lm -o "$dir/native-$name" 2>"$dir/said" || return 1
    for file; do
        objects+=("$dir/$name-$(basename "$file" .c).o")
        # shellcheck disable=SC2086
        compiled "${objects[-1]}" "$file" -O2 $flags 2>>"$dir/said" || return 1
    done
    linked "$dir/$name.elf" "${objects[@]}" 2>>"$dir/said"
}

# run_at LEVEL NAME WHAT: with $input
run_at() {
    "$PX" cc -q --level "$1" --stack 20000 --heap 4000000 "$dir/$2.elf" -o "$dir/$2.pxi" >"$dir/said" 2>&1 || {
        result 1 "$3 at level $1" "$(cat "$dir/said")"
        return
    }
    outcome "$dir/got" "$PX" run --host "$dir/$2.pxi"
    same "$3 at level $1" "$dir/expected" "$dir/got"
}

if source_of lua5.4; then
    mapfile -t files < <(find "$source/src" -name '*.c' ! -name luac.c)
    both lua '-Dlua_stdin_is_tty()=0' "${files[@]}"
    result $? 'Lua is compiled and linked' "$(cat "$dir/said")"
    input=tests/cc/real/script.lua outcome "$dir/expected" "$dir/native-lua"
    for level in $LEVELS; do input=tests/cc/real/script.lua run_at "$level" lua "Lua: script.lua"; done
else
    result 0 "Lua # SKIP $why"
fi

if source_of zlib; then
    both inflate "-I$source -Itests/cc/real" tests/cc/real/rows.c "$source"/{adler32,crc32,inflate,inffast,inftrees,zutil,uncompr}.c
    result $? 'zlib is compiled and linked' "$(cat "$dir/said")"
    for png in $(git ls-files '*.png') build/programs/mlp.pxi build/programs/sphere_large.pxi; do
        [ -e "$png" ] || continue
        input=$png outcome "$dir/expected" "$dir/native-inflate"
        for level in $LEVELS; do input=$png run_at "$level" inflate "zlib: $png"; done
    done
else
    result 0 "zlib # SKIP $why"
fi
finish
