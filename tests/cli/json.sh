#!/usr/bin/env bash
# json.sh - what scripts read: valid JSON whatever the names, with the numbers that the picture has.
. tests/cli/lib.sh

# holds NAME EXPRESSION COMMAND...: the output is JSON, and the expression about it, j, is true.
holds() {
    local name=$1 expression=$2
    shift 2
    "$@" >"$dir/json" 2>"$dir/said" </dev/null
    python3 - "$dir/json" "$expression" 2>"$dir/why" <<'PY'
import json, sys
j = json.loads(open(sys.argv[1], 'rb').read().decode('utf-8'), parse_constant=lambda c: 1 / 0)
assert eval(sys.argv[2]), j
PY
    result $? "$name" "$(cat "$dir/why" "$dir/said")"
}

printf '  .size 8, 4\n  li r1, 7\n  addi r2, r1, 1\n  sys r3\n  halt\n' >"$dir/ask.pxa"
"$PX" asm -q "$dir/ask.pxa" -o "$dir/ask.pxi"
"$PX" run -q "$dir/ask.pxi" -o "$dir/state.pxi"
# The program by hand: header 0 to 4, four instructions 5 to 8; SYS and HALT are of the class "control".
holds 'a program' "(j['kind'], j['profile'], j['width'], j['height'], j['entry'], j['end_of_code']) == ('v1 program', 'v1', 8, 4, 5, 9)" \
    "$PX" info --json "$dir/ask.pxi"
holds 'its instructions by class' "j['instructions']['control'] == 2 and sum(j['instructions'].values()) == 4" \
    "$PX" info --json "$dir/ask.pxi"
holds 'its checksum' "len(j['checksum']) == 8 and int(j['checksum'], 16) > 0" "$PX" info --json "$dir/ask.pxi"
holds 'a saved state' "(j['kind'], j['status'], j['pc'], j['retired'], j['value']) == ('saved state', 'WAITING', 8, 3, 3)" \
    "$PX" info --json "$dir/state.pxi"
holds 'its registers' "j['registers'][:3] == [0, 7, 8] and len(j['registers']) == 256" "$PX" info --json "$dir/state.pxi"
printf '%s\n' '.size 16, 24' 'halt' '.org 36' '.word 0x01535850, 1, 3, 3, 0, 0, 2, 0, 7, 5' >"$dir/slot.pxa"
holds 'the machines saved in it' "j['machines'] == [{'address': 36, 'width': 3, 'height': 3, 'pc': 0, 'vl': 0, 'status': 'WAITING', 'cause': 'NONE', 'value': 7, 'retired': 5}]" \
    "$PX" info --json "$dir/slot.pxa"
holds 'and none' "j['machines'] == []" "$PX" info --json "$dir/ask.pxi"
holds 'a classic program' "j['kind'] == 'classic program' and 'entry' not in j" "$PX" info --json build/programs/dot_test.pxi
holds 'a source' "j['end_of_code'] == 9" "$PX" info --json "$dir/ask.pxa"
holds 'with a map' "j['width'] == 8" "$PX" info --json "$dir/ask.pxi" --map="$dir/map.png"

# Names hold any bytes: quotes, backslashes, control characters, and what is no UTF-8 (RFC 3629).
name=$'q"b\\s\tn\x7f'
cp "$dir/ask.pxi" "$dir/$name"
holds 'a name with quotes and control characters' "j['file'].endswith('q' + chr(34) + 'b' + chr(92) + 's' + chr(9) + 'n' + chr(127))" "$PX" info --json "$dir/$name"
cp "$dir/ask.pxi" "$dir/é€😀"
holds 'a name in UTF-8' "j['file'].endswith('é€😀')" "$PX" info --json "$dir/é€😀"
for bytes in '\xff' '\xc3' '\xc0\xaf' '\xed\xa0\x80' '\xf4\x90\x80\x80' '\xe2\x82'; do
    name=$(printf "$bytes")
    cp "$dir/ask.pxi" "$dir/x$name"
    holds "a name that is no UTF-8, $bytes" "chr(0xFFFD) in j['file']" "$PX" info --json "$dir/x$name"
done
expect 'an error is no JSON' 2 'px info: .*nowhere' "$PX" info --json "$dir/nowhere"

holds 'the executors' "' '.join(k['name'] for k in j) == '$(sed -nE 's/^PX_EXECUTOR(_[A-Z]+)?.([a-z0-9]+),.*/\2/p' exec/executors.def | paste -sd' ')'" "$PX" devices --json
holds 'ref is here' "j[0]['present'] is True and j[0]['absent'] is None" "$PX" devices --json
holds 'what is absent says why' "all(k['present'] != isinstance(k['absent'], str) for k in j)" \
    env OCL_ICD_VENDORS="$dir/none" "$PX" devices --json
finish
