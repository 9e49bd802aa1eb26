# lib.sh - sourced by the tests of pxOS: a picture of the kernel with all programs, the tests' own among them. PX is px, OS the folder
# in which `make` leaves kernel and programs.
. tests/cli/lib.sh
OS=${OS:-build/os}
OS_ON=${OS_ON:-ref fast}
for tool in clang ld.lld; do
    command -v $tool >/dev/null || { echo "1..0 # SKIP $tool is not here (Debian: apt install clang lld)"; exit 0; }
done
ls /usr/lib/gcc/riscv64-unknown-elf/*/rv32im/ilp32/libgcc.a >/dev/null 2>&1 ||
    { echo '1..0 # SKIP libgcc for RISC-V is not here (Debian: apt install gcc-riscv64-unknown-elf)'; exit 0; }

# program FLAGS NAME..: programs of the tests, as $dir/NAME.pxi; small: for the smallest slots.
program() {
    local flags=$1 name
    for name in "${@:2}"; do
        # shellcheck disable=SC2086
        "$PX" cc -q -O2 -I. $flags "tests/os/programs/$name.c" -o "$dir/$name.pxi" || exit 1
    done
}
small() { program '-Os --freestanding --stack 256 --heap 64' "$@"; }

# with_programs NAME..: $dir/os.pxi, the system with these programs of the tests, and with those that were made before.
with_programs() {
    local name
    for name; do
        case $name in standard | library) program '--heap 1024' $name ;; *) program '--freestanding --stack 1024 --heap 512' "$name" ;; esac
    done
    "$PX" mkos --kernel "$OS/kernel/kernel.pxi" "$OS"/*.pxi "$dir"/*.pxi -o "$dir/os.pxi" >"$dir/regions" || exit 1
}

# retired SYSTEM INPUT: instructions of a whole session, in $all, and the last line of what it printed, in $own.
retired() {
    "$PX" run -q --host --state "$dir/$1.pxi" -o "$dir/state.png" <<<"$2" >"$dir/own" || return 1
    all=$("$PX" info --json "$dir/state.png" | tr ',{}' '\n' | sed -nE 's/^ *"retired": *([0-9]+).*/\1/p' | head -n 1) own=$(tail -n 1 "$dir/own")
}

# session NAME STATUS: what the shell is told is in $dir/in, what must come in $dir/wanted; on each executor, and the same pixels in the end.
session() {
    local on first='' got
    for on in $OS_ON; do
        timeout 60 "$PX" run --host --on "$on" --seed 1 --image "$dir/os.pxi" -o "$dir/$on.png" <"$dir/in" >"$dir/got" 2>"$dir/err"
        got=$?
        [ $got = "$2" ] && cmp -s "$dir/got" "$dir/wanted"
        result $? "$1 on $on" "exit $got, wanted $2; $(diff "$dir/wanted" "$dir/got" | head -n 20; head -n 3 "$dir/err")"
        if [ -n "$first" ]; then
            cmp -s "$dir/$first.png" "$dir/$on.png"
            result $? "$1: $first and $on end in the same pixels"
        else
            first=$on
        fi
    done
}

# timed NAME: as session, but what is written has the time of day, so the second executor is fed what the first was told.
timed() {
    timeout 60 "$PX" run --host --on fast --record "$dir/log" --image "$dir/os.pxi" -o "$dir/fast.png" <"$dir/in" >"$dir/got" 2>"$dir/err"
    local got=$?
    [ $got = 0 ] && cmp -s "$dir/got" "$dir/wanted"
    result $? "$1 on fast" "exit $got; $(diff "$dir/wanted" "$dir/got" | head -n 20; head -n 3 "$dir/err")"
    timeout 60 "$PX" run --on ref --replay "$dir/log" --image "$dir/os.pxi" -o "$dir/ref.png" >"$dir/again" 2>"$dir/err"
    cmp -s "$dir/again" "$dir/wanted" && cmp -s "$dir/fast.png" "$dir/ref.png"
    result $? "$1: the same pixels on ref" "$(head -n 3 "$dir/err")"
}
