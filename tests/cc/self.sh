#!/usr/bin/env bash
# self.sh - px by itself: the assembler as a picture assembles the gallery bit for bit, and the translator as a picture translates
# itself to the picture that px cc makes of it. TAP.
. tests/cc/lib.sh
have_cc || { echo '1..0 # SKIP px cc is not here' && exit 0; }

# program NAME SOURCE..: the program of that name in tests/cc/real with them, linked and as a picture in $dir.
program() {
    local name=$1 file objects=()
    shift
    for file in "tests/cc/real/$name.c" "$@"; do
        objects+=("$dir/${file//\//_}.o")
        [ -e "${objects[-1]}" ] || compiled "${objects[-1]}" "$file" -O2 -std=gnu17 -Itests/cc/real/include -I"${CC_DIR%/cc}/gen" >"$dir/said" 2>&1 || break
    done
    linked "$dir/$name.elf" "${objects[@]}" >>"$dir/said" 2>&1 && "$PX" cc -q --stack 30000 --heap 9000000 "$dir/$name.elf" -o "$dir/$name.pxi" >>"$dir/said" 2>&1
    result $? "$name is a picture" "$(head -n 5 "$dir/said")"
}

# pictured NAME PICTURE: what the program wrote, width, height and pixels, is that picture.
pictured() {
    local size
    size=$(od -An -tu4 -N8 "$dir/raw" | awk '{ print $1 "x" $2 }')
    tail -c +9 "$dir/raw" >"$dir/pixels"
    [ "$(od -An -tu4 --endian=big -j16 -N8 "$2" | awk '{ print $1 "x" $2 }')" = "$size" ] && tests/cc/canvas.py "$2" "$dir/pixels" >"$dir/said" 2>&1
    result $? "$1" "$size; $(cat "$dir/said")"
}

mapfile -t parts < <(ls pxi/*.c pxi/asm/*.c | grep -v pace.c)
program assemble "${parts[@]}"
for name in ${PROGRAMS:-sieve life mandelbrot_large serial_driver scalar terrain matmul fire}; do
    echo "$name.pxa" | "$PX" run --host --grant pxi/programs:ro "$dir/assemble.pxi" >"$dir/raw" 2>"$dir/said"
    "$PX" asm -q "pxi/programs/$name.pxa" -o "$dir/wanted.pxi"
    pictured "the assembler as a picture assembles $name" "$dir/wanted.pxi"
done

mapfile -t passes < <(ls cc/*.c | grep -v driver.c)
program translate "${parts[@]}" "${passes[@]}"
"$PX" cc -q "$dir/translate.elf" -o "$dir/wanted.pxi" && "$PX" run --host "$dir/translate.pxi" <"$dir/translate.elf" >"$dir/raw" 2>"$dir/said"
pictured 'the translator as a picture translates itself' "$dir/wanted.pxi"
finish
