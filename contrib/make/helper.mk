# What runs in boxes: like the shim, libc only, static, never sanitised.
HELPERS := $(B)/lib/automode/box-helper $(B)/lib/automode/box-transport

all: $(HELPERS)

$(HELPERS): $(B)/lib/automode/%: shims/%.c gateway/wire/proto.h \
		gateway/wire/carry.h Makefile
	@mkdir -p $(@D)
	$(Q)$(CC) -std=gnu11 $(WARN) -O2 -static -fstack-protector-strong \
		-D_GNU_SOURCE -DVERSION='"$(VERSION)"' -Igateway \
		-Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack -s -o $@ $<

# Not static: it is loaded into another program.
CONFINE := $(B)/lib/automode/confine.so

all: $(CONFINE)

$(CONFINE): shims/confine.c Makefile
	@mkdir -p $(@D)
	$(Q)$(CC) -std=gnu11 $(WARN) -O2 -fPIC -shared \
		-fstack-protector-strong -D_GNU_SOURCE \
		-Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack -s -o $@ $<

$(SHIM): shims/reach.h shims/become.h
