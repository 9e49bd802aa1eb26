#!/usr/bin/env bash
# isolation.sh - processes of pxOS that do harm, beside one that must end as if it were alone. TAP.
. tests/os/lib.sh
small bomb neighbour needy # three bombs leave an eighth of the smallest slots
with_programs crash spin stuck dirty hostile race

# The sums, by a generator that is written in awk.
awk 'BEGIN { x = 1; for (line = 1; line <= 20; line++) {
         for (i = 0; i < 5000; i++) {
             low = x % 65536; high = int(x / 65536)      # 1664525 = 25 * 65536 + 26125
             x = (low * 26125 + (((low * 25 + high * 26125) % 65536) * 65536) + 1013904223) % 4294967296
             sum = (sum + int(x / 65536)) % 4294967296 }
         printf "neighbour %d %.0f\n", line, sum } }' >"$dir/neighbour"

cp "$dir/neighbour" "$dir/wanted"
echo neighbour >"$dir/in"
session 'alone' 0

beside() { # NAME LINE..: what is printed before is in $dir/before
    local name=$1
    shift
    printf '%s\n' "$@" >"$dir/in"
    cat "$dir/before" "$dir/neighbour" "$dir/after" >"$dir/wanted" 2>/dev/null
    session "$name" 0
    : >"$dir/before" >"$dir/after"
}
: >"$dir/before" >"$dir/after"
beside 'endless loops' 'spin & spin & spin & neighbour'
beside 'an endless loop is killed' 'spin & neighbour; kill 2; wait'
beside 'spawning without end' 'bomb & sh -c "true"; true; true; neighbour'
beside 'forking without end' 'bomb f & bomb f & true; true; neighbour'
beside 'asking for heap without end' 'bomb h & neighbour'
beside 'messages without end' 'bomb m & neighbour'
echo 'needy has had all' >"$dir/before"
beside 'three jobs that take all they get, beside one that needs processes and pipes' 'bomb & bomb f & bomb h & needy; neighbour'
beside 'a pipe that nobody reads' 'yes | spin & neighbour; kill 2; kill 3; wait'
echo 1 >"$dir/after"
beside 'a pipe without a reader' 'neighbour; yes | true; yes | false; echo $?'
echo 137 >"$dir/after"
beside 'a process that waits for itself' 'neighbour; stuck; echo $?'
echo 'all refused' >"$dir/before"
beside 'bad pointers and requests' 'hostile' neighbour
echo 'all refused' >"$dir/before"
beside 'bad pointers and requests of many at once' 'hostile many' neighbour
printf 'clean\nclean\nclean\n' >"$dir/before"
beside 'no process sees what another left' 'dirty; dirty | cat; dirty' neighbour

echo 'killed 24' >"$dir/before"
beside 'who is killed while it asks is not served' race neighbour

# ---- traps
names=('' OPCODE PC RANGE OVERLAP VL)
for cause in 1 2 3 4 5; do
    printf 'crash %d\necho $?\nneighbour\n' $cause >"$dir/in"
    printf '%d\n' $((128 + cause)) | cat - "$dir/neighbour" >"$dir/wanted"
    for on in $OS_ON; do
        timeout 60 "$PX" run --host --on "$on" "$dir/os.pxi" <"$dir/in" >"$dir/got" 2>"$dir/err"
        got=$?
        head -n 1 "$dir/got" | grep -qE "^pxos: process 2, crash: trap ${names[cause]} at pc [0-9]+, value [0-9]+$" &&
            tail -n +2 "$dir/got" | cmp -s - "$dir/wanted" && [ $got = 0 ]
        result $? "a trap ${names[cause]} on $on" "exit $got; $(head -n 5 "$dir/got" "$dir/err")"
    done
done
finish
