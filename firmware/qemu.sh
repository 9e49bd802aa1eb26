#!/usr/bin/env bash
# qemu.sh - boot an image of pxHV under QEMU, headless, on a processor with AMD-V: firmware/qemu.sh [OPTION]... IMAGE
#
#   --cpu MODEL      QEMU's name of the processor (EPYC, without what its emulator has not)
#   --ips N          instructions that are one emulated second, at least 30000000: with fewer, pxHV's own take longer than a
#                    turn of the guest
#   --megs N         memory (128)
#   --disk KIND      what the image is: ide, a disk in the machine (the default), or usb, a stick; one of 1.44 MB is a floppy
#   --seconds N      killed after so many seconds of wall time (30)
#   --sync MODE      none: the clock counts instructions and begins at 1 January 2000, each run the same (the default);
#                    slowdown: the clock is the machine's own, and the time of day: for somebody who looks on
#   --com1 FILE      what COM1 sends
#   --com2 PORT      COM2 connects to 127.0.0.1:PORT; so does COM3 with --com3
#   --screen FILE    the 4,000 bytes of text memory at the end, where the guest ends by itself
#   --display FILE   FILE gets the name of the pseudo-terminal that has the machine's screen and keyboard, of $TERM's kind
#   --log FILE       what QEMU itself has to say; port E9h goes to standard output
#   --e9 FILE        port E9h as it comes: pxHV's log, and a byte 06h for each scan code that pxHV has taken from the keyboard
#
# bochs.sh has the same options but --disk, and its images run here: one ends a run by writing 'D' to port 8900h, and the exit status is then
# 0. SIGTERM ends it too, with status 143. The file that HV_RECORD names, where it is set, gets a line "boot" for the run, and each
# BIOS call that pxHV does not have.
set -u
usage() { sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//p}' "$0"; }
[ "${1-}" != --help ] || { usage; exit; }
# RDTSCP is left out because QEMU 7.2 does not let it exit, the others because it has none of them and says so.
cpu=EPYC,-rdtscp,-rdseed,-sha-ni,-fxsr-opt,-misalignsse,-3dnowprefetch,-osvw,-topoext,-nrip-save,-xsavec
ips=30000000 megs=128 disk=ide seconds=30 sync=none com1='' com2='' com3='' screen='' display='' log='' e9=''
while [ $# -gt 1 ]; do
    case $1 in
    --cpu) cpu=$2 ;; --ips) ips=$2 ;; --megs) megs=$2 ;; --disk) disk=$2 ;; --seconds) seconds=$2 ;; --sync) sync=$2 ;; --com1) com1=$2 ;;
    --com2) com2=$2 ;; --com3) com3=$2 ;; --screen) screen=$2 ;; --display) display=$2 ;; --log) log=$2 ;; --e9) e9=$2 ;;
    *) echo "qemu.sh: unknown option $1" >&2; exit 2 ;;
    esac
    shift 2
done
case $disk in ide | usb) ;; *) echo "qemu.sh: --disk $disk: expected ide or usb" >&2; exit 2 ;; esac
[ $# = 1 ] || { echo 'qemu.sh: no image; expected one'; usage; exit 2; } >&2
[ ! -d "$1" ] && [ -r "$1" ] || { echo "qemu.sh: $1: no such image" >&2; exit 2; }
qemu=qemu-system-x86_64
command -v $qemu >/dev/null || { echo "qemu.sh: $qemu is not here (Debian: apt install qemu-system-x86)" >&2; exit 127; }
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
e9=${e9:-$dir/out}
: >"$e9"
mkfifo "$dir"/{end,monitor}.{in,out}

# QEMU's options take a comma in a file's name when it is doubled.
file() { local path; path=$(realpath "$1"); echo "${path//,/,,}"; }
machine=($qemu -display $([ -z "$display" ] && echo none || echo curses) -accel tcg -cpu "$cpu" -m "$megs" -nodefaults -vga std -no-reboot
    -chardev "pipe,id=monitor,path=$dir/monitor" -mon chardev=monitor
    -chardev "pipe,id=end,path=$dir/end" -device isa-debugcon,iobase=0x8900,chardev=end
    -chardev "file,id=e9,path=$(file "$e9")" -device isa-debugcon,iobase=0xe9,chardev=e9)
if [ "$(stat -Lc %s "$1")" = 1474560 ]; then
    machine+=(-drive "file=$(file "$1"),format=raw,if=floppy,snapshot=on" -boot a)
elif [ $disk = ide ]; then
    machine+=(-drive "file=$(file "$1"),format=raw,if=ide,snapshot=on" -boot c)
else
    machine+=(-drive "file=$(file "$1"),format=raw,if=none,id=stick,snapshot=on" -device qemu-xhci -device usb-storage,drive=stick)
fi
if [ "$sync" = none ]; then
    shift=5 # an instruction takes 2^shift nanoseconds
    while [ $shift -gt 0 ] && [ $((1000000000 >> shift)) -lt "$ips" ]; do shift=$((shift - 1)); done
    machine+=(-icount "shift=$shift,sleep=off" -rtc base=2000-01-01T00:00:00,clock=vm)
else
    machine+=(-rtc base=localtime,clock=host)
fi
port() { # NUMBER, ADDRESS, IRQ, BACKEND
    machine+=(-chardev "$4,id=com$1" -device "isa-serial,chardev=com$1,iobase=$2,irq=$3,index=$(($1 - 1))")
}
port 1 0x3f8 4 "$([ -z "$com1" ] && echo null || echo "file,path=$(file "$com1")")"
[ -z "$com2" ] || port 2 0x2f8 3 "socket,host=127.0.0.1,port=$com2,nodelay=on"
[ -z "$com3" ] || port 3 0x3e8 4 "socket,host=127.0.0.1,port=$com3,nodelay=on"

running='' ended=''
halt() {
    ended=143
    [ -z "$running" ] || kill -KILL -- -$running || kill -KILL $running
} 2>/dev/null
trap halt TERM INT HUP
# Its screen of characters is on the terminal at its standard input and output: the master of a new pseudo-terminal, of 25 lines
# of 80, whose other end stays open whoever comes and goes.
terminal=''
[ -z "$display" ] || terminal='
import os, sys
master, slave = os.openpty()
os.set_inheritable(slave, True)
with open(sys.argv[1], "w") as name:
    print(os.ttyname(slave), file=name)
os.dup2(master, 0)
os.dup2(master, 1)
os.environ.update(TERM=os.environ.get("TERM") or "xterm", LINES="25", COLUMNS="80")
os.execvp(sys.argv[2], sys.argv[2:])'
(exec timeout -s KILL "$seconds" ${terminal:+python3 -c "$terminal" "$display"} "${machine[@]}") </dev/null >"$dir/said" 2>&1 &
running=$! # and its process group, which timeout makes
[ -z "$ended" ] || halt
# The machine writes the end's byte and then halts.
{
    [ "$(head -c 1 "$dir/end.out")" = D ] && : >"$dir/ended"
    [ -z "$screen" ] || echo "pmemsave 0xb8000 4000 \"$dir/screen\""
    echo quit
} >"$dir/monitor.in" 2>/dev/null &
waiting=$!
{ wait $running; status=$?; [ -z "$ended" ] || wait $running; kill $waiting; wait $waiting; } 2>/dev/null
trap '' TERM INT HUP # what was said is passed on, whatever comes
[ "$status" != 0 ] || [ -e "$dir/ended" ] || status=1
status=${ended:-$status}
grep -aoE '(pxhv|pxHV loader): [[:print:]]*' "$e9"
[ -z "${HV_RECORD-}" ] || { echo boot; grep -aoE 'unlisted call INT .. AX=....' "$e9"; } >>"$HV_RECORD"
[ $status = 0 ] || sed 's/^/qemu: /' "$dir/said" >&2
[ -n "$screen" ] && [ -e "$dir/screen" ] && mv "$dir/screen" "$screen"
[ -n "$log" ] && mv "$dir/said" "$log"
exit $status
