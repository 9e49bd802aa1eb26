#!/usr/bin/env bash
# translator.sh - what px cc says and writes: names and lines, a trap's way back, text that assembles to the same picture, and a
# sentence for each input that it cannot take.
. tests/cli/lib.sh

if ! command -v clang >/dev/null || ! command -v ld.lld >/dev/null || [ ! -e "$(dirname "$PX")/cc/crt0.o" ]; then
    echo '1..0 # SKIP clang or lld is not here'
    exit 0
fi
target='--target=riscv32 -march=rv32ima -mabi=ilp32 -mno-relax -ffreestanding -O1'
asm() { printf '%s\n' "$@" >"$dir/a.S"; }

# ---- what it writes ----

cat >"$dir/trap.c" <<'C'
struct item { struct item *next; int value; };
__attribute__((noinline)) int walk(const struct item *p)
{
    int sum = 0;
    while (p != 0) {
        sum += p->value;
        p = p->next;
    }
    return sum;
}
__attribute__((noinline)) int outer(int (*f)(const struct item *), const struct item *p)
{
    return f(p) + 1;
}
int main(void)
{
    struct item last = {(struct item *)0x7FFFFFF0, 3};
    return outer(walk, &last) + 2;
}
C
for optimisation in -O0 -O2; do
    expect "$optimisation: compiles" 0 'pixels of code' "$PX" cc --freestanding -g "$optimisation" "$dir/trap.c" -o "$dir/trap.pxi"
    expect "$optimisation: a trap has its line" 1 'trap\.c:(6|7): walk \+ [0-9]+: ld' "$PX" run "$dir/trap.pxi"
    expect "$optimisation: its caller, by a pointer" 1 'called by outer \+ [0-9]+, .*trap\.c:13$' "$PX" run "$dir/trap.pxi"
    expect "$optimisation: and main" 1 'called by main \+ [0-9]+, .*trap\.c:18$' "$PX" run "$dir/trap.pxi"
done
expect 'px dis has its names' 0 '^walk:$' "$PX" dis -s "$dir/trap.sym" "$dir/trap.pxi"
sed 's/^[0-9]* constant _px_checksum/12 constant _px_checksum/' "$dir/trap.sym" >"$dir/other" && mv "$dir/other" "$dir/trap.sym"
output=$("$PX" run "$dir/trap.pxi" 2>&1)
! grep -q walk <<<"$output"
result $? 'names that belong to another picture are left alone' "$output"

"$PX" cc -q --freestanding -S "$dir/trap.c" -o "$dir/text.pxa" && "$PX" asm -q "$dir/text.pxa" -o "$dir/text.pxi" 2>/dev/null &&
    "$PX" cc -q --freestanding "$dir/trap.c" -o "$dir/plain.pxi" && cmp -s "$dir/text.pxi" "$dir/plain.pxi"
result $? '-S assembles to the identical picture'

# Data are moved behind the code, by relocations; the program that is kept was linked there.
cat >"$dir/moved.c" <<'C'
#include <stdio.h>
static const char *const names[] = {"none", "one", "two"};
static int twice(int x) { return 2 * x; }
static int (*const functions[])(int) = {twice, putchar};
static __thread long long wide = 7;
static char room[5000], *const far = room + 4990;
int main(int argc, char **argv)
{
    static const void *const labels[] = {&&a, &&b};
    *far = 1;
    goto *labels[argc & 1];
a:
    wide++;
b:
    printf("%s %d %lld %g %s\n", names[argc], functions[0](4), wide / (argc + 1), wide * 0.25, argv[0]);
    return room[4990] - 1;
}
C
"$PX" cc -q "$dir/moved.c" -o "$dir/moved.pxi" --elf "$dir/moved.elf" && "$PX" cc -q "$dir/moved.elf" -o "$dir/linked.pxi" &&
    cmp -s "$dir/moved.pxi" "$dir/linked.pxi"
result $? 'data that are moved are as data that were linked there'
expect 'and the program runs' 0 '^one 8 3 1.75 prog$' "$PX" run --host "$dir/moved.pxi"

echo 'int deep(volatile int n) { return n + deep(n + 1) * 3; } int main(void) { return deep(0); }' >"$dir/deep.c"
"$PX" cc -q --freestanding -O1 -W no-infinite-recursion "$dir/deep.c" -o "$dir/deep.pxi"
expect 'the end of the stack is a trap' 1 'RANGE' "$PX" run "$dir/deep.pxi"

# Each frame of deep takes 16 bytes, and the least one begins at byte 0.
cat >"$dir/frames.c" <<'C'
static unsigned room(void)
{
    unsigned sp;
    __asm__ volatile("mv %0, sp" : "=r"(sp));
    return sp / 16;
}
__attribute__((noinline)) unsigned deep(unsigned depth)
{
    unsigned more = 0;
    if (depth > 1)
        more = deep(depth - 1);
    __asm__ volatile("" : "+r"(more)); /* else it were a loop */
    return more + 1;
}
int main(void)
{
    return deep(room() + MORE) != room();
}
C
for level in 0 4; do
    for flags in '' -flto; do
        # shellcheck disable=SC2086
        "$PX" cc -q --freestanding -g $flags --level $level --stack 100 -D MORE=0 "$dir/frames.c" -o "$dir/frames.pxi"
        expect "level $level $flags: frames to the last pixel" 0 'halted' "$PX" run "$dir/frames.pxi"
    done
    "$PX" cc -q --freestanding -g --level $level --stack 100 -D MORE=1 "$dir/frames.c" -o "$dir/frames.pxi"
    expect "level $level: one further is a trap" 1 'RANGE, .*value 0x[F3]FFFFFFF' "$PX" run "$dir/frames.pxi"
    expect "level $level: with its line" 1 'frames\.c:(7|8|9|10): deep \+ [0-9]+: st ' "$PX" run "$dir/frames.pxi"
done

echo 'int main(void) { int (*volatile f)(void) = 0; return f() + 1; }' >"$dir/null.c"
for stack in 100 4096; do
    "$PX" cc -q --freestanding --stack $stack -g "$dir/null.c" -o "$dir/null.pxi"
    expect "a call through a null pointer traps, with --stack $stack" 1 'at pc 1,.* OPCODE' "$PX" run --budget 100000 "$dir/null.pxi"
    expect 'and tells who called' 1 'called by main \+ [0-9]+, .*null.c:1' "$PX" run --budget 100000 "$dir/null.pxi"
done

cat >"$dir/overlap.c" <<'C'
#include <px.h>
static int words[64];
int main(void)
{
    px_vl(16);
    px_vadd_vv(words, words, words);
    px_vadd_vv(words + 1, words, words);
    return 0;
}
C
for flags in -O0 -O2 '-O2 -flto'; do
    # shellcheck disable=SC2086
    "$PX" cc -q --freestanding -g $flags "$dir/overlap.c" -o "$dir/overlap.pxi"
    expect "$flags: a vector instruction's trap" 1 'OVERLAP' "$PX" run "$dir/overlap.pxi"
    expect "$flags: has the line that uses it" 1 'overlap\.c:7: main \+ [0-9]+: vadd\.vv' "$PX" run "$dir/overlap.pxi"
done

echo 'int main(void) { return 0; }' >"$dir/zero.c"
"$PX" cc -q --freestanding "$dir/zero.c" -o "$dir/zero.pxi"
expect 'main that returns 0 needs no host' 0 'halted' "$PX" run "$dir/zero.pxi"
code=$("$PX" cc --freestanding "$dir/zero.c" -o "$dir/zero.pxi" | sed -E 's/.*, ([0-9]+) pixels of code.*/\1/')
[ "$code" -lt 100 ]
result $? 'a freestanding program has fewer than 100 pixels of code' "$code"
asm '.globl main' 'main:' '.rept 40000' 'beqz a0, 1f' 'lw a1, 0(a2)' '1:' '.endr' 'li a0, 0' 'ret'
expect 'a function of 80,000 blocks does not take their square' 0 'pixels of code' bash -c 'ulimit -t 15 && "$@"' '' "$PX" cc --freestanding "$dir/a.S" -o "$dir/long.pxi"
expect 'the largest --stack' 0 ' 8192x' "$PX" cc --freestanding --stack 33554432 "$dir/zero.c" -o "$dir/stack.pxi"
expect '--width' 0 ' 96x' "$PX" cc --freestanding --width 96 "$dir/zero.c" -o "$dir/zero.pxi"

echo 'int main(void) { char b[8] = {0}; int *p = (int *)(b + 1); __asm__("" : "+r"(p)); return *p; }' >"$dir/odd.c"
"$PX" cc -q --freestanding --check -g "$dir/odd.c" -o "$dir/odd.pxi"
expect '--check: misalignment traps, with its line' 1 'odd\.c:1: main' "$PX" run "$dir/odd.pxi"

# ---- what it refuses ----

refuse() { # NAME PATTERN ARGUMENT..
    local name=$1 pattern=$2
    shift 2
    rm -f "$dir/out.pxi" "$dir/out.sym"
    expect "$name" 2 "$pattern" "$PX" cc "$@" -o "$dir/out.pxi"
    [ ! -e "$dir/out.pxi" ] && [ ! -e "$dir/out.sym" ] || result 1 "$name: leaves nothing" 'there is a file'
}
echo 'int main(void) { return nothing; }' >"$dir/wrong.c"
refuse 'an error in the source' "wrong.c:1:.*undeclared identifier 'nothing'" "$dir/wrong.c"
echo 'int f(void); int main(void) { return f(); }' >"$dir/lacks.c"
refuse 'an unresolved symbol' 'undefined symbol: f' "$dir/lacks.c"
echo 'int other(void) { return 1; }' >"$dir/none.c"
refuse 'no main' 'undefined symbol: main' "$dir/none.c"
refuse 'a file that is not there' 'absent.c' "$dir/absent.c"
mkdir "$dir/folder.c"
refuse 'a directory' 'folder.c is a directory' "$dir/folder.c"
: >"$dir/empty.c"
refuse 'an empty file' 'undefined symbol: main' "$dir/empty.c"
refuse 'two mains' 'duplicate symbol: main' "$dir/zero.c" "$dir/trap.c"
echo 'int main() { try { throw 1; } catch (int) {} }' >"$dir/throw.cc"
refuse 'C++ exceptions' "cannot use 'throw' with exceptions disabled" "$dir/throw.cc"
ar rcs "$dir/empty.a"
refuse 'an archive without members' 'undefined symbol: main' "$dir/empty.a"
refuse 'a library that is not there' 'unable to find library -lnothing' "$dir/zero.c" -l nothing
touch "$dir/what.txt"
refuse 'another kind of file' 'ends in none of' "$dir/what.txt"
echo hello >"$dir/text.elf"
refuse 'a linked program that is none' 'not an ELF file' "$dir/text.elf"
expect 'a place that is not there' 2 'no/where' "$PX" cc "$dir/zero.c" -o "$dir/no/where.pxi"
rm -f "$dir/out.pxi"
"$PX" cc -q "$dir/zero.c" -o "$dir/out.pxi" --symbols "$dir/no/where.sym" >"$dir/said" 2>&1
[ $? = 2 ] && grep -q 'no/where' "$dir/said" && [ ! -e "$dir/out.pxi" ]
result $? 'no picture where its symbols cannot be written' "$(cat "$dir/said")"
for symbols in /dev/full "$dir/zero.sym"; do
    rm -f "$dir/out.pxi" "$dir/zero.sym"
    output=$dir/out.pxi && [ $symbols = /dev/full ] || output=/dev/full
    "$PX" cc -q "$dir/zero.c" -o "$output" --symbols "$symbols" >"$dir/said" 2>&1
    [ $? = 2 ] && grep -q '/dev/full' "$dir/said" && [ ! -e "$dir/out.pxi" ] && [ ! -e "$dir/zero.sym" ]
    result $? "neither picture nor symbols where $output or $symbols is full" "$(cat "$dir/said"; ls "$dir")"
done
mkfifo "$dir/pipe"
cat "$dir/pipe" >"$dir/piped.pxi" &
"$PX" cc -q "$dir/zero.c" -o "$dir/pipe" && wait && [ ! -e "$dir/pipe.sym" ] && "$PX" check "$dir/piped.pxi" >"$dir/said"
result $? 'nothing beside a pipe' "$(ls "$dir")"
printf '#!/bin/sh\necho here >"%s"\nexec sleep 30\n' "$dir/started" >"$dir/slow" && chmod +x "$dir/slow" && mkdir "$dir/tmp"
TMPDIR="$dir/tmp" PX_CC_CLANG="$dir/slow" "$PX" cc -q "$dir/zero.c" -o "$dir/out.pxi" >"$dir/said" 2>&1 &
for _ in $(seq 200); do [ -e "$dir/started" ] && break || sleep 0.05; done
kill -TERM $! && wait $!
[ $? = 143 ] && [ -z "$(ls "$dir/tmp")" ]
result $? 'nothing is left by one that a signal ends' "$(ls "$dir/tmp"; cat "$dir/said")"
for twice in '--symbols' '--elf'; do
    expect "the picture's name for $twice, too" 2 'two results would be .*out.pxi' "$PX" cc "$dir/zero.c" -o "$dir/out.pxi" "$twice" "$dir/out.pxi"
done
expect 'a picture named as its symbols would be' 2 'two results would be .*out.sym' "$PX" cc "$dir/zero.c" -o "$dir/out.sym"
PX_CC_CLANG=/nowhere/clang refuse 'a clang that is not there' '/nowhere/clang' "$dir/zero.c"
refuse_path() { expect "$1" 2 "$2" env PATH=/nowhere "$PX" cc "$dir/zero.c" -o "$dir/out.pxi"; }
refuse_path 'no lld on the PATH' "lld is not here; Debian's package lld has it"
asm '.globl main' 'main: .word 0x40b57533' 'ret'
refuse 'Zbb by name and address' '0x4000[0-9a-f]+ \(main \+ 0\): andn \(Zbb\)' "$dir/a.S"
asm '.globl main' 'main: .word 0x30200073' 'ret'
refuse 'privileged instructions' 'control registers or privileges, 0x30200073' "$dir/a.S"
asm '.globl main' 'main: .word 0x0005a507' 'ret'
refuse 'floating-point instructions' 'extensions F and D, 0x0005a507' "$dir/a.S"
asm '.globl main' 'main: jalr 8(a0)' 'ret'
refuse 'a jump to a place behind a pointer' 'main \+ 0\): a jump to a register.s value and 8 bytes' "$dir/a.S"
asm '.globl main' 'main: auipc a0, 0' 'ret'
refuse 'an address of its own' 'main \+ 0\): an auipc without relocation' "$dir/a.S"
asm '.globl main' 'main: lui a0, %hi(main)' 'lw a0, %lo(main)(a0)' 'ret'
refuse 'code as data' 'R_RISCV_LO12_I .27.: code is read or written as data' "$dir/a.S"
echo 'int table; int main(void) { return table; }' >"$dir/pic.c"
# shellcheck disable=SC2086
clang $target -fPIC -c "$dir/pic.c" -o "$dir/pic.o"
refuse '-fPIC' 'R_RISCV_GOT_HI20 .20.: position-independent code; compile it with -fno-pic' "$dir/pic.o"
gcc -c "$dir/zero.c" -o "$dir/native.o"
refuse 'an object of another machine' 'incompatible|native.o' "$dir/native.o"
echo 'static volatile char room[300000000]; int main(void) { return room[5]; }' >"$dir/large.c"
refuse 'more data than a picture has pixels' 'the data end beyond byte 268435456' "$dir/large.c"
echo 'static volatile int room[1 << 28]; int main(void) { return room[5]; }' >"$dir/large.c"
refuse 'data that reach the code' 'the data end beyond byte 268435456|overlaps with .text' "$dir/large.c"

# An ELF cut off, and one with a byte changed, is a picture or a sentence.
"$PX" cc -q --freestanding --elf "$dir/good.elf" "$dir/trap.c" -o "$dir/trap.pxi"
size=$(stat -c %s "$dir/good.elf") bad_bytes=
for i in $(seq 1 40); do
    head -c $((size * i / 41)) "$dir/good.elf" >"$dir/cut.elf"
    "$PX" cc -q "$dir/cut.elf" -o "$dir/out.pxi" >"$dir/said" 2>&1
    status=$?
    [ $status = 2 ] && grep -q "^px cc: .*cut.elf: " "$dir/said" || bad_bytes+="cut $i: $status; "
    cp "$dir/good.elf" "$dir/changed.elf"
    printf '\377' | dd of="$dir/changed.elf" bs=1 seek=$((size * i / 41)) conv=notrunc status=none
    "$PX" cc -q "$dir/changed.elf" -o "$dir/out.pxi" >"$dir/said" 2>&1
    status=$?
    [ $status = 0 ] || [ $status = 2 ] || bad_bytes+="changed $i: $status; "
done
# And one whose sections say that they are nothing, or have no bytes.
number() { od -A n -t u4 -j "$1" -N 4 "$dir/good.elf" | tr -d ' '; }
table=$(number 32) sections=$(($(number 48) & 65535))
for i in $(seq 0 $((2 * sections - 1))); do
    type='\0\0\0\0'
    [ "$i" -lt "$sections" ] || type='\10\0\0\0'
    i=$((i % sections))
    cp "$dir/good.elf" "$dir/changed.elf"
    printf '%b' "$type" | dd of="$dir/changed.elf" bs=1 seek=$((table + 40 * i + 4)) conv=notrunc status=none
    "$PX" cc -q "$dir/changed.elf" -o "$dir/out.pxi" >"$dir/said" 2>&1
    status=$?
    [ $status = 0 ] || [ $status = 2 ] || bad_bytes+="section $i: $status; "
done
[ -z "$bad_bytes" ]
result $? 'damaged programs' "$bad_bytes"
finish
