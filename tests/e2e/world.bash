# SPDX-License-Identifier: Apache-2.0
# A world of its own for each test: home, runtime and state folders, a real
# gateway, the real shims first on PATH.  shellcheck shell=bash

manifest=$BATS_TEST_DIRNAME/../manifest.py
automode=${AUTOMODE_BIN:?the built automode}

make_world() {
	world=$(mktemp -d "${BATS_TMPDIR:-/tmp}/automode-e2e.XXXXXX")
	export HOME=$world/home XDG_RUNTIME_DIR=$world/run
	export AUTOMODE_STATE_DIR=$world/state
	unset XDG_CONFIG_HOME XDG_STATE_HOME AUTOMODE_SESSION TMPDIR
	mkdir -p "$HOME"
	mkdir -m 700 "$XDG_RUNTIME_DIR"
	/usr/bin/git config --global user.name Ann
	/usr/bin/git config --global user.email ann@example.com
	/usr/bin/git config --global init.defaultBranch main
	plain_path=$PATH
	# of those who need a person (person.bash)
	if declare -F open_terminal >/dev/null; then
		open_terminal
	fi
}

end_world() {
	"$automode" gateway --stop >/dev/null 2>&1 || true
	if declare -F close_terminal >/dev/null; then
		close_terminal
	fi
	PATH=$plain_path
	chmod -R u+rwX "$world" 2>/dev/null || true
	rm -rf "$world"
}

# A repository with history, a remote and a branch of its own.
make_repo() {
	mkdir -p "$HOME/project"
	cd "$HOME/project" || return 1
	/usr/bin/git init -q
	printf 'one\n' >file
	printf 'ignored/\n*.log\n' >.gitignore
	/usr/bin/git add .
	/usr/bin/git commit -qm one
	printf 'two\n' >>file
	/usr/bin/git commit -qam two
	/usr/bin/git clone -q --bare . ../project.git
	/usr/bin/git remote add origin ../project.git
	/usr/bin/git fetch -q
	/usr/bin/git branch -q -u origin/main
	/usr/bin/git remote set-head origin main
	/usr/bin/git checkout -qb topic
	printf 'topic\n' >topic
	/usr/bin/git add .
	/usr/bin/git commit -qm topic
	/usr/bin/git checkout -q main
}

# Staged, unstaged, untracked and ignored work.
make_dirty() {
	printf 'staged\n' >staged
	/usr/bin/git add staged
	printf 'changed\n' >>file
	printf 'untracked\n' >untracked
	mkdir -p ignored
	printf 'ignored\n' >ignored/x
	printf 'log\n' >a.log
}

as_agent() {
	local code
	code=$("$automode" env "$@") || return 1
	eval "$code"
}

# Until the command says yes; a minute at most.
until_true() { # COMMAND...
	local n
	for ((n = 0; n < 1200; n++)); do
		"$@" && return
		sleep 0.05
	done
	return 1
}

state() {
	"$manifest" "$HOME/project"
}

# Output, messages and status are the same with the shims as without.
both() { # COMMAND...
	local want got want_rc=0 got_rc=0
	want=$(PATH=$plain_path "$@" 2>&1) || want_rc=$?
	got=$("$@" 2>&1) || got_rc=$?
	[ "$want" = "$got" ] && [ "$want_rc" = "$got_rc" ] || {
		printf 'wanted: %s\ngot: %s\n' "$want" "$got"
		return 1
	}
}
