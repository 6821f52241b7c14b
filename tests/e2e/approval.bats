#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# A person's answer: given once, for one action, from outside of the session.

load world

setup() { make_world; make_repo; as_agent; git commit -q --amend -m other; }
teardown() { end_world; }

there() { /usr/bin/git -C "$HOME/project.git" rev-parse -q --verify "$1"; }

# automode at a terminal of its own that belongs to no session
person() {
	setsid env -u AUTOMODE_SESSION python3 - "$automode" "$@" <<-'X'
		import os, pty, sys
		pid, fd = pty.fork()
		if pid == 0:
		    os.execv(sys.argv[1], sys.argv[1:])
		while True:
		    try:
		        b = os.read(fd, 4096)
		    except OSError:
		        break
		    if not b:
		        break
		    sys.stdout.buffer.write(b)
		sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
	X
}

number() { "$automode" pending --json | python3 -c 'import json, sys
print(json.load(sys.stdin)[-1]["id"])'; }

@test "approved once: it runs once" {
	before=$(there refs/heads/main)
	run git push --force origin main
	[ "$status" -eq 126 ]
	[[ "$output" == *"automode approve"* ]]
	id=$(number)
	# this shell is the session's
	run "$automode" approve "$id"
	[ "$status" -eq 126 ]
	run env -u AUTOMODE_SESSION "$automode" approve "$id"
	[ "$status" -eq 126 ]
	person approve "$id"
	git push --force origin main
	[ "$(there refs/heads/main)" = "$(git rev-parse main)" ]
	git commit -q --amend -m again
	run git push --force origin main
	[ "$status" -eq 126 ]
}

@test "an approval is for the objects as they were" {
	run git push --force origin main
	[ "$status" -eq 126 ]
	person approve "$(number)"
	git commit -q --amend -m "something else"
	before=$(there refs/heads/main)
	run git push --force origin main
	[ "$status" -eq 126 ]
	[ "$(there refs/heads/main)" = "$before" ]
}

@test "rejected: the agent is told so" {
	run git push --force origin main
	person reject "$(number)"
	run git push --force origin main
	[ "$status" -eq 126 ]
	[[ "$output" == *"rejected"* ]]
}

@test "a command waits, is approved, and goes on" {
	mkdir -p "$HOME/.config/automode"
	printf '[approval]\n\twait = 20s\n' >"$HOME/.config/automode/policy"
	git push --force origin main 2>"$world/said" &
	shim=$!
	for _ in $(seq 50); do
		id=$(number 2>/dev/null) && break
		sleep 0.1
	done
	person approve "$id"
	wait $shim
	[ "$(there refs/heads/main)" = "$(git rev-parse main)" ]
	grep -q 'waits for a person' "$world/said"
}

@test "after three denials words are not enough, until the user speaks" {
	for _ in 1 2 3; do
		run git push --force origin main
		[ "$status" -eq 126 ]
	done
	run git push --force origin main
	[[ "$output" == *"report to the user"* ]]
	"$automode" gateway --restart
	run git push --force origin main
	[[ "$output" == *"report to the user"* ]]
	"$automode" intent "force push main to origin"
	git push -q --force origin main
	[ "$(there refs/heads/main)" = "$(git rev-parse main)" ]
}
