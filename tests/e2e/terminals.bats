#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Two terminals: the agent's, where a command waits, and the person's, where it
# is answered.

load world

setup() {
	command -v tmux >/dev/null || skip "tmux is not installed: make deps"
	make_world
	make_repo
	unset TMUX
	mkdir -p "$HOME/.config/automode"
	policy 60s 1h
	# the agent's shell has the session, the person's never had it, and was
	# not opened from there
	window person env PS1="person> " bash --norc -i
	as_agent
	git commit -q --amend -m other
	window agent env PS1="agent> " bash --norc -i
	see agent 'agent>'
	see person 'person>'
}

teardown() {
	for w in agent person; do
		tmux -S "$world/$w.tmux" kill-server 2>/dev/null || true
	done
	[ -z "${world:-}" ] || end_world
}

# policy WAIT EXPIRES
policy() {
	printf '[approval]\n\twait = %s\n\texpires = %s\n' "$1" "$2" \
		>"$HOME/.config/automode/policy"
}

# A tmux of its own for each, so that neither is the other's child.
window() {
	local name=$1
	shift
	tmux -S "$world/$name.tmux" -f /dev/null new-session -d -x 120 -y 40 "$@"
}

enter() {
	tmux -S "$world/$1.tmux" send-keys "$2" Enter
}

screen() { tmux -S "$world/$1.tmux" capture-pane -p -J; }

see() {
	for _ in $(seq 600); do
		if screen "$1" | grep -qE -- "$2"; then
			return 0
		fi
		sleep 0.1
	done
	echo "never seen by the $1: $2"
	screen "$1"
	return 1
}

clear_screen() {
	tmux -S "$world/$1.tmux" send-keys C-l
	sleep 0.3
	tmux -S "$world/$1.tmux" clear-history
}

there() { /usr/bin/git -C "$HOME/project.git" rev-parse main; }
here() { /usr/bin/git rev-parse main; }

number() { "$automode" pending --json | python3 -c 'import json, sys
print(json.load(sys.stdin)[-1]["id"])'; }

# The agent force-pushes, and it waits; sets id.
asks() {
	enter agent "git push --force origin main; echo status=\$?"
	see agent 'waits for a person'
	id=$(number)
}

@test "waits, is seen and approved in the other terminal, goes on" {
	asks
	[ "$(there)" != "$(here)" ]
	enter person "$automode pending"
	see person "git push --force origin main"
	enter person "$automode approve $id"
	see agent 'status=0'
	[ "$(there)" = "$(here)" ]
}

@test "waits, is rejected, is told so" {
	asks
	enter person "$automode reject $id"
	see agent 'status=126'
	see agent 'rejected'
	[ "$(there)" != "$(here)" ]
}

@test "nobody answers: denied when the wait is over" {
	policy 2s 1h
	enter agent "git push --force origin main; echo status=\$?"
	see agent 'waits for a person'
	see agent 'status=126'
	[ "$(there)" != "$(here)" ]
}

@test "given up with ^C: what is approved later does not run by itself" {
	asks
	tmux -S "$world/agent.tmux" send-keys C-c
	# the list is left, as after any ^C
	see agent 'agent> *$'
	enter person "$automode approve $id; echo said=\$?"
	see person 'said=[0-9]'
	sleep 1
	[ "$(there)" != "$(here)" ]
}

@test "the agent's own terminal cannot answer, however it asks" {
	asks
	tmux -S "$world/agent.tmux" send-keys C-c
	see agent 'agent> *$'
	for line in \
		"$automode approve $id" \
		"env -u AUTOMODE_SESSION $automode approve $id" \
		"env -i HOME=\$HOME XDG_RUNTIME_DIR=\$XDG_RUNTIME_DIR $automode approve $id" \
		"setsid -w $automode approve $id" \
		"script -qec '$automode approve $id' /dev/null" \
		"env -i HOME=\$HOME XDG_RUNTIME_DIR=\$XDG_RUNTIME_DIR setsid -fw script -qec '$automode approve $id' /dev/null" \
		"yes | $automode approve $id"; do
		clear_screen agent
		enter agent "$line; echo answer=\$?"
		see agent 'answer=[1-9]'
	done
	clear_screen agent
	enter agent "timeout 2 git push --force origin main; echo status=\$?"
	see agent 'status=[1-9]'
	[ "$(there)" != "$(here)" ]
}

@test "an approval is used once" {
	asks
	enter person "$automode approve $id"
	see agent 'status=0'
	# the remote is put back, so that the very same command is another deed
	# with nothing changed
	/usr/bin/git -C "$HOME/project.git" update-ref refs/heads/main \
		"$(/usr/bin/git rev-parse main@{1})"
	policy 1s 1h
	clear_screen agent
	enter agent "git push --force origin main; echo again=\$?"
	see agent 'again=126'
	clear_screen person
	enter person "$automode approve $id; echo said=\$?"
	see person 'said=[1-9]'
	[ "$(there)" != "$(here)" ]
}

@test "an approval expires" {
	policy 1s 2s
	enter agent "git push --force origin main; echo status=\$?"
	see agent 'status=126'
	enter person "$automode approve $(number); echo said=\$?"
	see person 'said=[0-9]'
	sleep 3
	clear_screen agent
	enter agent "git push --force origin main; echo late=\$?"
	see agent 'late=126'
	[ "$(there)" != "$(here)" ]
}

@test "an approval is of the session that asked" {
	policy 1s 1h
	enter agent "git push --force origin main; echo status=\$?"
	see agent 'status=126'
	enter person "$automode approve $(number); echo said=\$?"
	see person 'said=0'
	# another agent at the same place, with the same command
	run env AUTOMODE_SESSION= bash -c 'eval "$("$0" env)" &&
		git push --force origin main' "$automode"
	[ "$status" -eq 126 ]
	[ "$(there)" != "$(here)" ]
	enter agent "git push --force origin main; echo then=\$?"
	see agent 'then=0'
	[ "$(there)" = "$(here)" ]
}
