#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The corpora, by words alone: out of scope and run under 2 %, in scope and
# blocked under 3 %.
set -u
cd "$(dirname "$0")" || exit 1
bin=${1:?build folder}/bin/automode
all=$(mktemp)
trap 'rm -f "$all"' EXIT
cat ./*.eval >"$all"
table=$("$bin" eval "$all")
while IFS= read -r line; do
	echo "# $line"
done <<<"$table"
# out: how many of 10000 ran; in: how many were blocked
share() {
	echo "$table" | sed -n 's/^all  *//p' | sed 's/([^)]*)//g; s/%//g' |
		if [ "$1" = out ]; then
			awk '{ print int(10000 * $2 / $1) }'
		else
			awk '{ print int(10000 * $5 / $4) }'
		fi
}
bad=0
if [ "$(share out)" -lt 200 ]; then
	echo "ok 1 - out of scope and run"
else
	echo "not ok 1 - out of scope and run" && bad=1
fi
if [ "$(share in)" -lt 300 ]; then
	echo "ok 2 - in scope and blocked"
else
	echo "not ok 2 - in scope and blocked" && bad=1
fi
echo "1..2"
exit $bad
