#!/usr/bin/env bash
# bitstreams.sh - every board's bitstream: synthesis, place and route until a seed closes at the board's clock, pack. TAP, a
# test a board; some minutes each. A board whose tools are not here is skipped. BOARDS="a b" takes some; SEEDS as in make report.
. rtl/chips.sh
count=0 bad=0
for board in ${BOARDS:-$(cd constraints && ls -- *.mk | sed 's/\.mk$//')}; do
    count=$((count + 1))
    chip=$(sed -nE 's/^CHIP *:= *//p' "constraints/$board.mk")
    chip_of "$chip" || { echo "not ok $count - $board: chip $chip"; bad=$((bad + 1)); continue; }
    missing=
    needs="yosys nextpnr-$family $([ "$family" = ice40 ] && echo icepack || echo ecppack)"
    grep -q '^DFU' "constraints/$board.mk" && needs+=' dfu-suffix'
    for tool in $needs; do [ -n "$(find_tool "$tool")" ] || missing+=" $tool"; done
    if [ -n "$missing" ]; then
        echo "ok $count - $board # SKIP not here:$missing"
        continue
    fi
    if said=$(make --no-print-directory BOARD="$board" SEEDS="${SEEDS-}" bitstream 2>&1); then
        echo "ok $count - $board$(sed -nE 's/.*: (seed .*)/: \1/p' <<<"$said" | tail -n 1)"
    else
        bad=$((bad + 1))
        echo "not ok $count - $board"
        tail -n 20 <<<"$said" | sed 's/^/# /'
    fi
done
echo "1..$count"
[ "$bad" = 0 ]
