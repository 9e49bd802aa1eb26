# lib.sh - sourced by parts of the bench: CPU seconds, counted instructions, lines and peers that are not here.
BUILD=${BUILD:-build} PX=${PX:-$BUILD/px}

# cpu TIMES COMMAND...: the median of its CPU seconds, user and system.
cpu() {
    local times=$1 i
    shift
    for ((i = 0; i < times; i++)); do
        (TIMEFORMAT='%3U %3S' && time "$@" >/dev/null 2>&1) 2>&1
    done | awk '{ print $1 + $2 }' | sort -g | awk '{ all[NR] = $1 } END { print all[int((NR + 1) / 2)] }'
}

# instructions COMMAND...: how many it executes, by callgrind; nothing where that is not here.
instructions() {
    command -v valgrind >/dev/null || return 1
    valgrind --tool=callgrind --callgrind-out-file=/dev/null "$@" 2>&1 >/dev/null | sed -n 's/^==[0-9]*== Collected : //p'
}

# line NAME OURS PEER UNIT: a figure of which less is better, and what the peer's is of ours.
line() {
    awk -v name="$1" -v ours="$2" -v peer="$3" -v unit="$4" \
        'BEGIN { printf "%s\t%.4g %s\t%.4g %s\t%.2f\n", name, ours, unit, peer, unit, peer / ours }'
}

# absent PEER HOW
absent() { echo "# absent: $1; $2"; }
