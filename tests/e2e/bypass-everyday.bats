#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What looks like the attempts of the other bypass-*.bats and is everyday work:
# not denied.

load bypass

@test "--no-verify with nothing to skip" {
	allowed git commit --no-verify -qm x
	allowed git push -q --no-verify origin HEAD:y
	make_checks
	allowed_or_checked git commit -m -n
	allowed_or_checked git commit -nm x --verify
}

@test "hooks of the project" {
	mkdir -p .husky
	cp evil .husky/pre-commit
	allowed git config core.hooksPath .husky
	[[ "$output" == *'hooks of this repository come from .husky'* ]]
	rm .husky/pre-commit
	allowed git config core.hooksPath .husky/_
}

@test "in one's own name, a program's, a newcomer's" {
	allowed git commit -q --author='Ann <ann@example.com>' -m x
	GIT_AUTHOR_DATE=2020-01-01T00:00:00Z allowed \
		git commit -q --allow-empty -m x
	GIT_AUTHOR_NAME=Agent GIT_AUTHOR_EMAIL=agent@example.org allowed \
		git commit -q --allow-empty -m x
	allowed git -c user.name=Robot -c user.email=noreply@example.org \
		commit -q --allow-empty -m x
	allowed git -c user.name=CI -c user.email=ci@build.example \
		commit -q --allow-empty -m x
	allowed git commit -q --allow-empty -m x \
		--author='Newcomer <new@elsewhere.example>'
	/usr/bin/git stash -q
	allowed git cherry-pick --allow-empty origin/shared
	[ "$(/usr/bin/git log -1 --format=%an)" = Ben ]
}

@test "everyday keys" {
	for pair in core.editor=vim core.editor='code --wait' \
		core.pager=delta merge.ours.driver=true diff.tool=vimdiff \
		alias.st=status diff.img.textconv=exiftool pull.rebase=true \
		branch.main.description=x submodule.recurse=true \
		remote.new.url=../x.git core.fsmonitor=true a.b=c \
		'filter.lfs.clean=git-lfs clean -- %f'; do
		allowed git config "${pair%%=*}" "${pair#*=}"
		[ "$(/usr/bin/git config "${pair%%=*}")" = "${pair#*=}" ]
	done
	allowed git config --unset a.b
	allowed git config --remove-section branch.main
}

@test "everyday keys of the person's own configuration, undone" {
	was=$(cat "$HOME/.gitconfig")
	for pair in init.defaultBranch=main pull.rebase=false color.ui=auto \
		push.autoSetupRemote=true alias.lg='log --oneline' \
		core.editor=vim user.name=Ann "safe.directory=$repo"; do
		allowed git config --global "${pair%%=*}" "${pair#*=}"
		[ "$(/usr/bin/git config --global "${pair%%=*}")" = "${pair#*=}" ]
	done
	for _ in 1 2 3 4 5 6 7 8; do
		"$automode" undo >/dev/null || true
	done
	[ "$was" = "$(cat "$HOME/.gitconfig")" ]
}

@test "the person's own set-up" {
	cat >"$HOME/own.config" <<-X
		[core]
			pager = cat
			editor = true
		[merge "m"]
			driver = true
		[alias]
			st = status -s
			root = !pwd
		[difftool "t"]
			cmd = true
		[credential]
			helper = store
		[filter "f"]
			clean = cat
			smudge = cat
	X
	/usr/bin/git config --global include.path "$HOME/own.config"
	allowed git st
	allowed git root
	allowed git commit -q --amend
	allowed git add a.x
	allowed git checkout -q -f topic
	allowed git difftool -y -t t
	/usr/bin/git config --global --unset include.path
}

@test "checks that run" {
	printf '#!/bin/sh\necho checked >&2\n' >.git/hooks/pre-commit
	chmod +x .git/hooks/pre-commit
	allowed git commit -qm x
	[[ "$output" == *checked* ]]
}
