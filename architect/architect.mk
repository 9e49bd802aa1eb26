# architect: a language model writes programs, and the executors judge them.
ARCHITECT_OBJ := $(patsubst %.c,$(B)/%.o,$(wildcard architect/*.c))
HAVE_CURL     := $(shell printf '$(hash)include <curl/curl.h>\nint main(void){return curl_easy_init()==0;}' | \
                   $(CC) -xc - -lcurl -o /dev/null 2>/dev/null && echo 1)
ifeq ($(HAVE_CURL),1)
$(B)/architect/chat.o: CPPFLAGS += -DPX_HAVE_CURL
LDLIBS += -lcurl
endif
