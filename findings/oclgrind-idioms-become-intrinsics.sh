#!/bin/bash
# oclgrind-idioms-become-intrinsics.sh - Oclgrind makes no kernel of a difference, a sum, a rotation or a magnitude written out.
#
# Oclgrind compiles with optimisation unless it is told otherwise, and LLVM 14 turns what programs write out for a saturating sum or
# difference, a rotation by shifts and a magnitude into its intrinsics (llvm.usub.sat, uadd.sat, fshl, abs), which Oclgrind does not know:
# clCreateKernel fails with "Undefined external function". The built-in functions of the same meaning (sub_sat, add_sat, rotate) work,
# and so does all of it with the option -cl-opt-disable; minimum, byte swap and bit count are known. One kernel of a program is
# enough that it cannot be made. Upstream knows fshl (Oclgrind issue 205, open since 2022), whose remedy is the option.
# Seen, Oclgrind 21.10 (Debian 12, 21.10-3, with LLVM 14.0.6-12):
#   x > y ? x - y : 0          optimised: llvm.usub.sat.i32   -cl-opt-disable: 4   sub_sat(x, y): 4
#   x + y < x ? ~0u : x + y    optimised: llvm.uadd.sat.i32   -cl-opt-disable: 10  add_sat(x, y): 10
#   x << 5 | x >> 27           optimised: llvm.fshl.i32       -cl-opt-disable: 224 rotate(x, 5u): 224
#   (int)x < 0 ? -x : x        optimised: llvm.abs.i32        -cl-opt-disable: 7   min(x, 0u - x): 7
# Who debugs kernels with Debian's Oclgrind gives it `--build-options -cl-opt-disable`.
#
# Uses the packages of these versions where they are installed, otherwise a copy in a temporary folder (FETCH=1: always).
# Exit: 0 as written here, 1 the behaviour has changed, 2 it could not be tried.
set -u
pinned=(oclgrind=21.10-3 liboclgrind-21.10=21.10-3 libllvm14=1:14.0.6-12)
t=$(mktemp -d) && trap 'rm -rf "$t"' EXIT
cd "$t" && mkdir -p debs/partial root || exit 2
for p in "${pinned[@]}"; do
    [ "$(dpkg-query -W -f '${Version}' "${p%%=*}" 2>"$t/err")" = "${p#*=}" ] || FETCH=1
done
if [ -n "${FETCH:-}" ]; then
    (cd debs && apt-get -qq download "${pinned[@]}") >log 2>&1 || { cat log; exit 2; }
    for d in debs/*.deb; do dpkg -x "$d" root || exit 2; done
    export PATH=$t/root/usr/bin:$PATH LD_LIBRARY_PATH=$t/root/usr/lib/x86_64-linux-gnu
fi
oclgrind-kernel --version | grep -m 1 .
printf 'k.cl\nf\n1 1 1\n1 1 1\n\n<size=4 fill=0 dump>\n<size=4>\n7\n<size=4>\n3\n' >two.sim    # x = 7, y = 3, one work-item
result() { # EXPRESSION OPTION..: the number, or what it does not know
    printf '__kernel void f(__global uint *d, uint x, uint y) { d[0] = %s; }\n' "$1" >k.cl
    oclgrind-kernel "${@:2}" two.sim 2>&1 | sed -nE 's/.*Undefined external function: //p; s/.*d\[0\] = //p'
}
changed=0
while IFS=@ read -r written builtin intrinsic number; do
    optimised=$(result "$written") plain=$(result "$written" --build-options -cl-opt-disable) called=$(result "$builtin")
    printf '%-26s optimised: %-19s -cl-opt-disable: %-3s %s: %s\n' "$written" "$optimised" "$plain" "$builtin" "$called"
    [ "$plain" = "$number" ] || exit 2
    [ "$optimised/$called" = "$intrinsic/$number" ] || changed=1
done <<'T'
x > y ? x - y : 0@sub_sat(x, y)@llvm.usub.sat.i32@4
x + y < x ? ~0u : x + y@add_sat(x, y)@llvm.uadd.sat.i32@10
x << 5 | x >> 27@rotate(x, 5u)@llvm.fshl.i32@224
(int)x < 0 ? -x : x@min(x, 0u - x)@llvm.abs.i32@7
T
[ $changed = 0 ] && echo "as before" || { echo "the behaviour has changed"; exit 1; }
