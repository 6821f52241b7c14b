#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Runs every suite of `make check` against a build folder and sums up.
#
#	run-suites.sh BUILD [SUITE...]	suites: unit cases corpora tables e2e
#					fidelity loss files
set -u
cd "$(dirname "$0")/.." || exit 1
build=${1:?build folder}
shift
root=$PWD
case $build in /*) ;; *) build=$root/$build ;; esac
export AUTOMODE_BUILD=$build AUTOMODE_BIN=$build/bin/automode
export LSAN_OPTIONS=detect_leaks=0 ASAN_OPTIONS=detect_leaks=0:abort_on_error=0
unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE AUTOMODE_SESSION
logs=$build/tests/logs
mkdir -p "$logs"
passed=0 failed=0 skipped=0

# suite NAME COMMAND...: TAP on stdout; a bad exit without "not ok" counts as
# one failure, so does a suite that says nothing
suite() {
	local name=$1 ok bad skip rc
	shift
	echo "== $name"
	"$@" >"$logs/$name.tap" 2>"$logs/$name.err" </dev/null
	rc=$?
	ok=$(grep -c '^ok ' "$logs/$name.tap")
	bad=$(grep -c '^not ok' "$logs/$name.tap")
	skip=$(grep -ci '^ok .*# skip' "$logs/$name.tap")
	if [ "$bad" -eq 0 ] && { [ $rc -ne 0 ] || [ "$ok" -eq 0 ]; }; then
		bad=1
		echo "$name: exit status $rc"
		tail -n 20 "$logs/$name.err"
	fi
	if [ "$bad" -ne 0 ]; then
		grep -A 12 '^not ok' "$logs/$name.tap" | head -n 120
	fi
	ok=$((ok - skip))
	passed=$((passed + ok)) failed=$((failed + bad))
	skipped=$((skipped + skip))
	echo "   $ok passed, $bad failed, $skip skipped"
}

run_unit() {
	local t
	for t in "$build"/tests/unit/test_*; do
		[ -x "$t" ] || continue
		case $t in *.d) continue ;; esac
		CMOCKA_MESSAGE_OUTPUT=TAP suite "unit-$(basename "$t")" "$t"
	done
}

# Programs that stand in for others lie where no workspace is, however this
# checkout lies.
stand_ins() {
	CASES_BIN=$(mktemp -d /run/automode-cases.XXXXXX 2>/dev/null) || return
	cp tests/cases/bin/* "$CASES_BIN"
	chmod 755 "$CASES_BIN"
	export CASES_BIN
}

run_cases() {
	stand_ins
	suite grammar "$build/tests/run_grammar" tests/cases/grammar/*.case
	suite git-cases "$build/tests/run_git" tests/cases/git/*.case
	suite forge-cases "$build/tests/run_git" tests/cases/gh/*.case \
		tests/cases/glab/*.case
	suite file-cases "$build/tests/run_git" tests/cases/files/*.case
	suite send-cases "$build/tests/run_git" tests/cases/send/*.case
	suite bwrap-cases "$build/tests/run_bwrap" tests/cases/bwrap/*.case
	suite policy-cases "$build/tests/run_policy" tests/cases/policy/*.case
	suite db-cases "$build/tests/run_sql" tests/cases/db/*.case
	suite words-cases "$build/tests/run_words" tests/cases/words/*.case
	suite corpus-words tests/corpus/check.sh "$build"
	[ -z "${CASES_BIN:-}" ] || rm -rf "$CASES_BIN"
}

run_corpora() {
	local r
	for r in "$build"/tests/replay/fuzz_*; do
		[ -x "$r" ] || continue
		case $r in *.d) continue ;; esac
		suite "corpus-$(basename "$r")" "$r" \
		    "tests/fuzz/corpus/$(basename "$r" | sed 's/^fuzz_//')"
	done
}

run_one() {
	case $1 in
	unit) run_unit ;;
	cases) run_cases ;;
	corpora) run_corpora ;;
	tables)
		suite tables tests/check-git-tables.sh "$build"
		suite option-names tests/check-option-names.sh "$build"
		suite gh-table tests/check-gh-table.sh "$build"
		suite curl-table tests/check-curl-table.sh
		suite profile-keys tests/check-profile-keys.sh
		suite file-tables tests/check-file-tables.py
		;;
	e2e) suite e2e bats --formatter tap tests/e2e ;;
	fidelity) suite fidelity tests/fidelity/run.sh ;;
	loss) suite loss tests/loss/run.sh ;;
	files)
		suite files tests/files/run.py
		suite files-fidelity tests/files/fidelity.py
		suite files-attacks tests/files/attacks.py
		;;
	*)
		echo "no suite $1" >&2
		exit 64
		;;
	esac
}

total() { # the counters of a log's last line
	tail -n 1 "$1" | grep -oE '[0-9]+ (passed|failed|skipped)' |
		sed -nE "s/^([0-9]+) $2$/\1/p" | grep . || echo 0
}

# All of them: two at a time, since most of a test is waiting.
run_all() {
	local l
	"$0" "$build" unit cases corpora tables fidelity loss \
		>"$logs/first.log" 2>&1 &
	"$0" "$build" e2e files >"$logs/second.log" 2>&1
	wait $!
	for l in first second; do
		sed '$d' "$logs/$l.log"
		passed=$((passed + $(total "$logs/$l.log" passed)))
		failed=$((failed + $(total "$logs/$l.log" failed)))
		skipped=$((skipped + $(total "$logs/$l.log" skipped)))
		[ "$(total "$logs/$l.log" passed)" -gt 0 ] ||
			failed=$((failed + 1))
	done
}

if [ $# -eq 0 ]; then
	run_all
else
	for s in "$@"; do
		run_one "$s"
	done
fi
if [ "$skipped" -gt 0 ]; then
	echo "$passed passed, $failed failed, $skipped skipped"
else
	echo "$passed passed, $failed failed"
fi
[ "$failed" -eq 0 ]
