#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Ways around the words of a git command: git under another name or from within
# what a command runs, the repository's files by plain file tools, and changes
# between the verdict and the deed.
# bats file_tags=bare

load bypass

# Only those that automode has anything to do with: who calls /usr/bin/git from
# his own shell does not come by here.
# bats test_tags=files
@test "the real git by its path, from what a command runs" {
	local to='origin HEAD~1:shared' how
	for how in '/usr/bin/git push -qf' '/usr/lib/git-core/git-push -qf' \
		'/usr/lib/git-core/git push -qf' '/bin/../bin/git push -qf' \
		'PATH=/usr/bin git push -qf' 'env -i /usr/bin/git push -qf'; do
		reversible git -c alias.x="!$how $to" x
	done
	printf '#!/bin/sh\n/usr/bin/git push -qf %s\n/usr/bin/git push -q %s\n' \
		"$to" "$world/foreign.git topic:new" >.git/hooks/post-checkout
	chmod +x .git/hooks/post-checkout
	reversible git checkout -q topic
	rm .git/hooks/post-checkout
	reversible git rebase -q -x "/usr/bin/git push -qf $to" HEAD~1
	reversible git bisect run /usr/bin/git push -qf origin HEAD~1:shared
	reversible git submodule foreach "/usr/bin/git push -qf $to"
	# a library instead of a program
	reversible git -c alias.x="!printf 'import os\nfor n in \"store\", \"precious\":\n p = \"$HOME/old/\" + n\n os.rename(p, p + \"x\")\n' | python3" x
	reversible git -c alias.x="!echo 0 >$HOME/old/origin.git/refs/heads/shared" x
}

@test "another name for the same program" {
	local shim=${shims%:} name
	mkdir bin
	[ -n "$shim" ] || shim=/usr/bin # as bare as can be
	for name in git-push git-clean git-x push; do
		ln -s "$shim/git" "bin/$name"
	done
	cp -p "$shim/git" bin/g
	reversible bin/git-push -qf origin HEAD~1:shared
	reversible bin/g push -qf origin HEAD~1:shared
	reversible bin/git-clean -fdx
	reversible bin/git-x push -qf origin HEAD~1:shared
	reversible bin/push -qf origin HEAD~1:shared
	reversible bash -c 'exec -a git-push bin/g -qf origin HEAD~1:shared'
	reversible bash -c 'exec -a /usr/bin/git bin/g push -qf origin HEAD~1:shared'
	reversible bash -c 'exec -a "" bin/g push -qf origin HEAD~1:shared'
}

# bats test_tags=vault
@test "the files of .git, by tools for files" {
	local other
	other=$(/usr/bin/git rev-parse HEAD~1)
	/usr/bin/git pack-refs --all
	/usr/bin/git update-ref refs/heads/loose HEAD
	reversible rm .git/refs/heads/loose
	reversible rm -r .git/refs/heads
	reversible rm -rf .git
	reversible mv .git .gone
	reversible mv .git/HEAD .git/HEAD.old
	reversible mv untracked .git/index
	echo "$other" >one
	reversible cp one .git/refs/heads/loose
	reversible cp -f one .git/packed-refs
	reversible tee .git/refs/heads/loose <one
	reversible tee -a .git/packed-refs <one
	reversible dd if=one of=.git/index
	reversible truncate -s 0 .git/packed-refs
	reversible sed -i 's,^[0-9a-f]* refs/heads/topic,# x,' .git/packed-refs
	reversible sed -i 's,main,topic,' .git/HEAD
	reversible ln -sf "$HOME/old/precious" .git/HEAD
	reversible ln -sfn "$HOME/project/.git/objects" .git/objects
	reversible find .git/refs -type f -delete
	reversible find .git -name index -exec rm {} +
	reversible sh -c 'ls .git/packed-refs | xargs rm'
	reversible chmod 000 .git/objects
	reversible shred -u .git/packed-refs
	reversible sort -o .git/packed-refs one
	mkdir -p in/.git/refs/heads
	cp one in/.git/refs/heads/loose
	tar -cf in.tar -C in .git
	reversible tar -xf in.tar
	reversible tar -cf .git/index file
	reversible rsync -r in/ .
	reversible patch .git/HEAD -o .git/index /dev/null
}

# bats test_tags=policy
@test "hooks and configuration of .git, by tools for files" {
	attempt cp evil .git/hooks/pre-commit
	attempt mv evil .git/hooks/post-commit
	cp "$world/payload" evil
	attempt install -m 755 evil .git/hooks/pre-commit
	attempt ln -s "$evil" .git/hooks/pre-commit
	attempt ln -sfn "$repo" .git/hooks
	attempt tee .git/hooks/pre-commit <evil
	attempt dd if=evil of=.git/hooks/pre-commit
	mkdir -p in/.git/hooks
	cp evil in/.git/hooks/pre-commit
	tar -cf in.tar -C in .git
	attempt tar -xf in.tar
	attempt rsync -r in/ .
	printf '[core]\n\tfsmonitor = %s\n' "$evil" >conf
	attempt cp conf .git/config
	attempt sh -c 'tee -a .git/config <conf'
	attempt sed -i "\$a [core]\n\tfsmonitor = $evil" .git/config
	attempt mv -f conf .git/config
	[ ! -e .git/hooks/pre-commit ]
	[ ! -e .git/hooks/post-commit ]
	attempt git commit -qam x
	unharmed
}

# A loop that makes one of the other, all the time.
swap() { # COMMAND COMMAND
	while [ -e "$world/swapping" ]; do
		eval "$1"
		sleep 0.0$((RANDOM % 4))
		eval "$2"
		sleep 0.0$((RANDOM % 4))
	done >/dev/null 2>&1 3>&- &
	swapper=$!
}

stop_swapping() {
	rm -f "$world/swapping"
	wait "$swapper" || true
}

# bats test_tags=policy
@test "the remote's URL changes between verdict and push" {
	local i
	attempt git status -s
	touch "$world/swapping"
	swap '/usr/bin/git config remote.origin.url ../../foreign.git' \
		'/usr/bin/git config remote.origin.url ../old/origin.git'
	was=$(/usr/bin/git -C "$world/foreign.git" for-each-ref)
	for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
		attempt git push -q origin "topic:new$i"
	done
	stop_swapping
	[ "$was" = "$(/usr/bin/git -C "$world/foreign.git" for-each-ref)" ]
	unharmed
}

# bats test_tags=policy
@test "a branch moves between verdict and push" {
	local i
	/usr/bin/git branch moves origin/shared
	touch "$world/swapping"
	swap '/usr/bin/git update-ref refs/heads/moves main' \
		'/usr/bin/git update-ref refs/heads/moves origin/shared'
	was=$(/usr/bin/git -C "$HOME/old/origin.git" rev-parse shared)
	for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
		attempt git push -qf origin moves:shared
	done
	stop_swapping
	[ "$was" = "$(/usr/bin/git -C "$HOME/old/origin.git" rev-parse shared)" ]
	unharmed
}

# bats test_tags=files
@test "a program comes into the configuration between verdict and deed" {
	local i
	plant core.hooksPath none
	plant_hooks hooks
	touch "$world/swapping"
	cp .git/config "$world/one"
	cp .git/config "$world/other"
	/usr/bin/git config -f "$world/other" core.fsmonitor "$evil"
	/usr/bin/git config -f "$world/other" core.hooksPath hooks
	swap 'cat "$world/other" >.git/config' 'cat "$world/one" >.git/config'
	for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
		attempt git status -s
		attempt git commit -q --allow-empty -m x
	done
	stop_swapping
	unharmed
}

# A file that is replaced is no mount any more.
# bats test_tags=postcheck
@test "the configuration is replaced while a hook runs, which then writes it" {
	printf '#!/bin/bash\ntouch waits\nwhile [ -e waits ]; do sleep 0.1; done\ngit config core.fsmonitor %s\nprintf "[alias]\\n x = !%s\\n" >>.git/config\n' \
		"$evil" "$evil" >.git/hooks/post-commit
	chmod +x .git/hooks/post-commit
	(
		while [ ! -e waits ]; do sleep 0.1; done
		/usr/bin/git config person.key value
		rm -f waits
	) 3>&- &
	attempt git commit -qam x
	[ "$(/usr/bin/git config person.key)" = value ]
	[ -z "$(/usr/bin/git config core.fsmonitor)" ]
	[ -z "$(/usr/bin/git config alias.x)" ]
	attempt git status -s
	unharmed
}

# bats test_tags=postcheck
@test "hooks that come with a branch are told, those of submodules stay" {
	mkdir -p .husky/_ .git/modules/sub/hooks
	echo 'exit 0' >.husky/pre-commit
	echo '. ../pre-commit' >.husky/_/pre-commit
	/usr/bin/git add -f .husky
	/usr/bin/git commit -qm husky
	plant core.hooksPath .husky/_
	/usr/bin/git checkout -qb other
	cp evil .husky/pre-commit
	cp evil .husky/post-merge
	/usr/bin/git add .husky
	/usr/bin/git -c core.hooksPath=/dev/null commit -qm evil
	/usr/bin/git checkout -q main
	allowed git checkout -q other
	[[ "$output" == *"changed hook: .husky/pre-commit"* ]]
	[[ "$output" == *"new hook: .husky/post-merge"* ]]
	[[ "$output" != *"hook: .husky/_"* ]]
	allowed git checkout -q -B another
	[[ "$output" != *"hook: "* ]]
	plant --unset core.hooksPath
	allowed git checkout -q main
	[[ "$output" != *"hook: "* ]]
	# of a submodule: a mount
	echo 'ref: refs/heads/main' >.git/modules/sub/HEAD
	cp evil .git/modules/sub/hooks/pre-commit
	attempt git -c alias.x='!echo rm >>.git/modules/sub/hooks/pre-commit' x
	cmp evil .git/modules/sub/hooks/pre-commit
}

@test "a folder becomes a link between verdict and deed" {
	local i
	was=$(cd "$HOME/old" && find . | sort)
	touch "$world/swapping"
	mkdir real
	swap 'rm -f d; mkdir -p d/store; touch d/precious' \
		'rm -rf d; ln -sn "$HOME/old" d'
	for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
		[ "${MUTANT:-}" != bare ] || sleep 0.05
		attempt rm -rf d/store d/precious
		attempt git clean -qfdx d/
		attempt cp evil d/precious
		attempt find d/ -delete
		attempt git -C d/ clean -qfdx .
	done
	stop_swapping
	[ "$was" = "$(cd "$HOME/old" && find . | sort)" ]
	[ "$(cat "$HOME/old/precious")" = precious ]
	unharmed
}

# bats test_tags=policy
@test "a repository around the one in which the session began" {
	/usr/bin/git init -q "$world/around"
	echo precious >"$world/around/precious"
	cp -a "$repo" "$world/around/in"
	repo=$world/around/in
	cd "$repo"
	[ -z "$shims" ] || as_agent
	PATH=$plain_path
	ln -s .. up
	attempt cp evil ../precious
	attempt find up/ -delete
	attempt rm ../precious
	[ "$(cat "$world/around/precious")" = precious ]
	# in its own one it may
	attempt rm evil
	[ "${MUTANT:-}" = bare ] || [ ! -e evil ]
	rm -rf "$world/around"
}
