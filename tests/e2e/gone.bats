#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The current directory was deleted.

load world

setup() {
	make_world
	make_repo
	as_agent
	mkdir "$HOME/gone"
	cd "$HOME/gone"
	/bin/rmdir "$HOME/gone"
}

teardown() {
	cd /
	end_world
}

@test "gone: git says what git says" {
	run git status
	[ "$status" = 128 ]
	[ "$output" = "fatal: Unable to read current working directory: No such file or directory" ]
}

@test "gone: what names nothing relative runs" {
	[ "$(git -C "$HOME/project" log -1 --format=%s)" = two ]
	echo x >"$HOME/project/x"
	git -C "$HOME/project" add x
	rm -f "$HOME/project/x"
	[ ! -e "$HOME/project/x" ]
	git --version
}

@test "gone: an address and a value are no names" {
	run curl -sS -w '%{http_code}' -H 'Accept: a/b' http://127.0.0.1:1/x
	[ "$status" = 7 ]
	[[ $output == *"Failed to connect"* ]]
	run curl -sS -d @etc/passwd http://127.0.0.1:1/x
	[ "$status" = 125 ]
	run curl -sS --data-binary=@etc/passwd -o ./x http://127.0.0.1:1/x
	[ "$status" = 125 ]
	run rm absent
	[ "$status" = 1 ]
}

@test "gone: whoever gave up the rights to its folders still gets an answer" {
	[ "$(id -u)" = 0 ] || skip "needs another user"
	local other=(setpriv --reuid=2000 --regid=2000 --clear-groups)
	local own

	"${other[@]}" test -x "$AUTOMODE_BIN" ||
		skip "another user does not come here"
	cd "$HOME/project"
	/bin/chmod 700 "$HOME"
	own=$(mktemp -d)
	chown 2000:2000 "$own"
	export XDG_RUNTIME_DIR=$own
	run "${other[@]}" bash -c 'echo here; exit 3'
	[ "$status" = 3 ]
	[ "$output" = here ]
	run "${other[@]}" curl -sS http://127.0.0.1:1/x
	[ "$status" = 7 ]
	run "${other[@]}" bash -c 'curl -sS http://127.0.0.1:1/x'
	[ "$status" = 7 ]
	run "${other[@]}" curl -sS -T file http://127.0.0.1:1/x
	[ "$status" = 125 ]
	"${other[@]}" "$automode" gateway --stop
	/bin/rm -r "$own"
}

@test "gone: a relative name is not taken for one of the root's" {
	run rm -rf etc
	[ "$status" = 125 ]
	run cp --target-directory=etc "$HOME/project/file"
	[ "$status" = 125 ]
	run mv -t tmp "$HOME/project/file"
	[ "$status" = 125 ]
	[ -e "$HOME/project/file" ]
}

@test "gone: a folder that is removed from within is not found again in the vault" {
	cd "$HOME/project"
	ln -s project ../other
	for folder in ../sub "$HOME/project/sub" "$HOME/other/sub"; do
		mkdir -p sub/deep
		echo kept >sub/deep/a
		cd sub
		rm -rf "$folder"
		run pwd -P
		[[ $output != *vault* ]]
		run /usr/bin/touch here
		[ "$status" -ne 0 ]
		[ -z "$(ls -A)" ]
		run git status
		[ "$status" = 128 ]
		[ "$output" = "fatal: Unable to read current working directory: No such file or directory" ]
		cd "$HOME/project"
		[ ! -e sub ]
		"$automode" undo
		[ "$(cat sub/deep/a)" = kept ]
	done
	mkdir empty
	cd empty
	rmdir ../empty
	run git status
	[ "$status" = 128 ]
}
