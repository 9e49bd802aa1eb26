#!/usr/bin/env bash
# run.sh - a guest of pxHV on this terminal: px serve with its executor, the front that holds the emulator's cable, and the
# emulator.
#
#   firmware/run.sh [OPTION]... IMAGE        IMAGE is a boot image that `make hv` or mkimage has built
#
#   --on LIST      the executor that runs the serial driver, as for px serve (fast); "none": pxHV drives COM1 itself
#   --emu EMU      bochs, whose processor has VT-x, or qemu: AMD-V (bochs)
#   --view VIEW    both: the guest's screen and keyboard above, below them the other end of its serial cable (needs tmux, and
#                  80 columns of 34 lines to be seen whole); screen: the screen alone (80 of 25); wire: the cable alone.
#                  Without this: both, or wire where there is no terminal
#   --wire WIRE    where the frames go, as for px serve: a serial port, FILE (appended), frames:FILE. Without this: the view's
#                  lower half, and PREFIX.wire
#   --ips N        instructions a second that Bochs makes, if it can; time passes no faster than here (50000000). QEMU makes as
#                  many as it can
#   --megs N       the machine's memory (128, and what the image needs)
#   --out PREFIX   PREFIX.log gets what pxHV has logged, PREFIX.wire what the guest has sent, PREFIX.com1 what pxHV sent to COM1
#                  without the executor, PREFIX.screen its last screen, for screen.py. Without this: IMAGE without .img, in the
#                  folder "firmware" beside px when IMAGE is none of that build
#
# Ctrl-] q ends both, Ctrl-] ends screen and wire. In both, Ctrl-] o goes to the other half. Every other key is the guest's.
# At the end: how it came, the last screen, pxHV's counts. Where standard output is no terminal it gets the wire alone, and
# all else goes to standard error. Status 0: the guest or you ended it; 1: something went wrong, the executor lost, say; 2: a
# wish that cannot be granted.
set -u
usage() { sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//p}' "$0"; }
fail() { echo "run.sh: $*" >&2; exit "${status:-2}"; }

on=fast emu=bochs view='' wire='' ips=50000000 megs='' out=''
while [ $# -gt 0 ]; do
    case $1 in
    --help) usage; exit ;;
    --on | --emu | --view | --wire | --ips | --megs | --out)
        [ $# -gt 1 ] || fail "$1 needs a value (--help tells which)"
        declare "${1#--}=$2"
        shift 2 ;;
    -*) fail "unknown option $1 (--help lists them)" ;;
    *) break ;;
    esac
done
[ $# = 1 ] || { echo "run.sh: $# images; expected one"; usage; exit 2; } >&2
image=$1
px=${PX:-build/px}
[ -x "$px" ] || fail "$px is not built: type make"

# What is missing, all of it at once.
missing=()
case $emu in
bochs)
    emulator=Bochs
    command -v bochs >/dev/null || missing+=(bochs)
    [ -e /usr/share/bochs/BIOS-bochs-latest ] || missing+=(bochsbios)
    [ -e /usr/share/vgabios/vgabios-stdvga.bin ] || missing+=(vgabios)
    compgen -G '/usr/lib/*/bochs/plugins/libbx_term_gui.so' >/dev/null || missing+=(bochs-term) ;;
qemu)
    emulator=QEMU
    command -v qemu-system-x86_64 >/dev/null || missing+=(qemu-system-x86) ;;
*) fail "--emu $emu: expected bochs or qemu" ;;
esac
[ ${#missing[@]} = 0 ] || fail "$emulator is not complete; as root: apt-get install --no-install-recommends ${missing[*]}"

# No emulator is asked to start from just anything: boot/loader.h has the layout.
bytes() { od -An -tx1 -j"$1" -N"$2" "$image" 2>/dev/null; }
[ -f "$image" ] && [ -r "$image" ] || fail "$image: no such image; \`make hv\` builds those of build/firmware"
[ $(($(stat -Lc %s "$image") % 512)) = 0 ] && [ "$(bytes 510 2)" = ' 55 aa' ] && [ "$(bytes 33280 4)" = ' 50 58 48 56' ] ||
    fail "$image is no image of pxHV (a boot sector, and PXHV in sector 65); \`make hv-image IMG=FILE\` makes one of a floppy or disk"
if [ -z "$out" ]; then
    build=$(realpath "$(dirname "$px")") out=$(realpath "$image")
    [[ "$out" == "$build"/* ]] && out=${image%.img} || out=$build/firmware/$(basename "$image" .img)
    [ -w "$(dirname "$out")" ] || out=${TMPDIR:-/tmp}/$(basename "$out")
fi

# The wire alone is standard output's where that is no terminal.
exec 3<&0 4>&1
tty='' saved=''
[ -t 0 ] && [ -t 1 ] && tty=1
[ ! -t 0 ] || saved=$(stty -g)
[ -t 1 ] || exec >&2
if [ -z "$view" ]; then
    view=both
    if [ -z "$tty" ]; then
        view=wire
    elif ! command -v tmux >/dev/null; then
        view=screen
        echo 'Without tmux (Debian: apt install tmux) this is the screen alone.'
    fi
fi
case $view in
both)
    command -v tmux >/dev/null || fail '--view both needs tmux (Debian: apt install tmux); screen and wire do not'
    [ -n "$tty" ] || fail '--view both needs a terminal; wire does not' ;;
screen) [ -n "$tty" ] || fail '--view screen needs a terminal; wire does not' ;;
wire)
    if [ "$on" != none ] && [[ "$wire" == frames:* || "$wire" == board || (-e "$wire" && ! -f "$wire") ]]; then
        fail "the wire is $wire, which cannot be shown: --view screen, or both"
    fi ;;
*) fail "--view $view: expected both, screen or wire" ;;
esac
# A PC's screen is 25 lines of 80. In both, six lines of the wire, a title for each half and tmux' line come to it.
screen_lines=25 both_lines=$((25 + 6 + 3))
read -r rows columns < <(stty size <&3 2>/dev/null || echo 0 0)
if [ "$view" = screen ] && { [ "$rows" -lt $screen_lines ] || [ "$columns" -lt 80 ]; }; then
    fail "--view screen needs a terminal of 80 columns and 25 lines, this one has $columns and $rows; both shows the part with the cursor"
fi
booting='Loading the disk, booting ...'
[ "$view" = wire ] || tput cup 0 0 >/dev/null 2>&1 || fail "TERM=${TERM-} cannot show a screen: VIEW=wire, or another TERM"

dir=$(mktemp -d) || exit 1
tmux=(env -u TMUX tmux -S "$dir/tmux" -f "$dir/tmux.conf")
machine='' server='' looking='' ended=0 ran=''

# The machine ends first, then the server, then who looks at the wire has all of it. What they leave is saved.
finish() {
    local name to
    [ ! -S "$dir/tmux" ] || "${tmux[@]}" kill-server 2>/dev/null
    [ -z "$machine" ] || { kill $machine; wait $machine; ended=$?; ran=1; } 2>/dev/null
    [ -z "$server" ] || { kill $server; wait $server; } 2>/dev/null
    for _ in $(seq 20); do [ -n "$looking" ] && kill -0 $looking 2>/dev/null && sleep 0.05; done
    [ -z "$machine" ] || for name in log wire com1 screen; do
        to=$out.$name
        [ $name = wire ] || rm -f "$to"
        [ ! -e "$dir/$name" ] || [[ $name = com1 && ! -s "$dir/com1" ]] || mv "$dir/$name" "$to"
    done
    machine='' server=''
}
files() {
    [ -n "$ran" ] || return
    ran=''
    echo "pxHV's log: $out.log$([ ! -e "$out.wire" ] || echo ", what came on the wire: $out.wire ($(stat -c %s "$out.wire") bytes)")"
}
clean() {
    trap '' INT TERM HUP # a whole process group may get them, and more than once
    finish
    files
    kill $(jobs -p) 2>/dev/null
    wait 2>/dev/null
    [ -z "$saved" ] || stty "$saved" <&3
    rm -rf "$dir"
}
trap clean EXIT
trap 'trap "" INT TERM HUP; exit 130' INT
trap 'trap "" INT TERM HUP; exit 143' TERM HUP

await() { # FILE, PATTERN, PROCESS: the first match, when it has come; an error when the process ends before
    for _ in $(seq 600); do
        grep -m1 -oE "$2" "$1" 2>/dev/null && return
        kill -0 "$3" 2>/dev/null || break
        sleep 0.05
    done
    return 1
}

# The executor and its wire: a pseudo-terminal, or a file that can be followed from a byte on.
pty='' follow='' from=1
rm -f "$out.wire"
if [ "$on" = none ]; then
    follow=$out.wire
    cables=(--com1 "$follow") # pxHV's own path
    : >"$follow"
else
    case $wire,$view in
    ,screen) to=$out.wire ;;
    ,*) to=pty ;;
    *) to=$wire ;;
    esac
    [ ! -f "$to" ] || from=$(($(stat -Lc %s "$to") + 1))
    "$px" serve --on "$on" --listen "unix:$dir/link" --wire "$to" >"$dir/serve" 2>&1 &
    server=$!
    await "$dir/serve" 'listening on .*' $server >/dev/null || fail "$(cat "$dir/serve")"
    [ ! -f "$to" ] || follow=$to
    [ "$to" != pty ] || pty=$(grep -oE '/dev/pts/[0-9]+' "$dir/serve")
    "$px" front --listen tcp:0 --to "unix:$dir/link" >"$dir/front" 2>&1 &
    port=$(await "$dir/front" 'tcp:127.0.0.1:[0-9]+' $!) || fail "$(cat "$dir/front")"
    cables=(--com1 "$dir/com1" --com2 "${port##*:}") # the first for the case that the executor is lost
fi

# The machine. Its display is drawn for the terminal that will show it.
kind=${TERM:-xterm}
[ "$view" != both ] || kind=screen
TERM=$kind firmware/$emu.sh "${cables[@]}" --sync slowdown --ips "$ips" --megs "${megs:-$((128 + $(stat -Lc %s "$image") / 1048576))}" \
    --seconds 864000 --e9 "$dir/e9" --screen "$dir/screen" --display "$dir/display" "$image" >"$dir/log" 2>"$dir/emulator" &
machine=$!
await "$dir/display" '/dev/pts/[0-9]+' $machine >/dev/null || { wait $machine; status=1 fail "$emulator did not start: $(cat "$dir/emulator" "$dir/log")"; }
display=$(cat "$dir/display")

both() {
    local lower=("$px" term "$pty") small='' height
    if [ "$rows" -lt $both_lines ] || [ "$columns" -lt 80 ]; then
        small=" ${columns}x$rows: make it 80x$both_lines to see all of it. "
    fi
    columns=$((columns > 80 ? columns : 80)) height=$(((rows > both_lines ? rows : both_lines) - 1))
    cat >"$dir/tmux.conf" <<END
set -g default-terminal screen
set -g default-shell /bin/sh
set -g prefix C-]
set -g escape-time 10
set -g remain-on-exit on
set -g status-style reverse
set -g status-left-length 200
set -g status-left '$small Ctrl-] q: the end   Ctrl-] o: the other half   Ctrl-] z: one half alone   $on   $(basename "$image")'
set -g status-right ''
set -g window-status-format ''
set -g window-status-current-format ''
set -g pane-border-status top
set -g pane-border-format ' #{pane_title}#{?pane_active,   keys go here,} '
unbind C-b
bind o select-pane -Z -t :.+
bind q kill-server
END
    [ -n "$pty" ] || lower=(echo "The wire is $wire.")
    [ -z "$follow" ] || lower=(tail -c +$from -f "$follow")
    { # cursor keys as curses expects them
        printf 'tput smkx; printf %q\n' "$booting"
        printf '%q ' "$px" term --taken "$dir/e9" "$display"
        echo "2>/dev/null; tmux -S $dir/tmux kill-server"
    } >"$dir/upper"
    { # what stands there until the first character comes
        [ -z "$pty$follow" ] || echo "printf 'Nothing has come on the wire yet.'"
        printf '%q ' "${lower[@]}"
        [ -z "$pty" ] || printf '2>/dev/null | tee %q ' "$dir/wire"
        [ -z "$pty$follow" ] || printf "| { dd bs=1 count=1 2>/dev/null >%q; printf '\\r\\033[K'; cat %q -; }" "$dir/first" "$dir/first"
    } >"$dir/lower"
    # The window is never smaller than the two of them, and keeps its size: tmux shows of it what fits, where the cursor is.
    # Of its lines the upper half has a title and the screen, and the lower half's title is the border between them.
    "${tmux[@]}" new-session -d -x "$columns" -y "$height" "exec sh $dir/upper" \; select-pane -T 'screen and keyboard' \; \
        split-window -v -l $((height - 2 - screen_lines)) "exec sh $dir/lower" \; select-pane -T "wire ${pty:-${wire:-COM1, without executor}}" \; \
        resize-window -x "$columns" -y "$height" \; resize-pane -t :.0 -y $screen_lines \; \
        select-pane -t :.$([[ "$image" == *linux* ]] && echo 1 || echo 0) || return
    "${tmux[@]}" attach-session <&3 | grep -vE '^\[(server )?exited\]' # which says nothing that is not said below
}

# The cable's other end. When the machine has ended and all has come, the server is ended too, and so is px term.
cable() {
    "$px" term "$display" </dev/null >/dev/null 2>&1 &
    [ -z "$server" ] || (while kill -0 $machine; do sleep 0.2; done; sleep 0.3; kill $server) 2>/dev/null &
    if [ -n "$pty" ]; then
        [ -z "$tty" ] || echo "This is the guest's serial cable, driven by $on; Ctrl-] ends. $booting"
        "$px" term "$pty" <&3 2>"$dir/term" | tee "$dir/wire" >&4
    else
        [ -z "$tty" ] || echo "This is what comes to $follow; Ctrl-C ends. $booting"
        tail -c +$from -s 0.1 -f --pid=${server:-$machine} "$follow" >&4
    fi
}

screen() {
    echo "The wire is $([ "$on" = none ] && echo "COM1, $follow" || echo "$to"). Ctrl-] ends. $booting"
    tput smkx
    "$px" term --taken "$dir/e9" "$display" <&3 2>/dev/null
    for what in rmcup rmkx sgr0 cnorm; do tput $what; done 2>/dev/null
}

case $view in
both) both 2>"$dir/view" & ;;
wire) cable & ;;
screen) screen & ;;
esac
looking=$!
wait $looking

# What it came to; its status is the run's.
report() {
    local status=0 stopped lost
    stopped=$(grep -B1 '^pxhv: stopped$' "$out.log" | sed -n '1s/^pxhv: //p') # why pxHV has
    case $stopped in 'guest: HLT'* | 'guest: shut down'*) stopped='' ;; esac
    [ -z "$stopped" ] || echo "run.sh: pxHV has stopped: $stopped" >&2
    [ ! -e "$out.screen" ] || { echo 'The last screen:' && firmware/screen.py --text "$out.screen"; }
    if [ -s "$dir/view" ]; then
        status=1
        cat "$dir/view" >&2
    elif [ -n "$byuser" ] && [ -n "$gone" ]; then
        status=1
        echo 'run.sh: px serve has ended before the guest.' >&2
    elif [ -n "$byuser" ]; then
        echo 'Ended from here. (pxHV counts when a guest ends by itself.)'
    elif [ -n "$stopped" ]; then
        status=1
    else
        grep -E '^pxhv: (guest: [^:]*: |guest: shut|exits: |serial: [0-9]|serial: .*(lost|doubt))|refused|pxHV loader' "$out.log" | sed 's/^pxhv: //' |
            grep -vE '^guest: (PASS|FAIL|NOTE)' |
            awk '{ key = $1 $3 ($1 == "exits:" ? $5 : "") } !(key in at) { at[key] = ++n } { last[at[key]] = $0 }
                 END { for (i = 1; i <= n; i++) print last[i] }' # a guest may have asked for them before
        if ! grep -qE '^pxhv: guest: (HLT|shut down)' "$out.log" || [ $ended != 0 ]; then
            status=1
            echo "run.sh: this is not how a guest should end (the emulator's status: $ended); the log's last lines:" >&2
            cat "$dir/emulator" <(tail -n 5 "$out.log") >&2
        fi
    fi
    if [ "$on" != none ]; then
        grep -hvE '^(wire |listening on |px front: joined )' "$dir/serve" "$dir/front" >&2
        if lost=$(grep -m1 -oE '^pxhv: serial: (no executor|executor lost)[^;]*' "$out.log"); then
            status=1
            echo "run.sh: ${lost#pxhv: serial: }; $(stat -c %s "$out.com1" 2>/dev/null || echo 0) characters went to COM1$([ ! -e "$out.com1" ] || echo ", see $out.com1")" >&2
        fi
    fi
    files
    return $status
}

# How it came to its end.
byuser='' gone=''
sleep 0.3
[ -z "$server" ] || kill -0 $server 2>/dev/null || gone=1
kill -0 $machine 2>/dev/null && byuser=1
finish
# On a terminal, lines end between words.
if [ -n "$tty" ] && [ -t 2 ]; then
    read -r rows columns < <(stty size <&3)
    report 2>&1 | fold -s -w "$((columns > 0 ? columns : 80))"
    status=${PIPESTATUS[0]}
else
    report
    status=$?
fi
ran=''
exit $status
