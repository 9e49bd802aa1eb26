#!/usr/bin/env bash
# rooms.sh - the rooms are what CONTRIBUTING.md says: every include goes along one of its arrows, no arrows go in a circle, and a
# comment that names a file names one that is there.
. tests/cli/lib.sh

# "ROOM USED USED ..", a line a room, from the table. Names end with a slash.
sed -nE 's,^\| `([a-z/]+/)` \|.*\| *([^|]*)\|$,\1 \2,p' CONTRIBUTING.md | tr -d '`' >"$dir/arrows"

# A circle: rooms are taken away that use none of those left, until there are none.
awk '{ left[$1] = $0 }
     END { do { gone = 0
                for (room in left) {
                    free = 1
                    n = split(left[room], used)
                    for (i = 2; i <= n; i++) if (used[i] in left) free = 0
                    if (free) { delete left[room]; gone = 1 } }
           } while (gone)
           for (room in left) print left[room] }' "$dir/arrows" >"$dir/circle"
[ -s "$dir/arrows" ] && ! [ -s "$dir/circle" ]
result $? 'no arrows between rooms go in a circle' "$(cat "$dir/circle")"

# The room of a file is the longest in the table that its name begins with.
git ls-files '*.c' '*.h' '*.cpp' '*.def' | xargs grep -nE '^ *# *include "[a-z_]+/' |
    sed -E 's/^([^:]*):([0-9]+):.*"([^"]*)".*/\1 \2 \3/' | awk -v arrows="$dir/arrows" '
    function room(file,   at, best) {
        for (at in uses) if (index(file, at) == 1 && length(at) > length(best)) best = at
        return best }
    BEGIN { while ((getline line <arrows) > 0) { split(line, word, " "); uses[word[1]] = substr(line, length(word[1]) + 1) " " } }
    { from = room($1); to = room($3)
      if (from == "") print $1 ": no row of CONTRIBUTING.md has its folder"
      else if (to == "") print $1 ":" $2 ": " $3 ": no row of CONTRIBUTING.md has its folder"
      else if (from != to && index(uses[from], " " to " ") == 0 && index(uses[from], " anything ") == 0)
          print $1 ":" $2 ": " from " includes " $3 ", and no arrow goes from there to " to }' >"$dir/wrong"
! [ -s "$dir/wrong" ]
result $? 'every include goes along an arrow of CONTRIBUTING.md' "$(cat "$dir/wrong")"

# Files of others that comments name, and names that are made up.
others='picorv32|llama2|runq|cells_sim|cells_bb|brams_map|std[a-z]+|setjmp|cmocka|png|px_isa|px_host|Vtop|fdc|floppy'
git ls-files '*.c' '*.h' '*.cpp' '*.v' '*.vh' '*.cl' '*.sh' '*.py' '*.mk' '*.asm' '*.inc' '*.def' '*.pxa' '*.awk' '*.ld' Makefile |
    grep -v '^findings/' | xargs awk '
    FNR == 1 { c = FILENAME ~ /\.(c|h|cpp|cl|v|vh|def|ld)$/ ? "(/\\*|^ \\*|//)" : FILENAME ~ /\.(asm|inc|pxa)$/ ? ";" : "#" }
    match($0, c) { print FILENAME " " FNR " " substr($0, RSTART) }' |
    grep -oE '^[^ ]+ [0-9]+|[A-Za-z0-9_./*-]*[A-Za-z0-9_]\.(c|h|v|vh|cl|cpp|sh|py|mk|asm|def|ld|awk|md)\b' |
    awk '/^[^ ]+ [0-9]+$/ { place = $1 ":" $2; next } { print place, $0 }' |
    grep -vE '[*]|[A-Z]{2,}[A-Za-z]*/|/[A-Z]{2,}\.(mk|v)|\b[A-Z]+\.vh' | grep -vE "\b($others)\.[a-z]+$" |
    awk -v list=<(git ls-files) '
    BEGIN { while ((getline file <list) > 0) { for (;;) { there[file]; if (!(at = index(file, "/"))) break; file = substr(file, at + 1) } } }
    { name = $2; sub(/^\.+\//, "", name); if (!(name in there)) print $1 ": " $2 }' >"$dir/named"
! [ -s "$dir/named" ]
result $? 'comments name files that are there' "$(cat "$dir/named")"
finish
