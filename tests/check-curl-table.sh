#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Every option that the installed curl and wget name is in the tables, and
# takes a value there if it does.  Prints TAP.
set -u
cd "$(dirname "$0")/.." || exit 1
n=0 bad=0

say() { # WANTED WHAT
	n=$((n + 1))
	if grep -q "$1" "$3"; then
		echo "ok $n - $2"
	else
		echo "not ok $n - $2"
		bad=1
	fi
}

if command -v curl >/dev/null; then
	while read -r name value; do
		# --no-NAME is listed where the switch is on by itself
		kind=B
		[ -z "$value" ] || kind=V
		[ "$name" != help ] || kind=B
		say "	*$kind(.*\"${name#no-}\"\|$kind(.*\"$name\"" \
			"curl --$name" gateway/tools/curl_table.c
	done < <(curl --help all | sed -n \
		's/^ *\(-., \)\?  *--\([a-z0-9.-]*\)\( \([<[]\).*\)\?.*/\2 \4/p')
fi
if command -v wget >/dev/null; then
	while read -r name; do
		say "\"$name\"" "wget --$name" gateway/tools/wget_table.c
	done < <(wget --help | sed -n \
		's/^  \(-., \|-.., \|   \)  *--\([a-z0-9-]*\).*/\2/p')
fi
echo "1..$n"
exit $bad
