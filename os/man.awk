# man.awk - the comment that a program begins with is its page in /man: what is between /* and */, without what leads each
# line. -v usage=1: only what follows `usage: `, for the program itself.
NR == 1 { sub(/^\/\* /, "") }
{ last = /\*\/$/; sub(/ *\*\/$/, ""); sub(/^ \* ?/, "") }
usage ? sub(/^usage: /, "") : 1 { print; if (usage) exit }
last { exit }
