#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Every command and flag that the installed gh tells of (gh reference) is in
# the table of gateway/tools/gh_table.c, with or without a value as gh has it.
# TAP by run_git.
#
#	check-gh-table.sh BUILD
set -u
cd "$(dirname "$0")/.." || exit 1
build=${1:?build folder}
case $build in /*) ;; *) build=$PWD/$build ;; esac
if ! command -v /usr/bin/gh >/dev/null; then
	echo "ok 1 - gh # skip not installed"
	echo "1..1"
	exit 0
fi
home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT
HOME=$home GH_NO_UPDATE_NOTIFIER=1 /usr/bin/gh reference 2>/dev/null |
	awk '
	/^##+ `gh / {
		sub(/^#+ `gh /, "")
		words = ""
		for (i = 1; i <= NF && $i ~ /^[a-z][a-z-]*`?$/; i++) {
			sub(/`$/, "", $i)
			words = words " " $i
		}
		print "$ gh" words " --help"
		print "effects: none\n"
		next
	}
	# the name of a value follows after one blank, the text after more
	words && match($0, /--[a-z-]+/) && /^ +(-., )?--/ {
		flag = substr($0, RSTART, RLENGTH)
		rest = substr($0, RSTART + RLENGTH)
		takes = rest ~ /^ [^ ]/
		print "$ gh" words " " flag (takes ? "=x" : "") " --help"
		print "effects: none\n"
		if (match($0, /^ +-., /)) {
			letter = $1
			sub(/,/, "", letter)
			print "$ gh" words " " letter (takes ? "x" : "") \
				" --help"
			print "effects: none\n"
		}
	}' >"$home/gh.case"
"$build/tests/run_git" "$home/gh.case"
