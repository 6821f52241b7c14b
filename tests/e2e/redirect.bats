#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# A file of credentials behind "<" is read by whoever repeats its input.

load world

setup() {
	make_world
	mkdir -p "$HOME/.ssh"
	echo key-of-the-person >"$HOME/.ssh/id_rsa"
	make_repo
	cd "$HOME/project" || return 1
	echo plain >text
	as_agent
}

teardown() {
	end_world
}

refused() {
	run bash -c "$1"
	[ "$status" -eq 126 ]
	[[ $output == *"standard input is"* ]]
	[[ $output != *key-of-the-person* ]]
}

@test "a key on standard input does not come out again" {
	refused 'git stripspace <~/.ssh/id_rsa'
	refused 'git hash-object -w --stdin <~/.ssh/id_rsa'
	refused 'sort <~/.ssh/id_rsa'
	refused 'sed p <~/.ssh/id_rsa'
	refused 'tee copy <~/.ssh/id_rsa'
	[ ! -e copy ]
	refused 'openssl enc -base64 <~/.ssh/id_rsa'
}

@test "openssl does not print a key that it is given" {
	for words in 'enc -base64 -in' 'base64 -in' 'asn1parse -in' 'zlib -in'; do
		run bash -c "openssl $words ~/.ssh/id_rsa"
		[ "$status" -eq 126 ]
		[[ $output != *key-of-the-person* ]]
	done
	openssl genrsa -out own.pem 1024 2>/dev/null
	openssl rsa -in own.pem -pubout 2>/dev/null | grep -q PUBLIC
}

@test "what openssl overwrites comes back" {
	openssl rand -out text 8
	[ "$(cat text)" != plain ]
	"$automode" undo --last
	[ "$(cat text)" = plain ]
}

@test "any other file does" {
	[ "$(git stripspace <text)" = plain ]
	[ "$(sort <text)" = plain ]
	[ "$(tee copy <text)" = plain ]
	[ "$(cat copy)" = plain ]
	[ "$(openssl base64 <text)" = cGxhaW4K ]
}
