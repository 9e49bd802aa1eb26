#!/bin/bash
# qemu-tcg-tss-debug-trap.sh - QEMU's TCG has no debug trap of a task, and a jump to a task saves flags of some time before.
#
# A 386 TSS with T (byte 100, bit 0) set raises #DB when its task is switched to, with BT (bit 15) in DR6, before the first
# instruction; and the outgoing TSS gets the EFLAGS of the moment (Intel SDM volume 3, "Task-Switch Exception Condition" and
# "Task Switching"). The boot sector below does STC and jumps to a TSS with T set. It writes to port E9h how many #DB came in
# front of the new task, whether BT is set, and the carry flag that was saved.
# Seen: QEMU 7.2, -accel tcg (Debian 12, 1:7.2+dfsg-7+deb12u18+b3): "0 0 0". Bochs 2.7 (2.7+dfsg-4+deb12u1): "1 1 1".
# A program that debugs its tasks by T, or looks at the flags of a task that jumped away, goes wrong under QEMU alone.
#
# Uses the packages of these versions where they are installed, otherwise a copy in a temporary folder (FETCH=1: always).
# Exit: 0 as written here, 1 the behaviour has changed, 2 it could not be tried.
set -u
qemu=(qemu-system-x86=1:7.2+dfsg-7+deb12u18+b3 seabios=1.16.2-1 nasm=2.16.01-1)
t=$(mktemp -d) && trap 'rm -rf "$t"' EXIT
cd "$t" && mkdir -p debs/partial root || exit 2
root='' run=()
for p in "${qemu[@]}"; do
    [ "$(dpkg-query -W -f '${Version}' "${p%%=*}" 2>"$t/err")" = "${p#*=}" ] || FETCH=1
done
if [ -n "${FETCH:-}" ]; then
    apt-get -qq -y -d --no-install-recommends -o Debug::NoLocking=1 -o Dir::State::status=/dev/null \
            -o Dir::Cache::archives="$t/debs" install "${qemu[@]}" >"$t/log" 2>&1 || { cat "$t/log"; exit 2; }
    for d in debs/*.deb; do dpkg -x "$d" root || exit 2; done
    root=$t/root
    lib=$(dirname "$(find root/lib -name libc.so.6)") so=$t/$(find root/lib/*/ -name 'ld-linux*.so.*')
    run=("$so" --library-path "$t/$lib:$t/root/usr/${lib#root/}:$t/root/usr/${lib#root/}/pulseaudio")
    export QEMU_MODULE_DIR=$t/root/usr/${lib#root/}/qemu
fi
cat >boot.asm <<'ASM'
        bits 16
        org 0x7C00
A       equ 0x1000                              ; the task states and the IDT
B       equ 0x1100
IDT     equ 0x2000
        jmp 0:start
start:  cli
        xor ax, ax
        mov ds, ax
        mov es, ax
        mov ss, ax
        mov sp, 0x7C00
        mov di, A
        mov cx, 0x800
        rep stosw
        mov word [IDT + 8], debug               ; #DB: an interrupt gate
        mov word [IDT + 10], 8
        mov word [IDT + 13], 0x86
        mov word [B + 0x20], new                ; EIP, EFLAGS, ESP, ES, CS, SS, DS
        mov byte [B + 0x24], 2
        mov word [B + 0x38], 0x7000
        mov byte [B + 0x48], 16
        mov byte [B + 0x4C], 8
        mov byte [B + 0x50], 16
        mov byte [B + 0x54], 16
        mov dword [B + 0x64], 0x680001          ; T
        lgdt [gdtr]
        lidt [idtr]
        mov eax, cr0
        or al, 1
        mov cr0, eax
        jmp 8:.on
.on:    mov ax, 16
        mov ds, ax
        mov ss, ax
        mov ax, 24
        ltr ax
        xor eax, eax
        mov dr6, eax
        stc
        jmp 32:0
new:    cmp byte [traps], 0
        call bit
        mov eax, dr6
        test ah, 0x80
        call bit
        test byte [A + 0x24], 1
        call bit
        mov al, 10
        out 0xE9, al
        mov si, end
        mov dx, 0x8900                          ; Bochs ends at the word; QEMU has its exit device here
        mov cx, 8
        rep outsb
        hlt
bit:    setnz al
        add al, '0'
        out 0xE9, al
        mov al, ' '
        out 0xE9, al
        ret
debug:  inc byte [traps]
        iret
traps   db 0
end     db 'Shutdown'
gdt     dq 0, 0x9A000000FFFF, 0x92000000FFFF, 0x890010000067, 0x890011000067
gdtr    dw 39
        dd gdt
idtr    dw 15
        dd IDT
        times 510 - ($ - $$) db 0
        dw 0xAA55
        times 1440 * 1024 - ($ - $$) db 0
ASM
"${run[@]}" "$root/usr/bin/nasm" -o boot.img boot.asm || exit 2
q=("${run[@]}" "$root/usr/bin/qemu-system-x86_64")
"${q[@]}" -version | head -1
timeout 60 "${q[@]}" -L "$root/usr/share/qemu" -L "$root/usr/share/seabios" -accel tcg -display none -m 8 -net none \
    -drive file=boot.img,format=raw,if=floppy -boot a -debugcon file:said -device isa-debug-exit,iobase=0x8900,iosize=1
echo "#DB, BT, carry saved (Intel: 1 1 1): $(<said)"
case $(<said) in
'0 0 0 ') echo "as before" ;;
[01]\ [01]\ [01]\ ) echo "the behaviour has changed"; exit 1 ;;
*) exit 2 ;;
esac
