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
    "$PX" cc --level "$LEVEL" "$dir/large.elf" -o "$dir/large.pxi" >"$dir/made" 2>&1
    words=$(sed -nE 's/.* from ([0-9]+) .*/\1/p' "$dir/made")
    took=$(seconds "$PX" cc -q --level "$LEVEL" "$dir/large.elf" -o "$dir/large.pxi")
    awk -v n="$words" -v t="$took" 'BEGIN { printf "translation: %d RISC-V instructions in %.2f s of CPU time, %.2f million/s\n", n, t, (t > 0 ? n / t / 1e6 : 0) }'
fi

# ---- benchmarks that are not in Debian: what they report themselves, by the host's clock ----
reports() { # NAME PICTURE PATTERN [INPUT]
    local on
    for on in fast ref rtl; do
        present "$on" || continue
        echo "$1 on $on:"
        "$PX" run --host --on "$on" "$2" <<<"${4-}" 2>&1 | grep -E "$3"
    done
}
if [ -n "${COREMARK-}" ]; then
    "$PX" cc -q -O2 -D ITERATIONS="${ITERATIONS:-300}" -D PERFORMANCE_RUN=1 -D 'FLAGS_STR="-O2"' -I "$COREMARK" -I "$COREMARK/posix" \
        "$COREMARK"/core_{list_join,main,matrix,state,util}.c "$COREMARK/posix/core_portme.c" -o "$dir/coremark.pxi" &&
        reports CoreMark "$dir/coremark.pxi" 'Iterations/Sec|Correct|Errors|ERROR|must'
else
    echo 'CoreMark: absent; make bench-cc COREMARK=DIR with its sources'
fi
if [ -n "${DHRYSTONE-}" ]; then
    "$PX" cc -q -O2 --standard gnu89 -D TIME -W no-everything "$DHRYSTONE"/dhry_{1,2}.c -o "$dir/dhrystone.pxi" &&
        reports Dhrystone "$dir/dhrystone.pxi" 'Dhrystones per Second|too small' "${RUNS:-200000}"
else
    echo 'Dhrystone: absent; make bench-cc DHRYSTONE=DIR with its sources'
fi
