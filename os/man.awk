# man.awk - the comment that a program begins with is its page in /man: what is between /* and */, without what leads each
# line, or the lines of ; of a picture that `show` shows. -v usage=1: only what follows `usage: `, for the program itself.
/^;/ { sub(/^; ?/, ""); if (NR == 1) name = $1; if ($0 == "" && !told++) print "\nusage: show " name; print; next }
name { exit }
NR == 1 { sub(/^\/\* /, "") }
{ last = /\*\/$/; sub(/ *\*\/$/, ""); sub(/^ \* ?/, "") }
usage ? sub(/^usage: /, "") : 1 { print; if (usage) exit }
last { exit }
