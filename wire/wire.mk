# wire: what goes over cables and sockets: byte streams, the link's asking end, batches, the wire of the serial driver.
WIRE_OBJ := $(patsubst %.c,$(B)/%.o,$(wildcard wire/*.c))

# The serial driver's pixels and the addresses of its labels, as C for wire/serial.c.
$(B)/tools/embed: $(B)/tools/embed.o $(PXI_OBJ)
	$(call say,LINK,$@)
	$(Q)$(CC) $(SANITIZE) $(LDFLAGS) $^ $(LDLIBS) -o $@

$(B)/gen/serial_driver.h: pxi/programs/serial_driver.pxa $(B)/tools/embed
	$(call say,EMBED,$<)
	$(Q)mkdir -p $(@D) && $(B)/tools/embed $< serial_driver > $@

$(B)/wire/serial.o: $(B)/gen/serial_driver.h
