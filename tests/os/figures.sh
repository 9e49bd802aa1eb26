#!/usr/bin/env bash
# figures.sh - what pxOS costs, in instructions of the machine: booting, and system calls of one process and of many. TAP, with the
# figures.
. tests/os/lib.sh
small crowd
with_programs endless
"$PX" mkos -q --from "$dir/os.pxi" --slots 2K=600,16K=4 -o "$dir/many.pxi" || exit 1

retired os '' && boot=$all && [ "$boot" -gt 0 ] && [ "$boot" -le 3000000 ]
result $? "boot, and the end of the shell: $boot instructions (at most 3,000,000)"

# Two sessions that differ by 50 calls of each process, in which all are there at once: what is not the processes' own is the kernel's.
figure() { # WHAT SYSTEM KIND PROCESSES CALLS MOST: CALLS of a turn
    retired "$2" "crowd $3 $4 50" && local few=$((all - own)) && retired "$2" "crowd $3 $4 100" &&
        kernel=$(((all - own - few) * 10 / (50 * $4 * $5))) && [ "$kernel" -gt 0 ] && [ "$kernel" -le $(($6 * 10)) ]
    result $? "$1, $4 processes asking in each round: $((kernel / 10)).$((kernel % 10)) kernel instructions (at most $6)" "$own"
}
figure 'getpid' os g 1 1 400
figure 'PROCESS' os s 1 1 400
figure 'a write and a read of 64 bytes in a pipe' os q 1 2 400
figure 'getpid' many g 256 1 2
figure 'PROCESS' many s 256 1 40
figure 'a write and a read of 64 bytes in a pipe of one'\''s own' many q 256 2 40
figure 'a write or a read of 64 bytes in a pipe of two' many p 256 1 40
figure 'a message, sent or taken' many m 256 1 40
figure 'a read of 64 bytes of a file' many r 256 1 40
figure 'a write of 64 bytes of a file' many o 256 1 40
figure 'FSTAT' many f 256 1 40
figure 'STAT of one name' many t 256 1 60
figure 'STAT of several names' many d 256 1 60

# A text without an end, of nearly a slot: refusing it must cost less than the asker's share of a round.
retired os 'endless 0' && few=$all && retired os 'endless 100' && kernel=$(((all - few) / 100)) && [ "$kernel" -gt 0 ] && [ "$kernel" -le 16384 ]
result $? "a text without an end: $kernel instructions (at most 16,384)"
"$PX" run -q --host "$dir/os.pxi" <<<'endless; exit $?' >"$dir/got"
status=$? bytes=$(wc -c <"$dir/got")
[ $status = 0 ] && [ "$bytes" = 18364 ] # four times the sum of its lengths
result $? 'texts of all lengths end where they should' "exit $status, $bytes bytes"
finish
