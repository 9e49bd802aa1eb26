#!/usr/bin/env bash
# command_line.sh - how px is asked: -h and --version everywhere, help, and a guess at what was mistyped.
. tests/cli/lib.sh

commands=$(sed -nE 's/^PX_COMMAND\(([a-z]+),.*/\1/p' host/commands.def)
for command in $commands; do
    expect "px $command -h" 0 "^Usage: px $command" "$PX" "$command" -h
    expect "px $command --help" 0 "^Usage: px $command" "$PX" "$command" --help
    expect "px help $command" 0 "^Usage: px $command" "$PX" help "$command"
    expect "px $command --version" 0 '^px [0-9.]+( [(][^ ]+[)])?$' "$PX" "$command" --version
done
for word in --version -V version; do
    expect "px $word" 0 '^px [0-9.]+( [(][^ ]+[)])?$' "$PX" "$word"
done
for word in --help -h help; do
    expect "px $word" 0 '^Usage: px COMMAND' "$PX" "$word"
done

# guess WORD MEANT: a mistyped command.
guess() { expect "px $1" 2 "there is no command '$1'; did you mean '$2'\?" "$PX" "$1"; }
guess rnu run
guess RUN run
guess dif diff
guess galery gallery
guess confromance conformance
guess hlep help
expect 'px frobnicate is like nothing' 2 "there is no command 'frobnicate'; .px --help. lists them" "$PX" frobnicate
expect 'px help rnu' 2 "there is no command 'rnu'; did you mean 'run'\?" "$PX" help rnu

expect 'an option mistyped' 2 "px run: there is no option '--bugdet'; did you mean '--budget'\?" "$PX" run --bugdet 3 x.pxi
expect 'with its value' 2 "there is no option '--anwsers'; did you mean '--answers'\?" "$PX" diff --anwsers=3 x.pxi
expect 'an option like none' 2 "unrecognized option '--frobnicate'" "$PX" run --frobnicate x.pxi
expect 'an option cut short' 2 'x.pxi' "$PX" run --budg 3 "$dir/x.pxi"
expect 'the value of an option is no option' 2 "'--bugdet' is not a count" "$PX" run --budget --bugdet "$dir/x.pxi"
expect 'nor is what follows a short one' 2 'x.pxi: .*No such file' "$PX" run -o --bugdet "$dir/x.pxi"
expect 'nor what follows --' 2 '--bugdet: .*No such file' "$PX" run -- --bugdet
finish
