#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What waits is shown at once, answered by a key; the owner's program is told.

load world
load person

setup() { make_world; make_repo; as_agent; git commit -q --amend -m other; }
teardown() { end_world; }

there() { /usr/bin/git -C "$HOME/project.git" rev-parse main; }

policy() {
	mkdir -p "$HOME/.config/automode"
	cat >"$HOME/.config/automode/policy"
}

@test "watch shows decisions and questions, a key answers" {
	policy <<<$'[approval]\n\twait = 20s'
	git push --force origin main 2>"$world/said" &
	shim=$!
	for _ in $(seq 600); do
		"$automode" pending --json | grep -q '"id"' && break
		sleep 0.1
	done
	run person_says xaq watch
	[[ "$output" == *"waits: git push --force origin main"* ]]
	[[ "$output" == *"approved"* ]]
	wait $shim
	[ "$(there)" = "$(/usr/bin/git rev-parse main)" ]
}

@test "r rejects" {
	run git push --force origin main
	person_says rq watch
	run git push --force origin main
	[ "$status" -eq 126 ]
	[[ "$output" == *rejected* ]]
}

@test "no agent answers by a key" {
	run git push --force origin main
	python3 - "$automode" <<-'X' >"$world/out"
		import os, pty, sys, time
		pid, fd = pty.fork()
		if pid == 0:
		    os.execv(sys.argv[1], [sys.argv[1], "watch"])
		time.sleep(1)
		os.write(fd, b"a")
		time.sleep(1)
		os.write(fd, b"q")
		try:
		    while os.read(fd, 4096):
		        pass
		except OSError:
		    pass
	X
	before=$(there)
	run git push --force origin main
	[ "$status" -eq 126 ]
	[ "$(there)" = "$before" ]
}

@test "without a terminal there is a word for it" {
	run "$automode" watch </dev/null
	[ "$status" -eq 1 ]
	[[ "$output" == *"needs a terminal"* ]]
}

@test "the owner's program is told of a question" {
	# it outlives the command that asked
	printf '#!/bin/sh\nsleep 1\nprintf "%%s|" "$@" >%s/told\n' "$world" \
		>"$world/tell"
	/usr/bin/chmod 755 "$world/tell"
	policy <<<$'[approval]\n\tnotify = '"$world/tell"
	run git push --force origin main
	for _ in $(seq 600); do
		[ -s "$world/told" ] && break
		sleep 0.1
	done
	grep -q '^1|git push --force origin main|' "$world/told"
}
