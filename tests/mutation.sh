#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Runs the bypass cases with one protection after the other switched off, in a
# build that can do that, and demands that each case fails that names the
# protection in its test_tags: else it shows nothing.
#
#	mutation.sh BUILD [PROTECTION...]
set -u
cd "$(dirname "$0")/.." || exit 1
build=${1:?build folder}
shift
case $build in /*) ;; *) build=$PWD/$build ;; esac
export AUTOMODE_BUILD=$build AUTOMODE_BIN=$build/bin/automode
unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE AUTOMODE_SESSION MUTANT
cases=(tests/e2e/bypass-*.bats)
[ $# -gt 0 ] || mapfile -t known < <(sed -n \
	's/^# bats \(file\|test\)_tags=//p' "${cases[@]}" | tr , '\n' |
	sort -u)
[ $# -eq 0 ] || known=("$@")
failed=0
for m in "${known[@]}"; do
	out=$(MUTANT=$m bats --formatter tap --filter-tags "$m" \
		"${cases[@]}" 2>/dev/null </dev/null)
	bad=$(grep -c '^not ok' <<<"$out")
	survived=$(grep '^ok' <<<"$out")
	if [ -n "$survived" ] || [ "$bad" -eq 0 ]; then
		echo "not ok - without $m"
		[ -z "$survived" ] || sed 's/^/#   passes: /' <<<"$survived"
		failed=$((failed + 1))
	else
		echo "ok - without $m, $bad cases fail"
	fi
done
exit $((failed > 0))
