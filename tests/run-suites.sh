#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Runs every suite of `make check` against a build folder and sums up.
#
#	run-suites.sh BUILD [SUITE...]	suites: unit cases corpora tables e2e
#					fidelity loss random files senders
#					databases
#
# A suite is made of pieces that know nothing of each other.  They stand in a
# queue, the longest first, from which LANES take them (one more than there
# are processors, since pieces also wait); what a piece says is printed when it
# has ended.  Its seconds (real, user, system, without those of a gateway in
# the background) are in BUILD/tests/logs/times.
set -u
cd "$(dirname "$0")/.." || exit 1
build=${1:?build folder}
shift
root=$PWD
case $build in /*) ;; *) build=$root/$build ;; esac
export AUTOMODE_BUILD=$build AUTOMODE_BIN=$build/bin/automode
# Against what hangs, not against what is slow: the longest piece takes a
# tenth of this.
limit=${LIMIT:-1800}
export LSAN_OPTIONS=detect_leaks=0 ASAN_OPTIONS=detect_leaks=0:abort_on_error=0
unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE AUTOMODE_SESSION
# The system's own programs, not a version manager's wrappers around them: they
# cost more time than all that is tested.
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:$PATH
logs=$build/tests/logs
mkdir -p "$logs"
passed=0 failed=0 skipped=0
names=() commands=()

piece() { # NAME COMMAND...
	local name=$1
	shift
	names+=("$name")
	commands+=("${*@Q}")
}

# TAP on stdout; a bad exit without "not ok" counts as one failure, so does a
# piece that says nothing.
judge() { # NAME EXIT-STATUS
	local name=$1 rc=$2 ok bad skip
	echo "== $name"
	ok=$(grep -c '^ok ' "$logs/$name.tap")
	bad=$(grep -c '^not ok' "$logs/$name.tap")
	skip=$(grep -ci '^ok .*# skip' "$logs/$name.tap")
	if [ "$bad" -eq 0 ] && { [ "$rc" -ne 0 ] || [ "$ok" -eq 0 ]; }; then
		bad=1
		echo "$name: exit status $rc"
		[ "$rc" -ne 124 ] || echo "$name: hung after" \
			"$(tail -n 1 "$logs/$name.tap")"
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

unit() {
	local t
	for t in "$build"/tests/unit/test_*; do
		[ -x "$t" ] || continue
		case $t in *.d) continue ;; esac
		piece "unit-$(basename "$t")" \
			env CMOCKA_MESSAGE_OUTPUT=TAP "$t"
	done
}

cases() {
	piece grammar "$build/tests/run_grammar" tests/cases/grammar/*.case
	piece git-cases "$build/tests/run_git" tests/cases/git/*.case
	piece forge-cases "$build/tests/run_git" tests/cases/gh/*.case \
		tests/cases/glab/*.case
	piece file-cases "$build/tests/run_git" tests/cases/files/*.case
	piece send-cases "$build/tests/run_git" tests/cases/send/*.case
	piece curl-differential tests/differential/curl.py \
		"$build/tests/run_send" 200
	piece bwrap-cases "$build/tests/run_bwrap" tests/cases/bwrap/*.case
	piece policy-cases "$build/tests/run_policy" tests/cases/policy/*.case
	piece db-cases "$build/tests/run_sql" tests/cases/db/*.case
	piece words-cases "$build/tests/run_words" tests/cases/words/*.case
	piece corpus-words tests/corpus/check.sh "$build"
}

corpora() {
	local r
	for r in "$build"/tests/replay/fuzz_*; do
		[ -x "$r" ] || continue
		case $r in *.d) continue ;; esac
		piece "corpus-$(basename "$r")" "$r" \
		    "tests/fuzz/corpus/$(basename "$r" | sed 's/^fuzz_//')"
	done
}

tables() {
	piece tables tests/check-git-tables.sh "$build"
	piece option-names tests/check-option-names.sh "$build"
	piece gh-table tests/check-gh-table.sh "$build"
	piece curl-table tests/check-curl-table.sh
	piece profile-keys tests/check-profile-keys.sh
	piece file-tables tests/check-file-tables.py
	piece container-tables tests/check-container-tables.py
}

e2e() {
	local f
	for f in tests/e2e/*.bats; do
		piece "e2e-$(basename "$f" .bats)" bats --formatter tap "$f"
	done
}

fidelity() {
	local i
	for i in 1 2 3; do
		piece fidelity-$i tests/fidelity/run.sh --part $i/3
	done
}

loss() {
	local i
	for i in 1 2 3 4; do
		piece loss-$i tests/loss/run.sh --part $i/4
	done
}

random() {
	piece random-alike tests/random/run.py --seed 1 --count 100 alike
	piece random-undo tests/random/run.py --seed 1 --count 100 undo
}

files() {
	piece files-1 tests/files/run.py --part 1/2
	piece files-2 tests/files/run.py --part 2/2
	# another file system than the vault's
	[ -w /dev/shm ] && piece files-elsewhere \
		env "FILES_AREA=/dev/shm/automode-files.$$" \
		tests/files/run.py --part 1/4
	piece files-again tests/files/again.py
	piece files-turns tests/files/turns.py
	piece files-matrix tests/files/matrix.py --sample 100
	piece files-limits tests/files/limits.py
	piece files-killed tests/files/killed.py 15
	piece files-fidelity tests/files/fidelity.py
	piece files-attacks tests/files/attacks.py
}

senders() {
	piece senders-hostile tests/senders/run.py "$build" hostile
	piece senders-everyday tests/senders/run.py "$build" everyday
}

databases() {
	piece databases tests/databases/run.sh "$build"
}

# What there is once for all: programs that stand in for others lie where no
# workspace is, however this checkout lies.
for_all() {
	AUTOMODE_TEMPLATES=$(mktemp -d /tmp/automode-templates.XXXXXX) || exit 1
	export AUTOMODE_TEMPLATES
	CASES_BIN=$(mktemp -d /run/automode-cases.XXXXXX 2>/dev/null) ||
		return 0
	cp tests/cases/bin/* "$CASES_BIN"
	chmod 755 "$CASES_BIN"
	export CASES_BIN
}

end() {
	local pid
	for pid in "${!running[@]}"; do
		pkill -P "$pid" # the command; the shell around it follows
	done
	rm -rf "${AUTOMODE_TEMPLATES:?}" ${CASES_BIN:+"$CASES_BIN"}
}

# Those that take longest, by their CPU time; the others follow as they stand.
longest="e2e-database-undo e2e-files-everyday loss-1 loss-2 loss-3 loss-4 e2e-remotes databases e2e-database
e2e-database-relay e2e-everyday fidelity-1 fidelity-2 fidelity-3 e2e-bypass-list
senders-everyday e2e-https e2e-classifier unit-test_undo unit-test_undo_objects
files-1 files-2 files-fidelity files-killed files-attacks files-again files-matrix random-alike
random-undo curl-differential"

# The numbers of the pieces in the order in which they start.
order() {
	local i n
	for n in $longest; do
		for i in "${!names[@]}"; do
			[ "${names[i]}" = "$n" ] && echo "$i"
		done
	done
	for i in "${!names[@]}"; do
		case " ${longest//$'\n'/ } " in *" ${names[i]} "*) ;; *) echo "$i" ;; esac
	done
}

start() { # NUMBER
	local name=${names[$1]} TIMEFORMAT='%R %U %S'
	{
		time eval "timeout -k 20 $limit ${commands[$1]}" \
			>"$logs/$name.tap" 2>"$logs/$name.err" </dev/null
	} 2>"$logs/$name.time" &
	running[$!]=$name
}

ended() { # waits for one
	local pid='' rc name
	wait -n -p pid "${!running[@]}"
	rc=$?
	name=${running[$pid]}
	unset "running[$pid]"
	judge "$name" $rc
	echo "$name $(<"$logs/$name.time")" >>"$logs/times"
}

declare -A running=()
[ $# -gt 0 ] || set -- unit cases corpora tables e2e fidelity loss random files senders databases
for s; do
	case $s in
	unit | cases | corpora | tables | e2e | fidelity | loss | random | \
		files | senders | databases) $s ;;
	*)
		echo "no suite $s" >&2
		exit 64
		;;
	esac
done
lanes=${LANES:-$(($(nproc) + 1))}
for_all
trap end EXIT
trap 'exit 130' INT TERM HUP
: >"$logs/times"
for i in $(order); do
	[ ${#running[@]} -lt "$lanes" ] || ended
	start "$i"
done
while [ ${#running[@]} -gt 0 ]; do ended; done
if [ "$skipped" -gt 0 ]; then
	echo "$passed passed, $failed failed, $skipped skipped"
else
	echo "$passed passed, $failed failed"
fi
[ "$failed" -eq 0 ]
