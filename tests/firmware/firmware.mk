# tests/firmware: pxHV booted under Bochs, and its handlers compiled natively. A suite is NAME 'COMMAND'; what it needs to be
# built is a prerequisite of hv-test-programs.
FIRMWARE_SUITES += hv-boot 'FW=$(FW) tests/firmware/boot.sh' hv-route 'FW=$(FW) tests/firmware/route.sh'
HV_LONG_SUITES  += hv-route-long 'LONG=1 FW=$(FW) tests/firmware/route.sh'
FIRMWARE_SUITES += hv-biostest 'FW=$(FW) tests/firmware/biostest.sh'

.PHONY: hv-test hv-test-long hv-test-programs
hv-test-programs: $(if $(HAVE_NASM),hv)
test-run: hv-test-programs

hv-test: all hv-test-programs ## pxHV's tests alone: guests under Bochs, handlers under sanitizers
	@$(SUITE) $(FIRMWARE_SUITES)

hv-test-long: all hv-test-programs ## and those that take longer
	@$(SUITE) $(FIRMWARE_SUITES) $(HV_LONG_SUITES)
