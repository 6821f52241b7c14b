#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# git lfs: with a folder as the remote, and with a server over TLS that wants
# a password.

load world
. "$BATS_TEST_DIRNAME/../services/api.bash"

setup() {
	command -v /usr/bin/git-lfs >/dev/null || skip "git-lfs is not there"
	make_world
	unset GIT_SSL_CAINFO CURL_CA_BUNDLE SSL_CERT_DIR
	/usr/bin/git lfs install --skip-repo >/dev/null
	make_repo
	cd "$HOME/project" || return 1
	/usr/bin/git lfs install --local >/dev/null
	/usr/bin/git lfs track '*.bin' >/dev/null
	head -c 100000 /dev/urandom >big.bin
	/usr/bin/git add .gitattributes big.bin
	/usr/bin/git commit -qm big
	oid=$(sha256sum <big.bin | cut -d' ' -f1)
}

teardown() {
	api_stop
	end_world
}

served() {
	mkdir -p "$world/repos/acme"
	/usr/bin/git clone -q --bare . "$world/repos/acme/widgets.git"
	/usr/bin/git -C "$world/repos/acme/widgets.git" \
		update-ref refs/heads/main HEAD~1
	/usr/bin/git -C "$world/repos/acme/widgets.git" \
		config http.receivepack true
	api_start "$world/api" "$world/repos"
	export SSL_CERT_FILE=$api_ca
	/usr/bin/git config --global http.sslCAInfo "$api_ca"
	printf 'https://dana:PASSwordOFtheTEST@localhost:%s\n' "$api_port" \
		>"$HOME/.git-credentials"
	/usr/bin/git config --global credential.helper store
	/usr/bin/git remote set-url origin \
		"https://localhost:$api_port/acme/widgets.git"
}

@test "words that only look, and tracking" {
	as_agent
	want=$(/usr/bin/git lfs ls-files -l)
	[ "$(git lfs ls-files -l)" = "$want" ]
	[ "$(git-lfs ls-files --long)" = "$want" ]
	git lfs status
	git lfs track '*.psd'
	grep -q psd .gitattributes
	git lfs untrack '*.psd'
	! grep -q psd .gitattributes
	git add .
}

@test "add, commit, checkout with the filters" {
	as_agent
	head -c 5000 /dev/urandom >two.bin
	git add two.bin
	git commit -qm two
	git cat-file -p HEAD:two.bin | grep -q 'oid sha256'
	git checkout -q HEAD~1
	[ ! -e two.bin ]
	git checkout -q main
	[ "$(wc -c <two.bin)" -eq 5000 ]
}

@test "a folder as the remote" {
	as_agent
	git push -q origin main
	git lfs push origin main
	[ -e ../project.git/lfs/objects/${oid:0:2}/${oid:2:2}/$oid ]
	rm -rf .git/lfs/objects
	git lfs pull
	[ -e .git/lfs/objects/${oid:0:2}/${oid:2:2}/$oid ]
}

@test "a server: push and pull, the password stays with the broker" {
	served
	as_agent
	run git lfs push origin main
	echo "$output"
	[ "$status" -eq 0 ]
	grep -q '"method": "PUT", "path": "/lfs-store/' "$api_record"
	grep -q "Basic $(printf dana:PASSwordOFtheTEST | base64)" \
		"$api_record"
	/bin/rm -rf .git/lfs/objects big.bin
	GIT_LFS_SKIP_SMUDGE=1 /usr/bin/git checkout -q big.bin
	grep -q 'oid sha256' big.bin
	run git lfs pull
	[ "$status" -eq 0 ]
	[ "$(sha256sum <big.bin | cut -d' ' -f1)" = "$oid" ]
	! grep -rqF PASSword .git "$AUTOMODE_STATE_DIR" "$XDG_RUNTIME_DIR"
	/usr/bin/git status --porcelain | grep -v '^??' && return 1
	true
}

@test "push brings the content first, pull and clone leave pointers" {
	served
	as_agent
	run git push origin main
	echo "$output"
	[ "$status" -eq 0 ]
	grep -q '"method": "PUT", "path": "/lfs-store/' "$api_record"
	[ "$(/usr/bin/git -C "$world/repos/acme/widgets.git" rev-parse main)" = \
		"$(/usr/bin/git rev-parse main)" ]
	cd "$HOME"
	run git clone "https://localhost:$api_port/acme/widgets.git" copy
	echo "$output"
	[ "$status" -eq 0 ]
	grep -q 'oid sha256' copy/big.bin
	cd copy
	git lfs pull
	[ "$(sha256sum <big.bin | cut -d' ' -f1)" = "$oid" ]
}

@test "a push whose content is refused is no push" {
	served
	as_agent
	/usr/bin/git config lfs.url "https://localhost:$api_port/nowhere"
	# the interface is not there: nothing may arrive
	kill "$api_pid"
	run git push origin main
	[ "$status" -ne 0 ]
	[ "$(/usr/bin/git -C "$world/repos/acme/widgets.git" rev-parse main)" != \
		"$(/usr/bin/git rev-parse main)" ]
}

@test "no program of the repository runs beside the broker" {
	served
	printf '#!/bin/sh\nid >%s\n' "$world/ran" >evil.sh
	chmod +x evil.sh
	/usr/bin/git config lfs.customtransfer.x.path "$PWD/evil.sh"
	/usr/bin/git config lfs.standalonetransferagent x
	/usr/bin/git config core.fsmonitor "$PWD/evil.sh"
	/usr/bin/git config lfs.extension.a.clean "$PWD/evil.sh"
	as_agent
	run git lfs push origin main
	[ ! -e "$world/ran" ]
}

@test "another host by .lfsconfig is not followed" {
	served
	as_agent
	/usr/bin/git config -f .lfsconfig lfs.url https://evil.example/x
	run git lfs push origin main
	[ "$status" -eq 126 ]
	[[ $output == *"evil.example"* ]]
	/bin/rm .lfsconfig
	git config remote.origin.lfsurl https://evil.example/x || true
	/usr/bin/git config remote.origin.lfsurl https://evil.example/x
	run git lfs pull
	[ "$status" -eq 126 ]
}

@test "prune keeps what it deletes" {
	as_agent
	git push -q origin main
	git lfs push origin main
	/usr/bin/git rm -q --cached big.bin
	/usr/bin/git commit -qm gone
	/usr/bin/git push -q --no-verify origin main
	run git lfs prune --force
	echo "$output"
	[ "$status" -eq 0 ]
	[ ! -e .git/lfs/objects/${oid:0:2}/${oid:2:2}/$oid ]
	"$automode" undo
	[ -e .git/lfs/objects/${oid:0:2}/${oid:2:2}/$oid ]
}
