#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Configuration as commands write it: judged before, compared afterwards; what
# other code plants on the way is taken back and told.
# bats file_tags=bare

load bypass

# bats test_tags=keys
@test "keys that start programs" {
	for key in core.fsmonitor core.editor core.pager core.sshCommand \
		core.gitProxy core.askPass core.alternateRefsCommand \
		diff.external diff.d.command diff.d.textconv filter.f.clean \
		filter.f.smudge filter.f.process merge.m.driver gpg.program \
		gpg.ssh.defaultKeyCommand credential.helper include.path \
		credential.https://h.helper includeIf.gitdir:/.path \
		interactive.diffFilter pager.log sequence.editor \
		trailer.k.command trailer.k.cmd tar.t.command \
		mergetool.t.cmd difftool.t.cmd man.m.cmd browser.b.cmd \
		init.templateDir uploadpack.packObjectsHook \
		remote.origin.uploadpack remote.origin.vcs hook.h.command \
		sendemail.smtpServer imap.tunnel lfs.customtransfer.x.path; do
		refused '*in later commands*' git config "$key" "$evil"
	done
	refused '*' git config core.hooksPath "$HOME/hooks"
	refused '*' git config alias.x "!$evil"
	refused '*' git config submodule.s.update "!$evil"
	refused '*' git config -f .git/config core.fsmonitor "$evil"
	refused '*' git config --worktree core.fsmonitor "$evil"
	refused '*' git config --replace-all CORE.FSMonitor "$evil"
	refused '*' git config set core.fsmonitor "$evil"
	refused '*' git config --edit
	plant x.fsmonitor "$evil"
	refused '*' git config --rename-section x core
}

# bats test_tags=keys
@test "the config of a submodule" {
	/usr/bin/git -c protocol.file.allow=always submodule --quiet add \
		"$HOME/project.git" sub
	refused '*' git config -f .git/modules/sub/config core.fsmonitor "$evil"
	refused '*' git -C sub config core.fsmonitor "$evil"
}

# bats test_tags=policy
@test "the person's own configuration" {
	case $world in /tmp/*) skip "the build folder is below /tmp" ;; esac
	was=$(cat "$HOME/.gitconfig")
	for pair in core.fsmonitor="$evil" alias.x="!$evil" \
		credential.helper=store include.path=/x user.email=x@y \
		url.https://evil/.insteadOf=https://github.com/ \
		http.sslVerify=false safe.directory='*' core.sshCommand=x \
		core.editor="$evil" foo.bar=baz; do
		refused "*person's own*" \
			git config --global "${pair%%=*}" "${pair#*=}"
	done
	refused '*' git config --global --edit
	refused '*' git config --global --remove-section user
	refused '*' git config --system core.pager cat
	refused '*' git config -f "$HOME/.gitconfig" core.fsmonitor "$evil"
	[ "$was" = "$(cat "$HOME/.gitconfig")" ]
}

# bats test_tags=postcheck
@test "a hook writes into the config that the command may change" {
	cat >.git/hooks/reference-transaction <<-'X'
		#!/bin/sh
		cd "$(git rev-parse --git-common-dir)"
		printf '[core]\n\tfsmonitor = ./evil\n' >>config
		printf '[alias]\n\tst = !./evil\n' >>config
		exit 0
	X
	chmod +x .git/hooks/reference-transaction
	attempt git branch --track new origin/main
	[[ "$output" == *'put back .git/config: core.fsmonitor'* ]]
	attempt git push -u origin topic:new
	attempt git remote add new ../project.git
	attempt git remote rename new new2
	attempt git checkout -q -b new3 origin/main
	attempt git -c protocol.file.allow=always submodule add \
		"$HOME/project.git" sub
	attempt git submodule init
	attempt git submodule sync
	[ -z "$(/usr/bin/git config core.fsmonitor)" ]
	[ -z "$(/usr/bin/git config alias.st)" ]
	[ "$(/usr/bin/git config branch.new.remote)" = origin ]
	[ "$(/usr/bin/git config remote.new2.url)" = ../project.git ]
}

# bats test_tags=postcheck
@test "files that git reads and never writes" {
	cat >plant <<-'X'
		#!/bin/sh
		cd "$(git rev-parse --git-common-dir)"
		mkdir -p info remotes branches worktrees/wt
		echo '* filter=f' >>info/attributes
		echo x >>info/grafts
		echo 'URL: /x' >remotes/origin
		echo /x >branches/origin
		printf '[core]\n\tfsmonitor = ./evil\n' >>worktrees/wt/config.worktree
	X
	chmod +x plant
	/usr/bin/git worktree add -q ../wt$BATS_TEST_NUMBER
	mv .git/worktrees/* .git/worktrees/wt
	echo '*.y diff' >.git/info/attributes
	attempt git -c alias.x='!./plant' x
	[[ "$output" == *'put back .git/info/attributes'* ]]
	[ "$(cat .git/info/attributes)" = '*.y diff' ]
	[ ! -e .git/info/grafts ]
	[ ! -e .git/remotes/origin ]
	[ ! -e .git/branches/origin ]
	! grep -q fsmonitor .git/worktrees/wt/config.worktree
	rm -rf ../wt$BATS_TEST_NUMBER
}

# bats test_tags=postcheck
@test "the config of submodules that are being made" {
	cat >.git/hooks/post-index-change <<-'X'
		#!/bin/sh
		for d in "$(git rev-parse --git-common-dir)"/modules/*; do
			printf '[core]\n\tfsmonitor = ./evil\n' >>"$d/config"
		done
	X
	chmod +x .git/hooks/post-index-change
	attempt git -c protocol.file.allow=always submodule add \
		"$HOME/project.git" sub
	attempt git add sub
	attempt git -c protocol.file.allow=always submodule update --init
	[ -d .git/modules/sub ]
	[ -z "$(/usr/bin/git -C sub config core.fsmonitor)" ]
	[ -n "$(/usr/bin/git -C sub config remote.origin.url)" ]
}

# bats test_tags=pins
@test "code in the box changes neither config nor hooks" {
	attempt git -c alias.x='!./evil' x
	attempt git -c core.editor=./evil commit --allow-empty
	unharmed
}

# bats test_tags=policy
@test "a remote that goes elsewhere" {
	refused '*later pushes*' git remote set-url origin ../../foreign.git
	refused '*' git remote set-url --push origin ../../foreign.git
	refused '*' git remote set-url --add origin ../../foreign.git
}

# bats test_tags=environ
@test "a development database for hooks, and no other" {
	cat >.git/hooks/pre-commit <<-'X'
		#!/bin/sh
		env >&2
		exit 1
	X
	chmod +x .git/hooks/pre-commit
	DATABASE_URL=postgres://u:devpw@localhost/dev attempt git commit -m x
	[[ "$output" == *devpw* ]]
	DATABASE_URL=postgres://u:hunter2@db.example.com/p attempt \
		git commit -m x
	[[ "$output" != *hunter2* ]]
}
