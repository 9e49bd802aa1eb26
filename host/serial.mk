# The serial driver's pixels and the addresses of its labels, as C for host/serial.c.
$(B)/tools/embed: $(B)/tools/embed.o $(PXI_OBJ)
	$(call say,LINK,$@)
	$(Q)$(CC) $(SANITIZE) $(LDFLAGS) $^ $(LDLIBS) -o $@

$(B)/gen/serial_driver.h: pxi/programs/serial_driver.pxa $(B)/tools/embed
	$(call say,EMBED,$<)
	$(Q)mkdir -p $(@D) && $(B)/tools/embed $< serial_driver > $@

$(B)/host/serial.o: $(B)/gen/serial_driver.h
