#!/usr/bin/env bash
# signals.sh - a run that is ended from outside is saved; outside programs and what they started do not outlive px.
. tests/cli/lib.sh

printf '  .size 8, 4\n  li r1, 7\n  halt\n' >"$dir/good.pxa"
printf '  .size 8, 4\nloop: addi r1, r1, 1\n  jmp loop\n' >"$dir/forever.pxa"
"$PX" asm -q "$dir/good.pxa" -o "$dir/good.pxi"

# interrupted SIGNAL[,SIGNAL] SECONDS COMMAND...: its exit status when the signal comes after so long, and the next each
# so long after the one before. (Without Python, bash would have it ignore SIGINT.)
interrupted() {
    python3 - "$@" <<'PY'
import signal, subprocess, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
process = subprocess.Popen(sys.argv[3:])
for name in sys.argv[1].split(','):
    try:
        process.wait(float(sys.argv[2]))
    except subprocess.TimeoutExpired:
        process.send_signal(getattr(signal, name))
status = process.wait()
sys.exit(status if status >= 0 else 128 - status)
PY
}

# ---- saved ----
for signal in SIGINT SIGTERM SIGHUP; do
    rm -f "$dir/saved.pxi"
    expect "$signal ends a run as its budget would" 3 'fast: interrupted at pc [56]' \
        interrupted $signal 0.7 "$PX" run "$dir/forever.pxa" -o "$dir/saved.pxi"
    expect 'and its state is saved' 0 'status  *RUNNING' "$PX" info "$dir/saved.pxi"
    expect "$signal without -o" 3 'with -o FILE the state would have been saved' interrupted $signal 0.7 "$PX" run "$dir/forever.pxa"
done
# timeout sends its signal to the process and to its group.
rm -f "$dir/saved.pxi"
expect 'timeout(1)' 124 'saved state, 8x38' timeout 1 "$PX" run "$dir/forever.pxa" -o "$dir/saved.pxi"
# Two that come together are one wish, for as long as the result takes to be written: here nobody reads it yet.
cat >"$dir/together.py" <<'PY'
import os, signal, subprocess, sys, time
px, source, pipe = sys.argv[1:]
for attempt in range(5):
    if not os.path.exists(pipe):
        os.mkfifo(pipe)
    process = subprocess.Popen([px, 'run', '-q', source, '-o', pipe])
    time.sleep(1 + attempt)
    process.send_signal(signal.SIGTERM)
    first = time.monotonic()
    time.sleep(0.3)
    process.send_signal(signal.SIGTERM)
    apart = time.monotonic() - first
    if apart > 0.8: # this machine is too busy to try it
        process.kill()
        process.wait()
        continue
    time.sleep(0.2)
    if process.poll() is None:
        picture = open(pipe, 'rb').read()
        sys.exit(process.wait() != 3 or picture[-8:-4] != b'IEND')
    sys.exit(process.returncode)
PY
expect 'two signals at once are one' 0 '^$' python3 "$dir/together.py" "$PX" "$dir/forever.pxa" "$dir/together"
expect 'the state goes on' 3 'after 5 instructions' "$PX" run "$dir/saved.pxi" --budget 5
mkfifo "$dir/nobody-reads"
expect 'a second signal ends what cannot be saved' 143 '' interrupted SIGTERM,SIGTERM 1.5 "$PX" run "$dir/forever.pxa" -o "$dir/nobody-reads"
expect 'nohup keeps its meaning' 3 'after 1,000 instructions' bash -c 'trap "" HUP; "$0" run --budget 1000 "$1" & kill -HUP $!; wait $!' \
    "$PX" "$dir/forever.pxa"
expect 'Ctrl-C ends a comparison without a verdict' 130 '' interrupted SIGINT 1 "$PX" diff --on ref,cmd:true "$dir/forever.pxa"

# ---- outside programs ----
mkdir "$dir/tmp"
export TMPDIR=$dir/tmp
works() { [ -r "/proc/$1/stat" ] && ! grep -q ') Z ' "/proc/$1/stat"; }
gone() { # NAME: the process whose number stands in $dir/pid ends, and px left no file.
    local wait pid
    pid=$(cat "$dir/pid")
    for wait in {1..50}; do
        works "$pid" || break
        sleep 0.1
    done
    ! works "$pid" && [ -z "$(ls -A "$dir/tmp")" ]
    result $? "$1" "$(ls -A "$dir/tmp"; works "$pid" && echo "$pid is there")"
}
printf '#!/bin/sh\necho $$ >"%s/pid"\nsleep 100\n' "$dir" >"$dir/sleeper" && chmod +x "$dir/sleeper"
expect 'SIGTERM while an outside program works: the state before is saved' 3 'interrupted at pc 5, .* after 0 instructions' \
    interrupted SIGTERM 1 "$PX" run --on "cmd:$dir/sleeper" "$dir/good.pxi" -o "$dir/saved.pxi"
gone 'the program is ended'
expect 'and goes on elsewhere' 0 'halted at pc 6' "$PX" run "$dir/saved.pxi"
expect 'SIGTERM in a comparison' 143 '' interrupted SIGTERM 1 "$PX" diff --on "ref,cmd:$dir/sleeper" "$dir/good.pxi"
gone 'the program is ended there too'

# A program that starts another one and ends in good order.
cat >"$dir/parent" <<SH
#!/bin/sh
sleep 100 &
echo \$! >"$dir/pid"
"$PX" run "\$1" --budget "\$3" --state -q -o "\$2" || [ \$? -ne 2 ]
SH
chmod +x "$dir/parent"
expect 'an outside program that leaves a child behind' 0 'halted at pc 6' "$PX" run --on "cmd:$dir/parent" "$dir/good.pxi"
gone 'the child ends with it'

# trick NAME PATTERN: an outside program, from standard input, that does something else than to write OUTPUT.
trick() {
    { echo '#!/bin/sh'; cat; } >"$dir/trick" && chmod +x "$dir/trick"
    expect "$1" 2 "$2" env PX_CMD_TIMEOUT=20 timeout 60 "$PX" run --on "cmd:$dir/trick" "$dir/good.pxi"
}
trick 'a pipe for OUTPUT' 'not a regular file' <<<'mkfifo "$2"'
trick 'a link for OUTPUT' 'not a regular file' <<<"ln -s $dir/good.pxi \"\$2\""
trick 'a directory for OUTPUT' 'not a regular file' <<<'mkdir "$2"; rmdir "$2"; ln -s /tmp "$2"'
trick 'no OUTPUT' 'wrote no output' <<<'exit 0'
trick 'a pipe in place of its messages' 'status 7' <<<'rm "$(dirname "$1")/messages"; mkfifo "$(dirname "$1")/messages"; exit 7'
trick 'its last words' 'it said: enough' <<<'echo first >&2; echo enough >&2; exit 7'
cat >"$dir/swap" <<SH
#!/bin/sh
"$PX" run "\$1" --budget "\$3" --state -q -o "\$2" || [ \$? -ne 2 ] || exit 2
rm "\$1"
ln -s "$dir/victim" "\$1"
SH
chmod +x "$dir/swap"
echo precious >"$dir/victim"
"$PX" run --on "cmd:$dir/swap" --budget 200000 "$dir/forever.pxa" >"$dir/said" 2>&1
[ "$(cat "$dir/victim")" = precious ]
result $? 'INPUT is not written through a link' "$(cat "$dir/said")"
# A pipe that nobody reads: the first signal after the run ends the wait, and the result is kept.
printf '  .size 8, 4\n  halt\n' >"$dir/short.pxa"
mkfifo "$dir/unread"
mkdir "$dir/kept"
said=$(TMPDIR="$dir/kept" timeout -k 20 2 "$PX" run "$dir/short.pxa" -o "$dir/unread" 2>&1)
[[ $said == *'the result is kept in '*/kept/px-result-* ]] && "$PX" check -q "$dir"/kept/px-result-*
result $? 'a signal while a pipe has no reader' "$said"
finish
