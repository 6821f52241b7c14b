#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Remotes on other machines: a real sshd, two clones, two authors.  Whatever
# the order, no commit of the colleague is lost.

load world
# shellcheck source=../services/ssh.bash
source "$BATS_TEST_DIRNAME/../services/ssh.bash"
# shellcheck source=../services/https.bash
source "$BATS_TEST_DIRNAME/../services/https.bash"

# Ann works through automode in ~/project; Ben beside her, past it.
setup() {
	make_world
	unset GIT_SSL_CAINFO
	ssh_start "$world/sshd"
	ssh_person "$HOME"
	server=$world/server/project.git
	mkdir -p "$world/server" "$world/ben"
	ssh_person "$world/ben"
	/usr/bin/git init -q --bare "$server"
	mkdir "$HOME/project"
	cd "$HOME/project" || return 1
	/usr/bin/git init -q
	commit_as_ann one
	/usr/bin/git remote add origin "$(ssh_url "$server")"
	ssh_git "$HOME" push -q -u origin main
	/usr/bin/git checkout -q -b shared
	commit_as_ann shared
	ssh_git "$HOME" push -q -u origin shared
	/usr/bin/git checkout -q main
	ssh_git "$world/ben" clone -q "$(ssh_url "$server")" "$world/ben/copy"
	as_agent
}

teardown() {
	ssh_stop
	https_stop
	end_world
}

commit_as_ann() {
	echo "$1" >"file-$1"
	/usr/bin/git add "file-$1"
	/usr/bin/git commit -qm "$1"
}

# Ben commits onto a branch of the server and pushes it.
ben_adds() {
	local branch=$1
	shift
	(
		cd "$world/ben/copy" || exit 1
		ssh_git "$world/ben" fetch -q
		/usr/bin/git checkout -q -B "$branch" "${2:-origin/$branch}"
		echo "$1" >"ben-$1"
		/usr/bin/git add "ben-$1"
		/usr/bin/git -c user.name=Ben -c user.email=ben@example.com \
			commit -qm "$1"
		ssh_git "$world/ben" push -q origin "$branch"
	)
}

on_server() { /usr/bin/git -C "$server" rev-parse -q --verify "$1"; }
bens() { on_server "$1^{commit}" >/dev/null && /usr/bin/git -C "$server" log --format=%an "$1" | grep -c '^Ben$'; }

@test "clone, fetch, pull, push, push -u, tags: as plain git" {
	git clone -q "$(ssh_url "$server")" "$HOME/second"
	ben_adds main hello
	git fetch -q
	[ "$(/usr/bin/git rev-parse origin/main)" = "$(on_server main)" ]
	git pull -q
	[ -e ben-hello ]
	commit_as_ann more
	run git push
	[ "$status" -eq 0 ]
	[[ "$output" == *"main -> main"* ]]
	[ "$(on_server main)" = "$(/usr/bin/git rev-parse main)" ]
	/usr/bin/git tag -a -m release v1
	git push -q origin v1
	[ "$(on_server v1)" = "$(/usr/bin/git rev-parse v1)" ]
	git checkout -q -b topic
	commit_as_ann topic
	run git push -u origin topic
	[ "$status" -eq 0 ]
	[ "$(/usr/bin/git config branch.topic.merge)" = refs/heads/topic ]
	run git ls-remote --heads origin topic
	[[ "$output" == *refs/heads/topic ]]
	run git remote show origin
	[ "$status" -eq 0 ]
	git remote set-head origin -a
	git fetch --all --prune --tags -q
}

@test "a forced push over a colleague's commits is denied, with the author" {
	ben_adds shared work
	git checkout -q shared
	git commit -q --amend -m again
	for how in "--force origin shared" "origin +shared" "-f" "--mirror" \
	    "--force-with-lease=shared:$(on_server shared) origin shared"; do
		# shellcheck disable=SC2086 # words
		run git push $how
		[ "$status" -eq 126 ]
		[ "$(bens shared)" = 1 ]
	done
	run git push -f origin shared
	[[ "$output" == *"Ben <ben@example.com>"* ]]
	[[ "$output" == *"instead: git fetch origin && git rebase origin/shared"* ]]
	git fetch -q
	run git push --force-with-lease origin shared
	[ "$status" -eq 126 ]
	[ "$(bens shared)" = 1 ]
}

@test "deleting a colleague's branch is denied" {
	ben_adds bens-own work origin/main
	run git push --delete origin bens-own
	[ "$status" -eq 126 ]
	[[ "$output" == *"Ben <ben@example.com>"* ]]
	run git push origin :bens-own
	[ "$status" -eq 126 ]
	git fetch -q
	run git push --prune origin 'refs/heads/*:refs/heads/*'
	[ "$status" -eq 126 ]
	[ "$(bens bens-own)" = 1 ]
}

@test "a stale lease is refused by git itself" {
	ben_adds shared work
	git checkout -q shared
	git commit -q --amend -m again
	run git push --force-with-lease origin shared
	[ "$status" -eq 1 ]
	[[ "$output" == *"stale info"* ]]
	[ "$(bens shared)" = 1 ]
}

# The server turns away whoever comes first, once.
@test "a push that could not be found out does not look like one" {
	# shellcheck disable=SC2016,SC2154
	printf '#!/bin/sh\n[ -e %q ] || { >%q; exit 1; }\n%s\n' \
		"$world/came" "$world/came" 'exec sh -c "$SSH_ORIGINAL_COMMAND"' \
		>"$world/door"
	/bin/chmod +x "$world/door"
	sed "s|^|command=\"$world/door\" |" "$ssh_dir/key.pub" \
		>"$ssh_dir/authorized_keys"
	run git push origin main:fresh
	echo "$output"
	[ "$status" -eq 1 ]
	[[ "$output" == *"automode: nothing was pushed to origin"*"run it again"* ]]
	run /usr/bin/git -C "$server" rev-parse -q --verify fresh
	[ "$status" -ne 0 ]
	git push origin main:fresh
	/usr/bin/git -C "$server" rev-parse -q --verify fresh
}

# The hook stands between verdict and push.
@test "a colleague pushes between verdict and push: rejected, nothing lost" {
	git checkout -q shared
	git commit -q --amend -m again
	printf '#!/bin/sh\ntouch waits\nwhile [ -e waits ]; do sleep 0.1; done\n' \
		>.git/hooks/pre-push
	/bin/chmod +x .git/hooks/pre-push
	git push -f origin shared >out 2>&1 3>&- &
	pid=$!
	for _ in $(seq 600); do
		[ -e waits ] && break
		sleep 0.1
	done
	[ -e waits ]
	ben_adds shared meanwhile
	/bin/rm waits
	rc=0
	wait "$pid" || rc=$?
	[ "$rc" -ne 0 ]
	cat out
	[ "$(bens shared)" = 1 ]
	# the same for a deletion
	git reset -q --hard origin/shared
	git push origin --delete shared >out 2>&1 3>&- &
	pid=$!
	for _ in $(seq 600); do
		[ -e waits ] || ! kill -0 "$pid" && break
		sleep 0.1
	done
	/bin/rm -f waits
	rc=0
	wait "$pid" || rc=$?
	[ "$rc" -ne 0 ]
	[ "$(bens shared)" = 1 ]
}

# The everyday push is judged by what the last fetch saw.
@test "the remote is not as the last fetch saw it: git says so, nothing lost" {
	ben_adds main ahead
	commit_as_ann more
	run git push origin main
	[ "$status" -eq 1 ]
	[[ "$output" == *"[rejected]"*"fetch first"* ]]
	[ "$(bens main)" = 1 ]
	git pull -q --no-rebase --no-edit
	git push -q origin main
	[ "$(on_server main)" = "$(/usr/bin/git rev-parse main)" ]
	# gone there
	/usr/bin/git -C "$server" update-ref -d refs/heads/shared
	git checkout -q shared
	commit_as_ann again
	run git push
	[ "$status" -eq 0 ]
	[ "$(on_server shared)" = "$(/usr/bin/git rev-parse shared)" ]
	# set back there
	/usr/bin/git -C "$server" update-ref refs/heads/shared "$(on_server shared~1)"
	commit_as_ann third
	run git push
	[ "$status" -eq 0 ]
	[ "$(on_server shared)" = "$(/usr/bin/git rev-parse shared)" ]
	# a hook cannot make another push of it
	printf '#!/bin/sh\ngit push -f --no-verify origin shared~2:shared\nexit 0\n' \
		>.git/hooks/pre-push
	/bin/chmod +x .git/hooks/pre-push
	commit_as_ann fourth
	run git push
	echo "$output"
	[ "$(on_server shared)" = "$(/usr/bin/git rev-parse shared)" ]
}

# Read by automode itself where a branch goes to its own name, else by git.
@test "plain pushes, and some that only look so" {
	commit_as_ann two
	git push -q origin HEAD
	[ "$(on_server main)" = "$(/usr/bin/git rev-parse main)" ]
	commit_as_ann three
	git checkout -q shared
	commit_as_ann four
	git push -q origin main shared
	[ "$(on_server main)" = "$(/usr/bin/git rev-parse main)" ]
	[ "$(on_server shared)" = "$(/usr/bin/git rev-parse shared)" ]
	# a tag of the same name
	commit_as_ann five
	/usr/bin/git tag shared HEAD~1
	run git push origin shared
	[ "$status" -eq 1 ]
	[[ "$output" == *"matches more than one"* ]]
	/usr/bin/git tag -d shared
	# the word, and a branch that is called so
	/usr/bin/git tag v1
	/usr/bin/git branch tag
	git push -q origin tag v1
	[ "$(on_server refs/tags/v1)" = "$(/usr/bin/git rev-parse v1)" ]
	[ -z "$(on_server refs/heads/tag)" ]
	# another name there
	/usr/bin/git config push.default upstream
	/usr/bin/git branch -q -u origin/main
	git merge -q main
	git push -q
	[ "$(on_server main)" = "$(/usr/bin/git rev-parse shared)" ]
	# a branch that is another name of main
	/usr/bin/git config --unset push.default
	git fetch -q
	git checkout -q -B main origin/main
	commit_as_ann six
	/usr/bin/git symbolic-ref refs/heads/shared refs/heads/main
	git push -q origin shared
	[ "$(on_server main)" = "$(/usr/bin/git rev-parse main)" ]
	[ "$(on_server shared)" != "$(on_server main)" ]
}

# The connection on which the push was asked about is kept for the push.
@test "other commands come and go while a push waits: it succeeds" {
	printf '#!/bin/sh\ntouch waits\nwhile [ -e waits ]; do sleep 0.1; done\n' \
		>.git/hooks/pre-push
	/bin/chmod +x .git/hooks/pre-push
	/usr/bin/git tag -a -m release v1
	git push -q origin v1 >out 2>&1 3>&- &
	pid=$!
	for _ in $(seq 600); do
		[ -e waits ] && break
		sleep 0.1
	done
	[ -e waits ]
	for _ in 1 2 3 4 5; do
		git ls-remote -q origin >/dev/null
		git -C "$HOME" clone -q "$(ssh_url "$server")" "second$RANDOM"
	done
	/bin/rm waits
	rc=0
	wait "$pid" || rc=$?
	cat out
	[ "$rc" -eq 0 ]
	[ "$(on_server v1)" = "$(/usr/bin/git rev-parse v1)" ]
}

# What is known here of the server, and since when.
tracking() {
	/usr/bin/git for-each-ref refs/remotes
	cat .git/logs/refs/remotes/origin/*
}

@test "an own branch is force-pushed after a rebase, and undone" {
	git checkout -q -b topic
	commit_as_ann topic
	git push -q -u origin topic
	old=$(on_server topic)
	ben_adds main base
	git fetch -q
	git rebase -q origin/main
	run git push
	[ "$status" -ne 0 ]
	tracked=$(tracking)
	run git push --force-with-lease
	[ "$status" -eq 0 ]
	[[ "$output" == *"automode: kept"* ]]
	new=$(on_server topic)
	[ "$new" = "$(/usr/bin/git rev-parse topic)" ]
	run "$automode" undo
	echo "$output"
	[ "$status" -eq 0 ]
	[ "$(on_server topic)" = "$old" ]
	[ "$(tracking)" = "$tracked" ]
	run "$automode" undo "${output##*automode undo }"
	echo "$output"
	[ "$status" -eq 0 ]
	[ "$(on_server topic)" = "$new" ]
}

@test "an own branch is deleted, and comes back" {
	git push -q origin main:mine
	old=$(on_server mine)
	run git push -d origin mine
	[ "$status" -eq 0 ]
	[ -z "$(on_server mine)" ]
	run "$automode" undo
	[ "$status" -eq 0 ]
	[ "$(on_server mine)" = "$old" ]
}

@test "undo does not overwrite what a colleague has pushed since" {
	git checkout -q -b topic
	commit_as_ann topic
	git push -q -u origin topic
	git commit -q --amend -m again
	git push -q -f
	ben_adds topic since
	run "$automode" undo
	echo "$output"
	[ "$(bens topic)" = 1 ]
}

@test "a branch made in this session is its own, whoever committed" {
	ben_adds main base
	git fetch -q
	git push -q origin origin/main:refs/heads/from-base
	run git push -d origin from-base
	echo "$output"
	[ "$status" -eq 0 ]
	ben_adds from-ben base2 origin/main
	git fetch -q
	# nobody's commits would go: but the branch is Ben's
	(cd "$world/ben/copy" && ssh_git "$world/ben" push -q origin from-ben:also)
	run git push -d origin from-ben
	echo "$output"
	[ "$status" -eq 126 ]
}

@test "a new or repointed remote is foreign: nothing goes there" {
	/usr/bin/git init -q --bare "$world/server/other.git"
	git remote add other "$(ssh_url "$world/server/other.git")"
	run git push other main
	[ "$status" -eq 126 ]
	[[ "$output" == *"other.git"* ]]
	/usr/bin/git config url."$(ssh_url "$world/server/other.git")".pushInsteadOf \
		"$(ssh_url "$server")"
	commit_as_ann more
	run git push origin main
	echo "$output"
	[ "$status" -eq 126 ]
	[[ "$output" == *"rewritten by url."*".git/config"* ]]
	# nor outside of the session, nor in one that begins inside of it
	/usr/bin/git config --unset-all \
		url."$(ssh_url "$world/server/other.git")".pushInsteadOf
	/usr/bin/git remote set-url origin "$(ssh_url "$world/server/other.git")"
	inner=$(eval "$("$automode" env)" && echo "$AUTOMODE_SESSION")
	for id in "$AUTOMODE_SESSION" '' none "$inner"; do
		run env AUTOMODE_SESSION="$id" git push origin main
		echo "$output"
		[ "$status" -eq 126 ]
	done
	[ -z "$(/usr/bin/git -C "$world/server/other.git" for-each-ref)" ]
}

@test "check says where it would go, and why" {
	commit_as_ann more
	run "$automode" check -- git push origin main
	echo "$output"
	[ "$status" -eq 0 ]
	[[ "$output" == *"$ssh_host"*"$ssh_port"* ]]
	[[ "$output" == *"remote \"origin\" of "*".git/config"* ]]
	/usr/bin/git config --global url."$(ssh_url /)".insteadOf there:/
	run "$automode" check -- git ls-remote "there:$server"
	echo "$output"
	[[ "$output" == *"rewritten by url."*".gitconfig"* ]]
	[ "$(on_server main)" != "$(/usr/bin/git rev-parse main)" ]
}

@test "submodules on the same host: clone and update" {
	/usr/bin/git init -q --bare "$world/server/lib.git"
	(
		/usr/bin/git init -q "$world/lib" && cd "$world/lib" || exit 1
		commit_as_ann lib
		/usr/bin/git push -q "$world/server/lib.git" HEAD:main
	)
	/usr/bin/git -C "$world/server/lib.git" symbolic-ref HEAD refs/heads/main
	git submodule --quiet add ../lib.git lib
	[ -e lib/file-lib ]
	/usr/bin/git commit -qm sub
	git push -q
	git clone -q "$(ssh_url "$server")" "$HOME/second"
	cd "$HOME/second"
	git submodule --quiet update --init
	[ -e lib/file-lib ]
	git submodule --quiet sync --recursive
	git pull -q --recurse-submodules
}

@test "submodules on another host: clone --recurse-submodules" {
	/bin/chmod 711 "$world"
	https_start "$world/https"
	/usr/bin/git config --global http.sslCAInfo "$https_ca"
	local base=${https_url/:\/\//://$https_user:$https_password@}
	printf '%s/\n' "$base" >"$HOME/.git-credentials"
	/bin/chmod 600 "$HOME/.git-credentials"
	/usr/bin/git config --global credential.helper store
	/usr/bin/git init -q "$world/inner"
	(cd "$world/inner" && commit_as_ann inner)
	https_repository inner.git "$world/inner"
	/usr/bin/git init -q "$world/lib"
	(
		cd "$world/lib"
		commit_as_ann lib
		/usr/bin/git -c protocol.allow=always submodule --quiet add \
			"$world/inner" inner
		/usr/bin/git config -f .gitmodules submodule.inner.url ../inner.git
		/usr/bin/git commit -qam inner
	)
	https_repository lib.git "$world/lib"
	/usr/bin/git -c protocol.allow=always submodule --quiet add \
		"$world/lib" lib
	/usr/bin/git config -f .gitmodules submodule.lib.url \
		"$https_url/git/lib.git"
	/usr/bin/git config -f .gitmodules submodule.bad.path bad
	/usr/bin/git config -f .gitmodules submodule.bad.url ext::sh
	/usr/bin/git commit -qam sub
	ssh_git "$HOME" push -q origin main
	cd "$HOME"
	run "$automode" check -- git clone --recurse-submodules \
		"$(ssh_url "$server")" second
	echo "$output"
	[[ "$output" == *"net.fetch"*"$https_url/git/lib.git (foreign"* ]]
	git clone -q --recurse-submodules "$(ssh_url "$server")" second
	[ -e second/lib/file-lib ]
	[ -e second/lib/inner/file-inner ]
	# what was looked at goes
	for _ in $(seq 600); do
		[ -n "$(find "$AUTOMODE_STATE_DIR" -name 'fetched.*')" ] || break
		sleep 0.1
	done
	[ -z "$(find "$AUTOMODE_STATE_DIR" -name 'fetched.*')" ]
}

@test "shallow and partial clones fetch what they lack" {
	/usr/bin/git -C "$server" config uploadpack.allowFilter true
	/usr/bin/git -C "$server" config uploadpack.allowAnySHA1InWant true
	commit_as_ann more
	git push -q
	git clone -q --depth 1 "$(ssh_url "$server")" "$HOME/shallow"
	git -C "$HOME/shallow" fetch -q --unshallow
	[ "$(/usr/bin/git -C "$HOME/shallow" rev-list --count HEAD)" = 2 ]
	git clone -q --filter=blob:none --no-checkout "$(ssh_url "$server")" \
		"$HOME/partial"
	cd "$HOME/partial"
	run git show HEAD:file-one
	[ "$status" -eq 0 ]
	[ "$output" = one ]
	git checkout -q main
	[ -e file-more ]
}

@test "https: push, a colleague's commits, own branch, undo; no secret anywhere" {
	/bin/chmod 711 "$world"
	https_start "$world/https"
	/usr/bin/git clone -q --bare "$server" "$world/copy.git"
	https_repository project.git "$world/copy.git"
	/usr/bin/git config --global http.sslCAInfo "$https_ca"
	with=${https_url/:\/\//://$https_user:$https_password@}/git/project.git
	there() { https_git project.git rev-parse -q --verify "$1"; }
	git clone -q "$with" "$HOME/second"
	cd "$HOME/second"
	commit_as_ann more
	git push -q
	[ "$(there main)" = "$(/usr/bin/git rev-parse main)" ]
	git checkout -q -b topic
	commit_as_ann topic
	git push -q -u origin topic
	old=$(there topic)
	git commit -q --amend -m again
	run git push
	[ "$status" -eq 1 ]
	git push -q -f
	[ "$(there topic)" = "$(/usr/bin/git rev-parse topic)" ]
	run "$automode" undo
	echo "$output"
	[ "$(there topic)" = "$old" ]
	(
		cd "$world/ben/copy" && export GIT_SSL_CAINFO=$https_ca
		/usr/bin/git fetch -q "$with" shared
		/usr/bin/git checkout -q FETCH_HEAD
		/usr/bin/git -c user.name=Ben -c user.email=ben@example.com \
			commit -q --allow-empty -m work
		/usr/bin/git push -q "$with" HEAD:shared
	)
	ben=$(there shared)
	run git push -f origin topic:shared
	echo "$output"
	[ "$status" -eq 126 ]
	[[ "$output" == *"Ben <ben@example.com>"* ]]
	[[ "$output" != *"$https_password"* ]]
	run git push -d origin shared
	[ "$status" -eq 126 ]
	[ "$(there shared)" = "$ben" ]
	run "$automode" check -- git push -f origin topic:shared
	[[ "$output" != *"$https_password"* ]]
	run "$automode" log
	[[ "$output" != *"$https_password"* ]]
	run grep -r "$https_password" "$AUTOMODE_STATE_DIR" "$XDG_RUNTIME_DIR"
	echo "$output"
	[ "$status" -eq 1 ]
}
