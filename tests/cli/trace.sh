#!/usr/bin/env bash
# trace.sh - px trace: each format read by somebody else's reader, or by its documented grammar. TAP.
. tests/cli/lib.sh
cat >"$dir/loop.pxa" <<'PXA'
    .size 16, 4
main: li r1, 3
      li r2, 0
again: add r2, r2, r1
      call r9, store
      addi r1, r1, -1
      bne r1, r0, again
      halt
store: li r3, 40
      st [r3 + 0], r2
      jr r9
PXA
for format in text perfetto konata vcd; do
    expect "$format" 0 "$format: 24 instructions" "$PX" trace "$dir/loop.pxa" --format $format -o "$dir/$format"
done
[ "$(wc -l <"$dir/text")" = 24 ] && [ "$(sed -n 6p "$dir/text")" = '         5      13  02030041  st [r3], r2                 ' ]
result $? 'a line an instruction, with its time' "$(cat "$dir/text")"

# Slices nest: main, and in it store three times for three instructions each.
expect 'slices of calls' 0 '^main 0 24 store 4 7 store 11 14 store 18 21$' python3 -c '
import json, sys
open_, out = [], []
for e in json.load(open(sys.argv[1]))["traceEvents"]:
    if e["ph"] == "B": open_.append((e["name"], e["ts"], len(out))); out.append(None)
    if e["ph"] == "E": name, ts, at = open_.pop(); out[at] = name + " %d %d" % (ts, e["ts"])
assert not open_
print(*out)' "$dir/perfetto"
expect 'and of instructions' 0 '^24 24 add r2, r2, r1 3$' python3 -c '
import json, sys
x = [e for e in json.load(open(sys.argv[1]))["traceEvents"] if e["ph"] == "X"]
print(len(x), sum(e["dur"] for e in x), x[2]["name"], x[2]["args"]["r2"])' "$dir/perfetto"

# The commands of a Kanata 0004 log, as the documents of Konata have them.
expect 'the grammar of Kanata 0004' 0 '^24 instructions, 24 cycles$' python3 -c '
import sys
lines = open(sys.argv[1]).read().splitlines()
assert lines[0] == "Kanata\t0004" and lines[1] == "C=\t0"
shape = {"I": 4, "L": 4, "S": 4, "E": 4, "R": 4, "C": 2}
alive, retired, cycle, stages = {}, 0, 0, set()
for line in lines[2:]:
    f = line.split("\t")
    assert len(f) == shape[f[0]], line
    if f[0] == "I": assert int(f[1]) == len(alive); alive[f[1]] = True
    elif f[0] == "C": cycle += int(f[1])
    else: assert alive[f[1]], line
    if f[0] == "S": stages.add(f[1])
    if f[0] == "E": stages.remove(f[1])
    if f[0] == "R": assert int(f[2]) == retired and f[3] == "0"; retired += 1; alive[f[1]] = False
assert not stages and not any(alive.values())
print(f"{retired} instructions, {cycle} cycles")' "$dir/konata"

cat >"$dir/vcd.py" <<'PY'
"""vcd.py FILE: the last values of r1, r2, r9, the last time, and how often pc changes."""
import sys
names, values, time, defined, pcs = {}, {}, 0, False, 0
for line in open(sys.argv[1]):
    word = line.split()
    if not word: continue
    if word[0] == '$var': names[word[3]] = word[4]
    elif word[0] == '$enddefinitions': defined = True
    elif line[0] == '#': assert int(line[1:]) >= time; time = int(line[1:])
    elif defined and line[0] == 'b':
        pcs += names[word[1]] == 'pc' and values.get('pc') != int(word[0][1:], 2)
        values[names[word[1]]] = int(word[0][1:], 2)
print(values['r1'], values['r2'], values['r9'], time, pcs)
PY
expect 'values at the end' 0 '^0 6 9 24 24$' python3 "$dir/vcd.py" "$dir/vcd"
if command -v vcd2fst >/dev/null && command -v fst2vcd >/dev/null; then
    vcd2fst "$dir/vcd" "$dir/fst" >/dev/null 2>&1 && fst2vcd "$dir/fst" 2>/dev/null >"$dir/again"
    expect "the same when GTKWave's tools have read it" 0 '^0 6 9 ' python3 "$dir/vcd.py" "$dir/again"
else
    count=$((count + 1))
    echo "ok $count - GTKWave's tools # SKIP vcd2fst is not here (Debian: gtkwave)"
fi
expect 'a part' 3 '^ +3 .*call r9' "$PX" trace "$dir/loop.pxa" --from 3 --count 2
[ "$("$PX" trace "$dir/loop.pxa" --from 3 --count 2 | wc -l)" = 2 ]
result $? 'of so many instructions'
expect 'a part of slices' 0 '^2 2$' python3 -c '
import json, subprocess, sys
e = json.loads(subprocess.run(sys.argv[1:], capture_output=True).stdout)["traceEvents"]
print(sum(x["ph"] == "B" for x in e), sum(x["ph"] == "E" for x in e))' "$PX" trace "$dir/loop.pxa" --format perfetto --from 3 --count 6

# Around a place: the second time in the loop, with what is before it and behind it.
expect 'around a label' 3 '^ +2 +10 +add r2.*'$'\n'' +3 .*'$'\n'' +4 ' "$PX" trace "$dir/loop.pxa" --at again --before 0 --after 3
[ "$("$PX" trace "$dir/loop.pxa" --at 'again if r1 == 2' --before 2 --after 1 | awk '{ print $1 }' | xargs)" = '7 8 9' ]
result $? 'and a condition, with what is before it'
[ "$("$PX" trace "$dir/loop.pxa" --at main --before 5 --after 2 | awk '{ print $1 }' | xargs)" = '0 1' ]
result $? 'where the run begins'
expect 'a place that is none' 2 "'nowhere' is not defined" "$PX" trace "$dir/loop.pxa" --at nowhere
expect 'a place that the run never comes to' 2 'never comes to --at again if r1 == 9: it halted' "$PX" trace "$dir/loop.pxa" --at 'again if r1 == 9'
expect 'a place and a count' 2 '--at excludes --from and --count' "$PX" trace "$dir/loop.pxa" --at main --count 4
expect 'around no place' 2 'are around the place that --at names' "$PX" trace "$dir/loop.pxa" --after 4
expect 'nothing behind a place' 2 '--after is 0' "$PX" trace "$dir/loop.pxa" --at main --after 0
expect 'waveforms of what is no hardware' 2 'executor ref has no waveforms; .*--on rtl' "$PX" trace "$dir/loop.pxa" --on ref --wave "$dir/wave.fst"
[ ! -e "$dir/wave.fst" ]
result $? 'leave no file'

# The instructions that retire in the waveforms are those of the reference, when the core's lines say, and so is what they wrote.
cat >"$dir/wave.py" <<'PY'
"""wave.py VCD: pc, instruction and cycle of each that retires, with registers 1 and 2 a cycle later."""
import sys
names, values, time, scope, retired = {}, {}, 0, [], []
def edge():
    if time % 10 == 0 and values.get('i_clk') == 1:
        for r in retired:
            if len(r) == 3: r += [values['bank[1]'], values['bank[2]']]
        if values.get('o_trace') == 1:
            retired.append([values['o_trace_pc'], values['o_trace_op'], time // 10])
for line in open(sys.argv[1]):
    word = line.split()
    if not word: continue
    if word[0] == '$var' and word[4] in ('i_clk', 'o_trace', 'o_trace_pc', 'o_trace_op', 'bank[1]', 'bank[2]'): names.setdefault(word[3], word[4])
    elif line[0] == '#': edge(); time = int(line[1:])
    elif line[0] == 'b' and word[1] in names: values[names[word[1]]] = int(word[0][1:].replace('x', '0'), 2)
    elif line[0] in '01' and line[1:].strip() in names: values[names[line[1:].strip()]] = int(line[0])
edge()
for r in retired: print('%d %08X %d r1 %d r2 %d' % tuple(r + [0] * (5 - len(r))))
PY
around=(--at 'again if r1 == 2' --before 3 --after 6)
"$PX" trace "$dir/loop.pxa" --on ref "${around[@]}" >"$dir/expected"
waves() {
    if ! "$PX" run -q --on "$1" "$dir/loop.pxa" -o /dev/null; then
        count=$((count + 1))
        echo "ok $count - waveforms of $1 # SKIP there is no such Verilated core in this px"
        return
    elif ! command -v fst2vcd >/dev/null; then
        count=$((count + 1))
        echo "ok $count - waveforms of $1 # SKIP fst2vcd is not here (Debian: gtkwave)"
        return
    fi
    expect "waveforms of $1" 3 'wave.fst: waveforms of 9 instructions' "$PX" trace "$dir/loop.pxa" --on "$1" "${around[@]}" --wave "$dir/wave.fst" -o "$dir/core"
    fst2vcd "$dir/wave.fst" >"$dir/wave.vcd" 2>/dev/null && python3 "$dir/wave.py" "$dir/wave.vcd" >"$dir/waved"
    cmp -s <(awk '{ print $2, $3 }' "$dir/expected") <(cut -d' ' -f1,2 "$dir/waved")
    result $? 'show the instructions of the reference' "$(cat "$dir/waved" "$dir/expected")"
    cmp -s <(awk 'NR > 1 { print $1 }' "$dir/core") <(head -n -1 "$dir/waved" | cut -d' ' -f3)
    result $? 'each where the lines beside them say' "$(cat "$dir/waved" "$dir/core")"
    # Its second round: r1 = 2, and r2 = 3 + 2 behind the addition, which is the fourth.
    [ "$(sed -n '4s/.* r1 /r1 /p' "$dir/waved")" = 'r1 2 r2 5' ]
    result $? 'with the registers' "$(cat "$dir/waved")"
    [ -z "$(ls "$dir" | grep -E 'hier|tmp$')" ]
    result $? 'and nothing is left beside them' "$(ls "$dir")"
}
waves rtl
waves rtl4
expect 'another format' 2 "--format is 'fst'; there are text, perfetto, konata, vcd" "$PX" trace "$dir/loop.pxa" --format fst
expect 'beyond the end' 2 'the run has 24 instructions, and 100 are left out' "$PX" trace "$dir/loop.pxa" --from 100
expect 'an executor without a trace' 2 'has no trace' "$PX" trace "$dir/loop.pxa" --on worker:ref
expect 'over its program' 2 'would replace' "$PX" trace "$dir/loop.pxa" -o "$dir/loop.pxa"
finish
