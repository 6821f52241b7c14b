#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The main job on real repositories, as an agent's shell would do it: what is
# printed is what a person sees; the demo fails where a step differs.
# shellcheck disable=SC2034  # the expectations are evaluated
set -u
build=${1:-build}
case $build in /*) ;; *) build=$PWD/$build ;; esac
automode=$build/bin/automode
manifest=$(cd "$(dirname "$0")/.." && pwd)/tests/manifest.py

world=$(mktemp -d "${TMPDIR:-/tmp}/automode-demo.XXXXXX")
export HOME=$world/home XDG_RUNTIME_DIR=$world/run
export AUTOMODE_STATE_DIR=$world/state
unset XDG_CONFIG_HOME XDG_STATE_HOME GIT_DIR GIT_WORK_TREE AUTOMODE_SESSION
mkdir -p "$HOME"
mkdir -m 700 "$XDG_RUNTIME_DIR"
finish() {
	"$automode" gateway --stop >/dev/null 2>&1
	/bin/rm -rf "$world"
}
trap finish EXIT

if [ -t 1 ]; then bold=$(printf '\033[1m') plain=$(printf '\033[0m'); else
	bold='' plain=''; fi
failed=0
title() { printf '\n%s%s%s\n' "$bold" "$*" "$plain"; }
say() { printf '%s$ %s%s\n' "$bold" "$*" "$plain"; }
# run COMMAND: as typed; its output indented; status in $status
run() {
	say "$1"
	output=$(bash -c "$1" 2>&1)
	status=$?
	[ -z "$output" ] || printf '%s\n' "$output" | sed 's/^/    /'
}
expect() {
	if ! eval "$1"; then
		printf '%s    the demo expected: %s (status %s)%s\n' \
		    "$bold" "$1" "$status" "$plain"
		failed=$((failed + 1))
	fi
}
state() { "$manifest" "$HOME/project"; }
same() {
	if [ "$before" = "$(state)" ]; then
		echo "    (refs, reflogs, index and every file are as before, byte for byte)"
	else
		diff <(printf '%s\n' "$before") <(state) | head -n 20
		failed=$((failed + 1))
		echo "    the demo expected the state from before"
	fi
}

git config --global user.name "Ann Example"
git config --global user.email ann@example.com
git config --global init.defaultBranch main
mkdir "$HOME/project"
cd "$HOME/project" || exit 1

# a project with a remote, branches, a hook and unfinished work
git init -q
printf 'all: ; @echo built\n' >Makefile
printf 'build/\n.env\n' >.gitignore
mkdir docs && echo guide >docs/guide.txt && echo notes >docs/notes.txt
git add . && git commit -qm 'Start'
echo 'not committed' >>docs/guide.txt && git update-index --refresh -q
git commit -qam 'Guide'
echo 'nowhere else' >docs/draft.txt
git clone -q --bare . ../project.git
git remote add origin ../project.git
git fetch -q && git branch -q -u origin/main && git remote set-head origin main
git branch finished
git checkout -qb idea && echo idea >idea.txt && git add . &&
	git commit -qm 'An idea that is nowhere else' && git checkout -q main
printf '#!/bin/sh\necho "the hook ran"\n' >.git/hooks/pre-commit
chmod +x .git/hooks/pre-commit

title "The shims come first on PATH:"
say "eval \"\$(automode env)\""
code=$("$automode" env) || exit 1
eval "$code" || exit 1
run 'type git | sed "s#(.*/lib#(.../lib#"'

title "Ordinary work is not in the way."
run 'git status -sb'
expect '[ $status -eq 0 ]'
run 'echo more >> Makefile && git commit -qam "More" && git log --oneline'
expect '[ $status -eq 0 ] && grep -q "the hook ran" <<<"$output"'
run 'git branch -d finished'
expect '[ $status -eq 0 ]'

title "Deleting a branch whose commits are nowhere else: kept, and undone."
before=$(state)
run 'git branch -D idea'
expect '[ $status -eq 0 ] && grep -q "automode undo" <<<"$output"'
run 'git rev-parse --verify -q idea || echo "(no such branch)"'
run 'automode() { '"$automode"' "$@"; }; automode undo'
expect '[ $status -eq 0 ]'
same

title "Discarding work that was never committed: kept, and undone."
echo staged >staged.c && /usr/bin/git add staged.c
echo changed >>Makefile
echo notes >notes.txt
mkdir -p build && echo object >build/app.o && echo KEY=1 >.env
before=$(state)
run 'git reset --hard'
expect '[ $status -eq 0 ]'
run 'git clean -fdx'
expect '[ $status -eq 0 ] && [ ! -e .env ]'
run "$automode undo && $automode undo"
expect '[ $status -eq 0 ]'
same

title "A folder removed by rm: kept, and undone."
before=$(state)
run 'rm -rf docs && ls'
expect '[ $status -eq 0 ] && [ ! -e docs ]'
run "$automode undo"
expect '[ $status -eq 0 ]'
same

title "Others' work on a remote is not dropped."
git clone -q ../project.git ../colleague 2>/dev/null
(cd ../colleague && git config user.name Ben && git config user.email \
	ben@example.com && git commit -q --allow-empty -m "Ben's work" &&
	/usr/bin/git push -q origin main)
remote=$(/usr/bin/git -C ../project.git for-each-ref)
run 'git push --force origin main'
expect '[ $status -eq 126 ] && grep -q "^automode: denied: " <<<"$output"'
expect '[ "$remote" = "$(/usr/bin/git -C ../project.git for-each-ref)" ]'

title "A branch of one's own may be force-pushed; it is kept, and undone."
run 'git checkout -q -b mine && git commit -q --allow-empty -m one && git push -q origin mine'
expect '[ $status -eq 0 ]'
old=$(/usr/bin/git -C ../project.git rev-parse mine)
run 'git commit -q --amend --allow-empty -m two && git push origin +mine:mine'
expect '[ $status -eq 0 ]'
expect '[ "$old" != "$(/usr/bin/git -C ../project.git rev-parse mine)" ]'
run "$automode undo"
expect '[ $status -eq 0 ]'
expect '[ "$old" = "$(/usr/bin/git -C ../project.git rev-parse mine)" ]'

title "A dropped stash, and objects that gc has pruned, come back."
run 'git stash -q -u'
before=$(state)
objects=$(/usr/bin/git cat-file --batch-all-objects --batch-check | sort)
run 'git stash drop'
expect '[ $status -eq 0 ]'
run 'git reflog expire --expire=now --all && git gc -q --prune=now'
expect '[ $status -eq 0 ]'
run "$automode undo && $automode undo && $automode undo"
expect '[ $status -eq 0 ]'
same
expect '[ "$objects" = "$(/usr/bin/git cat-file --batch-all-objects --batch-check | sort)" ]'

title "What the user said holds."
run "$automode intent \"Tidy up, but don't push anything.\""
run 'git push origin idea'
expect '[ $status -eq 126 ] && grep -q "the user said" <<<"$output"'

title "What happened:"
run "$automode status"
run "$automode log --verify"
expect '[ $status -eq 0 ]'

if [ $failed -ne 0 ]; then
	printf '\n%s%d steps differed%s\n' "$bold" "$failed" "$plain"
	exit 1
fi
printf '\n%severy step went as it should%s\n' "$bold" "$plain"
