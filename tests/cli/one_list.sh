#!/usr/bin/env bash
# one_list.sh - pxi/isa.def is the only list of opcodes: no other tracked source pairs mnemonics with numbers or spells out an
# opcode's number, and what is made from it is up to date.
. tests/cli/lib.sh

# A second list would name many mnemonics close together in code. Count, per source file, the distinct mnemonics that stand in string
# quotes, and the opcode numbers written in Verilog's form.
mnemonics=$(sed -nE 's/^PXI_(OP|CLASSIC)\([A-Z0-9_]+, *"([a-z0-9_.]+)".*/\2/p' pxi/isa.def | sort -u)
sources=$(git ls-files 'pxi/*.[ch]' 'sim/*.[ch]' 'sim/*.cpp' 'opencl/*' 'rtl/*.v' 'rtl/*.vh' 'rtl/*.c' 'host/*.[ch]' 'tests/random/*.[ch]' \
          'tools/*.c' | grep -vE '\.md$')

for file in $sources; do
    quoted=$(grep -oE '"[a-z0-9_.]+"' "$file" | tr -d '"' | sort -u | grep -Fxf <(echo "$mnemonics") | wc -l)
    [ "$quoted" -le 12 ]
    result $? "$file quotes few mnemonics" "$quoted different mnemonics in quotes"
done

hex=$(grep -nE "8'h[0-9a-fA-F]{2}.*(opcode|OP_)" $(git ls-files 'rtl/*.v' 'rtl/*.vh') /dev/null | grep -v 'PX_OP' | head -n 5)
[ -z "$hex" ]
result $? "no opcode number is written in Verilog" "$hex"

defines=$(grep -nE '(PX_)?OP_[A-Z0-9_]+ *(=|:|[[:space:]]) *(0x|8.h|[0-9])' $sources /dev/null | grep -vE 'isa\.def|PX_CLASS' | head -n 5)
[ -z "$defines" ]
result $? "no opcode number is written beside its name" "$defines"

twice=$(grep -oE '^PXI_OP\([^,]+, *"[^"]+", *0x[0-9A-F]{2}' pxi/isa.def | grep -oE '0x..$' | sort | uniq -d)
[ -z "$twice" ]
result $? "no opcode number is given twice" "$twice"

"${SPEC:-build/tools/spec}" --check pxi/SPEC.md 2>"$dir/out"
result $? "the tables of SPEC.md are those of isa.def" "$(cat "$dir/out")"
finish
