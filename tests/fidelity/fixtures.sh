#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Builds a fixture: fixtures.sh NAME FOLDER.  The work tree is FOLDER/repo.
set -eu
name=$1 top=$2
export GIT_CONFIG_NOSYSTEM=1
export GIT_AUTHOR_NAME=Ann GIT_AUTHOR_EMAIL=ann@example.com
export GIT_COMMITTER_NAME=Ann GIT_COMMITTER_EMAIL=ann@example.com
tick=1700000000
at() {
	tick=$((tick + 60))
	GIT_AUTHOR_DATE="$tick +0000" GIT_COMMITTER_DATE="$tick +0000" "$@"
}
mkdir -p "$top"
cd "$top"

if [ "$name" = empty ]; then
	git init -q -b main repo
	exit 0
fi
git init -q -b main repo
cd repo
git config user.name Ann
git config user.email ann@example.com
mkdir -p src docs
printf 'int a = 1; /* word */\nint b;\nint c;\n' >src/a.c
printf 'int other;\n' >src/b.c
printf 'Guide\n\nText.\n' >docs/manual.md
printf 'build/\n*.log\n' >.gitignore
git add .
at git commit -qm 'Import'
git mv docs/manual.md docs/guide.md
at git commit -qm 'Rename the guide'
at git tag -a v1.0 -m 'one'
git checkout -qb merged
at git commit -q --allow-empty -m 'On merged'
git checkout -q main
at git merge -q --no-ff merged -m 'Merge merged'
git checkout -qb topic
printf 'topic\n' >topic.txt
git add .
at git commit -qm 'On topic'
git checkout -q main
git checkout -qb topic2
printf 'int a = 22;\nint b;\nint c;\n' >src/a.c
at git commit -qam 'On topic2'
git checkout -q main
git checkout -qb clash
printf 'int a = 3;\nint b;\nint c;\n' >src/a.c
at git commit -qam 'Clash'
git checkout -q main
printf 'int a = 2; /* word */\nint b;\nint c;\n' >src/a.c
at git commit -qam 'Set a to 2'
git branch ahead
git clone -q --bare . ../origin.git
git remote add origin ../origin.git
git fetch -q origin
git branch -q -u origin/main main
git checkout -q ahead
at git commit -q --allow-empty -m 'Ahead'
git push -q origin ahead:main ahead:remote-only
git fetch -q
git checkout -q main

case $name in
clean) ;;
dirty)
	printf 'stashed\n' >>src/b.c
	at git stash -q
	printf 'int staged;\n' >src/staged.c
	git add src/staged.c
	printf 'int a = 5; /* word */\nint b;\nint c;\n' >src/a.c
	printf 'new\n' >untracked.txt
	printf 'odd\n' >'odd name'
	mkdir -p build
	printf 'o\n' >build/x.o
	printf 'l\n' >x.log
	rm docs/guide.md
	;;
conflict)
	at git merge -q clash >/dev/null 2>&1 || true
	;;
hooks)
	for h in pre-commit commit-msg post-commit post-checkout post-merge; do
		printf '#!/bin/sh\necho %s >>hook.log\n' "$h" >.git/hooks/$h
		chmod +x .git/hooks/$h
	done
	printf '[ ! -e forbidden ] || { echo no forbidden files; exit 3; }\n' \
	    >>.git/hooks/pre-commit
	;;
lint)
	# what lint-staged does: sets aside what is not staged, mends the rest
	cat >.git/hooks/pre-commit <<-'X'
		#!/bin/bash
		set -e
		hash=$(git stash create)
		[ -z "$hash" ] || git stash store -q -m backup "$hash"
		git diff --binary --unified=0 --no-color --output=.git/aside -- src
		git checkout -f -- src
		for f in $(git diff --name-only --cached); do
			sed -i 's/ *$//' "$f"
			git add "$f"
		done
		[ ! -s .git/aside ] || git apply --recount --unidiff-zero .git/aside
		rm .git/aside
		git stash drop -q
	X
	chmod +x .git/hooks/pre-commit
	printf 'spaces  \n' >>src/b.c
	git add src/b.c
	printf 'later\n' >>src/b.c
	;;
filters)
	git config filter.up.clean 'tr a-z A-Z'
	git config filter.up.smudge 'tr A-Z a-z'
	git config diff.hex.textconv 'od -c'
	git config diff.say.command 'echo driver'
	git config merge.both.driver 'cat %B >>%A'
	printf '*.up filter=up\n*.hex diff=hex\n*.say diff=say\n' >.gitattributes
	printf '*.both merge=both\n' >>.gitattributes
	for x in up hex say both; do echo one >"f.$x"; done
	git add .
	at git commit -qm 'With drivers'
	git checkout -qb side
	echo side >>f.both
	at git commit -qam 'Side'
	git checkout -q main
	for x in up hex both; do echo two >>"f.$x"; done
	at git commit -qam 'Twice'
	echo three >>f.up
	;;
bare)
	cd ..
	rm -rf repo
	cp -R origin.git repo
	;;
worktree)
	git worktree add -q ../linked topic
	mv ../repo ../main-repo
	mv ../linked ../repo
	cd ../main-repo
	git worktree repair ../repo >/dev/null 2>&1
	;;
submodule)
	git -c protocol.file.allow=always submodule -q add ../origin.git lib
	at git commit -qm 'Add lib'
	git config protocol.file.allow always
	;;
odd)
	printf 'x\n' >"$(printf 'caf\351')"
	printf 'x\n' >"$(printf 'new\nline')"
	printf 'x\n' >"$(printf 'tab\there')"
	printf 'x\n' >'-rf'
	printf 'x\n' >' lead'
	printf 'x\n' >'a"quote'
	ln -s nowhere link
	;;
big)
	head -c 60000000 /dev/zero | openssl enc -aes-128-ctr -nosalt \
	    -K 00112233445566778899aabbccddeeff \
	    -iv 00112233445566778899aabbccddeeff >big 2>/dev/null
	git add big
	at git commit -qm big
	rm big
	git checkout -q big
	;;
*)
	echo "no fixture $name" >&2
	exit 64
	;;
esac
