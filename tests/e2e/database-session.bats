#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# psql in a terminal on a database for development: whatever is typed stays
# with that database, which was kept before; the rest is as always.

load world
. "$BATS_TEST_DIRNAME/../services/postgres.bash"

password='se cret-1x'

setup() {
	postgres_bin >/dev/null || skip "no PostgreSQL server"
	command -v tmux >/dev/null || skip "no tmux"
	make_world
	chmod 755 "$world"
	postgres_start "$world/pg"
	postgres_root -d postgres -c 'create database other_dev' \
		-c 'create role ann login superuser'
	postgres_root -d other_dev -c 'create table t (i int)'
	mkdir "$HOME/project"
	cd "$HOME/project" || return 1
	as_agent
	hash -r
	t="tmux -L session$$ -f /dev/null"
}

teardown() {
	$t kill-server 2>/dev/null || true
	postgres_stop
	end_world
}

start() { # COMMAND
	$t new-session -d -x 120 -y 50 "$1; echo left \$?; sleep 60" 3>&-
}

see() { # TEXT: on the screen within some seconds
	for _ in $(seq 600); do
		$t capture-pane -pJ -S -200 | grep -qF -- "$1" && return
		sleep 0.2
	done
	echo "not seen: $1"
	$t capture-pane -pJ -S -200
	return 1
}

twice() { # TEXT: it is on the screen a second time
	[ "$($t capture-pane -pJ -S -200 | grep -cF -- "$1")" -ge 2 ]
}

n=0
types() { # LINE: and it is done
	n=$((n + 1))
	# tmux takes a semicolon at the end for its own
	case $1 in
	*\;) $t send-keys -l "${1%;}\;" ;;
	*) $t send-keys -l "$1" ;;
	esac
	$t send-keys Enter
	$t send-keys -l "\\echo done-$n"
	$t send-keys Enter
	for _ in $(seq 600); do
		$t capture-pane -pJ -S -200 | grep -qx "done-$n" && return
		sleep 0.2
	done
	$t capture-pane -pJ -S -200
	return 1
}

@test "another database: production is not there, others are to be read" {
	prod=$(postgres_state app_prod)
	before=$(postgres_state)
	start 'psql -X'
	see 'app_dev=#'
	types '\c app_prod'
	see 'automode: refused: app_prod is not what was judged'
	see 'the database app_prod is named so'
	see 'Previous connection kept'
	types 'delete from orders;'
	see 'DELETE 90'
	types "\\c 'dbname=app_prod user=dev'"
	types "\\c postgres://postgres@127.0.0.1:$postgres_port/app_prod"
	types '\c - postgres'
	types 'select current_user;'
	types 'drop database app_prod;'
	see 'automode: refused: DROP DATABASE app_prod'
	see 'This session is of app_dev alone.'
	types "copy customers to program 'touch $world/pwned';"
	types 'drop role app;'
	see 'automode: refused: DROP ROLE'
	types 'alter database app_prod rename to gone;'
	see 'automode: refused: ALTER DATABASE app_prod RENAME'
	types '\c other_dev dev'
	see 'You are now connected to database "other_dev" as user "dev"'
	types 'insert into t values (1);'
	see 'automode: refused: INSERT'
	see 'Only app_dev was kept when this session began.'
	types 'select count(*) as seen from t;'
	see 'seen'
	types 'create database mine;'
	see 'automode: refused: CREATE DATABASE'
	types '\c app_dev'
	types 'create database mine;'
	see 'CREATE DATABASE'
	types '\c mine'
	see 'connected to database "mine"'
	types 'create table made (i int); drop table made;'
	see 'DROP TABLE'
	types '\c app_dev'
	types 'drop database mine;'
	see 'DROP DATABASE'
	$t send-keys '\q' Enter
	see 'left 0'
	[ ! -e "$world/pwned" ]
	[ "$(postgres_state app_prod)" = "$prod" ]
	[ "$(postgres_root -d other_dev -c 'select count(*) from t')" = 0 ]
	[ "$(postgres_state)" != "$before" ]
	"$automode" undo
	[ "$(postgres_state)" = "$before" ]
}

@test "another server does not answer" {
	other=$(free_port)
	socat "TCP-LISTEN:$other,bind=127.0.0.1,fork,reuseaddr" \
		"TCP:127.0.0.1:$postgres_port" 3>&- &
	socat=$!
	start 'psql -X'
	see 'app_dev=#'
	types "\\c app_prod dev 127.0.0.1 $other"
	see 'Previous connection kept'
	types '\setenv PGHOST example.com'
	types '\! PGPASSWORD=x psql -X -p '"$other"' -d app_prod -c "select repeat(chr(65), 9)"'
	run $t capture-pane -p -S -200
	kill "$socat"
	[[ $output != *AAAAAAAAA* ]]
}

@test "what is typed works as always" {
	postgres_secure "$password"
	(umask 077 && printf '*:*:*:dev:%s\n' "$password" >"$HOME/.pgpass")
	: >"$HOME/.psql_history"
	printf 'select 41 + 1 as answer;\n' >in.sql
	printf 'select 17 + 1 as further;\n' >"$HOME/home.sql"
	start 'psql -X'
	see 'app_dev=#'
	types '\conninfo'
	see 'as user "dev" on host "127.0.0.1"'
	types '\i in.sql'
	see '42'
	types '\i ~/home.sql'
	see '18'
	types '\copy customers to out.csv csv'
	see 'COPY 30'
	types 'create table copied (like customers);'
	types '\copy copied from out.csv csv'
	see 'COPY 30'
	types 'copy copied to stdout;'
	see 'c30@x.example'
	$t send-keys 'copy copied (id, name) from stdin\;' Enter
	$t send-keys '99	typed' Enter '\.' Enter
	see 'COPY 1'
	types "select name from copied where id = 99 \\gset"
	types '\echo :name-it'
	see 'typed-it'
	types '\o out.txt'
	types 'select 1 as written;'
	types '\o'
	grep -q written out.txt
	types "select 'select 123454321' \\gexec"
	see '123454321'
	types 'begin; lock copied; select nosuch;'
	see 'app_dev=!#'
	types 'rollback;'
	types 'listen news; notify news;'
	see 'Asynchronous notification "news"'
	$t send-keys '\password' Enter
	see 'Enter new password'
	$t send-keys 'other-1' Enter
	see 'Enter it again'
	$t send-keys 'other-1' Enter
	types '\c'
	see 'password authentication failed'
	$t send-keys '\password' Enter
	until_true twice 'Enter new password'
	$t send-keys "$password" Enter
	until_true twice 'Enter it again'
	$t send-keys "$password" Enter
	types '\c'
	see 'You are now connected to database "app_dev"'
	$t send-keys 'select pg_sleep(60)\;' Enter
	until_true postgres_busy 'pg_sleep(60)'
	$t send-keys C-c
	see 'canceling statement due to user request'
	types 'select pg_terminate_backend(pg_backend_pid());'
	see 'terminating connection due to administrator command'
	see 'Succeeded.'
	types 'select 271828;'
	see '(1 row)'
	$t send-keys '\q' Enter
	see 'left 0'
	grep -q 271828 "$HOME/.psql_history"
}

@test "messages of a session that does not begin" {
	postgres_secure "$password"
	for line in "PGPASSWORD=wrong psql -X" "psql -X -p 1" "PGPASSWORD='$password' psql -X -d nosuch" \
		"PGPASSWORD='$password' PGSSLMODE=verify-full psql -X"; do
		t="tmux -L session$$-$((n += 1)) -f /dev/null"
		start "$line"
		see 'left 2'
		mine=$($t capture-pane -pJ)
		$t kill-server
		t="tmux -L session$$-$((n += 1)) -f /dev/null"
		start "PATH=$plain_path; $line"
		see 'left 2'
		[ "$mine" = "$($t capture-pane -pJ)" ]
		$t kill-server
	done
}

@test "a session on production that somebody allowed only reads" {
	mkdir -p "$HOME/.config/automode"
	printf '[effect "db.read"]\n\tproduction = allow\n' \
		>"$HOME/.config/automode/policy"
	prod=$(postgres_state app_prod)
	start 'psql -X app_prod'
	see 'app_prod=#'
	types 'select count(*) from orders;'
	see '90'
	types 'delete from orders;'
	see 'automode: refused: DELETE'
	see 'the database app_prod is named so'
	[ "$(postgres_state app_prod)" = "$prod" ]
}
