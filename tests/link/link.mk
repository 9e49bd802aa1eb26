# link: the suites of the link's C side; the Verilog side's are in rtl/.
$(B)/tests/link/peer: $(B)/tests/link/peer.o $(UNIT_OBJ)
	$(call say,LINK,$@)
	$(Q)$(PX_LD) $(SANITIZE) $(LDFLAGS) $^ $(LDLIBS) -o $@

test-programs: $(B)/tests/link/peer

LINK_SUITES += link 'PEER=$(B)/tests/link/peer tests/link/link.sh' link-freestanding 'CC=$(CC) tests/link/freestanding.sh'
