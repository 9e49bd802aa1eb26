# lib.sh - sourced by the tests of simulated boards: starts them, ends them, and has tests/cli/lib.sh's result and expect.
build=${BUILD:-build}
. tests/cli/lib.sh
trap 'stop_all; rm -rf "$dir"' EXIT

# board NAME PROGRAM [OPTION]..: starts build/board-PROGRAM, with the process ${pid[NAME]}. It is then link:$dir/NAME, a
# pseudo-terminal, or with SOCKET=1 a Unix socket.
declare -A pid
board() {
    local name=$1 program=$2 waited at=--link=$dir/$1
    shift 2
    [ "${SOCKET-}" ] && at=--listen=unix:$dir/$name
    rm -f "$dir/$name"
    "$build/board-$program" "$at" "$@" >"$dir/$name.out" 2>"$dir/$name.err" &
    pid[$name]=$!
    for ((waited = 0; waited < 200; waited++)); do
        [ -e "$dir/$name" ] && return
        kill -0 "${pid[$name]}" 2>/dev/null || break
        sleep 0.05
    done
    result 1 "$program starts: $*" "$(cat "$dir/$name.out" "$dir/$name.err")"
    return 1
}

# stop NAME: ends it; what it summed up is in $dir/NAME.err
stop() {
    kill -INT "${pid[$1]}" 2>/dev/null
    wait "${pid[$1]}"
    local status=$?
    [ -z "${SIM_TIMES-}" ] || sed "s,^,# ," "$dir/$1.err"
    unset "pid[$1]"
    return $status
}
stop_all() {
    local name
    for name in "${!pid[@]}"; do kill -KILL "${pid[$name]}" 2>/dev/null; done
}

value() { sed -nE "s/^$2 *:= *//p" "constraints/$1.mk"; } # BOARD NAME: what its fragment says

# within NAME FIELD LOW HIGH: a number that lies between, told in the test's name
within() {
    awk -v x="${2:-nan}" -v low="$3" -v high="$4" 'BEGIN { exit !(x != "nan" && x >= low && x <= high) }'
    result $? "$1: ${2:-no figure}, expected $3 to $4"
}

# tap PREFIX COMMAND..: runs a program that speaks TAP and counts its lines as ours
tap() {
    local prefix=$1 line
    shift
    while read -r line; do
        case $line in
        ok*'# SKIP'*) count=$((count + 1)); echo "ok $count - $prefix: ${line#ok * - }" ;;
        ok*) result 0 "$prefix: ${line#ok * - }" ;;
        'not ok'*) result 1 "$prefix: ${line#not ok * - }" ;;
        '#'*) echo "$line" ;;
        esac
    done < <("$@" 2>"$dir/tap.err" | tee "$dir/tap.out"; echo "${PIPESTATUS[0]}" >"$dir/tap.status")
    [ "$(cat "$dir/tap.status")" = 0 ] || result 1 "$prefix: $* succeeds" "$(tail -n 5 "$dir/tap.err")"
}
