#!/usr/bin/env bash
# run.sh - a guest of pxHV on this terminal: px serve with its executor, the front that holds Bochs' cable, and Bochs.
#
#   firmware/run.sh [--on LIST] [--view screen|wire] [--ips N] [--megs N] IMAGE
#
#   --on LIST        the executor that runs the serial driver, as for px serve (ref); "none" for no executor
#   --view screen    this terminal is the guest's screen and keyboard; the wire goes to a pseudo-terminal, whose name is
#                    shown first: px term joins it
#   --view wire      this terminal is the other end of the guest's serial cable (Ctrl-] ends); the screen is shown at the end
#
# IMAGE is a boot image that `make hv` or mkimage has built.
set -u
on=ref view=screen ips=5000000 megs=128
while [ $# -gt 1 ]; do
    case $1 in
    --on) on=$2 ;; --view) view=$2 ;; --ips) ips=$2 ;; --megs) megs=$2 ;;
    *) echo "run.sh: unknown option $1" >&2; exit 2 ;;
    esac
    shift 2
done
[ $# = 1 ] && [ -r "$1" ] || { sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//p}' "$0" >&2; exit 2; }
px=${PX:-build/px} dir=$(mktemp -d) || exit 1
trap 'kill $(jobs -p) 2>/dev/null; wait 2>/dev/null; rm -rf "$dir"' EXIT
await() { # FILE, PATTERN: the first match, when it has come
    for _ in $(seq 100); do
        grep -m1 -oE "$2" "$1" 2>/dev/null && return
        sleep 0.05
    done
    echo "run.sh: $(cat "$1")" >&2
    return 1
}
com2=()
if [ "$on" != none ]; then
    "$px" serve --on "$on" --listen "unix:$dir/link" --wire pty >"$dir/serve" 2>&1 &
    wire=$(await "$dir/serve" '/dev/pts/[0-9]+') && await "$dir/serve" 'listening on .*' >/dev/null || exit 1
    "$px" front --listen tcp:0 --to "unix:$dir/link" >"$dir/front" 2>&1 &
    port=$(await "$dir/front" 'tcp:127.0.0.1:[0-9]+') || exit 1
    com2=(--com2 "${port##*:}")
    echo "The serial driver runs on $on; the wire is $wire (px term $wire)."
fi
case $view in
screen)
    sleep 1
    firmware/bochs.sh "${com2[@]}" --ips "$ips" --megs "$megs" --terminal yes "$1"
    ;;
wire)
    [ "$on" != none ] || { echo 'run.sh: without an executor there is no wire to be shown' >&2; exit 2; }
    firmware/bochs.sh "${com2[@]}" --ips "$ips" --megs "$megs" --seconds 86400 --screen "$dir/screen" "$1" >"$dir/hv" 2>&1 &
    "$px" term "$wire"
    grep -E 'serial:|guest:|exits:|stopped' "$dir/hv"
    ;;
*) echo "run.sh: --view is screen or wire" >&2; exit 2 ;;
esac
