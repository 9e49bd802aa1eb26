#!/usr/bin/env bash
# fleet_cases.sh - px fleet --cases: the conformance set and random programs as fleets, going on, shares, and executors that are
# wrong on purpose, which the fleet names by program and place.
# Usage: fleet_cases.sh RANDOM, the comparer of random programs.
# Every result is synced, which takes memory no time.
[ -w /dev/shm ] && export TMPDIR=${TMPDIR:-/dev/shm}
. tests/cli/lib.sh
random=${1:-build/tests/random/random} python=${PYTHON:-python3}
fleet() { "$PX" fleet --cases "$@"; }

"$PX" conformance --export "$dir/set" tests/conformance/{alu,budget,load,state}.pxt
expect 'conformance cases on three executors' 0 '^162 cases: 162 agree; ' fleet "$dir/set" --on ref,fast,fast --out "$dir/out"
expect 'once more: what is refused leaves nothing, the others are compared again' 0 '^162 cases, [0-9]+ had a result: 162 agree; 0 inst' fleet "$dir/set" --on ref --out "$dir/out"
rm "$dir/out"/alu-00?-*
expect 'what has no result is run' 0 '162 agree; [1-9]' fleet "$dir/set" --on ref --out "$dir/out"
for k in 1 2 3; do fleet "$dir/set" --on fast --out "$dir/shared" --share $k/3 -q; done
expect 'three shares are the whole' 0 '162 agree; 0 instructions' fleet "$dir/set" --on ref --out "$dir/shared"
diff -rq -x '.*' "$dir/out" "$dir/shared" >"$dir/said"
result $? 'and in the same files' "$(cat "$dir/said")"

"$random" --export "$dir/random" --seed 7 --count 60 >"$dir/said"
result $? 'random programs are written' "$(cat "$dir/said")"
"$random" --export "$dir/random" --seed 8 --count 60 --nested >"$dir/said"
"$random" --export "$dir/again" --seed 7 --count 60 >"$dir/said"
diff -rq "$dir/again/seed-7" "$dir/random/seed-7" >"$dir/said"
result $? 'the same seed is the same files' "$(cat "$dir/said")"
expect 'two seeds on two executors' 0 '^[0-9]+ cases: [0-9]+ agree; ' fleet "$dir/random" --on ref,fast --out "$dir/random-out"

# ---- what is wrong is found, and named ----
planted() { # NAME KINDS: ends the programs as ref with one fault does; who is right differs from that
    "$random" --export "$dir/planted" --seed 7 --count 250 --on "mutant:$1" ${2:+"$2"} >"$dir/said"
    expect "mutant $1 is found" 1 'seed-7-[0-9]{6}-[0-9]{2}: .*expected .*, got .*' fleet "$dir/planted" --on ref --out "$dir/planted-out"
    rm -rf "$dir/planted" "$dir/planted-out"
}
planted lanetail
planted packcount
planted slotvalue --nested
"$PX" conformance --export "$dir/few" tests/conformance/examples.pxt
wrong() { # HOW STATUS PATTERN
    expect "an executor that is wrong: $1" "$2" "$3" fleet "$dir/few" --on "cmd:$python tests/conformance/wrong.py $1" --out "$dir/wrong-$1"
}
wrong honest 0 '10 agree'
wrong pixel 1 'examples-002-[a-z0-9-]*: pixel \([0-9]+,[0-9]+\), address [0-9]+: expected 0x[0-9A-F]+, got 0x'
wrong register 1 'examples-002-[a-z0-9-]*: r200: expected'
expect 'found again when nothing is run' 1 '^10 cases, 10 had a result: 1 agree, 9 differ; 0 inst' fleet "$dir/few" --on ref --out "$dir/wrong-pixel"
for kernels in build/gen/px_kernels.cl "$(dirname "$PX")/gen/px_kernels.cl"; do [ -e "$kernels" ] && break; done
if [ -e "$kernels" ] && "$PX" devices 2>/dev/null | grep -q 'opencl:.*Portable Computing Language'; then
    sed 's/^uint word_XOR(.*return x ^ y;/uint word_XOR(uint x, uint y) { return x | y;/' "$kernels" >"$dir/kernels.cl"
    cmp -s "$kernels" "$dir/kernels.cl" && result 1 'a fault in the kernels can be planted'
    PX_OPENCL_SOURCE=$dir/kernels.cl PX_OPENCL_KAT=off PX_OPENCL_CACHE=off \
        expect 'a fault in the kernels is found' 1 'alu-[0-9]*-xor[a-z0-9-]*: .*expected' fleet "$dir/set" --on opencl:pocl --out "$dir/kernels"
else
    result 0 'a fault in the kernels is found # SKIP there is no pocl'
fi

# ---- bad input ----
expect 'cases without results' 2 'needs --out' fleet "$dir/set" --on ref
expect 'a folder without cases' 2 'no cases.tsv, as px conformance --export DIR writes it' fleet "$dir/out" --on ref --out "$dir/x"
expect 'no folder' 2 'cannot read the folder .*nowhere' fleet "$dir/nowhere" --on ref --out "$dir/x"
mkdir "$dir/bad"
table() { printf '%b' "$1" >"$dir/bad/cases.tsv"; }
table 'one\t5\n'
expect 'a line without an end' 2 'bad/cases.tsv:1: expected a name, a budget' fleet "$dir/bad" --on ref --out "$dir/x"
table 'one\t5\trun\tx\n../two\t5\trun\tx\n'
expect 'a name that leads elsewhere' 2 'bad/cases.tsv:2: expected a name' fleet "$dir/bad" --on ref --out "$dir/x"
table 'one\tfive\trun\tx\n'
expect 'a budget that is none' 2 "cases.tsv:1 is 'five', expected a number" fleet "$dir/bad" --on ref --out "$dir/x"
table 'one\t5\trun\tx\none\t6\trun\tx\n'
expect 'a name twice' 2 'have the same name' fleet "$dir/bad" --on ref --out "$dir/x"
cp "$dir/few/examples/"001-*.input.pxi "$dir/bad/one.input.pxi"
table 'one\t5\trefused\tx\n'
expect 'what should be refused and is not' 1 'was to be refused, and was loaded' fleet "$dir/bad" --on ref --out "$dir/x"
table 'one\t5\trun\tx\n'
expect 'an expectation that is not there' 1 'one: .*one.expected.pxi: cannot read it' fleet "$dir/bad" --on ref --out "$dir/x"
cp "$dir/few/examples/"001-*.expected.pxi "$dir/bad/one.expected.pxi"
echo junk >"$dir/x/one.state.png"
expect 'a result that something destroyed' 1 'one: .*one.state.png' fleet "$dir/bad" --on ref --out "$dir/x"
finish
