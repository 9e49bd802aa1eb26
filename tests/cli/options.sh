#!/usr/bin/env bash
# options.sh - every option of every command with a value, with a wrong one and with none; and what commands work on: none given,
# one too many, and where none is taken. SHORT=1 leaves out what argp refuses before px sees it.
. tests/cli/lib.sh

printf '  .size 8, 4\n  li r1, 7\nend: sys r1\n  halt\n' >"$dir/ask.pxa"
printf '  .size 8, 4\n  li r1, 7\n  halt\n' >"$dir/good.pxa"
"$PX" asm -q "$dir/good.pxa" && "$PX" asm -q "$dir/ask.pxa" -s "$dir/ask.sym"
printf '#!/bin/sh\n"%s" run "$1" --budget "$3" --state -q -o "$2" || [ $? -ne 2 ]\n' "$PX" >"$dir/other"
chmod +x "$dir/other"
"$PX" serve --on ref,ref --listen "unix:$dir/link" >/dev/null 2>&1 &
server=$!
trap 'kill $server 2>/dev/null; rm -rf "$dir"' EXIT
for _ in {1..100}; do [ -S "$dir/link" ] || sleep 0.05; done

# ---- every option, from help ----
commands=$(sed -nE 's/^PX_COMMAND\(([a-z]+),.*/\1/p' host/commands.def)
all=
for command in $commands; do
    while read -r letter option value; do
        all+="$command $option"$'\n'
        [ -z "${SHORT-}" ] || continue
        case $value in
        '[='*) continue ;; # with or without
        '=') expect "px $command $option=x" 2 "option '$option' doesn't allow an argument" "$PX" "$command" "$option=x" ;;
        *) expect "px $command $option" 2 "option '$option' requires an argument" "$PX" "$command" "$option" ;;
        esac
        [ "$letter" = - ] || [ "$value" = = ] ||
            expect "px $command $letter" 2 "option requires an argument -- '${letter#-}'" "$PX" "$command" "$letter"
    done < <("$PX" "$command" --help | sed -nE 's/^ +(-[A-Za-z?], )?(--[a-z-]+)(\[?=?[^ ]*).*/\1\2 \3/p' |
        sed -E 's/^--/- --/; s/,//; s/ $/ =/' | grep -vE -- ' --(help|usage|version) ')
done

# ---- those that commands share ----
# COMMAND OPTION good STATUS PATTERN ARGUMENTS...; the same with bad. Below, both are looked for, for each that help lists.
seen=
try() {
    local command=$1 option=$2 kind=$3 status=$4 pattern=$5
    shift 5
    seen+="$command $option $kind"$'\n'
    expect "px $command $*" "$status" "$pattern" env OCL_ICD_VENDORS="$dir/none" PX_OPENCL_CACHE=off "$PX" "$command" "$@"
}
good=$dir/good.pxi ask=$dir/ask.pxi source=$dir/good.pxa cases=tests/conformance/examples.pxt nowhere=$dir/no/dir
two=ref,cmd:$dir/other

try run --on good 0 '^ref: halted' --on ref "$good"
try os --on good 2 'is no picture of pxOS' --on ref "$good"
try os --on bad 2 "no executor is called 'rlt'; did you mean 'rtl'" --on rlt "$good"
try diff --on good 0 'the same image and state on 2 executors' --on "$two" "$good"
try serial --on good 0 'the same as ref' --on ref,ref Hi
try conformance --on good 0 'files on ref: [0-9]+ cases, 0 failed' --on ref "$cases"
try gallery --on good 0 '1 comparison agrees' --on ref,ref "$good"
ls "$good" >"$dir/fleet"
try fleet --on good 0 '^1 program' --on ref "$dir/fleet"
try fleet --on bad 2 "no executor is called 'rlt'; did you mean 'rtl'" --on rlt "$dir/fleet"
try fleet --budget good 3 '0 halted, 1 stopped' --budget 1 "$dir/fleet"
try fleet --budget bad 2 "fleet: --budget: 'ten' is not a count" --budget ten "$dir/fleet"
try fleet --quiet good 0 '^$' --quiet "$dir/fleet"
try bench --on good 0 'going on without it' --on opencl
expect 'px serve --on ref,ref' 0 ': ref,ref$' "$PX" link -q "unix:$dir/link"
seen+="serve --on good"$'\n'
# Nobody comes to it, and a signal ends the wait.
expect 'px pci with its options' 3 '^$' timeout --preserve-status -s TERM 0.5 "$PX" pci --on ref --listen "unix:$dir/pci" -o "$dir/pci.png" --quiet --direct "$good"
seen+="pci --on good"$'\n'"pci --direct good"$'\n'"pci --output good"$'\n'"pci --quiet good"$'\n'
try pci --output bad 2 'no/dir/new.png: .*No such file' --listen "unix:$dir/pci" -o "$nowhere/new.png" "$good"
for command in run diff serial conformance gallery bench serve pci; do
    case $command in
    pci) rest="--listen unix:$dir/wrong $good" ;;
    serial) rest=Hi ;; conformance) rest=$cases ;; bench) rest= ;; serve) rest="--listen unix:$dir/wrong" ;;
    *) rest=$good ;;
    esac
    try $command --on bad 2 "no executor is called 'rlt'; did you mean 'rtl'" --on rlt $rest
done
try run --budget good 3 'stopped by its budget .* after 1 instruction' --budget 1 "$good"
try diff --budget good 0 'the same image' --on "$two" --budget 1 "$good"
for command in run diff; do
    try $command --budget bad 2 "$command: --budget: 'ten' is not a count; write 1000000, 1e6, 1M or 0x100" --budget ten "$good"
    try $command --answers bad 2 "found 'x'" --answers 1,x --on $([ $command = run ] && echo ref || echo "$two") "$ask"
done
try run --answers good 0 'halted' --answers 5 "$ask"
try diff --answers good 0 'the same image' --on "$two" --answers 5 "$ask"
try debug --on good 0 'li r1, 7' --on ref "$good"
try profile --on good 0 '^ref: halted' --on ref "$good"
try trace --on good 0 '6  00000000  halt' --on ref "$good"
try view --on good 0 'new.html: .*halted' --on ref -o "$dir/new.html" "$good"
try view --budget good 0 'new.html: .*stopped by its budget' --budget 1 -o "$dir/new.html" "$good"
try view --budget bad 2 "view: --budget: 'ten' is not a count" --budget ten -o "$dir/new.html" "$good"
try view --answers good 0 'halted' --answers 5 -o "$dir/new.html" "$ask"
try view --symbols good 0 'waiting' --symbols "$dir/ask.sym" -o "$dir/new.html" "$ask"
try view --output good 0 'new.html: ' --output "$dir/new.html" "$good"
try view --output bad 2 'no/dir/new' --output "$nowhere/new" "$good"
for command in debug profile trace view; do
    try $command --on bad 2 "no executor is called 'rlt'; did you mean 'rtl'" --on rlt "$good"
    try $command --symbols bad 2 'no/dir/new.sym: .*No such file' --symbols "$nowhere/new.sym" "$good"
    try $command --answers bad 2 "found 'x'" --answers 1,x "$ask"
done
try debug --answers good 0 'li r1, 7' --answers 5 "$ask"
try debug --symbols good 0 'li r1, 7' --symbols "$dir/ask.sym" "$ask"
printf 'run\n' >"$dir/debug.txt"
try debug --json good 0 '^\{"command": "run", .*"status": "HALTED"' --json --script "$dir/debug.txt" "$good"
try profile --budget good 3 'stopped by its budget .* after 1 instruction' --budget 1 "$good"
try profile --budget bad 2 "profile: --budget: 'ten' is not a count" --budget ten "$good"
try profile --answers good 0 'halted' --answers 5 "$ask"
try profile --symbols good 3 'waiting' --symbols "$dir/ask.sym" "$ask"
try profile --quiet good 0 '^$' --quiet "$good"
try trace --answers good 0 'halt' --answers 5 "$ask"
try trace --symbols good 3 'sys r1' --symbols "$dir/ask.sym" "$ask"
try trace --output good 0 'new.txt: 2 instructions' --output "$dir/new.txt" "$good"
try trace --output bad 2 'no/dir/new' --output "$nowhere/new" "$good"
try trace --quiet good 0 '^$' --quiet -o "$dir/new.txt" "$good"
try trace --at good 0 'halt' --at 'op halt' --before 0 "$good"
try trace --at bad 2 "'nowhere' is not defined" --at nowhere "$good"
try trace --before good 0 'li r1, 7' --at 'op halt' --before 1 "$good"
try trace --before bad 2 "trace: --before: 'ten' is not a count" --at 'op halt' --before ten "$good"
try trace --after good 0 'li r1, 7' --at 'count 1' --before 1 --after 1 "$good"
try trace --after bad 2 '--after is 0' --at 'op halt' --after 0 "$good"
if "$PX" run -q --on rtl "$good" 2>/dev/null; then
    try trace --wave good 0 'new.fst: waveforms of 2 instructions' --on rtl --wave "$dir/new.fst" "$good"
    try trace --wave bad 2 'no/dir/new' --on rtl --wave "$nowhere/new" "$good"
else
    try trace --wave good 2 'rtl is absent' --on rtl --wave "$dir/new.fst" "$good"
    try trace --wave bad 2 'rtl is absent' --on rtl --wave "$nowhere/new" "$good"
fi
try diff --symbols good 0 'the same image' --on "$two" --symbols "$dir/ask.sym" "$ask"
try diff --symbols bad 2 'no/dir/new.sym: .*No such file' --on "$two" --symbols "$nowhere/new.sym" "$good"
try diff --skip-absent good 2 'ref alone' --skip-absent --on ref,opencl "$good"

try asm --output good 0 'good.pxa: 8x4' --output "$dir/new.pxi" "$source"
try dis --output good 0 '' --output "$dir/new.pxa" "$good"
try run --output good 0 'new.png: image, 8x4' --output "$dir/new.png" "$good"
try import --output good 0 'new.png: ' --output "$dir/new.png" "$good"
try serial --output good 0 'new.png: the driver' --output "$dir/new.png" Hi
try info --map good 0 '' --map "$dir/map.png" "$good"
try asm --symbols good 0 '' -q --symbols "$dir/new.sym" -o "$dir/new.pxi" "$source"
for command in asm:--output:$source asm:--symbols:$source dis:--output:$good run:--output:$good import:--output:$good serial:--output:Hi \
    info:--map:$good; do
    IFS=: read -r command option rest <<<"$command"
    try $command $option bad 2 'no/dir/new' $option "$nowhere/new" $rest
done
try dis --symbols good 0 '^end:' --symbols "$dir/ask.sym" "$ask"
try run --symbols good 3 '^fast: waiting' --symbols "$dir/ask.sym" "$ask"
try dis --symbols bad 2 'no/dir/new.sym: .*No such file' --symbols "$nowhere/new.sym" "$good"
try run --symbols bad 2 'no/dir/new.sym: .*No such file' --symbols "$nowhere/new.sym" "$good"

# Nothing is said; px link says hello, and measures nothing.
try asm --quiet good 0 '^$' --quiet -o "$dir/new.pxi" "$source"
if { { command -v clang || command -v clang-14; } && { command -v ld.lld || command -v ld.lld-14; }; } >/dev/null; then
    echo 'int main(void) { return 0; }' >"$dir/good.c"
    try cc --output good 0 'new.pxi: [0-9]+x[0-9]+, [0-9]+ pixels of code' --freestanding --output "$dir/new.pxi" "$dir/good.c"
    try cc --symbols good 0 '' -q --freestanding --symbols "$dir/new.sym" -o "$dir/new.pxi" "$dir/good.c"
    try cc --quiet good 0 '^$' --quiet --freestanding -o "$dir/new.pxi" "$dir/good.c"
    try cc --output bad 2 'no file can be made in the directory' --freestanding --output "$nowhere/new.pxi" "$dir/good.c"
    try cc --symbols bad 2 'no file can be made in the directory' --freestanding --symbols "$nowhere/new.sym" -o "$dir/new.pxi" "$dir/good.c"
else
    for how in '--output good' '--output bad' '--symbols good' '--symbols bad' '--quiet good'; do seen+="cc $how"$'\n'; done
fi
try run --quiet good 0 '^$' --quiet "$good"
try diff --quiet good 0 '^$' --quiet --on "$two" "$good"
try check --quiet good 0 '^$' --quiet "$good"
try import --quiet good 0 '^$' --quiet -o "$dir/new.png" "$good"
try serial --quiet good 0 '^$' --quiet Hi
try link --quiet good 0 'images of up to' --quiet "unix:$dir/link"
! "$PX" link --quiet "unix:$dir/link" | grep -q 'round trip'
result $? 'px link --quiet measures nothing'
try conformance --tap good 0 '^1\.\.1' --tap "$cases"
try gallery --tap good 0 '^1\.\.1' --tap --on ref,ref "$good"
try info --json good 0 '^\{' --json "$good"
mkdir "$dir/folder" && cp "$good" "$dir/folder"
try architect --on bad 2 "no executor is called 'rlt'" --on rlt --url http://127.0.0.1:9/v1 --task examples/triangle.json
try architect --on good 2 '127.0.0.1:9|libcurl' --on ref --url http://127.0.0.1:9/v1 --task examples/triangle.json
try architect --output good 2 '127.0.0.1:9|libcurl' --output "$dir/new.pxa" --on ref --url http://127.0.0.1:9/v1 --task examples/triangle.json
try architect --output bad 2 'no/dir/new' --output "$nowhere/new.pxa" --on ref --url http://127.0.0.1:9/v1 --task examples/triangle.json
try architect --quiet good 2 '127.0.0.1:9|libcurl' --quiet --on ref --url http://127.0.0.1:9/v1 --task examples/triangle.json
try pack --output good 0 'folder: 1 member, 1 entry' --output "$dir/pack.pxi" "$dir/folder"
try pack --output bad 2 'no/dir/new' --output "$nowhere/new.pxi" "$dir/folder"
try pack --quiet good 0 '^$' --quiet -o "$dir/pack.pxi" "$dir/folder"
try pack --json good 0 '^\{' --json "$dir/pack.pxi"
try unpack --output good 0 '1 file -> ' --output "$dir/unpacked" "$dir/pack.pxi"
try unpack --output bad 2 'no/dir/new' --output "$nowhere/new" "$dir/pack.pxi"
try unpack --quiet good 0 '^$' --quiet -o "$dir/unpacked2" "$dir/pack.pxi"
if "$PX" mkos -q --slots 2K=8,16K=8 -o "$dir/os.pxi" 2>/dev/null; then
    try mkos --output good 0 'slots' --slots 2K=8,16K=8 --output "$dir/os.pxi"
    try mkos --output bad 2 'no/dir/new' --output "$nowhere/new.pxi"
    try mkos --root good 0 'slots' --root ramfs=32K --kernel build/os/kernel/kernel.pxi --slots 16K=2 build/os/sh.pxi -o "$dir/small.pxi"
    try mkos --root bad 2 'not pxfs=PIXELS or ramfs=PIXELS' --root fat=32K --kernel build/os/kernel/kernel.pxi -o "$dir/small.pxi"
    try mkos --quiet good 0 '^$' --quiet --slots 2K=8,16K=8 -o "$dir/os.pxi"
else
    for how in '--output good' '--output bad' '--root good' '--root bad' '--quiet good'; do seen+="mkos $how"$'\n'; done
fi
try mkfs --size good 0 '^$' --size 300000 "$dir/disk"
try mkfs --size bad 2 'a pxFS has 262144 to' --size 3 "$dir/disk2"
try mkfs --id good 0 '^$' --id 7 "$dir/disk"
try mkfs --id bad 2 "'x' is not a count" --id x "$dir/disk"
try fsck --json good 0 '"outcome": "clean"' --json "$dir/disk"
try fsck --quiet good 0 '^$' --quiet "$dir/disk"
try fsck --repair good 0 ': clean;' --repair "$dir/disk"
try cp --recursive good 0 '^$' --recursive "$dir/folder" "$dir/disk:/"
try cp --list good 0 '^d .* folder$' --list "$dir/disk:/"
try cp --picture good 0 '^$' --picture build/programs/life.pxi "$dir/disk:/"
try cp --program good 0 '^$' --program build/os/true.pxi "$dir/disk:/"
try cp --png good 0 '^$' --png "$dir/disk" "$dir/disk.png"
try cp --raw good 0 '^$' --raw "$dir/disk.png" "$dir/disk3"
try watch --on good 0 'halted' --on ref --times 1 "$good"
try watch --on bad 2 "no executor is called 'rlt'" --on rlt "$good"
try watch --budget good 0 'stopped by its budget' --budget 1 --times 1 "$good"
try watch --budget bad 2 "'x'" --budget x "$good"
try os --disk good 2 'is no picture of pxOS' --on ref --disk "$dir/disk" "$good"
try os --net good 2 'is no picture of pxOS' --on ref --net "unix:$dir/ether" "$good"
try os --net bad 2 "--net is 'nowhere'" --on ref --net nowhere build/os.pxi
try os --screen good 2 'is no picture of pxOS' --on ref --screen "$good"
try os --screen bad 2 'is no folder' --on ref --screen="$good" build/os.pxi
try os --disk bad 2 'is no picture of pxOS' --on ref --disk "$nowhere/disk" "$good"
try devices --json good 0 '^\[' --json

while read -r command option; do
    case $option in
    --on | --budget | --answers | --output | --symbols) kinds='good bad' ;;
    --quiet | --tap | --json | --skip-absent) kinds=good ;;
    *) continue ;;
    esac
    for kind in $kinds; do
        grep -qxF -- "$command $option $kind" <<<"$seen"
        result $? "px $command $option has a $kind value here"
    done
done <<<"$all"

for zoom in 0 65 2x; do
    expect "px run --zoom $zoom" 2 "--zoom is '$zoom', expected a number from 1 to 64" "$PX" run --zoom $zoom -o "$dir/new.png" "$good"
done
expect 'px run --zoom 64' 0 'a copy for viewing, 512x256' "$PX" run --zoom 64 --opaque -o "$dir/new.png" "$good"
expect 'px run --opaque' 0 'a copy for viewing, 8x4' "$PX" run --opaque -o "$dir/new.png" "$good"

# ---- standard input and output ----
# piped NAME PATTERN FILE ARGUMENTS...: px with FILE as its standard input.
piped() { expect "px $1" 0 "$2" timeout 20 bash -c '"$@" <"$0"' "$3" "$PX" "${@:4}"; }
piped 'dis -s -' '^end:' "$dir/ask.sym" dis -s - "$ask"
piped 'run -s -' '^end:' "$dir/ask.sym" run -s - --trace --answers 5 "$ask"
printf '.profile classic\n.size 2, 2\n.word 0\n' | "$PX" asm -q - -o "$dir/nothing.png"
piped 'serial --ops -' '^0 operations, 0 characters' "$dir/nothing.png" serial --ops -
echo 'other 0 0 1 1 00000000' >"$dir/expected"
piped 'gallery --expect -' '0 pictures right, 0 wrong' "$dir/expected" gallery --on ref --expect - "$good"
"$PX" info --map - "$good" 2>/dev/null | cmp -s - "$dir/map.png"
result $? 'px info --map -'

# ---- given more than once ----
expect 'a definition too many' 2 '--define more than 256 times' "$PX" asm "$source" $(printf -- '-D A%d=1 ' {1..257})
expect 'as many as there may be' 0 '' "$PX" asm -q "$source" -o "$dir/new.pxi" $(printf -- '-D A%d=1 ' {1..256})
expect 'a place too many' 2 '--listen more than 16 times' "$PX" serve $(printf -- '--listen=tcp:%d ' {1..17})
expect 'the last of two counts' 3 'after 1 instruction' "$PX" run --budget 2 --budget 1 "$good"

# ---- what a command works on ----
while IFS='|' read -r command none several; do
    expect "px $command without any" 2 "^px $command: $none" "$PX" $command
    [ -z "$several" ] || expect "px $command, one too many" 2 "^px $command: $several" "$PX" $command one two three
done <<'EOT'
asm|no file to assemble|one file at a time, found 'one' and 'two'
dis|no picture to disassemble|one picture at a time, found 'one' and 'two'
run|no program given|one program at a time, found 'one' and 'two'
diff|no program given|two pictures at a time, found a third, 'three'
check|no picture given|
import|no PNG given|one PNG at a time, found 'one' and 'two'
info|no picture given|one picture at a time, found 'one' and 'two'
stack|no command given|
god|no command given|
watch|no program given|one program at a time, found 'one' and 'two'
pack|no folder to pack|one folder at a time, found 'one' and 'two'
unpack|no archive to unpack|one archive at a time, found 'one' and 'two'
link|no port given|one port at a time, found 'one' and 'two'
term|no place given|one place at a time, found 'one' and 'two'
serial|give either a text or a picture|one text at a time, found 'one' and 'two'; put it in quotes
gallery|no programs given|
serve|where to listen is not said|expected options only, found 'one'
front|--listen and --to are needed|expected options only, found 'one'
pci|no program given|one program at a time, found 'one' and 'two'
EOT
expect 'px devices takes none' 2 "^px devices: expected options only, found 'one'" "$PX" devices one
expect 'import without a place' 2 'no output given; add -o FILE' "$PX" import "$good"
expect 'a port as executors name it' 0 'images of up to' "$PX" link -q "link:unix:$dir/link"
expect 'operands before options' 3 'after 1 instruction' "$PX" run "$good" --budget 1
expect 'an operand like an option' 2 '--quiet: .*No such file' "$PX" check -- --quiet
finish
