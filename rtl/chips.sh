# shellcheck shell=bash
# chips.sh - what the core is made with on each chip: the one place for `make report`, for boards and for the gate level. To be
# sourced.
#
#   chip_of CHIP     sets pixels, defines, parameters (Yosys chparam settings), synth (the command), family; false: no such chip
#   find_tool NAME   prints a tool's path: of the native one, else of YoWASP's in the virtual environment, else nothing
#   version TOOL [-V]
#
# proc -norom: the tables of px_decode.v must not become a memory, whose address Yosys would then take from in front of
# op. On ECP5 that puts them behind the slow block RAM; on UP5K it costs some 200 cells.
# PX_ROM_LOGIC: the HX8K's block RAM is full with a board's link, registers and pixels.
chip_of() {
    defines=
    case $1 in
    up5k) pixels=32768 parameters="-set AW 15 -set SPRAM 1" synth="proc -norom; synth_ice40 -dsp -abc9 -device u" family=ice40 ;;
    hx8k) pixels=2048 defines=-DPX_ROM_LOGIC parameters="-set AW 11" synth="synth_ice40 -abc9 -device hx" family=ice40 ;;
    ecp5) pixels=8192 parameters="-set AW 13" synth="proc -norom; synth_ecp5 -abc9" family=ecp5 ;;
    *) return 1 ;;
    esac
}

find_tool() {
    local where
    for where in "$1" "${PX_VENV:-build/venv}/bin/yowasp-$1"; do
        if command -v "$where" >/dev/null; then
            where=$(command -v "$where")
            case $where in /*) echo "$where" ;; *) echo "$PWD/$where" ;; esac
            return
        fi
    done
}
version() { timeout 120 "$1" "${2:---version}" 2>&1 | grep -m1 -oE '[Vv]ersion [^),]+|Yosys [^ ]+' | sed 's/ersion //'; }
