# lib.sh - sourced by the tests of px cc: a C program made for each machine that can judge it, and as pictures. TAP by
# tests/cli/lib.sh. PX is px, RVSIM the simulator, CC_DIR what `make cc-runtime` makes.
. tests/cli/lib.sh
RVSIM=${RVSIM:-build/tests/cc/rvsim}
CC_DIR=${CC_DIR:-build/cc}
PICOLIBC=${PICOLIBC:-/usr/lib/picolibc/riscv64-unknown-elf}
LEVELS=${LEVELS:-0 1 2 3 4}
LIBGCC=$(dirname "$(ls /usr/lib/gcc/riscv64-unknown-elf/*/rv32im/ilp32/libgcc.a 2>/dev/null | tail -n 1)")

# need TOOL PACKAGE..: the whole suite is a skip where one is not here.
need() {
    while [ $# -gt 0 ]; do
        case $1 in */*) [ -e "$1" ] ;; *) command -v "$1" >/dev/null ;; esac || {
            echo "1..0 # SKIP $1 is not here (Debian: apt install $2)"
            exit 0
        }
        shift 2
    done
}
need clang clang ld.lld lld "$PICOLIBC/include/stdio.h" picolibc-riscv64-unknown-elf "$LIBGCC/libgcc.a" gcc-riscv64-unknown-elf

# Of RISC-V; char is unsigned there, so it is here.
rv_target='--target=riscv32 -march=rv32ima -mabi=ilp32'
rv_flags="$rv_target -mcmodel=medlow -mno-relax -fno-pic -ffunction-sections -fdata-sections -ftls-model=local-exec -w"
cxx_flags='-fno-exceptions -fno-rtti -fno-threadsafe-statics'
bare_flags='-ffreestanding -fno-builtin-printf -fno-stack-protector'
native_flags="-m32 -malign-double -msse2 -mfpmath=sse -funsigned-char $bare_flags -fno-pic -no-pie -nostdlib -static -w"

# compiled OBJECT SOURCE FLAG..: for RISC-V.
compiled() {
    local object=$1 source=$2 more=$rv_flags
    shift 2
    case $source in *.cc) more+=" $cxx_flags" ;; esac
    # shellcheck disable=SC2086
    clang $more -I. -I"$CC_DIR" -isystem "$PICOLIBC/include" "$@" -c "$source" -o "$object"
}

# linked PROGRAM OBJECT..: as px cc links, with data where even a poor translation leaves room.
linked() {
    local program=$1
    shift
    ld.lld -T "$CC_DIR/px.ld" --defsym=DATA_START=0x100000 --emit-relocs --gc-sections --no-relax "$CC_DIR/crt0.o" "$@" \
        "$CC_DIR/libpx.a" -L"$PICOLIBC/lib/rv32im/ilp32" -L"$LIBGCC" -lm -lc -lgcc -o "$program"
}

# native PROGRAM SOURCE FLAG..: by gcc -m32, without a C library.
native() {
    local program=$1 source=$2
    shift 2
    # shellcheck disable=SC2086
    case $source in
    *.cc) g++ $native_flags $cxx_flags -I. "$@" -c "$source" -o "$program.o" && gcc $native_flags "$program.o" tests/cc/native.c -o "$program" 2>&1 ;;
    *) gcc $native_flags -I. "$@" "$source" tests/cc/native.c -o "$program" ;;
    esac
}

# outcome FILE COMMAND..: what it prints, and its exit status as the last line. Standard input is $input.
outcome() {
    local file=$1
    shift
    timeout "${PATIENCE:-120}" "$@" <"${input:-/dev/null}" >"$file" 2>"$file.err"
    echo "status $?" >>"$file"
}

# same NAME EXPECTED GOT
same() {
    cmp -s "$2" "$3"
    result $? "$1" "$(diff "$2" "$3" | head -n 6; head -n 3 "$3.err" 2>/dev/null)"
}

have_cc() { "$PX" cc --help >/dev/null 2>&1; }

# Whether an executor is here: px devices lists those that are not with a dash.
present() { "$PX" devices 2>/dev/null | grep -qE "^$1(\[:[A-Z]+\])? +[^ -]"; }
