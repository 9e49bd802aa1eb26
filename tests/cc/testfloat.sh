#!/usr/bin/env bash
# testfloat.sh - Berkeley TestFloat's vectors (qemu's source has it) through the floating point of compiled programs: libgcc's, as
# a picture. TAP.   testfloat.sh [--count N: of each function's vectors the first N]
. tests/cc/lib.sh
. tests/cc/sources.sh
have_cc || { echo '1..0 # SKIP px cc is not here' && exit 0; }
most=1000000
[ "${1-}" != --count ] || most=$2
source_of qemu || { echo "1..0 # SKIP $why" && exit 0; }
build=build/Linux-x86_64-GCC
fp=$(realpath "$source/tests/fp")
if [ ! -x "$fp/berkeley-testfloat-3/$build/testfloat_gen" ]; then
    make -s -C "$fp/berkeley-softfloat-3/$build" >"$dir/said" 2>&1 && make -s -C "$fp/berkeley-testfloat-3/$build" testfloat_gen >>"$dir/said" 2>&1
    result $? 'TestFloat is built' "$(tail -n 5 "$dir/said")"
fi
compiled "$dir/vectors.o" tests/cc/real/vectors.c -O2 && linked "$dir/vectors.elf" "$dir/vectors.o" &&
    "$PX" cc -q --level "${LEVEL:-4}" "$dir/vectors.elf" -o "$dir/vectors.pxi"
result $? 'the program is made'
for name in {f32,f64}_{add,sub,mul,div,eq,le,lt} {i32,ui32,i64,ui64}_to_{f32,f64} f32_to_f64 f64_to_f32 f64_sqrt; do
    "$fp/berkeley-testfloat-3/$build/testfloat_gen" -prefix "$name" "$name" 2>/dev/null | head -n $((most + 1)) >"$dir/vectors"
    input=$dir/vectors outcome "$dir/got" "$PX" run --host "$dir/vectors.pxi"
    grep -qx 'status 0' "$dir/got"
    result $? "$(grep cases "$dir/got" || echo "$name")" "$(head -n 4 "$dir/got" "$dir/got.err")"
done
finish
