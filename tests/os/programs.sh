#!/usr/bin/env bash
# programs.sh - pxOS' shell and programs beside those of Linux: the same commands on the same files, run by bash and by the system's own
# shell. What only pxOS has is worked by hand. TAP.
. tests/os/lib.sh
export LC_ALL=C

# beside NAME: the commands of $dir/commands, in $dir/files by bash, and in /disk0 by pxOS on fast; what it was told, fed to ref.
beside() {
    (cd "$dir/files" && bash "$dir/commands" >"$dir/wanted" 2>/dev/null)
    rm -f "$dir/disk" && "$PX" mkfs "$dir/disk" --size 1M --id 1 && "$PX" cp "$dir"/files/* "$dir/disk:/" || exit 1
    (echo 'cd /disk0' && cat "$dir/commands") >"$dir/in"
    timeout 60 "$PX" run --host --on fast --disk "$dir/disk" --record "$dir/log" --image "$OS.pxi" -o "$dir/fast.png" <"$dir/in" >"$dir/got" 2>"$dir/err"
    diff "$dir/wanted" "$dir/got" >"$dir/diff"
    result $? "$1 on fast" "$(head -n 20 "$dir/diff" "$dir/err")"
    timeout 60 "$PX" run --on ref --replay "$dir/log" --image "$OS.pxi" -o "$dir/ref.png" >"$dir/again" 2>"$dir/err"
    cmp -s "$dir/again" "$dir/got" && cmp -s "$dir/fast.png" "$dir/ref.png"
    result $? "$1: the same pixels on ref" "$(head -n 3 "$dir/err")"
}
prepare() {
    rm -rf "$dir/files" && mkdir "$dir/files"
    awk 'BEGIN { srand(7); for (i = 0; i < 60; i++)
        printf "%d %s\tline %c\n", int(rand() * 200) - 50, substr("quick brown fox jumps", 1 + int(rand() * 18), 5), 65 + int(rand() * 26) }' >"$dir/files/t"
    sed -e 3d -e '10s/.*/changed/' -e '30i\new one' -e '31i\another' -e '$a\last' "$dir/files/t" >"$dir/files/u"
    printf 'no end' >>"$dir/files/u"
    awk 'BEGIN { for (i = 0; i < 300; i++) printf "%c", i < 200 ? 0 : i - 150 }' >"$dir/files/z"
    : >"$dir/files/e"
    printf 'a\nb' >"$dir/files/n"
}

# ---- programs that read texts
prepare
cat >"$dir/commands" <<'END'
sort t; sort -r t
sort -n t; sort -rn t; sort -u t u; sort < n
grep fox t; grep -n '^[0-9-]*5 ' t; grep -vc b t u; grep -i 'LINE [A-D]$' t; grep -l new t u e; grep 'o.*w *f' t; grep '[^a-z]x' t
grep nothing t; echo $?; grep -q fox t; echo $?; grep '\.' t; grep -c 'x*' e n
cat t | wc; wc -l < t; wc -w < t; wc -c < u; cat t u e n | wc
head t; head -n 3 t u; head -n 0 t; tail t; tail -n 3 t; tail -n 2 u; tail -n +58 t; tail -n 1 n; tail < e
diff t u; diff u t; echo $?; diff t t; echo $?; diff e t; diff n e; diff e e
cat t | tee x | wc -c; cat x | tee -a x > y; sort -u x | wc; rm x y
sort t | head -n 3 | tail -n 1
echo -n open; echo; echo a '' b
END
if command -v hexdump >/dev/null; then
    echo 'hexdump -C z; hexdump -C e; hexdump -C n; hexdump -C < t' >>"$dir/commands"
fi
beside 'texts'

# ---- the shell
cat >"$dir/commands" <<'END'
A=5; B="two  words"; echo $A ${A}x "$A y" '$A' $B "$B" "${B}" $NOTHING end
echo \$A \"x\" "a\"b" 'it'"'"'s' \\ a\ b
echo hi > o; echo more >> o; cat < o; cat o > p 2>&1; echo $?
cat nosuch 2> err; echo $?; wc -l < err
echo both 2>&1 >&2 | cat
true && echo yes || echo no; false && echo yes || echo no; false || false || echo third
echo ?; echo nosuch* "*" '?' \*; echo *
if true; then echo T; else echo F; fi; if false; then echo T; elif true; then echo E; else echo F; fi
if false
then echo T
else
    echo "several lines"  # a comment
fi
for i in 1 2 3; do for j in a b; do echo $i$j; done; done
i=0; while [ $i -lt 4 ]; do i=$((i + 1)); if [ $i -eq 2 ]; then echo two; fi; if [ $i = 3 ]; then break; fi; done; echo $i
until [ $i -ge 6 ]; do i=$((i+1)); echo $i; done
echo $(echo in; echo side | cat) "$(echo 'a  b')" $((2 * (3 + 4) - 17 / 5 % 2)) $((-7 / 2)) x$(true)x
echo 'echo script $1 $# "$2"; shift; echo $1; exit 4' > s; sh s 'a  b' c; echo $?
export X=1; sh -c 'echo $X'; Y=2 sh -c 'echo $Y'; echo "[$Y]"; unset X; sh -c 'echo [$X]'
[ -f t ] && echo file; [ -d . ] && echo folder; [ -e nosuch ] || echo none; [ -s e ] || echo empty
[ a != b ] && [ -n a ] && [ -z "" ] && ! [ 3 -gt 4 ] && echo tests
echo 'value of a line' > v; read L < v; echo "$L"
mkdir -p d/e/f; cp t d/e/f/t; cp -r d g; cat g/e/f/t | wc -l; rm -r d g; [ -e d ] || echo removed
mkdir q; cd q; pwd | grep -c q; cd ..; rmdir q; [ -d q ] || echo gone
rm -f nosuch; echo $?; mv v w; cat w; cp w v; diff v w && rm v w o p err s
env A=B C=D sh -c 'echo $A $C'; export Z=9; env | grep '^Z='
! true; echo $?; ! false; echo $?
END
beside 'the shell'

cat >"$dir/commands" <<'END'
for i in 3 1 2; do echo $i; done | sort
for i in a b; do echo $i; done > f; cat f; for i in c; do echo $i; done >> f; cat f | wc -l
echo one two three | while read x; do echo "<$x>"; done
cat f | while read x; do if [ $x = b ]; then echo found $x; fi; done | cat | cat
if true; then echo yes; fi | cat; while read l; do echo "- $l"; done < f
for i in 1 2; do for j in x y; do echo $i$j; done | sort -r; done | head -n 3
X=1; if true; then X=2; fi > o; echo $X; echo | while true; do X=3; break; done; echo $X
false | if true; then false; fi; echo $?; ! if true; then false; fi | cat; echo $?
for i in 1 2; do echo "a|b;c" | cat; done; for i in a b; do echo $i & wait; done
until [ -e q ]; do echo x > q; done >> f; cat f | wc -l
echo x | if read y; then echo got $y; fi | cat; for i in 1 2; do echo behind $i; done & wait
for i in $(for a in 1 2 3; do echo $a; done); do echo v$i; done
if false; then echo a | while true; do echo b; done > never; fi; [ -e never ] || echo never
if true; then for i in 1 2 3; do if [ $i = 2 ]; then break; fi; echo $i | cat; done; fi | cat
while read a; do read b; echo "$b$a"; done < f | cat > o; cat o; for i in 1; do nosuch; done 2> e; [ -s e ] && echo told
for i in 1 2 3
do
    echo line $i
done | while read l
do echo "$l." # a comment
done
for a in 1; do for b in 1; do for c in 1; do for d in 1; do for e in 1; do for g in 1; do echo deep | cat; done; done; done; done; done; done | cat
END
beside 'loops and choices in pipes'

cat >"$dir/commands" <<'END'
false; for i in ; do echo; done; echo $?; n=0; while [ $n = 0 ]; do n=1; false; done; echo $?; until true; do false; done; echo $?
break; echo behind
echo next; for i in 1 2; do for j in 1 2; do break; done; echo $i; done; break; echo z; while true; do break | cat; echo in; break; done
sh -c 'cat < nosuch || echo absent; cat < nosuch > made; [ -e made ] || echo not made; ! cat < nosuch && echo c' 2> e
sh -c 'cat < nosuch | wc -l; echo a > /nosuch/b | cat; echo $?; echo x | cat > /nosuch/b || echo failed; cat < nosuch & wait; echo $?' 2> e
sh -c 'for i in 1 2; do echo $i; done < nosuch || echo no; if cat < nosuch; then echo yes; else echo no; fi' 2> e; [ -s e ] && echo told
x=$(exit 7); echo $?; x=$(false) || echo failed; x=$(echo a; false); echo $? $x; y=$x; echo $?; y=$(false) z=$(true); echo $?
echo 'for x in "$@"; do echo "<$x>"; done; echo $# "$*"' > s; sh s; sh s a "" "b  c"
echo 'y=1; if true; then y=2; fi' > s; . ./s; echo $y; for i in 1 2; do . ./s; echo $i; done; . ./s && echo b
echo 'echo in; break; echo never' > s; for i in 1 2; do . ./s; echo $i; done; echo out
ls nosuch 2>&1 >/dev/null | wc -l; ls nosuch 2>&1 > f | wc -l; wc -l < f; ls nosuch > f 2>&1; wc -l < f
false &&
echo not
echo a |

cat | # two lines
wc -l; if true &&
false; then echo n; fi; true ||
echo not; echo end
END
beside 'statuses, files that are not there, and lines that go on'

# ---- what only pxOS has, or says in its own words
cat >"$dir/in" <<'END'
echo '#!/bin/sh' > /tmp/s; echo 'for x in "$@"; do echo "<$x>"; done' >> /tmp/s; /tmp/s a 'b c'
fi
for x; do echo
if true; then echo; fi x
echo $(((((((((((((((((((((1))))))))))))))))))))); for i in 1; do for i in 1; do for i in 1; do for i in 1; do for i in 1; do for i in 1; do for i in 1; do for i in 1; do for i in 1; do for i in 1; do if true; then echo; fi; done; done; done; done; done; done; done; done; done; done
echo a >; echo $?
echo > /nosuch/a; echo $?
sleep 1 & jobs; kill %1; wait; jobs; kill %3
cd /nosuch; cd /tmp; pwd; cd; pwd
false; echo $? $(false) $?
ls -l /man/true; ls /nosuch; ls -x; rm /home/x; mv a
df | head -n 1; mount; mount 9 /tmp; du -s /home
man nosuch; man true; cp -r /man /man/x; uptime x | wc -l
sh /nosuch; echo $?
rm -rf / /bin/..; sleep 9 & kill -9 $! 77; wait; echo $?
if true
END
cat >"$dir/wanted" <<'END'
<a>
<b c>
sh: not expected: fi
sh: expected: in
sh: fi and done have only redirections behind them
sh: too many ( in each other
0
sh: too many of if, while, until and for in each other
sh: a name is missing beside < or >
2
sh: /nosuch/a: there is none
1
[1] runs  sleep 1
sh: kill: %3: no such process, or not mine to kill
cd: /nosuch: there is none
/tmp
/home
1 1
-         47 /man/true
ls: /nosuch: there is none
usage: ls [-la] [NAME..]
rm: /home/x: there is none
usage: mv FILE.. TO
type          KiB       used       free  mounted at
pxfs at /
mount: /tmp: more than the host does at once
      0  /home
man: there is no page of that name
true - succeeds

usage: true

Its status is 0.
cp: /man: that cannot be
1
sh: /nosuch: there is none
127
rm: /: it may not be written
rm: /bin/..: it may not be written
sh: kill: 77: no such process, or not mine to kill
0
sh: an if, while or for has no end
END
timeout 60 "$PX" run --host "$OS.pxi" <"$dir/in" >"$dir/got" 2>"$dir/err"
diff "$dir/wanted" "$dir/got" >"$dir/diff"
result $? 'in its own words' "$(cat "$dir/diff" "$dir/err")"

# ---- forth: Forth 2012's words, worked by hand
cat >"$dir/in" <<'END'
forth
: fac 1 swap 1+ 1 do i * loop ; 10 fac . -7 2 mod . 7 -2 / . 1 2 3 rot .s cr
: down begin dup 0 > while dup . 1- repeat drop ; 3 down ." done" cr variable x 5 x ! 3 x +! x ? 7 constant seven seven . cr
1 0 / . nothing of this
. 5
: bad if ;
bad
: up 0 begin 1+ dup 4 = until ; up . : sign 0 < if ." minus" else ." plus" then ; -1 sign 1 sign cr ( a comment ) \ another
1 2 < 2 2 = 3 0= and or . 6 3 xor invert abs negate min . bye
END
printf '3628800 -1 -3 2 3 1 \n3 2 1 done\n8 7 \ndivision by 0\nthe stack is empty\nbad: something has no end\nbad: no such word\n4 minusplus\n-1 the stack is empty\n' >"$dir/wanted"
timeout 60 "$PX" run --host "$OS.pxi" <"$dir/in" >"$dir/got" 2>"$dir/err"
diff "$dir/wanted" "$dir/got" >"$dir/diff"
result $? 'forth' "$(cat "$dir/diff" "$dir/err")"

# ---- each program has a page, and what --help says is in it
cat >"$dir/in" <<'END'
for p in $(ls /bin); do
    man $p | grep '^usage: ' > /tmp/page
    if [ $p = true ]; then echo; elif [ $p = false ]; then echo; else
        $p --help > /tmp/help || echo $p: no help
        diff /tmp/page /tmp/help || echo $p: another page
        [ -s /tmp/help ] || echo $p: no usage
    fi
done
man | wc -l; ls /man | wc -l
END
# Without the gallery, whose pictures have no --help; session.sh looks for their pages.
"$PX" mkos -q --kernel "$OS/kernel/kernel.pxi" --tree "$OS/tree" "$OS"/*.pxi -o "$dir/os.pxi" || exit 1
timeout 60 "$PX" run --host "$dir/os.pxi" <"$dir/in" >"$dir/got" 2>"$dir/err"
pages=$(ls "$OS"/tree/man | wc -l)
printf '\n\n%d\n%d\n' "$pages" "$pages" | diff - "$dir/got" >"$dir/diff"
result $? 'pages and --help agree' "$(cat "$dir/diff" "$dir/err")"
awk 'length($0) > 80 { print FILENAME ": " $0 }' "$OS"/tree/man/* >"$dir/got" && ! [ -s "$dir/got" ]
result $? 'pages have 80 columns' "$(cat "$dir/got")"
finish
