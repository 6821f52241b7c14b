#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# A person's answer: given once, for one action, from outside of the session.

load world
load person

setup() { make_world; make_repo; as_agent; git commit -q --amend -m other; }
teardown() { end_world; }

there() { /usr/bin/git -C "$HOME/project.git" rev-parse -q --verify "$1"; }

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
	for _ in $(seq 600); do
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

# A helper that leaves its session, its parents and its environment.
orphan() {
	cat >"$world/orphan.py" <<-'X'
		import os, pty, sys, time
		keep = {k: os.environ[k] for k in ("HOME", "XDG_RUNTIME_DIR", "PATH")}
		if os.fork():
		    os._exit(0)
		os.setsid()
		if os.fork():
		    os._exit(0)
		time.sleep(0.3)
		pid, fd = pty.fork()
		if pid == 0:
		    os.execve(sys.argv[1], sys.argv[1:], keep)
		with open(os.path.join(keep["HOME"], "..", "said"), "ab") as out:
		    try:
		        while b := os.read(fd, 4096):
		            out.write(b)
		    except OSError:
		        pass
		    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
		    out.write(b"status %d\n" % status)
	X
	env -i HOME="$HOME" XDG_RUNTIME_DIR="$XDG_RUNTIME_DIR" PATH="$plain_path" \
		/usr/bin/python3 "$world/orphan.py" "$@"
}

said() {
	for _ in $(seq 600); do
		grep -q 'status' "$world/said" 2>/dev/null && break
		sleep 0.1
	done
	cat "$world/said"
}

still_waits() {
	"$automode" pending --json | python3 -c 'import json, sys
sys.exit(not any(p["id"] == int(sys.argv[1]) for p in json.load(sys.stdin)))' "$1"
}

@test "what a session left behind answers nothing" {
	git push --force origin main 2>/dev/null || true
	id=$(number)
	orphan "$automode" approve "$id"
	run said
	[[ "$output" == *"belongs to a session"* ]]
	[[ "$output" == *"status 126"* ]]
	# nor another copy of the program
	rm -f "$world/said"
	/usr/bin/cp "$automode" "$world/copy"
	orphan "$world/copy" approve "$id"
	run said
	[[ "$output" == *"status 126"* ]]
	for line in \
		"env -i HOME=$HOME XDG_RUNTIME_DIR=$XDG_RUNTIME_DIR setsid -f script -qc '$automode approve $id' /dev/null" \
		"env -i HOME=$HOME XDG_RUNTIME_DIR=$XDG_RUNTIME_DIR script -qc '$automode approve $id' /dev/null" \
		"nohup env -u AUTOMODE_SESSION script -qc '$automode approve $id' /dev/null &" \
		"AUTOMODE_SESSION= script -qc '$automode approve $id' /dev/null" \
		"AUTOMODE_SESSION=other script -qc '$automode approve $id' /dev/null"; do
		eval "$line" </dev/null >/dev/null 2>&1 3>&- || true
	done
	if command -v tmux >/dev/null; then
		env -u AUTOMODE_SESSION -u TMUX tmux -S "$world/forged.tmux" \
			-f /dev/null new-session -d "$automode approve $id" 3>&-
	fi
	if [ "$(id -u)" -eq 0 ] && unshare -pf true 2>/dev/null; then
		unshare -pf env -u AUTOMODE_SESSION script -qc \
			"$automode approve $id" /dev/null </dev/null >/dev/null 2>&1
	fi
	sleep 1
	still_waits "$id"
	run git push --force origin main
	[ "$status" -eq 126 ]
	# the person's own terminal still can
	person approve "$id"
	git push --force origin main
}

@test "no scheduler answers either" {
	[ "$(id -u)" -eq 0 ] || skip "needs a process of that name"
	git push --force origin main 2>/dev/null || true
	id=$(number)
	/usr/bin/cp "$(readlink -f /usr/bin/python3)" "$world/atd"
	cat >"$world/daemon.py" <<-'X'
		import os, pty, sys
		sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))
	X
	# from where the person is, so that only the name tells
	old=$automode
	automode=$world/atd run person "$world/daemon.py" "$old" approve "$id"
	[[ "$output" == *"not by atd"* ]]
	[ "$status" -eq 126 ]
}
