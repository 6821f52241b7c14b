# SPDX-License-Identifier: Apache-2.0
# The secret engine over the machine's own sources.  Part of run.sh.
# shellcheck shell=bash disable=SC2154
sources=$world/sources
find /usr/include /usr/share/perl /usr/lib/python3* -type f -size -2M \
	-print0 2>/dev/null | LC_ALL=C sort -z | head -zn 20000 |
	xargs -0 cat 2>/dev/null | head -c 200000000 >"$sources"
best=0
for _ in 1 2 3; do
	v=$(cd "$build/.." && "$build/tests/unit/test_secrets" "$sources" |
		sed -n 's/.* \([0-9]*\) MB\/s$/\1/p')
	[ "${v:-0}" -le "$best" ] || best=$v
done
rm -f "$sources"
report_least "secret scan of sources" "$best" 500 MB/s
