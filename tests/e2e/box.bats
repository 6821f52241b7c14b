#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What code that git runs can and cannot do: hooks, attacks on the repository,
# on the network, on what lies beside.

load world

setup() { make_world; make_repo; as_agent; }
teardown() { end_world; }

hook() {
	{ echo '#!/bin/bash'; cat; } >".git/hooks/${1:-pre-commit}"
	/bin/chmod +x ".git/hooks/${1:-pre-commit}"
}

commit() { run git commit -q --allow-empty -m boxed; }

@test "a hook runs, in the work tree, and its failure is git's" {
	echo 'echo "in $PWD"; exit 1' | hook
	commit
	[ "$status" -eq 1 ]
	[[ "$output" == *"in $HOME/project"* ]]
}

@test "hooks and config cannot be changed, .git cannot be moved" {
	hook <<-'EOF'
		mv .git .gitX
		echo evil >.git/hooks/pre-push
		git config core.fsmonitor evil
		mv .git/hooks .git/h
		mount -o remount,rw,bind .git/hooks
		true
	EOF
	sum=$(cat .git/config .git/hooks/* | md5sum)
	commit
	[ "$status" -eq 0 ]
	[ "$sum" = "$(cat .git/config .git/hooks/* | md5sum)" ]
	[ ! -e .gitX ]
}

@test "a second name of a hook does not help, and is said" {
	hook <<<'echo evil >>second'
	printf '#!/bin/sh\n' >.git/hooks/pre-push
	/bin/ln .git/hooks/pre-push second
	commit
	[ "$(cat .git/hooks/pre-push)" = '#!/bin/sh' ]
	[[ "$output" == *"put back"*hooks/pre-push* ]]
}

@test "commondir, which would send git elsewhere, is taken away" {
	hook <<<'echo /tmp >.git/commondir'
	commit
	[ ! -e .git/commondir ]
	[[ "$output" == *"put back"*commondir* ]]
}

@test "home is empty, credentials and other processes are out of sight" {
	mkdir -p "$HOME/.ssh" "$HOME/other"
	echo key >"$HOME/.ssh/id"
	export MY_API_TOKEN=secret
	hook <<-'EOF'
		ls "$HOME/.ssh" "$HOME/other" /root/.ssh /run/user 2>/dev/null
		tr '\0' '\n' </proc/1/environ
		env | grep TOKEN
		[ "$(ls -d /proc/[0-9]* | wc -l)" -lt 20 ] || echo "sees others"
		kill -9 1
		true
	EOF
	commit
	[ "$status" -eq 0 ]
	[ -z "$(grep -v '^automode: kept' <<<"$output")" ]
}

@test "a file made in the home folder is gone, the cache stays" {
	hook <<<'echo x >~/made; date +%s%N >>~/.cache/runs; wc -l <~/.cache/runs'
	commit
	[ "${lines[0]}" = 1 ]
	commit
	[ "${lines[0]}" = 2 ]
	[ ! -e "$HOME/made" ]
}

@test "no network but the box's own loopback; who tried is said" {
	hook <<-'EOF'
		python3 - <<-'P'
			import socket
			s = socket.create_server(("127.0.0.1", 0))
			socket.create_connection(s.getsockname())
			print("served")
		P
	EOF
	commit
	[ "$status" -eq 0 ]
	[[ "$output" == *served* ]]
	[[ "$output" != *"reach the network"* ]]
	hook <<<'exec 3<>/dev/tcp/127.0.0.1/9 || true'
	commit
	[[ "$output" == *"tried to reach the network"* ]]
	hook <<<'exec 3<>/dev/tcp/192.0.2.1/80 || true'
	commit
	[[ "$output" == *"Network is unreachable"* ]]
	[[ "$output" == *"tried to reach the network"*"[hooks]"* ]]
}

@test "the machine's settings are not root's to write from a box" {
	hook <<-'EOF'
		for f in kernel/core_pattern kernel/hostname; do
			cat "/proc/sys/$f" >"/proc/sys/$f" && echo written
		done
		true
	EOF
	commit
	[[ "$output" != *written* ]]
}

@test "linked worktrees are not taken for gone" {
	git worktree add -q ../linked
	run git worktree prune -v
	[ -z "$output" ]
	run git worktree list
	[[ "$output" != *prunable* ]]
	cd ../linked
	run git status -sb
	[ "$output" = "## linked" ]
	run git commit -q --allow-empty -m there
	[ "$status" -eq 0 ]
}

@test "descriptors that the shell passes arrive" {
	run git diff --no-index <(echo a) <(echo b)
	plain=$(/usr/bin/git diff --no-index <(echo a) <(echo b)) || true
	[ "$(grep -c '^[-+]' <<<"$output")" = "$(grep -c '^[-+]' <<<"$plain")" ]
	run git hash-object --stdin <<<x
	[ "$output" = "$(/usr/bin/git hash-object --stdin <<<x)" ]
}

@test "more arguments than bwrap takes" {
	for i in $(seq 12000); do echo "n$i"; done >names
	run git check-ignore $(cat names) x.log
	[ "$output" = x.log ]
}

@test "a child left behind by a hook ends with the command" {
	hook post-commit <<<"setsid sleep 4242.$$ >/dev/null 2>&1 </dev/null &"
	commit
	[ "$status" -eq 0 ]
	! pgrep -f "^sleep 4242.$$"
}
