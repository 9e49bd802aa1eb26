#!/usr/bin/env bash
# sim_long.sh - the long form of sim.sh: every first-class board runs the whole gallery and the conformance set, the further
# boards say hello and run a program, the link is timed at the boards' own baud, and icebreaker runs pxOS.
#
#   tests/boards/sim_long.sh [gallery] [conformance] [further] [timing] [wire] [story] [system]     all, unless told otherwise; TAP
. tests/boards/lib.sh
export PX_LINK_PATIENCE=5000 # ms: simulated boards take as long as the machine is busy
[ $# -gt 0 ] || set -- gallery conformance further timing wire story system
programs=$build/programs
first_class=(icebreaker hx8k-evn ulx3s-12f ulx3s-85f)
further=(upduino orangecrab-25f colorlight-i5 ecp5-evn)

# What a board does not hold is skipped with both numbers, and counted here: exactly the programs with too many pixels.
gallery() {
    local name skipped large
    for name in "${first_class[@]}"; do
        board "$name" "$name" || continue
        tap "gallery on $name" "$PX" gallery --tap --on "ref,link:$dir/$name" "$programs"/*.pxi
        stop "$name"
        skipped=$(grep -c '# SKIP' "$dir/tap.out")
        large=$(for file in "$programs"/*.pxi; do
            od -An -tu4 --endian=big -j16 -N8 "$file" # width and height of a PNG
        done | awk -v most=$((1 << $(value "$name" AW))) '$1 * $2 > most { n++ } END { print n + 0 }')
        [ "$skipped" = "$large" ]
        result $? "$name: $skipped of the programs are too large and were left out" "$large have more pixels"
        echo "# $(head -n 1 "$dir/$name.err")"
    done
}

conformance() {
    local name
    for name in "${first_class[@]}"; do
        board "$name" "$name" || continue
        tap "conformance on $name" "$PX" conformance --tap --on "link:$dir/$name"
        stop "$name"
        echo "# $(head -n 1 "$dir/$name.err")"
    done
}

further() {
    local name
    for name in "${further[@]}"; do
        board "$name" "$name" || continue
        expect "hello of $name" 0 ": $name" "$PX" link -q "$dir/$name"
        tap "a program on $name" "$PX" gallery --tap --on "ref,link:$dir/$name" "$programs"/{dot_test,creeper}.pxi
        stop "$name"
    done
}

# efficiency NAME BOARD [OPTION]..: part of the wire that 256-pixel writes use, in %
efficiency() {
    local name=$1
    board "$@" || return
    "$build/tests/boards/sim_writes" "$dir/$name" 20 >&2
    stop "$name"
    sed -nE 's/.*writes of 256 pixels used ([0-9.]+) %.*/\1/p' "$dir/$name.err"
}

# LINK.md section 4 says what a latency timer does.
timing() {
    local name error
    for name in "${first_class[@]}"; do
        within "$name at 1,000,000 baud: 256-pixel writes use so much of the wire, %" \
            "$(efficiency "$name" "$name@1000000")" 85 100
    done
    within "with a latency timer of 1 ms" "$(efficiency icebreaker icebreaker@1000000 --latency 1)" 85 90
    within "with one of 16 ms" "$(efficiency icebreaker icebreaker@1000000 --latency 16)" 36 42
    for error in 3 -3; do
        board icebreaker icebreaker@1000000 --baud-error $error --monitor "$dir/frames" || continue
        tap "1,000,000 baud, $error % off" "$PX" gallery --tap --on "ref,link:$dir/icebreaker" "$programs/creeper.pxi"
        stop icebreaker
        ! grep -q dropped "$dir/frames"
        result $? "not a frame is lost" "$(grep -m 3 dropped "$dir/frames")"
    done
}

wire() {
    local name
    for name in "${first_class[@]}"; do
        board "$name" "$name" --edges "$dir/edges" || continue
        tap "wire of $name" "$build/tests/boards/sim_wire" send "$dir/$name"
        stop "$name"
        tap "wire of $name" "$build/tests/boards/sim_wire" compare "$dir/edges" "$(value "$name" CLOCK)"
    done
}

# A story that begins on a board, is stopped there in the midst of it, and goes on elsewhere and on the board again.
story() {
    local model=llm/models/kjv-small.pxi options='--steps 24 --top-k 4 --seed 7'
    "$PX" llm run "$model" $options --on ref -o "$dir/whole.png" 'In the' >"$dir/whole.txt"
    board ice icebreaker || return
    expect "icebreaker: a story that its budget stops" 3 'budget' \
        "$PX" llm run "$model" $options --budget 40000 --on "link:$dir/ice" -o "$dir/begun.pxi" 'In the'
    expect "goes on on the fast VM" 3 'budget' "$PX" llm run "$dir/begun.pxi" --budget 20000 --on fast -o "$dir/more.pxi"
    "$PX" llm run "$dir/more.pxi" --on "link:$dir/ice" -o "$dir/end.png" >"$dir/end.txt" && cmp "$dir/whole.png" "$dir/end.png" 2>"$dir/cmp"
    result $? "and ends on icebreaker in the pixels of the reference VM" "$(cat "$dir/cmp")"
    stop ice
}

# pxOS' mini system, its console on the wire; what the board did is done again on the reference VM.
system() {
    board ice icebreaker || return
    printf 'echo pixels | cat > /tmp/f; cat /tmp/f | wc; ls /; sh -c "exit 5"\necho $?; exit 7\n' >"$dir/in"
    printf '      1       1       7\nbin\ndev\nhome\ntmp\n5\n' >"$dir/wanted"
    "$PX" os "$build/os-mini.pxi" --on "link:$dir/ice" --record "$dir/log" --save "$dir/ice.png" <"$dir/in" >"$dir/got" 2>"$dir/os.err"
    [ $? = 7 ] && cmp -s "$dir/got" "$dir/wanted"
    result $? "a session of pxOS on icebreaker" "$(cat "$dir/got" "$dir/os.err")"
    stop ice
    "$PX" os "$build/os-mini.pxi" --on ref --replay "$dir/log" --save "$dir/ref.png" >"$dir/got" 2>"$dir/os.err"
    cmp -s "$dir/ice.png" "$dir/ref.png"
    result $? "ends in the same pixels on ref" "$(cat "$dir/os.err")"
    echo "# $(head -n 1 "$dir/ice.err")"
}

for part; do "$part"; done
finish
