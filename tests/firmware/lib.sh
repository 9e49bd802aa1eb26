# lib.sh - what the suites of tests/firmware share: a folder for the run, TAP results, waiting for a line.
# Sourced; NEEDS names further tools. $dir is removed at the end, and what still runs is ended.
set -u
fw=${FW:-build/firmware} px=${PX:-build/px}
for tool in bochs nasm ${NEEDS-}; do
    command -v "$tool" >/dev/null || { echo "1..0 # SKIP $tool is not here (Debian: apt install nasm bochs bochsbios vgabios bochs-term mtools python3)"; exit 0; }
done
dir=$(mktemp -d) || exit 1
trap 'kill $(jobs -p) 2>/dev/null; wait 2>/dev/null; rm -rf "$dir"' EXIT
count=0 bad=0

result() { # STATUS, NAME: one test; a failure shows the end of $dir/out
    count=$((count + 1))
    [ "$1" = 0 ] && { echo "ok $count - $2"; return; }
    bad=$((bad + 1))
    echo "not ok $count - $2"
    [ ! -e "$dir/out" ] || tail -n 30 "$dir/out" | sed 's/^/# /'
}

await() { # FILE, PATTERN: the first match, when it has come
    for _ in $(seq 400); do
        grep -m1 -oE "$2" "$1" 2>/dev/null && return
        sleep 0.05
    done
    return 1
}
