#!/usr/bin/env bash
# pack.sh - archives: what goes in comes out, the format as pack/README.md has it (read by a script of its own), entries and what
# they are given; damaged and hostile ones, made by that script, are refused and nothing is written. TAP.
. tests/cli/lib.sh
PX=$(realpath "$PX")
mkdir -p "$dir/game/levels/deep"
"$PX" asm -q examples/hello.pxa -o "$dir/game/hello.pxi"
printf '        .size 512, 2\n        halt\n        .row 1\n        .pixel 1, 2, 3\n' | "$PX" asm -q - -o - >"$dir/game/wide.pxi"
head -c 100001 /dev/urandom >"$dir/game/levels/noise.bin"
printf 'one\n' >"$dir/game/levels/1.txt"
: >"$dir/game/levels/deep/empty"
printf 'no picture\n' >"$dir/game/broken.pxi"
# A program that reads levels/1.txt to its console.
cat >"$dir/read.pxa" <<'PXA'
        .size 32, 8
        .include "host.inc"
        set   r1, SYS_OPEN | 1
        set   r2, block * 4
        sys   r1
        blt   r1, r0, none
        lui   r3, SYS_READ >> 16
        or    r3, r3, r1
        set   r4, into * 4
        sys   r3
        lui   r5, SYS_PRINT >> 16
        or    r5, r5, r3
        set   r6, text * 4
        sys   r5
        halt
none:   putn  r1
        exit  9
block:  .pixel name * 4, 12
into:   .pixel text * 4, 64
name:   .bytes "levels/1.txt"
text:   .zero 16
PXA
"$PX" asm -q "$dir/read.pxa" -o "$dir/game/read.pxi"
cat >"$dir/game/manifest.json" <<'JSON'
{"name": "game", "version": "1.2", "about": "a g\u00e4me", "entries": {
  "play": {"program": "read.pxi", "host": true, "files": "levels", "may": ["screen"]},
  "quiet": {"program": "hello.pxi"},
  "blind": {"program": "read.pxi", "host": true},
  "open": {"program": "read.pxi", "host": true, "files": "", "may": ["files"]}}}
JSON

# ---- there and back ----
expect 'packs a folder' 0 '7 members, 4 entries, 512x' "$PX" pack "$dir/game" -o "$dir/game.pxi"
expect 'the same folder makes the same picture' 0 '' bash -c "'$PX' pack -q '$dir/game' -o '$dir/again.pxi' && cmp '$dir/game.pxi' '$dir/again.pxi'"
expect 'an archive is an intact program' 0 'intact' "$PX" check "$dir/game.pxi"
expect 'that halts, with a note' 0 'is an archive' "$PX" run "$dir/game.pxi"
expect 'unpacks' 0 '7 files -> ' "$PX" unpack "$dir/game.pxi" -o "$dir/back"
(cd "$dir/game" && find . -type f ! -name '*.pxi' ! -name manifest.json -exec cmp {} ../back/{} \;) >"$dir/diff" 2>&1
for name in hello wide read; do "$PX" diff "$dir/game/$name.pxi" "$dir/back/$name.pxi" >>"$dir/out" || echo "$name differs" >>"$dir/diff"; done
cmp "$dir/game/broken.pxi" "$dir/back/broken.pxi" >>"$dir/diff"
[ "$(cd "$dir/game" && find . -type f | sort)" = "$(cd "$dir/back" && find . -type f | sort)" ] && ! [ -s "$dir/diff" ]
result $? 'every file comes back' "$(cat "$dir/diff")"
expect 'what came back packs to the same' 0 '' bash -c "'$PX' pack -q '$dir/back' -o '$dir/again.pxi' && cmp '$dir/game.pxi' '$dir/again.pxi'"
expect 'a folder with something in it is left alone' 2 'is there, and not empty' "$PX" unpack "$dir/game.pxi" -o "$dir/game"
mkdir "$dir/plain" && cp "$dir/game/hello.pxi" "$dir/game/levels/1.txt" "$dir/plain"
expect 'without a manifest programs are entries' 0 '2 members, 1 entry' "$PX" pack "$dir/plain/" -o "$dir/plain.pxi"
expect 'and have a host' 0 'Hello, world!' "$PX" run "$dir/plain.pxi#hello"
expect 'lists' 0 '#play +read.pxi, with a host, reads levels, may be given screen' "$PX" pack --list "$dir/game.pxi"
expect 'lists as JSON' 0 "^game 7 a gäme\$" bash -c "'$PX' pack --json '$dir/game.pxi' | python3 -c 'import json, sys; j = json.load(sys.stdin); print(j[\"name\"], len(j[\"members\"]), j[\"about\"])'"

# ---- entries ----
expect 'an entry reads its files' 0 '^one$' "$PX" run "$dir/game.pxi#play"
expect 'on another executor' 0 '^one$' "$PX" run "$dir/game.pxi#play" --on ref
expect 'all files' 0 '^one$' "$PX" run "$dir/game.pxi#open"
expect 'none: DENIED' 9 '^-2$' "$PX" run "$dir/game.pxi#blind"
expect 'no host: SYS stops it' 3 'waiting' "$PX" run "$dir/game.pxi#quiet"
expect 'no host can be given' 2 'does not let it have --host' "$PX" run "$dir/game.pxi#quiet" --host
expect 'nor a folder' 2 'does not let it have --grant' "$PX" run "$dir/game.pxi#play" --grant /
expect 'nor a disk' 2 'does not let it have --disk' "$PX" run "$dir/game.pxi#open" --disk "$dir/game.pxi"
mkdir -p "$dir/other/levels" && echo two >"$dir/other/levels/1.txt"
expect 'where it may: its user'\''s folder' 0 '^two$' "$PX" run "$dir/game.pxi#open" --grant "$dir/other"
expect 'an entry that is not there' 2 "no entry 'x'; play, quiet, blind, open" "$PX" run "$dir/game.pxi#x"
expect 'an entry is a program for other commands' 0 'image 32x8' "$PX" info "$dir/game.pxi#play"
cp "$dir/game/hello.pxi" "$dir/a#b"
expect 'a file with # in its name is itself' 0 'Hello' "$PX" run "$dir/a#b" --host
! compgen -G '/tmp/px-files-*' >/dev/null
result $? 'no folders of files are left'

# ---- hostile folders ----
ln -s /etc/passwd "$dir/plain/link"
expect 'a link is not followed' 2 'link is neither a file nor a folder' "$PX" pack "$dir/plain" -o "$dir/x.pxi"
rm "$dir/plain/link"
printf '{"name": "x", "entries": {"a": {"program": "none.pxi"}}}' >"$dir/plain/manifest.json"
expect 'an entry without its program' 2 'entry a runs none.pxi, which is no picture' "$PX" pack "$dir/plain" -o "$dir/x.pxi"
manifest() { # NAME TEXT PATTERN
    printf '%s' "$2" >"$dir/plain/manifest.json"
    expect "manifest.json: $1" 2 "$3" "$PX" pack "$dir/plain" -o "$dir/x.pxi"
}
manifest 'no JSON' $'{\n "name": }' 'manifest.json:2:10: this is no JSON'
manifest 'something behind it' '{} x' 'this is no JSON'
manifest 'a list' '[]' 'expected an object'
manifest 'an unknown key' '{"nam": "x"}' 'unknown key "nam"'
manifest 'a key twice' '{"name": "x", "name": "y"}' '"name" is there twice'
manifest 'no text' '{"name": 1}' '"name" is something else, expected a text'
manifest 'members' '{"members": []}' '"members" is for px pack to write'
manifest 'files without a host' '{"entries": {"a": {"program": "hello.pxi", "files": ""}}}' 'expected "host": true'
manifest 'files outside' '{"entries": {"a": {"program": "hello.pxi", "host": true, "files": "../x"}}}' 'no folder of an archive'
manifest 'an unknown gift' '{"entries": {"a": {"program": "hello.pxi", "host": true, "may": ["root"]}}}' 'has "root" in it'
manifest 'a character 0' '{"name": "a\u0000b"}' 'a character 0'
manifest 'bytes' $'{"name": "\xff"}' 'no text in UTF-8'
manifest 'deep' "$(printf '[%.0s' {1..5000})" 'this is no JSON'
! [ -e "$dir/x.pxi" ]
result $? 'none of them leaves an archive'
expect 'no folder' 2 'none: No such file' "$PX" pack "$dir/none" -o "$dir/x.pxi"
expect 'a file in place of a folder' 2 'Not a directory' "$PX" pack "$dir/game.pxi" -o "$dir/x.pxi"
expect 'no output' 2 '-o says' "$PX" pack "$dir/game"
expect 'a program that is no archive' 2 'is no archive' "$PX" unpack "$dir/game/hello.pxi" -o "$dir/y"
expect 'its entries' 2 'is no archive' "$PX" run "$dir/game/hello.pxi#a"

# ---- hostile archives: made by pack/README.md, not by px ----
cat >"$dir/forge.py" <<'PY'
"""forge.py KIND OUT: an archive with one file "a", sound but for one thing."""
import hashlib, json, struct, sys, zlib
kind, out = sys.argv[1:]
data = b'hello'
member = {'name': 'a', 'kind': 'file', 'y': 0, 'bytes': len(data), 'sha256': hashlib.sha256(data).hexdigest()}
picture = {'name': 'p', 'kind': 'picture', 'x': 0, 'y': 1, 'width': 2, 'height': 2, 'sha256': hashlib.sha256(struct.pack('<2I', 2, 2) + bytes(16)).hexdigest()}
manifest = {'name': 'f', 'version': '0', 'entries': {}, 'members': [member, picture]}
version, count, magic = 1, None, 0x4B505850
names = {'parent': '../a', 'absolute': '/tmp/a', 'dot': './a', 'empty': '', 'slash': 'b/', 'double': 'b//a', 'control': 'a\nb', 'back': 'b\\a', 'long': 'a' * 256, 'inside': 'p/a', 'twice': 'p'}
if kind in names: member['name'] = names[kind]
if kind == 'deepname': member['name'] = '/'.join('a' * 20)
if kind == 'hash': member['sha256'] = '0' * 64
if kind == 'hashform': member['sha256'] = 'xyz'
if kind == 'below': member['y'] = 100
if kind == 'huge': member['bytes'] = 2 ** 28
if kind == 'part': member['bytes'] = 4.5
if kind == 'minus': member['y'] = -1
if kind == 'infinite': member['y'] = 1e300
if kind == 'right': picture['x'] = 63
if kind == 'wrap': picture['x'] = 2 ** 26 - 1
if kind == 'nothing': picture['width'] = 0
if kind == 'over': picture['y'] = 0
if kind == 'kind': member['kind'] = 'link'
if kind == 'extra': member['mode'] = 4095
if kind == 'entry': manifest['entries'] = {'e': {'program': 'a'}}
if kind == 'missing': del manifest['members']
if kind == 'many': manifest['members'] = [dict(member, name=str(i), bytes=0, sha256=hashlib.sha256(b'').hexdigest()) for i in range(4097)]
if kind == 'version': version = 2
if kind == 'magic': magic = 1
text = json.dumps(manifest).encode()
if kind == 'json': text = text[:-1]
if kind == 'zero': text = text.replace(b'"0"', b'"\\u0000"')
if kind == 'count': count = 2 ** 31
w = 64
above = -(-(16 + -(-len(text) // 4)) // w)
h = above + 4
px = bytearray(4 * w * h)
struct.pack_into('<9I', px, 0, 0x01495850, 5, 6, 0, 0, 0, magic, version, len(text) if count is None else count)
px[64:64 + len(text)] = text
px[4 * w * above:4 * w * above + len(data)] = data
crc = zlib.crc32(struct.pack('<2I', w, h) + bytes(px)) or 0xFFFFFFFF
struct.pack_into('<I', px, 16, crc)
rows = b''.join(b'\0' + px[4 * w * y:4 * w * (y + 1)] for y in range(h))
chunk = lambda t, b: struct.pack('>I', len(b)) + t + b + struct.pack('>I', zlib.crc32(t + b))
open(out, 'wb').write(b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', struct.pack('>2I5B', w, h, 8, 6, 0, 0, 0)) + chunk(b'IDAT', zlib.compress(rows)) + chunk(b'IEND', b''))
PY
forged() { # KIND PATTERN
    python3 "$dir/forge.py" "$1" "$dir/forged.pxi"
    expect "forged: $1" 2 "$2" "$PX" unpack "$dir/forged.pxi" -o "$dir/evil"
}
python3 "$dir/forge.py" sound "$dir/forged.pxi"
expect 'an archive of another maker' 0 '2 files' "$PX" unpack "$dir/forged.pxi" -o "$dir/sound"
expect 'has what was put into it' 0 '^hello$' cat "$dir/sound/a"
for kind in parent absolute dot empty slash double control back long deepname; do forged $kind 'member 1: its name cannot be that of a file here'; done
forged inside 'p cannot be both a member and the folder of p/a'
forged twice 'two members are called p'
forged hash 'member a is damaged'
forged hashform 'is no SHA-256'
forged below 'member a is not all within'
forged huge 'member a is not all within'
forged part '"bytes" is something else'
forged minus '"y" is something else'
forged infinite '"y" is something else'
forged right 'member p is not all within'
forged wrap 'member p is not all within'
forged nothing 'member p is not all within'
forged over 'members a and p lie over each other|members p and a lie over each other'
forged kind '"kind" is neither'
forged extra 'unknown key "mode"'
forged entry 'entry e runs a, which is no picture'
forged missing '"members" is missing'
forged many '4097 members, expected at most 4096'
forged version 'an archive of version 2, expected 1'
forged magic 'is no archive'
forged json 'this is no JSON'
forged zero 'a character 0'
forged count 'its manifest has 2147483648 bytes'
! compgen -G "$dir/evil*" >/dev/null && ! [ -e "$dir/../a" ]
result $? 'none of them leaves anything'
finish
