#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# git's own test suite through the shim, script by script, beside the same
# scripts with the plain installed git.
#
#	run.sh BUILD [SCRIPT...]	default: the scripts in scripts.txt
#
# For each script: passed/total with plain git, with the shim, and the numbers
# of the tests that pass plainly and fail with the shim, without those of
# known.txt.  Variables:
#
#	GIT_SUITE_DIR	where the source lies or is put (build-suite)
#	GIT_SUITE_OUT	logs and trash directories (a folder in /tmp, removed
#			when all is well); plain results are taken from there
#			when they are there already
#	GIT_SUITE_JOBS	scripts at a time (1)
#	GIT_SUITE_OPTS	options for the scripts, as "-v -i"
#
# The source of the installed version comes from Debian (a deb-src entry of
# our own, in a folder of our own); its test helpers are built, its git is not
# used: GIT_TEST_INSTALLED names the folder that holds the git to test.
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
# Hooks and editors of the tests call test-tool; boxes show what is on PATH
# in folders of programs, which t/helper does not look like.
mkdir -p "$work/bin"
for f in t/helper/test-*; do
	[ ! -x "$f" ] || [ "$work/bin/${f##*/}" -nt "$f" ] ||
		cp "$f" "$work/bin/"
done
cd t
[ $# -gt 0 ] || mapfile -t scripts < <(sed 's/#.*//; /^ *$/d' "$here/scripts.txt")
[ $# -eq 0 ] || scripts=("$@")

out=${GIT_SUITE_OUT:-}
keep=$out
[ -n "$out" ] || out=$(mktemp -d /tmp/git-suite.XXXXXX)
mkdir -p "$out/plain" "$out/shim" "$out/trash" "$out/cwd"
state=$(mktemp -d /tmp/git-suite-gateway.XXXXXX)
mkdir -m 700 "$state/run" "$state/state"
export XDG_RUNTIME_DIR=$state/run AUTOMODE_STATE_DIR=$state/state
unset AUTOMODE_SESSION GIT_DIR GIT_WORK_TREE
trap '"$build/bin/automode" gateway --stop >/dev/null 2>&1; rm -rf "$state"' EXIT
code=$(cd "$out/cwd" && "$build/bin/automode" env)
AUTOMODE_SESSION=$(eval "$code" && printf %s "$AUTOMODE_SESSION")
export AUTOMODE_SESSION PATH=$PATH:$work/bin

run_one() { # script, "plain" or "shim", folder of git
	local log=$out/$2/${1%.sh}.log rc=0
	# shellcheck disable=SC2086
	GIT_TEST_INSTALLED=$3 GIT_TEST_EXEC_PATH=/usr/lib/git-core \
	    TEST_OUTPUT_DIRECTORY=$out/$2 \
	    timeout -k 5 "${GIT_SUITE_TIMEOUT:-900}" \
	    sh "./$1" --root="$out/trash/$2" ${GIT_SUITE_OPTS:-} \
	    </dev/null >"$log.new" 2>&1 || rc=$?
	[ "$rc" -ne 124 ] || echo "# timeout" >>"$log.new"
	mv "$log.new" "$log"
	rm -rf "$out/trash/$2/trash directory.${1%.sh}"
}

numbers() { # of the tests that passed, one to a line
	sed -n 's/^ok \([0-9]*\).*/\1/p' "$1"
}

known() { # script: its numbers, ranges written out
	awk -v s="${1%%-*}" '$1 == s {
		n = split($2, part, ",")
		for (i = 1; i <= n; i++) {
			m = split(part[i], r, "-")
			for (j = r[1]; j <= r[m]; j++)
				print j
		}
	}' "$here/known.txt"
}

compare() { # script; the line of the table on stdout
	local p=$out/plain/${1%.sh}.log s=$out/shim/${1%.sh}.log bad note=
	bad=$(comm -23 <(numbers "$p" | sort) \
	    <(cat <(numbers "$s") <(known "$1") | sort) | sort -n |
	    paste -sd, -)
	grep -q '^# timeout' "$p" "$s" && note=' (timeout)'
	[ "$(grep -cE '^(not )?ok ' "$s")" -gt 0 ] ||
		grep -q '^1\.\.0' "$s" || note="$note (no tests ran)"
	[ -z "$bad$note" ] || note="$note < $bad"
	printf '%-44s %12s %12s%s\n' "$1" \
	    "$(grep -c '^ok ' "$p")/$(grep -cE '^(not )?ok ' "$p")" \
	    "$(grep -c '^ok ' "$s")/$(grep -cE '^(not )?ok ' "$s")" "$note"
}

both() {
	[ -s "$out/plain/${1%.sh}.log" ] || run_one "$1" plain /usr/bin
	run_one "$1" shim "$build/lib/automode/shims"
	compare "$1"
}

printf '%-44s %12s %12s\n' script plain shim
: >"$out/table"
for s in "${scripts[@]}"; do
	while [ "$(jobs -pr | wc -l)" -ge "${GIT_SUITE_JOBS:-1}" ]; do
		wait -n || true
	done
	both "$s" | tee -a "$out/table" &
done
wait
failed=$(grep -c '<' "$out/table" || true)
echo "$((${#scripts[@]} - failed)) passed, $failed failed"
if [ -z "$keep" ] && [ "$failed" -eq 0 ]; then
	rm -rf "$out"
else
	echo "logs in $out"
fi
[ "$failed" -eq 0 ]
