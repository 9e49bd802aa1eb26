# vm: the reference VM, and the fast one.
VM_SRC := $(wildcard vm/*.c)
VM_OBJ := $(VM_SRC:%.c=$(B)/%.o)

# At -O3 gcc makes vector instructions of its loops.
$(B)/vm/ref_tensor.o: OPT := -O3

# Native code, where Xbyak is and the processor is one that it knows. It is no part of libpxi, which stays C.
ifeq ($(HAVE_XBYAK),1)
VM_JIT := $(B)/vm/fast_jit.o
LDLIBS += -lstdc++
$(B)/vm/fast_jit.o: vm/fast_jit.cpp
	$(call say,CXX,$<)
	$(Q)mkdir -p $(@D) && $(CXX) $(CPPFLAGS) $(ALL_CXXFLAGS) -Wall -Wextra -Wshadow -MMD -MP -c $< -o $@
endif
