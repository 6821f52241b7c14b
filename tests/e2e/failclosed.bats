#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What happens when something of automode's own fails: a clear message,
# nothing half-done, nothing lost.

load world

setup() { make_world; make_repo; }
teardown() { end_world; }

@test "no gateway can be started: 125 and a remedy, nothing runs" {
	as_agent
	"$automode" gateway --stop
	mkdir "$world/copy"
	/bin/cp -R "${AUTOMODE_BUILD:?}"/{bin,lib,share} "$world/copy"
	/bin/rm "$world/copy/bin/automode"
	make_dirty
	before=$(state)
	run "$world/copy/lib/automode/shims/git" reset --hard
	[ "$status" -eq 125 ]
	[[ "$output" == automode:* ]]
	[ "$before" = "$(state)" ]
}

@test "the gateway is killed while a command runs: it can be undone" {
	as_agent
	make_dirty
	before=$(state)
	cat >.git/hooks/post-checkout <<-'X'
		#!/bin/sh
		touch .git/in-hook
		sleep 3
	X
	/bin/chmod +x .git/hooks/post-checkout
	before=$(state)
	git checkout -f topic &
	shim=$!
	until_true [ -e .git/in-hook ]
	gateway=$(cat "$XDG_RUNTIME_DIR/automode/gateway.pid")
	# the monitor and its workers, as the kernel would in need of memory
	# shellcheck disable=SC2046
	kill -KILL "$gateway" $(pgrep -P "$gateway") || true
	run wait $shim
	sleep 0.5
	/bin/rm -f .git/in-hook
	run "$automode" undo
	[ "$status" -eq 0 ]
	[ "$before" = "$(state)" ]
}

@test "the state folder is read-only: refused, nothing lost" {
	as_agent
	make_dirty
	"$automode" gateway --stop
	before=$(state)
	/bin/chmod -R a-w "$AUTOMODE_STATE_DIR"
	if [ "$(id -u)" -eq 0 ]; then
		mount --bind "$AUTOMODE_STATE_DIR" "$AUTOMODE_STATE_DIR"
		mount -o remount,bind,ro "$AUTOMODE_STATE_DIR"
	fi
	run git reset --hard
	[ "$(id -u)" -ne 0 ] || umount "$AUTOMODE_STATE_DIR"
	/bin/chmod -R u+w "$AUTOMODE_STATE_DIR"
	[ "$status" -eq 125 ] || [ "$status" -eq 126 ]
	[[ "$output" == *automode:* ]]
	[ "$before" = "$(state)" ]
}

@test "the state folder is full: refused, nothing lost" {
	[ "$(id -u)" -eq 0 ] || skip "needs a mount"
	mkdir -p "$AUTOMODE_STATE_DIR"
	mount -t tmpfs -o size=2m,mode=700 none "$AUTOMODE_STATE_DIR"
	as_agent
	make_dirty
	head -c 8000000 /dev/urandom >untracked
	# not the same file system: the vault is beside the repository, so fill
	# that one's room for the record instead
	before=$(state)
	head -c 4000000 /dev/zero >"$AUTOMODE_STATE_DIR/filler" || true
	run git reset --hard
	first=$status
	said=$output
	/bin/rm -f "$AUTOMODE_STATE_DIR/filler"
	"$automode" gateway --stop
	umount -l "$AUTOMODE_STATE_DIR"
	if [ "$first" -ne 0 ]; then
		[[ "$said" == *automode:* ]]
		[ "$before" = "$(state)" ]
	fi
	[ "$first" -ne 0 ]
}

@test "bwrap is missing: refused with the remedy, nothing runs" {
	[ "$(id -u)" -eq 0 ] || skip "needs a mount"
	make_dirty
	before=$(state)
	: >"$world/nothing"
	run unshare -m sh -c '
		mount --bind "$1" /usr/bin/bwrap
		code=$("$2" env) && eval "$code" && git reset --hard
	' sh "$world/nothing" "$automode"
	[ "$status" -ne 0 ]
	[[ "$output" == *automode:* ]]
	[ "$before" = "$(state)" ]
}

@test "user namespaces are off: refused with the remedy" {
	[ "$(id -u)" -eq 0 ] || skip "needs root to limit them"
	make_dirty
	before=$(state)
	run unshare -U -r -m sh -c '
		echo 0 >/proc/sys/user/max_user_namespaces || exit 99
		code=$("$1" env) && eval "$code" && git reset --hard
	' sh "$automode"
	[ "$status" -ne 0 ]
	[ "$status" -ne 99 ]
	[[ "$output" == *automode:* ]]
	[ "$before" = "$(state)" ]
}

@test "a damaged vault entry: a clear error, nothing changed" {
	as_agent
	make_dirty
	git reset -q --hard
	after=$(state)
	entry=$(find "$AUTOMODE_STATE_DIR/vault" -name manifest | head -n 1)
	[ -n "$entry" ]
	find "$AUTOMODE_STATE_DIR/vault" -path '*/objects/*' -type f \
	    -exec sh -c '/bin/chmod u+w "$1"; : >"$1"' sh {} \;
	run "$automode" undo
	[ "$status" -ne 0 ]
	[[ "$output" == *automode:* ]]
	[ "$after" = "$(state)" ]
	printf 'rubbish\n' >"$entry"
	run "$automode" undo
	[ "$status" -ne 0 ]
	[ "$after" = "$(state)" ]
}

@test "a repository libgit2 cannot read is still kept and undone" {
	/usr/bin/git update-index --split-index
	as_agent
	make_dirty
	before=$(state)
	git reset -q --hard
	git clean -qfdx
	"$automode" undo
	"$automode" undo
	[ "$before" = "$(state)" ]
}

@test "a silent and a hostile client do not stop others" {
	as_agent
	git status
	for _ in 1 2 3 4 5; do
		python3 - "$XDG_RUNTIME_DIR/automode/shim.sock" <<-'X' &
			import socket, sys, time, os
			s = socket.socket(socket.AF_UNIX)
			s.connect(sys.argv[1])
			s.send(b"\xff" * 64)
			time.sleep(60)
		X
		others="${others:-} $!"
		python3 - "$XDG_RUNTIME_DIR/automode/shim.sock" <<-'X' &
			import socket, sys, time
			s = socket.socket(socket.AF_UNIX)
			s.connect(sys.argv[1])
			time.sleep(60)
		X
		others="$others $!"
	done
	sleep 0.3
	run timeout 30 git status -s
	[ "$status" -eq 0 ]
	# shellcheck disable=SC2086
	kill $others
	wait
}

@test "64 shims at once, from a cold start" {
	code=$("$automode" env)
	eval "$code"
	"$automode" gateway --stop
	for i in $(seq 64); do
		(git rev-parse HEAD >"$world/out.$i" 2>"$world/err.$i") &
	done
	wait
	[ "$(cat "$world"/out.* | sort -u | wc -l)" -eq 1 ]
	[ "$(cat "$world"/out.* | wc -l)" -eq 64 ]
	[ "$(pgrep -fc "automode gateway")" -ge 1 ]
}

@test "an upgrade: commands go on, the next gateway is the new one" {
	/bin/mkdir "$world/copy"
	# not its tests, among which others make and remove folders meanwhile
	/bin/cp -R "${AUTOMODE_BUILD:?}"/{bin,lib,share} "$world/copy"
	automode=$world/copy/bin/automode
	eval "$("$automode" env)"
	old=$(cat "$XDG_RUNTIME_DIR/automode/gateway.pid")
	printf '#!/bin/sh\ntouch .git/in-hook; sleep 2\n' >.git/hooks/post-checkout
	/bin/chmod +x .git/hooks/post-checkout
	git checkout -q topic &
	shim=$!
	until_true [ -e .git/in-hook ]
	/bin/cp "$automode" "$automode.new"
	/bin/mv "$automode.new" "$automode"
	run git status
	[ "$status" -eq 0 ]
	wait $shim
	run git status
	[ "$status" -eq 0 ]
	until_true eval '! kill -0 "$old" 2>/dev/null'
	run git status
	[ "$status" -eq 0 ]
	[ "$old" != "$(cat "$XDG_RUNTIME_DIR/automode/gateway.pid")" ]
}
