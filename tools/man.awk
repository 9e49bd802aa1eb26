# man.awk - a manual page from what `px COMMAND --help` prints, so that there is one text.
#
#   build/px run --help | awk -v name='px run' -v summary='run a program' -v version=0.9.0 -v date=2026-01-31 \
#       -v also=px -f tools/man.awk >px-run.1
#
# Known of the help texts: they begin with Usage:, option lines begin with blanks and a dash and have their text from column 30
# on, a line that ends in a colon and is followed by indented ones is kept with them, indented lines are kept as they are.

function plain(text) { # what roff would take for its own
    gsub(/\\/, "\\e", text)
    gsub(/-/, "\\-", text)
    gsub(/`/, "\\(ga", text)
    gsub(/'/, "\\(aq", text)
    gsub(/\^/, "\\(ha", text)
    gsub(/~/, "\\(ti", text)
    return text
}
function line(text) { print (text ~ /^\./ ? "\\&" : "") plain(text) }
function section(title) { kept(0); print ".SH " title; begun = 1 }
function kept(on) { # lines that keep their form
    if (on && !keeping) print (begun ? ".PP" : "") (begun ? "\n" : "") ".nf"
    if (!on && keeping) print ".fi"
    keeping = on
    if (!on) blank = 0
}

BEGIN {
    title = name
    gsub(/ /, "-", title)
    printf ".TH %s 1 \"%s\" \"pxOS %s\" \"pxOS\"\n", toupper(plain(title)), date, version
    print ".SH NAME"
    print plain(title) " \\- " plain(summary)
    part = "usage"
}

part == "usage" && /^(Usage: |  or:  )/ {
    if (!synopsis++) print ".SH SYNOPSIS"
    else print ".br"
    sub(/^(Usage: |  or:  )/, "")
    sub(/ +$/, "")
    rest = substr($0, length(name) + 1)
    print ".B " plain(name)
    if (rest != "") print plain(substr(rest, 2))
    next
}
part == "usage" && /^ / { sub(/^ +/, ""); print plain($0); next } # a usage of several lines
part == "usage" { part = "text"; section("DESCRIPTION"); begun = 0 }

/^ +-/ && part != "after" {
    if (part != "options") { part = "options"; section("OPTIONS") }
    option = $0
    sub(/^ +/, "", option)
    text = ""
    if (match(option, /   *[^ ]/)) { text = substr(option, RSTART + RLENGTH - 1); option = substr(option, 1, RSTART - 1) }
    print ".TP\n.B " plain(option)
    if (text != "") line(text)
    next
}
part == "options" && /^                / { sub(/^ +/, ""); line($0); next }
/^Mandatory or optional arguments/ { skipping = 1 } # argp's own paragraph says what everybody knows
skipping { if (!NF) skipping = 0; next }
part == "options" && NF { part = "after"; section("NOTES"); begun = 0 }
part == "options" { next }
/^Examples?:$/ { section("EXAMPLES"); begun = 0; next }
!NF { blank = 1; next }
{
    if ($0 ~ /^ /) {
        if (!keeping) kept(1)
        else if (blank) print ""
        line($0)
    } else {
        if (keeping) { kept(0); print ".PP" }
        else if (blank && begun) print ".PP"
        line($0)
    }
    blank = 0
    begun = 1
}

END {
    kept(0)
    if (also != "") {
        print ".SH SEE ALSO"
        count = split(also, pages, " ")
        for (i = 1; i <= count; i++) printf ".BR %s (1)%s\n", plain(pages[i]), i < count ? "," : ""
    }
}
