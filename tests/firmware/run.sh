#!/usr/bin/env bash
# run.sh - make hv-run as somebody meets it: in a terminal, which tmux plays here. Keys go in, what is on the screen is judged.
# Both views, and what is said to a wrong wish. LONG=1: each view alone, and each way to an end. TAP.
NEEDS='tmux mcopy python3'
. tests/firmware/lib.sh
unset HV_RECORD
export TMPDIR=$dir/tmp # run.sh's folders: none may stay
mkdir "$TMPDIR"

opened=0
terminal() { tmux -S "$dir/terminal$opened" -f /dev/null "$@" 2>>"$dir/tmux"; }
open() { # ROWS, COMMAND [COLUMNS]: in a terminal of 80 columns; its status is shown when it has ended
    rm -f "$dir/status" "$dir/stream"
    opened=$((opened + 1)) # a socket of its own: the last server may still be at its end
    terminal new-session -d -x "${3-80}" -y "$1" "export TMPDIR=$TMPDIR; $2; echo \$? >$dir/status; exec cat"
}
shown() { # PATTERN [LINES]: until the screen has it, in so many lines
    for _ in $(seq 1200); do
        terminal capture-pane -p >"$dir/out" || return 1
        [ "$(grep -cE -- "$1" "$dir/out")" -ge "${2-1}" ] && return
        sleep 0.1
    done
    return 1
}
type() { # LINE: all at once, as it is pasted
    terminal send-keys -l -- "$1"
    terminal send-keys Enter
}
ended() { # STATUS: until the command has ended, with this one
    for _ in $(seq 1200); do
        [ -s "$dir/status" ] && break
        sleep 0.1
    done
    [ "$(cat "$dir/status")" = "$1" ]
}
left() { # nothing may be left of a run: no process that knows its folder, no folder
    sleep 0.5
    ls "$TMPDIR" >"$dir/out"
    pgrep -af "$TMPDIR" | grep -vE "^[0-9]+ (tmux -S $dir/terminal|sh -c export)" >>"$dir/out"
    [ ! -s "$dir/out" ]
}
close() { terminal kill-server; }
upper() { tmux -S "$TMPDIR"/*/tmux capture-pane -p -t :.0 2>>"$dir/tmux"; } # the screen half, by run.sh's own tmux
# The screen is filled, so that it scrolls, and the guest ended: whether the upper half had each of the lines that the
# machine's text memory has at the end. The last Enter moves them up by one.
fills() {
    local i
    for i in 1 2 3; do
        shown '^A:.>$' && type dir && await_upper '^A:.>$' || return 1
    done
    for i in h a l t; do terminal send-keys -l $i; sleep 0.05; done
    await_upper '^A:.>halt$' || return 1
    upper | sed 's/ *$//' >"$dir/upper"
    terminal send-keys Enter
    ended 0 || return 1
    firmware/screen.py --text "$dir/run.screen" | head -24 >"$dir/memory"
    [ "$(wc -l <"$dir/upper")" = 25 ] && tail -n +2 "$dir/upper" | diff "$dir/memory" - >"$dir/out"
}
await_upper() { # PATTERN: until the last line of the upper half that is not empty is this one
    for _ in $(seq 300); do
        upper | grep -v '^ *$' | tail -n 1 | grep -qE -- "$1" && return
        sleep 0.1
    done
    return 1
}
trap 'close; kill $(jobs -p) 2>/dev/null; wait 2>/dev/null; rm -rf "$dir"' EXIT
image() { env FW="$fw" END=end=bochs OPTIONS= "$@" firmware/image/image.sh make; }
run="PX=$px firmware/run.sh --emu $emu --out $dir/run"

# pxDOS: its screen above, the wire below, keys in both.
image GUEST=pxdos
open 40 "$run --on ref $fw/run-pxdos.img"
shown '^A:.>' 2 && shown '^pxDOS ' 2 && shown 'wire /dev/pts/[0-9]+' && shown 'screen and keyboard +keys go here'
result $? 'pxDOS comes up, on its screen and, by console=serial, on the wire'
type 'echo Aa "(){}[]<>|~!?*&^%$#@:_+=" 09'
shown '^Aa "\(\)\{\}\[\]<>\|~!\?\*&\^%\$#@:_\+=" 09'
result $? 'shifted characters arrive at its keyboard'
long='echo The quick brown FOX jumps over the lazy DOG, 0123456789, and none is lost'
type "$long"
type 'echo ahead'
shown "^${long#echo }" && shown '^ahead'
result $? 'two lines that are pasted at once, with more keys than any buffer on the way has'
type 'echox'
terminal send-keys F3; sleep 0.1; terminal send-keys Left; sleep 0.1; terminal send-keys BSpace; sleep 0.1
type 'o back'
shown '^A:.>echo back' && shown '^back'
result $? 'F3, cursor left and Backspace too'
type 'ctty com1'
shown '^A:.>ctty com1' 2 && shown '^A:.>$' # it has been done: what is typed before that is lost
terminal send-keys C-] o
shown 'wire /dev/pts/[0-9]+ +keys go here'
type 'ver'
shown '^programs see|; programs see DOS 3.30'
result $? 'after CTTY COM1 and Ctrl-] o the other half, the wire, is the console'
type 'halt'
ended 0 && shown 'guest: HLT' && shown 'serial: [0-9]+ operations, [1-9][0-9]* dispatches' && shown 'run\.wire'
result $? 'HALT ends the run with status 0, counts and the name of the transcript'
tr -d '\r' <"$dir/run.wire" | grep -q '; programs see DOS 3.30' && grep -q '^pxhv: bios: booting' "$dir/run.log"
result $? 'which has what came on the wire, as the log has what pxHV said'
left
result $? 'nothing is left behind'
close

# The screen half has 25 lines in a terminal of any height, and the first thing it says is that it takes a while.
sizes=('34 80')
[ -z "${LONG-}" ] || sizes+=('24 80' '33 80' '35 81' '50 120' '62 100')
for size in "${sizes[@]}"; do
    open ${size% *} "$run --on ref $fw/run-pxdos.img" ${size#* }
    terminal pipe-pane "cat >$dir/stream" # all that is drawn, for what is there for a moment
    await "$dir/stream" 'Loading the disk, booting \.\.\.' >/dev/null &&
        { [ ${size% *} -ge 34 ] || shown "${size#* }x${size% *}: make it 80x34 to see all of it"; } &&
        { [ ${size% *} -lt 34 ] || await "$dir/stream" 'Nothing has come on the wire yet' >/dev/null; }
    result $? "${size#* } columns of ${size% *} lines: what is to be waited for is told"
    fills
    result $? 'and the upper half shows the machine'"'"'s screen, line by line'
    shown '^status|guest: HLT' && ! grep -q 'exited\]' "$dir/out"
    result $? 'the end is of our own words'
    close
done

# Without a terminal.
wire() { # NAME, OPTION...: a run, to the wire NAME, what is said to NAME.said, and its status to NAME.status
    local name=$dir/$1
    shift
    PX=$px timeout 100 firmware/run.sh --emu $emu --out "$name.run" --view wire "$@" "$name.img" </dev/null >"$name" 2>"$name.said"
    echo $? >"$name.status"
}
was() { # NAME, STATUS: how a run ended, and that its wire has what the guest says
    cp "$dir/$1.said" "$dir/out"
    [ "$(cat "$dir/$1.status")" = "$2" ] && [ "$3" = "$(tr -d '\r' <"$dir/$1")" ]
}
hello='Hello from a guest of pxHV'
image GUEST=hello && for name in plain alone file; do cp "$fw/run-hello.img" "$dir/$name.img"; done
image GUEST=hello OPTIONS=provoke=null && cp "$fw/run-hello.img" "$dir/stopped.img"
# An executor that is lost: this driver halts before it has done anything.
sed 's/^main:/main: halt/' pxi/programs/serial_driver.pxa >"$dir/halts.pxa" && "$px" asm -q -o "$dir/halts.pxi" "$dir/halts.pxa" &&
    "$fw/mkimage" -o "$dir/lost.img" "$fw/boot/boot.bin" "$fw/stage2.bin" hv="$fw/hv.bin" driver="$dir/halts.pxi" \
        floppy="$fw/hello.floppy" options=end=bochs
echo before >"$dir/to"
runs=()
wire plain --on ref & runs+=($!)
wire alone --on none & runs+=($!)
wire file --on ref --wire "$dir/to" & runs+=($!)
wire stopped --on ref & runs+=($!)
wire lost --on ref & runs+=($!)
wait "${runs[@]}"
was plain 0 "$hello" && cmp "$dir/plain" "$dir/plain.run.wire" && grep -q 'guest: HLT' "$dir/out"
result $? 'without a terminal standard output has the wire alone'
was alone 0 "$hello"
result $? 'without an executor too'
was file 0 "$hello" && [ "$(tr -d '\r' <"$dir/to")" = "before
$hello" ]
result $? 'and when the wire is a file, which had something'
was stopped 1 '' && head -n 2 "$dir/out" | grep -q 'pxHV has stopped: exception 14 in pxHV'
result $? 'why pxHV has stopped is what is said first'
was lost 1 '' && grep -q 'executor lost (.*); 28 characters went to COM1, see ' "$dir/out" && grep -q "^$hello" "$dir/lost.run.com1"
result $? 'an executor that is lost is an error, and what went to COM1 is kept'

# A signal to the whole process group, more than once: timeout sends it, and everything here passes it on.
setsid env PX="$px" firmware/run.sh --emu $emu --out "$dir/run" --view wire "$fw/run-pxdos.img" </dev/null >"$dir/wire" 2>"$dir/out" &
group=$!
await "$dir/wire" 'A:.>' >/dev/null && kill -- -$group && sleep 0.02 && kill -- -$group; kill $group 2>/dev/null
wait $group
[ $? = 143 ] && grep -q '^pxhv: bios: booting' "$dir/run.log" && cmp -s "$dir/wire" "$dir/run.wire" && left
result $? 'SIGTERM to all of it: log and wire are kept, nothing else is left'

# Wishes that cannot be granted are told in a sentence, with a status that is not 0.
says() { # PATTERN, NAME, COMMAND...
    local name=$2 pattern=$1
    shift 2
    "$@" </dev/null >"$dir/out" 2>&1
    [ $? -gt 0 ] && [ "$(grep -cE "$pattern" "$dir/out")" = 1 ]
    result $? "told: $name"
}
wish() { env FW="$fw" "$@" firmware/image/image.sh check; }
says 'GUEST=nonsense: expected pxdos' 'a guest that there is not' wish GUEST=nonsense
says 'no such file' 'an image that there is not' wish GUEST=given IMG="$dir/no such"
printf 'x' >"$dir/a b'c"
says '1 bytes; a floppy or disk image has whole sectors' 'a file that is no image' wish GUEST=given IMG="$dir/a b'c"
head -c 1474560 /dev/zero >"$dir/a b'c"
says 'no boot sector' 'an image without boot sector' wish GUEST=given IMG="$dir/a b'c"
says 'nonsense' 'an executor that there is not' env PX="$px" firmware/run.sh --on nonsense "$fw/run-pxdos.img"
says 'expected both, screen or wire' 'a view that there is not' env PX="$px" firmware/run.sh --view nonsense "$fw/run-pxdos.img"
says 'needs a value' 'an option without its value' firmware/run.sh --on
mkdir "$dir/bin"
for tool in bash sed env; do ln -s "$(command -v $tool)" "$dir/bin/"; done
says 'no image of pxHV .*make hv-image IMG=' 'a file that is no image of pxHV' env PX="$px" firmware/run.sh /etc/passwd
says 'no image of pxHV .*make hv-image IMG=' 'a floppy alone' env PX="$px" firmware/run.sh "$fw/pxdos.floppy"
says 'run.sh: 0 images; expected one' 'no image' firmware/run.sh
says "$emu.sh: no image; expected one\$" "no image to $emu.sh" firmware/$emu.sh
firmware/$emu.sh --help >"$dir/out" && grep -q -- '--com2 PORT' "$dir/out" && firmware/run.sh --help >"$dir/out" && grep -q -- '--view VIEW' "$dir/out"
result $? '--help of both has their options'
says "apt-get install .*$emu" 'no emulator' env PATH="$dir/bin" PX="$px" firmware/run.sh --emu $emu "$fw/run-pxdos.img"
says 'emu vmware: expected bochs or qemu' 'an emulator that there is not' env PX="$px" firmware/run.sh --emu vmware "$fw/run-pxdos.img"
says 'EMU=both: expected one of: bochs qemu' 'make hv-run with two of them' "${MAKE:-make}" --no-print-directory hv-run EMU=both
open 30 "TERM=dumb $run $fw/run-pxdos.img"
ended 2 && shown 'TERM=dumb cannot show a screen: VIEW=wire'
result $? 'told: TERM=dumb'
close

[ -n "${LONG-}" ] || { echo "1..$count"; [ $bad = 0 ]; exit; }

# A terminal of 24 lines, which has no room for both halves.
open 24 "$run --on ref $fw/run-pxdos.img"
shown '^A:.>'
for _ in $(seq 30); do type ''; done
type 'echo at the bottom'
shown '^at the bottom'
result $? 'in 24 lines the part of the screen that has the cursor is shown'
terminal send-keys C-] q
ended 0 && shown 'Ended from here' && left
result $? 'Ctrl-] q ends it, and nothing is left behind'
close

open 24 "$run --on ref --view screen $fw/run-pxdos.img"
ended 2 && shown 'needs a terminal of 80 columns and 25 lines'
result $? 'the screen alone has no room in 24 lines, which is told'
close

# One half alone; the end by a signal, and by the terminal that goes away.
open 30 "$run --on ref --view screen $fw/run-pxdos.img"
shown '^A:.>' && type 'echo to a file' && shown '^to a file' && await "$dir/run.wire" 'to a file' >/dev/null
result $? 'the screen alone, the wire in a file'
terminal send-keys C-]
ended 0 && left
result $? 'Ctrl-] ends it, and nothing is left behind'
close
open 30 "$run --on ref --view wire $fw/run-pxdos.img"
shown '^A:.>'
result $? 'the wire alone'
kill "$(pgrep -of "^bash firmware/run.sh --emu $emu --out $dir")"
ended 143 && left
result $? 'SIGTERM ends it, and nothing is left behind'
close
open 30 "$run --on ref $fw/run-pxdos.img"
shown '^A:.>' && close && sleep 1 && left
result $? 'a terminal that goes away takes all of it along'

# Without an executor, and with one that dies.
open 40 "$run --on none $fw/run-pxdos.img"
shown '^A:.>' 2 && shown 'COM1, without executor'
result $? 'without an executor the wire is what pxHV sends to COM1 itself'
terminal send-keys C-] q
ended 0
close
open 40 "$run --on ref $fw/run-pxdos.img"
shown '^A:.>' 2 && kill -9 "$(pgrep -of "px serve --on ref --listen unix:$TMPDIR/")"
shown 'Pane is dead' && terminal send-keys C-] q
ended 1 && shown 'px serve has ended before the guest' && left
result $? 'px serve that dies is told, and nothing is left behind'
close

# The test guest comes to its end by itself.
image GUEST=test
open 40 "$run --on ref $fw/run-test.img"
ended 0 && shown '^[0-9]+ passed, 0 failed'
result $? 'the last screen of the test guest, which ends by itself, is shown'
close
# Somebody's floppy, whose name has a blank and a quote.
cp "$fw/pxdos.floppy" "$dir/a b'c"
image GUEST=given IMG="$dir/a b'c" && open 30 "$run --on ref --view screen $fw/run-given.img" && shown '^A:.>'
result $? 'IMG with a blank and a quote in its name boots'
terminal send-keys C-]
ended 0
close
echo "1..$count"
[ $bad = 0 ]
