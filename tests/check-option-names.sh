#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every option name that gateway/tools/git*.c asks for must be a row of some
# table, and every command in the list of words must have a table.  TAP.
#
#	tests/check-option-names.sh [BUILD-FOLDER]

build=$(cd "${1:-build}" && pwd) || exit 1
cd "$(dirname "$0")/.." || exit 1
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM
"$build/tests/run_grammar" --dump >"$tmp/dump" || {
	echo "not ok 1 - dump"
	exit 1
}

calls='options_(on|off|value|count|nth)\('
for f in gateway/tools/git*.c; do
	# calls and lists go over several lines
	tr '\n\t' '  ' <"$f" >"$tmp/flat"
	grep -oE "${calls}[^\");]*\"[^\"]*\"" "$tmp/flat" |
		sed "s|.*\"\(.*\)\"|$f \1|" | grep -v %
	# names in a list that a loop asks for
	# shellcheck disable=SC2013
	for list in $(grep -oE "${calls}[^\"();]*, *[a-z_]+\[" "$tmp/flat" |
		sed 's/.*, *\([a-z_]*\)\[/\1/' | sort -u); do
		grep -oE "[ *]$list\[[^]]*\] *= *\{[^}]*\}" "$tmp/flat" |
			grep -oE '"[^"]*"' | sed "s|\"\(.*\)\"|$f \1|"
	done
done | sort -u >"$tmp/asked"
sed -n 's/^[[:space:]]*{"\([a-z][a-z0-9-]*\)", *GIT_.*/gateway\/tools\/git_words.c \1/p' \
	gateway/tools/git_words.c >"$tmp/words"

awk -F'\t' -v asked="$tmp/asked" -v words="$tmp/words" '
$2 == "." { command[$1] = 1; next }
$4 == "S" { next }
{
	if ($6 != "-") { alias[$2] = $6; next }
	if ($2 != "-") name[$2] = 1
	if ($3 != "-") name[$3] = 1
}
function other(s) { return substr(s, 1, 3) == "no-" ? substr(s, 4) : "no-" s }
END {
	name["help"] = 1
	while ((getline line < asked) > 0) {
		split(line, x, " ")
		s = substr(line, length(x[1]) + 2)
		n++
		if (s in name || other(s) in name)
			print "ok " n " - " x[1] " asks for " s
		else {
			print "not ok " n " - " x[1] " asks for " s
			if (s in alias)
				print "# it is read as " alias[s]
			bad = 1
		}
	}
	while ((getline line < words) > 0) {
		split(line, x, " ")
		n++
		if (x[2] in command)
			print "ok " n " - table for git " x[2]
		else {
			print "not ok " n " - no table for git " x[2]
			bad = 1
		}
	}
	print "1.." n
	exit bad
}' "$tmp/dump"
