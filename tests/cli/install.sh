#!/usr/bin/env bash
# install.sh - make install into a folder: px and its data work there and after a move, pages and completion are in order, and make
# uninstall takes everything back. TAP.
. tests/cli/lib.sh
unset MAKEFLAGS MFLAGS MAKELEVEL PX_DATA
root=$dir/root with=(-s --no-print-directory B="${BUILD:-build}" DESTDIR="$dir/root" PREFIX=/opt/pxos)
files=$(git ls-files 'tests/conformance/*.pxt' | wc -l)
set_of() { # BINARY [VARIABLE=VALUE]: the set, run far away from the repository
    local px=$1
    shift
    (cd / && env "$@" "$px" conformance) 2>&1
}

# Somebody else's file in a folder that is ours too stays.
mkdir -p "$root/opt/pxos/share/man/man1"
echo theirs >"$root/opt/pxos/share/man/man1/other.1"
said=$(make "${with[@]}" install-files 2>&1)
result $? 'make install' "$said"
there=$root/opt/pxos
[ -x "$there/bin/px" ] && [ "$("$there/bin/px" --version | cut -d' ' -f1,2)" = "px $(cat VERSION)" ]
result $? 'px is there and tells the release' "$("$there/bin/px" --version)"
set_of "$there/bin/px" >"$dir/out"
grep -q "^$files files on fast: [0-9]* cases, 0 failed$" "$dir/out" && grep -q 'share/pxos/conformance/alu.pxt' "$dir/out"
result $? 'px conformance from / runs the whole installed set' "$(tail -n 3 "$dir/out")"
(cd / && "$there/bin/px" run "$there/share/pxos/programs/dot_test.pxi" && "$there/bin/px" asm "$there/share/pxos/programs/life.pxa" -o "$dir/life.pxi") >"$dir/out" 2>&1
result $? 'an installed program runs, an installed source assembles' "$(cat "$dir/out")"
if [ -e "${BUILD:-build}/os.pxi" ]; then # made where C programs can be
    said=$(cd / && echo 'echo from the shell; exit 7' | "$there/bin/px" os 2>&1)
    [ $? = 7 ] && [ "$said" = 'from the shell' ]
    result $? 'the installed pxOS starts' "$said"
fi

# ---- the library: the example, built from what is installed alone
if command -v pkg-config >/dev/null; then
    flags=$(PKG_CONFIG_PATH=$there/lib/pkgconfig pkg-config --cflags --libs pxi)
else # the same by hand
    flags="-I$there/include/pxos -L$there/lib -lpxi -lpng -lz"
fi
cp examples/sum.c "$dir"
# shellcheck disable=SC2086
said=$(cd "$dir" && cc -std=c17 -Wall -Wextra -Wpedantic -Werror sum.c $flags -o sum 2>&1 && ./sum)
[ "$said" = 'HALTED after 5 instructions: 0 + 16 + .. + 240 = 1920' ]
result $? 'a program of one'"'"'s own is built with libpxi and runs a pixel program' "$said"

# ---- PX_DATA
mkdir -p "$dir/data/conformance"
cp tests/conformance/alu.pxt "$dir/data/conformance"
set_of "$there/bin/px" PX_DATA="$dir/data" | grep -q '^1 files on fast'
result $? 'PX_DATA comes before all others'
expect 'PX_DATA without the set' 2 "PX_DATA is $dir, and there is no $dir/conformance/\*\.pxt" env PX_DATA="$dir" "$there/bin/px" conformance
cp "$there/bin/px" "$dir/lone"
(cd / && "$dir/lone" conformance) >"$dir/out" 2>&1
[ $? = 2 ] && grep -q "^px conformance: no tests/conformance/\*\.pxt here, nor in $dir/../share/pxos/conformance; name files, or set PX_DATA" "$dir/out"
result $? 'px without its data says where it looked' "$(cat "$dir/out")"
expect 'px os without its picture, too' 2 "px os: os\.pxi is neither in $dir nor in $dir/../share/pxos; .make os. makes it" "$dir/lone" os

# ---- manual pages: one a command, and what two formatters say to them
pages=$(sed -nE 's/^PX_COMMAND\(([a-z]+),.*/px-\1.1/p' host/commands.def; echo px.1)
differ=$(diff <(sort <<<"$pages") <(ls "$there/share/man/man1" | grep -v '^other.1$' | sort))
[ -z "$differ" ]
result $? 'a page for px and for each command' "$differ"
for tool in 'groff -man -ww -z -Tutf8' 'mandoc -T lint -W warning'; do
    if ! command -v "${tool%% *}" >/dev/null; then
        result 0 "${tool%% *} finds the pages in order # SKIP it is not here (Debian: apt install groff-base mandoc)"
        continue
    fi
    said=$(cd "$there/share/man/man1" && for page in $pages; do $tool "$page" 2>&1 >"$dir/page" || echo "$page: status $?"; [ "${tool%% *}" != mandoc ] || cat "$dir/page"; done)
    [ -z "$said" ]
    result $? "${tool%% *} finds the pages in order" "$said"
done
lost=
for command in $(sed -nE 's/^PX_COMMAND\(([a-z]+),.*/\1/p' host/commands.def); do
    page=$there/share/man/man1/px-$command.1
    for option in $("$there/bin/px" "$command" --help | grep -oE '^ +(-., )?--[a-z-]+' | grep -oE '\--.*'); do
        grep -qF -- "${option//-/\\-}" "$page" || lost+=" $command:$option"
    done
    # Every word of the help text, but for argp's paragraph, is in the page.
    words() { tr -cs 'A-Za-z0-9' '\n' | sort -u; }
    lost+=$(comm -23 <("$there/bin/px" "$command" --help | sed '/^Mandatory or optional/,/^for any/d; s/^Usage://' | words) \
        <(sed 's/\\-/-/g; s/\\(../ /g; s/EXAMPLES/Example Examples/' "$page" | words) | sed "s/^/ $command:/" | tr -d '\n')
done
[ -z "$lost" ]
result $? 'the pages have every option and every word of the help texts' "not there:$lost"

# ---- completion
complete_it() { # LINE: the replies
    env -i PATH="$PATH" bash --norc -c '. "$1"; compopt() { :; }; COMP_LINE=$2 COMP_POINT=${#2}; _px; echo "${COMPREPLY[*]}"' - \
        "$there/share/bash-completion/completions/px" "$1" 2>&1
}
completes() { # LINE REPLIES
    local got
    got=$(complete_it "$1")
    [ "$got" = "$2" ]
    result $? "completion of '$1'" "expected: $2
got: $got"
}
lost=
for command in $(sed -nE 's/^PX_COMMAND\(([a-z]+),.*/\1/p' host/commands.def); do
    offered=$(complete_it "px $command --")
    for option in $("$there/bin/px" "$command" --help | grep -oE '^ +(-., )?--[a-z-]+' | grep -oE '\--.*'); do
        [[ " $offered " == *" $option"[\ =]* ]] || lost+=" $command:$option"
    done
done
[ -z "$lost" ]
result $? 'every option of every command is offered' "not:$lost"
completes 'px che' check
completes 'px --v' --version
completes 'px run --bu' '--budget='
completes 'px run --q' --quiet
completes 'px run --on rt' 'rtl rtl4'
completes 'px run --on=opencl,re' 'opencl,ref'
completes 'px run --on ref,worker:rtl' 'rtl rtl4'
completes 'px run LICEN' LICENSE
completes 'px asm --output=LICEN' LICENSE
completes 'px asm -o LICEN' LICENSE
completes 'px run --budget=' ''
completes 'px nosuch --o' ''
bash --norc -c '. "$1"; complete -p px' - "$there/share/bash-completion/completions/px" >"$dir/out" 2>&1
grep -qx 'complete -F _px px' "$dir/out"
result $? 'bash knows it' "$(cat "$dir/out")"

# ---- a move, and the end
mv "$there" "$dir/moved here"
set_of "$dir/moved here/bin/px" | grep -q "^$files files on fast: .* 0 failed$"
result $? 'a tree that was moved finds its set, blanks and all'
mv "$dir/moved here" "$there"
make "${with[@]}" uninstall >"$dir/out" 2>&1
result $? 'make uninstall' "$(cat "$dir/out")"
left=$(find "$root" -type f -o -name '*pxos' -path '*share*')
[ "$left" = "$there/share/man/man1/other.1" ]
result $? 'everything of ours is gone, and nothing of others' "$left"

# ---- one release
[[ $(cat VERSION) =~ ^[0-9]+\.[0-9]+\.[0-9]+$ ]] && grep -m1 '^## ' CHANGELOG.md | grep -q "^## $(cat VERSION) ([0-9-]*)$"
result $? 'VERSION is the release at the top of CHANGELOG.md' "$(cat VERSION): $(grep -m1 '^## ' CHANGELOG.md)"
finish
