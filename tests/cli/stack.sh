#!/usr/bin/env bash
# stack.sh - the stack machine: each byte-code and each error by hand, on every executor that is here; random byte-code beside a
# second machine in Python; text to bytes and back. TAP.
. tests/cli/lib.sh
export PYTHONPATH=tests/cli PYTHONDONTWRITEBYTECODE=1
executors=(ref fast)
for kind in rtl opencl; do "$PX" run examples/hello.pxa --host --on $kind >"$dir/out" 2>/dev/null && executors+=($kind); done

# A program a line: NAME | TEXT (; between lines) | what it prints (, between lines) | error number
cases=(
    'push, print|push 5;print;push -7;print;halt|5,-7|0'
    'the least number|push 0x80000000;print;halt|-2147483648|0'
    'pop|push 1;push 2;pop;print;halt|1|0'
    'add wraps|push 2147483647;push 1;add;print;halt|-2147483648|0'
    'sub: a - b|push 3;push 5;sub;print;halt|-2|0'
    'mul wraps|push 65536;push 65537;mul;print;halt|65536|0'
    'div rounds down|push -7;push 2;div;print;push 7;push -2;div;print;push -7;push -2;div;print;halt|-4,-4,3|0'
    'div: no rest, no rounding|push -6;push 2;div;print;halt|-3|0'
    'div wraps|push 0x80000000;push -1;div;print;halt|-2147483648|0'
    'mod has the sign of b|push -7;push 2;mod;print;push 7;push -2;mod;print;push -6;push 3;mod;print;halt|1,-1,0|0'
    'dup, swap|push 1;push 2;dup;print;swap;print;print;halt|2,1,2|0'
    'texts|print_str "a; \x41\"\\";print_str "";halt|a; A"\,|0'
    'eq, lt, gt|push 1;push 1;eq;print;push -1;push 1;lt;print;push -1;push 1;gt;print;halt|1,1,0|0'
    'jmp|jmp a;push 1;print;a:halt||0'
    'jz and jnz take a|push 9;push 0;jz a;halt;a:push 3;jnz b;halt;b:print;halt|9|0'
    'jz and jnz stay|push 1;jz a;push 0;jnz a;push 2;print;a:halt|2|0'
    'call leaves the place behind it|call a;halt;a:print;halt|5|0'
    'call, ret|push 4;call a;print;halt;a:swap;dup;mul;swap;ret|16|0'
    'load, store|push 6;store 1023;load 1023;load 0;print;print;halt|0,6|0'
    'host call 0|push 8;host_call 0;halt|8|0'
    'nop|nop;halt||0'
    'no such byte-code|push 1;print;.byte 0x60|1|1'
    'the end of the code|push 1;print|1|2'
    'an operand cut off|.byte 1, 2, 3, 4||2'
    'a text cut off|.byte 0x13, 3, 0, 0, 0, 65, 66||2'
    'a text of 4 GiB|.byte 0x13, 255, 255, 255, 255, 65, 66||2'
    'underflow|push 1;add;halt||3'
    'overflow|a:push 1;jmp a||4'
    'overflow by call|a:call a||4'
    'the stack holds 256|a:push 1;load 0;push 1;add;dup;store 0;push 254;lt;jnz a;push 7;push 8;print;halt|8|0'
    'jump to the end|jmp 5||5'
    'jump backwards out|jmp 0xFFFFFFFF||5'
    'jz that stays goes nowhere wrong|push 1;jz 99;halt||0'
    'ret to the end|push 6;ret||5'
    'memory ends|load 1024;halt||6'
    'memory ends for store|push 1;store 65535;halt||6'
    'division by zero|push 1;push 0;div;halt||7'
    'mod by zero|push 1;push 0;mod;halt||7'
    'host call 1|push 1;host_call 1;halt||8')

for on in "${executors[@]}"; do
    failed=
    for entry in "${cases[@]}"; do
        IFS='|' read -r name text prints error <<<"$entry"
        if [[ $text == *'a; '* ]]; then printf 'print_str "a; \\x41\\"\\\\"\nprint_str ""\nhalt\n'; else tr ';' '\n' <<<"$text"; fi >"$dir/case.pst"
        got=$("$PX" stack run "$dir/case.pst" --on "$on" 2>"$dir/errors"; echo "status $?")
        wanted=$([ -n "$prints" ] && tr ',' '\n' <<<"$prints"; echo "status $error")
        [ "$got" = "$wanted" ] || failed+="$name: printed $got, expected $wanted: $(cat "$dir/errors")"$'\n'
    done
    [ -z "$failed" ]
    result $? "${#cases[@]} programs by hand on $on" "$failed"
done

# Random byte-code, valid and not, with a budget, beside a machine in Python that knows README.md.
cat >"$dir/model.py" <<'PY'
import random, sys
def word(x): return (x + 2**31) % 2**32 - 2**31
def run(code):
    pc, stack, memory, out = 0, [], [0] * 1024, b''
    def end(error): return error, at, len(stack), out
    need = {1: 4, 0x13: 4, 0x30: 4, 0x31: 4, 0x32: 4, 0x33: 4, 0x40: 2, 0x41: 2, 0x50: 1}
    takes = {**dict.fromkeys((3, 4, 5, 6, 7, 0x12, 0x20, 0x21, 0x22), 2), **dict.fromkeys((2, 0x10, 0x11, 0x31, 0x32, 0x34, 0x41, 0x50), 1)}
    gives = {0x11: 2, 0x12: 2, **dict.fromkeys((1, 3, 4, 5, 6, 7, 0x20, 0x21, 0x22, 0x33, 0x40), 1)}
    known = set(need) | set(takes) | {0xFE, 0xFF}
    for steps in range(3000):
        at = pc
        if pc >= len(code): return end(2)
        op = code[pc]; pc += 1
        if op not in known: return end(1)
        n = need.get(op, 0)
        if len(code) - pc < n: return end(2)
        operand = int.from_bytes(code[pc:pc + n], 'little'); pc += n
        t = takes.get(op, 0)
        if len(stack) < t: return end(3)
        if len(stack) - t + gives.get(op, 0) > 256: return end(4)
        args = [stack.pop() for _ in range(t)][::-1]
        a, b = (args + [0, 0])[:2]
        target = None
        if op == 1: stack.append(word(operand))
        elif op == 3: stack.append(word(a + b))
        elif op == 4: stack.append(word(a - b))
        elif op == 5: stack.append(word(a * b))
        elif op in (6, 7):
            if b == 0: return end(7)
            stack.append(word(a // b if op == 6 else a % b))
        elif op in (0x10, 0x50):
            if op == 0x50 and operand != 0: return end(8)
            out += b'%d\n' % a
        elif op == 0x11: stack += [a, a]
        elif op == 0x12: stack += [b, a]
        elif op == 0x13:
            if len(code) - pc < operand: return end(2)
            out += bytes(code[pc:pc + operand]) + b'\n'; pc += operand
        elif op == 0x20: stack.append(int(a == b))
        elif op == 0x21: stack.append(int(a < b))
        elif op == 0x22: stack.append(int(a > b))
        elif op == 0x30: target = operand
        elif op == 0x31: target = operand if a == 0 else None
        elif op == 0x32: target = operand if a != 0 else None
        elif op == 0x33: target = operand
        elif op == 0x34: target = a % 2**32
        elif op == 0x40:
            if operand > 1023: return end(6)
            stack.append(memory[operand])
        elif op == 0x41:
            if operand > 1023: return end(6)
            memory[operand] = a
        elif op == 0xFF: return end(0)
        if target is not None:
            if target >= len(code): return end(5)
            if op == 0x33: stack.append(pc)
            pc = target
    return None
def make(r):
    ops = [1] * 8 + [2, 3, 4, 5, 6, 7, 0x10, 0x10, 0x11, 0x12, 0x20, 0x21, 0x22, 0x31, 0x32, 0x30, 0x33, 0x34, 0x40, 0x41, 0x50, 0x13, 0xFE]
    code = bytearray()
    while len(code) < r.randrange(20, 200):
        op = r.choice(ops + [r.randrange(256)] * (r.random() < 0.1))
        code.append(op)
        number = r.choice([r.randrange(-4, 20), r.randrange(-2**31, 2**31), 2**31 - 1])
        if op == 1: code += word(number).to_bytes(4, 'little', signed=True)
        elif op in (0x30, 0x31, 0x32, 0x33): code += r.choice([r.randrange(150), r.randrange(250)]).to_bytes(4, 'little')
        elif op in (0x40, 0x41): code += r.choice([r.randrange(4), r.randrange(1030)]).to_bytes(2, 'little')
        elif op == 0x50: code.append(r.random() < 0.2)
        elif op == 0x13:
            text = r.choice(['', 'x', 'pixel "\\', 'über']).encode()
            code += len(text).to_bytes(4, 'little') + text
    return bytes(code)
r, made = random.Random(int(sys.argv[1])), 0
while made < int(sys.argv[2]):
    code = make(r)
    end = run(code)
    if end is None: continue
    open(f'{sys.argv[3]}/{made}.pst', 'w').write('.byte ' + ', '.join(map(str, code)) + '\n')
    open(f'{sys.argv[3]}/{made}.end', 'wb').write(end[3] + b'status %d, byte %d, depth %d\n' % end[:3])
    made += 1
PY
# NUMBER.out and NUMBER.pxi, what px printed and left, beside NUMBER.end: FAILED, WHERE, DEPTH are pixels 7 to 9.
cat >"$dir/compare.py" <<'PY'
import png_rows, struct, sys
def words(path, at, count): return struct.unpack_from(f'<{count}I', png_rows.read(path, 1)[2][0], 4 * at)
for number in range(int(sys.argv[2])):
    name = f'{sys.argv[1]}/{number}'
    got = open(name + '.out', 'rb').read() + b'status %d, byte %d, depth %d\n' % words(name + '.pxi', 7, 3)
    if got != open(name + '.end', 'rb').read(): print(name, got, open(name + '.end', 'rb').read())
PY
mkdir "$dir/random"
programs=${STACK_COUNT:-40}
python3 "$dir/model.py" 11 "$programs" "$dir/random"
failed=
for text in "$dir"/random/*.pst; do
    "$PX" stack run "$text" -o "${text%.pst}.pxi" >"${text%.pst}.out" 2>/dev/null
    "$PX" stack dis "${text%.pst}.pxi" -o "$dir/again.pst" && "$PX" stack asm -q "$dir/again.pst" -o "$dir/b.pxi" &&
        "$PX" stack asm -q "$text" -o "$dir/a.pxi" && cmp -s "$dir/a.pxi" "$dir/b.pxi" || failed+="$text does not come back"$'\n'
done
failed+=$(python3 "$dir/compare.py" "$dir/random" "$programs" 2>&1)
[ -z "$failed" ] && [ -s "$dir/random/0.pxi" ]
result $? "$programs random programs end as in Python, and come back as text" "$failed"

# ---- the command ----
printf 'push 1\nstart: push 0\n  div ; here\n' >"$dir/zero.pst"
expect 'an error has its line' 7 'zero.pst:3: DIV: division by zero' "$PX" stack run "$dir/zero.pst"
"$PX" stack asm -q "$dir/zero.pst" -o "$dir/zero.pxi"
expect 'and in a picture its byte' 7 'zero.pxi: byte 10: DIV: division by zero' "$PX" stack run "$dir/zero.pxi"
expect 'a picture is an ordinary program' 7 '' "$PX" run "$dir/zero.pxi" --host
printf 'a: jmp a\n' >"$dir/loop.pst"
expect 'a budget stops it' 3 'stopped' "$PX" stack run "$dir/loop.pst" --budget 1000 -o "$dir/state.pxi"
expect 'and what it has come to is a state' 3 'stopped' "$PX" run "$dir/state.pxi" --budget 10
"$PX" stack asm -q -S examples/factorial.pst -o "$dir/f.pxa" && "$PX" asm -q "$dir/f.pxa" -o "$dir/f.pxi" && "$PX" stack asm -q examples/factorial.pst -o "$dir/g.pxi"
expect '-S is the same picture' 0 '' cmp "$dir/f.pxi" "$dir/g.pxi"
expect 'factorials' 0 '^479001600$' "$PX" stack run examples/factorial.pst

bad() { # NAME TEXT PATTERN
    printf '%b' "$2" >"$dir/bad.pst"
    expect "$1" 2 "$3" "$PX" stack asm "$dir/bad.pst" -o "$dir/bad.pxi"
}
bad 'an unknown byte-code' 'psuh 1\n' "bad.pst:1:1: error: no such byte-code: 'psuh'; did you mean PUSH"
bad 'no number' 'push\n' 'bad.pst:1:5: error: expected a number from -2147483648 to 4294967295'
bad 'a number too large' '\n push 4294967296\n' 'bad.pst:2:7: error'
bad 'an address too large' 'load 65536\n' 'bad.pst:1:6: error: 65536 is no number from 0 to 65535'
bad 'something behind it' 'halt 1\n' 'bad.pst:1:6: error: expected the end of the line'
bad 'a label twice' 'a: nop\na: nop\n' "bad.pst:2:1: error: 'a' is defined in line 1"
bad 'a label that is not there' 'jmp b\n' "bad.pst:1:5: error: no label 'b'"
bad 'a text without an end' 'print_str "ab\n' 'bad.pst:1:11: error: this text has no end'
bad 'an escape that is none' 'print_str "\\q"\n' 'bad.pst:1:12: error: no such escape'
bad 'a character of two bytes' "push 'ü'\n" 'bad.pst:1:6: error: expected one character'
bad 'all errors are told' 'x\ny\n' 'bad.pst has 2 errors'
bad 'nothing in it' '; nothing\n' 'bad.pst has no byte-code in it'
bad 'a byte 0' 'nop\0nop\n' 'holds no byte 0'
! [ -e "$dir/bad.pxi" ]
result $? 'none leaves a picture'
expect 'a picture of something else' 2 'is no picture of a stack machine' "$PX" stack dis build/programs/sieve.pxi
expect 'a text where a picture is wanted' 2 'not a PNG file' "$PX" stack dis "$dir/zero.pst"
expect 'its own source is not written over' 2 'replace' "$PX" stack asm "$dir/zero.pst" -o "$dir/zero.pst"
expect 'an executor that is not there' 2 "no executor 'nope'|nope" "$PX" stack run "$dir/zero.pst" --on nope
expect 'no command' 2 'no command given' "$PX" stack
expect 'an unknown command' 2 "'foo' is no command of px stack" "$PX" stack foo
finish
