# SPDX-License-Identifier: Apache-2.0
# What is dear to make is made once and copied: a run of all suites names a
# folder in AUTOMODE_TEMPLATES, one of bats alone has its own.
# shellcheck shell=bash
#
#	template NAME MAKE	prints the folder that `MAKE FOLDER` filled; who
#				comes meanwhile waits; fails when MAKE failed

template() {
	local all=${AUTOMODE_TEMPLATES:-${BATS_RUN_TMPDIR:-}} dir
	[ -n "$all" ] || return 1
	dir=$all/$1
	chmod go+x "$all" # a server of another user works below it
	(
		flock 9 || exit 1
		[ ! -e "$dir.made" ] || exit 0
		rm -rf "$dir"
		mkdir "$dir" && "$2" "$dir" 9>&- >&2 && : >"$dir.made"
	) 9>"$dir.lock" || return 1
	echo "$dir"
}
