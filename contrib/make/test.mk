# Tests: every suite prints TAP; tests/run-suites.sh counts and sums up.

T        := $(B)/tests
UNIT     := $(patsubst tests/unit/%.c,$(T)/unit/%,$(wildcard tests/unit/test_*.c))
RUNNERS  := $(patsubst tests/%.c,$(T)/%,$(wildcard tests/run_*.c))
FUZZERS  := $(patsubst tests/fuzz/%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
REPLAY   := $(FUZZERS:%=$(T)/replay/%)
FUZZBIN  := $(FUZZERS:%=build-fuzz/%)
FUZZ_SECONDS ?= 60

$(T)/unit/%: tests/unit/%.c $(wildcard tests/unit/*.h) $(LIB)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) -o $@ $< $(LIB) $(LDFLAGS) $(LIBS) -lcmocka

$(T)/run_git: tests/git_case.c tests/git_case.h
$(T)/run_%: tests/run_%.c $(LIB)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) -o $@ $(filter %.c,$^) $(LIB) $(LDFLAGS) $(LIBS)

$(T)/replay/%: tests/fuzz/%.c tests/fuzz/replay.c $(LIB)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) -o $@ $< tests/fuzz/replay.c $(LIB) $(LDFLAGS) $(LIBS)

$(T)/bench_%: tests/bench/bench_%.c $(LIB)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) -o $@ $< $(LIB) $(LDFLAGS) $(LIBS)

.PHONY: check-build check-run check-deps
check-deps:
	@contrib/deps.sh
check-build: all $(UNIT) $(RUNNERS) $(REPLAY)
check: check-deps
	@$(MAKE) -j$$(nproc) check-build B=$(B) $(if $(SAN),SAN=$(SAN)) CC=$(CC)
	@tests/run-suites.sh $(B)

demo: check-deps
	@$(MAKE) -j$$(nproc) all
	@contrib/demo.sh $(B)

lint:
	@contrib/lint.sh

# Speed; PARTS: of tests/bench/, all without.
bench: all $(T)/bench_check $(T)/bench_spawn $(T)/bench_plan $(T)/bench_relay \
	$(T)/unit/test_secrets
	@tests/bench/run.sh $(B) $(PARTS)

# The bypass cases in a build in which protections can be switched off: each has
# to fail without the one that it is about.
.PHONY: check-mutation mutation-run
check-mutation: check-deps
	@$(MAKE) -j$$(nproc) mutation-run B=build-mutation \
		MUTATION=-DAUTOMODE_MUTATION
mutation-run: all
	@tests/mutation.sh $(B) $(PROTECTIONS)

# The secret engine over this machine's public code, and its recall.
.PHONY: check-secret-alarms
check-secret-alarms: check-deps
	@$(MAKE) -j$$(nproc) all $(T)/unit/test_secrets \
		$(T)/unit/test_secret_tokens
	tests/secret-alarms.sh $(B)

# Long ones: thousands of races, SIGKILL at every single step.
.PHONY: check-races
check-races: check-deps
	@$(MAKE) -j$$(nproc) all
	AUTOMODE_BIN=$(B)/bin/automode tests/files/attacks.py --races 10000
	AUTOMODE_BIN=$(B)/bin/automode tests/files/killed.py

# Every two commands of the file suite that overlap, undone in either order.
.PHONY: check-matrix
check-matrix: check-deps
	@$(MAKE) -j$$(nproc) all
	AUTOMODE_BIN=$(B)/bin/automode tests/files/matrix.py

# Command lines that chance puts together; SEED=N repeats a run.
.PHONY: check-random
COUNT ?= 2000
check-random: check-deps
	@$(MAKE) -j$$(nproc) all
	AUTOMODE_BIN=$(CURDIR)/$(B)/bin/automode tests/random/run.py \
		$(if $(SEED),--seed $(SEED)) --count $(COUNT) alike
	AUTOMODE_BIN=$(CURDIR)/$(B)/bin/automode tests/random/run.py \
		$(if $(SEED),--seed $(SEED)) --count $(COUNT) undo

check-git-suite: all
	@tests/git-suite/run.sh $(B)

# libFuzzer: a build of its own with clang; new inputs go below build-fuzz/.
build-fuzz/%: tests/fuzz/%.c $(filter-out gateway/main.c,$(SRC)) | $(B)/tool_list.h
	@mkdir -p $(@D)
	clang -std=gnu11 -g -O1 -Igateway -I$(B) -I. -D_GNU_SOURCE \
		-DVERSION='"$(VERSION)"' -include gateway/base/banned.h \
		$(PKGFLAGS) -fsanitize=fuzzer,address,undefined \
		-o $@ $< $(filter-out gateway/main.c,$(SRC)) $(LIBS)
fuzz: check-deps
	@$(MAKE) fuzz-run
.PHONY: fuzz-run
fuzz-run: $(FUZZBIN)
	@for f in $(FUZZERS); do \
		mkdir -p build-fuzz/corpus/$$f; \
		echo "fuzz: $$f for $(FUZZ_SECONDS) s"; \
		build-fuzz/$$f -max_total_time=$(FUZZ_SECONDS) \
			-print_final_stats=1 build-fuzz/corpus/$$f \
			tests/fuzz/corpus/$${f#fuzz_} || exit 1; \
	done
