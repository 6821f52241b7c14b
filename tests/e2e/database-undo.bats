#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Each form by which a database for development loses something: the whole of
# it as pg_dump has it (rows, sequences, indexes, constraints, privileges,
# large objects) is the same before and after undo.

load world
. "$BATS_TEST_DIRNAME/../services/postgres.bash"

setup() {
	postgres_bin >/dev/null || skip "no PostgreSQL server"
	make_world
	chmod 755 "$world"
	postgres_start "$world/pg"
	cd "$HOME" || return 1
	sed "s|@FILES@|$world|g" "$BATS_TEST_DIRNAME/../databases/base.sql" |
		/usr/bin/psql -qX -v ON_ERROR_STOP=1 >/dev/null
	/usr/bin/psql -qX -v ON_ERROR_STOP=1 <<-'END'
		select setval('counters', 41), nextval('tickets');
		create sequence fresh_one start 9;
		create role reader;
		grant select on items to reader with grant option;
		grant select (name) on items to app;
		grant execute on function loud() to app;
		revoke execute on function quiet(int) from public;
		grant usage on sequence counters to app;
		alter default privileges grant select on tables to reader;
		create table notes (id int generated always as identity,
			item int references items on delete cascade deferrable,
			body text not null, twice int generated always as (id * 2) stored,
			span int4range, exclude using gist (span with &&));
		insert into notes (item, body, span) values (1, E'a\tb\\n', '[1,3)'),
			(2, '', '[3,5)');
		create type pair as (a int, b text);
		create rule guard as on update to cheap do also notify x;
		alter table items enable row level security;
		comment on column items.name is 'of a thing';
		alter table items cluster on items_price;
		create index odd on items (lower(name)) where price > 2;
		create unlogged table quick (i int);
		insert into quick values (1);
	END
	as_agent
	hash -r
	before=$(postgres_state)
}

teardown() {
	postgres_stop
	end_world
}

same() {
	[ "$(postgres_state)" = "$before" ] || {
		diff <(echo "$before") <(postgres_state)
		return 1
	}
}

back() { # WHAT: something was lost; after undo nothing is
	[ "$(postgres_state)" != "$before" ] || {
		echo "nothing changed: $1"
		return 1
	}
	"$automode" undo >/dev/null && same || {
		echo "not back: $1"
		return 1
	}
}

undone() { # SQL...
	local s
	for s; do
		psql -qX -v ON_ERROR_STOP=1 -c "$s" </dev/null >/dev/null || {
			echo "was not run: $s"
			return 1
		}
		back "$s"
	done
}

@test "rows" {
	undone "delete from items" \
		"delete from notes where id > 0" \
		"delete from only parts_eu" \
		"delete from cheap" \
		"update items set name = 'x' || id" \
		"update items set price = price + 1 where price > 3" \
		"truncate notes" \
		"truncate items cascade" \
		"truncate customers restart identity cascade" \
		"truncate logged, trail restart identity" \
		"with d as (delete from notes returning *) insert into trail (note) select body from d" \
		"merge into items i using orders o on i.id = o.id when matched then update set name = 'm'" \
		"delete from orders using customers c where c.id = customer_id" \
		"delete from trail; truncate quick; delete from notes"
}

@test "tables, views and what hangs on them" {
	undone "drop table notes" \
		"drop table items cascade" \
		"drop table parts" \
		"drop table parts_us" \
		"drop table customers, orders cascade" \
		"drop view cheap" \
		"drop view big" \
		"drop materialized view heavy" \
		"drop index items_price" \
		"drop index odd" \
		"drop sequence counters" \
		"drop sequence tickets, fresh_one" \
		"drop trigger logged_trace on logged" \
		"drop rule guard on cheap" \
		"drop policy own on items" \
		"drop statistics items_s" \
		"drop publication all_of"
}

@test "schemas, types and functions" {
	undone "drop schema aside cascade" \
		"drop schema public cascade" \
		"drop schema public, aside cascade" \
		"drop type aside.mood cascade" \
		"drop type pair" \
		"drop domain natural_number" \
		"drop function loud()" \
		"drop function add(int, int)" \
		"drop procedure sweep()" \
		"drop function trace() cascade" \
		"drop owned by holder" \
		"drop owned by reader cascade" \
		"drop owned by dev cascade"
}

@test "the language that every database has" {
	psql -qX -c "drop extension plpgsql cascade" 2>/dev/null
	"$automode" undo
	# it is an extension that somebody made, then
	diff <(grep -v '^--' <<<"$before" | uniq) \
		<(postgres_state | grep -v '^--\|EXTENSION.* plpgsql' | uniq)
}

@test "what is altered" {
	undone "comment on column items.name is null" \
		"alter table items drop column name cascade" \
		"alter table notes drop column twice" \
		"alter table logged alter column note type varchar(9) using left(note, 2)" \
		"alter table notes alter column body type int using length(body)" \
		"alter table items rename to things" \
		"alter table items rename column name to title" \
		"alter table items drop constraint items_pkey cascade" \
		"alter table items drop constraint items_price_check" \
		"alter table notes alter column body drop not null" \
		"alter table logged alter column note drop default" \
		"alter table items set schema aside" \
		"alter table parts detach partition parts_eu" \
		"alter table items owner to app" \
		"alter table items disable row level security" \
		"alter table logged disable trigger all" \
		"alter sequence counters restart with 3" \
		"alter sequence counters owned by items.id" \
		"select setval('counters', 1, false)" \
		"alter type aside.mood rename value 'ok' to 'fine'" \
		"alter type aside.mood add value 'new'" \
		"alter schema aside rename to beside" \
		"alter domain natural_number drop constraint natural_number_check" \
		"alter function quiet(int) volatile" \
		"create or replace function quiet(int) returns int language sql as 'select 2'" \
		"create or replace view cheap as select * from items where price < 9" \
		"alter index items_price rename to other"
}

@test "privileges" {
	undone "revoke all on items from reader cascade" \
		"revoke select (name) on items from app" \
		"revoke all on function loud() from app" \
		"revoke usage on sequence counters from app" \
		"revoke all on schema public from public" \
		"revoke all on customers from app; drop index orders_total" \
		"reassign owned by dev to app" \
		"alter default privileges revoke select on tables from reader"
}

@test "large objects" {
	undone "select lo_unlink(4711)" \
		"select lo_put(4711, 1, 'x')"
	psql -qX -c '\lo_unlink 4711'
	back '\lo_unlink'
	vacuumlo "$PGDATABASE"
	back vacuumlo
}

@test "code, scripts and standard input" {
	undone "do \$\$ begin delete from items; drop table notes; end \$\$" \
		"select loud()" \
		"call sweep()" \
		"explain analyze delete from notes"
	printf '%s\n' 'begin;' 'truncate items cascade;' 'drop view big;' 'commit;' \
		>s.sql
	psql -qXf s.sql >/dev/null
	back "-f"
	psql -qX <s.sql >/dev/null
	back "standard input"
	psql -qX1 -c 'delete from notes' -c 'drop table items cascade' >/dev/null
	back "several -c"
	printf '%s\n' "select format('drop table %I cascade', t) from unnest('{items,notes}'::text[]) t \\gexec" \
		>g.sql
	psql -qXf g.sql >/dev/null
	back "\\gexec"
	bash -c "psql -qXf <(echo 'drop table notes;')" >/dev/null
	back "-f with a pipe"
	bash -c "psql -qX1 -f <(printf '\\\\i %s\n' s.sql) </dev/null" >/dev/null
	back "-f with a pipe that includes"
	psql -qX -c 'create table bell (i int)' \
		-c "create function rung() returns trigger language plpgsql
			as 'begin truncate trail; return null; end'" \
		-c 'create trigger rings after insert on bell
			execute function rung()' \
		-c 'insert into bell values (1)'
	back "a trigger that is made by the way"
	echo 'delete from notes;' >.psqlrc
	psql -qc 'select 1' >/dev/null
	back ".psqlrc of this session"
}

@test "a database is dropped, by each name" {
	dropdb app_dev
	"$automode" undo
	same
	dropdb -f --if-exists app_dev
	"$automode" undo
	same
	psql -qX -d postgres -c 'drop database app_dev with (force)'
	"$automode" undo
	same
	psql -qX -d postgres -c 'alter database app_dev rename to elsewhere'
	"$automode" undo
	same
	/usr/bin/pg_dump -Fc -f d.dump
	/usr/bin/psql -qX -c 'create table later (i int)' \
		-c 'delete from notes' -c 'delete from logged'
	before=$(postgres_state)
	pg_restore --clean --if-exists -d app_dev d.dump >/dev/null 2>&1 || true
	back "pg_restore --clean"
	pg_restore -a -t logged --disable-triggers -d app_dev d.dump >/dev/null 2>&1 || true
	back "pg_restore --data-only"
}

@test "what one command does to several databases" {
	postgres_root -d postgres -c 'create database other_dev owner dev'
	psql -qX -d other_dev -c 'create table mine (i int primary key)' \
		-c 'insert into mine values (1), (2)'
	aside=$(postgres_state other_dev)
	printf '%s\n' 'delete from items;' '\c other_dev' 'truncate mine;' >s.sql
	run psql -qX -v ON_ERROR_STOP=1 -f s.sql
	[ "$status" = 0 ]
	[[ $output == *app_dev*other_dev* ]]
	[ "$(postgres_state other_dev)" != "$aside" ]
	now=$(postgres_state)
	back "both"
	[ "$(postgres_state other_dev)" = "$aside" ]
	# and forth
	"$automode" undo "$("$automode" undo --list |
		sed -n 's/^ *\([0-9]*\) .*kept.*undo of.*/\1/p' | head -1)"
	[ "$(postgres_state)" = "$now" ]
	[ "$(psql -XAtd other_dev -c 'select count(*) from mine')" = 0 ]
	# one that cannot come, or is gone: nothing of the other, either
	psql -qX -c 'insert into trail (note) values (1)' -f s.sql
	now=$(postgres_state)
	dump=$(ls -t "$AUTOMODE_STATE_DIR"/vault/files/entries/*/database.1/dump |
		head -1)
	/bin/cp "$dump" "$world/dump"
	: >"$dump"
	run "$automode" undo
	[ "$status" != 0 ]
	[[ $output == *other_dev*"as it was before undo"* ]]
	[ "$(postgres_state)" = "$now" ]
	/bin/cp "$world/dump" "$dump"
	postgres_root -d postgres -c 'drop database other_dev'
	now=$(postgres_state)
	run "$automode" undo
	[ "$status" != 0 ]
	[[ $output == *other_dev*"make it first"* ]]
	[ "$(postgres_state)" = "$now" ]
}

@test "a session in a terminal" {
	command -v tmux >/dev/null || skip "no tmux"
	t="tmux -L undo$$ -f /dev/null"
	see() { # TEXT: within a minute
		for _ in $(seq 600); do
			$t capture-pane -p -S -80 | grep -qF "$1" && return
			sleep 0.2
		done
		$t capture-pane -p -S -80
		return 1
	}
	$t new-session -d -x 100 -y 40 "psql -X" 3>&-
	see 'app_dev=#'
	$t send-keys "drop table items cascade\\;" Enter
	see 'DROP TABLE'
	$t send-keys "begin\\; delete from orders\\;" Enter
	see 'app_dev=*#'
	$t send-keys "commit\\;" Enter
	see 'COMMIT'
	$t send-keys "select pg_sleep(60)\\;" Enter
	until_true postgres_busy 'pg_sleep(60)'
	$t send-keys C-c
	see 'canceling statement due to user request'
	$t send-keys '\q' Enter
	until_true bash -c "! $t has-session 2>/dev/null"
	back "psql in a terminal"
}

@test "who cannot come in is told so by psql" {
	same_words() {
		local want got
		want=$(PATH=$plain_path "$@" 2>&1 </dev/null) && false
		got=$("$@" 2>&1 </dev/null) && false
		[ "$want" = "$got" ] || {
			printf 'wanted: %s\ngot: %s\n' "$want" "$got"
			return 1
		}
	}
	postgres_secure hush
	for s in "select 1" "select * from items" "drop table items" \
		"delete from customers where id = 3"; do
		PGPASSWORD=wrong same_words psql -X -c "$s"
		PGPASSWORD=wrong same_words psql -X -h localhost -c "$s"
		same_words psql -Xw -c "$s" -p 1
		same_words psql -X -c "$s" -h /nowhere
		same_words psql -X -c "$s" -d nosuch -U postgres
		PGPASSWORD=hush same_words psql -X -c "$s" \
			"sslmode=verify-full sslrootcert=/nowhere"
	done
	same_words psql -Xw -c "select 1"
	PGPASSWORD=wrong same_words pg_dump
	PGPASSWORD=wrong same_words dropdb app_dev
	# and a server that dies
	export PGPASSWORD=hush
	(
		until_true postgres_busy 'pg_sleep(20)'
		postgres_root -d postgres -c "select pg_terminate_backend(pid)
			from pg_stat_activity where query ~ 'pg_sleep.20'
			and pid <> pg_backend_pid()" >/dev/null
	) 3>&- &
	run psql -X -c 'select pg_sleep(20)'
	[ "$status" = 2 ]
	[[ $output == *"FATAL:  terminating connection due to administrator command"* ]]
	[[ $output == *"connection to server was lost"* ]]
}

@test "rows that go with those of one key, or with none" {
	/usr/bin/psql -qX -v ON_ERROR_STOP=1 <<-'END'
		create table lines (id int primary key, item int references items
			on update cascade on delete set null);
		insert into lines values (1, 1), (2, 5);
		create table inbox (id int primary key, at timestamptz);
		create function clean() returns trigger language plpgsql as
			'begin delete from trail; return new; end';
		create trigger sweeps after insert on inbox
			for each row execute function clean();
		create function stamp() returns trigger language plpgsql as
			'begin new.at = now(); if tg_op = ''DELETE'' then return old;
			end if; return new; end';
		create table stamped (id int primary key, at timestamptz);
		create trigger stamps before insert or update on stamped
			for each row execute function stamp();
		insert into trail (note) values ('kept');
		create view window_on as select loud() as n;
		create view above as select * from window_on;
		create table ruled (id int primary key);
		create rule aside as on insert to ruled do also delete from trail;
		create table guarded (id int default loud());
		create function opens() returns event_trigger language plpgsql as
			'begin delete from public.trail; end';
		create table many (version int, t text);
		insert into many select 1, g from generate_series(1, 9) g;
		create function plus(i int) returns int language plpgsql
			set search_path = public as
			'begin -- one more
			return i + random()::int * 0 + 1; end';
		create function twice(i int, j int default plus(1)) returns int
			begin atomic select plus(i) + j; end;
		create function under() returns int language sql as
			'select loud()';
		create function hides() returns int language plpgsql as
			'begin do E''begin d\x65lete from trail; end''; return 1; end';
		create function unlinks() returns int language sql as
			'select lo_unlink(oid) from pg_largeobject_metadata';
		create function looks() returns bigint language sql as
			'select count(*) from above';
		create function pair_of(int) returns int language sql as 'select 1';
		create function pair_of(text) returns int language plpgsql as
			'begin delete from trail; return 2; end';
		create function wipes(many) returns int language plpgsql as
			'begin delete from trail; return 3; end';
		select lo_from_bytea(0, 'x');
	END
	before=$(postgres_state)
	undone "delete from customers where id = 3" \
		"delete from items where id = 1" \
		"update items set id = 1000 where id = 5" \
		"insert into inbox values (1)" \
		"with x as (insert into inbox values (2) returning 1) select 1" \
		"select * from window_on" \
		"select count(*) from above" \
		"insert into ruled values (1)" \
		"insert into guarded default values" \
		"delete from many where version = 1" \
		"select under()" "select hides()" "select unlinks()" \
		"select m.wipes from many m" "select (m).wipes from many m" \
		"select looks()" "select pair_of('t'::text)" \
		"create or replace function plus(i int) returns int language
			plpgsql as 'begin delete from trail; return 1; end';
			select plus(1)"
	printf '1\t\\N\n' | psql -qX -c '\copy inbox from stdin'
	back '\copy'
	/usr/bin/psql -qX -c 'create event trigger o on ddl_command_start execute function opens()'
	before=$(postgres_state)
	undone "create table later (i int)"
	/usr/bin/psql -qX -c 'drop event trigger o'
	/usr/bin/psql -qX -c "create operator @@@ (rightarg = text, function = pair_of)"
	before=$(postgres_state)
	undone "select @@@ 'x'::text"
	/usr/bin/psql -qX -c "drop operator @@@ (none, text)"
	"$automode" undo --list >list
	for s in "insert into stamped values (1)" \
		"update stamped set id = 2 where id = 1" \
		"update items set name = 'x' where id = 3" \
		"select * from big" "insert into customers (name) values ('n')" \
		"delete from logged where id = 3" "select count(*) from cheap" \
		"select m.version from many m where m.t ~~ '1'" \
		"select plus(1)" "select twice(id) from items" \
		"select plus(id) as p, x.* from twice(1) x, items where id < 3" \
		"insert into customers (name) values (plus(1)::text)"; do
		psql -qX -c "$s" >/dev/null
	done
	[ "$("$automode" undo --list | wc -l)" = "$(wc -l <list)" ]
}
