# shellcheck shell=bash
# chips.sh - what the core is made with on each chip: the one place for `make report` and for the gate level. To be sourced.
#
#   chip_of CHIP     sets parameters (Yosys chparam settings), synth (the command) and family; false: no such chip
chip_of() {
    case $1 in
    up5k) parameters="-set AW 15 -set SPRAM 1" synth="synth_ice40 -dsp -abc9 -device u" family=ice40 ;;
    hx8k) parameters="-set AW 11" synth="synth_ice40 -abc9 -device hx" family=ice40 ;;
    ecp5) parameters="-set AW 13" synth="synth_ecp5 -abc9" family=ecp5 ;;
    *) return 1 ;;
    esac
}
