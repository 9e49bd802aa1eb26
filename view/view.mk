# view: px view, a page that shows a program. The page is part of px; what serves it, libwebsockets, may be absent.
HAVE_WEBSOCKETS := $(shell printf '$(hash)include <libwebsockets.h>\nint main(void){return lws_get_library_version()==0;}' | \
                     $(CC) -xc - -lwebsockets -o /dev/null 2>/dev/null && echo 1)
VIEW_SRC := $(wildcard view/*.c)
ifeq ($(HAVE_WEBSOCKETS),1)
$(B)/host/command/view.o: CPPFLAGS += -DPX_HAVE_WEBSOCKETS
LDLIBS += -lwebsockets
else
VIEW_SRC := $(filter-out view/server.c,$(VIEW_SRC))
endif
VIEW_OBJ := $(VIEW_SRC:%.c=$(B)/%.o)

VIEW_PAGE := $(patsubst view/page/%,$(B)/gen/%.h,$(subst page.,page_,$(wildcard view/page/page.*)))
$(B)/gen/page_%.h: view/page/page.%
	$(call say,PAGE,$<)
	$(Q)mkdir -p $(@D) && { echo 'static const uint8_t page_$*[] = {'; \
	    od -An -v -tu1 $< | sed -E 's/ +([0-9]+)/\1,/g'; echo '};'; } >$@
$(B)/view/server.o $(B)/view/save.o: $(VIEW_PAGE)

.PHONY: view-test view-figures
view-test: $(B)/px ## px view in headless Chromium, clicked at; left out where there is none
	@PX=$(B)/px $(PYTHON) tests/view/protocol.py
	@PX=$(B)/px $(PYTHON) tests/view/chromium.py

view-figures: $(B)/px ## what looking costs: windows of px view, in Chromium too, heat, snapshots, steps back
	@PX=$(B)/px $(PYTHON) tests/view/figures.py
