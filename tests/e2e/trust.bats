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
	printf '[effect "ref.delete"]\n\tworkspce = ask\n' >.automode
	run git status
	[ "$status" -eq 126 ]
	[[ "$output" == *".automode:2: unknown key effect.ref.delete.workspce; the nearest is effect.ref.delete.workspace"* ]]
	printf '[approval]\n\tnotify = /bin/true\n' >.automode
	run git status
	[ "$status" -eq 126 ]
	[[ "$output" == *".automode:2: approval.notify may only stand in"* ]]
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
