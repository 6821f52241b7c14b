#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Things that change while a command runs, or that a dead worker has left.

load world

setup() {
	make_world
	make_repo
}

teardown() {
	end_world
}

@test "meanwhile: another folder of hooks is told of" {
	as_agent
	mkdir -p .git/hooks
	git -c alias.wait='!touch started; while [ ! -e go ]; do sleep 0.1; done' \
		wait 2>said &
	for _ in $(seq 600); do
		[ -e started ] && break
		sleep 0.1
	done
	[ -e started ]
	/bin/mv .git/hooks .git/hooks-before
	mkdir .git/hooks
	touch go
	wait $!
	grep -q 'look at the hooks before they run: .git/hooks' said
}

@test "meanwhile: folders of fetched objects are swept at the start" {
	mkdir -p "$AUTOMODE_STATE_DIR"
	chmod 700 "$AUTOMODE_STATE_DIR"
	mkdir -p "$AUTOMODE_STATE_DIR/fetched.old/objects" "$AUTOMODE_STATE_DIR/fetched.new"
	touch -d '2 days ago' "$AUTOMODE_STATE_DIR/fetched.old"
	as_agent
	[ ! -e "$AUTOMODE_STATE_DIR/fetched.old" ]
	[ -e "$AUTOMODE_STATE_DIR/fetched.new" ]
}
