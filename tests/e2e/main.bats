#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The main job, end to end.

load world

setup() { make_world; make_repo; as_agent; }
teardown() { end_world; }

@test "the shims come first and the session is known" {
	[ "$(command -v git)" != /usr/bin/git ]
	[ -n "$AUTOMODE_SESSION" ]
	run git status -sb
	[ "$status" -eq 0 ]
	[ "${lines[0]}" = "## main...origin/main" ]
}

@test "a branch that is nowhere else comes back" {
	before=$(state)
	run git branch -D topic
	[ "$status" -eq 0 ]
	[[ "$output" == *"automode: kept"*"automode undo"* ]]
	! /usr/bin/git rev-parse -q --verify topic
	run "$automode" undo
	[ "$status" -eq 0 ]
	[ "$before" = "$(state)" ]
}

@test "reset --hard and clean -fdx come back byte for byte" {
	make_dirty
	before=$(state)
	git reset --hard
	git clean -fdx
	[ ! -e ignored ]
	[ ! -e staged ]
	"$automode" undo
	"$automode" undo
	[ "$before" = "$(state)" ]
}

@test "undo can be undone" {
	make_dirty
	git reset -q --hard
	after=$(state)
	run "$automode" undo
	[ "$status" -eq 0 ]
	run "$automode" undo --list --json
	id=$(grep -o '"id":[0-9]*' <<<"$output" | head -n 1 | cut -d: -f2)
	run "$automode" undo "$id"
	[ "$status" -eq 0 ]
	[ "$after" = "$(state)" ]
}

@test "a clean reset says nothing and keeps nothing" {
	run git reset --hard
	[ "$status" -eq 0 ]
	[[ "$output" != *automode* ]]
}

@test "a force push over others' work is denied, with reason and status 126" {
	/usr/bin/git clone -q ../project.git ../colleague
	/usr/bin/git -C ../colleague -c user.name=Ben -c user.email=b@x \
	    commit -q --allow-empty -m theirs
	/usr/bin/git -C ../colleague push -q origin main
	before=$(/usr/bin/git -C ../project.git for-each-ref)
	run git push --force origin main
	[ "$status" -eq 126 ]
	[[ "$output" == *"automode: denied: "* ]]
	run git push origin +main
	[ "$status" -eq 126 ]
	[ "$before" = "$(/usr/bin/git -C ../project.git for-each-ref)" ]
}

@test "a known credential does not go with a push" {
	key=aB3dE5fG7hI9jK1lM2nO
	echo "PAY_SECRET=$key" >.env
	was=$(/usr/bin/git -C ../project.git for-each-ref)
	refused() { # WHERE REF...
		run git push -q origin "${@:2}"
		echo "$output"
		[ "$status" -eq 126 ]
		[[ "$output" == *"PAY_SECRET in .env in $1"* ]]
		[[ "$output" != *"$key"* ]]
		[ "$was" = "$(/usr/bin/git -C ../project.git for-each-ref)" ]
	}
	/usr/bin/git checkout -qb way
	git commit -q --allow-empty -m "it is $key"
	refused "the message of" way
	refused "the message of" HEAD:refs/heads/other
	/usr/bin/git reset -q --hard HEAD~1
	echo "pay($key)" >pay.sh
	git add pay.sh
	git commit -qm pay
	/usr/bin/git rm -q pay.sh
	git commit -qm unpay
	refused "pay.sh of" way
	/usr/bin/git reset -q --hard HEAD~2
	git tag -am "$(base64 -w0 <<<"$key")" t
	refused "the tag t" t
	git notes add -m "$key"
	refused "" refs/notes/commits
	git tag one "$(git hash-object -w --stdin <<<"$key")"
	refused "the object" one
	# one for tests is for everybody
	cp .env .env.test
	git add -f .env.test
	git commit -qm tests
	git push -q origin way
}

@test "an own branch may be force-pushed and comes back" {
	git push -q origin topic
	old=$(/usr/bin/git -C ../project.git rev-parse topic)
	git checkout -q topic
	git commit -q --amend -m again
	run git push origin +topic:topic
	[ "$status" -eq 0 ]
	[ "$old" != "$(/usr/bin/git -C ../project.git rev-parse topic)" ]
	run "$automode" undo
	[ "$status" -eq 0 ]
	[ "$old" = "$(/usr/bin/git -C ../project.git rev-parse topic)" ]
}

@test "stash drop, reflog expire and gc --prune=now come back" {
	make_dirty
	/usr/bin/git stash -q -u
	before=$(state)
	objects=$(/usr/bin/git cat-file --batch-all-objects --batch-check)
	git stash drop -q
	git reflog expire --expire=now --all
	git gc -q --prune=now
	for _ in 1 2 3; do "$automode" undo; done
	[ "$before" = "$(state)" ]
	[ "$objects" = "$(/usr/bin/git cat-file --batch-all-objects \
	    --batch-check)" ]
}

@test "a hook runs without network and without the person's home" {
	printf 'secret\n' >"$HOME/.netrc"
	cat >.git/hooks/pre-commit <<-'X'
		#!/bin/sh
		cat "$HOME/.netrc" && exit 1
		echo planted >"$HOME/planted"
		exit 0
	X
	/bin/chmod +x .git/hooks/pre-commit
	run git commit -q --allow-empty -m x
	[ "$status" -eq 0 ]
	[ ! -e "$HOME/planted" ]
}

@test "a hook that reaches for the network is told which key would allow it" {
	cat >.git/hooks/pre-commit <<-'X'
		#!/bin/sh
		python3 -c 'import socket; socket.create_connection(("127.0.0.1", 9))'
		exit 0
	X
	/bin/chmod +x .git/hooks/pre-commit
	run git commit -q --allow-empty -m x
	[ "$status" -eq 0 ]
	[[ "$output" == *"hooks"*"network = true"* ]]
}

@test "a command cannot plant a hook or change the configuration" {
	/usr/bin/git config alias.evil '!printf "#!/bin/sh\n" > .git/hooks/post-commit; git config core.pager evil'
	config=$(cat .git/config)
	run git evil
	[ ! -e .git/hooks/post-commit ]
	[ "$config" = "$(cat .git/config)" ]
}

@test "the record is chained and verifies" {
	git status
	git branch -D topic
	run "$automode" log --verify
	[ "$status" -eq 0 ]
	run "$automode" log --json -n 20
	[[ "$output" == *"branch -D topic"* ]]
}

@test "unknown options and commands are not guessed at" {
	run git branch --frobnicate
	[ "$status" -ne 0 ]
	[ "$status" -ne 126 ] || [[ "$output" == *frobnicate* ]]
	run git reset --h
	[ "$status" -eq 0 ]
}

@test "check tells the verdict without running anything" {
	make_dirty
	before=$(state)
	run "$automode" check --json -- git reset --hard
	[ "$status" -eq 0 ]
	[[ "$output" == *'"verdict":"allow"'* ]]
	[[ "$output" == *'"reversible":"snapshot"'* ]]
	[[ "$output" == *'"box":"git-write"'* ]]
	[ "$before" = "$(state)" ]
}
