#!/usr/bin/env bash
# texts.sh - sources as editors on other systems save them, files of the wrong kind given to px, warnings.
. tests/cli/lib.sh

# same NAME FILE FILE
same() {
    cmp "$2" "$3" >"$dir/cmp" 2>&1
    result $? "$1" "$(cat "$dir/cmp")"
}

printf '.size 8, 4\nstart: li r1, 7\n.include "more.inc"\n jmp start\n' >"$dir/unix.pxa"
printf 'k = 3\n li r2, k ; and so on\n' >"$dir/more.inc"
expect 'a source with LF' 0 'unix.pxi' "$PX" asm "$dir/unix.pxa" -s "$dir/unix.sym"
mkdir "$dir/bom" "$dir/cr"
for file in unix.pxa more.inc unix.sym; do
    { printf '\xEF\xBB\xBF'; sed 's/$/\r/' "$dir/$file"; } >"$dir/bom/$file"
    { printf '\xEF\xBB\xBF'; tr '\n' '\r' <"$dir/$file"; } >"$dir/cr/$file"
done
for kind in bom cr; do
    expect "a source and an included file, $kind" 0 'unix.pxi' "$PX" asm "$dir/$kind/unix.pxa"
    same "and the same picture, $kind" "$dir/unix.pxi" "$dir/$kind/unix.pxi"
    expect "a symbol file, $kind" 0 '^start:' "$PX" dis "$dir/unix.pxi" -s "$dir/$kind/unix.sym"
done
printf '\xEF\xBB\xBF  halt\r\n  wrong\r\n' >"$dir/place.pxa"
expect 'lines and columns are those that the editor shows' 2 'place.pxa:2:3: error' "$PX" asm "$dir/place.pxa"
for file in tests/conformance/*.pxt; do break; done
{ printf '\xEF\xBB\xBF'; sed 's/$/\r/' "$file"; } >"$dir/cases.pxt"
expect 'conformance cases with a mark and CRLF' 0 '.' "$PX" conformance --on ref "$dir/cases.pxt"
# ---- lists, tables, scripts, what a source is shown from ----
"$PX" conformance --export "$dir/export" tests/conformance/budget.pxt
set=$dir/export/budget
printf '.size 8, 4\nagain: jmp again\n' >"$dir/loop.pxa"
"$PX" asm -q "$dir/loop.pxa"
cases=$(($(wc -l <"$set/cases.tsv")))
for kind in lf bom cr; do
    mkdir -p "$dir/$kind" "$dir/set-$kind"
    cp "$set"/*.pxi "$dir/set-$kind"
    case $kind in
        lf) for file in unix.pxa more.inc; do cp "$dir/$file" "$dir/lf"; done; as() { cat; } ;;
        bom) as() { printf '\xEF\xBB\xBF'; sed 's/$/\r/'; } ;;
        cr) as() { printf '\xEF\xBB\xBF'; tr '\n' '\r'; } ;;
    esac
    printf '%s\n\n%s' "$dir/loop.pxi" "$dir/unix.pxi" | as >"$dir/list"
    as <"$set/cases.tsv" >"$dir/set-$kind/cases.tsv"
    expect "a fleet's list, $kind" 3 '^2 programs: ' "$PX" fleet "$dir/list" --on ref --budget 10
    expect "a fleet's list on standard input, $kind" 3 '^2 programs: ' sh -c '"$1" fleet - --on ref --budget 10 <"$2"' _ "$PX" "$dir/list"
    expect "a fleet's table of cases, $kind" 0 "^$cases cases?: $cases agree" "$PX" fleet --cases "$dir/set-$kind" --on ref --out "$dir/out-$kind"
    "$PX" debug "$dir/$kind/unix.pxa" <<<list 2>&1 | grep -E '^(->|  ) {4}[0-9]' >"$dir/listed-$kind"
    same "px debug lists the source, $kind" "$dir/listed-lf" "$dir/listed-$kind"
done
grep -qx -- '->    2  start: li r1, 7' "$dir/listed-lf"
result $? 'by its lines' "$(cat "$dir/listed-lf")"
{ printf '.size 8, 4 ;'; head -c 3000 /dev/zero | tr '\0' x; printf '\n halt\n'; } >"$dir/long.pxa"
"$PX" debug "$dir/long.pxa" <<<list >"$dir/said" 2>&1
grep -qx -- '->    2   halt' "$dir/said"
result $? 'a line of 3,000 characters is one' "$(cut -c 1-100 "$dir/said")"
{ printf '\xEF\xBB\xBF'; printf 'step\r\nquit\r\n'; } | "$PX" debug "$dir/unix.pxa" >"$dir/said" 2>&1
result $? 'px debug, a script on standard input with a mark' "$(cat "$dir/said")"
iconv -t UTF-16 <"$dir/list" >"$dir/wide"
expect 'a list in UTF-16, as > of PowerShell writes it' 2 'wide is text in UTF-16, expected UTF-8' "$PX" fleet "$dir/wide" --on ref
printf '%s\n\0\n%s\n' "$dir/unix.pxi" "$dir/loop.pxi" >"$dir/list"
expect 'a byte 0 is not the end of a list' 2 'list:2: a text holds no byte 0' "$PX" fleet "$dir/list" --on ref
printf 'step\nstep\nquit\0\n' >"$dir/script"
expect 'nor of a script' 2 'script:3: a text holds no byte 0' "$PX" debug "$dir/unix.pxa" -x "$dir/script"

printf '\xFF\xFEh\0a\0' >"$dir/le.pxa"
printf '\xFE\xFF\0h\0a' >"$dir/be.pxa"
printf '\xFF\xFE\0\0h\0\0\0' >"$dir/le32.pxa"
expect 'UTF-16, low byte first' 2 'le.pxa is text in UTF-16, expected UTF-8' "$PX" asm "$dir/le.pxa"
expect 'UTF-16, high byte first' 2 'be.pxa is text in UTF-16, expected UTF-8' "$PX" asm "$dir/be.pxa"
expect 'UTF-32' 2 'le32.pxa is text in UTF-32, expected UTF-8' "$PX" asm "$dir/le32.pxa"
printf '.include "le.pxa"\n' >"$dir/includes.pxa"
for order in LE BE; do
    iconv -f UTF-8 -t UTF-16$order <<<'  .size 8, 4' >"$dir/bare$order.pxa"
    expect "UTF-16$order without a mark" 2 "bare$order.pxa is text in UTF-16, expected UTF-8" "$PX" asm "$dir/bare$order.pxa"
done
character() { # BYTES WORDS: a third line that begins with them.
    printf "  .size 8, 4\n  halt\n$1 halt\n" >"$dir/character.pxa"
    expect "a line that begins with $1" 2 "character.pxa:3:1: error: unexpected $2" "$PX" asm "$dir/character.pxa"
}
character '\xEF\xBB\xBF' 'character U\+FEFF, a byte order mark'
character '\xC2\xA0' 'character U\+00A0, a blank that does not break'
character '\xE2\x80\x9C' 'character U\+201C, a curved quote; write "'
character '\xE2\x88\x92' 'character U\+2212, a minus; write -'
character '\xE4\xB8\xAD' 'character U\+4E2D; only comments'
character '\xC0\xAF' 'byte 0xC0;'         # longer than it needs to be
character '\xED\xA0\x80' 'byte 0xED;'     # half of a pair
character '\xE2\x80' 'byte 0xE2;'         # cut
expect 'an included file in UTF-16' 2 'includes.pxa:1:10: error: .*le.pxa is text in UTF-16' "$PX" asm "$dir/includes.pxa"
expect 'a symbol file in UTF-16' 2 'le.pxa is text in UTF-16' "$PX" dis "$dir/unix.pxi" -s "$dir/le.pxa"

expect 'a picture to assemble' 2 'unix.pxi is a picture \(PNG\), expected a text; `px dis`' \
    "$PX" asm "$dir/unix.pxi" -o "$dir/never.pxi"
expect 'a picture as a symbol file' 2 'unix.pxi is a picture \(PNG\), expected a text' "$PX" dis "$dir/unix.pxi" -s "$dir/unix.pxi"
expect 'a source to check' 1 'unix.pxa: no picture' "$PX" check "$dir/unix.pxa"
expect 'and what helps' 1 'not a PNG file but text; if it is a program.s source, `px asm .*unix.pxa`' "$PX" check "$dir/unix.pxa"
expect 'a source to take apart' 2 '`px asm .*unix.pxa`' "$PX" dis "$dir/unix.pxa"

# ---- code that runs off its end ----
printf '.size 8, 4\n li r1, 7\n' >"$dir/falls.pxa"
expect 'a program without halt' 0 'falls.pxa:2:2: warning: the program can run on after this instruction, into pixels that nothing writes' \
    "$PX" asm "$dir/falls.pxa"
rm "$dir/falls.pxi"
expect 'and with --werror' 2 '0 errors, 1 warning' "$PX" asm --werror "$dir/falls.pxa"
[ ! -e "$dir/falls.pxi" ]
result $? 'then nothing is written'
finish
