#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Ways to do to refs, files and remotes what the words of a command line do not
# say: each is refused or undone.
# bats file_tags=bare

load bypass

# bats test_tags=policy
@test "forced and deleting pushes in every spelling" {
	reversible git push origin +HEAD~1:shared
	reversible git push origin :shared
	reversible git push origin HEAD~1:shared -f
	reversible git push --de origin shared
	reversible git push --mi origin
	reversible git push -fd origin shared
	reversible git push --prun origin 'refs/heads/*:refs/heads/*'
	reversible git push -of --force-with origin HEAD~1:shared
}

# bats test_tags=policy
@test "settings that make a plain push forced" {
	plant remote.origin.push '+refs/heads/topic:refs/heads/shared'
	reversible git push
	plant --unset remote.origin.push
	plant push.default matching
	/usr/bin/git branch -f shared topic
	reversible git push --force
	plant remote.origin.mirror true
	reversible git push
}

@test "remotes of the legacy folders" {
	mkdir -p .git/remotes .git/branches
	printf 'URL: ../../foreign.git\nPush: +refs/heads/topic:refs/heads/shared\n' \
		>.git/remotes/leg
	echo '../../foreign.git#main' >.git/branches/leg2
	reversible git push leg topic
	reversible git push leg
	reversible git push leg2 HEAD:shared -f
}

# bats test_tags=policy
@test "a branch that is another name of main" {
	/usr/bin/git update-ref refs/heads/new topic
	/usr/bin/git symbolic-ref refs/heads/feature refs/heads/new
	reversible git push -f origin feature:main
	/usr/bin/git symbolic-ref refs/heads/feature2 refs/heads/main
	/usr/bin/git reset -q --hard HEAD~1
	reversible git push -f origin feature2
	reversible git symbolic-ref refs/heads/other refs/heads/main
}

# bats test_tags=policy
@test "a lease after a fetch" {
	git fetch -q
	reversible git push --force-with-lease origin HEAD~1:shared
	reversible git push --force-with-lease=shared origin HEAD~1:shared
	reversible git push --force-with-lease --force-if-includes origin \
		HEAD~1:shared
}

# bats test_tags=policy
@test "a second pushurl, insteadOf, a URL, a path" {
	attempt git status -s
	plant --add remote.origin.pushurl ../old/origin.git
	plant --add remote.origin.pushurl ../../foreign.git
	reversible git push origin topic:new
	plant --unset-all remote.origin.pushurl
	plant url.../../foreign.git.insteadOf ../old/origin.git
	reversible git push origin topic:new
	plant --remove-section url.../../foreign.git
	plant url.../../foreign.git.pushInsteadOf ../old/origin.git
	reversible git push origin topic:new
	plant --remove-section url.../../foreign.git
	reversible git push ../../foreign.git topic:new
	reversible git push "file://$world/foreign.git" topic:new
	reversible git -c remote.origin.url=../../foreign.git push origin \
		topic:new
}

# bats test_tags=vault
@test "pushing and fetching from the repository itself" {
	reversible git push . :topic
	reversible git push . +main:topic
	reversible git fetch . +main:topic
	reversible git fetch -u . +topic:main
	reversible git fetch -f . main:topic
}

# bats test_tags=vault
@test "plumbing that moves refs" {
	reversible git update-ref -d refs/heads/topic
	reversible git branch -M main topic
	reversible git branch -C main topic
	/usr/bin/git tag v1 HEAD~1
	reversible git tag -f v1 HEAD
	reversible git symbolic-ref HEAD refs/heads/none
	reversible git replace HEAD HEAD~1
	reversible git notes add -f -m x
	reversible git rebase -q --update-refs HEAD~1 topic
	was=$(/usr/bin/git rev-parse topic)
	attempt git worktree add -q -B topic ../new main
	[ "$status" -eq 126 ] || "$automode" undo
	rm -rf ../new
	[ "$was" = "$(/usr/bin/git rev-parse topic)" ]
}

# bats test_tags=vault
@test "plumbing that reads what to move" {
	printf 'delete refs/heads/topic\n' >in
	reversible sh -c 'git update-ref --stdin <in'
	printf 'reset refs/heads/topic\nfrom refs/heads/main\n' >in
	reversible sh -c 'git fast-import --force --quiet <in'
	printf 'file\n' >in
	echo two >file
	reversible sh -c 'git checkout --pathspec-from-file=- <in'
	reversible sh -c 'git restore --pathspec-from-file=in'
}

@test "core.worktree elsewhere" {
	plant core.worktree "$HOME/old"
	reversible git clean -fdx
	reversible git checkout -f .
	reversible git reset --hard
}

@test "--git-dir, --work-tree and -C" {
	cd "$HOME/old"
	reversible git --git-dir="$repo/.git" clean -fdx
	reversible git --git-dir="$repo/.git" checkout .
	cd "$repo"
	reversible git --work-tree="$HOME/old" clean -fdx
	reversible git -C .. -C old --git-dir="$repo/.git" clean -fdx
	reversible git --work-tree=/ clean -n -fdx old
}

# bats test_tags=vault
@test "an empty index, then clean" {
	/usr/bin/git read-tree --empty
	reversible git clean -fd
	/usr/bin/git reset -q
	/usr/bin/git rm -rq --cached .
	reversible git clean -fd
	reversible git clean -fdx
}

# bats test_tags=vault
@test "what is ignored no more" {
	echo '!*.log' >>.gitignore
	reversible git clean -fd
	reversible git clean -fd -e '!ignored/'
	echo '!ignored/' >>.git/info/exclude
	reversible git clean -fd
	reversible git -c core.excludesFile=/dev/null clean -fdX
}

# bats test_tags=vault
@test "clean without -f" {
	reversible git -c clean.requireForce=false clean -d
	plant clean.requireForce false
	reversible git clean -dx
	reversible sh -c 'echo 1 | git clean -di'
}

# bats test_tags=vault
@test "ignored files in the way" {
	/usr/bin/git stash -q
	/usr/bin/git checkout -q topic
	echo tracked >a.log
	/usr/bin/git add -f a.log
	/usr/bin/git commit -qm log
	/usr/bin/git checkout -q main
	echo mine >a.log
	reversible git checkout topic
	reversible git merge topic
	reversible git rebase topic
	reversible git cherry-pick topic
	reversible git reset --keep topic
}

# bats test_tags=vault
@test "files that are only to be added" {
	/usr/bin/git add -N untracked
	reversible git checkout .
	reversible git reset --hard
}

# bats test_tags=vault
@test "worktree remove and sparse-checkout" {
	/usr/bin/git worktree add -q --detach ../old/wt
	echo x >../old/wt/a.log
	was=$("$manifest" ../old/wt)
	attempt git worktree remove ../old/wt
	[ "$status" -eq 126 ] || "$automode" undo
	[ "$was" = "$("$manifest" ../old/wt)" ]
	mkdir dir
	echo x >dir/tracked
	/usr/bin/git add dir
	/usr/bin/git commit -qm dir
	echo x >dir/x.log
	reversible git sparse-checkout set ignored
}

# bats test_tags=vault
@test "changes that the index hides" {
	/usr/bin/git update-index --assume-unchanged a.x
	echo hidden >a.x
	/usr/bin/git update-index --skip-worktree file
	echo hidden >file
	reversible git reset --hard
	plant core.trustctime false
	plant core.checkStat minimal
	plant status.showUntrackedFiles no
	reversible git checkout -f topic
	reversible git reset --hard topic
}

# bats test_tags=vault
@test "ends of operations" {
	/usr/bin/git stash -q
	echo a >a.x
	/usr/bin/git commit -qam a
	/usr/bin/git checkout -qb other HEAD~1
	echo b >a.x
	/usr/bin/git commit -qam b
	/usr/bin/git merge -q main || true
	echo resolved >a.x
	reversible git merge --abort
	reversible git reset --merge
	/usr/bin/git reset -q --hard
	/usr/bin/git rebase -q main || true
	echo resolved >a.x
	reversible git rebase --skip
	reversible git rebase --abort
}

# bats test_tags=vault
@test "abbreviated options" {
	reversible git reset --h
	reversible git checkout --f
	/usr/bin/git stash -q
	/usr/bin/git stash drop -q
	reversible git gc --prun=now
	refused '*ambiguous*' git push --forc origin main || {
		[ "$status" -eq 129 ]
		unharmed
	}
}

# bats test_tags=vault
@test "reads that write" {
	for c in diff log show 'format-patch --stdout -1' shortlog rev-list\ HEAD \
		'blame file' reflog; do
		# shellcheck disable=SC2086
		reversible git $c --output="$HOME/old/precious"
		# shellcheck disable=SC2086
		reversible git $c --output=untracked
	done
	reversible git archive -o "$HOME/old/precious" HEAD
	reversible git bundle create "$HOME/old/precious" HEAD
	mkdir out
	echo mine >out/0001-base.patch
	reversible git format-patch -o out -1
	reversible git config -f "$HOME/old/precious" a.b c
	reversible git merge-file untracked file file
	reversible git fast-export --export-marks=untracked HEAD
}

@test "help.autocorrect" {
	plant help.autocorrect immediate
	reversible git pussh origin :shared
	reversible git rest --hard
	reversible git -c help.autocorrect=1 psuh origin :shared
	GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=help.autocorrect \
		GIT_CONFIG_VALUE_0=immediate reversible git rset --hard
}

# bats test_tags=vault
@test "losing the net" {
	/usr/bin/git reset -q --hard HEAD~1
	reversible git reflog expire --expire=now --all
	reversible git repack -adq
	reversible git gc -q --prune=now
	reversible git -c gc.pruneExpire=now -c gc.reflogExpireUnreachable=now gc
	reversible git fetch -q --depth=1 "file://$HOME/old/origin.git"
	reversible git prune --expire=now
}

# bats test_tags=vault
@test "prunes and rewrites of all refs" {
	/usr/bin/git tag local topic
	reversible git fetch -q --prune origin '+refs/*:refs/*'
	reversible git fetch -q -p -P
	plant remote.origin.fetch '+refs/heads/*:refs/heads/*'
	reversible git fetch -q --prune --update-head-ok
	/usr/bin/git stash -q
	export FILTER_BRANCH_SQUELCH_WARNING=1
	reversible git filter-branch -f --msg-filter 'sed s/one/1/' -- --all
}
