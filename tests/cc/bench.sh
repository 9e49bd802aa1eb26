#!/usr/bin/env bash
# bench.sh - what compiled code costs: for the programs of tests/cc/programs at -O2 the pixel instructions to one RISC-V instruction
# (of the simulator) and to one native instruction (callgrind of gcc -m32 -O2), and the core's cycles to one RISC-V instruction;
# then how fast px cc is.   bench.sh [PROGRAM..]; COREMARK=DIR DHRYSTONE=DIR for what Debian does not have.
. tests/cc/lib.sh
LEVEL=${LEVEL:-4}
have_cc || { echo 'bench.sh: px cc is not here' >&2 && exit 1; }
rtl=$(present rtl && echo yes)

answers=$(printf '1,%.0s' {1..500})1 # what PRINT is answered, so that px run says what it has counted

figure() { sed -nE "s/.* ([0-9,]+) $1.*/\1/p" "$2" | tr -d ,; }

# Native instructions; a dash where natively something else is done: SSE, division by our own loop, no vector instructions.
native_count() {
    case $1 in */float.c | */int64.c | */px/*) echo - && return ;; esac
    command -v valgrind >/dev/null && native "$dir/native" "$1" -O2 &&
        valgrind --tool=callgrind --callgrind-out-file=/dev/null "$dir/native" 2>&1 >/dev/null | sed -nE 's/.*Collected : ([0-9]+)$/\1/p' | grep . || echo -
}

measure() { # SOURCE: NAME NATIVE RISCV PIXELS CYCLES WORDS CODE
    local source=$1 flags=$bare_flags
    case $source in *.cc | */libc/*) flags= ;; esac
    # shellcheck disable=SC2086
    compiled "$dir/p.o" "$source" -O2 $flags && linked "$dir/p.elf" "$dir/p.o" || return 1
    "$RVSIM" --count "$dir/p.elf" 2>"$dir/count" >/dev/null
    "$PX" cc --level "$LEVEL" "$dir/p.elf" -o "$dir/p.pxi" >"$dir/made" 2>&1 || { cat "$dir/made" >&2 && return 1; }
    "$PX" run --answers "$answers" "$dir/p.pxi" >"$dir/ref" 2>&1
    [ -z "$rtl" ] || "$PX" run --answers "$answers" --on rtl "$dir/p.pxi" >"$dir/rtl" 2>&1
    echo "$(basename "$source") $(native_count "$source") $(tail -n 1 "$dir/count") $(figure instructions "$dir/ref") $(figure cycles "$dir/rtl" 2>/dev/null | grep . || echo -)" \
        "$(sed -nE 's/.* ([0-9]+) pixels of code from ([0-9]+) .*/\2 \1/p' "$dir/made")"
}

[ $# -gt 0 ] || set -- tests/cc/programs/{crc32,float,int64,lists,lz,matmul,misc,printf,sort,recursion,sha256,sieve,strings,structs,vm}.c \
    tests/cc/programs/cxx.cc tests/cc/programs/px/vector.c
for source; do measure "$source" || exit 1; done >"$dir/rows"
awk -v level="$LEVEL" '
    function ratio(a, b) { return b > 0 && a > 0 ? sprintf("%.3f", a / b) : "-" }
    function add(what, a, b) { if (a > 0 && b > 0) { sum[what] += log(a / b); many[what]++ } }
    function mean(what) { return many[what] ? sprintf("%.3f", exp(sum[what] / many[what])) : "-" }
    BEGIN { format = "%-12s %12s %12s %12s %12s %8s %10s %9s\n"
            printf format, "-O2, level " level, "native", "RISC-V", "pixels", "rtl cycles", "px/RV", "px/native", "cycles/RV" }
    { printf format, $1, $2, $3, $4, $5, ratio($4, $3), ratio($4, $2), ratio($5, $3)
      add("rv", $4, $3); add("native", $4, $2); add("cycles", $5, $3); add("code", $7, $6)
      if ($4 / $3 > worst) { worst = $4 / $3; name = $1 } }
    END { printf format, "geo. mean", "", "", "", "", mean("rv"), mean("native"), mean("cycles")
          printf "%d programs; the worst is %s with %.3f; code pixels to a RISC-V word of the whole program: %s\n", NR, name, worst, mean("code") }' "$dir/rows"

# ---- how fast px cc is: CPU seconds, the median of five ----
seconds() { # COMMAND..: of it and its children
    local i TIMEFORMAT='%U %S'
    for i in 1 2 3 4 5; do { time "$@" >/dev/null 2>&1; } 2>&1; done | awk '{ print $1 + $2 }' | sort -n | sed -n 3p
}

echo 'int puts(const char *); int main(void) { return puts("Hello, world!") < 0; }' >"$dir/hello.c"
compile_and_link() { compiled "$dir/hello.o" "$dir/hello.c" -O2 -g && linked "$dir/hello.elf" "$dir/hello.o"; }
whole=$(seconds "$PX" cc -q -O2 -g "$dir/hello.c" -o "$dir/hello.pxi") theirs=$(seconds compile_and_link)
awk -v a="$whole" -v b="$theirs" 'BEGIN { printf "px cc hello.c: %.2f s of CPU time, clang and lld by themselves %.2f s: %.2f times\n", a, b, (b > 0 ? a / b : 0) }'

# A large program: functions without end, of many kinds of statements.
awk 'BEGIN { for (i = 0; i < 6000; i++) {
    printf "int f%d(int *a, int x)\n{\n    for (int i = 0; i < x; i++)\n        a[i] = a[i + %d] * %d + (a[%d] >> (x & 7)) - x / (i + %d);\n", i, i % 9, i * 7919, i % 13, i + 1
    printf "    return a[%d] > x ? a[%d] ^ %d : x;\n}\n", i % 11, i % 5, i * 31 }
    print "int (*const all[])(int *, int) = {"; for (i = 0; i < 6000; i++) printf "f%d, ", i
    print "};\nint main(int argc, char **argv)\n{\n    static int a[64];\n    return all[argc](a, 9);\n}" }' >"$dir/large.c"
if compiled "$dir/large.o" "$dir/large.c" -O2 && linked "$dir/large.elf" "$dir/large.o"; then
    "${SPEED:-build/tests/cc/speed}" "$dir/large.elf" "$LEVEL"
fi

# ---- benchmarks that are not in Debian ----
# fast and ref: what they report themselves, by the host's clock, after as many runs as their rules want. The core: cycles of one
# run, counted over as many as take a board of 60 MHz 10 seconds, less what a program with one run takes; so at a board's clock.
many=$(printf '1,%.0s' {1..5000})1

cycles_of() { # PICTURE
    "$PX" run --answers "$many" --on rtl "$1" >"$dir/said" 2>&1 && figure cycles "$dir/said" | grep . || { cat "$dir/said" >&2 && return 1; }
}

# on_boards NAME MAKE UNIT BY: MAKE PICTURE RUNS compiles; a figure is runs in a second, divided by BY.
on_boards() {
    local one few all runs
    "$2" "$dir/one.pxi" 1 && "$2" "$dir/few.pxi" 11 && one=$(cycles_of "$dir/one.pxi") && few=$(cycles_of "$dir/few.pxi") || return
    runs=$((600000000 / ((few - one) / 10) + 2)) # 10 s at 60 MHz
    "$2" "$dir/all.pxi" $runs && all=$(cycles_of "$dir/all.pxi") || return
    awk -F'|' -v name="$1" -v unit="$3" -v by="$4" -v runs=$((runs - 1)) -v cycles=$((all - one)) -v size="$("$PX" info "$dir/all.pxi" | sed -nE '1s/.* ([0-9]+)x([0-9]+).*/\1 \2/p')" '
        BEGIN { split(size, side, " ")
                printf "%s on the core with one lane: %.0f cycles a run, over %d runs; %.4f %s/MHz\n", name, cycles / runs, runs, 1e6 * runs / cycles / by, unit }
        { gsub(/[ ,]|\[|\].*/, "", $2); gsub(",", "", $5) }
        $4 + 0 > 0 && $6 + 0 == 1 && $5 + 0 >= side[1] * side[2] { names[$4 + 0] = names[$4 + 0] " " $2 }
        END { for (mhz in names) printf "    %3d MHz %9.2f %s, %.1f s:%s\n", mhz, mhz * 1e6 * runs / cycles / by, unit, cycles / mhz / 1e6, names[mhz] }' docs/boards/README.md
}

coremark() { # PICTURE ITERATIONS: 0, as many as take 10 s
    "$PX" cc -q -O2 --heap 2000 -D ITERATIONS="$2" -D SEED_METHOD=SEED_VOLATILE -D PERFORMANCE_RUN=1 -D 'FLAGS_STR="-O2"' -I "$COREMARK" -I "$COREMARK/posix" \
        -W no-everything "$COREMARK"/core_{list_join,main,matrix,state,util}.c "$COREMARK/posix/core_portme.c" -o "$1"
}
# The number of runs is a macro where the sources have one for it, else read from standard input.
dhrystone() { # PICTURE RUNS
    "$PX" cc -q -O2 --heap 2000 --standard gnu89 -D TIME -D DHRY_ITERS="$2" -D NUMBER_OF_RUNS="$2" -W no-everything "$DHRYSTONE"/dhry_{1,2}.c -o "$1"
}

if [ -n "${COREMARK-}" ]; then
    for on in fast ref; do
        echo "CoreMark on $on:"
        coremark "$dir/coremark.pxi" 0 && "$PX" run --host --on "$on" "$dir/coremark.pxi" 2>&1 | grep -E '^Total time|^Iterations  |Correct|rror|^CoreMark 1.0'
    done
    [ -z "$rtl" ] || on_boards CoreMark coremark CoreMark 1
else
    echo 'CoreMark: absent; make bench-cc COREMARK=DIR with its sources'
fi
if [ -n "${DHRYSTONE-}" ]; then
    for on in fast ref; do
        for runs in 1000000 4000000 16000000 64000000; do # it wants 2 seconds
            dhrystone "$dir/dhrystone.pxi" $runs && "$PX" run --host --on "$on" "$dir/dhrystone.pxi" <<<$runs >"$dir/said" 2>&1
            grep -q 'too small' "$dir/said" || break
        done
        awk -v on="$on" -v runs=$runs '/Dhrystones per Second/ { printf "Dhrystone on %s: %d runs, %.0f a second, %.1f DMIPS\n", on, runs, $NF, $NF / 1757 }' "$dir/said"
    done
    [ -z "$rtl" ] || on_boards Dhrystone dhrystone DMIPS 1757
else
    echo 'Dhrystone: absent; make bench-cc DHRYSTONE=DIR with its sources'
fi
