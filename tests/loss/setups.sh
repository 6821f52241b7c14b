# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Work spaces for the loss suite, one function a setup.  Each is built once at
# $WS and copied for every form.  Below $WS: repo/, and where a setup says so
# linked/ (a linked work tree), origin.git, lib.git.

G=/usr/bin/git

tick=1700000000
commit() { # message
	tick=$((tick + 60))
	GIT_AUTHOR_DATE="$tick +0000" GIT_COMMITTER_DATE="$tick +0000" \
		$G commit -q --allow-empty "$@"
}

# History of every setup: main (6 commits), feature and topic beside it (topic
# in conflict with main in b.txt), merged, and things only a tag or a reflog
# still holds.
base() {
	mkdir -p "$WS" && cd "$WS" || return
	$G init -q repo
	cd repo || return
	printf '*.o\nbuild/\n.env\ncfg.local\n' >.gitignore
	printf 'crlf.txt text eol=crlf\nident.txt ident\n*.bin -text\n' \
		>.gitattributes
	mkdir -p dir/sub other
	for f in a b c d e f dir/g dir/sub/h other/i; do
		seq 1 20 | sed "s|^|$f |" >$f.txt
	done
	printf 'one\r\ntwo\r\n' >crlf.txt
	# shellcheck disable=SC2016
	printf '$Id$\nx\n' >ident.txt
	printf '\0\1\2' >raw.bin
	printf '#!/bin/sh\n' >run.sh
	chmod 755 run.sh
	ln -s a.txt link
	ln -s nowhere dangling
	printf x >"$(printf 'latin\351')"
	printf x >"$(printf 'tab\tand\nline')"
	$G add -A
	commit -m one
	echo more >>d.txt
	commit -qam two
	$G branch merged
	$G tag v0
	$G branch topic
	echo 3 >>e.txt
	commit -qam three
	$G tag -a -m annotated v1

	$G checkout -q -b feature
	echo from-feature >only-feature.txt
	echo tracked-here >cfg.local
	mkdir inway
	echo f >inway/file
	echo feature >>f.txt
	$G add -f only-feature.txt cfg.local inway f.txt
	commit -m 'feature 1'
	echo more >>only-feature.txt
	commit -am 'feature 2'

	$G checkout -q topic
	sed -i '1s/.*/topic/' b.txt
	commit -am 'topic conflicts'
	$G checkout -q --detach
	commit -m 'only a tag'
	$G tag -a -m lost lost
	$G checkout -q main
	sed -i '1s/.*/main/' b.txt
	commit -am four
	echo five >>c.txt
	commit -am five
	$G branch ahead
	$G checkout -q ahead
	echo ahead >ahead.txt
	$G add ahead.txt
	commit -m ahead
	$G checkout -q main
	$G symbolic-ref refs/heads/sym refs/heads/feature
	$G notes add -m note HEAD
	$G notes add -m note2 HEAD~1
	$G config branch.feature.description 'kept with the branch'

	$G clone -q --bare . ../origin.git
	$G remote add origin "$WS/origin.git"
	$G fetch -q origin
	$G branch -q -u origin/main main
	$G update-ref refs/remotes/origin/gone feature
	# stash: one of tracked files, one with an untracked one
	echo stashed >>d.txt
	$G stash -q
	echo stashed2 >>d.txt
	$G add d.txt
	echo stashed3 >>d.txt
	echo su >stash-untracked.txt
	$G stash push -q -u -m 'second one'
	# both packed and loose
	$G pack-refs --all
	$G branch loose feature~1
}

# Untracked and ignored things that a clean `git status` does not mind.
litter() {
	mkdir -p build/deep empty/inside "un tracked/dir"
	echo obj >x.o
	echo obj2 >build/deep/y.o
	echo SECRET=1 >.env
	chmod 600 .env
	echo mine-not-tracked >cfg.local
	echo u >untracked.txt
	echo u2 >"un tracked/dir/u2.txt"
	chmod 640 untracked.txt
	chmod 700 empty
	ln -s untracked.txt ulink
	printf u >"$(printf 'un\377tracked')"
}

setup_calm() {
	base && litter
}

# What is neither file, folder nor link, in folders that go as a whole.
setup_nodes() {
	base && litter || return
	mkdir -p nodes/in
	mkfifo -m 640 nodes/fifo
	python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("nodes/in/s")'
	chmod 710 nodes/in/s
	[ "$(id -u)" != 0 ] || mknod -m 620 nodes/in/null c 1 3
}

# Tracked files that were made untracked.
setup_uncached() {
	base && litter && $G rm -q -r --cached other dir
}

# Modified, staged, both, deleted, modes, links; nothing that `git stash`
# stumbles over.
changes() {
	echo unstaged >>a.txt
	echo staged >>d.txt
	$G add d.txt
	echo staged >>c.txt
	$G add c.txt
	echo unstaged too >>c.txt
	echo new >staged-new.txt
	$G add staged-new.txt
	rm e.txt
	$G rm -q dir/g.txt
	printf 'one\r\nchanged\r\n' >crlf.txt
	printf '\0\1\3' >raw.bin
	chmod 644 run.sh
	chmod 600 f.txt
	ln -sfn b.txt link
	rm dangling
	echo now a file >dangling
	echo x >>"$(printf 'latin\351')"
}

setup_edits() {
	base && litter && changes
}

setup_dirty() {
	base && litter && changes || return
	echo ita >intent.txt
	$G add -N intent.txt
	$G update-index --assume-unchanged dir/sub/h.txt
	echo assumed >>dir/sub/h.txt
	$G update-index --skip-worktree other/i.txt
	echo skipped >>other/i.txt
	$G init -q nested
	(
		cd nested || exit
		echo n >n
		$G add n
		commit -m nested
		echo dirty >>n
		echo u >u
	)
	mkdir -p inway
	echo in the way >inway/file
	echo beside >inway/beside
}

# In the way of topic, unstaged only.
setup_unstaged() {
	base && litter || return
	sed -i '2s/.*/mine/' b.txt
	echo x >>a.txt
}

setup_retagged() {
	base && litter && $G tag -f v0 feature && $G tag mine feature
}

# Staged files and unstaged ones, but no file that is both.
setup_staged() {
	base && litter || return
	echo unstaged >>a.txt
	echo staged >>d.txt
	echo new >staged-new.txt
	$G add d.txt staged-new.txt
}

# b.txt in conflict and resolved, a.txt changed, nf.txt new; all staged.
resolve() {
	printf 'resolved\n' >b.txt
	echo unrelated >>a.txt
	echo new >nf.txt
	$G add a.txt nf.txt b.txt
}

setup_merging() {
	base && litter || return
	$G config rerere.enabled true
	# a resolution that rerere remembers
	$G merge -q topic && return 1
	sed -i '/^[<=>]/d' b.txt
	commit -qam resolved
	$G reset -q --hard HEAD~1
	$G merge -q topic && return 1
	echo unrelated >>a.txt
	echo new >nf.txt
	$G add a.txt nf.txt
}

setup_merged_staged() {
	base && litter || return
	$G merge -q topic && return 1
	resolve
}

setup_picking() {
	base && litter || return
	$G cherry-pick topic >/dev/null 2>&1 && return 1
	resolve
}

setup_reverting() {
	base && litter || return
	$G revert --no-edit HEAD~1 >/dev/null 2>&1 || :
	[ -e .git/REVERT_HEAD ] || $G revert -n HEAD~1 HEAD >/dev/null 2>&1
	resolve
}

setup_rebasing() {
	base && litter || return
	$G rebase -q topic >/dev/null 2>&1 && return 1
	resolve
}

setup_aming() {
	base && litter || return
	$G format-patch -q -1 --stdout topic >../topic.patch
	$G am -q -3 ../topic.patch >/dev/null 2>&1 && return 1
	resolve
}

setup_bisecting() {
	base && litter || return
	$G bisect start HEAD HEAD~4 >/dev/null
	echo unstaged >>a.txt
}

setup_linked() {
	base && litter || return
	$G worktree add -q -b wt ../linked HEAD~1
	cd ../linked || return
	echo w >>a.txt
	echo s >>d.txt
	$G add d.txt
	echo u >untracked.txt
	echo o >x.o
	$G checkout -q --detach
	commit -m 'only in the linked work tree' d.txt
	echo s2 >>d.txt
	$G add d.txt
	cd ../repo || return
}

setup_linked_locked() {
	setup_linked && $G worktree lock --reason why ../linked
}

# A linked work tree that `worktree remove` takes without force.
setup_linked_calm() {
	base && litter || return
	$G worktree add -q --detach ../linked HEAD~1
	cd ../linked || return
	echo o >x.o
	echo e >.env
	commit -m 'only in the linked work tree'
	cd ../repo || return
}

setup_linked_gone() {
	setup_linked && rm -rf ../linked
}

setup_sub() {
	base || return
	$G init -q --bare ../lib.git
	$G clone -q ../lib.git ../lib
	(
		cd ../lib || exit
		echo 1 >lib.c
		$G add lib.c
		commit -m lib1
		echo 2 >>lib.c
		commit -am lib2
		$G push -q origin HEAD:main
	)
	$G -c protocol.file.allow=always submodule --quiet add \
		"$WS/lib.git" sub
	commit -am submodule
	$G branch with-sub
	litter
	cd sub || return
	echo local >>lib.c
	commit -am 'only in the submodule'
	echo dirty >>lib.c
	echo staged >new.c
	$G add new.c
	echo u >untracked.c
	cd ..
}

# Unreachable commits, loose and packed; reflog-only ones; stale packs.
setup_unreachable() {
	base && litter || return
	$G checkout -q -b doomed
	echo doomed >doomed.txt
	$G add doomed.txt
	commit -m doomed
	$G checkout -q main
	$G repack -q -a -d
	$G branch -q -D doomed
	$G reflog expire --expire=now HEAD
	commit -m 'reflog only'
	$G reset -q --hard HEAD~1
	$G commit-tree -m 'never had a ref' 'HEAD^{tree}' >/dev/null
	echo dangling | $G hash-object -w --stdin >/dev/null
	echo x >>a.txt
}

setup_mirror() {
	base && litter || return
	$G config --replace-all remote.origin.fetch '+refs/*:refs/*'
	$G branch local-only feature
	$G tag local-tag feature
}

setup_sparse() {
	base && litter || return
	echo o >dir/sub/ignored.o
	echo o >other/ignored.o
	echo unstaged >>a.txt
}

setup_sparse_on() {
	base || return
	$G sparse-checkout set dir
	litter
	mkdir -p other
	echo u >other/untracked-there
	echo o >other/z.o
}

setup_bare() {
	base || return
	cd "$WS" || return
	$G clone -q --mirror repo bare.git
	rm -rf repo
	mv bare.git repo
	cd repo || return
	$G config core.logAllRefUpdates true
	$G update-ref refs/heads/logged feature
	$G update-ref refs/heads/logged feature~1
}

setup_unborn() {
	mkdir -p "$WS" && cd "$WS" || return
	$G init -q repo
	cd repo || return
	echo a >a.txt
	mkdir dir
	echo b >dir/b.txt
	$G add .
	echo changed >>a.txt
	litter
}

# Ignored files where a stash of another branch has some: one with the very
# bytes, one with others, and a conflict; nothing is converted.
setup_same() {
	setup_calm
	$G rm -q .gitattributes
	commit -m 'no attributes'
	$G checkout -q feature
	$G rm -q .gitattributes
	commit -m 'no attributes'
	echo object | tee same.o >other.o
	$G add -f same.o other.o
	$G mv a.txt here.txt
	echo stashed >>c.txt
	$G stash -q
	$G checkout -q main
	$G mv a.txt there.txt
	commit -qam other
	echo object >same.o
	echo another >other.o
	echo dirty >>d.txt
}
