#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Tables whose rows are not to leave, and copies of production.

load world
. "$BATS_TEST_DIRNAME/../services/postgres.bash"

policy() { # TEXT
	mkdir -p "$HOME/.config/automode"
	printf '%s\n' "$1" >"$HOME/.config/automode/policy"
	"$automode" gateway --stop >/dev/null 2>&1 || true
}

setup() {
	postgres_bin >/dev/null || skip "no PostgreSQL server"
	make_world
	chmod 755 "$world"
	postgres_start "$world/pg"
	cd "$HOME" || return 1
	policy '[database "here"]
		host = 127.0.0.1
		access = read-write
		sensitive = customers
		sensitive = aside.*'
	as_agent
	hash -r
}

teardown() {
	postgres_stop
	end_world
}

asked() { # COMMAND...: is not run, and says why
	run "$@" </dev/null
	echo "$* -> $status $output"
	[ "$status" = 126 ]
	[[ $output == *sensitive* ]]
	[[ $output != *@x.example* ]]
}

runs() {
	run "$@" </dev/null
	echo "$* -> $status $output"
	[ "$status" = 0 ]
	[[ $output != *@x.example* ]]
}

@test "rows of a sensitive table do not leave" {
	asked psql -c 'select * from customers'
	asked psql -c 'select c.email from orders o join public.customers c on true'
	asked psql -c 'with x as (select * from customers) select 1 from x'
	asked psql -c 'select (select email from customers limit 1)'
	asked psql -c 'copy customers to stdout'
	asked psql -c '\copy (select email from customers) to stdout'
	asked psql -c '\copy customers to out'
	asked psql -c 'create table mine as select * from customers'
	asked psql -c 'insert into orders select id, 1, 1 from customers'
	asked psql -c 'update customers set name = name where id = 1 returning email'
	asked psql -c 'create view v as select * from customers'
	asked psql -c 'alter table customers rename to plain'
	asked psql -c 'alter table customers set schema aside'
	asked psql -c 'begin; declare c cursor for table customers; fetch 3 from c; end'
	asked psql -c 'prepare p as select * from "customers"; execute p'
	asked psql -c "do \$\$ begin raise notice '%', (select max(email) from customers); end \$\$"
	asked psql -c 'select most_common_vals from pg_stats'
	asked psql -c "select query_to_xml('select * from customers', true, true, '')"
	asked psql -c 'table aside.notes'
	asked psql -c 'set search_path = aside; table notes'
	asked env PGOPTIONS='-c search_path=aside' psql -c 'table notes'
	asked psql -c "select set_config('search_path', 'aside', false); table notes"
	asked pg_dump
	asked pg_dump -t customers
	asked pg_dump -t 'cust*'
	asked pg_dump -n aside
	asked pg_dumpall
	printf 'select * from customers;\n' >q.sql
	asked psql -f q.sql
	asked psql -c '\i q.sql'
	asked bash -c "echo \"select 'select * from customers' \\gexec\" | psql"
	[ ! -e out ]
}

@test "everything else is as always" {
	runs psql -c 'select count(*) from customers'
	runs psql -c 'select * from orders' -c '\d customers' -c '\dt'
	runs psql -c "insert into customers (name) values ('Zoe')"
	runs psql -c "update customers set name = 'a' where id = 1"
	runs psql -c 'explain select * from customers'
	runs psql -c 'table notes' -c 'select 1' || [ "$status" = 1 ]
	runs psql -c 'create table notes (a int)' -c 'select * from notes'
	runs pg_dump -s
	runs pg_dump -t orders
	runs pg_dump -n other || [ "$status" = 1 ]
	runs pg_dump -T customers -T 'aside.*' --restrict-key=x
}

@test "the user's words let one table out, a repository adds tables" {
	/usr/bin/git init -q project
	cd project
	runs psql -c 'select * from orders'
	printf '[database "more"]\n\tsensitive = ord*\n' >.automode
	asked psql -c 'select * from orders'
	printf '[database "here"]\n\tsensitive = ord*\n\taccess = read-write\n' \
		>.automode
	asked psql -c 'select * from orders'
	"$automode" intent 'read the table customers of app_dev'
	cd ..
	run psql -XAtc 'select email from customers where id = 3'
	echo "$output"
	[[ $output == *c3@x.example* ]]
}

@test "the relay keeps them, too; dumps of production ask" {
	postgres_secure hush
	export PGPASSWORD=hush
	policy '[database "main"]
		host = 127.0.0.1
		access = read-only
		sensitive = customers
		[effect "db.read"]
			production = allow'
	runs psql -c 'select * from orders'
	asked psql -c 'select * from customers'
	asked pg_dump
	run pg_dump -t orders
	[ "$status" = 126 ]
	[[ $output == *"copy of production"* ]]
	run psql -c '\copy orders to stdout'
	[ "$status" = 126 ]
	# what nobody can tell beforehand
	printf '%s\n' "select 'select * from customers' \\gexec" >g.sql
	run psql -f g.sql
	echo "$output"
	[[ $output == *"automode: refused: rows of what the profile calls sensitive, customers"* ]]
	[[ $output != *@x.example* ]]
	printf '%s\n' "select 'select count(*) from customers' \\gexec" >g.sql
	runs psql -f g.sql
	[[ $output == *30* ]]
}

@test "sqlite3, too" {
	command -v sqlite3 >/dev/null || skip "no sqlite3"
	policy '[database "file"]
		host = */app.db
		access = read-write
		sensitive = people'
	PATH=$plain_path sqlite3 app.db \
		"create table people (e); insert into people values ('p@x.example');
		create table plain (a); insert into plain values (1)"
	asked sqlite3 app.db 'select * from people'
	asked sqlite3 app.db .dump
	asked sqlite3 app.db '.backup b'
	asked sqlite3 app.db 'create table q as select * from people'
	asked sqlite3 app.db "vacuum into 'v.db'"
	asked sqlite3 :memory: "attach 'app.db' as a; select * from a.people"
	runs sqlite3 app.db 'select * from plain'
	runs sqlite3 app.db 'select count(*) from people'
	cp app.db other.db
	run sqlite3 other.db 'select * from people'
	[ "$status" = 0 ]
}
