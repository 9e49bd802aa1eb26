#!/usr/bin/env bash
# llm.sh - language models: small checkpoints by chance and the models of llm/models, their pictures on every executor, each activation
# beside a second implementation, stories stopped and gone on with, and files that are no checkpoints. TAP.
. tests/cli/lib.sh
executors=(ref fast)
for kind in rtl rtl4 opencl; do "$PX" run examples/hello.pxa --host --on $kind >"$dir/out" 2>/dev/null && executors+=($kind); done
PYTHON=${PYTHON:-python3}
$PYTHON tests/llm/make_model.py "$dir"
llm() { "$PX" llm "$@"; }
tokens_of() { # PICTURE that has told a story
    $PYTHON -B -c "import sys; sys.path.insert(0, 'tests/gallery'); import png; p = png.read(sys.argv[1])[2]; print(*p[24:24 + p[11]])" "$1"
}

for kind in float own q8 same; do llm convert -q "$dir/$kind.bin" "$dir/tok" -o "$dir/$kind.pxi" || break; done
result $? 'checkpoints in float, with a classifier of their own, and in Q8_0 become pictures'
cmp -s "$dir/q8.pxi" "$dir/same.pxi"
result $? 'Q8_0 is the model that its numbers are'

# The second implementation says what each activation is.
shopt -s nullglob
models=("$dir/float.pxi" "$dir/own.pxi" llm/models/*.pxi)
steps() { case $1 in llm/*) echo 6 ;; *) echo 12 ;; esac; } # MODEL: those of llm/models are large
for model in "${models[@]}"; do
    llm run "$model" 'and so' --steps "$(steps "$model")" -o "$dir/told.png" >"$dir/out" && llm inspect "$model" "and so" --dump "$dir/dump" >"$dir/out" &&
        many=$(awk 'NR == 1 { print $1 }' "$dir/out") && message=$($PYTHON tests/llm/integers.py "$model" "$dir/dump" $(tokens_of "$dir/told.png" | cut -d' ' -f"1-$many"))
    result $? "${model##*/}: every activation is what README.md defines" "$message"
done

# One story on every executor, the same pixels.
for model in "${models[@]}"; do
    for on in "${executors[@]}"; do
        llm run "$model" 'the' --top-k 5 --seed 3 --steps "$(steps "$model")" --on "$on" -o "$dir/$on.png" >"$dir/$on.txt" && cmp -s "$dir/ref.png" "$dir/$on.png" &&
            cmp -s "$dir/ref.txt" "$dir/$on.txt"
        result $? "${model##*/}: the story of ref on $on, pixel for pixel"
    done
done

# Stopped anywhere, gone on with elsewhere.
model=$dir/float.pxi other=${executors[-1]}
llm run "$model" 'the' --top-k 5 --seed 3 -o "$dir/whole.png" >"$dir/whole.txt"
expect 'a story that its budget stops' 3 'stopped by its budget|budget' "$PX" llm run "$model" the --top-k 5 --seed 3 --budget 5000 -o "$dir/half.pxi"
"$PX" llm run "$model" the --top-k 5 --seed 3 --budget 5000 >"$dir/first.txt" 2>/dev/null
llm run "$dir/half.pxi" --on "$other" -o "$dir/end.png" >"$dir/second.txt"
cmp -s "$dir/whole.png" "$dir/end.png"
result $? "goes on on $other, to the same pixels"
[ "$(cat "$dir/first.txt" "$dir/second.txt" | tr -d '\n')" = "$(tr -d '\n' <"$dir/whole.txt")" ]
result $? 'and its parts are the story'
expect 'a story that has begun takes no text' 2 'takes no text' "$PX" llm run "$dir/half.pxi" more
"$PX" run "$model" --host >"$dir/alone.txt"
result $? 'the picture is a program by itself'

printf 'the and so on. and the, and so on and on and on' >"$dir/text"
expect 'loss of a text longer than the context' 0 '^loss [0-9.]+ a token, over [0-9]+ tokens$' "$PX" llm loss "$model" "$dir/text"
[ "$(llm loss "$model" "$dir/text" --on ref)" = "$(llm loss "$model" "$dir/text" --on "$other")" ]
result $? "loss on $other is that on ref"
expect 'inspect: limits and attention' 0 'softmax: ' "$PX" llm inspect "$model" 'the and' --heat "$dir/heat.png" --map "$dir/map.png"
[ -s "$dir/heat.png" ] && [ -s "$dir/map.png" ]
result $? 'inspect: a heat map, and a map'

# Bad input.
bad() { # NAME PATTERN ARGUMENT..
    local name=$1 pattern=$2
    shift 2
    rm -f "$dir/none.pxi"
    expect "$name" 2 "$pattern" "$PX" llm "$@"
    [ ! -e "$dir/none.pxi" ] || result 1 "$name: nothing is written"
}
patch_word() { # FROM TO OFFSET VALUE: a word of a file
    cp "$1" "$2"
    printf "$(printf '\\x%02x\\x%02x\\x%02x\\x%02x' $(($4 & 255)) $(($4 >> 8 & 255)) $(($4 >> 16 & 255)) $(($4 >> 24 & 255)))" |
        dd of="$2" bs=1 seek="$3" conv=notrunc status=none
}
size=$(stat -c %s "$dir/float.bin")
for at in 0 27 255 $((size - 1)); do
    head -c "$at" "$dir/float.bin" >"$dir/cut.bin"
    bad "a checkpoint of $at bytes" 'bytes|empty' convert "$dir/cut.bin" "$dir/tok" -o "$dir/none.pxi"
done
cat "$dir/float.bin" "$dir/tok" >"$dir/long.bin"
bad 'a checkpoint with more behind it' "a checkpoint of its sizes has $size" convert "$dir/long.bin" "$dir/tok" -o "$dir/none.pxi"
while read -r offset value pattern; do
    patch_word "$dir/float.bin" "$dir/wrong.bin" "$offset" "$value"
    bad "a checkpoint whose word $offset is $value" "$pattern" convert "$dir/wrong.bin" "$dir/tok" -o "$dir/none.pxi"
done <<'END'
0 0 the dimension is 0
0 -1 the dimension is -1
4 2147483647 the hidden dimension
8 0 the number of layers
8 1000000 the number of layers
12 3 must divide
12 8 multiple of 8
16 5 KV heads is 5
16 0 KV heads is 0
20 -2147483648 the vocabulary
24 2 the context is 2
24 18 multiple of 4
24 1024 the context is 1024
100 2143289344 the weight at byte 100 is -?nan
END
patch_word "$dir/q8.bin" "$dir/wrong.bin" 37 64
bad 'Q8_0 whose groups leave weights out' 'groups of 64 do not divide' convert "$dir/wrong.bin" "$dir/tok" -o "$dir/none.pxi"
patch_word "$dir/q8.bin" "$dir/wrong.bin" 37 0
bad 'Q8_0 with groups of 0' 'groups of 0' convert "$dir/wrong.bin" "$dir/tok" -o "$dir/none.pxi"
patch_word "$dir/q8.bin" "$dir/wrong.bin" 4 3
bad 'a version that is not known' 'version 3' convert "$dir/wrong.bin" "$dir/tok" -o "$dir/none.pxi"
head -c 300 "$dir/tok" >"$dir/cut.tok"
bad 'a vocabulary cut off' 'ends in token' convert "$dir/float.bin" "$dir/cut.tok" -o "$dir/none.pxi"
cat "$dir/tok" "$dir/tok" >"$dir/long.tok"
bad 'a vocabulary of another model' 'goes on behind token' convert "$dir/float.bin" "$dir/long.tok" -o "$dir/none.pxi"
patch_word "$dir/tok" "$dir/wrong.tok" 8 -1
bad 'a token without end' 'token 0 has' convert "$dir/float.bin" "$dir/wrong.tok" -o "$dir/none.pxi"
bad 'a text with a byte that has no token' 'byte 3 of the text, 0x51, has no token' run "$model" 'theQ'
bad 'a text longer than the context' 'tokens, and the model.s context 16' run "$model" 'a, b, c, d, e, f, g, h, i, j, k, l, m, n, o.'
bad 'more steps than the context' 'context is 16' run "$model" --steps 17 the
"$PX" asm -q examples/hello.pxa -o "$dir/hello.pxi"
bad 'a story that has begun is inspected' 'story that has begun' inspect "$dir/half.pxi" the
head -c 70000 /dev/zero | tr '\0' a >"$dir/text"
bad 'a text too long' 'at most 65536' loss "$model" "$dir/text"
bad 'a picture that is no model' 'no picture of a language model' run "$dir/hello.pxi" the
finish
