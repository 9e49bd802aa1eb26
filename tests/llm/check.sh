#!/usr/bin/env bash
# check.sh CHECKPOINT TOKENIZER - a real checkpoint: every activation of a sentence beside the definition, the same story on every
# executor, loss and best tokens beside float. TAP. It takes a minute, and numpy.
. tests/cli/lib.sh
PYTHON=${PYTHON:-python3}
[ $# = 2 ] && [ -r "$1" ] && [ -r "$2" ] || { echo 'Bail out! make llm-check LLM_CHECKPOINT=FILE LLM_TOKENIZER=FILE'; exit 2; }
model=$dir/model.pxi
"$PX" llm convert "$1" "$2" -o "$model" >"$dir/out"
result $? 'it becomes a picture' "$(cat "$dir/out")"
sed 's/^/# /' "$dir/out"
text='Once upon a time, there'
"$PX" llm run "$model" "$text" --steps 40 -o "$dir/told.png" >"$dir/out" && "$PX" llm inspect "$model" "$text" --dump "$dir/dump" >"$dir/counts" &&
    many=$(awk 'NR == 1 { print $1 }' "$dir/counts") &&
    tokens=$($PYTHON -B -c "import sys; sys.path.insert(0, 'tests/gallery'); import png; print(*png.read(sys.argv[1])[2][24:24 + int(sys.argv[2])])" "$dir/told.png" "$many") &&
    message=$($PYTHON tests/llm/integers.py "$model" "$dir/dump" $tokens)
result $? "every activation is what README.md defines" "$message"
sed 's/^/# /' "$dir/counts"
for on in ref fast rtl4 opencl; do
    "$PX" run examples/hello.pxa --host --on $on >"$dir/out" 2>&1 || continue
    "$PX" llm run "$model" "$text" --top-k 40 --seed 9 --steps 40 --on $on -o "$dir/$on.png" >"$dir/$on.txt" && cmp -s "$dir/ref.png" "$dir/$on.png"
    result $? "the story of ref on $on"
done
$PYTHON -B tests/llm/float.py sample "$1" "$dir/tokens" && "$PX" llm loss "$model" "$dir/tokens" --tokens --logits "$dir/logits" >"$dir/out" &&
    $PYTHON -B tests/llm/float.py compare "$1" "$dir/tokens" "$dir/logits" >"$dir/table"
result $? 'float beside integers' "$(cat "$dir/out")"
sed 's/^/# /' "$dir/table"
awk '/^all integer/ { gsub(/[()+]/, ""); exit !($5 <= 0.05 && $7 >= 93) }' "$dir/table"
result $? 'the loss is at most 0.05 above float, and at least 93 % of the best tokens are the same'
finish
