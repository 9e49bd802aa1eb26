#!/usr/bin/env bash
# soak.sh - random sessions until N instructions have retired: on the first executor of OS_ON, fed to the others. SEED is the first.
. tests/os/lib.sh
small neighbour crowd
cp build/programs/life.pxi build/programs/fork.pxi "$dir" || exit 1
with_programs crash stuck dirty hostile race family grow spin
# shellcheck disable=SC2086
PX="$PX" "${PYTHON:-python3}" tests/os/soak.py "$dir/os.pxi" "${N:-1e8}" "${SEED:-1}" ${OS_ON}
