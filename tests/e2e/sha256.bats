#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Repositories with sha256 objects, which libgit2 1.5 cannot read: everyday
# work runs, and what it loses comes back byte for byte.

load world

setup() {
	make_world
	export GIT_DEFAULT_HASH=sha256
	make_repo
	/usr/bin/git tag -a -m v1 v1
	as_agent
}

teardown() {
	end_world
}

# Runs it, and undo brings everything back.
comes_back() {
	local before
	before=$(state)
	"$@"
	[ "$(state)" != "$before" ]
	"$automode" undo
	diff <(printf '%s\n' "$before") <(state)
}

drop_unreachable() {
	/usr/bin/git reflog expire --expire=now --all
	/usr/bin/git gc -q --prune=now
}

@test "sha256: everyday work runs and is not noticed" {
	[ "$(/usr/bin/git rev-parse HEAD | wc -c)" = 65 ]
	echo more >>file
	git add file
	git commit -q -m more
	git checkout -q topic
	git rebase -q main
	git checkout -q main
	git merge -q topic
	git branch -d topic
	git switch -q -c next
	git commit -q --allow-empty -m next
	git switch -q -
	[ "$("$automode" status | grep -c denied:)" = 0 ]
}

@test "sha256: discarded work comes back" {
	make_dirty
	comes_back git reset -q --hard
	comes_back git reset -q --hard HEAD~1
	comes_back git checkout -q -f topic
	comes_back git clean -q -fdx
	comes_back git stash -q -u
	comes_back git rm -rqf file
}

@test "sha256: a branch, a tag and a stash come back after a gc" {
	git stash list
	echo stashed >>file
	/usr/bin/git stash -q
	local was tag stash
	was=$(/usr/bin/git rev-parse topic)
	tag=$(/usr/bin/git rev-parse v1)
	stash=$(/usr/bin/git rev-parse stash)
	git branch -q -D topic
	git tag -d v1
	git stash drop -q
	drop_unreachable
	! /usr/bin/git cat-file -e "$was"
	"$automode" undo
	"$automode" undo --last
	"$automode" undo --last
	[ "$(/usr/bin/git rev-parse topic)" = "$was" ]
	[ "$(/usr/bin/git rev-parse v1)" = "$tag" ]
	[ "$(/usr/bin/git rev-parse stash)" = "$stash" ]
	/usr/bin/git fsck --connectivity-only
}

@test "sha256: a staged version that only the index had comes back after a gc" {
	echo precious >file
	/usr/bin/git add file
	local id
	id=$(/usr/bin/git rev-parse :file)
	git reset -q --hard
	drop_unreachable
	"$automode" undo
	[ "$(/usr/bin/git cat-file blob "$id")" = precious ]
	[ "$(/usr/bin/git rev-parse :file)" = "$id" ]
}

@test "sha256: what gc prunes comes back" {
	local was
	was=$(/usr/bin/git rev-parse topic)
	/usr/bin/git branch -q -D topic
	/usr/bin/git reflog expire --expire=now --all
	git gc -q --prune=now
	! /usr/bin/git cat-file -e "$was"
	"$automode" undo
	/usr/bin/git cat-file -e "$was"
}

@test "sha256: push, fetch and clone" {
	git clone -q "$HOME/project.git" "$HOME/copy"
	git push -q origin topic
	echo x >>file
	git commit -q -a -m x
	git push -q origin main
	git -C "$HOME/copy" fetch -q
	git -C "$HOME/copy" pull -q --ff-only
	git checkout -q topic
	git commit -q --amend -m other
	# what its old commits are cannot be told: it is not done without a word
	run git push -q --force-with-lease origin topic
	[ "$status" = 126 ]
	[ "$(/usr/bin/git -C ../project.git rev-parse topic)" != "$(/usr/bin/git rev-parse topic)" ]
}
