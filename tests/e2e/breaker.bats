#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# After three denials in a row, or twenty in all, only a person decides; the
# counters are the gateway's and outlive it.

load world
load person

setup() { make_world; make_repo; as_agent; git commit -q --amend -m other; }
teardown() { end_world; }

there() { /usr/bin/git -C "$HOME/project.git" rev-parse main; }
here() { /usr/bin/git rev-parse main; }

denied() {
	run "$@"
	[ "$status" -eq 126 ]
}

tripped() { [[ "$output" == *"only a person decides"* ]]; }

@test "three in a row, whatever they were spelt like" {
	denied git push --force origin main
	denied git push origin +main
	denied git -c push.default=current push -f origin main:refs/heads/main
	! tripped
	denied git push --force-with-lease origin HEAD:main
	tripped
}

@test "an allowed command ends the row, not the sum" {
	for i in 1 2 3 4 5 6 7; do
		denied git push --force origin main
		denied git push origin +main
		! tripped
		git status >/dev/null
		[ "$i" -ne 4 ] || "$automode" gateway --restart
	done
	denied git push --force origin main
	denied git push --force origin main
	git status >/dev/null
	denied git push --force origin main
	denied git push --force origin main
	git status >/dev/null
	denied git push --force origin main
	denied git push --force origin main
	! tripped
	git status >/dev/null
	# twenty
	denied git push --force origin main
	tripped
	git status >/dev/null
	"$automode" gateway --restart
	denied git push --force origin main
	tripped
}

@test "what the policy allows is not held up by it" {
	for _ in 1 2 3 4; do
		denied git push --force origin main
	done
	tripped
	git switch -q topic
	git push -q origin topic
	printf 'x\n' >>file
	git commit -qam more
}

@test "words of before do not count, new ones do; an answer does" {
	denied git push --force origin main
	denied git push --force origin main
	denied git push --force origin main
	denied git push --force origin main
	tripped
	id=$("$automode" pending --json | python3 -c 'import json, sys
print(json.load(sys.stdin)[-1]["id"])')
	person approve "$id"
	# that command, not one like it
	denied git push -q --force origin main
	git push --force origin main
	[ "$(there)" = "$(here)" ]
}

@test "counted for each session by itself" {
	for _ in 1 2 3; do
		denied git push --force origin main
	done
	unset AUTOMODE_SESSION
	as_agent
	denied git push --force origin main
	! tripped
}

@test "the owner says how many" {
	mkdir -p "$HOME/.config/automode"
	printf '[breaker]\n\trow = 1\n' >"$HOME/.config/automode/policy"
	denied git push --force origin main
	! tripped
	denied git push --force origin main
	tripped
}

@test "a repository cannot raise the number" {
	printf '[breaker]\n\trow = 1000\n' >.automode
	denied git push --force origin main
	[[ "$output" == *".automode:2: breaker.row may only stand in"* ]]
	/usr/bin/rm .automode
	denied git push --force origin main
	denied git push --force origin main
	denied git push --force origin main
	denied git push --force origin main
	tripped
}

@test "an agent's shell does not take the record elsewhere" {
	for _ in 1 2 3; do
		denied git push --force origin main
	done
	run "$automode" gateway --restart --state-dir "$world/other"
	[ "$status" -ne 0 ]
	AUTOMODE_STATE_DIR=$world/other "$automode" env >/dev/null || true
	AUTOMODE_STATE_DIR=$world/other "$automode" gateway --restart
	denied git push --force origin main
	tripped
	[ ! -e "$world/other" ]
}

@test "a restart keeps the state folder it ran with" {
	git tag kept
	for also in "" "$world/third"; do
		env -u AUTOMODE_SESSION AUTOMODE_STATE_DIR="$also" "$automode" \
			gateway --restart
		"$automode" log -n 0 | grep -q 'git tag kept'
	done
	[ ! -e "$world/third" ]
	# a person may move it
	env -u AUTOMODE_SESSION "$automode" gateway --restart \
		--state-dir "$world/other"
	[ -s "$world/other/automode.db" ] || [ -n "$(ls "$world/other")" ]
}

@test "headless: nobody is asked, nothing waits, and that is said" {
	mkdir -p "$HOME/.config/automode"
	printf '[approval]\n\theadless = true\n\twait = 60s\n\tnotify = %s\n' \
		"$world/told" >"$HOME/.config/automode/policy"
	printf '#!/bin/sh\ntouch %s/rang\n' "$world" >"$world/told"
	/usr/bin/chmod 755 "$world/told"
	SECONDS=0
	for _ in 1 2 3; do
		denied git push --force origin main
		[[ "$output" == *"nobody is there to be asked"* ]]
		[[ "$output" != *"automode approve"* ]]
	done
	[ $SECONDS -lt 30 ]
	[ "$("$automode" pending --json)" = "[]" ]
	[ ! -e "$world/rang" ]
	denied git push --force origin main
	tripped
	[[ "$output" == *"and nobody is there: stop here and report"* ]]
	# what the user asks for is done as ever
	"$automode" intent "force push main to origin"
	git push -q --force origin main
	[ "$(there)" = "$(here)" ]
}

@test "headless is the owner's to say" {
	printf '[approval]\n\theadless = false\n' >.automode
	denied git status
	[[ "$output" == *".automode:2: approval.headless may only stand in"* ]]
}
