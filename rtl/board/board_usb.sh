# shellcheck shell=bash
# board_usb.sh - sourced by board.sh: the board as the USB cable shows it, its programmer and its serial port. Looks only into
# sysfs, so that everything is known, and said, before anything is written. PX_SYSFS and PX_DEV stand for /sys and /dev in
# tests.
sys=${PX_SYSFS:-/sys}
dev=${PX_DEV:-/dev}
rule=tools/60-pxos-boards.rules

usb_devices() { # VENDOR:PRODUCT, prints the folder of each
    local folder
    for folder in "$sys"/bus/usb/devices/*; do
        [ -r "$folder/idVendor" ] && [ "$(cat "$folder/idVendor"):$(cat "$folder/idProduct")" = "$1" ] && echo "$folder"
    done
}

usb_node() { # FOLDER, prints the file that programs of libusb open
    printf '%s/bus/usb/%03d/%03d' "$dev" "$((10#$(cat "$1/busnum")))" "$((10#$(cat "$1/devnum")))"
}

usb_ports() { # VENDOR:PRODUCT, INTERFACE or any, prints each serial port of such devices
    local folder interface port
    while read -r folder; do
        for interface in "$folder"/*:*; do
            [ "$2" = any ] || [ "$(cat "$interface/bInterfaceNumber" 2>/dev/null)" = "$2" ] || continue
            for port in "$interface"/tty[A-Z]* "$interface"/tty/tty[A-Z]*; do
                [ -e "$port" ] && echo "$dev/$(basename "$port")"
            done
        done
    done < <(usb_devices "$1")
}

may_write() { # FILE, what it is, group that Debian gives it
    [ -e "$1" ] || die "$1, $2, is not there though the board is; is udev running?"
    [ -r "$1" ] && [ -w "$1" ] && return
    {
        echo "$1, $2, may not be written by user $(id -un); it belongs to $(stat -c '%U, group %G' "$1"). Type"
        echo "    sudo cp $rule /etc/udev/rules.d/ && sudo udevadm control --reload"
        echo "and plug the board in again. Without a login session of systemd also: sudo adduser $(id -un) $3, and log in again"
    } >&2
    exit 1
}

# The one device that the programmer will write, into device; or the reason why not. Empty where USB cannot be looked at.
the_device() {
    local found
    device=
    if [ ! -d "$sys/bus/usb/devices" ]; then
        [ -n "${looked-}" ] || echo "${b[NAME]}: whether a board is plugged in cannot be seen: $sys/bus/usb is missing" >&2
        looked=1
        return
    fi
    mapfile -t found < <(usb_devices "${b[USB]}")
    case ${#found[@]} in
    0) die "${b[TITLE]}: no USB device ${b[USB]} is plugged in; lsusb lists what is, and a cable for charging only has no data" \
        "wires.${b[HINT]:+ ${b[HINT]^}.}" ;;
    1) device=${found[0]} ;;
    *) die "${b[TITLE]}: ${#found[@]} USB devices ${b[USB]} are plugged in, and the tool would take any of them; leave only the" \
        "board" ;;
    esac
}

# The command that programs, into words: the first of PROG whose tool is here. False: none is, and names has them.
the_tool() {
    local line
    names=()
    while IFS= read -r line; do
        read -ra words <<<"$line"
        names+=("${words[0]}")
        words[0]=$(command -v "${words[0]}") && return
    done < <(tr '|' '\n' <<<"${b[PROG]}")
    return 1
}

need_tool() {
    the_tool || die "${b[TITLE]} is programmed with $(sed 's/ / or /g' <<<"${names[*]}"), which is not on this machine;" \
        "on Debian: apt install ${b[PROG_FROM]}"
}

# Before minutes of synthesis: is the board there, may it be written, and is there a tool?
ready() {
    the_device
    [ -z "$device" ] || may_write "$(usb_node "$device")" "the board's programmer" plugdev
    the_tool || tools/setup "${names[@]}"
    need_tool
}

prog() {
    local words names file=$out/${b[NAME]}.$suffix
    [ -r "$file" ] || die "$file is not there; make BOARD=${b[NAME]} bitstream"
    need_tool
    the_device
    echo "board: ${b[TITLE]} (${b[NAME]})"
    echo "tool:  ${words[*]/#FILE/$file}"
    if [ -n "$device" ]; then
        may_write "$(usb_node "$device")" "the board's programmer" plugdev
        echo "port:  $(usb_node "$device"), USB ${b[USB]}, $(cat "$device/manufacturer" "$device/product" 2>/dev/null | paste -sd' ')"
    else
        echo "port:  the first USB device ${b[USB]} that the tool finds"
    fi
    [ -z "${b[HINT]-}" ] || echo "note:  ${b[HINT]}"
    "${words[@]/#FILE/$file}" || die "${b[NAME]}: ${words[0]##*/} failed with status $?; what it said stands" \
        "above.${b[HINT]:+ Check: ${b[HINT]}.}"
}

# The serial port into port: the one that was asked for, or the only one that this board can have.
the_port() {
    local found
    port=${PORT-}
    if [ -z "$port" ]; then
        [ "${b[UART]}" != none ] || die "${b[TITLE]} has no UART of its own: make BOARD=${b[NAME]} ... PORT=/dev/ttyUSB0 names" \
            "the adapter's. ${b[HINT]^}."
        mapfile -t found < <(usb_ports "${b[USB]}" "${b[UART]}")
        case ${#found[@]} in
        0) die "${b[TITLE]}: no serial port of a USB device ${b[USB]} is here; plug it in, or name another:" \
            "make BOARD=${b[NAME]} ... PORT=/dev/ttyUSB1" ;;
        1) port=${found[0]} ;;
        *) die "${b[TITLE]}: it may be any of ${found[*]}; say which: make BOARD=${b[NAME]} ... PORT=${found[0]}" ;;
        esac
    fi
    case $port in *:*) return ;; esac # a socket, for example a simulated board's
    [ -e "${port%@*}" ] || die "PORT=$port: there is no ${port%@*}"
    may_write "${port%@*}" "the board's serial port" dialout
    case $port in *@*) ;; *) [ "${b[BAUD]}" = 1000000 ] || port=$port@${b[BAUD]} ;; esac
}

port() { the_port && echo "$port"; }

terminal() {
    the_port
    echo "board: ${b[TITLE]} (${b[NAME]}), port: $port"
    exec "${PX:-$build/px}" link "link:$port"
}
