#!/bin/bash
# qemu-svm-interrupt-twice.sh - QEMU's TCG with -icount delivers an interrupt that VMRUN injects again when a timer is due.
#
# VMRUN with an event of type 0 (external interrupt) in EVENTINJ delivers it once, before the first instruction of the guest (AMD APM
# volume 2, "Event Injection"). The boot sector below starts a guest with interrupts on and injects vector 40h. Its handler, an
# interrupt gate's, counts how often it is entered, counts down a register and does VMMCALL, which ends the guest; nothing else does.
# A timer (PIT, once, 1 ms) is started before, but its interrupt and all others are masked. To port E9h go the entries, and the IF
# that the last of them has on its stack; "?" stands in front if something else ended the guest.
# Seen, QEMU 7.2, -accel tcg (Debian 12, 1:7.2+dfsg-7+deb12u18+b3): with -icount "1 1" when the handler ends before the timer does,
# "2 0" when it counts longer: it is entered from within itself, though IF is 0. "1 1" without -icount. Bochs 2.7
# (2.7+dfsg-4+deb12u1, cpu: model=ryzen): "1 1".
# A hypervisor that is tried under QEMU this way has guests whose handlers are now and then entered twice. An exit that follows the
# injection at once prevents it, say by an interrupt that the host sends to its own APIC before VMRUN and intercepts.
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
VMCB    equ 0x1000                              ; each a page
HSAVE   equ 0x2000
IDT     equ 0x3000
entries equ 0x4000                              ; and a page without code for what is written
flags   equ 0x4004
VECTOR  equ 0x40
        jmp 0:start
start:  cli
        xor ax, ax
        mov ds, ax
        mov es, ax
        mov ss, ax
        mov sp, 0x6800
        mov di, VMCB
        mov cx, 0x2000
        rep stosw
        mov word [IDT + 8 * VECTOR], handler    ; an interrupt gate
        mov word [IDT + 8 * VECTOR + 2], 8
        mov word [IDT + 8 * VECTOR + 5], 0x8E
        lgdt [gdtr]
        lidt [idtr]
        mov eax, cr0
        or al, 1
        mov cr0, eax
        jmp 8:.on
        bits 32
.on:    mov ax, 16
        mov ds, ax
        mov es, ax
        mov ss, ax
        mov ecx, 0xC0000080                     ; EFER.SVME
        rdmsr
        or ah, 0x10
        wrmsr
        mov ecx, 0xC0010117                     ; VM_HSAVE_PA
        mov eax, HSAVE
        xor edx, edx
        wrmsr
        mov esi, fields
.next:  lodsw
        movzx edi, ax
        lodsd
        mov [VMCB + edi], eax
        cmp esi, fields.end
        jb .next
        mov eax, cr0
        mov [VMCB + 0x558], eax
        mov al, 0xFF                            ; no IRQ
        out 0x21, al
        out 0xA1, al
        mov al, 0x30                            ; channel 0, once (mode 0): 1,193 ticks, 1 ms
        out 0x43, al
        mov al, 1193 & 0xFF
        out 0x40, al
        mov al, 1193 >> 8
        out 0x40, al
        mov eax, VMCB
        vmrun
        cmp dword [VMCB + 0x70], 0x81           ; VMMCALL
        je .ended
        mov al, '?'
        out 0xE9, al
.ended: mov al, [entries]
        call digit
        mov al, [flags + 1]
        shr al, 1
        and al, 1
        call digit
        mov esi, end
        mov dx, 0x8900                          ; Bochs ends at the word; QEMU has its exit device here
        mov ecx, 8
        rep outsb
        hlt
digit:  add al, '0'
        out 0xE9, al
        mov al, ' '
        out 0xE9, al
        ret

guest:  vmmcall                                 ; not before the interrupt
handler:
        inc byte [entries]
        mov eax, [esp + 8]
        mov [flags], eax
        mov ecx, COUNT
.next:  dec ecx
        jnz .next
        vmmcall

end     db 'Shutdown'
gdt     dq 0, 0xCF9B000000FFFF, 0xCF93000000FFFF
gdtr    dw 23
        dd gdt
idtr    dw 0x7FF
        dd IDT
%macro field 2                                  ; OFFSET, VALUE
        dw %1
        dd %2
%endmacro
fields: field 0x10, 3                           ; VMRUN and VMMCALL exit
        field 0x58, 1                           ; ASID
        field 0xA8, 1 << 31 | VECTOR            ; EVENTINJ: valid, type 0
        field 0x400, 0xC93 << 16 | 16           ; ES, CS, SS, DS: flat, 4 GB
        field 0x404, -1
        field 0x410, 0xC9B << 16 | 8
        field 0x414, -1
        field 0x420, 0xC93 << 16 | 16
        field 0x424, -1
        field 0x430, 0xC93 << 16 | 16
        field 0x434, -1
        field 0x464, 23                         ; GDTR, IDTR
        field 0x468, gdt
        field 0x484, 0x7FF
        field 0x488, IDT
        field 0x4D0, 0x1000                     ; EFER, DR7, DR6, RFLAGS with IF, RIP, RSP
        field 0x560, 0x400
        field 0x568, 0xFFFF0FF0
        field 0x570, 0x202
        field 0x578, guest
        field 0x5D8, 0x6000
.end:
        times 510 - ($ - $$) db 0
        dw 0xAA55
        times 1440 * 1024 - ($ - $$) db 0
ASM
q=("${run[@]}" "$root/usr/bin/qemu-system-x86_64")
"${q[@]}" -version | head -1
changed=0
try() { # COUNT EXPECTED OPTION..
    "${run[@]}" "$root/usr/bin/nasm" -DCOUNT="$1" -o boot.img boot.asm || exit 2
    rm -f said
    timeout 60 "${q[@]}" -L "$root/usr/share/qemu" -L "$root/usr/share/seabios" -accel tcg -cpu qemu64,+svm -display none -m 8 -net none \
        -no-reboot -drive file=boot.img,format=raw,if=floppy -boot a -debugcon file:said \
        -device isa-debug-exit,iobase=0x8900,iosize=1 "${@:3}"
    said=$(<said)
    printf 'count down from %-8s %-15s entries, IF of the last (AMD: 1 1): %s\n' "$1" "${*:3}" "$said"
    [[ $said =~ ^[0-9]\ [01]\ $ ]] || exit 2
    [ "$said" = "$2 " ] || changed=1
}
try 1 '1 1' -icount shift=5
try 10000000 '2 0' -icount shift=5
try 10000000 '1 1'
[ $changed = 0 ] && echo "as before" || { echo "the behaviour has changed"; exit 1; }
