#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# sqlite3: what is destroyed in a file comes back byte for byte, a file that is
# named for production stays as it is, and the rest is as always.

load world

setup() {
	make_world
	cd "$HOME" || return 1
	mkdir -p project && cd project || return 1
	for db in app.db app_prod.db; do
		/usr/bin/sqlite3 "$db" <<-'END'
			create table t (id integer primary key, v, e unique);
			insert into t select value, value * 3, 'e' || value
				from generate_series(1, 200);
			create table u (a);
			insert into u values (1), (2);
		END
	done
	as_agent
	hash -r
}

teardown() {
	end_world
}

undone() { # ARGS...: allowed, changes something, and comes back
	cp app.db "$world/before"
	sqlite3 "$@" </dev/null
	! cmp -s app.db "$world/before"
	"$automode" undo
	cmp app.db "$world/before"
}

@test "what is destroyed comes back byte for byte" {
	undone app.db 'delete from t'
	undone app.db 'update t set v = null'
	undone app.db 'drop table t; vacuum'
	/usr/bin/sqlite3 app.db 'create table kept (id integer primary key, v);
		create table hangs (v, r references kept on delete cascade);
		insert into kept values (1, 1), (2, 2); insert into hangs values (1, 1)'
	undone app.db 'pragma foreign_keys = on; delete from kept where id = 1'
	undone app.db "insert or replace into kept select id, 'x' from kept"
	undone app.db 'delete from t where v > 3' 'drop table u'
	undone -cmd 'drop table u' app.db 'select 1'
	undone app.db 'alter table t drop column v'
	undone "file:$PWD/app.db?mode=rw" 'delete from t'
	undone app_prod.db "attach 'app.db' as o; delete from o.t"
	undone :memory: '.open app.db' 'delete from u'
	undone app.db '.restore app_prod.db' 'delete from t'
	undone :memory: 'create table x (i)' '.save app.db'
	printf 'delete from t;\n' >d.sql
	undone app.db '.read d.sql'
	undone -init d.sql app.db 'select 1'
	cp app.db before
	sqlite3 app.db <d.sql
	"$automode" undo
	cmp app.db before
	sqlite3 app.db <<-'E'
		begin;
		delete from t;
		commit;
	E
	"$automode" undo
	cmp app.db before
}

@test "a log that is not yet written back is part of it" {
	/usr/bin/sqlite3 app.db 'pragma journal_mode = wal' >/dev/null
	mkfifo hold
	/usr/bin/sqlite3 app.db <hold >seen 3>&- &
	reader=$!
	exec 7>hold
	echo 'insert into u values (99); select count(*) from u;' >&7
	until_true [ -s seen ]
	[ -s app.db-wal ]
	sqlite3 app.db 'delete from u'
	[ "$(/usr/bin/sqlite3 app.db 'select count(*) from u')" = 0 ]
	exec 7>&-
	wait "$reader"
	"$automode" undo
	[ "$(/usr/bin/sqlite3 app.db 'select count(*) from u where a = 99')" = 1 ]
	[ "$(/usr/bin/sqlite3 app.db 'pragma integrity_check')" = ok ]
}

@test "a file for production is not written to" {
	cp app_prod.db "$world/before"
	denied() {
		run sqlite3 "$@" </dev/null
		[ "$status" = 126 ]
		[[ $output == *app_prod.db* ]]
	}
	denied app_prod.db 'delete from t where id = 1'
	denied app_prod.db 'insert into u values (3)'
	denied app_prod.db 'create table x (i)'
	denied "file:app%5fprod.db" 'drop table t'
	denied app.db "attach 'app_prod.db' as p; insert into p.u values (1)"
	denied app.db '.open app_prod.db' 'drop table t'
	denied app.db '.backup app_prod.db'
	denied app_prod.db '.dump'
	# a copy leaves: a question, no write
	for s in "vacuum into 'copy.db'" "vacuum main into 'copy.db'"; do
		run sqlite3 app_prod.db "$s" </dev/null
		[ "$status" = 126 ]
		[[ $output == *"a copy of production's data leaves"* ]]
		[[ $output != *"writes to a database"* ]]
	done
	denied app_prod.db 'vacuum'
	ln -s app_prod.db innocent.db
	run sqlite3 innocent.db 'drop table t'
	[ "$status" = 126 ]
	run bash -c 'echo "drop table t" | sqlite3 app_prod.db'
	[ "$status" = 126 ]
	cmp app_prod.db "$world/before"
	[ "$(sqlite3 app_prod.db 'select count(*) from t')" = 200 ]
	[ "$(sqlite3 app_prod.db .tables)" = "t  u" ]
}

@test "a profile says which file is production" {
	mkdir -p "$HOME/.config/automode"
	printf '[database "main"]\n\thost = */app.db\n\taccess = read-only\n' \
		>"$HOME/.config/automode/policy"
	"$automode" gateway --stop
	run sqlite3 app.db 'insert into u values (5)'
	[ "$status" = 126 ]
	[[ $output == *read-only* ]]
}

@test "shells, editors and code do not run" {
	denied() {
		run sqlite3 "$@" </dev/null
		[ "$status" = 126 ]
		[ ! -e leaked ]
	}
	denied app.db '.shell touch leaked'
	denied app.db '.sys touch leaked'
	denied app.db -cmd '.output |touch leaked' 'select 1'
	denied app.db '.once |touch leaked' 'select 1'
	denied app.db '.read |touch leaked'
	denied app.db '.import "|touch leaked" u'
	denied app.db '.excel' 'select 1'
	denied app.db "select writefile('leaked', 'x')"
	denied app.db "select edit('x', 'touch leaked;')"
	denied app.db "select load_extension('./x')"
	denied app.db '.load ./x'
	denied app.db "create table n as select writefile('leaked', 1)"
	denied app.db ".param set @x writefile('leaked',1)"
	printf 'select 1;\n.shell touch leaked\n' >s.sql
	run bash -c 'sqlite3 app.db <s.sql'
	[ "$status" = 126 ]
	denied app.db '.read s.sql'
	[ ! -e leaked ]
}

@test "output, status and messages are as always" {
	both sqlite3 --version
	both sqlite3 app.db 'select count(*) from t'
	both sqlite3 -header -csv app.db 'select * from u'
	both sqlite3 -json app.db 'select * from u' 'select 1'
	both sqlite3 app.db .schema
	both sqlite3 app.db '.mode box' 'select * from u'
	both sqlite3 -readonly app.db 'delete from u'
	both sqlite3 :memory: 'create table x (i); insert into x values (1); select * from x; drop table x'
	both bash -c 'printf "select 1;\n.tables\nselect 2" | sqlite3 app.db'
	both bash -c 'sqlite3 <<<"select 7;"'
	both sqlite3 app.db 'update t set v = 5 where id = 7'
	both sqlite3 nosuch/x.db 'select 1'
	sqlite3 new.db 'create table x (i); insert into x values (1)'
	printf '4\n5\n' >in.csv
	sqlite3 app.db '.import --csv in.csv u'
	sqlite3 app.db '.output out.sql' .dump
	[ "$("$automode" undo --list)" = "nothing is kept" ]
	[ "$(sqlite3 app.db 'select count(*) from u')" = 4 ]
	grep -q 'CREATE TABLE t' out.sql
}
