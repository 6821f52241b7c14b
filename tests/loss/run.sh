#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The loss suite: for every form of tests/loss/forms.txt, state before = state
# after undo.  Prints TAP.
#
# usage: run.sh [--plain] [--keep] [--part I/N] [PATTERN]
#
#   --plain   the forms alone, with the plain git: are they what the table says
#   --keep    leaves the scratch folder
#   --part    one of N parts of the forms, which know nothing of each other
#   PATTERN   only forms whose line contains it
#
# AUTOMODE_BIN: the program `automode` of a build tree or an installation
# (default: build/bin/automode).  HOME, XDG_RUNTIME_DIR and AUTOMODE_STATE_DIR
# are the suite's own; LOSS_TMP is where they lie (default: /tmp).

set -u
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
plain='' keep='' pattern='' part=1 parts=1
while [ $# -gt 0 ]; do
	arg=$1
	shift
	case $arg in
	--part) part=${1%/*} parts=${1#*/}; shift ;;
	--plain) plain=1 ;;
	--keep) keep=1 ;;
	-*) sed -n '3,21s/^# \{0,1\}//p' "$0" >&2; exit 64 ;;
	*) pattern=$arg ;;
	esac
done
AUTOMODE_BIN=$(realpath -m "${AUTOMODE_BIN:-$root/build/bin/automode}")
[ -d "$AUTOMODE_BIN" ] && AUTOMODE_BIN=$AUTOMODE_BIN/automode
if [ -z "$plain" ] && [ ! -x "$AUTOMODE_BIN" ]; then
	echo "Bail out! no program at $AUTOMODE_BIN"
	exit 69
fi

T=$(mktemp -d "${LOSS_TMP:-/tmp}/loss-XXXXXX") || exit 1
path=$PATH
finish() {
	PATH=$path # no shim: it would start a gateway again
	[ -n "$plain" ] || "$AUTOMODE_BIN" gateway --stop >/dev/null
	if [ -n "$keep" ]; then
		echo "# scratch folder: $T"
	else
		chmod -R u+rwX "$T" 2>/dev/null
		rm -rf "$T"
	fi
} 2>/dev/null
trap finish EXIT
trap 'exit 130' INT TERM

export HOME=$T/home XDG_RUNTIME_DIR=$T/run AUTOMODE_STATE_DIR=$T/state
export LC_ALL=C TZ=UTC FILTER_BRANCH_SQUELCH_WARNING=1
unset XDG_CONFIG_HOME XDG_STATE_HOME AUTOMODE_SESSION
unset "${!GIT_@}"
export GIT_CONFIG_NOSYSTEM=1
mkdir -p "$HOME" "$XDG_RUNTIME_DIR" "$AUTOMODE_STATE_DIR" "$T/setup"
chmod 700 "$XDG_RUNTIME_DIR"
WS=$HOME/ws
cat >"$HOME/.gitconfig" <<END
[user]
	name = A U Thor
	email = author@example.com
[init]
	defaultBranch = main
[advice]
	detachedHead = false
[protocol "file"]
	allow = always
END

# shellcheck source=tests/loss/setups.sh
. "$here/setups.sh"

say() { sed 's/^/# /' | head -n "${1:-20}"; }

# Builds a setup once; later a copy of it stands at $WS.  Inodes and ctimes
# are new in a copy, so git is told.
stage() { # setup
	local d=$T/setup/$1

	cd / || return
	chmod -R u+rwX "$WS" 2>/dev/null
	rm -rf "$WS"
	if [ ! -e "$d" ]; then
		mkdir -p "$WS"
		if ! ("setup_$1") >"$T/setup.log" 2>&1; then
			say <"$T/setup.log"
			return 1
		fi
		cp -a "$WS" "$d"
		rm -rf "$WS"
	fi
	cp -a "$d" "$WS" && cd "$WS/repo" || return
	for tree in "$WS/repo" "$WS/linked" "$WS/repo/sub"; do
		[ -e "$tree/.git" ] &&
			$G -C "$tree" update-index -q --really-refresh \
				>/dev/null 2>&1
	done
	# --really-refresh looks at assumed-unchanged files too: not so here
	[ "$1" = dirty ] && $G update-index --assume-unchanged dir/sub/h.txt
	return 0
}

state() { # to
	local extra=()

	for d in linked moved; do
		[ -e "$WS/$d" ] && extra+=("$WS/$d")
	done
	"$root/tests/manifest.py" --strict --objects "$1.objects" \
		"$WS/repo" "${extra[@]}" >"$1" 2>"$1.err" ||
		{ say <"$1.err"; return 1; }
}

# Which lines of a manifest are of that kind.
lines_of() { # what file
	case $1 in
	files) grep -E '^(file|link|dir|gone|other) .*( \.|linked|gone)' "$2" |
		grep -v ' \.git/' ;;
	refs) grep -E '^ref |/HEAD$' "$2" ;;
	index) grep -E '^index |^   ' "$2" ;;
	logs) grep -F '/logs/' "$2" ;;
	config) grep -E ' \.git/(.*/)?config' "$2" ;;
	stash) grep '^stash ' "$2" ;;
	state) grep -F ' .git/' "$2" | grep -vE '/logs/|/config' ;;
	objects) cat "$2.objects" ;;
	any) cat "$2" ;;
	*) echo "unknown: $1" ;;
	esac
}

# Did the form destroy what the table says?
destroyed() { # what
	local what

	for what in ${1//[,\~]/ }; do
		[ "$what" = - ] && continue
		lines_of "$what" "$T/before" >"$T/l1"
		lines_of "$what" "$T/after" >"$T/l2"
		if cmp -s "$T/l1" "$T/l2"; then
			echo "# nothing of its $what was changed"
			return 1
		fi
	done
}

# What this form's session has kept, newest first.
kept_ids() {
	"$AUTOMODE_BIN" undo --list --json </dev/null 2>/dev/null |
		python3 -I -S -c 'import json, sys
for e in json.load(sys.stdin):
    if e["session"] == sys.argv[1] and e["state"] == "kept":
        print(e["id"])' "loss-$n" | sort -rnu
}

# The newest entry by --last, several by their ids, newest first.
undo() {
	local ids id

	ids=$(kept_ids)
	if [ -z "$ids" ]; then
		echo "# nothing was kept; before (<) and after (>):"
		diff "$T/before" "$T/after" | say 12
		return 1
	fi
	[ "$(echo "$ids" | wc -l)" = 1 ] && ids=--last
	for id in $ids; do
		"$AUTOMODE_BIN" undo "$id" </dev/null || return
	done >"$T/undo.log" 2>&1
}

compare() {
	local rc=0

	if ! diff "$T/before" "$T/undone" >"$T/diff"; then
		echo "# before (<) and after undo (>):"
		say 24 <"$T/diff"
		say 12 <"$T/undo.log"
		rc=1
	fi
	if LC_ALL=C comm -23 "$T/before.objects" "$T/undone.objects" |
		grep . >"$T/diff"; then
		echo "# objects lost:"
		say 6 <"$T/diff"
		rc=1
	fi
	return $rc
}

one() { # setup what command
	local status

	stage "$1" || { echo "# the setup failed"; return 1; }
	state "$T/before" || return
	: >"$T/undo.log"
	if [ -z "$plain" ]; then
		eval "$("$AUTOMODE_BIN" env --session "loss-$n")" || return
	fi
	bash -c "$3" >"$T/out" 2>"$T/err" </dev/null
	status=$?
	cd "$WS/repo" 2>/dev/null || cd /
	state "$T/after" || return
	if [ $status -ge 125 ]; then
		echo "# exit status $status"
		say 8 <"$T/err"
		return 1
	fi
	destroyed "$2" || { say 6 <"$T/err"; return 1; }
	[ -n "$plain" ] && return
	if [ "$2" = - ] && cmp -s "$T/before" "$T/after"; then
		return 0
	fi
	[ "${2#\~}" != "$2" ] && [ -z "$(kept_ids)" ] && return
	undo || { say 12 <"$T/undo.log"; say 6 <"$T/err"; return 1; }
	state "$T/undone" || return
	compare
}

n=0 bad=0 form=0
while IFS= read -r line; do
	case $line in '' | \#*) continue ;; esac
	[[ -n $pattern && $line != *"$pattern"* ]] && continue
	# neighbours share a setup: whole runs of them go to one part
	((++form, (form - 1) / 8 % parts == part - 1)) || continue
	IFS='|' read -r setup what command <<<"$line"
	setup=${setup//[[:space:]]/}
	what=${what//[[:space:]]/}
	command=${command#"${command%%[![:space:]]*}"}
	n=$((n + 1))
	PATH=$path
	if one "$setup" "$what" "$command" >"$T/say"; then
		echo "ok $n - $setup: $command"
	else
		echo "not ok $n - $setup: $command"
		bad=$((bad + 1))
	fi
	cat "$T/say"
done <"$here/forms.txt"
echo "1..$n"
echo "# $((n - bad)) passed, $bad failed"
[ "$bad" = 0 ]
