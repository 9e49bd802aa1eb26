#!/usr/bin/env bash
# run.sh - a guest of pxHV on this terminal: px serve with its executor, the front that holds Bochs' cable, and Bochs.
#
#   firmware/run.sh [OPTION]... IMAGE        IMAGE is a boot image that `make hv` or mkimage has built
#
#   --on LIST      the executor that runs the serial driver, as for px serve (ref); "none": pxHV drives COM1 itself
#   --view VIEW    both: the guest's screen and keyboard above, below them the other end of its serial cable (needs tmux);
#                  screen: the screen alone; wire: the cable alone. Without this: both, or wire where there is no terminal
#   --wire WIRE    where the frames go, as for px serve: a serial port, FILE, frames:FILE. Without this: the view's lower half,
#                  and PREFIX.wire
#   --ips N        instructions a second that Bochs makes, if it can; time passes no faster than here (50000000)
#   --megs N       the machine's memory (128, and what the image needs)
#   --out PREFIX   PREFIX.log gets what pxHV has logged, PREFIX.wire what the guest has sent, PREFIX.screen its last screen, for
#                  screen.py (IMAGE without .img)
#
# Ctrl-] q ends both, Ctrl-] ends screen and wire. In both, Ctrl-] o goes to the other half. Every other key is the guest's.
# At the end: how it came, the last screen, pxHV's counts. Status 0: the guest or you ended it; 1: something went wrong.
set -u
usage() { sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//p}' "$0"; }
fail() { echo "run.sh: $*" >&2; exit "${status:-2}"; }

on=ref view='' wire='' ips=50000000 megs='' out=''
while [ $# -gt 0 ]; do
    case $1 in
    --help) usage; exit ;;
    --on | --view | --wire | --ips | --megs | --out)
        [ $# -gt 1 ] || fail "$1 needs a value (--help tells which)"
        declare "${1#--}=$2"
        shift 2 ;;
    -*) fail "unknown option $1 (--help lists them)" ;;
    *) break ;;
    esac
done
[ $# = 1 ] || { usage >&2; exit 2; }
image=$1
[ -f "$image" ] && [ -r "$image" ] || fail "$image: no such image; \`make hv\` builds those of build/firmware"
out=${out:-${image%.img}}
px=${PX:-build/px}
[ -x "$px" ] || fail "$px is not built: type make"

# What is missing, all of it at once.
missing=()
command -v bochs >/dev/null || missing+=(bochs)
[ -e /usr/share/bochs/BIOS-bochs-latest ] || missing+=(bochsbios)
[ -e /usr/share/vgabios/vgabios-stdvga.bin ] || missing+=(vgabios)
compgen -G '/usr/lib/*/bochs/plugins/libbx_term_gui.so' >/dev/null || missing+=(bochs-term)
[ ${#missing[@]} = 0 ] || fail "Bochs is not complete; as root: apt-get install --no-install-recommends ${missing[*]}"

tty=''
[ -t 0 ] && [ -t 1 ] && tty=1
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
wire) [ "$on" != none ] || fail 'without an executor there is no wire to look at: --view screen' ;;
*) fail "--view $view: expected both, screen or wire" ;;
esac

dir=$(mktemp -d) || exit 1
exec 3<&0
saved=$([ -z "$tty" ] || stty -g)
tmux=(env -u TMUX tmux -S "$dir/tmux" -f "$dir/tmux.conf")
clean() {
    [ ! -S "$dir/tmux" ] || "${tmux[@]}" kill-server 2>/dev/null
    kill $(jobs -p) 2>/dev/null
    wait 2>/dev/null
    [ -z "$saved" ] || stty "$saved" <&3
    rm -rf "$dir"
}
trap clean EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

await() { # FILE, PATTERN, PROCESS: the first match, when it has come; an error when the process ends before
    for _ in $(seq 600); do
        grep -m1 -oE "$2" "$1" 2>/dev/null && return
        kill -0 "$3" 2>/dev/null || break
        sleep 0.05
    done
    return 1
}

# The executor and its wire.
cables=() pty=''
rm -f "$out.wire"
if [ "$on" = none ]; then
    cables=(--com1 "$out.wire") # pxHV's own path
    : >"$out.wire"
fi
if [ "$on" != none ]; then
    if [ -n "$wire" ]; then
        to=$wire
        [ "$view" != wire ] || fail "the wire is $wire: --view screen or both"
    elif [ "$view" = screen ]; then
        to=$out.wire
    else
        to=pty
    fi
    "$px" serve --on "$on" --listen "unix:$dir/link" --wire "$to" >"$dir/serve" 2>&1 &
    server=$!
    await "$dir/serve" 'listening on .*' $server >/dev/null || fail "$(cat "$dir/serve")"
    pty=$([ $to = pty ] && grep -oE '/dev/pts/[0-9]+' "$dir/serve")
    "$px" front --listen tcp:0 --to "unix:$dir/link" >"$dir/front" 2>&1 &
    port=$(await "$dir/front" 'tcp:127.0.0.1:[0-9]+' $!) || fail "$(cat "$dir/front")"
    cables=(--com2 "${port##*:}")
fi

# The machine. Its display is drawn for the terminal that will show it.
kind=${TERM:-xterm}
[ "$view" != both ] || kind=screen
TERM=$kind firmware/bochs.sh "${cables[@]}" --sync slowdown --ips "$ips" --megs "${megs:-$((128 + $(stat -Lc %s "$image") / 1048576))}" \
    --seconds 864000 --screen "$dir/screen" --display "$dir/display" "$image" >"$dir/hv" 2>"$dir/bochs" &
machine=$!
await "$dir/display" '/dev/pts/[0-9]+' $machine >/dev/null || { wait $machine; status=1 fail "Bochs did not start: $(cat "$dir/bochs" "$dir/hv")"; }
display=$(cat "$dir/display")

both() {
    local columns rows lower=("$px" term "$pty")
    read -r rows columns < <(stty size <&3)
    columns=$((columns > 80 ? columns : 80)) rows=$((rows > 34 ? rows - 1 : 33))
    cat >"$dir/tmux.conf" <<END
set -g default-terminal screen
set -g default-shell /bin/sh
set -g prefix C-]
set -g escape-time 10
set -g remain-on-exit on
set -g status-style reverse
set -g status-left-length 200
set -g status-left ' $(basename "$image") on $on   Ctrl-] o: the other half   Ctrl-] z: one half alone   Ctrl-] q: the end'
set -g status-right ''
set -g window-status-format ''
set -g window-status-current-format ''
set -g pane-border-status top
set -g pane-border-format ' #{pane_title} '
unbind C-b
bind o select-pane -Z -t :.+
bind q kill-server
END
    [ -n "$pty" ] || lower=(echo "The wire is $wire.")
    [ "$on" != none ] || lower=(tail -f "$out.wire")
    { echo 'tput smkx'; printf '%q ' "$px" term "$display"; } >"$dir/upper" # cursor keys as curses expects them
    echo "2>/dev/null; tmux -S $dir/tmux kill-server" >>"$dir/upper"
    printf '%q ' "${lower[@]}" >"$dir/lower"
    { [ -z "$pty" ] || printf '2>/dev/null | tee %q' "$dir/wire"; } >>"$dir/lower"
    # The window is never smaller than the two of them, and keeps its size: tmux shows of it what fits, where the cursor is.
    "${tmux[@]}" new-session -d -x "$columns" -y "$rows" "exec sh $dir/upper" \; select-pane -T 'screen and keyboard' \; \
        split-window -v -l $((rows - 26)) "exec sh $dir/lower" \; select-pane -T "wire ${pty:-${wire:-COM1, without executor}}" \; \
        resize-window -x "$columns" -y "$rows" \; select-pane -t :.$([[ "$image" == *linux* ]] && echo 1 || echo 0) || return
    "${tmux[@]}" attach-session <&3
}

# The cable's other end. When the machine has ended and all has come, the server is ended too, and so is px term.
cable() {
    [ -z "$tty" ] || echo "This is the guest's serial cable, driven by $on; Ctrl-] ends."
    "$px" term "$display" </dev/null >/dev/null 2>&1 &
    (while kill -0 $machine; do sleep 0.2; done; sleep 0.3; kill $server) 2>/dev/null &
    "$px" term "$pty" <&3 2>"$dir/term" | tee "$dir/wire"
}

screen() {
    [ "$on" = none ] || echo "The wire is $to. Ctrl-] ends."
    tput smkx
    "$px" term "$display" <&3 2>/dev/null
    for what in rmcup rmkx sgr0 cnorm; do tput $what; done 2>/dev/null
}

case $view in
both) both 2>"$dir/view" & ;;
wire) cable & ;;
screen) screen & ;;
esac
wait $!

# How it came to its end.
byuser='' status=0
sleep 0.3
gone=''
[ "$on" = none ] || kill -0 $server 2>/dev/null || gone=1
if kill -0 $machine 2>/dev/null; then
    byuser=1
    [ ! -s "$dir/view" ] || { cat "$dir/view" >&2; status=1; }
    kill $machine
fi
{ wait $machine; ended=$?; } 2>/dev/null
[ ! -e "$dir/wire" ] || mv "$dir/wire" "$out.wire"
mv "$dir/hv" "$out.log"
rm -f "$out.screen"
[ ! -e "$dir/screen" ] || { echo 'The last screen:' && firmware/screen.py --text "$dir/screen" && mv "$dir/screen" "$out.screen"; }
if [ -n "$byuser" ] && [ -n "$gone" ]; then
    status=1
    echo 'run.sh: px serve has ended before the guest.' >&2
elif [ -n "$byuser" ]; then
    echo 'Ended from here. (pxHV counts when a guest ends by itself.)'
else
    grep -E '^pxhv: (guest: [^:]*: |guest: shut|exits: |serial: [0-9]|serial: .*(lost|doubt))|refused|pxHV loader' "$out.log" | sed 's/^pxhv: //' |
        grep -vE '^guest: (PASS|FAIL|NOTE)' |
        awk '{ key = $1 $3 ($1 == "exits:" ? $5 : "") } !(key in at) { at[key] = ++n } { last[at[key]] = $0 }
             END { for (i = 1; i <= n; i++) print last[i] }' # a guest may have asked for them before
    if ! grep -qE '^pxhv: guest: (HLT|shut down)' "$out.log" || [ $ended != 0 ]; then
        status=1
        echo "run.sh: this is not how a guest should end (Bochs' status: $ended); the log's last lines:" >&2
        cat "$dir/bochs" <(tail -n 5 "$out.log") >&2
    fi
fi
[ "$on" = none ] || grep -hvE '^(wire |listening on |px front: joined )' "$dir/serve" "$dir/front" >&2
echo "pxHV's log: $out.log$([ ! -e "$out.wire" ] || echo ", what came on the wire: $out.wire ($(stat -c %s "$out.wire") bytes)")"
exit $status
