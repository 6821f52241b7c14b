#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# A staged version that neither HEAD nor the file has any more: whatever takes
# its place in the index leaves it in the vault.

load world

setup() {
	make_world
	make_repo
	printf 'precious\n' >file
	/usr/bin/git add file
	printf 'later\n' >file
	id=$(/usr/bin/git rev-parse :file)
	as_agent
}

teardown() {
	end_world
}

comes_back() {
	local before
	before=$(state)
	run "$@"
	[ "$status" = 0 ]
	[[ $output = *"automode: kept "* ]]
	/usr/bin/git reflog expire --expire=now --all
	/usr/bin/git gc -q --prune=now
	"$automode" undo
	[ "$(/usr/bin/git rev-parse :file)" = "$id" ]
	[ "$(/usr/bin/git cat-file blob "$id")" = precious ]
	[ "$(cat file)" = later ]
}

@test "staged: git add" {
	comes_back git add file
}

@test "staged: git add -A" {
	comes_back git add -A
}

@test "staged: git commit -a" {
	comes_back git commit -q -a -m later
}

@test "staged: git commit PATH" {
	comes_back git commit -q -m later file
}

@test "staged: git update-index" {
	comes_back git update-index file
}

@test "staged: merge and rebase that put changes aside" {
	/usr/bin/git stash -q
	/usr/bin/git checkout -q -b ahead
	/usr/bin/git commit -q --allow-empty -m ahead
	/usr/bin/git checkout -q main
	/usr/bin/git commit -q --allow-empty -m beside
	/usr/bin/git stash pop -q --index
	comes_back git merge -q --autostash -m both ahead
	comes_back git rebase -q --autostash ahead
	/usr/bin/git config merge.autoStash true
	comes_back git merge -q -m both ahead
}

@test "staged: where the index changed since, undo says where it put it" {
	local at
	git commit -q -a -m later
	printf 'other\n' >other
	git add other
	run "$automode" undo
	at=$(sed -n 's/^index was changed since; restored as //p' <<<"$output")
	[ "${at%/*}" = "$PWD/.git" ]
	[ -f "$at" ]
	[ "$(GIT_INDEX_FILE=$at /usr/bin/git rev-parse :file)" = "$id" ]
}

@test "staged: the file is gone" {
	rm file
	printf 'later\n' >kept
	run git add -A
	[[ $output = *"automode: kept "* ]]
	"$automode" undo
	[ "$(/usr/bin/git rev-parse :file)" = "$id" ]
}

@test "staged: what keeps its place, or is in HEAD or on disk, is no loss" {
	printf 'other\n' >other
	run git add other
	[ "$output" = "" ]
	run git commit -q -m 'what is staged'
	[ "$output" = "" ]
	run git add -A
	[ "$output" = "" ]
	printf 'again\n' >file
	git add file
	run git commit -q -a -m again
	[ "$output" = "" ]
	printf 'more\n' >>file
	run git commit -q -a -m more
	[ "$output" = "" ]
}

@test "staged: in the repository's first index" {
	rm -rf "$HOME/project" 2>/dev/null || /bin/rm -rf "$HOME/project"
	mkdir "$HOME/project"
	cd "$HOME/project"
	/usr/bin/git init -q
	printf 'precious\n' >file
	/usr/bin/git add file
	printf 'later\n' >file
	PATH=$plain_path
	"$automode" gateway --stop
	unset AUTOMODE_SESSION
	as_agent
	run git add .
	[[ $output = *"automode: kept "* ]]
	"$automode" undo
	[ "$(/usr/bin/git cat-file blob :file)" = precious ]
}
