# boards: bitstreams and what goes with them. A board is constraints/BOARD.mk and the pin file beside it; rtl/board/board.sh does
# the work.
#   make boards
#   make BOARD=x bitstream | report | prog | terminal     SEEDS="1 2 3"  PORT=/dev/ttyUSB1
BOARD_SH = BUILD=$(B) PX=$(B)/px PORT='$(PORT)' SEEDS='$(SEEDS)' rtl/board/board.sh

.PHONY: boards bitstream prog terminal board-report
BOARDS := $(patsubst constraints/%.mk,%,$(wildcard constraints/*.mk))
boards: ## the boards, their clocks and memories, and what was run
	@$(BOARD_SH) list

ifneq ($(BOARD),)
ifeq ($(wildcard constraints/$(BOARD).mk),)
$(error $(shell rtl/board/board.sh unknown '$(subst ','\'',$(BOARD))'))
endif
BOARD_DIR  := $(B)/boards/$(BOARD)
BOARD_DFU  := $(shell sed -nE 's/^DFU *:= *//p' constraints/$(BOARD).mk)
BOARD_PINS := $(wildcard constraints/$(BOARD).pcf constraints/$(BOARD).lpf)
BOARD_FILE := $(BOARD_DIR)/$(BOARD).$(if $(BOARD_DFU),dfu,$(if $(filter %.pcf,$(BOARD_PINS)),bin,bit))

$(BOARD_DIR)/$(BOARD).json: constraints/$(BOARD).mk $(wildcard rtl/*/*.v rtl/*/*.vh) $(RTL_GEN) rtl/chips.sh
	@$(BOARD_SH) synth $(BOARD)
$(BOARD_FILE): $(BOARD_DIR)/$(BOARD).json $(BOARD_PINS)
	@$(BOARD_SH) route $(BOARD)

bitstream: ## with BOARD: synthesise, place and route until a seed closes, pack
	@$(BOARD_SH) setup $(BOARD)
	@$(again) $(BOARD_FILE)
	@echo '$(BOARD_FILE) is there; next: make BOARD=$(BOARD) prog writes it to the board, make BOARD=$(BOARD) terminal says hello'

board-report: $(BOARD_DIR)/$(BOARD).json
	@$(BOARD_SH) report $(BOARD)

prog: ## with BOARD: look for the board, make the bitstream, write it
	@$(BOARD_SH) ready $(BOARD)
	@$(MAKE) --no-print-directory bitstream
	@$(BOARD_SH) prog $(BOARD)

terminal: $(B)/px ## with BOARD: hello, round trip and throughput of the board on PORT
	@$(BOARD_SH) terminal $(BOARD)
else
bitstream prog terminal:
	@echo 'make $@: which board? make BOARD=x $@, where x is one of: $(BOARDS)' >&2; exit 2
endif

LINK_SUITES  += boards 'BUILD=$(B) tests/boards/boards.sh'
BOARD_SUITES += bitstreams 'BUILD=$(B) tests/boards/bitstreams.sh'
test-run: $(RTL_GEN)
