#!/usr/bin/env bash
# opencl_chain.sh - instructions over the whole device, queued ahead of the host's looks: every two kinds of them after each other,
# in runs of one and of several, each adding to what went before, so that one done twice or not at all shows.
. tests/cli/lib.sh

# What they are done by: px_grid, px_parts in two passes and in three, px_mma where there is one.
kinds=('vadd.vv [r10], [r10], [r11]' 'sum r30, [r10]' 'argmax r31, [r12]' 'pack [r32], [r11], [r10]' 'scanadd [r12], [r11], r33' 'matmul r20')
{
    printf '  .size 64, 64\n  set r10, 3328\n  set r11, 3372\n  set r12, 3584\n  set r1, 7\n  set r2, 40\n  vl r2\n  iota [r11], r1, r2\n'
    printf '  set r20, 3772\n  li r21, 8\n  set r22, 3328\n  li r23, 5\n  set r24, 3372\n  li r25, 5\n  li r26, 8\n  li r27, 8\n  li r28, 5\n'
    for a in "${kinds[@]}"; do
        for b in "${kinds[@]}"; do
            for one in "$a" "$b" "$a" "$b" "$b" "$b" "$a" "$a" "$b"; do
                printf '  set r32, 3672\n  %s\n  add r40, r40, r30\n  add r41, r41, r31\n  add r42, r42, r32\n' "$one"
            done
        done
    done
    printf '  set r9, 3972\n  st [r9], r40\n  st [r9 + 1], r41\n  st [r9 + 2], r42\n  halt\n'
} >"$dir/chain.pxa"
"$PX" asm -q "$dir/chain.pxa" -o "$dir/chain.pxi" || exit 1
for how in PX_OPENCL_GRID=1 'PX_OPENCL_GRID=1 PX_OPENCL_WG=16' 'PX_OPENCL_GRID=1 PX_OPENCL_FUEL=50'; do
    # shellcheck disable=SC2086
    expect "kinds in turn, $how" 0 'the same image and state on 2 executors' env $how "$PX" diff --on ref,opencl "$dir/chain.pxi"
done
finish
