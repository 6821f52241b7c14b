#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# A person at a terminal, and the tools around git that people have: nothing
# of it may be in the way.

load world

setup() {
	make_world
	make_repo
	export PS1='ready> ' TMUX_TMPDIR=$world EDITOR=vim LESS=FRX
	unset TMUX VISUAL GIT_EDITOR PAGER GIT_PAGER
}

teardown() {
	if [ -n "${tmux:-}" ]; then
		tmux kill-server 2>/dev/null || true
	fi
	end_world
}

# A terminal of 80x24 with the agent's shell in it.
open_tmux() {
	command -v tmux >/dev/null || skip "tmux is not installed: make deps"
	as_agent
	tmux=yes
	tmux -f /dev/null new-session -d -x 80 -y 24 \
		env PS1="ready> " bash --norc -i
	see 'ready>'
	before_stty=$(answer 'stty -g')
}

keys() { tmux send-keys "$@"; }

screen() { tmux capture-pane -p; }

unseen() {
	if screen | grep -q -- "$1"; then
		screen
		return 1
	fi
}

# Waits until the screen shows a pattern.
see() {
	local i
	for i in $(seq 600); do
		if screen | grep -qE -- "$1"; then
			return 0
		fi
		sleep 0.1
	done
	echo "never seen: $1"
	screen
	return 1
}

# A program that is interrupted drops what it has not read yet: again and
# again, until the screen shows a pattern.
press() { # KEY PATTERN
	local i
	for i in $(seq 60); do
		keys "$1"
		for _ in 1 2 3 4 5 6 7 8 9 10; do
			screen | grep -qE -- "$2" && return 0
			sleep 0.1
		done
	done
	see "$2"
}

# What a command says, away from the screen.
answer() {
	rm -f "$world/answer"
	keys "$1 >$world/answer 2>&1; mv $world/answer $world/said" Enter
	local i
	for i in $(seq 600); do
		if [ -e "$world/said" ]; then
			cat "$world/said"
			rm "$world/said"
			return 0
		fi
		sleep 0.1
	done
	echo "no answer to: $1"
	screen
	return 1
}

# Exit status of the last command, and is the terminal as it was?
ended_with() {
	local status
	status=$(answer 'echo $?')
	[ "$status" = "$1" ] || { echo "status $status"; screen; return 1; }
	[ "$before_stty" = "$(answer 'stty -g')" ]
}

many_commits() {
	local i
	for i in $(seq 60); do
		echo "commit refs/heads/main"
		echo "committer Ann <ann@example.com> $((1700000000 + i)) +0000"
		echo "data <<X"
		echo "number $i"
		echo "X"
		if [ "$i" = 1 ]; then echo "from refs/heads/main^0"; fi
		echo "M 100644 inline n"
		printf 'data <<X\n%s\nX\n' "$i"
	done | /usr/bin/git fast-import --quiet
	/usr/bin/git reset -q --hard
}

slow_hook() {
	printf '#!/bin/sh\necho hook runs\nsleep %s\necho hook ends\n' "$1" \
		>.git/hooks/pre-commit
	/bin/chmod +x .git/hooks/pre-commit
}

@test "less: pages, search, Ctrl-C, end" {
	many_commits
	open_tmux
	keys 'git log --oneline' Enter
	see 'number 60'
	see '^:'
	keys Space
	see 'number 30'
	keys '/number 1$' Enter
	see 'number 1$'
	keys C-c
	press g 'number 60'
	keys q
	see 'ready> *$'
	# as git's own: it waits for the pager and then ends by the signal
	ended_with 130
}

@test "colours are those of a terminal" {
	echo changed >>file
	open_tmux
	keys 'git diff' Enter
	see '\+changed'
	tmux capture-pane -p -e | grep -q $'\033\\[32m+'
	ended_with 0
}

@test "a commit in vim: written, aborted" {
	open_tmux
	keys 'git commit --allow-empty' Enter
	see 'Please enter the commit message'
	keys i 'from vim' Escape ':wq' Enter
	see '\] from vim'
	ended_with 0
	keys 'git commit --allow-empty' Enter
	see 'Please enter the commit message'
	keys ':cq' Enter
	see 'the editor .vim'
	ended_with 1
	[ "$(/usr/bin/git log -1 --format=%s)" = 'from vim' ]
}

@test "a commit in nano" {
	command -v nano >/dev/null || skip "nano is not installed"
	export EDITOR=nano
	open_tmux
	keys 'git commit --allow-empty' Enter
	see 'Please enter the commit message'
	keys 'from nano' C-o Enter
	see 'Wrote [0-9]+ lines'
	keys C-x
	see '\] from nano'
	ended_with 0
}

@test "vim sees another size of the window" {
	open_tmux
	keys 'git commit --allow-empty' Enter
	see 'Please enter the commit message'
	tmux resize-window -x 100 -y 30
	sized() {
		keys ':echo "size" &columns &lines' Enter
		sleep 0.2
		screen | grep -q 'size 100 30'
	}
	until_true sized
	keys ':q!' Enter
	see 'Aborting'
	ended_with 1
}

@test "add -p, rebase -i and clean -i ask and are answered" {
	printf 'first\ntwo\n' >file
	open_tmux
	keys 'git add -p' Enter
	see 'Stage this hunk'
	keys y Enter
	see 'ready> *$'
	ended_with 0
	[ "$(/usr/bin/git diff --cached --name-only)" = file ]
	keys clear Enter 'git commit -qm third; git rebase -i HEAD~2' Enter
	see 'pick .* third'
	keys j dd ':wq' Enter
	see 'Successfully rebased'
	ended_with 0
	[ "$(/usr/bin/git log -1 --format=%s)" = two ]
	touch loose
	keys clear Enter 'git clean -i' Enter
	see 'What now'
	keys 1 Enter
	see 'Removing loose'
	ended_with 0
	[ ! -e loose ]
}

@test "Ctrl-C ends a command, its hook and the loop around it" {
	slow_hook 30
	open_tmux
	keys 'git commit --allow-empty -m never' Enter
	see 'hook runs'
	sleep 0.3
	keys C-c
	see 'ready> *$'
	ended_with 130
	[ "$(/usr/bin/git log -1 --format=%s)" = two ]
	[ ! -e .git/index.lock ]
	keys clear Enter
	keys 'for i in 1 2 3; do echo "round $i"; git commit --allow-empty -m n; done' Enter
	see '^hook runs'
	sleep 0.3
	keys C-c
	sleep 1
	unseen '^round 2'
	ended_with 130
}

@test "Ctrl-C ends a long answer to a pipe" {
	open_tmux
	keys "git -c alias.long='!yes | cat >/dev/null' long" Enter
	sleep 1
	keys C-c
	see 'ready> *$'
	ended_with 130
}

@test "Ctrl-Z stops, fg goes on" {
	slow_hook 2
	open_tmux
	keys 'git commit --allow-empty -m later' Enter
	see 'hook runs'
	keys C-z
	see 'Stopped'
	[ "$(answer 'jobs | wc -l')" = 1 ]
	sleep 2.5
	unseen 'hook ends'
	keys fg Enter
	see '\] later'
	ended_with 0
	many_commits
	keys clear Enter 'git log --oneline' Enter
	see '^:'
	keys C-z
	see 'Stopped'
	[ "$before_stty" = "$(answer 'stty -g')" ]
	keys fg Enter
	see '^:'
	keys q
	ended_with 0
}

@test "Ctrl-C during an undo leaves all or nothing undone" {
	mkdir many
	for i in $(seq 3000); do echo "$i" >"many/$i"; done
	before=$(state)
	open_tmux
	keys 'git clean -fdq' Enter
	see 'automode: kept'
	keys 'clear; automode() { '"$automode"' "$@"; }' Enter
	keys 'automode undo' Enter
	sleep 0.15
	keys C-c
	sleep 1
	see 'ready> *$'
	"$automode" undo --last >/dev/null 2>&1 || true
	[ "$before" = "$(state)" ] || {
		run "$automode" undo --list
		echo "$output"
		[ -z "$(ls many 2>/dev/null)" ]
	}
}

# --- what people have around git ---------------------------------------------

# Nothing is said, and the status is 0.
silent() {
	run "$@"
	[ "$status" -eq 0 ]
	[[ "$output" != *automode* ]] || { echo "$output"; return 1; }
}

@test "a hook that is new in this session costs no notice" {
	as_agent
	printf '#!/bin/sh\ntrue\n' >.git/hooks/pre-commit
	/bin/cp .git/hooks/pre-commit .git/hooks/post-checkout
	/bin/chmod +x .git/hooks/*
	# all in one second
	GIT_COMMITTER_DATE=$(/usr/bin/git log -1 --format=%cI)
	export GIT_COMMITTER_DATE
	echo more >>file
	silent git commit -qam more
	silent git checkout -q -b other
	silent git commit -q --allow-empty -m other
	silent git checkout -q main
	silent git merge -q other
}

@test "what an older hook discards by name comes back" {
	printf '#!/bin/sh\ngit stash clear\ngit clean -fdxq\n' \
		>.git/hooks/post-commit
	printf '#!/bin/sh\ngit reset -q --hard\n' >.git/hooks/pre-push
	chmod +x .git/hooks/post-commit .git/hooks/pre-push
	echo stashed >>file
	/usr/bin/git stash -q
	as_agent
	echo mine >notes
	git commit -q --allow-empty -m x
	[ ! -e notes ]
	"$automode" undo
	[ "$(cat notes)" = mine ]
	[ "$(git stash list | wc -l)" = 1 ]
	echo changed >>file
	git push -q origin HEAD:hooked
	"$automode" undo
	grep -q changed file
}

@test "leaving a detached HEAD that a branch holds is no loss, else it is" {
	as_agent
	silent git checkout -q HEAD~1
	silent git checkout -q main
	silent git checkout -q --detach
	git commit -q --allow-empty -m loose
	loose=$(git rev-parse HEAD)
	run git checkout -q main
	[[ "$output" == *"automode: kept"* ]]
	"$automode" undo
	[ "$(git rev-parse HEAD)" = "$loose" ]
}

@test "git-lfs: install, track, add, status, push, clone" {
	command -v git-lfs >/dev/null || skip "git-lfs is not installed"
	as_agent
	silent git lfs install --local
	[ -x .git/hooks/pre-push ]
	silent git lfs track '*.bin'
	head -c 100000 /dev/zero >a.bin
	git add .gitattributes a.bin
	git commit -qm lfs
	[[ "$(git cat-file blob HEAD:a.bin)" == version*oid* ]]
	# the clean filter runs in what only looks, too
	touch -d '1 hour ago' a.bin
	[ -z "$(git status --short a.bin)" ]
	touch -d '2 hours ago' a.bin
	git diff --exit-code
	silent git lfs status
	git push -q origin main
	git checkout -q HEAD~1
	[ ! -e a.bin ]
	git checkout -q main
	[ "$(wc -c <a.bin)" -eq 100000 ]
	run git lfs install
	[ "$status" -eq 126 ] || [ -n "$(git config filter.lfs.clean)" ]
}

@test "push.default of the person has its say" {
	/usr/bin/git config --global push.default current
	/usr/bin/git checkout -q topic
	as_agent
	git push -q
	[ -n "$(/usr/bin/git -C ../project.git branch --list topic)" ]
	run git push
	[[ "$output" == *"Everything up-to-date"* ]]
	/usr/bin/git config --global url."$HOME/project.git".insteadOf short:
	git push -q short: HEAD:refs/heads/by-short
	[ -n "$(/usr/bin/git -C ../project.git branch --list by-short)" ]
}

@test "a push that sets its upstream by itself" {
	as_agent
	git config push.autoSetupRemote true
	for lang in C de_DE.UTF-8; do
		git checkout -q -b "auto-$lang" main
		git commit -q --allow-empty -m x
		LC_ALL=$lang git push -q
		[ "$(git rev-parse "origin/auto-$lang")" = "$(git rev-parse HEAD)" ]
		[ "$(git config "branch.auto-$lang.remote")" = origin ]
	done
}

@test "a partial clone reads what it lacks" {
	/usr/bin/git -C ../project.git config uploadpack.allowFilter true
	as_agent
	git clone -q --filter=blob:none "file://$HOME/project.git" ../partial
	cd ../partial
	[ "$(git show HEAD~1:file)" = one ]
	run git log -p --format=%s
	[ "$status" -eq 0 ]
	[[ "$output" == *+two* ]]
}

@test "paths through links, and back through a folder, are found" {
	ln -s "$HOME" "$world/link"
	as_agent
	echo x >n
	git add "$world/link/project/n"
	[ "$(git --git-dir="$world/link/project/.git" \
		--work-tree="$world/link/project" status -s)" = 'A  n' ]
	cd "$world/link/project"
	[ "$(git rev-parse --show-toplevel)" = "$HOME/project" ]
	mkdir "$HOME/beside"
	/usr/bin/git remote add around "$HOME/beside/../project.git"
	silent git fetch -q around
	silent git push -q around HEAD:refs/heads/around
	/usr/bin/git -C "$HOME/project.git" rev-parse -q --verify \
		refs/heads/around
	cd "$HOME"
	silent git ls-remote "$HOME/beside/../project.git"
}

@test "a test suite's temporary repositories: no notice, no denial" {
	as_agent
	suite() (
		set -e
		d=$(mktemp -d)
		HOME=$d
		git config --global user.name T
		git config --global user.email t@example.com
		git config --global init.defaultBranch trunk
		cd "$d"
		git init -q r
		cd r
		echo a >a
		git add .
		git commit -qm a
		echo b >>a
		mkdir u
		echo u >u/u
		git reset -q --hard
		git clean -qfdx
		git checkout -q -b b
		git commit -q --allow-empty -m b
		git checkout -q trunk
		git branch -q -D b
		echo c >>a
		git stash -q
		git stash drop -q
		git config core.hooksPath hooks
		git config --unset core.hooksPath
		printf '#!/bin/sh\necho no; exit 1\n' >.git/hooks/pre-commit
		/bin/chmod +x .git/hooks/pre-commit
		git commit -q -n --allow-empty -m n
		git init -q --bare ../r.git
		git remote add origin ../r.git
		git push -q -u origin trunk
		git commit -q -n --amend --allow-empty -m amended
		git push -q --force
		git gc -q --prune=now
		git clone -q ../r.git ../w
		git -C ../w commit -q --allow-empty -m w
		git -C ../w push -q
		[ "$(git -C ../r.git log -1 --format=%s trunk)" = w ]
		GIT_DIR=$d/g.git git init -q --bare
		git --git-dir="$d/g.git" fetch -q ../r.git trunk:trunk
		rm -rf "$d"
	)
	run suite
	[ "$status" -eq 0 ] || { echo "$output"; false; }
	[ -z "$output" ] || { echo "$output"; false; }
}

@test "standard streams closed, jobs, xargs -P, make -j, env -i, timeout" {
	as_agent
	head=$(/usr/bin/git rev-parse HEAD)
	run git rev-parse HEAD <&-
	[ "$output" = "$head" ]
	git status >&- 2>&- || [ $? -eq 128 ] || [ $? -eq 1 ]
	git fetch -q &
	wait $!
	[ "$(seq 12 | xargs -P4 -n1 sh -c 'git rev-parse HEAD' |
		sort | uniq -c | tr -s ' ')" = " 12 $head" ]
	printf 'all: a b c d\na b c d:\n\t@git rev-parse HEAD\n' >m
	[ "$(make -s -j4 -f m | sort -u)" = "$head" ]
	[ "$(env -i PATH="$PATH" HOME="$HOME" \
		XDG_RUNTIME_DIR="$XDG_RUNTIME_DIR" git rev-parse HEAD)" = "$head" ]
	run timeout 0.5 git -c alias.s='!sleep 20' s
	[ "$status" -eq 124 ]
	run bash -c 'nohup git rev-parse HEAD 2>/dev/null'
	[ "$output" = "$head" ]
	[ "$(exec -a other git rev-parse HEAD)" = "$head" ]
	run bash -c 'exec -a ls rm -rf "$HOME"'
	[ "$status" -eq 126 ]
	[[ $output == *'home folder'* ]]
}

@test "everyday: outside of a repository git says so in its own words" {
	mkdir -p "$HOME/nothing"
	cd "$HOME/nothing"
	run git status
	[ "$status" = 128 ]
	[ "$output" = "$(PATH=$plain_path git status 2>&1)" ]
}

@test "everyday: GIT_INDEX_FILE outside of the repository" {
	export GIT_INDEX_FILE=$world/index
	git read-tree HEAD
	[ "$(git ls-files)" = "$(PATH=$plain_path git ls-files)" ]
	[ "$(git ls-files | wc -l)" = 2 ]
	printf 'x\n' >x
	run git add x
	[ "$status" = 0 ]
	[ "$(git diff --cached --name-only)" = x ]
}

@test "everyday: checkout -b says nothing of the work tree, bisect start -q runs" {
	printf 'x\n' >>file
	run git checkout -b other
	[ "$output" = "Switched to a new branch 'other'" ]
	git bisect start -q
	git bisect reset
}

@test "everyday: what status and diff find unchanged, plumbing finds unchanged" {
	echo more >>file
	/usr/bin/git commit -qam More
	as_agent
	local year=2000
	for read in 'status -s' 'diff' 'describe --always --dirty'; do
		year=$((year + 1))
		touch -d $year-01-01 file
		[ "$(git diff-files --name-only)" = file ]
		git $read
		[ -z "$(git diff-files --name-only)" ]
	done
	touch -d 1999-01-01 file
	GIT_OPTIONAL_LOCKS=0 git status -s
	[ "$(git diff-files --name-only)" = file ]
	git status
	git diff HEAD~1 >../patch
	git apply -R --index ../patch
	git reset --hard
	touch -d 1998-01-01 file
	git status
	"$automode" undo
	! grep -q more file
}
