# px - completion for bash, made by tools/completion.sh from what `px --help` and `px COMMAND --help` list. The lines above give
# _px_commands, _px_executors and, by command, _px_options: --long=VALUE or -s=VALUE where one is taken.

_px() {
    local line=${COMP_LINE:0:COMP_POINT} words cur prev command before= value= option replies
    read -ra words <<<"$line"
    [[ $line != *[[:space:]] ]] || words+=('')
    cur=${words[-1]} prev=${words[-2]-} command=${words[1]-}
    if [ ${#words[@]} -le 2 ]; then
        COMPREPLY=($(compgen -W "$_px_commands --help --version" -- "$cur"))
        return
    fi
    if [[ $cur == -* && $cur != *=* ]]; then
        for option in ${_px_options[$command]-}; do [[ $option == --* ]] && replies+=" ${option%%=*}$([[ $option != *=* ]] || echo =)"; done
        COMPREPLY=($(compgen -W "${replies-}" -- "$cur"))
        [[ ${COMPREPLY[0]-} != *= ]] || compopt -o nospace
        return
    fi
    [[ $cur == --*=* ]] && before=${cur%%=*}= prev=${cur%%=*}
    for option in ${_px_options[$command]-}; do [[ $option == "$prev="* ]] && value=${option#*=}; done
    cur=${cur#"$before"}
    case $value in
    EXECUTOR | LIST) # with commas between
        [[ $cur == *,* ]] && before+=${cur%,*}, cur=${cur##*,}
        [[ $cur == worker:* ]] && before+=worker: cur=${cur#worker:}
        if [[ $cur == cmd:* ]]; then
            COMPREPLY=($(compgen -c -P "${before}cmd:" -- "${cur#cmd:}"))
        else
            COMPREPLY=($(compgen -W "$_px_executors" -P "$before" -- "$cur"))
        fi
        compopt -o nospace
        ;;
    '' | FILE | DIR | PICTURE)
        local IFS=$'\n'
        compopt -o filenames
        COMPREPLY=($(compgen -f -P "$before" -- "$cur"))
        ;;
    esac
    # Readline replaces only what stands behind the last of these.
    local whole=${words[-1]} cut
    cut=${whole%"${whole##*[=:]}"}
    COMPREPLY=("${COMPREPLY[@]#"$cut"}")
}
complete -F _px px
