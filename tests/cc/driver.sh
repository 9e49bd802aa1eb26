#!/usr/bin/env bash
# driver.sh - the serial driver in C, at every level, against the one in assembly. TAP.
. tests/cc/lib.sh
have_cc || { echo '1..0 # SKIP px cc is not here' && exit 0; }
"$PX" asm -q pxi/programs/serial_driver.pxa -o "$dir/assembled.pxi"
for level in $LEVELS; do
    # shellcheck disable=SC2086
    compiled "$dir/driver.o" pxi/programs/serial_driver.c -O2 $bare_flags -Wall &&
        ld.lld -T "$CC_DIR/px.ld" --defsym=DATA_START=4096 --emit-relocs --no-relax "$dir/driver.o" -o "$dir/driver.elf" &&
        "$PX" cc --level "$level" --stack 16 --heap 0 --width 256 "$dir/driver.elf" -o "$dir/compiled.pxi" >"$dir/said" 2>&1
    result $? "made at level $level" "$(cat "$dir/said")"
    end=$("$PX" info "$dir/compiled.pxi" | awk '/end of code/ { print $4 }')
    [ "${end:-999}" -lt 255 ]
    result $? "its code ends before pixel 255, at $end"
    said=$("${PYTHON:-python3}" tests/cc/driver.py "$dir/assembled.pxi" "$dir/compiled.pxi" "$PX" 2>&1)
    result $? "25 batches at level $level: $(grep -c ^ok <<<"$said") the same" "$(grep -A2 '^not' <<<"$said" | head -n 6; grep -v '^ok' <<<"$said" | tail -n 3)"
done
finish
