#!/usr/bin/env bash
# worker.sh - --on worker:EXECUTOR is EXECUTOR to every command, and its process ends with px, whoever ends first and how.
. tests/cli/lib.sh

printf '  .size 8, 4\nloop: addi r1, r1, 1\n  jmp loop\n' >"$dir/forever.pxa"
printf '  .size 8, 4\n  sys r5\n  sys r6\n  halt\n' >"$dir/asks.pxa"
programs=$(dirname "$PX")/programs
[ -d "$programs" ] || programs=build/programs

# ---- it is EXECUTOR ----
expect 'run' 3 '^worker:ref: stopped by its budget at pc 5, .* after 100,000 instructions' \
    "$PX" run --on worker:ref --budget 100000 "$dir/forever.pxa"
expect 'answers' 0 'halted at pc 7' "$PX" run --on worker:ref --answers 1,2 "$dir/asks.pxa"
expect 'and no more of them' 3 'waiting for an answer .* for register r6' "$PX" run --on worker:ref --answers 1 "$dir/asks.pxa"
expect 'diff' 0 'the same image and state on 2 executors' "$PX" diff --on ref,worker:ref "$programs/sieve.pxi"
expect 'gallery' 0 '^3 ' "$PX" gallery --on ref,worker:ref "$programs/life.pxi" "$programs/sieve.pxi" "$programs/matmul_large.pxi"
expect 'devices' 0 '^worker:EXECUTOR  *another executor in a process of its own' "$PX" devices
expect 'an executor that is not there' 2 "worker:rfe: no executor is called 'rfe'; did you mean 'ref'" "$PX" run --on worker:rfe "$dir/forever.pxa"
expect 'worker: of what is no part of px' 2 'leave worker: out' "$PX" run --on worker:cmd:true "$dir/forever.pxa"
"$PX" run -q --on rtl --budget 1 "$dir/forever.pxa" >"$dir/out" 2>&1
if [ $? = 3 ]; then # it is here
    of() { "$PX" run --on "$1" --budget 2000 "$dir/forever.pxa" | sed 's/^[a-z:]*rtl//'; }
    [ "$(of rtl)" = "$(of worker:rtl)" ] && [[ $(of rtl) == *cycles* ]]
    result $? 'clock cycles come along' "$(of rtl; of worker:rtl)"
fi
# OpenCL brings threads, beside which no process is started: workers are opened first, wherever they stand.
if "$PX" run -q --on opencl "$programs/sieve.pxi" -o "$dir/x.png" 2>"$dir/said"; then
    expect 'behind an executor with threads' 0 'the same image and state on 2 executors' \
        "$PX" diff --on opencl,worker:opencl "$programs/sieve.pxi"
fi

# ---- it ends ----
# ended HOW ARGUMENT...: px run in a session of its own. HOW: what happens after half a second, a list of WHO=SIGNAL, who is px, worker
# or group. Then px's output, its exit status, and how many workers are left.
ended() {
    python3 - "$PX" "$@" <<'PY'
import os, signal, subprocess, sys, time
px, how, *rest = sys.argv[1:]
run = subprocess.Popen([px, *rest], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
                       preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
def children():
    with open(f'/proc/{run.pid}/task/{run.pid}/children') as file:
        return [int(pid) for pid in file.read().split()]
while not children():
    time.sleep(0.01)
time.sleep(0.5)
workers = children()
for what in how.split(','):
    who, number = what.split('=')
    number = getattr(signal, 'SIG' + number)
    if who == 'group':
        os.killpg(run.pid, number)
    else:
        os.kill(run.pid if who == 'px' else workers[0], number)
print(run.communicate(timeout=60)[0].strip())
def works(pid):
    try:
        with open(f'/proc/{pid}/stat') as file:
            return file.read().rsplit(')', 1)[1].split()[0] not in 'ZX'
    except OSError:
        return False
end = time.monotonic() + 5
while any(map(works, workers)) and time.monotonic() < end:
    time.sleep(0.05)
print('status', run.returncode, 'left', sum(map(works, workers)))
PY
}
# is NAME PATTERN LAST HOW ARGUMENT...: PATTERN in what it says, LAST its last line.
is() {
    local name=$1 pattern=$2 last=$3 said
    shift 3
    said=$(ended "$@" 2>&1)
    grep -qE -- "$pattern" <<<"$said" && [ "$(tail -n 1 <<<"$said")" = "$last" ]
    result $? "$name" "$* said, where /$pattern/ and '$last' was expected:
$said"
}
run=(run --on worker:ref "$dir/forever.pxa")
is 'killed' 'px run: worker:ref: its process was ended by signal 9 \(Killed\)$' 'status 2 left 0' worker=KILL "${run[@]}"
is 'a crash' 'px run: worker:ref: its process was ended by signal 11 \(Segmentation fault\)$' 'status 2 left 0' worker=SEGV "${run[@]}"
is 'a crash in a comparison' 'worker:ref: its process was ended by signal 11' 'status 2 left 0' \
    worker=SEGV diff --on worker:ref,ref "$dir/forever.pxa"
export PX_WORKER_TIMEOUT=2
is 'a hang' 'neither answered nor worked for 2 s and was ended; PX_WORKER_TIMEOUT sets the limit' 'status 2 left 0' worker=STOP "${run[@]}"
is 'it does not stop' 'was to stop and did not for 2 s and was ended' 'status 2 left 0' worker=STOP,group=INT "${run[@]}"
unset PX_WORKER_TIMEOUT
for signal in INT TERM HUP; do
    rm -f "$dir/saved.pxi"
    is "SIG$signal to px and its process: saved" 'worker:ref: interrupted at pc [56]' 'status 3 left 0' "group=$signal" "${run[@]}" -o "$dir/saved.pxi"
    expect 'and what is saved goes on' 3 'after 5 instructions' "$PX" run "$dir/saved.pxi" --budget 5
done
is 'px is killed' '' 'status -9 left 0' px=KILL "${run[@]}"
is 'px is killed while its process is stopped' '' 'status -9 left 0' worker=STOP,px=KILL "${run[@]}"
expect 'PX_WORKER_TIMEOUT that is none' 2 "PX_WORKER_TIMEOUT is 'soon'" env PX_WORKER_TIMEOUT=soon "$PX" run --on worker:ref "$dir/asks.pxa"
finish
