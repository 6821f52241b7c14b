# curl's lines: what is read out of them against what curl does.  COUNT=5000
# SEED=7 make check-curl-differential
COUNT ?= 2000
SEED  ?= 1
.PHONY: check-curl-differential
check-curl-differential: $(B)/tests/run_send
	@tests/differential/curl.py $(B)/tests/run_send $(COUNT) $(SEED)
