# automode: one Makefile, no recursion, no generated makefiles.
#
#	make demo      installs what is missing, builds, shows the main job
#	make check     the same set-up, then every test
#	make deps all lint bench fuzz install uninstall clean check-git-suite
#	make check-curl-differential COUNT=5000 SEED=7
#	make check-secret-alarms
#	SAN=1          AddressSanitizer and UBSan, in a build folder of its own
#	CC=clang       likewise

MAKEFLAGS += --no-builtin-rules --no-print-directory
.SUFFIXES:
.DELETE_ON_ERROR:

VERSION := 0.1.0
PREFIX  ?= /usr/local
CC      := $(if $(filter default,$(origin CC)),gcc,$(CC))

ifdef SAN
B     := build-san
EXTRA := -fsanitize=address,undefined -fno-sanitize-recover=all -O1 -g \
	 -fno-omit-frame-pointer
LEXTRA := -fsanitize=address,undefined
else
B     := $(if $(findstring clang,$(CC)),build-clang,build)
EXTRA := -O2 -g -D_FORTIFY_SOURCE=2
LEXTRA :=
endif

# pkg-config name:Debian package
NEED := libgit2:libgit2-dev talloc:libtalloc-dev libcjson:libcjson-dev \
	libpq:libpq-dev sqlite3:libsqlite3-dev libsodium:libsodium-dev \
	libseccomp:libseccomp-dev libpcre2-8:libpcre2-dev libbsd:libbsd-dev \
	libcurl:libcurl4-openssl-dev libarchive:libarchive-dev \
	zlib:zlib1g-dev
PKGS := $(foreach n,$(NEED),$(firstword $(subst :, ,$(n))))

NOSETUP := $(filter deps clean lint uninstall,$(MAKECMDGOALS))
ifeq ($(NOSETUP)$(filter demo check fuzz,$(MAKECMDGOALS)),)
MISSING := $(foreach n,$(NEED),$(shell pkg-config --exists \
	$(firstword $(subst :, ,$(n))) 2>/dev/null || \
	echo $(lastword $(subst :, ,$(n))))) \
	$(if $(wildcard /usr/include/pg_query.h),,libpg-query-dev)
ifneq ($(strip $(MISSING)),)
$(error missing libraries. On Debian 12: make deps, or apt install \
	$(strip $(MISSING)))
endif
endif

WARN := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes \
	-Wmissing-prototypes -Wvla -Wwrite-strings -Wformat=2 \
	-Wimplicit-fallthrough -fno-common
HARD := -fstack-protector-strong -fstack-clash-protection -fPIE
CFLAGS  = -std=gnu11 $(WARN) $(HARD) $(EXTRA) -Igateway -I$(B) -I. \
	-DVERSION='"$(VERSION)"' -D_GNU_SOURCE \
	-include gateway/base/banned.h $(MUTATION) $(PKGFLAGS)
PKGFLAGS = $(eval PKGFLAGS := $$(shell pkg-config --cflags $$(PKGS)))$(PKGFLAGS)
# These are loaded where they are needed (base/late.h).
LATE    := libpq libcurl libarchive
LIBS     = $(eval LIBS := $$(shell pkg-config --libs \
	$$(filter-out $$(LATE),$$(PKGS))) -lpg_query)$(LIBS)
LDFLAGS := -pie -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack $(LEXTRA)

SRC   := $(wildcard gateway/*.c gateway/*/*.c)
OBJ   := $(SRC:%.c=$(B)/%.o)
MAIN  := $(B)/gateway/main.o
LIB   := $(B)/libgateway.a
BIN   := $(B)/bin/automode
SHIM  := $(B)/lib/automode/shim
TOOLS := $(sort $(shell grep -l '^const struct tool tool_' \
	gateway/tools/*.c 2>/dev/null))
NAMES := $(shell sed 's/\#.*//' shims/names 2>/dev/null)
SHIMS := $(NAMES:%=$(B)/lib/automode/shims/%)
SHARE := $(patsubst profiles/%,$(B)/share/automode/%,$(wildcard profiles/*))

# V=1 shows the commands
Q  = $(if $(V),,@echo "  build $@";)

.PHONY: all deps demo check lint bench fuzz install uninstall clean \
	check-git-suite setup
all: $(BIN) $(SHIMS) $(SHARE)

include $(wildcard contrib/make/*.mk)

$(B)/tool_list.h: $(TOOLS)
	@mkdir -p $(@D)
	@sed -n 's/^const struct tool tool_\([a-z0-9_]*\).*/TOOL(\1)/p' \
		$(TOOLS) /dev/null > $@.new
	@cmp -s $@.new $@ && rm $@.new || mv $@.new $@

$(B)/gateway/%.o: gateway/%.c Makefile | $(B)/tool_list.h
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) -MMD -MP -c -o $@ $<

$(LIB): $(filter-out $(MAIN),$(OBJ))
	@rm -f $@
	$(Q)ar rcs $@ $^

$(BIN): $(MAIN) $(LIB)
	@mkdir -p $(@D)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(LIBS)

# The shim links nothing but libc, statically, and is never sanitised.
$(SHIM): shims/shim.c gateway/wire/proto.h Makefile
	@mkdir -p $(@D)
	$(Q)$(CC) -std=gnu11 $(WARN) -O2 -static -fstack-protector-strong \
		-D_GNU_SOURCE -DVERSION='"$(VERSION)"' -Igateway \
		-Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack -s -o $@ $<

$(B)/lib/automode/shims/%: $(SHIM)
	@mkdir -p $(@D)
	@ln -f $< $@

$(B)/share/automode/%: profiles/%
	@mkdir -p $(@D)
	@cp -R $< $@

-include $(OBJ:.o=.d)

deps:
	@contrib/deps.sh

clean:
	rm -rf build build-san build-clang build-fuzz build-mutation
