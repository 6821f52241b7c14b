#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# psql and its relatives against a real server: production stays as it is, what
# a database for development loses comes back, and the rest is as always.

load world
. "$BATS_TEST_DIRNAME/../services/postgres.bash"

setup() {
	postgres_bin >/dev/null || skip "no PostgreSQL server"
	make_world
	chmod 755 "$world"
	postgres_start "$world/pg"
	cd "$HOME" || return 1
	as_agent
	hash -r
}

teardown() {
	postgres_stop
	end_world
}

undone() { # SQL: allowed, changes something, and comes back
	local before
	before=$(postgres_state)
	psql -qX -c "$1" </dev/null
	[ "$(postgres_state)" != "$before" ]
	"$automode" undo
	[ "$(postgres_state)" = "$before" ] || {
		diff <(echo "$before") <(postgres_state)
		return 1
	}
}

@test "what is destroyed comes back: rows, sequences, indexes, privileges" {
	undone "update customers set email = null"
	undone "delete from customers"
	undone "truncate customers cascade"
	undone "drop table customers cascade"
	undone "alter table orders drop column total cascade"
	undone "drop schema aside cascade"
	undone "drop schema public cascade"
	undone "drop owned by dev cascade"
	undone "do \$\$ begin delete from orders; end \$\$"
	undone "revoke all on customers from app"
	undone "select setval('tickets', 1)"
	undone "drop function add(int, int)"
	undone "with d as (delete from orders returning 1) select count(*) from d"
	undone "explain analyze delete from orders"
	before=$(postgres_state)
	psql -qXf <(echo 'drop table orders cascade;')
	[ "$(postgres_state)" != "$before" ]
	"$automode" undo
	[ "$(postgres_state)" = "$before" ]
}

@test "dropped, made anew and filled: one undo after the other goes back" {
	before=$(postgres_state)
	pg_dump -s >plain.sql
	dropdb app_dev
	createdb app_dev
	psql -qX -f plain.sql >/dev/null
	"$automode" undo --last
	"$automode" undo --last
	[ "$(postgres_state)" = "$before" ]
	! "$automode" undo --last
}

@test "a dropped database comes back; undo can be undone" {
	before=$(postgres_state)
	dropdb app_dev
	! postgres_root -d app_dev -c 'select 1'
	"$automode" undo
	[ "$(postgres_state)" = "$before" ]
	psql -qXd postgres -c 'drop database app_dev'
	"$automode" undo
	[ "$(postgres_state)" = "$before" ]
	psql -qX -c 'delete from orders'
	after=$(postgres_state)
	run "$automode" undo
	[ "$(postgres_state)" = "$before" ]
	id=${output##*undo }
	"$automode" undo "$id"
	[ "$(postgres_state)" = "$after" ]
}

@test "an archive replaces the database that it was made of" {
	pg_dump -Fc -f dev.dump
	psql -qX -c 'insert into orders values (700, 1)' -c 'create table more ()'
	before=$(postgres_state)
	pg_restore -c -C --if-exists -d postgres dev.dump
	[ "$(postgres_state)" != "$before" ]
	"$automode" undo
	[ "$(postgres_state)" = "$before" ]
	before=$(postgres_state app_prod)
	/usr/bin/pg_dump -Fc -f prod.dump app_prod
	run pg_restore -c -C -d postgres prod.dump
	[ "$status" = 126 ]
	[[ $output == *'the database app_prod is named so'* ]]
	[ "$(postgres_state app_prod)" = "$before" ]
}

@test "production: the user's words name the database and what is done there" {
	local before
	before=$(postgres_state app_prod)
	kept_out() {
		run psql -X app_prod -c "${1:-delete from orders where id = 1}"
		echo "$output"
		[ "$status" -eq 126 ]
		[ "$(postgres_state app_prod)" = "$before" ]
	}
	kept_out
	"$automode" intent "Clean up the orders in production."
	kept_out
	"$automode" intent "Delete the order with id 1 in production."
	kept_out
	"$automode" intent "In app_prod, delete the order with id 1 from orders."
	kept_out 'drop table orders cascade'
	kept_out 'delete from customers where id = 1'
	kept_out 'delete from orders where id = 1; do $$ begin end $$'
	mkdir -p "$HOME/.config/automode"
	printf '[effect "db.write"]\n\tproduction = deny\n' \
		>"$HOME/.config/automode/policy"
	kept_out
	printf '[database "main"]\n\thost = 127.0.0.1\n\taccess = read-only\n' \
		>"$HOME/.config/automode/policy"
	run psql -X app_prod -c 'delete from orders where id = 1'
	[ "$status" -ne 0 ]
	[ "$(postgres_state app_prod)" = "$before" ]
	/usr/bin/rm "$HOME/.config/automode/policy"
	psql -X app_prod -c 'delete from orders where id = 1'
	[ "$(postgres_root -d app_prod -c 'select count(*) from orders')" = 89 ]
	before=$(postgres_state app_prod)
	kept_out 'create index on orders (customer_id)'
	"$automode" intent "Add an index on orders.customer_id in app_prod."
	kept_out 'create index on customers (name)'
	psql -qX app_prod -c 'create index on orders (customer_id)'
	before=$(postgres_state app_prod)
	"$automode" intent "Leave app_prod alone from now on."
	kept_out 'delete from orders where id = 2'
}

@test "production is not written to, however it is named" {
	before=$(postgres_state app_prod)
	printf '[prod]\nhost=127.0.0.1\ndbname=app_prod\n' >"$HOME/.pg_service.conf"
	printf 'delete from orders;\n' >d.sql
	denied() {
		run "$@" </dev/null
		[ "$status" = 126 ]
		[[ $output == *app_prod* ]]
	}
	denied psql app_prod -c 'delete from orders where id = 1'
	denied psql -d "postgres://dev@127.0.0.1:$PGPORT/app_prod" -f d.sql
	denied psql "dbname=app_prod" -c 'create index on orders (total)'
	denied env PGSERVICE=prod psql -c 'drop table orders'
	denied env PGDATABASE=app_prod psql -c 'insert into orders values (9999)'
	printf '[l]\nldap://127.0.0.1:1/dc=x?a?one?(cn=app_prod)\n' >ldap.conf
	run env PGSERVICEFILE=ldap.conf PGSERVICE=l psql -c 'delete from orders'
	[ "$status" = 126 ]
	[[ $output == *'the service l asks a directory server'* ]]
	denied psql -c '\c app_prod' -c 'delete from orders'
	denied psql app_prod -c 'do $$ begin end $$'
	denied psql app_prod -c "begin; delete from orders; rollback"
	denied dropdb app_prod
	denied psql -c 'drop database app_prod'
	denied pg_dump app_prod
	denied vacuumdb -f app_prod
	denied vacuumdb -zd app_prod
	denied reindexdb -t orders app_prod
	printf '\\c app_prod\ndelete from orders;\n' >e.sql
	denied psql -Xf <(cat e.sql)
	denied psql -X -v db=app_prod -f <(printf '\\c :db\ndelete from orders;\n')
	denied bash -c 'psql -Xc "\i /dev/fd/7" 7<e.sql'
	run bash -c 'psql <e.sql'
	[ "$status" = 126 ]
	for t in 'clusterdb -a' 'dropuser app' 'createuser -d other'; do
		# shellcheck disable=SC2086 # words
		run $t -h db.prod.example </dev/null
		[ "$status" = 126 ]
		[[ $output == *db.prod.example* ]]
	done
	printf 'm:\n\tpsql -X app_prod -f d.sql\n' >Makefile
	! make m
	[ "$(postgres_state app_prod)" = "$before" ]
	run psql -XAt app_prod -c 'select count(*) from orders'
	[ "$output" = 90 ]
}

@test "what reads production only reads, whatever it calls" {
	postgres_root -d app_prod <<-'END'
		create function wipe(int) returns int language plpgsql as
			'begin delete from orders; return 1; end';
		create function gone(customers) returns int language plpgsql as
			'begin delete from orders; return 1; end';
		create operator @@@ (rightarg = int, function = wipe);
		create operator + (rightarg = customers, function = gone);
		create operator @!! (rightarg = int, function = wipe);
		create view seen as select wipe(1) as w;
	END
	mkdir -p "$HOME/.config/automode"
	printf '[effect "db.read"]\n\tproduction = allow\n\tsecret = allow\n' \
		>"$HOME/.config/automode/policy"
	before=$(postgres_state app_prod)
	run psql -X app_prod -c 'select @!! 1'
	[ "$status" = 126 ]
	[[ $output == *"the operator @!!"* ]]
	printf 'select count(*) from seen;\n' >seen.sql
	for s in 'select @@@ 1' 'select c.gone from customers c' 'select + c from customers c' \
		'select * from seen' 'select count(*) from seen' \
		'copy seen to stdout' 'explain analyze table seen'; do
		! psql -X app_prod -c "$s"
		! psql -X -c '\c app_prod' -c "$s"
	done
	! psql -X app_prod -v ON_ERROR_STOP=1 <seen.sql
	! psql -X app_prod -f seen.sql
	! psql -X app_prod -c '\copy seen to seen.txt'
	[ "$(postgres_state app_prod)" = "$before" ]
	# and what only reads is as always
	for s in '\d orders' '\dt' '\l' 'explain select * from orders' 'show work_mem' \
		'select * from orders order by 1' 'copy orders to stdout' \
		'begin; select 1; commit' 'select pg_advisory_lock(1)' \
		'set work_mem = 8192; select name from customers limit 2' \
		'create temp table t as select * from orders; select sum(total) from t' \
		'begin; declare k cursor for select id from orders; fetch 2 from k' \
		'select 1 / 0' 'select nosuch' '\conninfo'; do
		(PATH=$plain_path psql -X app_prod -c "$s" || echo "$?") >want 2>&1
		(psql -X app_prod -c "$s" || echo "$?") 2>&1 | diff want -
	done
	psql -X app_prod -c '\copy orders to orders.txt' -o out.txt -c 'table orders'
	[ "$(wc -l <orders.txt)" = 90 ]
	grep -q '(90 rows)' out.txt
	pg_dump -s app_prod >schema.sql
	grep -q 'CREATE TABLE public.orders' schema.sql
	"$automode" intent "In app_prod, delete the order with id 1 from orders."
	psql -X app_prod -c 'delete from orders where id = 1' \
		-c 'select count(*) from orders'
	[ "$(postgres_root -d app_prod -c 'select count(*) from orders')" = 89 ]
}

@test "a pool that takes no settings is asked without them" {
	python3 "$BATS_TEST_DIRNAME/../services/pooler.py" "$PGPORT" \
		"$world/pooler" 3>&- &
	until_true test -s "$world/pooler"
	export PGPORT
	PGPORT=$(<"$world/pooler")
	run psql -XAt app_prod -c 'select count(*) from orders'
	[ "$output" = 90 ]
	PGOPTIONS='-c work_mem=8192' run psql -X app_prod -c 'select 1'
	[ "$status" = 2 ]
	[[ $output == *"unsupported startup parameter"* ]]
	kill %1
}

@test "a credential is no part of a host's name" {
	export API_TOKEN=aB3dE5fG7hI9jK1lM2nO
	for c in "psql -h $API_TOKEN.example.net -c select" \
		"psql -d postgres://x@$API_TOKEN.example.net/a -l" \
		"pg_dump -h $API_TOKEN.example.net"; do
		run $c </dev/null
		[ "$status" = 126 ]
		[[ $output == *"sends a credential"*"API_TOKEN"* ]]
	done
	run psql -XAt -c 'select 1'
	[ "$output" = 1 ]
}

@test "a profile says what is production" {
	mkdir -p "$HOME/.config/automode"
	printf '[database "main"]\n\thost = 127.0.0.1\n\taccess = read-only\n' \
		>"$HOME/.config/automode/policy"
	"$automode" gateway --stop
	run psql -c 'insert into orders values (9999)'
	[ "$status" = 126 ]
	[[ $output == *read-only* ]]
	printf '[database "main"]\n\thost = 127.0.0.1\n\taccess = none\n' \
		>"$HOME/.config/automode/policy"
	"$automode" gateway --stop
	run psql -c 'select count(*) from orders'
	[ "$status" = 126 ]
}

@test "shell escapes do not run" {
	printf '\\set k `echo leaked`\n\\echo :k\n' >k.sql
	for f in '\! echo leaked' "\\copy orders to program 'echo leaked'" \
		'\o |echo leaked'; do
		run psql -c "$f"
		[ "$status" = 126 ]
	done
	run psql -f k.sql
	[ "$status" = 126 ]
	run bash -c 'psql <k.sql'
	[ "$status" = 126 ]
}

@test "what a start file says is judged, too" {
	before=$(postgres_state)
	prod=$(postgres_state app_prod)
	run() { # STATUS COMMAND...
		local want=$1 got=0
		shift
		"$@" </dev/null || got=$?
		[ "$got" = "$want" ]
	}
	printf 'delete from orders;\n' >.psqlrc
	run 126 psql app_prod -c 'select 1'
	run 0 psql -c 'select 1'
	[ "$(postgres_state)" != "$before" ]
	"$automode" undo --last
	/usr/bin/mv .psqlrc rc-15
	run 126 env PSQLRC=rc psql app_prod -c 'select 1'
	/usr/bin/mv rc-15 .psqlrc-15
	run 126 psql app_prod -c 'select 1'
	run 0 psql -X app_prod -c 'select 1'
	[ "$(postgres_state)" = "$before" ]
	[ "$(postgres_state app_prod)" = "$prod" ]
}

@test "output, status and messages are as always" {
	printf 'select 1;\n\\echo hi\nselect count(*) from orders;\n' >s.sql
	both psql -X -c 'select 1' -c '\d orders'
	both psql -Xf s.sql
	both bash -c 'psql -X <s.sql'
	both bash -c 'cat s.sql | psql -XAt'
	both psql -XAt -v x=5 -c 'select 5'
	both bash -c 'echo "select :x" | psql -XAt -v x=5'
	both bash -c 'psql -XAt -f <(echo "select 1;"; cat s.sql) -f <(echo "select 2/0;")'
	both bash -c 'psql -Xf /dev/fd/7 7<s.sql'
	both psql -Xf /dev/null
	both psql -Xf /dev/nosuch
	both psql -l
	both psql -c 'select nosuch'
	both psql -h 127.0.0.1 -p 1 -c 'drop table orders'
	both psql -d nosuch -c 'select 1'
	both bash -c 'echo "select 1/0;" | psql -X -v ON_ERROR_STOP=1'
	both psql --version
	both vacuumdb -z
	both vacuumdb --table=orders --full app_dev
	both reindexdb -q app_dev
	both clusterdb nosuch
	both dropuser --if-exists
	both createuser app
	both vacuumdb --help
	both pg_dump -s --no-comments -t customers --restrict-key=x
	run bash -c 'psql -qXAt <<E
create temp table q (i int);
copy q from stdin;
1
2
\.
select sum(i) from q;
E'
	[ "$output" = 3 ]
	psql -qX -c 'create table fresh (i int)' -c 'insert into fresh values (1)'
	[ "$("$automode" undo --list)" = "nothing is kept" ]
}

@test "migrations do not reach production, wherever it is named" {
	before=$(postgres_state app_prod)
	mkdir -p "$HOME/tools"
	for t in alembic prisma goose dbmate rails flyway; do
		printf '#!/bin/sh\ntouch "%s/ran"\n' "$HOME" >"$HOME/tools/$t"
		chmod +x "$HOME/tools/$t"
	done
	PATH=$PATH:$HOME/tools
	dev=postgresql://dev@127.0.0.1:$PGPORT/app_dev
	prod=postgresql+psycopg2://app:hush@db.prod.example/app
	unset PGHOST PGPORT PGUSER PGDATABASE
	denied() {
		rm -f "$HOME/ran"
		run "$@" </dev/null
		[ "$status" = 126 ]
		[[ $output == *prod* ]]
		[[ $output != *hush* ]]
		[ ! -e "$HOME/ran" ]
	}
	runs() {
		rm -f "$HOME/ran"
		"$@" </dev/null
		[ -e "$HOME/ran" ]
	}
	printf 'export DATABASE_URL="%s"\n' "$prod" >.env
	denied alembic upgrade heads
	denied prisma migrate reset --force
	denied dbmate drop
	runs alembic history
	runs alembic upgrade head --sql
	runs rails server
	runs env DATABASE_URL="$dev" alembic upgrade head
	[[ $("$automode" undo --list) == *"app_dev on 127.0.0.1"* ]]
	runs dbmate -u "$dev" up
	rm .env
	denied env DATABASE_URL="$prod" rails db:migrate
	denied env PGHOST=db.prod.example alembic downgrade base
	printf '[live]\nhost=db.prod.example\n' >.pg_service.conf
	denied env PGSERVICE=live alembic upgrade head
	denied goose -dir m postgres "$prod" up
	denied env RAILS_ENV=production rails db:drop
	denied flyway -url=jdbc:postgresql://db.prod.example:5432/app clean
	runs alembic upgrade head
	[ "$(postgres_state app_prod)" = "$before" ]
}

@test "a tunnel leads elsewhere" {
	command -v socat >/dev/null || skip "no socat"
	port=$(free_port)
	socat "TCP-LISTEN:$port,bind=127.0.0.1,fork,reuseaddr" \
		"TCP:127.0.0.1:$PGPORT" 3>&- &
	tunnel=$!
	for _ in $(seq 600); do
		! /usr/bin/pg_isready -qh 127.0.0.1 -p "$port" || break
		sleep 0.05
	done
	run psql -p "$port" -c 'delete from orders'
	kill "$tunnel"
	[ "$status" = 126 ]
	[[ $output == *socat* ]]
}

@test "a foreign table's rows are elsewhere: no dump keeps them" {
	postgres_root -d app_dev <<-END
		create extension postgres_fdw;
		create server far foreign data wrapper postgres_fdw
			options (dbname 'app_prod', port '$postgres_port');
		create user mapping for public server far
			options (user 'postgres', password_required 'false');
		create foreign table far (id int, total numeric) server far
			options (table_name 'orders');
		create view seen as select id, total from far;
	END
	before=$(postgres_state app_prod)
	for q in 'delete from far' 'truncate far' 'insert into far values (999, 1)' \
		'update far set total = 0 where id = 1' 'delete from seen' \
		'merge into far using (values (1)) v (i) on id = i when matched then delete' \
		'delete from orders; delete from far'; do
		run psql -X -c "$q" </dev/null
		[ "$status" = 126 ]
		[[ $output == *"the rows of the foreign table public.far are elsewhere"* ]]
	done
	[ "$(postgres_state app_prod)" = "$before" ]
	psql -X -c 'select count(*) from far' -c 'insert into orders values (998, 1)'
	run psql -qX -c 'do $$ begin delete from orders; end $$'
	[ "$status" = 0 ]
	[[ $output == *"not the rows of foreign tables"* ]]
	psql -qX -c 'drop foreign table far cascade'
	"$automode" undo
}

@test "what a server does on another one, and to its catalogue" {
	postgres_root -d app_dev -c 'create extension dblink' \
		-c 'create extension postgres_fdw' -c "create server near
		foreign data wrapper postgres_fdw options (dbname 'app_prod')"
	before=$(postgres_state app_prod)
	there="host=127.0.0.1 port=$PGPORT user=dev dbname=app_prod"
	denied() { # REASON SQL
		run psql -X -c "$2" </dev/null
		[ "$status" = 126 ]
		[[ $output == *"$1"* ]]
	}
	for q in "select dblink_exec('$there', 'delete from orders')" \
		"select dblink_connect('c', '$there');
			select dblink_exec('c', 'drop table orders')" \
		"select * from dblink('$there', 'delete from orders
			returning id') as t (i int)"; do
		denied 'the database app_prod is named so' "$q"
	done
	for q in "select dblink_exec('near', 'delete from orders')" \
		"select dblink_exec('$there' || '', 'delete from orders')" \
		"do \$\$ begin perform dblink_exec('$there', 'delete from orders'); end \$\$"; do
		denied 'dblink leads nobody knows where' "$q"
	done
	denied 'rows of the foreign table o are elsewhere' 'create foreign table
		o (id int) server near; truncate o'
	denied 'rows of the foreign table orders are elsewhere' 'create schema n;
		import foreign schema public from server near into n;
		delete from n.orders'
	denied 'pg_attribute is of the catalogue' "delete from pg_attribute
		where attrelid = 'orders'::regclass"
	[ "$(postgres_state app_prod)" = "$before" ]
	before=$(postgres_state)
	psql -qX -c "select dblink_exec('dbname=app_dev ${there% *}', 'drop table
		orders cascade')" >/dev/null
	[ "$(postgres_state)" != "$before" ]
	"$automode" undo
	[ "$(postgres_state)" = "$before" ]
}

@test "what stored functions do on another server" {
	there="host=127.0.0.1 port=$PGPORT user=dev dbname=app_prod"
	postgres_root -d app_dev <<-END
		create extension dblink;
		create extension postgres_fdw;
		create server near foreign data wrapper postgres_fdw
			options (dbname 'app_prod');
		create foreign table away (id int) server near;
		create function gone() returns text language sql as \$f\$
			select dblink_exec('$there', 'delete from orders') \$f\$;
		create function by_gone() returns text language plpgsql as \$f\$
			begin return gone(); end \$f\$;
		create function emptied() returns void language sql as \$f\$
			delete from away \$f\$;
		create function set_off() returns trigger language plpgsql as \$f\$
			begin perform gone(); return new; end \$f\$;
		create table loaded (i int);
		create trigger fires before insert on loaded
			for each row execute function set_off();
		create view looks as select gone() as g;
		create table late (i int, g text default gone());
		create function st_plain() returns int language sql as 'select 1';
		create function st_bad() returns void language sql as \$f\$
			delete from orders \$f\$;
	END
	before=$(postgres_state app_prod)
	for q in 'select gone()' 'select "gone" ()' 'select by_gone()' \
		'select 1 where public.gone() is null' 'table looks' \
		'select emptied()' 'insert into loaded values (1)' \
		'insert into late values (1)' 'explain analyze select gone()' \
		'do $$ begin perform "gone"(); end $$' \
		"do \$\$ begin execute 'select g' || 'one()'; end \$\$" \
		'prepare p as select gone(); execute p' \
		"create function new() returns text language sql as \$f\$
			select dblink_exec('$there', 'delete from orders') \$f\$;
			select new()" \
		"create function new() returns text language sql as \$f\$
			select dblink_exec('$there', 'delete from orders') \$f\$;
			create view v as select new(); select * from v"; do
		run psql -X -c "$q" </dev/null
		echo "$q -> $output"
		[ "$status" = 126 ]
		[[ $output == *"another server"* ]]
	done
	[ "$(postgres_state app_prod)" = "$before" ]
	both psql -X -c 'select st_plain()'
	both psql -X -c 'insert into orders (id) values (777)' \
		-c 'delete from orders where id = 777'
	before=$(postgres_state)
	psql -qX -c 'select st_bad()'
	[ "$(postgres_state)" != "$before" ]
	"$automode" undo
	[ "$(postgres_state)" = "$before" ]
}

@test "production is not changed by its name from beside it" {
	before=$(/usr/bin/pg_dumpall -U postgres --globals-only | sed '/restrict/d'; postgres_state app_prod)
	for q in 'alter database app_prod rename to gone' \
		"alter database app_prod set search_path = x" \
		'alter database app_prod owner to dev' \
		'grant all on database app_prod to app' \
		"alter role app in database app_prod set jit = off" \
		"comment on database app_prod is 'x'"; do
		run psql -X -c "$q" </dev/null
		[ "$status" = 126 ]
		[[ $output == *"the database app_prod is named so"* ]]
	done
	[ "$(/usr/bin/pg_dumpall -U postgres --globals-only | sed '/restrict/d'; postgres_state app_prod)" = "$before" ]
	psql -qX -c "alter database app_dev set jit = off"
}
