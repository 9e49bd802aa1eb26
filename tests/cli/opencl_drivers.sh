#!/usr/bin/env bash
# opencl_drivers.sh - whose device is meant by name, that driver alone is asked; another that is slow to answer is not.
. tests/cli/lib.sh
SLOW=${SLOW_ICD:-build/tests/opencl/slow_icd.so} vendors=$dir/vendors

if [ ! -r /etc/OpenCL/vendors/pocl.icd ] || ! "$PX" devices | grep -q 'Portable Computing Language'; then
    echo '1..0 # SKIP takes pocl'
    exit 0
fi
mkdir "$vendors"
cp /etc/OpenCL/vendors/pocl.icd "$vendors"
realpath "$SLOW" >"$vendors/slow.icd"
"$PX" asm -q pxi/programs/dot_test.pxa -o "$dir/dot.pxi"
export OCL_ICD_VENDORS=$vendors SLOW_ICD_MARK=$dir/asked

# asks WHETHER NAME STATUS PATTERN COMMAND...: like expect, and the slow driver was asked or not.
asks() {
    local whether=$1 was=no
    shift
    rm -f "$SLOW_ICD_MARK"
    expect "$@"
    [ -e "$SLOW_ICD_MARK" ] && was=yes
    [ "$was" = "$whether" ]
    result $? "$1: the other driver is asked: $whether" "it was: $was"
}

halted='halted at pc 1,'
asks no 'a driver by name' 0 "^opencl:pocl .*$halted" "$PX" run "$dir/dot.pxi" --on opencl:pocl
asks no 'in any case' 0 "^opencl:POCL .*$halted" "$PX" run "$dir/dot.pxi" --on opencl:POCL
asks no 'no name at all, so pocl' 0 "^opencl:pocl .*$halted" "$PX" run "$dir/dot.pxi" --on opencl
asks no 'by PX_OPENCL_DEVICE' 0 "^opencl:pocl .*$halted" env PX_OPENCL_DEVICE=pocl "$PX" run "$dir/dot.pxi" --on opencl
asks yes 'by number' 0 "^opencl:0 .*$halted" "$PX" run "$dir/dot.pxi" --on opencl:0
asks yes 'by what only the platform knows' 0 "^opencl:0 .*$halted" "$PX" run "$dir/dot.pxi" --on opencl:portable
asks yes 'a driver without a device' 2 "no OpenCL device is 'slow'.*present: 0 '" "$PX" run "$dir/dot.pxi" --on opencl:slow
asks yes 'the list of all' 0 'opencl:0  ' "$PX" devices
asks yes 'one by name, then one by number' 0 'the same image and state on 2 executors' \
    "$PX" diff "$dir/dot.pxi" --on opencl:pocl,opencl:0
mv "$vendors/slow.icd" "$vendors/portable.icd"
asks yes "a device of another driver than the file's" 0 "^opencl:0 .*$halted" "$PX" run "$dir/dot.pxi" --on opencl:portable
asks yes 'a loader that is told more' 0 "^opencl:0 .*$halted" \
    env OPENCL_LAYERS= "$PX" run "$dir/dot.pxi" --on opencl:pocl
mkdir "$dir/empty"
listed=(env OCL_ICD_VENDORS="$dir/empty" OCL_ICD_FILENAMES="$(cat "$vendors/pocl.icd"):$(cat "$vendors/portable.icd")")
asks no 'a list of drivers, one by name' 0 "^opencl:pocl .*$halted" "${listed[@]}" "$PX" run "$dir/dot.pxi" --on opencl:pocl
asks yes 'a list of drivers, one by number' 0 "^opencl:0 .*$halted" "${listed[@]}" "$PX" run "$dir/dot.pxi" --on opencl:0
asks yes 'the same driver in a list and in the folder' 2 'present: 0 [^,]*$' \
    env OCL_ICD_FILENAMES="$(cat "$vendors/pocl.icd")" "$PX" run "$dir/dot.pxi" --on opencl:nothing
printf '#!/bin/sh\necho "$OCL_ICD_VENDORS $OCL_ICD_FILENAMES" >"%s"\nexit 1\n' "$dir/told" >"$dir/tell"
chmod +x "$dir/tell"
OCL_ICD_FILENAMES=a:b "$PX" diff "$dir/dot.pxi" --on "opencl:pocl,cmd:$dir/tell" >"$dir/said" 2>&1
expect 'what px starts finds the environment as it was' 0 "^$vendors a:b$" cat "$dir/told"
printf 'libnowhere.so\n' >"$vendors/pocl-nowhere.icd"
: >"$vendors/pocl-empty.icd"
asks no 'drivers that cannot be loaded are passed over' 0 "^opencl:pocl .*$halted" "$PX" run "$dir/dot.pxi" --on opencl:pocl
asks no 'no drivers' 2 'no OpenCL platform found' env OCL_ICD_VENDORS="$dir" "$PX" run "$dir/dot.pxi" --on opencl:pocl
finish
