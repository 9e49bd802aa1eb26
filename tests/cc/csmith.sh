#!/usr/bin/env bash
# csmith.sh - random C programs: the checksum of a picture's variables is gcc -m32's. Where they differ, the simulator says which
# of them is alone. TAP.   csmith.sh [--count N] [--seed N] [--all: every level of optimisation, and gcc's objects]
. tests/cc/lib.sh
need csmith csmith /usr/include/csmith/csmith.h libcsmith-dev
stack=60000 number=20 seed=1 optimise='-O0 -O2' levels=${LEVELS_CSMITH:-0 4} compilers=clang
while [ $# -gt 0 ]; do
    case $1 in
    --count) number=$2 && shift ;;
    --seed) seed=$2 && shift ;;
    --all) optimise='-O0 -O1 -O2 -Os -O3' levels=$LEVELS compilers='clang gcc' ;;
    *) echo "csmith.sh: unknown option $1" >&2 && exit 2 ;;
    esac
    shift
done
PATIENCE=${PATIENCE:-10}
include='-Itests/cc/csmith -I/usr/include/csmith'
command -v riscv64-unknown-elf-gcc >/dev/null || compilers=clang

made() { # OBJECT COMPILER FLAG
    # shellcheck disable=SC2086
    case $2 in
    clang) compiled "$1" "$dir/random.c" "$3" $bare_flags $include ;;
    gcc) riscv64-unknown-elf-gcc -march=rv32ima -mabi=ilp32 -mcmodel=medlow $bare_flags -w "$3" -I. $include -I"$CC_DIR" -c "$dir/random.c" -o "$1" ;;
    esac
}

one() { # SEED COMPILER FLAG
    local name="seed $1, $2 $3" level
    if ! { made "$dir/random.o" "$2" "$3" && linked "$dir/random.elf" "$dir/random.o"; } >"$dir/said" 2>&1; then
        result 1 "$name is compiled and linked" "$(cat "$dir/said")"
        return
    fi
    if ! have_cc; then
        PATIENCE=100 outcome "$dir/got" "$RVSIM" --stack $stack "$dir/random.elf"
        same "$name simulated" "$dir/expected" "$dir/got"
        return
    fi
    for level in $levels; do
        if ! "$PX" cc -q --stack $stack --level "$level" "$dir/random.elf" -o "$dir/random.pxi" 2>"$dir/said"; then
            result 1 "$name at level $level" "$(cat "$dir/said")"
            continue
        fi
        PATIENCE=100 outcome "$dir/got" "$PX" run "$dir/random.pxi" --host
        if ! cmp -s "$dir/expected" "$dir/got"; then
            PATIENCE=100 outcome "$dir/simulated" "$RVSIM" --stack $stack "$dir/random.elf"
            ! cmp -s "$dir/simulated" "$dir/got" || name+=' (the simulator is of the same opinion)'
        fi
        same "$name at level $level" "$dir/expected" "$dir/got"
    done
}

# A program that does not end in time, or is not one by gcc, is no test: the next seed takes its place.
tried=0
while [ "$number" -gt 0 ] && [ "$tried" -lt 1000 ]; do
    tried=$((tried + 1))
    (cd "$dir" && csmith --seed "$seed" --no-packed-struct --no-argc --concise >random.c) # it leaves a file where it runs
    # shellcheck disable=SC2086
    if native "$dir/native" "$dir/random.c" -O1 $include >/dev/null 2>&1 && outcome "$dir/expected" "$dir/native" &&
        [ "$(tail -n 1 "$dir/expected")" = 'status 0' ]; then
        for compiler in $compilers; do
            for flag in $optimise; do one "$seed" "$compiler" "$flag"; done
        done
        number=$((number - 1))
    fi
    seed=$((seed + 1))
done
have_cc || result 0 'pictures # SKIP px cc is not here'
finish
