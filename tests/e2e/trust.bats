#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# A repository's .automode: it tightens; it loosens when its owner has read it.

load world
load person

setup() {
	make_world
	make_repo
	as_agent
	printf '[effect "ref.delete"]\n\toutside = allow\n[network]\n\ttrust = a.example.com\n' >.automode
}
teardown() { end_world; }

loosened() {
	"$automode" profile | grep -q '^network.trust = a.example.com'
}

@test "untrusted it loosens nothing, and that is said" {
	run "$automode" profile
	[[ "$output" == *"not trusted"* ]]
	! loosened
	"$automode" rules --json | python3 -c 'import json, sys
print([r["word"] for r in json.load(sys.stdin)
       if (r["effect"], r["scope"]) == ("ref.delete", "outside")])' |
		grep -q ask
}

@test "trust shows what it loosens, and holds for that content at that place" {
	run "$automode" trust --dry-run
	[ "$status" -eq 0 ]
	[[ "$output" == *"effect.ref.delete.outside: ask -> allow"* ]]
	[[ "$output" == *"network.trust = a.example.com"* ]]
	! loosened
	person trust --yes
	loosened
	# any change ends it, and the same bytes bring it back
	/usr/bin/cp .automode ../kept
	printf '\n' >>.automode
	! loosened
	/usr/bin/cp ../kept .automode
	loosened
	# not at another place
	mkdir ../other && cd ../other && /usr/bin/git init -q && /usr/bin/cp ../kept .automode
	! loosened
	cd ../project
	"$automode" untrust
	! loosened
}

@test "no agent trusts for a person" {
	run "$automode" trust --yes
	[ "$status" -eq 126 ]
	run env -u AUTOMODE_SESSION "$automode" trust --yes
	[ "$status" -eq 126 ]
	! loosened
	# nor by writing the list with a tool
	person trust --yes
	hash=$(cut -d' ' -f1 "$AUTOMODE_STATE_DIR/trust")
	[ ${#hash} -eq 64 ]
}

@test "asked at the terminal: no is no" {
	run person_says n trust
	! loosened
	run person_says y trust
	loosened
}

@test "a link, a FIFO, a huge file and an include are errors with names" {
	/usr/bin/rm .automode
	/usr/bin/ln -s /etc/passwd .automode
	run git status

	[ "$status" -eq 126 ]
	[[ "$output" == *".automode is a symbolic link"* ]]
	/usr/bin/rm .automode
	mkfifo .automode
	run timeout 10 git status
	[ "$status" -eq 126 ]
	[[ "$output" == *".automode is no regular file"* ]]
	/usr/bin/rm .automode
	head -c 2000000 /dev/zero | tr '\0' '#' >.automode
	run git status
	[ "$status" -eq 126 ]
	[[ "$output" == *".automode is larger than 1048576 bytes"* ]]
	printf '[include]\n\tpath = /etc/passwd\n' >.automode
	run git status
	[ "$status" -eq 126 ]
	[[ "$output" == *"includes are refused"* ]]
	[[ "$output" == *".automode:1: includes"* ]]
	# wherever libgit2 would see one, and without opening what it names
	mkfifo "$world/fifo"
	for text in '\xef\xbb\xbf[include]' '\r[include]' '\v[Include]' \
		'\f[INCLUDE]' '[protect][include]' '[protect] [include]' \
		'[protect]branch=x\n[includeIf "gitdir:/"]'; do
		printf "$text\n\tpath = $world/fifo\n" >.automode
		run timeout 10 git status
		[ "$status" -eq 126 ]
		[[ "$output" == *"includes are refused"* ]]
	done
	printf '[effect "ref.delete"]\n\tworkspce = ask\n' >.automode
	run git status
	[ "$status" -eq 126 ]
	[[ "$output" == *".automode:2: unknown key effect.ref.delete.workspce; the nearest is effect.ref.delete.workspace"* ]]
	printf '[approval]\n\tnotify = /bin/true\n' >.automode
	run git status
	[ "$status" -eq 126 ]
	[[ "$output" == *".automode:2: approval.notify may only stand in"* ]]
}

@test "the way out of a broken profile is open, and no other" {
	/usr/bin/git add .automode
	/usr/bin/git commit -qm profile
	printf '[protect]\n\tbranch = x\n' >../good
	broken() { printf '[protect\nbranch = x\n' >.automode; }
	mended() { "$automode" profile >/dev/null; }
	broken
	run git status
	[ "$status" -eq 126 ]
	[[ "$output" == *".automode:1: missing ']' in section header"* ]]
	[[ "$output" == *"rm .automode"* ]]
	[[ "$output" != *"/proc/"* ]]
	run "$automode" rules
	[ "$status" -eq 1 ]
	[[ "$output" == *".automode:1: missing ']'"* ]]
	for line in "rm file" "rm .automode file" "mv .automode gone" \
		"git reset --hard" "git push" "cp .automode file"; do
		run $line
		[ "$status" -eq 126 ] || { echo "$line: $output"; return 1; }
		[ -e .automode ] && [ -e file ]
	done
	# what was said and done can be read
	"$automode" status
	"$automode" log -n 1
	"$automode" undo --list
	rm .automode
	[ ! -e .automode ]
	git status
	/usr/bin/git checkout -q -- .automode
	broken
	git checkout -- .automode
	mended
	broken
	git restore .automode
	mended
	broken
	cp ../good .automode
	mended
	broken
	sed -i 's/^.protect$/[protect]/' .automode
	mended
	broken
	mkdir -p sub
	(cd sub && rm ../.automode)
	[ ! -e .automode ]
	# one that cannot be read at all goes, too
	mkfifo .automode
	rm .automode
	/usr/bin/ln -s /etc/passwd .automode
	run cp ../good .automode
	[ "$status" -eq 126 ]
	rm .automode
	[ ! -L .automode ]
	git status
}

@test "the owner's own file, writable by others, is not the owner's" {
	/usr/bin/rm .automode
	mkdir -p "$HOME/.config/automode"
	printf '[hooks]\n\tnetwork = true\n' >"$HOME/.config/automode/policy"
	/usr/bin/chmod 666 "$HOME/.config/automode/policy"
	run git status
	[ "$status" -eq 126 ]
	[[ "$output" == *"may be written by others"* ]]
	/usr/bin/chmod 600 "$HOME/.config/automode/policy"
	git status
}

@test "a trust list that others may write trusts nothing" {
	person trust --yes
	loosened
	/usr/bin/chmod 666 "$AUTOMODE_STATE_DIR/trust"
	! loosened
}

# Every key of the table, "section sub name type choices power" a line.
keys() {
	tr '\n' ' ' <"$BATS_TEST_DIRNAME/../../gateway/policy/keys.c" |
		grep -oE '\{"[a-z]*", SUB_[A-Z]*, ("[a-zA-Z]*"|NULL), TYPE_[A-Z]*, POWER_[A-Z]*' |
		tr -d '{",'
}

# A value that loosens as far as it can.
value() {
	case $1 in
	TYPE_WORD) echo allow ;;
	TYPE_BOOL) [ "$2" = required ] && echo false || echo true ;;
	TYPE_NUMBER) echo 999 ;;
	TYPE_DURATION) echo 1h ;;
	TYPE_PATH) echo /zzz ;;
	TYPE_CHOICE) [ "$2" = api ] && echo openai || echo read-write ;;
	*) echo "zzz.example" ;;
	esac
}

@test "each key, tried by an untrusted file" {
	mkdir -p "$HOME/.config/automode"
	printf '[database "prod"]\n\thost = db.example\n\taccess = read-only\n[hooks]\n\tnetwork = false\n' \
		>"$HOME/.config/automode/policy"
	/usr/bin/rm .automode
	"$automode" rules --json >"$world/rules"
	n=0
	while read -r section sub name type power; do
		n=$((n + 1))
		case $sub in
		SUB_EFFECT) head='effect "ref.overwrite"' name=any ;;
		SUB_NAME) head="$section \"prod\"" ;;
		*) head=$section ;;
		esac
		printf '[%s]\n\t%s = %s\n' "$head" "$name" \
			"$(value "$type" "$name")" >.automode
		run git status
		if [ "$power" = POWER_OWNER ]; then
			[ "$status" -eq 126 ] ||
				{ echo "$section.$name: $output"; return 1; }
			[[ "${output,,}" == *".automode:2: $section.${name,,} may only stand in"* ]] ||
				{ echo "$section.$name: $output"; return 1; }
			continue
		fi
		[ "$status" -eq 0 ] || { echo "$section.$name: $output"; return 1; }
		"$automode" rules --json | /usr/bin/cmp - "$world/rules" ||
			{ echo "$section.$name loosens"; return 1; }
		if [ "$power" = POWER_LOOSENS ]; then
			! "$automode" profile | grep -v '^;' | grep -q 'zzz\|network = true'
		fi
		"$automode" profile | grep -q 'prod.access = read-only'
	done < <(keys)
	[ "$n" -ge 25 ]
}

@test "every effect in every scope, tried by an untrusted file" {
	/usr/bin/rm .automode
	"$automode" rules --json >"$world/rules"
	python3 -c 'import json, sys
for r in json.load(open(sys.argv[1])):
    print("[effect \"%s\"]\n\t%s = allow" % (r["effect"], r["scope"]))' \
		"$world/rules" >.automode
	[ "$(grep -c allow .automode)" -gt 100 ]
	"$automode" rules --json | /usr/bin/cmp - "$world/rules"
}

# The session that such shell code names.
session_of() {
	sed -n "s/^export AUTOMODE_SESSION='\([^']*\)'.*/\1/p" <<<"$1"
}

@test "what it forbids stays forbidden for the session that met it" {
	local way
	mkdir infra
	echo a >infra/x
	printf '[protect]\n\tpath = infra/**\n\tbranch = keep\n' >.automode
	git add infra .automode
	git commit -qm profile
	git branch keep
	git branch -q bare HEAD~1
	/usr/bin/cp .automode ../kept
	for way in 'rm .automode' ': >.automode' 'git checkout -q bare' \
		'git rm -q .automode' 'printf "[protect]\n" | tee .automode' \
		'mv .automode away' '/usr/bin/rm .automode'; do
		echo "$way"
		eval "$way"
		mkdir -p infra
		[ -e infra/x ] || echo a >infra/x
		run rm infra/x
		echo "$output"
		[ "$status" -eq 126 ]
		run git branch -D keep
		[ "$status" -eq 126 ]
		# nor does it help to leave the session, or to begin another
		run env -u AUTOMODE_SESSION rm infra/x
		[ "$status" -eq 126 ]
		run env AUTOMODE_SESSION=none rm infra/x
		[ "$status" -eq 126 ]
		run env AUTOMODE_SESSION="$(session_of "$("$automode" env)")" \
			rm infra/x
		[ "$status" -eq 126 ]
		/usr/bin/git checkout -qf main
		/usr/bin/git reset -q --hard
		cmp .automode ../kept
	done
	# another work tree is another matter
	rm file
	# the owner ends it, or a new session of the owner's
	printf '[protect]\n\tbranch = other\n' >.automode
	run git branch -D keep
	[ "$status" -eq 126 ]
	person trust --yes
	git branch -q -D keep
	rm infra/x
	[ ! -e infra/x ]
	/usr/bin/git checkout -q -- infra
	rm .automode
	AUTOMODE_SESSION=$(session_of "$(person env)")
	rm infra/x
	/usr/bin/git checkout -q -- infra
	env -u AUTOMODE_SESSION rm infra/x
}
