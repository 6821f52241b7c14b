#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Signed commits and tags: made and verified by the person's own gpg and ssh
# keys, none of which the box can see.

load world

setup() {
	make_world
	unset SSH_AUTH_SOCK SSH_AGENT_PID GNUPGHOME
	make_repo
	mkdir -m 700 "$HOME/.ssh"
	ssh-keygen -q -t ed25519 -N '' -C signer -f "$HOME/.ssh/signer"
	printf 'ann@example.com %s\n' "$(cat "$HOME/.ssh/signer.pub")" \
	    >"$HOME/allowed"
}

# As the agent, but only git by its shim: the tests look at what an agent has
# no business with.
only_git() {
	PATH=$plain_path
	as_agent
	agent_git=${PATH%%:*}/git
	PATH=$plain_path
}

git() { "$agent_git" "$@"; }

teardown() {
	gpgconf --kill gpg-agent >/dev/null 2>&1 || true
	end_world
}

with_gpg() {
	mkdir -m 700 "$HOME/.gnupg"
	gpg --batch --quiet --pinentry-mode loopback --passphrase '' \
	    --quick-gen-key 'Ann <ann@example.com>' ed25519 sign never 2>&1
	only_git
}

with_ssh() {
	/usr/bin/git config --global gpg.format ssh
	# shellcheck disable=SC2088 # git's tilde
	/usr/bin/git config --global user.signingkey '~/.ssh/signer.pub'
	/usr/bin/git config --global gpg.ssh.allowedSignersFile "$HOME/allowed"
	only_git
}

change() { echo "$RANDOM" >>file; }

@test "gpg: commit, tag, amend; log, tag -v and verify-commit show it" {
	with_gpg
	change
	run git commit -S -qam signed
	[ "$status" -eq 0 ]
	/usr/bin/git verify-commit HEAD
	run git verify-commit HEAD
	[ "$status" -eq 0 ]
	[[ "$output" == *'Good signature from "Ann <ann@example.com>"'* ]]
	run git tag -s v1 -m v1
	[ "$status" -eq 0 ]
	run git tag -v v1
	[ "$status" -eq 0 ]
	run git log -1 --format=%G?
	[ "$output" = G ]
	/usr/bin/git config --global commit.gpgsign true
	git commit -q --amend -m again
	/usr/bin/git verify-commit HEAD
	run git -c user.signingkey=nobody@example.com commit --amend -qm x
	[ "$status" -eq 128 ]
	[[ "$output" == *"gpg failed to sign the data"* ]]
}

@test "ssh: commit, rebase, verify" {
	with_ssh
	/usr/bin/git config --global commit.gpgsign true
	change
	run git commit -qam signed
	[ "$status" -eq 0 ]
	/usr/bin/git verify-commit HEAD
	run git log -1 --format='%G? %GS'
	[ "$output" = "G ann@example.com" ]
	git checkout -q topic
	run git rebase -q main
	[ "$status" -eq 0 ]
	/usr/bin/git verify-commit HEAD
	run git commit --amend --no-edit -q --no-gpg-sign
	[ "$status" -eq 126 ]
}

@test "a key of the session's, or a locked one, is refused with a reason" {
	with_ssh
	ssh-keygen -q -t ed25519 -N secret -f "$HOME/.ssh/locked"
	ssh-keygen -q -t ed25519 -N '' -f "$world/mine"
	change
	run git -c user.signingkey="$world/mine" commit -S -qam x
	[ "$status" -eq 128 ]
	[[ "$output" == *"mine is neither in ~/.ssh nor"* ]]
	run git -c user.signingkey="$HOME/.ssh/locked" commit -S -qam x
	[ "$status" -eq 128 ]
	[[ "$output" == *"needs an ssh agent"* ]]
}

# What a hook can reach: the broker's programs, not what they know.
@test "code in the box signs nothing but commits and tags" {
	with_gpg
	cat >.git/hooks/pre-commit <<-'END'
		#!/bin/bash
		gpg=/run/automode/gpg keygen=/run/automode/ssh-keygen
		echo anything >/tmp/text
		$gpg --status-fd=2 -bsau ann@example.com </tmp/text && echo LEAK 1
		$gpg --export-secret-keys </dev/null && echo LEAK 2
		$gpg --list-keys </dev/null && echo LEAK 3
		$keygen -Y sign -n git -f "$HOME/.ssh/signer" /tmp/text && echo LEAK 4
		$keygen -Y sign -n file -f "$HOME/.ssh/signer" /tmp/text && echo LEAK 5
		$keygen -y -f "$HOME/.ssh/signer" && echo LEAK 6
		ls "$HOME/.gnupg" "$HOME/.ssh" 2>/dev/null && echo LEAK 7
		true
	END
	chmod +x .git/hooks/pre-commit
	change
	run git commit -S -qam signed
	[ "$status" -eq 0 ]
	[[ "$output" != *LEAK* ]]
	/usr/bin/git verify-commit HEAD
}

@test "gpg: a test suite's own key ring is used as it is, the person's never so" {
	with_gpg
	export GNUPGHOME=$PWD/ring
	mkdir -m 700 ring
	gpg --batch --quiet --pinentry-mode loopback --passphrase '' \
	    --quick-gen-key 'Suite <suite@example.com>' ed25519 sign never 2>&1
	change
	run git commit -Ssuite@example.com -qm signed file
	[ "$status" -eq 0 ]
	run git verify-commit HEAD
	[[ "$output" == *'Good signature from "Suite <suite@example.com>"'* ]]
	run git tag -s -u suite@example.com -m v1 v1
	[ "$status" -eq 0 ]
	[[ "$(git tag -v v1 2>&1)" == *'from "Suite <suite@example.com>"'* ]]
	# a program that the repository names is not run
	printf '#!/bin/sh\ntouch "%s/ran"\nexec gpg "$@"\n' "$PWD" >program
	chmod +x program
	/usr/bin/git config gpg.program "$PWD/program"
	run git tag -s -u suite@example.com -m v2 v2
	[ ! -e ran ]
	gpgconf --kill gpg-agent >/dev/null 2>&1 || true
	# another name for the person's
	ln -s "$HOME/.gnupg" same
	export GNUPGHOME=$PWD/same
	change
	run git -c user.signingkey=ann@example.com commit -S -qm hers file
	unset GNUPGHOME
	[ "$status" -ne 0 ] || /usr/bin/git verify-commit HEAD
}
