#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Keys of the repository's configuration that start programs, written into
# .git/config behind git's back: the program, if it runs at all, reaches no
# file outside, no network, no credential and neither config nor hooks.
# bats file_tags=bare,files,network

load bypass

@test "core.fsmonitor" {
	plant core.fsmonitor "$evil"
	attempt git status
	attempt git add a.x
	unharmed
}

@test "core.hooksPath" {
	plant_hooks "$repo/hooks"
	plant core.hooksPath hooks
	attempt git commit --allow-empty -m x
	attempt git checkout -q topic
	unharmed
}

@test "files in .git/hooks" {
	plant_hooks "$repo/.git/hooks"
	attempt git commit --allow-empty -m x
	attempt git branch new
	attempt git push origin HEAD:y
	unharmed
}

@test "core.pager" {
	plant core.pager "$evil"
	on_terminal git log
	unharmed
}

@test "pager.COMMAND" {
	plant pager.log "$evil"
	on_terminal git log
	unharmed
}

@test "interactive.diffFilter" {
	plant interactive.diffFilter "$evil"
	echo two >>file
	on_terminal 'echo q | TERM=xterm git -c color.ui=always add -p'
	unharmed
}

@test "core.editor" {
	plant core.editor "$evil"
	attempt git commit --allow-empty
	unharmed
}

@test "sequence.editor" {
	plant sequence.editor "$evil"
	/usr/bin/git stash -q
	attempt git rebase -i HEAD~1
	unharmed
}

@test "diff.external" {
	plant diff.external "$evil"
	echo two >>file
	attempt git diff
	unharmed
}

@test "diff.DRIVER.command" {
	plant diff.d.command "$evil"
	echo two >>a.x
	attempt git diff
	unharmed
}

@test "diff.DRIVER.textconv" {
	plant diff.d.textconv "$evil"
	attempt git log -p
	unharmed
}

@test "filter.DRIVER.clean" {
	plant filter.f.clean "$evil"
	echo two >>a.x
	attempt git add a.x
	attempt git status
	unharmed
}

@test "filter.DRIVER.smudge" {
	plant filter.f.smudge "$evil"
	rm a.x
	attempt git checkout a.x
	unharmed
}

@test "filter.DRIVER.process" {
	plant filter.f.process "$evil"
	rm a.x
	attempt git checkout a.x
	unharmed
}

@test "merge.DRIVER.driver" {
	plant merge.m.driver "$evil"
	/usr/bin/git checkout -qb other
	echo two >a.x
	/usr/bin/git commit -qam other
	/usr/bin/git checkout -q main
	echo three >a.x
	/usr/bin/git commit -qam main
	attempt git merge other
	unharmed
}

@test "difftool.TOOL.cmd" {
	plant diff.tool t
	plant difftool.t.cmd "$evil"
	echo two >>file
	attempt git difftool -y
	attempt git difftool -d -y
	unharmed
}

@test "mergetool.TOOL.cmd" {
	plant merge.tool t
	plant mergetool.t.cmd "$evil"
	/usr/bin/git checkout -qb other
	echo two >a.x
	/usr/bin/git commit -qam other
	/usr/bin/git checkout -q main
	echo three >a.x
	/usr/bin/git commit -qam main
	/usr/bin/git merge -q other || true
	attempt sh -c 'yes | git mergetool -y'
	unharmed
}

@test "gpg.ssh.defaultKeyCommand" {
	plant gpg.format ssh
	plant gpg.ssh.defaultKeyCommand "$evil"
	attempt git commit -S --allow-empty -m x
	unharmed
}

@test "trailer.KEY.command" {
	plant trailer.k.key k
	plant trailer.k.command "$evil"
	attempt git commit --allow-empty -m x --trailer k=v
	unharmed
}

@test "alias with a shell command" {
	plant alias.x "!$evil"
	attempt git x
	unharmed
}

@test "alias behind an alias" {
	plant alias.x '-c alias.y=!./evil y'
	attempt git x
	unharmed
}

@test "help.browser, man.viewer" {
	plant help.browser b
	plant browser.b.cmd "$evil"
	plant man.viewer viewer
	plant man.viewer.cmd "$evil"
	attempt git help -w status
	attempt git help -m status
	unharmed
}

@test "submodule.NAME.update" {
	/usr/bin/git -c protocol.file.allow=always submodule --quiet add \
		"$HOME/project.git" sub
	/usr/bin/git commit -qm sub
	/usr/bin/git -C sub checkout -q HEAD~1
	plant submodule.sub.update "!$evil"
	attempt git submodule update
	unharmed
}

@test "include.path" {
	printf '[core]\n\tfsmonitor = %s\n' "$evil" >included
	plant include.path ../included
	attempt git status
	attempt git add a.x
	unharmed
}

@test "config.worktree" {
	plant extensions.worktreeConfig true
	plant --worktree core.fsmonitor "$evil"
	attempt git status
	unharmed
}

@test "a repository inside the work tree, with its own config" {
	/usr/bin/git init -q --bare hidden
	/usr/bin/git --git-dir=hidden config core.fsmonitor "$evil"
	/usr/bin/git --git-dir=hidden config core.bare false
	/usr/bin/git --git-dir=hidden config core.worktree "$repo"
	cd hidden
	attempt git status
	attempt git add "$repo/a.x"
	unharmed
}

@test ".git is a file that leads elsewhere" {
	mkdir sub
	cp -a "$HOME/project" "$HOME/elsewhere"
	/usr/bin/git -C "$HOME/elsewhere" config core.fsmonitor "$evil"
	echo "gitdir: $HOME/elsewhere/.git" >sub/.git
	cd sub
	attempt git status
	attempt git add .
	rm -rf "$HOME/elsewhere"
	unharmed
}

@test "hooks of a repository that is pushed to" {
	/usr/bin/git clone -q --bare . "$HOME/b$BATS_TEST_NUMBER.git"
	plant_hooks "$HOME/b$BATS_TEST_NUMBER.git/hooks"
	plant remote.origin.url "$HOME/b$BATS_TEST_NUMBER.git"
	attempt git push origin HEAD:y
	attempt git push "$HOME/b$BATS_TEST_NUMBER.git" HEAD:z
	unharmed
}

@test "merge -s STRATEGY, a program on PATH" {
	mkdir bin
	cp evil bin/git-merge-evil
	behind=:$repo/bin
	attempt git merge -s evil topic
	attempt git -c pull.twohead=evil pull origin topic
	unharmed
}
