# lib.sh - sourced by the command-line tests: run px, compare exit status and message, speak TAP.
PX=${PX:-build/px}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
count=0 bad=0

# result OK NAME [DIAGNOSTIC]
result() {
    count=$((count + 1))
    if [ "$1" = 0 ]; then
        echo "ok $count - $2"
    else
        bad=$((bad + 1))
        echo "not ok $count - $2"
        [ -n "${3-}" ] && sed 's/^/# /' <<<"$3"
    fi
    return 0
}

# expect NAME STATUS PATTERN COMMAND...: the exit status, and an extended regular expression in stdout or stderr.
expect() {
    local name=$1 status=$2 pattern=$3 output got
    shift 3
    output=$("$@" 2>&1 </dev/null)
    got=$?
    if [ "$got" = "$status" ] && grep -qE -- "$pattern" <<<"$output"; then
        result 0 "$name"
    else
        result 1 "$name" "$* -> exit $got, expected $status and /$pattern/; printed:
$output"
    fi
}

finish() {
    echo "1..$count"
    [ "$bad" = 0 ]
}
