#!/usr/bin/env bash
# oclgrind.sh - the kernels on Oclgrind, an interpreter of OpenCL that reports data races, bad accesses and barriers that are missed
# (Debian: apt install oclgrind):
#
#     tests/opencl/oclgrind.sh [--share K/N] [FILE.pxt...]        the conformance set by default, which takes hours
#
# The cases go in parts of 20, each in three shapes. What a part said is kept under the kernels' checksum, so the same command goes
# on where it was ended, and shares, at once or one after the other, add up; the last lines are about all that is there.
#
# Without optimisation: Oclgrind does not know what clang makes of a saturated subtraction. Without the known-answer test: it is a
# million instructions. Exit status 0 when all cases agree, nothing was reported, and every kernel but px_mma was run; 3 when parts
# of other shares are to come.
set -u
cd "$(dirname "$0")/../.." || exit 2
PX=${PX:-build/px} out=${OUT:-build/oclgrind} kernels=${KERNELS:-build/gen/px_kernels.cl}
command -v oclgrind >/dev/null || { echo 'oclgrind is not here (Debian: apt install oclgrind)'; exit 2; }
share=1 shares=1
if [ "${1-}" = --share ]; then
    [[ ${2-} =~ ^([0-9]+)/([0-9]+)$ ]] || { echo "--share is ${2-nothing}; expected K/N, as 1/4"; exit 2; }
    share=${BASH_REMATCH[1]} shares=${BASH_REMATCH[2]}
    shift 2
fi
[ $# -gt 0 ] || set -- tests/conformance/*.pxt
sum=$(cksum <"$kernels" | cut -d' ' -f1) || exit 2
parts=$out/parts said=$out/$sum
mkdir -p "$parts" "$said"
export PX_OPENCL_CACHE=off PX_OPENCL_KAT=off

shapes=(alone groups fleets)
settings_of() {
    case $1 in
    alone) echo PX_OPENCL_WG=1 ;;
    groups) echo PX_OPENCL_WG=4 PX_OPENCL_GRID=1 ;;
    fleets) echo PX_OPENCL_WG=4 PX_OPENCL_FLEET=1 PX_OPENCL_LANES=1 ;;
    esac
}

# What Oclgrind says of a part, with the kernels that ran but not how often each instruction; the last line is the exit status.
run_part() { # SHAPE FILE RESULT
    # shellcheck disable=SC2046
    env $(settings_of "$1") oclgrind --build-options -cl-opt-disable --data-races --inst-counts --max-errors 20 \
        "$PX" conformance --on opencl:Oclgrind "$2" 2>&1 </dev/null | grep -vE '^ *[0-9]+ - |^$' >"$3.$$"
    echo "status ${PIPESTATUS[0]}" >>"$3.$$"
    mv "$3.$$" "$3"
}

list=()
for file in "$@"; do
    name=${file##*/}
    name=${name%.pxt}
    awk -v to="$parts/$name" '/^case / && n++ % 20 == 0 { close(f); f = sprintf("%s-%02d.pxt.'$$'", to, n / 20 + 1) } f { print >f }' "$file"
    for part in "$parts/$name"-*.pxt.$$; do
        cmp -s "$part" "${part%.*}" || mv "$part" "${part%.*}"
        rm -f "$part"
        list+=("${part%.*}")
    done
done

number=0
for part in "${list[@]}"; do
    for shape in "${shapes[@]}"; do
        result=$said/$shape-$(basename "$part" .pxt)
        number=$((number + 1))
        [ $((number % shares)) -eq $((share % shares)) ] || continue
        [ "$result" -nt "$part" ] || run_part "$shape" "$part" "$result"
    done
done

failed=0 missing=0
for shape in "${shapes[@]}"; do
    cases=0 bad=0 reports=0 there=0
    for part in "${list[@]}"; do
        result=$said/$shape-$(basename "$part" .pxt)
        [ "$result" -nt "$part" ] || continue
        there=$((there + 1))
        cases=$((cases + $(sed -nE 's/^1 files on .*: ([0-9]+) cases.*/\1/p' "$result")))
        found=$(grep -cE 'data race|Invalid (read|write)|divergence|Uninitialized|FATAL' "$result")
        reports=$((reports + found))
        grep -qx 'status 0' "$result" && [ "$found" -eq 0 ] && continue
        bad=$((bad + 1))
        echo "$shape: see $result, and there $part"
    done
    echo "$shape: $there of ${#list[@]} parts, $cases cases, $reports reports, $bad parts failed"
    missing=$((missing + ${#list[@]} - there)) failed=$((failed + bad))
done
for kernel in $(sed -nE 's/^KERNEL (px_[a-z_]+)\(.*/\1/p' "$kernels"); do
    launches=$(cat "$said"/* | grep -c "for kernel '$kernel'")
    echo "$kernel: launched $launches times"
    [ "$launches" -gt 0 ] || [ "$kernel" = px_mma ] || [ $missing -gt 0 ] || failed=1
done
[ $failed -eq 0 ] || exit 1
[ $missing -eq 0 ] || exit 3
