#!/usr/bin/env bash
# biostest.sh - the guest's PC and BIOS as firmware/guests/biostest.asm finds them, booted from a floppy and from a disk. TAP:
# a test for each of its lines, and what only the outside can judge.
NEEDS=python3
. tests/firmware/lib.sh

for kind in floppy disk; do
    image=biostest
    [ $kind = disk ] && image=biostest-disk
    firmware/"$emu".sh --seconds 200 --com1 "$dir/com1" --screen "$dir/screen" "$fw/$image.img" >"$dir/out" 2>&1
    result $? "$kind: ends by itself"
    tr -d '\r' <"$dir/com1" >"$dir/wire"
    while IFS= read -r line; do
        case $line in
        PASS\ *) result 0 "$kind: ${line#PASS }" ;;
        FAIL\ *) result 1 "$kind: ${line#FAIL }" ;;
        esac
    done <"$dir/wire"
    # The count closes the report, and counts its lines.
    passed=$(grep -c '^PASS ' "$dir/wire") failed=$(grep -c '^FAIL ' "$dir/wire")
    [ "$(tail -n 1 "$dir/wire")" = "$passed passed, $failed failed" ] && [ "$passed" -gt 100 ]
    result $? "$kind: the report is complete"
    ! grep -qvE '^(PASS|FAIL|NOTE) |^[0-9]+ passed, ' "$dir/wire" && grep -qx 'NOTE sent by INT 14h' "$dir/wire"
    result $? "$kind: the wire has the report, what INT 14h sent, and nothing from loopback"
    sed -n 's/^pxhv: guest: \(\(PASS\|FAIL\|NOTE\) \|[0-9]* passed\)/\1/p' "$dir/out" | cmp -s - <(grep -v 'INT 14h$' "$dir/wire")
    result $? "$kind: port E9h has the same report"
    # What INT 14h sent went to the wire alone.
    python3 -c 'import sys; text = open(sys.argv[1], "rb").read()[::2].decode("cp437")
for at in range(0, 2000, 80): print(text[at:at + 80].rstrip())' "$dir/screen" | grep -v '^$' | tail -n 20 |
        cmp -s - <(grep -v 'INT 14h$' "$dir/wire" | tail -n 20)
    result $? "$kind: the screen ends with the same lines"
    grep -qx 'NOTE the date is 20000101' "$dir/wire" # firmware/"$emu".sh: time0
    result $? "$kind: the guest's date is the machine's"
done
finish 'INT 13 AX=7700' 'INT 15 AX=24ff' 'INT 15 AX=7701'
