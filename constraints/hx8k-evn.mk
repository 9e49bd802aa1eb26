# iCE40-HX8K-B-EVN: channel A of its FT2232H programs, channel B is the UART. iceprog -S loads the SRAM, and
# leaves the flash alone.
TITLE     := iCE40-HX8K-B-EVN
PART      := iCE40HX8K-CT256
STATE     := built and simulated, never run on hardware
CHIP      := hx8k
PNR       := --hx8k --package ct256
PIN       := 12000000
REF       := 1
MUL       := 64
POST      := 16
PAD       := 0
CLOCK     := 48000000
AW        := 11
SPRAM     := 0
LANES     := 1
BAUD      := 1000000
WIRE      := 1
LEDS      := 8
LEDS_LOW  := 0
RGB       := 0
HIGH      := 0
LIGHTS    := D2 ready, D3 trap, D4 running
PROG      := iceprog -S FILE
PROG_FROM := fpga-icestorm
USB       := 0403:6010
UART      := 01
HINT      := jumpers for loading the SRAM: J6 1-2 and 3-4, J7 open
