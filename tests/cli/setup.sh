#!/usr/bin/env bash
# setup.sh - tools/setup with a package manager that only takes notes: silent when nothing is missing, and what cannot be had is asked
# for once. TAP.
. tests/cli/lib.sh
mkdir -p "$dir/tools" "$dir/bin"
cp tools/setup tools/probe.sh "$dir/tools"
printf '#!/usr/bin/env bash\necho 0\n' >"$dir/bin/id" # as root
cat >"$dir/bin/apt-get" <<'END'
#!/usr/bin/env bash
echo "$*" >>"$NOTES"
[ "$1" = update ] && exit 0
for package; do # what the mirror has, becomes a command
    case $package in good-*) printf '#!/bin/sh\n' >"$BIN/${package#good-}"; chmod +x "$BIN/${package#good-}" ;; bad-*) exit 100 ;; esac
done
END
chmod +x "$dir/bin/id" "$dir/bin/apt-get"
packages() { printf '%s\n' '# a comment' "$@" >"$dir/tools/packages"; }
setup() { # GROUP...: its status in $?; what it said in $dir/said, what apt-get was told in $dir/notes
    rm -f "$dir/notes"
    NOTES=$dir/notes BIN=$dir/bin PATH=$dir/bin:$PATH "$dir/tools/setup" "$@" >"$dir/said" 2>&1
}
told() { [ -e "$dir/notes" ]; }
both() { cat "$dir/said" "$dir/notes" 2>/dev/null; }

packages 'build | bash | bash | 5 | a shell' 'test | sed | sed | 4 | an editor'
setup build sim test && [ ! -s "$dir/said" ] && ! told
result $? 'nothing is missing: silent, and no apt-get update' "$(both)"
packages 'build | bash | bash | 5 | a shell' 'test | px-tool-one | good-px-tool-one | 1 | one' 'hv | px-tool-two | good-px-tool-two | 1 | another'
setup build sim test && grep -q 'install .*good-px-tool-one' "$dir/notes" && ! grep -q two "$dir/notes"
result $? 'what is missing of these groups is installed' "$(both)"
setup build sim test && ! told
result $? 'and then nothing is missing' "$(both)"
packages 'build | bash | bash | 5 | a shell' 'test | px-tool-no | bad-px-tool-no | 1 | not here' 'test | px-tool-three | good-px-tool-three | 1 | three'
setup build test && grep -q 'bad-px-tool-no could not be installed; `make setup` tries again' "$dir/said" && [ -x "$dir/bin/px-tool-three" ]
result $? 'one that cannot be had is named and does not keep the others away' "$(both)"
setup build test && ! told && [ ! -s "$dir/said" ]
result $? 'nor is it asked for each time' "$(both)"
packages 'build | bash | bash | 5 | a shell' 'test | px-tool-no | bad-px-tool-no | 1 | not here' 'test | px-tool-four | good-px-tool-four | 1 | four'
setup build test && grep -q 'good-px-tool-four' "$dir/notes" && ! grep -q 'bad-px' "$dir/notes"
result $? 'something new is' "$(both)"
setup && grep -q 'bad-px-tool-no' "$dir/notes"
result $? 'without a group it is asked for again' "$(both)"
packages 'build | px-tool-must | bad-px-tool-must | 1 | px needs it'
setup build; [ $? = 1 ] && grep -q 'px cannot be built without bad-px-tool-must' "$dir/said"
result $? 'without what px needs it is an error' "$(both)"
setup build; [ $? = 1 ] && grep -q 'px cannot be built without bad-px-tool-must' "$dir/said"
result $? 'each time' "$(both)"
finish
