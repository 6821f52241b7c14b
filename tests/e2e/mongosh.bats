#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# mongosh: the target that its line names, and what plain statements do.  A
# stand-in says whether it was run.

load world

setup() {
	make_world
	mkdir -p "$HOME/tools"
	cd "$HOME" || return 1
	# shellcheck disable=SC2016 # for the stand-in
	printf '#!/bin/sh\ntouch "$HOME/ran"\n' >tools/mongosh
	chmod +x tools/mongosh
	PATH=$PATH:$HOME/tools
	as_agent
	hash -r
}

teardown() {
	end_world
}

runs() {
	/usr/bin/rm -f ran
	mongosh "$@" </dev/null
	[ -e ran ]
}

denied() { # WORD ARGS...
	local word=$1
	shift
	/usr/bin/rm -f ran
	run mongosh "$@" </dev/null
	[ "$status" = 126 ]
	[[ $output == *$word* ]]
	[[ $output != *hush* ]]
	[ ! -e ran ]
}

@test "on this machine reads and writes run, what cannot be kept is asked" {
	runs --eval 'db.orders.find()'
	runs app --quiet --eval 'db.orders.insertOne({a: 1})'
	runs mongodb://localhost:27017/app --eval 'show dbs'
	runs --version
	printf 'db.a.find()\n' >a.js
	runs app a.js
	runs --file a.js
	denied app app --eval 'db.dropDatabase()'
	denied orders orders --eval 'db.orders.deleteMany({})'
	denied JavaScript --eval 'require("child_process").execSync("id")'
	denied JavaScript --nodb --eval 'process.exit()'
	printf 'db.a.drop()\n' >b.js
	denied drop app b.js
	run bash -c 'echo "db.a.drop()" | mongosh app'
	[ "$status" = 126 ]
	[ "$("$automode" undo --list)" = "nothing is kept" ]
}

@test "production is not written to, other machines are asked about" {
	denied prod app_prod --eval 'db.a.insertOne({a: 1})'
	denied prod 'mongodb://app:hush@db1.prod.example,db2/app' \
		--eval 'db.a.insertOne({a: 1})'
	denied prod 'mongodb://h,db.prod.example:27018/app' --eval 'db.a.find()'
	denied mongodb.net 'mongodb+srv://u:hush@c.mongodb.net/app?x=1' \
		--eval 'db.a.updateOne({a: 1}, {$set: {b: 2}})'
	denied prod --host db.prod.example --eval 'db.a.insertOne({a: 1})'
	denied prod app --eval 'use app_prod
		db.a.insertOne({a: 1})'
	denied example.com db.example.com/app --eval 'db.a.insertOne({a: 1})'
	runs app_prod --eval 'db.a.countDocuments({})'
}
