#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Speed, as ratios and differences against the bare tool, side by side and
# interleaved in one run.  Each line: what, measured, limit; fails over it.
#	run.sh BUILD [PART...]
# The parts are the files beside this one: each is read into this shell and
# finds what stands here.
set -u
build=${1:-build}
[ $# -eq 0 ] || shift
case $build in /*) ;; *) build=$PWD/$build ;; esac
automode=$build/bin/automode
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck disable=SC2034 # for the parts
plain_path=$PATH spawn=$build/tests/bench_spawn

world=$(mktemp -d "${BENCH_DIR:-${TMPDIR:-/var/tmp}}/automode-bench.XXXXXX")
export HOME=$world/home XDG_RUNTIME_DIR=$world/run
export AUTOMODE_STATE_DIR=$world/state AUTOMODE_SHARE=$build/share/automode
unset AUTOMODE_SESSION XDG_STATE_HOME
mkdir -p "$HOME"
mkdir -m 700 "$XDG_RUNTIME_DIR"
git=/usr/bin/git
$git config --global user.name Ann
$git config --global user.email ann@example.com
$git config --global init.defaultBranch main
$git config --global gc.auto 0 # nothing runs beside the measured commands
finish() {
	"$automode" gateway --stop >/dev/null 2>&1
	/usr/bin/rm -rf "$world"
}
trap finish EXIT
over=0

report() { # what, value, limit, unit
	local mark=ok
	if awk -v a="$2" -v b="$3" 'BEGIN { exit !(a > b) }'; then
		mark=OVER
		over=$((over + 1))
	fi
	printf '%-58s %9s %s (limit %s) %s\n' "$1" "$2" "$4" "$3" "$mark"
}
report_least() { # what, value, limit, unit
	local mark=ok
	if awk -v a="$2" -v b="$3" 'BEGIN { exit !(a < b) }'; then
		mark=UNDER
		over=$((over + 1))
	fi
	printf '%-58s %9s %s (at least %s) %s\n' "$1" "$2" "$4" "$3" "$mark"
}
ms() { awk -v a="$1" 'BEGIN { printf "%.2f", a / 1000 }'; }

[ $# -gt 0 ] || set -- main files remotes secrets database senders
# another's work on the machine makes every hand-over between processes wait
echo "load $(cut -d' ' -f1-3 /proc/loadavg), $(nproc) processors"
for part; do
	# shellcheck source=/dev/null
	. "$here/$part.sh"
	cd / || exit 1
done

[ $over -eq 0 ] || { echo "$over over their limit"; exit 1; }
