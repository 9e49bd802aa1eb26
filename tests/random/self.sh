#!/bin/sh
# self.sh - shows that the random comparer finds faults: every mutant of the reference VM must be told from it, shrunk to
# at most three instructions, and shown again from its seed and case; the reference itself must not be.
# Usage: self.sh RANDOM, the binary.
set -u
random=${1:-build/tests/random/random}
keep=$(mktemp -d) || exit 2
trap 'rm -rf "$keep"' EXIT
number=0 failed=0

result() { # 0 or 1, sentence
    number=$((number + 1))
    if [ "$1" -eq 0 ]; then
        echo "ok $number - $2"
    else
        echo "not ok $number - $2"
        failed=1
    fi
}

"$random" --on ref,ref --count 2000 --keep "$keep" >"$keep/out"
result $? "the reference VM agrees with itself"

for mutant in $("$random" --mutants | cut -d' ' -f1); do
    "$random" --on "ref,mutant:$mutant" --count 2000 --keep "$keep" >"$keep/out"
    [ $? -eq 1 ]
    result $? "mutant $mutant is found"

    # Lines such as "#   shrunk to 2 instructions from ..": all of them short, and at least one.
    sed -n 's/^#   shrunk to \([0-9]*\) .*/\1/p' "$keep/out" >"$keep/lengths"
    awk '$1 > 3 { long = 1 } END { exit long || NR == 0 }' "$keep/lengths"
    result $? "mutant $mutant is shrunk to at most three instructions"

    again=$(sed -n 's/^#   again: random //p' "$keep/out" | head -n 1)
    # shellcheck disable=SC2086
    "$random" $again --keep "$keep" >"$keep/again"
    [ $? -eq 1 ]
    result $? "mutant $mutant is shown again by its seed and case"
done
echo "1..$number"
exit $failed
