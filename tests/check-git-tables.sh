#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Compares the option tables with what the installed git says of itself
# (--git-completion-helper-all and -h).  An option, letter or kind of value
# that the tables lack or have otherwise is a failure; what only the tables
# have without being marked newer, older or hidden is a note.  TAP.
#
#	tests/check-git-tables.sh [BUILD-FOLDER]

build=$(cd "${1:-build}" && pwd) || exit 1
run=$build/tests/run_grammar
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM
export HOME="$tmp" GIT_CONFIG_NOSYSTEM=1 GIT_PAGER=cat GIT_TERMINAL_PROMPT=0
export GIT_CONFIG_GLOBAL=/dev/null LC_ALL=C

"$run" --dump >"$tmp/dump" || { echo "not ok 1 - dump"; exit 1; }
git init -q "$tmp/repo" && cd "$tmp/repo" || exit 1
git -c user.name=a -c user.email=a@b commit -q --allow-empty -m one

# One "NAME LETTER KIND" per option of `git CMD -h`; NAME or LETTER may be -.
usage() {
	awk '
	/^    (-|\()/ {
		line = substr($0, 5); name = "-"; letter = "-"; kind = "F"
		sub(/   .*/, "", line)
		if (line ~ /^-NUM/) { print "-", "-", "N"; next }
		if (line ~ /^[()]/) { print "-", substr(line, 1, 1), "F"; next }
		if (line !~ /^--?[A-Za-z0-9]/ && line !~ /^--\[no-\]/) next
		if (line ~ /^-[^-]/) {
			letter = substr(line, 2, 1); line = substr(line, 3)
			sub(/^, /, "", line)
		}
		if (line ~ /^--/) {
			sub(/^--\[no-\]/, "--", line)
			match(line, /^--[A-Za-z0-9-]+/)
			name = substr(line, 3, RLENGTH - 2)
			line = substr(line, RLENGTH + 1)
		}
		if (line ~ /^\[/) kind = "O"
		else if (line ~ /^ ./ && line !~ /^  /) kind = "A"
		print name, letter, kind
	}'
}

# "NAME ? ?" per long option of the completion helper, without negations.
helper() {
	tr ' ' '\n' | awk '
	/^--$/ { next }
	/^--/ { sub(/^--/, ""); sub(/=.*/, ""); print $0, "?", "?" }'
}

n=0
failed=0
check() {
	cmd=$1
	# shellcheck disable=SC2086
	{
		git $cmd --git-completion-helper-all </dev/null 2>/dev/null \
			>"$tmp/helper" && helper <"$tmp/helper"
		git $cmd -h </dev/null 2>&1 | usage
	} >"$tmp/says"
	# as the table: exactly parse-options output, or nothing to compare
	n=$((n + 1))
	if awk -F'\t' -v cmd="$cmd" '
	function negated(s) { return substr(s, 1, 3) == "no-" ? substr(s, 4) : "no-" s }
	NR == FNR {
		if ($1 == cmd && $2 == ".") exact = $4 == "exact"
		if ($1 != cmd || $2 == "." || $4 == "S")
			next
		if ($4 == "N") { have["#"] = 1; next }
		if ($2 != "-") { have["--" $2] = 1; kind["--" $2] = kind["--" $2] $4 }
		if ($2 != "-" && $7 == 1 && $5 !~ /[\^~h]/) plain[$2] = 1
		if ($3 != "-") {
			have["-" $3] = 1
			kind["-" $3] = kind["-" $3] $4
			if ($2 != "-") pair[$2, $3] = 1
		}
		next
	}
	{
		split($0, x, " ")
		name = x[1]; letter = x[2]; k = x[3]
		said[name] = said[negated(name)] = 1
		if (k == "N") {
			if (!("#" in have)) { print "# missing: -NUM"; bad = 1 }
			next
		}
		if (name == "help") next
		if (name != "-" && !(("--" name) in have) &&
		    !(("--" negated(name)) in have)) {
			print "# missing: --" name; bad = 1; next
		}
		if (k == "?" || name == "cacheinfo") next
		if (letter != "-" && !(("-" letter) in have)) {
			print "# missing: -" letter; bad = 1; next
		}
		if (name != "-" && letter != "-" && !((name, letter) in pair) &&
		    !((negated(name), letter) in pair) &&
		    !(cmd == "repack" && letter == "m")) {
			print "# not paired: -" letter " --" name; bad = 1
		}
		key = name != "-" ? "--" name : "-" letter
		if (!(key in have)) key = "--" negated(name)
		got = kind[key]
		ok = index(got, k) || (k == "A" && got ~ /[LEX]/)
		# 2.39 has a flag where newer git has an optional value
		if (k == "F" && got ~ /O/) ok = 1
		if (!ok) { print "# " key ": git says " k ", table " got; bad = 1 }
	}
	END {
		for (name in plain)
			if (!exact && !(name in said))
				print "# only in the table: --" name
		exit bad
	}' "$tmp/dump" "$tmp/says"; then
		echo "ok $n - git $cmd: $(sort -u "$tmp/says" | wc -l) entries"
	else
		echo "not ok $n - git $cmd"
		failed=1
	fi
}

tab=$(printf '\t')
for cmd in $(git --list-cmds=builtins); do
	if ! grep -q "^$cmd$tab\.$tab" "$tmp/dump"; then
		n=$((n + 1))
		echo "not ok $n - no table for git $cmd"
		failed=1
		continue
	fi
	grep -q "^$cmd$tab\.$tab-${tab}raw" "$tmp/dump" && continue
	case $cmd in
	config) # before 2.46 the table without subcommands
		sed "s/^config $tab/config$tab/" "$tmp/dump" >"$tmp/dump2"
		mv "$tmp/dump2" "$tmp/dump"
		;;
	rev-parse | rev-list | diff-* | daemon | fast-import)
		continue # say nothing that could be compared
		;;
	esac
	check "$cmd"
	awk -F'\t' -v c="$cmd" '$1 == c && $4 == "S" { print $2 }' \
		"$tmp/dump" >"$tmp/subs"
	while read -r sub; do
		if git "$cmd" "$sub" -h </dev/null 2>&1 |
			grep -q "^usage: git $cmd.* $sub" &&
			grep -q "^$cmd $sub$tab\.$tab-${tab}spec" "$tmp/dump"; then
			check "$cmd $sub"
		fi
	done <"$tmp/subs"
done
for cmd in request-pull instaweb quiltimport subtree imap-send; do
	[ -x "$(git --exec-path)/git-$cmd" ] && check $cmd
done
echo "1..$n"
exit $failed
