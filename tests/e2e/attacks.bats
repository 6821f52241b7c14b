#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Ways round the gateway that were tried: what they would lose is kept, what
# they reach for is not there, what they break is refused with a reason.

load world

setup() { make_world; make_repo; make_dirty; }
teardown() {
	[ -z "${victim:-}" ] || kill "$victim" 2>/dev/null || true
	end_world
}

eater='#!/bin/sh
rm -rf ignored untracked a.log
'

# The command's victims come back.
undone() { # state before
	run "$automode" undo
	[ "$status" -eq 0 ]
	[ "$1" = "$(state)" ]
}

@test "an old program linked in as a hook: kept and undone" {
	printf '%s' "$eater" >"$HOME/eater"
	/bin/chmod +x "$HOME/eater"
	sleep 0.1
	as_agent
	/bin/ln -s "$HOME/eater" .git/hooks/post-checkout
	before=$(state)
	git checkout -q -f topic
	undone "$before"
}

@test "a folder of old programs moved in as hooks: kept and undone" {
	mkdir "$HOME/old"
	printf '%s' "$eater" >"$HOME/old/post-checkout"
	/bin/chmod +x "$HOME/old/post-checkout"
	sleep 0.1
	as_agent
	/bin/rm -rf .git/hooks
	/bin/mv "$HOME/old" .git/hooks
	before=$(state)
	git checkout -q -f topic
	undone "$before"
}

@test "something else in the place of git on PATH: kept and undone" {
	as_agent
	mkdir "$HOME/bin"
	printf '%sexec /usr/bin/git "$@"\n' "$eater" >"$HOME/bin/git"
	/bin/chmod +x "$HOME/bin/git"
	before=$(state)
	PATH=${PATH%%:*}:$HOME/bin:/usr/bin:/bin git branch -D topic
	[ ! -e untracked ]
	undone "$before"
}

@test "a link put in the way of undo is not followed" {
	as_agent
	git clean -q -fdx
	mkdir "$HOME/elsewhere"
	/bin/ln -s "$HOME/elsewhere" ignored
	run "$automode" undo
	[ -z "$(ls -A "$HOME/elsewhere")" ]
	[ -L ignored ]
	[ -e ignored.automode-restored/x ]
}

@test "an entry that names a place outside is damaged" {
	as_agent
	git clean -q -fd
	entry=$(find "$AUTOMODE_STATE_DIR" .git/automode-vault \
		-name manifest 2>/dev/null) || true
	[ -f "$entry" ]
	for name in ../outside "$HOME/outside" a/../../outside; do
		/bin/sed -i "s|^\(item\tfile\t\)[^\t]*|\1$name|" "$entry"
		run "$automode" undo
		[ "$status" -ne 0 ]
		[[ "$output" == *"is damaged"* ]]
		[ ! -e ../outside ]
	done
}

@test "two gateways of one person share state and record" {
	as_agent
	git status -s
	(
		export XDG_RUNTIME_DIR=$world/run2
		mkdir -m 700 "$XDG_RUNTIME_DIR"
		git status -s
		"$automode" gateway --stop
	)
	run git status -s
	[ "$status" -eq 0 ]
	run "$automode" log --verify
	[ "$status" -eq 0 ]
}

@test "too many at once: told, and nothing runs" {
	as_agent
	git status -s
	python3 - "$XDG_RUNTIME_DIR/automode/shim.sock" "$world/all" <<-'X' &
		import socket, sys, time
		all = []
		for i in range(300):
		    s = socket.socket(socket.AF_UNIX)
		    s.connect(sys.argv[1])
		    all.append(s)
		open(sys.argv[2], "w").close()
		time.sleep(600)
	X
	victim=$!
	before=$(state)
	until_true [ -e "$world/all" ]
	run git reset --hard
	[ "$status" -eq 125 ]
	[[ "$output" == "automode: "* ]]
	[ "$before" = "$(state)" ]
	kill "$victim"
	wait "$victim" || true
	until_true git status -s
}

@test "an alias is in a box: no files, no network, no processes of others" {
	mkdir -p "$HOME/.ssh" "$HOME/other"
	echo key >"$HOME/.ssh/id_rsa"
	echo mine >"$HOME/other/file"
	sleep 60 &
	victim=$!
	export SECRET_TOKEN=hunter2
	as_agent
	run git -c alias.x="!
		cat '$HOME/.ssh/id_rsa'; echo x >'$HOME/other/file'
		echo x >.git/hooks/pre-commit; mv .git/hooks .git/h2
		echo '[core]' >>.git/config; mv .git .git2
		kill $victim; env
		(exec 3<>/dev/tcp/127.0.0.1/22) || ls '$XDG_RUNTIME_DIR'
		setsid sleep 61.$$ &" x
	[[ "$output" != *key* ]]
	[[ "$output" != *hunter2* ]]
	[[ "$output" != *.sock* ]]
	[ "$(cat "$HOME/other/file")" = mine ]
	[ ! -e .git/hooks/pre-commit ]
	[ -d .git ]
	kill -0 "$victim"
	[ "$(/usr/bin/git config -l --local | grep -c bare)" -eq 1 ]
	run pgrep -f "^sleep 61.$$"
	[ "$status" -ne 0 ]
}

@test "thirty commands at once: each is recorded and can be undone" {
	for i in $(seq 30); do
		/usr/bin/git branch "b$i" "$(/usr/bin/git commit-tree \
			-m "$i" 'HEAD^{tree}')"
	done
	as_agent
	before=$(state)
	for i in $(seq 30); do
		git branch -q -D "b$i" 2>/dev/null &
	done
	wait
	[ -z "$(/usr/bin/git branch --list 'b*')" ]
	for id in $("$automode" undo --list | awk '$1 + 0 { print $1 }'); do
		"$automode" undo "$id"
	done
	[ "$before" = "$(state)" ]
	"$automode" log --verify
}

@test "rm goes round nothing that chattr has fixed" {
	as_agent
	local kind
	for kind in i a; do
		/bin/mkdir -p tree/a/b
		touch tree/x tree/a/y tree/a/b/fixed
		chattr "+$kind" tree/a/b/fixed || skip "no chattr here"
		run rm -rf tree
		chattr "-$kind" tree/a/b/fixed
		[ "$status" -eq 1 ]
		[[ $output == *"cannot remove 'tree/a/b/fixed'"* ]]
		[ "$(/usr/bin/find tree | sort)" = \
			"$(printf 'tree\ntree/a\ntree/a/b\ntree/a/b/fixed')" ]
		run "$automode" undo
		[ "$status" -eq 0 ]
		[ -e tree/x ]
		[ -e tree/a/y ]
		chattr "+$kind" tree/a
		run rm -rf tree
		chattr "-$kind" tree/a
		[ "$status" -eq 1 ]
		[ -e tree/a/b ]
		rm -rf tree
		[ ! -e tree ]
	done
}
