#!/usr/bin/env bash
# gate_board.sh - BOARD, as the netlist that its bitstream is made of, at its UART pins and at the board's own rate: hello
# after reset from two power-up states, and conformance cases with products, millicode and a trap. TAP. It runs at some
# 100,000 clocks a second, and a byte takes hundreds: the whole set is for the core's netlist, at its host port.
board=$1
. tests/boards/lib.sh
build=$build/gate
export PX_LINK_PATIENCE=60000

for seed in 1 2; do
    board pins "$board" --seed $seed --monitor "$dir/frames" || continue
    expect "hello right after reset, power-up state $seed" 0 '' "$PX" link -q "$dir/pins"
    stop pins
    [ "$(grep -c '> HELLO' "$dir/frames")" = 1 ]
    result $? "at the first try" "$(cat "$dir/frames")"
done

board pins "$board" --seed 3
awk '/^case/ { on = /mul, sixteen|mulhi, sixteen|matmul: (two by|C past)|req: limits/ } on' tests/conformance/{alu,tensor}.pxt \
    >"$dir/some.pxt"
tap "conformance of $board" "$PX" conformance --tap --on "link:$dir/pins" "$dir/some.pxt"
stop pins
result $? "it ends well"
finish
