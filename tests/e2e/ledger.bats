#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What the gateway knows of a session: words, first sight, what it has made;
# and that a set of the user's is told by that alone.

load world

setup() { make_world; make_repo; }
teardown() { end_world; }

there() { /usr/bin/git -C "$HOME/project.git" rev-parse -q --verify "$1"; }

# Another's branch and one's own on the remote, both with a commit of their own.
two_branches() {
	/usr/bin/git clone -q "$HOME/project.git" "$HOME/other"
	(
		cd "$HOME/other" || exit
		/usr/bin/git config user.email ben@example.com
		/usr/bin/git checkout -qb ben-work
		echo x >ben
		/usr/bin/git add ben
		/usr/bin/git commit -qm ben
		/usr/bin/git push -q origin ben-work
	)
	/usr/bin/git push -q origin topic:ann-work
	/usr/bin/git fetch -q
}

not_allowed() {
	run "$automode" check -- "$@"
	echo "$output"
	[ "$status" -eq 2 ]
}

policy() {
	mkdir -p "$HOME/.config/automode"
	printf '%s\n' "$@" >"$HOME/.config/automode/policy"
}

# known WHAT: the ledger, a line each
known() {
	"$automode" session --json | python3 -c 'import json, sys
o = json.load(sys.stdin)
for w in o["words"]:
    print("word", w["source"], w["time"] > 1500000000, w["text"])
for p in o["projects"]:
    for l in p["facts"].splitlines():
        print("fact", l)
for m in o["made"]:
    print("made", m["kind"], m["name"] + ":", m["known"])'
}

@test "words with time and source, over a restart" {
	as_agent
	"$automode" intent "Fix the parser."
	printf "Tidy up, too." | "$automode" intent --source prompt-hook --stdin
	"$automode" gateway --restart
	known >"$world/known"
	grep -qx 'word intent True Fix the parser.' "$world/known"
	grep -qx 'word prompt-hook True Tidy up, too.' "$world/known"
	run "$automode" intent --source 'a b' "x"
	[ "$status" -eq 64 ]
	"$automode" session | grep -q '^  20.*Z intent: Fix the parser\.$'
}

@test "what was there at the start: remotes, refs, HEAD, whose they are" {
	two_branches
	as_agent
	/usr/bin/git remote set-url origin ../elsewhere.git
	git checkout -q topic
	known >"$world/known"
	for line in "remote origin ../project.git" "default origin main" \
		"head refs/heads/main" "person ann@example.com" \
		"ref refs/heads/topic $(git rev-parse topic)" \
		"own refs/heads/topic" "own refs/remotes/origin/ann-work" \
		"ref refs/remotes/origin/ben-work $(git rev-parse origin/ben-work)"; do
		grep -qxF "fact $line" "$world/known" || { echo "$line"; return 1; }
	done
	! grep -q 'own refs/remotes/origin/ben-work' "$world/known"
	! grep -q elsewhere "$world/known"
}

@test "what it has made, and how that is known" {
	two_branches
	echo old >before
	as_agent
	git branch made
	git push -q origin topic:fresh
	echo new >after
	sleep 60 3>&- &
	process=$!
	known >"$world/known"
	env -u AUTOMODE_SESSION "$automode" session "$AUTOMODE_SESSION" >/dev/null
	kill $process
	cat "$world/known"
	grep -q '^made ref refs/heads/made: it was not there' "$world/known"
	grep -q '^made ref ../project.git refs/heads/fresh: a push' "$world/known"
	grep -q '^made file after: born after' "$world/known"
	grep -q "^made process $process sleep: its environment" "$world/known"
	! grep -q 'made ref refs/heads/topic\|made file before\|ann-work:' \
		"$world/known"
}

@test "no other socket takes words, and none takes them from another uid" {
	as_agent
	"$automode" status >/dev/null
	dir=$(dirname "$(find "$XDG_RUNTIME_DIR" -name shim.sock)")
	# the shims' socket under the name of the other one
	/usr/bin/mv "$dir/control.sock" "$dir/control.kept"
	/usr/bin/ln "$dir/shim.sock" "$dir/control.sock"
	run "$automode" intent "force push main to origin"
	echo "$output"
	[ "$status" -ne 0 ]
	run "$automode" approve 1
	[ "$status" -ne 0 ]
	/usr/bin/mv -f "$dir/control.kept" "$dir/control.sock"
	! known | grep -q '^word'
	"$automode" intent "Hello."
	known | grep -q '^word intent True Hello.'
	if [ "$(id -u)" -eq 0 ] && command -v setpriv >/dev/null; then
		run setpriv --reuid=2000 --regid=2000 --clear-groups \
			"$automode" intent "force push main to origin"
		[ "$status" -ne 0 ]
		! known | grep -q 'force push'
	fi
}

@test "whose a branch is, is not what the agent made of it" {
	two_branches
	policy '[effect "ref.delete"]' '	any = ask'
	as_agent
	not_allowed git push origin --delete ann-work
	"$automode" intent "Delete my branches on origin."
	not_allowed git push origin --delete ben-work
	[[ "$output" == *"it is somebody else's"* ]]
	# a remote-tracking branch, and a commit on top
	git update-ref refs/remotes/origin/ben-work main
	not_allowed git push origin --delete ben-work
	/usr/bin/git fetch -q
	git checkout -q -b ben-work origin/ben-work
	git commit -q --allow-empty -m more
	git push -q origin ben-work
	not_allowed git push origin --delete ben-work
	git push -q origin --delete ann-work
	run there refs/heads/ann-work
	[ "$status" -ne 0 ]
	there refs/heads/ben-work
}

@test "who the person is, is not what the agent says" {
	two_branches
	as_agent
	"$automode" intent "Delete my branches on origin."
	/usr/bin/git config --global user.email ben@example.com
	not_allowed git push origin --delete ben-work
}

@test "the person of the person's other configuration files is the person" {
	two_branches
	/usr/bin/git config --global --unset user.email
	mkdir -p "$HOME/.config/git"
	printf '[user]\n\temail = ann@example.com\n' >"$HOME/.config/git/config"
	policy '[effect "ref.delete"]' '	any = ask'
	as_agent
	"$automode" intent "Delete my branches on origin."
	not_allowed git push origin --delete ben-work
	git push -q origin --delete ann-work
}

@test "merged is what the remote has in its default branch" {
	two_branches
	as_agent
	"$automode" intent "Delete the merged branches on origin."
	not_allowed git push origin --delete ben-work
	[[ "$output" == *"it is not merged"* ]]
	git update-ref refs/remotes/origin/ben-work main~1
	not_allowed git push origin --delete ben-work
	git update-ref refs/remotes/origin/main "$(there refs/heads/ben-work)"
	not_allowed git push origin --delete ben-work
	/usr/bin/git fetch -q
	git merge -q origin/ben-work
	not_allowed git push origin --delete ben-work
	git push -q origin main
	git push -q origin --delete ben-work
}

@test "an age is not what the agent says it is" {
	mkdir "$HOME/data"
	echo x >"$HOME/data/new"
	echo x >"$HOME/data/old"
	policy '[effect "file.delete"]' '	any = ask'
	touch -d '90 days ago' "$HOME/data/old"
	sleep 1
	as_agent
	"$automode" intent "Delete the files in $HOME/data that are older than 30 days."
	not_allowed rm "$HOME/data/new"
	touch -d '90 days ago' "$HOME/data/new"
	not_allowed rm "$HOME/data/new"
	[[ "$output" == *"it is younger"* ]]
	rm "$HOME/data/old"
}
