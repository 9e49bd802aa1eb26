#!/usr/bin/env bash
# mini.sh - the mini system: it has no more pixels than an iCEBreaker's memory, and what is typed there has the answers that were
# worked by hand. TAP. tests/boards/sim_long.sh has it on the board, simulated at its pins.
. tests/os/lib.sh
cp "$OS-mini.pxi" "$dir/os.pxi"

pixels=$(od -An -tu4 --endian=big -j16 -N8 "$dir/os.pxi" | awk '{ print $1 * $2 }') # width and height of a PNG
[ "$pixels" -le 32768 ]
result $? "$pixels pixels, of 32,768"

cat >"$dir/in" <<'END'
echo a   "b  c" 'd "e"' f"g"h \; # a comment
nosuch; echo $?
ls /; ls /bin | wc
echo one > /tmp/f; echo two >> /tmp/f; cat < /tmp/f; cat /tmp/f | head -n 1
cd /tmp; ls > list; cat list; rm list f; ls; cat f >/dev/null; echo $?
echo through | cat | cat | cat
echo a | cat | cat | cat | cat | cat
echo $?; cat < /nosuch; echo $?
sleep 1000 & ps | head -n 1; kill 28; wait
sh -c "exit 7"; echo $?
echo 'unclosed
echo $?; | x
cd /nosuch; echo $?
/bin/echo by its path; cat /bin; /tmp; echo $?
END
cat >"$dir/wanted" <<'END'
a b  c d "e" fgh ;
sh: nosuch: not found
127
bin
dev
home
tmp
      9       9      35
one
two
one
f
list
cat: f: there is none
1
through
sh: too many commands in a pipeline
2
sh: /nosuch: there is none
2
    pid  parent  state  instructions  program
7
sh: a quote is not closed
2
sh: a command is missing
cd: /nosuch: there is none
1
by its path
cat: /bin: it is of another kind
sh: /tmp: not found
127
END
timed 'a session'

finish
