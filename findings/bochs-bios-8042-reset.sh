#!/bin/bash
# bochs-bios-8042-reset.sh - Bochs' BIOS triple-faults after a reset by the 8042, where the processor has VMX.
#
# BIOS-bochs-latest writes IA32_FEATURE_CONTROL (MSR 3Ah), lock bit and all, at each start and does not look whether it is locked.
# A reset by the keyboard controller (FEh to port 64h) is Bochs' software reset, which keeps MSRs, as INIT does (Intel SDM volume 3,
# "Processor State After Reset"). So the second start's WRMSR raises #GP, which has no IDT yet: a triple fault. By default that is a
# hardware reset, and the third start boots; with "reset_on_triple_fault=0" Bochs stops with a panic that says so, which is what this
# script uses. BIOS-bochs-legacy has no such code and boots again at once; so does SeaBIOS under QEMU 7.2.
# In Bochs' debugger the triple fault is a stop at F000:FFF0, which looks as if the machine had not come back.
# Seen, Bochs 2.7 (Debian 12, 2.7+dfsg-4+deb12u1):
#   latest: 1 boot, "WRMSR: IA32_FEATURE_CONTROL_MSR VMX lock bit is set !", ">>PANIC<< exception(): 3rd (13) exception ..."
#   legacy: 2 boots
#
# Uses the packages of these versions where they are installed, otherwise a copy in a temporary folder (FETCH=1: always).
# Exit: 0 as written here, 1 the behaviour has changed, 2 it could not be tried.
set -u
pinned=({bochs,bochs-term,bochsbios}=2.7+dfsg-4+deb12u1 vgabios=0.8a+ds-2 ncurses-base=6.4-4 nasm=2.16.01-1)
t=$(mktemp -d) && trap 'rm -rf "$t"' EXIT
cd "$t" && mkdir -p debs/partial root || exit 2
root='' run=()
for p in "${pinned[@]}"; do
    [ "$(dpkg-query -W -f '${Version}' "${p%%=*}" 2>"$t/err")" = "${p#*=}" ] || FETCH=1
done
if [ -n "${FETCH:-}" ]; then
    apt-get -qq -y -d --no-install-recommends -o Debug::NoLocking=1 -o Dir::State::status=/dev/null \
            -o Dir::Cache::archives="$t/debs" install "${pinned[@]}" >"$t/log" 2>&1 || { cat "$t/log"; exit 2; }
    for d in debs/*.deb; do dpkg -x "$d" root || exit 2; done
    root=$t/root
    lib=$(dirname "$(find root/lib -name libc.so.6)") so=$t/$(find root/lib/*/ -name 'ld-linux*.so.*')
    run=("$so" --library-path "$t/$lib:$t/root/usr/${lib#root/}:$t/root/usr/${lib#root/}/pulseaudio")
    plugins=$(find "$t/root/usr/lib" -type d -path '*/bochs/plugins')
    export LTDL_LIBRARY_PATH=$plugins BXSHARE=$t/root/usr/share/bochs TERMINFO=$t/root/lib/terminfo
fi
cat >boot.asm <<'ASM'
        bits 16
        org 0x7C00
        mov al, '*'
        out 0xE9, al
        mov al, 0x6E                            ; a free byte of the CMOS RAM
        out 0x70, al
        in al, 0x71
        cmp al, 0x3D
        je again
        mov al, 0x3D
        out 0x71, al
        mov al, 0x0F                            ; shutdown code 0: a start like any other
        out 0x70, al
        mov al, 0
        out 0x71, al
        mov al, 0xFE
        out 0x64, al
        jmp $
again:  push cs
        pop ds
        mov si, end
        mov dx, 0x8900                          ; Bochs ends at the word
        mov cx, 8
        cld
        rep outsb
        jmp $
end     db 'Shutdown'
        times 510 - ($ - $$) db 0
        dw 0xAA55
        times 1440 * 1024 - ($ - $$) db 0
ASM
"${run[@]}" "$root/usr/bin/nasm" -o boot.img boot.asm || exit 2
echo c >commands
"${run[@]}" "$root/usr/bin/bochs-bin" --help 2>&1 | grep -a -m 1 -o 'Bochs x86 Emulator.*'
for bios in latest legacy; do
    printf '%s\n' 'display_library: term' "romimage: file=$root/usr/share/bochs/BIOS-bochs-$bios" \
        "vgaromimage: file=$root/usr/share/vgabios/vgabios-stdvga.bin" 'memory: guest=8, host=8' \
        'cpu: model=corei7_haswell_4770, ips=5000000, reset_on_triple_fault=0' 'boot: floppy' 'clock: sync=none' \
        'floppya: 1_44=boot.img, status=inserted' 'port_e9_hack: enabled=1' 'plugin_ctrl: speaker=false' \
        'panic: action=fatal' 'error: action=report' "log: $bios.log" >"$bios.rc"
    TERM=xterm LINES=25 COLUMNS=80 timeout -s KILL 90 "${run[@]}" "$root/usr/bin/bochs-bin" -q -unlock -f "$bios.rc" \
        -rc commands </dev/null >"$bios.said" 2>"$bios.err"
    boots=$(tr -cd '*' <"$bios.said")
    end=$(grep -a -o -E -m 1 '>>PANIC<<.*(3rd \(13\)|shutdown requested)' "$bios.log")
    echo "$bios: boots ${#boots}; $end; $(grep -a -o -m 1 'WRMSR: IA32_FEATURE_CONTROL.*' "$bios.log")"
    declare "$bios=${#boots} ${end##* }"
done
[ "$legacy" = '2 requested' ] || exit 2
case $latest in
'1 (13)') echo "as before" ;;
'2 requested') echo "the behaviour has changed"; exit 1 ;;
*) exit 2 ;;
esac
