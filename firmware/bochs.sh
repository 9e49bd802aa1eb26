#!/usr/bin/env bash
# bochs.sh - boot an image of pxHV under Bochs, headless: firmware/bochs.sh [OPTION]... IMAGE
#
#   --cpu MODEL      Bochs' name of the processor (corei7_haswell_4770)
#   --ips N          emulated instructions a second, what devices count time by (5000000)
#   --megs N         memory (128, at most 4096)
#   --seconds N      killed after so many seconds of wall time (30)
#   --sync MODE      none: as fast as it goes, the clock at 1 January 2000, each run the same (the default);
#                    slowdown: no faster than time passes, and the time of day: for somebody who looks on
#   --com1 FILE      what COM1 sends
#   --com2 PORT      COM2 connects to 127.0.0.1:PORT; so does COM3 with --com3
#   --screen FILE    the 4,000 bytes of text memory at the end, where the guest ends by itself
#   --display FILE   FILE gets the name of the pseudo-terminal that has the machine's screen and keyboard, of $TERM's kind
#   --log FILE       Bochs' own log; port E9h goes to standard output
#   --e9 FILE        port E9h as it comes: pxHV's log, and a byte 06h for each scan code that pxHV has taken from the keyboard
#
# The image ends a run by writing 'D' to port 8900h; the exit status is then 0. SIGTERM ends it too, with
# status 143. The file that HV_RECORD names, where it is set, gets a line "boot" for the run, each line in which Bochs says
# why an entry to the guest failed, and each BIOS call that pxHV does not have.
set -u
usage() { sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//p}' "$0"; }
[ "${1-}" != --help ] || { usage; exit; }
cpu=corei7_haswell_4770 ips=5000000 megs=128 seconds=30 sync=none com1='' com2='' com3='' screen='' display='' log='' e9=''
while [ $# -gt 1 ]; do
    case $1 in
    --cpu) cpu=$2 ;; --ips) ips=$2 ;; --megs) megs=$2 ;; --seconds) seconds=$2 ;; --sync) sync=$2 ;; --com1) com1=$2 ;;
    --com2) com2=$2 ;; --com3) com3=$2 ;; --screen) screen=$2 ;; --display) display=$2 ;; --log) log=$2 ;; --e9) e9=$2 ;;
    *) echo "bochs.sh: unknown option $1" >&2; exit 2 ;;
    esac
    shift 2
done
[ $# = 1 ] || { echo 'bochs.sh: no image; expected one'; usage; exit 2; } >&2
[ ! -d "$1" ] && [ -r "$1" ] || { echo "bochs.sh: $1: no such image" >&2; exit 2; }
command -v bochs >/dev/null || { echo 'bochs.sh: bochs is not here (Debian: apt install bochs bochsbios vgabios bochs-term)' >&2; exit 127; }
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
e9=${e9:-$dir/out}
if [ "$(stat -c %s "$1")" = 1474560 ]; then
    disk="floppya: 1_44=\"$(realpath "$1")\", status=inserted
boot: floppy"
else
    disk="ata0-master: type=disk, path=\"$(realpath "$1")\", mode=volatile, journal=$dir/journal
boot: disk"
fi
cat >"$dir/rc" <<END
config_interface: textconfig
display_library: term
romimage: file=/usr/share/bochs/BIOS-bochs-latest
vgaromimage: file=/usr/share/vgabios/vgabios-stdvga.bin
memory: guest=$megs, host=$((megs < 512 ? megs : 512))
cpu: model=$cpu, count=1, ips=$ips, reset_on_triple_fault=0
$disk
clock: sync=$sync, time0=$([ "$sync" = none ] && echo 946684800 || echo local)
$([ "$sync" = none ] || echo "vga: extension=vbe, update_freq=30")
mouse: enabled=0
port_e9_hack: enabled=1
plugin_ctrl: speaker=false
panic: action=fatal
error: action=report
info: action=report
log: $dir/log
${com1:+com1: enabled=1, mode=file, dev=$(realpath "$com1")}
${com2:+com2: enabled=1, mode=socket-client, dev=127.0.0.1:$com2}
${com3:+com3: enabled=1, mode=socket-client, dev=127.0.0.1:$com3}
END
# writemem takes a virtual address: pxHV sees physical memory at DIRECT (firmware/machine/memory.c).
{ echo c; [ -n "$screen" ] && echo "writemem \"$dir/screen\" 0xffff8000000b8000 4000"; echo q; } >"$dir/commands"

machine='' ended=''
halt() {
    ended=143
    [ -z "$machine" ] || kill -KILL -- -$machine || kill -KILL $machine
} 2>/dev/null
trap halt TERM INT HUP

# Debian's Bochs, which has the debugger in it, puts the display on a pseudo-terminal of its own and says on standard error
# which. 25 lines of 80 leave no room for its frame.
(
    trap '' PIPE
    TERM=${display:+${TERM-}} LINES=25 COLUMNS=80
    export TERM=${TERM:-xterm} LINES COLUMNS
    exec timeout -s KILL "$seconds" stdbuf -oL bochs -q -unlock -f "$dir/rc" -rc "$dir/commands"
) </dev/null >"$e9" 2>"$dir/err" &
machine=$! # and its process group, which timeout makes
[ -z "$ended" ] || halt
display_name() {
    for _ in $(seq 200); do
        grep -aoE '/dev/pts/[0-9]+' "$dir/err" && return
        kill -0 $machine 2>/dev/null || return
        sleep 0.05
    done
    return 1
}
if [ -n "$display" ]; then
    name=$(display_name) && echo "$name" >"$display"
else # nobody looks at it; but when nobody reads it the emulator stands still as soon as it is full
    { name=$(display_name) && stty raw -echo <"$name" && exec cat "$name"; } >/dev/null 2>&1 &
fi
{ wait $machine; status=$?; [ -z "$ended" ] || wait $machine; } 2>/dev/null
trap '' TERM INT HUP # what was said is passed on, whatever comes
status=${ended:-$status}
# The debugger shares standard output with port E9h; pxHV's lines say whose they are.
grep -aoE '(pxhv|pxHV loader): [[:print:]]*' "$e9"
[ -z "${HV_RECORD-}" ] || {
    echo boot
    grep -aoE '(VMFAIL|VMENTER FAIL).*' "$dir/log"
    grep -aoE 'unlisted call INT .. AX=....' "$e9"
} >>"$HV_RECORD"
[ $status = 0 ] || grep -aE '>>PANIC<<' "$e9" "$dir/err" "$dir/log" -h | sed 's/^/bochs: /' | sort -u >&2
[ -n "$screen" ] && [ -e "$dir/screen" ] && mv "$dir/screen" "$screen"
[ -n "$log" ] && mv "$dir/log" "$log"
exit $status
