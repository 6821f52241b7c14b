# The box helper: like the shim, libc only, static, never sanitised.
HELPER := $(B)/lib/automode/box-helper

all: $(HELPER)

$(HELPER): shims/box-helper.c gateway/wire/proto.h Makefile
	@mkdir -p $(@D)
	$(Q)$(CC) -std=gnu11 $(WARN) -O2 -static -fstack-protector-strong \
		-D_GNU_SOURCE -DVERSION='"$(VERSION)"' -Igateway \
		-Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack -s -o $@ $<

$(SHIM): shims/reach.h
