#!/usr/bin/env bash
# claims.sh - what pxOS was founded to show, measured, each beside what was promised: in instructions of the machine, and of this
# processor by callgrind. `make os-figures` runs it, and cycles.sh, which has the same in clock cycles of the core.
. tests/os/lib.sh
. tests/bench/lib.sh
small crowd
with_programs
"$PX" mkos -q --from "$dir/os.pxi" --slots 2K=2010,16K=4 -o "$dir/many.pxi" || exit 1

# kernel SYSTEM KIND PROCESSES FEW MANY: its own instructions between two sessions that differ in calls, and the processes', in $kernel, $theirs.
kernel() {
    retired "$1" "crowd $2 $3 $4" && local few=$((all - own)) their_few=$own
    retired "$1" "crowd $2 $3 $5" && kernel=$((all - own - few)) theirs=$((own - their_few))
}

claim() { printf '%-62s %-26s %s\n' "$1" "$2" "$3"; } # WHAT PROMISED MEASURED
each() { awk -v all="$1" -v count="$2" 'BEGIN { printf "%.1f", all / count }'; }
reached() { awk -v is="$1" -v most="$2" 'BEGIN { print is <= most ? "reached" : "missed" }'; }

claim 'what' promised measured
retired os '' && boot=$all
claim 'boot, and the end of a shell without input, instructions' 'at most 3,000,000' "$boot, $(reached "$boot" 3000000)"
seconds=$(cpu 3 "$PX" run -q --host --on ref "$dir/os.pxi" -o "$dir/end.png" </dev/null)
claim 'the same on ref, the picture read and written, CPU seconds' 'at most 0.2' "$seconds, $(reached "$seconds" 0.2)"
kernel os g 1 50 100 && one=$(each "$kernel" 50)
claim 'a system call of one process: getpid, instructions' 'at most 400' "$one, $(reached "$one" 400)"
kernel os m 2 50 100 && message=$(each "$kernel" 100)
claim 'a message of two processes, sent or taken, instructions' 'none' "$message"
kernel os n 1 200 400 && switch=$(awk -v k="$kernel" -v t="$theirs" 'BEGIN { printf "%.1f", k / (t / 16384) }')
claim 'a context switch: a round of one that asks for nothing, instr.' 'none' "$switch"
kernel many n 1000 4 8 && switch=$(awk -v k="$kernel" -v t="$theirs" 'BEGIN { printf "%.2f", k / (t / 16384) }')
claim 'the same of 1,000, for each' 'none' "$switch"
for what in 'PROCESS s' 'FSTAT f' 'STAT d'; do
    kind=${what##* }
    kernel os "$kind" 1 50 100 && one=$(each "$kernel" 50)
    kernel many "$kind" 1000 50 100 && many=$(each "$kernel" 50000) times=$(awk -v one="$one" -v many="$many" 'BEGIN { printf "%d", one / many }')
    claim "1,000 ${what% *} in one round, times fewer instructions than alone" 'at least 20' "$times ($one and $many), $(reached 20 "$times")"
done
kernel many r 256 4 8 && read=$(each "$kernel" 1024)
claim '256 reads of 64 bytes of a file in one round, instructions each' 'at most 40' "$read, $(reached "$read" 40)"

kernel many o 256 4 8 && write=$(each "$kernel" 1024)
claim '256 writes of 64 bytes of a file in one round, instructions each' 'at most 40' "$write, $(reached "$write" 40)"

# What the host does for a session of pipes, files and a picture: of the processor's instructions those of answers, by callgrind.
command -v valgrind >/dev/null || { echo 'no valgrind, so the share of the host is not measured'; exit 0; }
work='ls /bin | sort -r | wc; cat /bin/sh | wc; grep -c e /bin/ls; show life | wc'
counted() { # ON INPUT [OPTION]: instructions of the processor
    VALGRIND_OPTS=${3:-} instructions "$PX" run -q --host --on "$1" "$dir/os.pxi" -o "$dir/end.png" <<<"$2"
}
share() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f : %.2f", 100 * a / (a + b), 100 * b / (a + b) }'; }
begin=$boot
retired os "$work"
for on in ref fast; do
    host=$(($(counted $on "$work" --toggle-collect=answer) - $(counted $on '' --toggle-collect=answer)))
    both=$(($(counted $on "$work") - $(counted $on '')))
    [ $on = fast ] || claim 'executor : host, the machine'\''s and the processor'\''s instructions' '95 : 5' "$(share $((all - begin)) $host)"
    claim "executor : host, both the processor's instructions, on $on" '95 : 5' "$(share $((both - host)) $host)"
done
