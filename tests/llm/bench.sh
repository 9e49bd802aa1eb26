#!/usr/bin/env bash
# bench.sh CHECKPOINT TOKENIZER [LLAMA2C [DEVICE]] - tokens a second of a processor's second, the median of five runs in turn, beside
# llama2.c's run.c and runq.c where their folder is given; the core's cycles a token, of which RTL_STEPS (24) run; and what an OpenCL
# device, named as in opencl:DEVICE, takes on the wall for one story and for many at once.
set -eu
export LC_ALL=C
PX=${PX:-build/px} SPEED=${SPEED:-build/tests/llm/speed} PYTHON=${PYTHON:-python3} CC=${CC:-cc}
steps=256
[ $# -ge 2 ] && [ -r "$1" ] && [ -r "$2" ] || { echo 'make bench-llm LLM_CHECKPOINT=model.bin LLM_TOKENIZER=tokenizer.bin [LLAMA2C=DIR] [DEVICE=..]'; exit 2; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
"$PX" llm convert -q "$1" "$2" -o "$dir/model.pxi"
peers=()
if [ -n "${3:-}" ]; then
    $CC -O3 -o "$dir/run" "$3/run.c" -lm 2>"$dir/log" && $CC -O3 -o "$dir/runq" "$3/runq.c" -lm 2>"$dir/log"
    $PYTHON tests/llm/q8.py "$1" "$dir/q8.bin" 4
    peers=(run runq)
fi
peer() { # NAME CHECKPOINT: its tokens a second
    local TIMEFORMAT='%U' seconds
    seconds=$({ time "$dir/$1" "$2" -z "$tokenizer" -t 0 -n $steps >"$dir/story" 2>&1; } 2>&1)
    awk -v s="$seconds" -v n=$steps 'BEGIN { print (n - 1) / (s > 0 ? s : 0.001) }'
}
tokenizer=$2
ours=()
for on in ref fast opencl; do "$SPEED" "$dir/model.pxi" $on 4 >"$dir/out" 2>/dev/null && ours+=($on); done
for turn in 1 2 3 4 5; do
    for on in "${ours[@]}"; do "$SPEED" "$dir/model.pxi" $on $steps | awk '{ print $1 / $2 }' >>"$dir/$on.rates"; done
    for name in ${peers[@]+"${peers[@]}"}; do
        if [ $name = run ]; then peer run "$1"; else peer runq "$dir/q8.bin"; fi >>"$dir/$name.rates"
    done
done
median() { sort -g "$dir/$1.rates" | sed -n 3p; }
printf '%-10s %12s %s\n' '' 'tokens/s' "of ${peers[0]:-nothing beside it}.c"
for name in "${ours[@]}" ${peers[@]+"${peers[@]}"}; do
    awk -v name=$name -v rate="$(median $name)" -v base="$([ ${#peers[@]} = 0 ] || median run)" \
        'BEGIN { printf "%-10s %12.0f %s\n", name, rate, base == "" ? "" : sprintf("%.2f", rate / base) }'
done
if a=$("$SPEED" "$dir/model.pxi" rtl4 8 2>/dev/null); then
    b=$("$SPEED" "$dir/model.pxi" rtl4 "${RTL_STEPS:-24}")
    awk -v a="$a" -v b="$b" 'BEGIN { split(a, p); split(b, q); slope = (q[4] / q[1] - p[4] / p[1]) / ((q[1] - p[1]) / 2)
        printf "rtl4       %12.0f cycles a token, mean of the first %d; each position before it adds %.0f, so the first 256 have %.0f\n", q[4] / q[1], q[1], slope, q[4] / q[1] + slope * (256 - q[1]) / 2 }'
fi
if [ -n "${4:-}" ]; then
    for stories in 1 16 1024; do
        "$SPEED" "$dir/model.pxi" "opencl:$4" 128 $stories >"$dir/out" 2>"$dir/log" || { head -n 1 "$dir/log"; exit 1; }
        awk -v device="$4" -v stories=$stories -v one="${one:-0}" '{ rate = $1 / $5
            printf "opencl:%s, %d at once: %.0f tokens/s, %.3f ms for each of them, %.1f times one story\n", device, stories, rate, 1e3 * $5 * stories / $1, one ? rate / one : 1
            print rate >one_rate }' one_rate="$dir/rate" "$dir/out"
        one=${one:-$(cat "$dir/rate")}
    done
fi
