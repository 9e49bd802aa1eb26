#!/usr/bin/env bash
# programs.sh - the programs of tests/cc/programs at several levels of the compiler and all of the translator: what they print and
# how they end is what gcc -m32 makes of them, and, for those with a C library, gcc and glibc; vector instructions are judged by
# the simulator's model. Every third runs on ref as well, every seventh of the short ones on the Verilog core, so that each level comes
# to it. TAP.   programs.sh [PROGRAM..]
. tests/cc/lib.sh
OPTIMISE=${OPTIMISE:--O0 -O2 -Os}
cp "${WRAPPERS:-build/tests/cc/wrappers.inc}" "$dir"
turn=0
rtl=$(present rtl && echo here)

# expected FILE SOURCE: once for all levels of optimisation, as none of them may change what a program says.
expected() {
    case $2 in
    */px/*) return 1 ;;
    */libc/*) gcc -w -I. -funsigned-char -O1 "$2" -lm -o "$dir/native" && outcome "$1" "$dir/native" ;;
    *) native "$dir/native" "$2" -O1 && outcome "$1" "$dir/native" ;;
    esac
}

# pictures NAME EXPECTED PROGRAM.elf
pictures() {
    local level instructions
    for level in $LEVELS; do
        if ! "$PX" cc -q --level "$level" "$3" -o "$dir/program.pxi" 2>"$dir/said"; then
            result 1 "$1 at level $level" "$(cat "$dir/said")"
            continue
        fi
        outcome "$dir/got" "$PX" run "$dir/program.pxi" --host
        same "$1 at level $level" "$2" "$dir/got"
        turn=$((turn + 1))
        instructions=$(tail -n 1 "$dir/simulated.err")
        if [ $((turn % 3)) = 0 ] && [ "$instructions" -lt 20000000 ]; then
            outcome "$dir/got" "$PX" run "$dir/program.pxi" --host --on ref
            same "$1 at level $level on ref" "$2" "$dir/got"
        fi
        if [ $((turn % 7)) = 0 ] && [ "$instructions" -lt 500000 ] && [ -n "$rtl" ]; then
            outcome "$dir/got" "$PX" run "$dir/program.pxi" --host --on rtl
            same "$1 at level $level on rtl" "$2" "$dir/got"
        fi
    done
}

one() { # SOURCE FLAG JUDGED: whether gcc has said what is expected, or the simulator is to say it
    local name
    name="$(basename "$1") $2"
    case $1 in */libc/*) flags= ;; *.cc) flags= ;; *) flags=$bare_flags ;; esac
    # shellcheck disable=SC2086
    if ! compiled "$dir/program.o" "$1" "$2" $flags -I"$dir" >"$dir/said" 2>&1 || ! linked "$dir/program.elf" "$dir/program.o" >>"$dir/said" 2>&1; then
        result 1 "$name is compiled and linked" "$(cat "$dir/said")"
        return
    fi
    outcome "$dir/simulated" "$RVSIM" --count "$dir/program.elf"
    if [ "$3" = 0 ]; then
        same "$name: the simulator agrees with gcc" "$dir/expected" "$dir/simulated"
    else
        cp "$dir/simulated" "$dir/expected"
        grep -qx 'status 0' "$dir/expected"
        result $? "$name finds nothing wrong in the simulator" "$(grep -i wrong "$dir/expected")"
    fi
    ! have_cc || pictures "$name" "$dir/expected" "$dir/program.elf"
}

[ $# -gt 0 ] || set -- tests/cc/programs/*.c* tests/cc/programs/*/*.c
for source; do
    case $source in */input.c) input=CHANGELOG.md ;; *) input=/dev/null ;; esac
    expected "$dir/expected" "$source"
    judged=$?
    for flag in $OPTIMISE; do one "$source" "$flag" $judged; done
done
have_cc || result 0 'pictures # SKIP px cc is not here'
finish
