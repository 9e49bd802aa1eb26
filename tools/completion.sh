#!/usr/bin/env bash
# completion.sh - px's completion for bash on standard output: tools/completion.sh PX. Commands, executors and options are those of
# the help texts, which come from host/commands.def and from each command's own list.
set -eu
px=$1
export ARGP_HELP_FMT= COLUMNS=80
commands=$("$px" --help | sed -nE 's/^  ([a-z]+) +.*/\1/p')
echo "_px_commands='$(paste -sd' ' <<<"$commands")'"
executors=$("$px" --help | paste -sd' ' | grep -oE 'Executors: [^;]*' | sed -E 's/^Executors: //; s/,//g; s/\[[^]]*\]//g; s/:[A-Z]+/:/g')
echo "_px_executors='$executors'"
echo 'declare -gA _px_options=('
for command in $commands; do
    # "  -o, --output=FILE   text" becomes --output=FILE -o=FILE; a value that may be left out is left out
    options=$("$px" "$command" --help | sed -nE 's/\[=[^ ]*\]//
        s/^ +(-[A-Za-z?], )?(--[a-z-]+)(=([^ ]+))?( .*)?$/\1 \2 \3/p' |
        awk '{ short = ""; if ($1 ~ /,$/) { short = substr($1, 1, length($1) - 1); $1 = "" } $0 = $0; print $1 $2; if (short ~ /[a-z]/) print short $2 }')
    echo "    [$command]='$(paste -sd' ' <<<"$options")'"
done
echo ')'
cat "$(dirname "$0")/completion.bash"
