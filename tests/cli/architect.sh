#!/usr/bin/env bash
# architect.sh - px architect against a scripted server: programs that are wrong in each way, then right; replies that are none;
# a server that is slow, dead, or never ends. TAP.
. tests/cli/lib.sh
if ! command -v python3 >/dev/null || "$PX" architect --url http://127.0.0.1:9/v1 --task examples/triangle.json --rounds 1 --on ref 2>&1 | grep -q 'built without libcurl'; then
    echo '1..0 # SKIP no python3, or px was built without libcurl (apt install libcurl4-openssl-dev)'
    exit 0
fi
cat >"$dir/server.py" <<'PY'
"""server.py SCRIPT LOG: a server whose replies are SCRIPT, a JSON list; each question goes to LOG. Prints its port."""
import http.server, json, socketserver, sys, time
script, log = json.load(open(sys.argv[1])), open(sys.argv[2], 'w')
class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_): pass
    def do_POST(self):
        body = self.rfile.read(int(self.headers['Content-Length'])).decode()
        log.write(json.dumps({'path': self.path, 'key': self.headers.get('Authorization'), 'body': json.loads(body)}) + '\n')
        log.flush()
        step = script.pop(0) if len(script) > 1 else script[0]
        kind = step.get('kind', 'text')
        if kind == 'close': return self.connection.close()
        if kind == 'slow': time.sleep(30)
        self.send_response(step.get('status', 200))
        if kind == 'moved': self.send_header('Location', '/elsewhere')
        self.end_headers()
        try:
            if kind == 'endless':
                while True: self.wfile.write(b'x' * 65536)
            self.wfile.write(step['raw'].encode() if 'raw' in step else
                             json.dumps({'choices': [{'message': {'role': 'assistant', 'content': step['text']}}]}).encode())
        except OSError: pass
class Server(socketserver.ThreadingMixIn, http.server.HTTPServer): daemon_threads = True
server = Server(('127.0.0.1', 0), Handler)
print(server.server_address[1], flush=True)
server.serve_forever()
PY
server=
trap 'kill $server 2>/dev/null; rm -rf "$dir"' EXIT
serve() { # a script; afterwards $url
    [ -z "$server" ] || kill $server 2>/dev/null
    rm -f "$dir/port"
    cat >"$dir/script"
    python3 "$dir/server.py" "$dir/script" "$dir/log" >"$dir/port" 2>/dev/null &
    server=$!
    for _ in {1..600}; do [ -s "$dir/port" ] && break || sleep 0.05; done
    url=http://127.0.0.1:$(cat "$dir/port")/v1
    : >"$dir/log"
}
ask() { "$PX" architect --url "$url" --task examples/triangle.json --on ref,fast "$@"; }

# Wrong in each way, and right in the end.
python3 - >"$dir/steps" <<'PY'
import json
fence = lambda text, word='pxa': f'Here it is.\n```{word}\n{text}\n```\nThat is all.'
right = '.size 16, 8\nloop: add r2, r2, r1\n beq r1, r0, done\n subi r1, r1, 1\n jmp loop\ndone: set r3, 100\n st [r3], r2\n halt'
print(json.dumps([
    {'text': fence('.size 16, 8\n push r1\n halt')},                                   # does not assemble
    {'text': fence('.size 16, 8\n .include "/etc/passwd"\n halt')},                    # wants a file
    {'text': fence('.size 16, 8\nx: jmp x')},                                         # never ends
    {'text': fence('.size 16, 8\n set r3, 4000\n ld r2, [r3]\n halt')},                # traps
    {'text': fence('.size 16, 8\n sys r1\n halt')},                                   # asks a host
    {'text': fence('.size 4, 4\n halt')},                                             # too small
    {'text': fence('.size 16, 8\n li r2, 1\n set r3, 100\n st [r3], r2\n halt', '')},  # right in one case of three
    {'text': fence('no program', 'text') + fence(right, 'asm')}]))
PY
serve <"$dir/steps"
PX_ARCHITECT_KEY=secret expect 'a program passes in the end' 0 'All 3 cases are right' ask -o "$dir/out.pxa" --transcript "$dir/talk.json" --model small --seed 5
expect 'and is written' 0 '' bash -c "'$PX' asm -q '$dir/out.pxa' -o '$dir/out.pxi' && grep -q 'beq r1, r0, done' '$dir/out.pxa'"
told() { expect "the model is told: $1" 0 '' python3 -c 'import json, sys; q = [json.loads(l) for l in open(sys.argv[1])]; t = q[int(sys.argv[2])]["body"]["messages"][-1]; assert t["role"] == "user" and sys.argv[3] in t["content"], t' "$dir/log" "$2" "$3"; }
told 'the task' 0 '1 + 2 + .. + n'
told 'an error with its line' 1 'program.pxa:2:2: error'
told 'that no file is included' 2 'files cannot be included here'
told 'that it does not end' 3 'stopped by its budget'
told 'its trap' 4 'RANGE'
told 'that it waits' 5 'waiting'
told 'a pixel outside' 6 'Case none: pixel 100 is outside your picture'
told 'the first wrong word' 7 'Case none: r2 is 1 (0x00000001), expected 0'
expect 'in a question as servers want it' 0 '' python3 -c '
import json, sys
q = [json.loads(l) for l in open(sys.argv[1])]
assert len(q) == 8 and q[0]["path"] == "/v1/chat/completions" and q[0]["key"] == "Bearer secret"
b = q[2]["body"]; assert b["model"] == "small" and b["seed"] == 7 and b["stream"] is False and b["temperature"] == 0.2
assert b["messages"][0]["role"] == "system" and "vadd.vv [ra], [rb], [rc]" in b["messages"][0]["content"]
assert [m["role"] for m in b["messages"]] == ["system", "user", "assistant", "user", "assistant", "user"]' "$dir/log"
expect 'the transcript has all of it' 0 '' python3 -c '
import json, sys
t = json.load(open(sys.argv[1])); assert len(t["rounds"]) == 8 and [r["passed"] for r in t["rounds"]] == [False] * 7 + [True]' "$dir/talk.json"

serve <<<'[{"text": "```python\nprint(1)\n```"}]'
expect 'a program in another language' 1 'There is no program in it' ask --rounds 1
serve <<<'[{"text": "I cannot do that."}, {"kind": "slow", "text": ""}]'
ask --timeout 60 --transcript "$dir/cut.json" >"$dir/out" 2>&1 &
for _ in {1..600}; do [ "$(wc -l <"$dir/log")" = 2 ] && break || sleep 0.05; done
kill %%
expect 'a transcript of what was said before it was ended' 0 '' python3 -c 'import json, sys; assert len(json.load(open(sys.argv[1]))["rounds"]) == 1' "$dir/cut.json"
serve <<<'[{"text": "I cannot do that."}]'
expect 'a model that cannot' 1 'no program passed' ask --rounds 3 -o "$dir/none.pxa"
! [ -e "$dir/none.pxa" ] && [ "$(wc -l <"$dir/log")" = 3 ]
result $? 'it is asked so often, and nothing is written'
serve <<<'[{"raw": "{oops"}, {"status": 500, "text": ""}, {"raw": "{\"choices\": []}"}]'
expect 'three replies that are none end it' 2 'no text at choices' ask
[ "$(wc -l <"$dir/log")" = 3 ]
result $? 'three and no more'
bad() { # NAME REPLY PATTERN
    serve <<<"[$2]"
    expect "$1" 2 "$3" ask --rounds 3 --timeout 2
}
bad 'no JSON' '{"raw": "<html>"}' 'its reply is no JSON'
bad 'another shape' '{"raw": "[1, 2]"}' 'no text at choices'
bad 'a text that is none' '{"raw": "{\"choices\": [{\"message\": {\"content\": 5}}]}"}' 'no text at choices'
bad 'another status' '{"status": 404, "text": "x"}' 'HTTP status 404'
bad "a refusal's reason" '{"status": 400, "raw": "{\"error\": {\"message\": \"too\\u001b[1m long\"}}"}' 'HTTP status 400: too \[1m long'
bad "a refusal's reason, a text" '{"status": 429, "raw": "{\"error\": \"busy\"}"}' 'HTTP status 429: busy'
bad 'a redirection is not followed' '{"status": 302, "kind": "moved", "text": "x"}' 'HTTP status 302'
bad 'a reply without end' '{"kind": "endless"}' 'longer than|timed out'
bad 'a connection that is closed' '{"kind": "close"}' 'Empty reply|Recv|closed|reset'
serve <<<'[{"kind": "slow", "text": "x"}]'
expect 'a slow server' 2 'timed out' timeout 60 "$PX" architect --url "$url" --task examples/triangle.json --on ref --timeout 1
expect 'nobody there' 2 '127.0.0.1' "$PX" architect --url http://127.0.0.1:9/v1 --task examples/triangle.json --on ref

# An executor that lies: whatever it is given, it has run something else.
printf '        .size 16, 8\n        halt\n        .pixel 5\n' >"$dir/other.pxa"
printf '#!/bin/sh\n"%s" run "%s" --on ref --state -q -o "$2"\n' "$PX" "$dir/other.pxa" >"$dir/liar"
chmod +x "$dir/liar"
serve <<<'[{"text": ".size 16, 8\nhalt"}]'
expect 'executors that differ' 1 'liar' "$PX" architect --url "$url" --task examples/triangle.json --on "ref,cmd:$dir/liar" --rounds 3

task() { printf '%s' "$2" >"$dir/task.json"; expect "a task: $1" 2 "$3" "$PX" architect --url "$url" --task "$dir/task.json" --on ref; }
task 'no JSON' '{' 'is no JSON'
task 'no text' '{"cases": []}' '"task" is missing'
task 'no cases' '{"task": "x", "cases": []}' 'no list of 1 to 1000 cases'
task 'nothing expected' '{"task": "x", "cases": [{}]}' 'case 1 expects nothing'
task 'no place' '{"task": "x", "cases": [{"expected": {"x5": 1}}]}' '"x5" is neither a register'
task 'a register too many' '{"task": "x", "cases": [{"expected": {"r256": 1}}]}' '"r256" is neither'
task 'no number' '{"task": "x", "cases": [{"expected": {"r5": 1.5}}]}' 'r5 is no number'
task 'an unknown key' '{"task": "x", "case": 1, "cases": []}' 'unknown key "case"'
task 'no budget' '{"task": "x", "budget": 0, "cases": [{"expected": {"r5": 1}}]}' '"budget" is no number'
expect 'no task' 2 '--url and --task are needed' "$PX" architect --url http://x
expect 'no URL, a port too high' 2 "^px architect: --url is 'http://localhost:70000/v1'" "$PX" architect -q --url http://localhost:70000/v1 --task examples/triangle.json
expect 'no URL' 2 "--url is 'file:///etc', expected http" "$PX" architect --url file:///etc --task examples/triangle.json
finish
