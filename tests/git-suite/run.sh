#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# git's own test suite against the shim, script by script, beside the same
# scripts with the plain installed git.
#
#	run.sh BUILD [SCRIPT...]	default: the scripts in scripts.txt
#
# The source of the installed version comes from Debian (a deb-src entry of
# our own, in a folder of our own); its test helpers are built, its git is not
# used: GIT_TEST_INSTALLED names the shims or /usr/bin.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
build=${1:?build folder}
shift
case $build in /*) ;; *) build=$PWD/$build ;; esac
work=${GIT_SUITE_DIR:-$(cd "$here/../.." && pwd)/build-suite}
version=$(dpkg-query -W -f '${source:Version}' git)
mkdir -p "$work"

fetch() {
	local apt=$work/apt
	mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial"
	cat /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null |
	    grep -qi debian || { echo "no Debian sources" >&2; exit 1; }
	# the machine's own mirrors, as deb-src
	for f in /etc/apt/sources.list.d/*.sources; do
		[ -e "$f" ] && grep -qi 'debian.org' "$f" &&
			sed 's/^Types:.*/Types: deb-src/' "$f"
	done >"$apt/src.sources"
	[ -s "$apt/src.sources" ] ||
		sed -n 's/^deb \(.*debian.org.*\)/deb-src \1/p' \
		    /etc/apt/sources.list >"$apt/src.list"
	mkdir -p "$apt/parts"
	mv "$apt"/src.* "$apt/parts/" 2>/dev/null || true
	(
		cd "$work"
		opts="-o Dir::Etc::sourcelist=/dev/null
		    -o Dir::Etc::sourceparts=$apt/parts
		    -o Dir::State::lists=$apt/lists
		    -o Dir::Cache=$apt/cache"
		# shellcheck disable=SC2086
		apt-get $opts update -q >/dev/null
		# shellcheck disable=SC2086
		apt-get $opts source -q --download-only "git=$version" >/dev/null
		dpkg-source -x ./*.dsc git-source >/dev/null
	)
}

if [ ! -d "$work/git-source/t" ]; then
	echo "git-suite: fetching the source of git $version"
	fetch
fi
cd "$work/git-source"
if [ ! -x t/helper/test-tool ]; then
	echo "git-suite: building its test helpers"
	apt-get install -q -y --no-install-recommends zlib1g-dev gettext \
	    libexpat1-dev libcurl4-openssl-dev libssl-dev >/dev/null
	make -j"$(nproc)" NO_TCLTK=1 NO_GETTEXT=1 DEFAULT_TEST_TARGET=test \
	    >"$work/make.log" 2>&1 || { tail -n 20 "$work/make.log"; exit 1; }
fi
cd t
[ $# -gt 0 ] || mapfile -t scripts < <(sed 's/#.*//; /^ *$/d' "$here/scripts.txt")
[ $# -eq 0 ] || scripts=("$@")

run_one() { # script, where
	local log=$work/logs/$2-${1%.sh}.log rc=0
	mkdir -p "$work/logs"
	GIT_TEST_INSTALLED=$3 GIT_TEST_EXEC_PATH=/usr/lib/git-core \
	    timeout 900 ./"$1" --root="$work/trash-$2" >"$log" 2>&1 || rc=$?
	printf '%d/%d' "$(grep -c '^ok ' "$log")" \
	    "$(grep -cE '^(not )?ok ' "$log")"
	[ "$rc" -ne 124 ] || printf ' (timeout)'
}

run=$(mktemp -d)
export XDG_RUNTIME_DIR=$run AUTOMODE_STATE_DIR=$work/state
trap '"$build/bin/automode" gateway --stop >/dev/null 2>&1; rm -rf "$run"' EXIT
chmod 700 "$run"
code=$("$build/bin/automode" env)
session=$(sed -n 's/.*AUTOMODE_SESSION=\([A-Za-z0-9_-]*\).*/\1/p' <<<"$code" | head -n 1)
export AUTOMODE_SESSION=$session
printf '%-44s %12s %12s\n' script plain shim
differ=0 same=0
for s in "${scripts[@]}"; do
	a=$(run_one "$s" plain /usr/bin)
	b=$(run_one "$s" shim "$build/lib/automode/shims")
	mark=
	if [ "$a" = "$b" ]; then same=$((same + 1)); else
		differ=$((differ + 1))
		mark=' <'
	fi
	printf '%-44s %12s %12s%s\n' "$s" "$a" "$b" "$mark"
done
echo "$same passed, $differ failed"
