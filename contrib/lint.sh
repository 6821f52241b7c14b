#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The rules of the house that a program can check.
set -u
cd "$(dirname "$0")/.." || exit 1
bad=0

complain() {
	echo "lint: $*"
	bad=$((bad + 1))
}

# A stage includes base/ and the stages before it.  Effects come before tools:
# a tool speaks in effects.
order="base wire invocation parse effects tools reversal policy judge sandbox
exec transport audit cli"
rank() {
	local n=0 s
	for s in $order; do
		n=$((n + 1))
		[ "$s" = "$1" ] && echo $n && return
	done
	echo 0
}
for f in gateway/*/*.[ch]; do
	stage=$(basename "$(dirname "$f")")
	mine=$(rank "$stage")
	for inc in $(sed -n 's/^#include "\([a-z]*\)\/.*/\1/p' "$f" | sort -u); do
		theirs=$(rank "$inc")
		if [ "$theirs" -gt "$mine" ]; then
			complain "$f includes $inc/, which comes after $stage/"
		fi
		if [ "$stage" = base ] && [ "$inc" != base ]; then
			complain "$f: base/ may include only itself"
		fi
	done
	for inc in $(sed -n 's/^#include "\([a-z_]*\.h\)".*/\1/p' "$f"); do
		[ -e "gateway/$inc" ] && [ "$stage" != cli ] &&
			complain "$f includes gateway/$inc"
	done
done

# Sizes: files about 500 lines, functions about 70; tables are exempt.
for f in gateway/*.[ch] gateway/*/*.[ch] shims/*.c; do
	case $f in *git_tables* | *git_words.c | *pg_functions.c) continue ;; esac
	n=$(wc -l <"$f")
	[ "$n" -le 550 ] || complain "$f has $n lines"
done
lines=$(wc -l <gateway/pipeline.c)
[ "$lines" -lt 100 ] || complain "gateway/pipeline.c has $lines lines"
awk '
	FNR == 1 { open = 0 }
	/^\{/ { open = FNR }
	/^\}/ {
		if (open && FNR - open > 75)
			printf "%s:%d: a function of %d lines\n",
			    FILENAME, open, FNR - open
		open = 0
	}
' gateway/*.c gateway/*/*.c shims/*.c >/tmp/lint.$$
while read -r line; do complain "$line"; done </tmp/lint.$$
rm -f /tmp/lint.$$

for f in gateway/*.[ch] gateway/*/*.[ch] shims/*.[ch]; do
	head -n 1 "$f" | grep -q SPDX || complain "$f: no SPDX line"
done
ls gateway/utils.* gateway/*/utils.* gateway/*/common.h 2>/dev/null &&
	complain "no utils, no common"

if command -v clang-format >/dev/null; then
	clang-format --dry-run -Werror gateway/*.[ch] gateway/*/*.[ch] \
	    shims/*.c tests/*.c tests/*/*.c >/tmp/format.$$ 2>&1 ||
		complain "clang-format: $(grep -c 'error:' /tmp/format.$$) places, first: $(grep -m1 'error:' /tmp/format.$$)"
	rm -f /tmp/format.$$
fi
if command -v shellcheck >/dev/null; then
	git ls-files -z '*.sh' .ci/run tests/e2e/world.bash |
	    xargs -0 -r shellcheck -S warning -x || complain shellcheck
fi
if command -v mandoc >/dev/null; then
	mandoc -Tlint -Wwarning gateway/cli/*.1 || complain mandoc
fi
if [ $bad -ne 0 ]; then
	echo "lint: $bad complaints"
	exit 1
fi
echo "lint: clean"
