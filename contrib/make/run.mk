# The shim before interpreters (shims/run.c) and what it becomes when it asks.
# It is not there on other machines than x86-64: interpreters then meet no shim.

INTERPRETERS := $(shell sed 's/\#.*//' shims/interpreters 2>/dev/null)
RUN := $(if $(filter x86_64%,$(shell $(CC) -dumpmachine)), \
	$(B)/lib/automode/run)
ASKING := $(if $(RUN),$(INTERPRETERS:%=$(B)/lib/automode/shims-run/%))

all: $(RUN) $(ASKING)

$(B)/lib/automode/run: shims/run.c gateway/parse/interpreter.h \
		contrib/make/run.mk
	@mkdir -p $(@D)
	$(Q)$(CC) -std=gnu11 $(WARN) -Os -static -nostdlib -ffreestanding \
		-fno-stack-protector -fno-pie -fcf-protection=none \
		-fno-asynchronous-unwind-tables -D_GNU_SOURCE -Igateway \
		-Wl,-z,noseparate-code -Wl,-z,noexecstack \
		-Wl,--build-id=none -s -o $@ $<

$(B)/lib/automode/shims-run/%: $(SHIM)
	@mkdir -p $(@D)
	@ln -f $< $@
