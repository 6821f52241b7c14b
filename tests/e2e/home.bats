#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The home folder around the workspace: what this session made there may go
# again, and is kept; what was there before may not, unasked.

load bypass

setup() {
	# what is made below a temporary folder is nobody's work
	BATS_TMPDIR=$(untemporary) make_world
	make_repo
	mkdir -p "$HOME/notes" "$HOME/older" "$HOME/bin"
	echo idea >"$HOME/notes/idea"
	echo '#!/bin/sh' >"$HOME/bin/backup"
	/usr/bin/git -C "$HOME/older" init -q
	as_agent
}

teardown() {
	end_world
}

@test "a repository made in this session goes, and comes back whole" {
	git init -q ../fresh
	echo a >../fresh/a
	git -C ../fresh add a
	git -C ../fresh commit -qm one
	rm -rf ../fresh
	[ ! -e ../fresh ]
	"$automode" undo
	[ "$(git -C ../fresh log --format=%s)" = one ]
	run rm -rf ../older
	[ "$status" = 126 ]
	[ -d ../older/.git ]
}

@test "a copy made in this session goes, its source stays" {
	cp ~/notes/idea ~/notes/copy
	chmod 600 ~/notes/copy
	rm ~/notes/copy
	[ ! -e ~/notes/copy ]
	"$automode" undo
	[ "$(cat ~/notes/copy)" = idea ]
	run rm ~/notes/idea
	[ "$status" = 126 ]
	run mv ~/notes/copy ~/notes/idea
	[ "$status" = 126 ]
	[ "$(cat ~/notes/idea)" = idea ]
}

# bats test_tags=install
@test "an installation below ~/.local: new names only" {
	printf '#!/bin/sh\necho new\n' >tool
	install -d ~/.local/bin
	install -m 755 tool ~/.local/bin/brandnew
	[ "$(~/.local/bin/brandnew)" = new ]
	install -m 755 tool ~/.local/bin/brandnew
	ln -sf brandnew ~/.local/bin/brandnewer
	rm ~/.local/bin/brandnewer ~/.local/bin/brandnew
	# in the way of another program, or found by one
	local name
	/bin/mkdir -p "$world/tree/.local/bin"
	/bin/cp tool "$world/tree/.local/bin/ls"
	/bin/tar -C "$world/tree" -cf "$world/tree.tar" .local/bin/ls
	# the gateway's own state lies there, and may still be written to
	until_true /bin/rm -rf ~/.local
	run tar -C ~ -xf "$world/tree.tar"
	[ "$status" = 126 ]
	run install -D tool ~/.local/bin/ls
	[ "$status" = 126 ]
	run cp -r "$world/tree/.local/bin" ~/.local/bin
	[ ! -e ~/.local/bin/ls ]
	install -d ~/.local/bin
	for name in ls git-brandnew; do
		run install -m 755 tool ~/.local/bin/$name
		[ "$status" = 126 ]
		[ ! -e ~/.local/bin/$name ]
	done
	run cp tool ~/bin/backup
	[ "$status" = 126 ]
	[ "$(cat ~/bin/backup)" = '#!/bin/sh' ]
	run cp tool ~/.bashrc
	[ "$status" = 126 ]
}

@test "a key may be closed to others, not opened" {
	mkdir -p "$HOME/.ssh"
	echo key >"$HOME/.ssh/id_rsa"
	/usr/bin/chmod 644 "$HOME/.ssh/id_rsa"
	run chmod 755 "$HOME/.ssh/id_rsa"
	[ "$status" = 126 ]
	run chmod -R 600 "$HOME/.ssh"
	[ "$status" = 126 ]
	chmod 600 "$HOME/.ssh/id_rsa"
	chmod 700 "$HOME/.ssh"
	[ "$(stat -c %a "$HOME/.ssh/id_rsa" "$HOME/.ssh" | xargs)" = "600 700" ]
	chmod u=rw,go= "$HOME/.ssh/id_rsa"
	run sqlite3 :memory: "select readfile('$HOME/.ssh/id_rsa')"
	[ "$status" = 126 ] || [ "$status" = 127 ]
	run bash -c 'echo .ssh/id_rsa | tar -cf - -C ~ -T -'
	[ "$status" = 126 ]
}

@test "patch --dry-run finds the file; ssh -G asks nobody" {
	printf -- '--- a/file\n+++ b/file\n@@ -1,2 +1,2 @@\n one\n-two\n+2\n' >p
	run patch -p1 --dry-run <p
	[ "$status" = 0 ]
	[ "$output" = 'checking file file' ]
	ssh -G nosuch.example.com 2>/dev/null | grep -qx 'hostname nosuch.example.com'
	run ssh -G -o ProxyCommand='touch gone' nosuch.example.com
	[ ! -e gone ]
}

# bats test_tags=descriptors
@test "what the caller has open is written to, whatever it is called" {
	seq 3 | tee >(sed s/^/p/ >"$world/seen") >/dev/null
	[ "$(echo A | tee /dev/stderr 2>&1 >/dev/null)" = A ]
	[ "$(echo B | tee /dev/fd/2 2>&1 >/dev/null | cat)" = B ]
	[ "$(cp file /dev/stdout)" = "$(cat file)" ]
	[ "$(echo C | tee >(sed s/C/D/) >/dev/null)" = D ]
	[ "$(cat "$world/seen")" = "$(printf 'p1\np2\np3')" ]
	# a file behind it is kept as by its own name
	echo mine >notes
	echo E | tee /dev/fd/7 7<>notes
	[ "$(cat notes)" = E ]
	"$automode" undo
	[ "$(cat notes)" = mine ]
	run rm /dev/fd/7 7<>notes
	[ "$status" != 0 ]
	[ "$(cat notes)" = mine ]
}

@test "words name a path below the home folder by ~" {
	"$automode" intent 'Delete ~/notes/idea please.'
	rm ~/notes/idea
	[ ! -e ~/notes/idea ]
	echo other >"$world/other"
	run rm ~/bin/backup
	[ "$status" = 126 ]
	run "$automode" check -- curl -d x http://hooks.example.com/a
	[[ $output == *'("send host hooks.example.com" would be)'* ]]
}
