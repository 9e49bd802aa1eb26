#!/usr/bin/env bash
# far.sh - a program so large that branches, jumps, calls and loops do not reach their targets: a switch of 5,000 cases with bodies, and
# functions before and behind it.
. tests/cli/lib.sh

if ! command -v clang >/dev/null || ! command -v ld.lld >/dev/null || ! ls /usr/lib/picolibc >/dev/null 2>&1; then
    echo '1..0 # SKIP clang, lld or picolibc-riscv64-unknown-elf is not here'
    exit 0
fi

awk 'BEGIN {
    print "#include <stdint.h>\n#include <stdio.h>"
    print "static __attribute__((noinline)) uint32_t before(uint32_t x) { return x * 3 + 1; }"
    print "uint32_t behind(uint32_t x);"
    print "static __attribute__((noinline)) uint32_t large(uint32_t x, int n)\n{\n    uint32_t y = 1;\n    for (int i = 0; i < n; i++) {\n        switch (x % 5000) {"
    for (i = 0; i < 5000; i++)
        printf "        case %d:\n            x = x * %du + y;\n            y ^= x >> %d;\n            if (x & %d)\n                y += %s(x);\n            break;\n",
            i, 2 * i + 3, i % 31 + 1, 2 ^ (i % 17), i % 2 ? "before" : "behind"
    print "        }\n        if (y == 12345)\n            return x;\n    }\n    return x ^ y;\n}"
    print "__attribute__((noinline)) uint32_t behind(uint32_t x) { return x ^ x >> 7; }"
    print "int main(void) { printf(\"%u\\n\", (unsigned)large(1, 30000)); return 0; }"
}' >"$dir/far.c"
gcc -O0 -w "$dir/far.c" -o "$dir/native" && "$dir/native" >"$dir/expected"
for options in '-O1 --level 0' '-O1 --level 4' '-O0 --level 4'; do
    elf=$dir/far${options%% *}.elf what=$dir/far.c
    if [ -e "$elf" ]; then what=$elf; else options+=" --elf $elf"; fi
    # shellcheck disable=SC2086
    said=$("$PX" cc $options "$what" -o "$dir/far.pxi" 2>&1)
    "$PX" run --host "$dir/far.pxi" >"$dir/got" 2>&1
    cmp -s "$dir/expected" "$dir/got"
    result $? "5,000 cases, ${options% --elf*}" "$said
$(head -n 5 "$dir/got")"
    pixels=$(sed -E 's/.*, ([0-9]+) pixels of code.*/\1/' <<<"$said")
    [ "$pixels" -gt 33000 ]
    result $? "and its code is far from itself: $pixels pixels"
done
finish
