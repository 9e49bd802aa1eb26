# lib.sh - what the suites of tests/firmware share: a folder for the run, TAP results, waiting for a line.
# Sourced; NEEDS names further tools. $dir is removed at the end, and what still runs is ended. A suite ends with finish, which
# judges every boot that there was.
set -u
fw=${FW:-build/firmware} px=${PX:-build/px}
emu=${EMU:-bochs} # or qemu: which machine, and which vendor's processor with it
# The BIOS waits in emulated time, which is fewer instructions so; for guests that measure none.
slow=
[ $emu = qemu ] || slow='--ips 1000000'
for tool in ${emu/qemu/qemu-system-x86_64} nasm ${NEEDS-}; do
    command -v "$tool" >/dev/null || { echo "1..0 # SKIP $tool is not here (Debian: apt install nasm bochs bochsbios vgabios bochs-term qemu-system-x86 mtools python3)"; exit 0; }
done
dir=$(mktemp -d) || exit 1
trap 'kill $(jobs -p) 2>/dev/null; wait 2>/dev/null; rm -rf "$dir"' EXIT
export HV_RECORD=$dir/record # firmware/bochs.sh: what is wrong with a run though the guest may not notice
count=0 bad=0

result() { # STATUS, NAME: one test; a failure shows the end of $dir/out
    count=$((count + 1))
    [ "$1" = 0 ] && { echo "ok $count - $2"; return; }
    bad=$((bad + 1))
    echo "not ok $count - $2"
    [ ! -e "$dir/out" ] || tail -n 30 "$dir/out" | sed 's/^/# /'
}

as_disk() { # IMAGE: one that is short is a floppy, whose sectors take ten times as long
    truncate -s $((3 * 16 * 63 * 512)) "$1"
}

await() { # FILE, PATTERN: the first match, when it has come
    for _ in $(seq 400); do
        grep -m1 -oE "$2" "$1" 2>/dev/null && return
        sleep 0.05
    done
    return 1
}

finish() { # CALL...: a last test, that no boot had an entry that was refused or an unlisted BIOS call but CALL...; the plan
    local boots
    boots=$(grep -c '^boot$' "$HV_RECORD")
    grep -v '^boot$' "$HV_RECORD" | sort -u >"$dir/out"
    [ "${boots:-0}" -gt 0 ] && { [ $# = 0 ] || printf 'unlisted call %s\n' "$@" | sort; } | cmp -s "$dir/out" -
    result $? "$boots boots: no entry that is refused, no unlisted BIOS call${1+ but those meant}"
    echo "1..$count"
    [ $bad = 0 ]
}
