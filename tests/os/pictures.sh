#!/usr/bin/env bash
# pictures.sh - pictures that px cc has not made run in pxOS, and leave the pixels that they leave alone; files that are no programs
# are refused, and what a picture does is done to nobody else. TAP.
. tests/os/lib.sh

"$PX" mkfs "$dir/empty.raw" --size 8M >/dev/null || exit 1
for name in classic_matmul forward_classic; do
    "$PX" cp --picture "build/programs/$name.pxi" "$dir/empty.raw:/$name" 2>"$dir/err"
    [ $? = 1 ] && grep -q 'is no program of SPEC' "$dir/err"
    result $? "$name has no profile that runs" "$(cat "$dir/err")"
done

# The gallery, but for what asks for the wire.
names=()
for picture in build/programs/*.pxi; do
    name=$(basename "$picture" .pxi)
    case $name in *_large | *classic* | dot_test | serial_driver) continue ;; esac
    names+=("$name")
    "$PX" cp --picture "$picture" "$dir/empty.raw:/$name" && "$PX" run -q "$picture" -o "$dir/$name.png" >/dev/null || exit 1
done

# Files that are not what they say.
python3 - "$dir" <<'EOF2'
import struct, sys
def file(name, *header, pixels=(0,) * 16, magic=0x01525850):
    with open(f"{sys.argv[1]}/{name}", "wb") as f:
        f.write(struct.pack("<8I", magic, *header, 0, 0) + struct.pack(f"<{len(pixels)}I", *pixels))
file("sound", 4, 4, 8, 16, 1)
file("magic", 4, 4, 8, 16, 1, magic=0x02525850)
file("wide", 1 << 31, 2, 8, 16, 1)
file("high", 4, 1 << 30, 8, 16, 1)
file("entry", 4, 4, 16, 16, 1)
file("more", 4, 4, 8, 17, 1)
file("kind", 4, 4, 8, 16, 2)
file("heap", 4, 4, 8, 16, 0)
file("large", 1024, 1024, 8, 16, 1)
file("cut", 4, 4, 8, 16, 1, pixels=(0,) * 12)
file("small", 2, 4, 7, 8, 1, pixels=(0x30201, 0x30201, 0x60504, 0x90807, 5, 0xFF, 0xFF00, 0))
EOF2
files=(sound magic wide high entry more kind heap large cut)
for name in "${files[@]}" small; do "$PX" cp "$dir/$name" "$dir/empty.raw:/$name" || exit 1; done

# The picture of all that it has, with a word of its own; one without an end.
printf '.size 64, 20\n set r1, 100\n get r2, 0\nnext: st [r1], r1\n addi r1, r1, 1\n bltu r1, r2, next\n halt\n' >"$dir/fill.pxa"
printf '.size 8, 8\nhere: jmp here\n' >"$dir/spin.pxa"
for name in fill spin; do
    "$PX" asm -q "$dir/$name.pxa" -o "$dir/$name.pxi" && "$PX" cp --picture "$dir/$name.pxi" "$dir/empty.raw:/$name" || exit 1
done
"$PX" run -q "$dir/fill.pxi" -o "$dir/fill.png" || exit 1
names+=(fill)

{
    for name in "${names[@]}"; do echo "show -o /disk0/$name.end /disk0/$name; echo $name \$?"; done
    for name in "${files[@]}"; do echo "/disk0/$name 2>/tmp/e; echo $name \$?"; done
    echo 'show /disk0/small; show /disk0/small | wc; show; show /disk0/nosuch'
    echo 'show -o /disk0 /disk0/small'
    echo 'show /disk0/spin & /disk0/spin & echo on; kill %1 %2; echo off'
} >"$dir/in"
{
    printf '%s 0\n' "${names[@]}" sound
    printf '%s 127\n' magic wide high entry more kind heap large cut
    printf '\033[38;2;1;2;3m\033[48;2;4;5;6m▀\033[48;2;7;8;9m▀\033[0m\n\033[38;2;0;0;0m\033[48;2;0;255;0m▀\033[38;2;255;0;0m\033[48;2;0;0;0m▀\033[0m\n'
    printf '%s\n' '      2       2     117' 'usage: show [-o FILE] PROGRAM [ARGUMENT..]' 'show: /disk0/nosuch: there is none'
    printf '%s\n' 'show: /disk0: it is of another kind'
    printf 'on\noff\n'
} >"$dir/wanted"
# The first executor has the disk, the others are fed with its session.
first=${OS_ON%% *}
for on in $OS_ON; do
    with=(--replay "$dir/log")
    [ "$on" = "$first" ] && with=(--disk "$dir/empty.raw" --record "$dir/log")
    timeout 100 "$PX" os "$OS.pxi" --on "$on" "${with[@]}" --save "$dir/$on.png" <"$dir/in" 2>"$dir/err" >"$dir/got"
    cmp -s "$dir/wanted" "$dir/got"
    result $? "${#names[@]} pictures, and what is none, on $on" "$(diff "$dir/wanted" "$dir/got" | cat -v | head -n 30; cat "$dir/err")"
    cmp "$dir/$on.png" "$dir/$first.png"
    result $? "and the same pixels as on $first"
done
: >"$dir/wrong"
for name in "${names[@]}"; do
    "$PX" cp --picture "$dir/empty.raw:/$name.end" "$dir/end.png" && "$PX" diff "$dir/$name.png" "$dir/end.png" >"$dir/difference" ||
        cat "$dir/difference" >>"$dir/wrong"
done
[ ! -s "$dir/wrong" ]
result $? "they leave the pixels that they leave alone" "$(cat "$dir/wrong")"
finish
