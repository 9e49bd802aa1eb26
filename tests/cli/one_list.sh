#!/usr/bin/env bash
# one_list.sh - pxi/isa.def is the only list of opcodes: no other tracked source pairs mnemonics with numbers or spells out an
# opcode's number, and what is made from it is up to date.
. tests/cli/lib.sh

# A second list would name many mnemonics close together in code. Count, per source file, the distinct mnemonics that stand in string
# quotes, and the opcode numbers written in Verilog's form.
mnemonics=$(sed -nE 's/^PXI_(OP|CLASSIC)\([A-Z0-9_]+, *"([a-z0-9_.]+)".*/\2/p' pxi/isa.def | sort -u)
sources=$(git ls-files 'pxi/*.[ch]' 'vm/*.[ch]' 'exec/*.[ch]' 'sim/*.[ch]' 'sim/*.cpp' 'opencl/*' 'rtl/*.v' 'rtl/*.vh' 'rtl/*.c' 'host/*.[ch]' 'tests/random/*.[ch]' \
          'tools/*.c' | grep -vE '\.md$')

# quoted NAMES ENDS FILE...: for each file how many different ones of the names stand in it behind a quote and before one of ENDS.
quoted() {
    awk -v names="$1" -v ends="$2" '
        BEGIN { split(names, is); for (i in is) name[is[i]]; pattern = "\"[a-z0-9_.]+[" ends "]"
                for (i = 1; i < ARGC; i++) count[ARGV[i]] = 0 }
        { for (line = $0; match(line, pattern); line = substr(line, RSTART + RLENGTH)) {
              word = substr(line, RSTART + 1, RLENGTH - 2)
              if (word in name && !((FILENAME, word) in seen)) { seen[FILENAME, word]; count[FILENAME]++ } } }
        END { for (i = 1; i < ARGC; i++) print count[ARGV[i]], ARGV[i] }' "${@:3}"
}
# shellcheck disable=SC2086
while read -r many file; do
    [ "$many" -le 12 ]
    result $? "$file quotes few mnemonics" "$many different mnemonics in quotes"
done < <(quoted "$mnemonics" '"' $sources)

hex=$(grep -nE "8'h[0-9a-fA-F]{2}.*(opcode|OP_)" $(git ls-files 'rtl/*.v' 'rtl/*.vh') /dev/null | grep -v 'PX_OP' | head -n 5)
[ -z "$hex" ]
result $? "no opcode number is written in Verilog" "$hex"

defines=$(grep -nE '(PX_)?OP_[A-Z0-9_]+ *(=|:|[[:space:]]) *(0x|8.h|[0-9])' $sources /dev/null | grep -vE 'isa\.def|PX_CLASS' | head -n 5)
[ -z "$defines" ]
result $? "no opcode number is written beside its name" "$defines"

# executors.def is the only list of executors: no line of C or of a makefile names three of them, and no file quotes four.
# PX_COMPARED is a choice, not a list.
executors=$(sed -nE 's/^PX_EXECUTOR(_[A-Z]+)?.([a-z0-9]+),.*/\2/p' exec/executors.def)
listed=$(git grep -nE '"|=' -- '*.c' '*.h' '*.mk' ':!tests/unit' ':!tests/link' | awk -v names="$executors" '
    BEGIN { split(names, is) ; for (i in is) executor[is[i]] }
    /#define PX_COMPARED/ { next }
    { line = $0; sub(/^[^:]*:[^:]*:/, "", line); n = 0; split("", seen); m = split(line, word, /[^A-Za-z0-9_]+/)
      for (i = 1; i <= m; i++) if (word[i] in executor && !(word[i] in seen)) { seen[word[i]]; n++ }
      if (n > 2) print }'
    quoted "$executors" '":[' $(git ls-files '*.[ch]' ':!tests/unit') | awk '$1 > 3 { print $2 " quotes " $1 " of them" }')
[ -n "$executors" ] && [ -z "$listed" ]
result $? "no source lists the executors" "$listed"

# link.def and serial.def: whoever speaks the link names the words of payloads, and the fields and numbers of the serial driver. Tests
# may not: their numbers are the witnesses.
speakers=$(git grep -lE 'PXL_|PXQ_|PXR_|PX_SERIAL_|pxs_' -- '*.c' '*.h' '*.cpp' ':!tests' ':!pxi' ':!rtl')
copies=$(grep -nE '\b(w|words|payload|exchange_words|hello|told\(.*\))\[[0-9]+\]|(payload|exchange_words) \+ [0-9]|(<<|>>) 28\b|0x0FFFFFFF\b' $speakers
         grep -nE '\benum \{.*\b[A-Z]_(SESSION|NUMBER|CREDIT|CONSUMED)\b|define (HELLO|STATUS|DONE|HEAD) ' $speakers
         grep -nE '0x0?3030001|\b1843200\b|>> 24 == [0-9]|, 3\) == [0-9]' $speakers)
[ -n "$speakers" ] && [ -z "$copies" ]
result $? "what link.def and serial.def say stands nowhere else" "$copies"

# Links between the documents.
for document in $(git ls-files '*.md'); do
    for link in $(grep -oE '\]\([^)#: ]+' "$document" | cut -c3-); do
        [ -e "$(dirname "$document")/$link" ] || broken+="$document: $link"$'\n'
    done
done
[ -z "${broken-}" ]
result $? "no document has a broken link" "${broken-}"

twice=$(grep -oE '^PXI_OP\([^,]+, *"[^"]+", *0x[0-9A-F]{2}' pxi/isa.def | grep -oE '0x..$' | sort | uniq -d)
[ -z "$twice" ]
result $? "no opcode number is given twice" "$twice"

twice=$(sed -nE 's/^PXH_SERVICE\([A-Z0-9_]+, *(0x[0-9A-F]{2}),.*/\1/p' pxi/host.def | sort | uniq -d)
[ -z "$twice" ]
result $? "no service has the number of another" "$twice"

"${SPEC:-build/tools/spec}" --check $(git grep -l '^<!-- table: ' -- '*.md') 2>"$dir/out"
result $? "the tables of the documents are those of the .def files" "$(cat "$dir/out")"
finish
