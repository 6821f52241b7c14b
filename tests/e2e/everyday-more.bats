#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# More of a day's work that automode may not be in the way of: what tools
# around git make of it.

load world

setup() {
	make_world
	make_repo
}

teardown() {
	end_world
}

# Nothing was denied, and nothing was lost.
quiet() {
	if [[ $output == *automode:* ]]; then
		echo "$output"
		return 1
	fi
}

@test "subtree: added and pulled from a repository beside this one" {
	/usr/bin/git clone -q . ../lib
	as_agent
	run git subtree add --prefix=vendor/lib ../lib main
	[ "$status" -eq 0 ]
	quiet
	[ -f vendor/lib/file ]
	echo three >../lib/three
	/usr/bin/git -C ../lib add three
	/usr/bin/git -C ../lib commit -qm three
	run git subtree pull -P vendor/lib ../lib main -m pulled
	[ "$status" -eq 0 ]
	quiet
	[ -f vendor/lib/three ]
	run git subtree add --squash -P vendor/other origin main
	[ "$status" -eq 0 ]
	quiet
	[ -f vendor/other/file ]
}

@test "lint-staged: what is not staged waits in .git as a patch" {
	as_agent
	patch=.git/lint-staged_unstaged.patch
	echo staged >>file
	git add file
	echo unstaged >>file
	run git diff --binary --unified=0 --no-color --no-ext-diff --patch \
		--output=$patch -- file
	[ "$status" -eq 0 ]
	quiet
	grep -q '^+unstaged' $patch
	git checkout --force -- file
	run git apply -v --whitespace=nowarn --recount --unidiff-zero $patch
	[ "$status" -eq 0 ]
	[ "$(git status -s)" = "MM file" ]
	rm -f $patch
	[ ! -e $patch ]
	# what git reads there is another matter
	ln -s config .git/config.patch
	for name in config hooks/x.patch refs/x.patch config.patch; do
		before=$(cat .git/config)
		run git diff --output=.git/$name
		[ "$status" -eq 126 ]
		[ "$before" = "$(cat .git/config)" ]
	done
}

@test "unzip -Z lists as zipinfo does" {
	command -v zip >/dev/null || skip "zip is not installed: make deps"
	/usr/bin/zip -q a.zip file topic .gitignore 2>/dev/null || true
	as_agent
	for line in "-Z1 a.zip" "-Z -1 a.zip file" "-Zs a.zip" "-Z -h a.zip" \
		"-Z -t a.zip" "-Z1 a.zip -x file" "-Z -v a.zip file"; do
		# shellcheck disable=SC2086
		expected=$(/usr/bin/unzip $line)
		# shellcheck disable=SC2086
		run unzip $line
		[ "$status" -eq 0 ]
		[ "$output" = "$expected" ]
	done
	# only as the first option; and what overwrites is kept as ever
	echo mine >file
	unzip -qo a.zip file
	"$automode" undo
	[ "$(cat file)" = mine ]
}

@test "git init --separate-git-dir moves .git to another folder" {
	mkdir ../apart
	as_agent
	run git init -q --separate-git-dir=../apart/repo.git
	[ "$status" -eq 0 ]
	quiet
	[ -f .git ]
	[ -d ../apart/repo.git/objects ]
	[ -n "$(/usr/bin/git log --oneline)" ]
	[ -z "$(/usr/bin/git status --porcelain)" ]
	# a .git that is a file is nobody's to write: it stays, and so does the
	# repository
	run git init -q --separate-git-dir=../apart/other.git
	[ "$status" -ne 0 ]
	[ -n "$(/usr/bin/git log --oneline)" ]
	# and where it was it is put again, and back
	run "$automode" undo
	[ -d .git/objects ]
	[ -z "$(ls ../apart)" ]
	[ -z "$(/usr/bin/git status --porcelain)" ]
	run "$automode" undo "${output##*undo }"
	[ -f .git ]
	[ -n "$(/usr/bin/git log --oneline)" ]
	run "$automode" undo "${output##*undo }"
	[ -d .git/objects ]
	git commit -q --allow-empty -m more
}

@test "what a denial names instead of removing a part of .git is done, and undone" {
	local id
	id=$(/usr/bin/git rev-parse HEAD)
	/usr/bin/git branch spare
	as_agent
	run rm -f .git/refs/heads/spare
	[ "$status" -eq 126 ]
	[[ $output = *"automode: instead: git update-ref -d refs/heads/spare"* ]]
	run git update-ref -d refs/heads/spare
	[ "$status" -eq 0 ]
	! /usr/bin/git rev-parse -q --verify refs/heads/spare
	"$automode" undo
	[ "$(/usr/bin/git rev-parse refs/heads/spare)" = "$id" ]
	run rm -rf .git/logs
	[[ $output = *"automode: instead: git reflog expire --expire=now --all"* ]]
	git reflog expire --expire=now --all
	run rm -rf .git/objects
	[[ $output = *"automode: instead: git gc --prune=now"* ]]
	git gc -q --prune=now
	run rm -rf .git
	[[ $output = *"git init ../again"* ]]
	git init -q ../again
}

@test "a remote that the session added is given another address" {
	as_agent
	git remote add mine ../one.git
	git remote set-url mine ../two.git
	git config remote.mine.url ../three.git
	[ "$(git remote get-url mine)" = ../three.git ]
	run git remote set-url origin ../two.git
	[ "$status" -eq 126 ]
	git remote rename origin mine2
	run git remote set-url mine2 ../two.git
	[ "$status" -eq 126 ]
}

@test "a folder that was made just now is the work tree of one command" {
	mkdir "$HOME/site"
	echo mine >"$HOME/site/file"
	as_agent
	site=$(mktemp -d)
	run git --work-tree="$site" checkout -f main -- .
	[ "$status" -eq 0 ]
	quiet
	cmp file "$site/file"
	GIT_INDEX_FILE=$site/.index GIT_WORK_TREE=$site git read-tree HEAD
	GIT_INDEX_FILE=$site/.index GIT_WORK_TREE=$site git checkout-index -fa
	echo more >"$site/beside"
	echo changed >"$site/file"
	git --work-tree="$site" clean -fdq
	git --work-tree="$site" checkout -f
	[ ! -e "$site/beside" ]
	"$automode" undo
	"$automode" undo
	[ "$(<"$site/beside")" = more ]
	[ "$(<"$site/file")" = changed ]
	[ -z "$(/usr/bin/git status -s)" ]
	run git --work-tree="$HOME/site" checkout -f
	[ "$status" -eq 126 ]
	rm -r "$site"
}
