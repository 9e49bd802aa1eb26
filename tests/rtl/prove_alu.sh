#!/usr/bin/env bash
# prove_alu.sh - SAT: the assertions in px_alu.v and px_alu_ctl.v hold for all inputs, and see a bug. TAP. From the repository
# root; BUILD is the build tree.
set -u
command -v yosys >/dev/null || { echo '1..0 # SKIP yosys is not here (Debian: apt install yosys)'; exit 0; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
n=0
# prove MODULE [sed script]: its assertions, with the source changed
prove() {
    sed "${2-}" "rtl/core/$1.v" >"$dir/$1.v"
    timeout 200 yosys -q -p "read_verilog -formal -I${BUILD:-build}/gen -Irtl/core $dir/$1.v; prep -top $1; sat -verify -prove-asserts $1" \
        >"$dir/log" 2>&1
}
result() { # STATUS NAME
    n=$((n + 1))
    if [ "$1" = 0 ]; then
        echo "ok $n - $2"
    else
        echo "not ok $n - $2"
        sed 's/^/# /' "$dir/log" | tail -n 5
        bad=1
    fi
}
# bug MODULE SED NAME: the change makes a difference, and the proof fails because of it
bug() {
    prove "$1" "$2"
    [ $? != 0 ] && ! cmp -s "$dir/$1.v" "rtl/core/$1.v" && grep -q 'proof did fail' "$dir/log"
    result $? "$3"
}
prove px_alu
result $? 'the flags of a subtraction are those of a comparison'
bug px_alu 's/o_lt  *= !cy\[3\] ^ sx\[3\]/o_lt = !cy[3]/' 'and a sign that is left out is seen'
prove px_alu_ctl
result $? 'an operation has one source of its result'
bug px_alu_ctl 's/fn == WORD_SHL ||/fn == WORD_ADD || fn == WORD_SHL ||/' 'and a second one is seen'
bug px_alu_ctl 's/fn == WORD_XOR/fn == WORD_SUB/' 'and another one is seen'
echo 1..$n
exit "${bad-0}"
