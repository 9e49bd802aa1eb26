#!/usr/bin/env bash
# opencl_user.sh - OpenCL for a user without a home, as services have it: nobody with HOME=/nonexistent.
. tests/cli/lib.sh

if [ "$(id -u)" != 0 ] || ! command -v setpriv >/dev/null || ! "$PX" devices | grep -q 'Portable Computing Language'; then
    echo '1..0 # SKIP takes root, setpriv and pocl'
    exit 0
fi
chmod 755 "$dir"
cp "$PX" build/programs/dot_test.pxi "$dir"
mkdir -m 1777 "$dir/tmp"
nobody() { env -u XDG_CACHE_HOME -u POCL_CACHE_DIR -u PX_OPENCL_CACHE setpriv --reuid=65534 --regid=65534 --clear-groups \
    env HOME=/nonexistent "$@"; }

expect 'nobody runs OpenCL' 0 '^opencl:.*halted .*after 2 instructions$' \
    nobody TMPDIR="$dir/tmp" "$dir/px" run "$dir/dot_test.pxi" --on opencl
expect 'its folder is its own' 0 '^700 65534$' stat -c '%a %u' "$dir/tmp/pxos-65534"
expect 'no place at all: the reason and the remedy' 2 'CL_DEVICE_NOT_FOUND: .*set POCL_CACHE_DIR or XDG_CACHE_HOME' \
    nobody TMPDIR=/nonexistent "$dir/px" run "$dir/dot_test.pxi" --on opencl
expect 'px devices says the same' 0 'CL_DEVICE_NOT_FOUND: .*set POCL_CACHE_DIR or XDG_CACHE_HOME' \
    nobody TMPDIR=/nonexistent "$dir/px" devices
rm -r "$dir/tmp/pxos-65534"
mkdir -m 777 "$dir/tmp/pxos-65534"
expect 'a folder that is not its own is not used' 0 'is not used: others than you can change .*pxos-65534' \
    nobody TMPDIR="$dir/tmp" XDG_CACHE_HOME=/nonexistent POCL_CACHE_DIR="$dir/tmp/pocl" "$dir/px" run "$dir/dot_test.pxi" --on opencl
touch "$dir/file"
for case in '/dev/null=it is no folder' "$dir/file=it is no folder" '/nonexistent/cache=No such file or directory'; do
    expect "PX_OPENCL_CACHE=${case%%=*} is told" 0 "the OpenCL cache ${case%%=*} is not used: ${case#*=}; PX_OPENCL_CACHE names" \
        nobody TMPDIR="$dir/tmp" POCL_CACHE_DIR="$dir/tmp/pocl" PX_OPENCL_CACHE="${case%%=*}" "$dir/px" run "$dir/dot_test.pxi" --on opencl
done
expect 'and stays empty' 0 '^0$' bash -c "ls '$dir/tmp/pxos-65534' | wc -l"
finish
