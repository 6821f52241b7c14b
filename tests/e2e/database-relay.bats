#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# A PostgreSQL database that the profile lets only be read: the person's policy
# here lets every statement run, so that what is refused is refused by the
# relay.

load world
. "$BATS_TEST_DIRNAME/../services/postgres.bash"

password='se cret-1x'

setup() {
	postgres_bin >/dev/null || skip "no PostgreSQL server"
	make_world
	chmod 755 "$world"
	postgres_start "$world/pg"
	postgres_secure "$password"
	mkdir -p "$HOME/.config/automode"
	cat >"$HOME/.config/automode/policy" <<-'END'
		[database "main"]
			host = 127.0.0.1
			host = localhost
			host = /*
			access = read-only
		[effect "db.read"]
			production = allow
			secret = allow
		[effect "db.write"]
			production = allow
		[effect "db.destroy"]
			production = allow
		[effect "db.schema"]
			production = allow
		[effect "exec.unknown"]
			outside = allow
	END
	export PGPASSWORD=$password
	cd "$HOME" || return 1
	as_agent
	hash -r
}

teardown() {
	postgres_stop
	end_world
}

refused() { # COMMAND...: fails, and says that it was the relay
	run "$@" </dev/null
	echo "$* -> $output"
	[ "$status" != 0 ]
	[[ $output == *"automode: refused: "* ]]
	[[ $output == *'[database "main"] access = read-only'* ]]
}

@test "no write arrives, whatever it is said with" {
	before=$(postgres_state)
	: >"$postgres_dir/log"
	refused psql -X -c 'delete from orders'
	refused psql -X -c 'begin read write; delete from orders; commit'
	refused psql -X -c 'set transaction read write'
	refused psql -X -c 'set session characteristics as transaction read write'
	refused psql -X -c 'set default_transaction_read_only = off'
	refused psql -X -c "select set_config('default_transaction_read_only', 'off', false)"
	refused psql -X "postgresql:///?options=-c%20default_transaction_read_only%3Doff" -c 'delete from orders'
	PGOPTIONS='-c default_transaction_read_only=off' \
		refused psql -X -c 'delete from orders'
	PGOPTIONS='--default-transaction-read-only=off' \
		refused psql -X -c 'delete from orders'
	refused psql -X -c 'do $$ begin commit; set transaction read write; delete from orders; end $$'
	refused psql -X -c "copy orders to program 'touch $world/pwned'"
	refused psql -X -c "copy orders to '$world/pwned'"
	refused psql -X -c "select dblink_exec('dbname=app_dev user=postgres', 'delete from orders')"
	refused psql -X -c 'select lo_create(0)'
	refused psql -X -c "select lo_from_bytea(0, 'x')"
	refused psql -X -c '\lo_import /etc/hostname'
	refused psql -X -c 'prepare p as delete from orders'
	refused psql -X -c "\\copy orders from /dev/null"
	printf '%s\n' "select 'delete from orders' \\gexec" >g.sql
	psql -X -f g.sql 2>&1 | grep 'automode: refused: DELETE'
	printf '%s\n' 'prepare p as delete from orders;' 'execute p;' |
		psql -X 2>&1 | grep 'automode: refused: DELETE'
	printf 'delete from orders;\n' >d.sql
	for m in simple extended prepared; do
		refused pgbench -n -M $m -f d.sql -t 1
	done
	refused dropdb app_prod
	refused createdb fresh
	refused psql -X app_prod -c 'truncate orders'
	refused psql -X -c '\c app_prod' -c 'drop table orders'
	postgres_root -d app_dev -c 'begin; delete from orders; prepare transaction $$x$$'
	refused psql -X -c "commit prepared 'x'"
	postgres_root -d app_dev -c 'rollback prepared $$x$$'
	[ "$(postgres_state)" = "$before" ]
	[ ! -e "$world/pwned" ]
	! grep -aiE '^dev .*(statement|execute [^:]*): (delete|truncate|drop|copy o|do |commit p|begin read|set .*off)' \
		"$postgres_dir/log"
	grep -aq '^dev .*automode_refused_' "$postgres_dir/log"
}

@test "a view that makes the session writable ends it" {
	postgres_root -d app_dev -c "create view evil as
		select set_config('default_transaction_read_only', 'off', false)"
	before=$(postgres_state)
	run psql -X -c 'select * from evil' -c 'select 1'
	[ "$status" != 0 ]
	[[ $output == *"session's default_transaction_read_only became"* ]]
	refused psql -X -c 'select * from evil; commit; select 1'
	[ "$(postgres_state)" = "$before" ]
}

@test "an error leaves the transaction as errors do" {
	run psql -XAt <<-'END'
		begin;
		select 1;
		delete from orders;
		select 2;
		rollback;
		select 3;
	END
	[[ $output == *"automode: refused: DELETE"* ]]
	[[ $output == *"current transaction is aborted"* ]]
	[[ $output == *ROLLBACK*3 ]]
	run psql -XAt -c 'reset all' -c 'discard all' \
		-c 'show transaction_read_only'
	[[ $output == *on ]]
}

same() {
	local want got want_rc got_rc
	want=$(PATH=$plain_path "$@" 2>&1 </dev/null) && want_rc=0 || want_rc=$?
	got=$("$@" 2>&1 </dev/null) && got_rc=0 || got_rc=$?
	[ "$want" = "$got" ] && [ "$want_rc" = "$got_rc" ] || {
		printf '%s\nwanted: %s\ngot: %s\n' "$*" "$want" "$got"
		return 1
	}
}

@test "psql, pg_dump and their messages are as always" {
	same psql -X -c 'select 1' -c '\d orders'
	same psql -XAt -c "select g, repeat('x', 100) from generate_series(1, 30000) g"
	same psql -X -l
	same psql -X -c '\c app_prod' -c 'select count(*) from orders'
	same psql -XAt -h localhost -c 'select current_user'
	same psql -XAt -h "$postgres_dir" -c 'select current_user'
	same psql -XAt "postgres://dev:se%20cret-1x@127.0.0.1/app_prod?application_name=zz" \
		-c "select current_database(), current_setting('application_name')"
	PGOPTIONS='-c statement_timeout=5s -c search_path=aside' \
		same psql -XAt -c 'show statement_timeout; show search_path'
	PGSSLMODE=verify-full PGSSLROOTCERT=$postgres_dir/data/server.crt \
		same psql -XAt -c 'select ssl from pg_stat_ssl where pid = pg_backend_pid()'
	PGSSLMODE=verify-full same psql -X -c 'select 1'
	same pg_dump --restrict-key=x
	same pg_dump -s -t customers --restrict-key=x
	same pg_dump nosuch
	pg_dump -Fd -j 2 -f dump
	[ -s dump/toc.dat ]
	pg_dump --restrict-key=x -f dump.sql
	PATH=$plain_path pg_dump --restrict-key=x | cmp - dump.sql
	same psql -X -c 'select nosuch'
	same psql -X -d nosuch -c 'select 1'
	same psql -X -U nobody -c 'select 1'
	same psql -X -p 1 -c 'select 1'
	same psql -X -h localhost -p 1 -c 'select 1'
	PGPASSWORD=wrong same psql -X -c 'select 1'
	unset PGPASSWORD
	same psql -Xw -c 'select 1'
	(umask 077 && printf '*:*:*:dev:%s\n' "$password" >"$HOME/.pgpass")
	same psql -XAt -c 'select 1'
	printf '*:*:*:dev:wrong\n' >"$HOME/.pgpass"
	same psql -XAt -c 'select 1'
}

@test "pgbench reads" {
	PATH=$plain_path pgbench -q -i -s 1 2>/dev/null
	for m in simple extended prepared; do
		run pgbench -n -S -M $m -c 3 -j 2 -t 50
		[ "$status" = 0 ]
		[[ $output == *"processed: 150/150"* ]]
	done
	before=$(postgres_state)
	run pgbench -S -t 5
	[ "$status" = 0 ]
	run pgbench -n -t 5
	[ "$status" != 0 ]
	[ "$(postgres_state)" = "$before" ]
}

@test "the password is nowhere in the box" {
	(umask 077 && printf '*:*:*:dev:%s\n' "$password" >"$HOME/.pgpass")
	export DATABASE_URL="postgres://dev:$password@127.0.0.1/app_dev"
	cat >look <<-'END'
		\! env; cat /proc/*/environ /proc/*/cmdline | tr '\0' '\n'
		\! grep -rs 'cre[t]-1x' / --exclude-dir=proc --exclude-dir=usr
		\! cat "$HOME/.pgpass"
		select 'looked' || '-around';
	END
	run psql -XAt "postgres://dev:se%20cret-1x@127.0.0.1/app_dev" -f look
	[[ $output == *looked-around* ]]
	[[ $output != *cret-1x* ]]
	# and nothing but the relay is there
	run psql -X -c '\! PGPASSWORD=x /usr/bin/psql -X -U postgres -c "select 1"; echo; cat /proc/net/dev'
	[[ $output == *"another user than was judged"* ]]
	[[ $output != *eth0* ]]
}

@test "a server that dies, and a request to cancel" {
	(
		until_true postgres_busy 'pg_sleep(20)'
		postgres_root -d postgres -c "select pg_terminate_backend(pid)
			from pg_stat_activity where usename = 'dev'" >/dev/null
	) 3>&- &
	run psql -X -c 'select pg_sleep(20)'
	[ "$status" = 2 ]
	[[ $output == *"FATAL:  terminating connection due to administrator command"* ]]
	[[ $output == *"connection to server was lost"* ]]
	# what runs in the background has SIGINT ignored
	/usr/bin/env --default-signal=INT psql -X -c 'select pg_sleep(21)' \
		>said 2>&1 3>&- &
	until_true postgres_busy 'pg_sleep(21)'
	kill -INT $!
	wait $! || true
	output=$(cat said)
	[[ $output == *"Cancel request sent"* ]]
	[[ $output == *"canceling statement due to user request"* ]]
}

@test "psql in a terminal" {
	command -v tmux >/dev/null || skip "no tmux"
	t="tmux -L relay$$ -f /dev/null"
	see() { # TEXT: within ten seconds
		for _ in $(seq 600); do
			$t capture-pane -p -S -80 | grep -qF "$1" && return
			sleep 0.2
		done
		$t capture-pane -p -S -80
		return 1
	}
	unset PGPASSWORD
	$t new-session -d -x 100 -y 40 "psql -X" 3>&-
	see "Password for user dev:"
	$t send-keys "$password" Enter
	see 'app_dev=#'
	$t send-keys "begin; delete from orders\\;" Enter
	see 'automode: refused: DELETE'
	see 'app_dev=!#'
	$t send-keys "rollback\\;" Enter
	$t send-keys "select pg_sleep(60)\\;" Enter
	until_true postgres_busy 'pg_sleep(60)'
	$t send-keys C-c
	see 'canceling statement due to user request'
	$t send-keys '\conninfo' Enter
	see 'as user "dev" on host "127.0.0.1"'
	$t send-keys '\q' Enter
	$t kill-server 2>/dev/null || true
}
