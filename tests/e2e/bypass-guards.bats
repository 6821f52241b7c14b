#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Checks of a project that a line would skip, names that are not the caller's,
# protections that a setting would take away: denied, with what says so.
# bats file_tags=bare,policy

load bypass

# bats test_tags=checks
@test "--no-verify in every spelling" {
	make_checks
	refused "*skips the project's hook: pre-commit*" \
		git commit --no-verify -m x
	refused '*pre-commit*' git commit -n -m x
	refused '*pre-commit*' git commit --no-veri -m x
	refused '*pre-commit*' git commit -anm x
	refused '*pre-push*' git push --no-verify origin HEAD:y
	refused '*pre-push*' git push --no-veri origin HEAD:y
	refused '*pre-rebase*' git rebase --no-verify main
	refused '*applypatch-msg*' git am --no-verify file
	refused '*pre-merge-commit*' git merge --no-verify topic
	refused '*pre-commit*' git -c alias.ci='commit -n' ci -m x
}

# bats test_tags=checks
@test "hooks from nowhere" {
	make_checks
	refused '*pre-commit*' git -c core.hooksPath=/dev/null commit -m x
	refused '*pre-commit*' git -c Core.HooksPath= commit -m x
	refused '*pre-push*' git -c core.hooksPath="$HOME" push origin HEAD:y
	export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=core.hooksPath
	GIT_CONFIG_VALUE_0=/dev/null refused '*pre-commit*' git commit -m x
	unset GIT_CONFIG_COUNT
	GIT_CONFIG_PARAMETERS="'core.hooksPath=/dev/null'" \
		refused '*pre-commit*' git commit -m x
	V=/dev/null refused '*pre-commit*' \
		git --config-env=core.hooksPath=V commit -m x
}

# bats test_tags=checks
@test "switches of hook managers" {
	make_checks
	HUSKY=0 refused '*HUSKY=0*' git commit -m x
	SKIP=lint refused '*SKIP=lint*' git commit -m x
	LEFTHOOK=0 refused '*LEFTHOOK=0*' git push origin HEAD:y
	LEFTHOOK=false refused '*LEFTHOOK=false*' git commit -m x
	PRE_COMMIT_ALLOW_NO_CONFIG=1 refused '*PRE_COMMIT*' git commit -m x
	OVERCOMMIT_DISABLE=1 refused '*OVERCOMMIT*' git commit -m x
	if [ -z "${MUTANT:-}" ]; then
		HUSKY=1 allowed_or_checked git commit -m x
		HUSKY=0 allowed git status
	fi
}

# bats test_tags=keys
@test "settings that hide the checks" {
	make_checks
	refused '*pre-commit*' git config core.hooksPath /dev/null
	refused '*pre-commit*' git config core.hooksPath .husky
	refused '*pre-commit*' git config --local core.hooksPath ''
	refused '*pre-commit*' git config set core.hooksPath none
	mkdir .husky
	/usr/bin/git config core.hooksPath .husky
	cp .git/hooks/pre-commit .husky/
	refused '*pre-commit*' git config core.hooksPath other
	rm .git/hooks/*
	refused '*pre-commit*' git config --unset core.hooksPath
	refused '*pre-commit*' git config --remove-section core
}

# bats test_tags=signing
@test "signatures" {
	plant commit.gpgsign true
	refused '*signed here*' git commit --no-gpg-sign -m x
	refused '*signed here*' git commit --no-gpg -m x
	refused '*signed here*' git -c commit.gpgsign=false commit -m x
	refused '*signed here*' git merge --no-gpg-sign topic
}

# bats test_tags=keys
@test "settings that leave signatures out" {
	plant commit.gpgsign true
	refused '*config line*' git config commit.gpgsign false
	refused '*config line*' git config --unset commit.gpgsign
	refused '*commit.gpgsign*' git config --remove-section commit
	refused '*commit.gpgsign*' git config --rename-section commit x
}

# bats test_tags=identity
@test "in another person's name" {
	refused '*Ben <ben@example.com> is not your identity*' \
		git commit --author='Ben <ben@example.com>' -m x
	refused '*Ben*' git commit --author=Ben -m x
	refused '*Ben*' git commit --author='Ben <new@example.net>' -m x
	refused '*ben@*' git commit --author='B <ben@example.com>' -m x
	refused '*Ben*' git commit --amend --no-edit --author=Ben
	refused '*ben@*' git -c user.email=ben@example.com commit -m x
	refused '*ben@*' git -c author.email=ben@example.com commit -m x
	refused '*ben@*' git -c user.email=ben@example.com merge --no-ff topic
	GIT_AUTHOR_EMAIL=ben@example.com refused '*ben@*' git commit -m x
	GIT_COMMITTER_NAME=Ben refused '*Ben*' git commit -m x
	GIT_COMMITTER_EMAIL=ben@example.com refused '*ben@*' \
		git tag -a -m x v1
	GIT_AUTHOR_EMAIL=ben@example.com refused '*ben@*' \
		git commit-tree -m x 'HEAD^{tree}'
}

# bats test_tags=keys
@test "user.email of a colleague" {
	refused '*not your identity*' git config user.email ben@example.com
	if [ -z "${MUTANT:-}" ]; then
		allowed git config user.email ann@work.example.com
	fi
}

# bats test_tags=keys
@test "settings that take protections away" {
	for pair in safe.directory='*' protocol.ext.allow=always \
		protocol.allow=always transfer.fsckObjects=false \
		fetch.fsckObjects=no http.sslVerify=false \
		http.https://h/.sslVerify=false http.proxy=http://x \
		core.protectHFS=false core.logAllRefUpdates=false \
		gc.reflogExpire=now gc.pruneExpire=now core.worktree=/ \
		remote.origin.mirror=true remote.origin.push=+main \
		remote.origin.url=/x remote.origin.pushurl=/x \
		url./x.insteadOf=/y http.extraHeader=x \
		receive.denyCurrentBranch=ignore; do
		refused '*weakens a guard*' git config "${pair%%=*}" "${pair#*=}"
	done
	plant transfer.fsckObjects true
	refused '*config line*' git config --unset transfer.fsckObjects
}

# bats test_tags=outside
@test "words that lose nothing, in others' repositories" {
	/usr/bin/git clone -q --bare . "$world/theirs.git"
	refused '*outside of the workspace*' \
		git --git-dir="$world/theirs.git" pack-refs --all
	refused '*outside*' git -C "$world/theirs.git" commit-graph write
	rm -rf "$world/theirs.git"
}
