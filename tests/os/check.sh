#!/usr/bin/env bash
# check.sh - all cases of check.py on the executors of OS_ON. TAP.
. tests/os/lib.sh
small bomb neighbour crowd
cp build/programs/life.pxi build/programs/fork.pxi "$dir" || exit 1
with_programs crash stuck dirty hostile race family grow spin
# shellcheck disable=SC2086
PX="$PX" "${PYTHON:-python3}" tests/os/check.py "$dir/os.pxi" $OS_ON
