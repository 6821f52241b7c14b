#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# mysql and its relatives against a real server: production stays as it is,
# what a database for development loses comes back, the rest is as always.

load world
. "$BATS_TEST_DIRNAME/../services/mariadb.bash"

setup_file() {
	command -v mariadbd >/dev/null || skip "no MariaDB server"
}

setup() {
	command -v mariadbd >/dev/null || skip "no MariaDB server"
	make_world
	chmod 755 "$world"
	mariadb_start "$world/maria"
	cd "$HOME" || return 1
	export MYSQL_HOST=127.0.0.1 MYSQL_TCP_PORT=$mariadb_port MYSQL_PWD=hush
	printf '[client]\nuser = dev\nhost = 127.0.0.1\nport = %s\n' \
		"$mariadb_port" >.my.cnf
	as_agent
	hash -r
}

teardown() {
	mariadb_stop
	end_world
}

undone() { # SQL: allowed, changes something, and comes back
	local before after
	before=$(mariadb_state)
	mysql app_dev -e "$1" </dev/null
	[ "$(mariadb_state)" != "$before" ]
	"$automode" undo
	after=$(mariadb_state)
	diff <(echo "$before") <(echo "$after")
}

@test "what is destroyed comes back" {
	undone 'update customers set email = null'
	undone 'delete from orders'
	undone 'truncate orders'
	undone 'drop table orders; drop table customers'
	undone 'alter table orders drop column total'
	undone 'drop view big'
	undone 'drop procedure wipe'
	undone 'call wipe()'
	undone 'delimiter //
		begin not atomic delete from orders; end //'
	undone '/*!50000 delete from orders */'
	undone 'delete from orders where id = 3 or 1'
	undone 'create or replace table orders (i int)'
	undone 'drop database app_dev'
	before=$(mariadb_state)
	printf 'delimiter //\ndelete from orders//\n' | mysql app_dev
	"$automode" undo
	printf 'use app_dev\ndelete from orders;\n' >d.sql
	mysql <d.sql
	"$automode" undo
	mysql -e 'source d.sql'
	"$automode" undo
	mysql -e 'delete from app_dev.orders'
	"$automode" undo
	/usr/bin/cp .my.cnf my.cnf
	printf '[client]\nuser=dev\nsocket=/nonexistent\n' >.my.cnf
	mysql -h localhost -P "$mariadb_port" app_dev -e 'delete from orders'
	"$automode" undo
	mysql -h localhost -P 1 -S "$mariadb_socket" app_dev \
		-e 'delete from orders'
	"$automode" undo
	/usr/bin/mv my.cnf .my.cnf
	mysqladmin -f drop app_dev
	run "$automode" undo
	[ "$(mariadb_state)" = "$before" ]
}

@test "what goes with a row of one key, or with a new one" {
	mariadb app_dev -e "
		create table kept (id int primary key, v int);
		create table hangs (id int primary key, r int,
			foreign key (r) references kept (id) on delete cascade);
		insert into kept values (1, 1), (2, 2);
		insert into hangs values (1, 1), (2, 2);
		create table inbox (id int primary key);
		create trigger sweeps after insert on inbox for each row
			delete from hangs"
	undone 'delete from kept where id = 1'
	undone 'insert into inbox values (1)'
	undone 'replace into kept values (1, 5)'
	undone 'replace into kept select id, 7 from hangs'
	mariadb app_dev -e 'drop trigger sweeps'
	"$automode" undo --list | wc -l >list
	mysql app_dev -e 'insert into inbox values (9)'
	mysql app_dev -e 'select * from kept'
	diff list <("$automode" undo --list | wc -l)
}

@test "statements whose text is not here reach the whole server" {
	mariadb_root -e 'create database other_dev; use other_dev;
		create table z as select seq from seq_1_to_9;
		use app_dev; create procedure far() delete from other_dev.z'
	before=$(mariadb_state app_prod)
	for q in "execute immediate 'delete from app_prod.orders'" \
		"prepare s from 'delete from app_prod.orders'; execute s" \
		"set @q = 'delete from app_prod.orders'; prepare s from @q;
			execute s" \
		"begin not atomic execute immediate concat('delete from ',
			'app_prod.orders'); end" \
		'alter database app_prod character set latin1' \
		'drop sequence app_prod.tickets' \
		'alter event app_prod.e disable' \
		'select setval(app_prod.tickets, 1)' \
		'select next value for app_prod.tickets' \
		'do app_prod.twice(2)' \
		'create or replace schema app_prod'; do
		run mysql app_dev -e "$q" </dev/null
		[ "$status" = 126 ]
		[[ $output == *app_prod* ]]
	done
	run mysql app_dev -e 'alter table orders discard tablespace' </dev/null
	[ "$status" = 126 ]
	undone "prepare s from 'delete from orders'; execute s"
	undone 'call wipe()'
	[ "$(mariadb_state app_prod)" = "$before" ]
	before=$(mariadb_state other_dev)
	mysql app_dev -e 'call far()' </dev/null
	[ "$(mariadb_state other_dev)" != "$before" ]
	"$automode" undo
	[ "$(mariadb_state other_dev)" = "$before" ]
	both mysql app_dev -e "prepare s from 'select count(*) from orders';
		execute s"
}

@test "an undo that fails leaves what was there" {
	mysql app_dev -e 'delete from orders'
	now=$(mariadb_state)
	dump=$(ls "$AUTOMODE_STATE_DIR"/vault/files/entries/*/database/dump)
	printf '\nthis is no SQL;\n' >>"$dump"
	run "$automode" undo
	[ "$status" != 0 ]
	[[ $output == *"as it was before undo"* ]]
	[ "$(mariadb_state)" = "$now" ]
}

@test "rows are imported, and those they replace come back" {
	printf '1\t9\t1\n' >orders.txt
	before=$(mariadb_state)
	mysqlimport --local --delete app_dev "$PWD/orders.txt"
	[ "$(mariadb_state)" != "$before" ]
	"$automode" undo
	after=$(mariadb_state)
	diff <(echo "$before") <(echo "$after")
	run mysqlimport --local app_prod "$PWD/orders.txt"
	[ "$status" = 126 ]
	[[ $output == *app_prod* ]]
	run mysqlimport --delete -h db.prod.example app "$PWD/orders.txt"
	[ "$status" = 126 ]
	[[ $output == *db.prod.example* ]]
}

@test "a session in a terminal keeps the databases of its server" {
	command -v tmux >/dev/null || skip "no tmux"
	t="tmux -L mysql$$ -f /dev/null"
	see() { # TEXT: within ten seconds
		for _ in $(seq 600); do
			$t capture-pane -p -S -80 | grep -qF "$1" && return
			sleep 0.1
		done
		$t capture-pane -p -S -80
		return 1
	}
	before=$(mariadb_state)
	aside=$(mariadb_state app_prod)
	# where production may be typed as well, nothing is
	$t new-session -d -x 100 -y 40 "mysql app_dev; sleep 60" 3>&-
	see 'automode: denied'
	see 'app_prod'
	$t kill-server
	mariadb_root -e 'drop database app_prod; create database other_dev;
		use other_dev; create table orders (a int); insert into orders
		values (5)'
	aside=$(mariadb_state other_dev)
	$t new-session -d -x 100 -y 40 "mysql app_dev" 3>&-
	see '[app_dev]>'
	$t send-keys "drop table orders\\;" Enter
	see 'Query OK'
	$t send-keys "use other_dev\\;" Enter
	see '[other_dev]>'
	$t send-keys "drop table orders; select 7 * 6\\;" Enter
	see '42 |'
	$t send-keys 'exit' Enter
	$t kill-server 2>/dev/null || true
	[ "$(mariadb_state)" != "$before" ]
	[ "$(mariadb_state other_dev)" != "$aside" ]
	"$automode" undo
	[ "$(mariadb_state other_dev)" = "$aside" ]
	after=$(mariadb_state)
	diff <(echo "$before") <(echo "$after")
}

@test "what reads production only reads, whatever it calls" {
	mariadb_root app_prod --delimiter=// -e "create function wipe()
		returns int modifies sql data begin delete from orders; return 1; end"
	mariadb_root app_prod -e 'create view seen as select wipe() as w'
	mkdir -p "$HOME/.config/automode"
	printf '[effect "db.read"]\n\tproduction = allow\n\tsecret = allow\n' \
		>"$HOME/.config/automode/policy"
	before=$(mariadb_state app_prod)
	for q in 'select * from seen' 'use app_prod; select count(*) from seen' \
		'start transaction; table seen; commit' \
		'select 1; set session transaction read write; table seen' \
		'set @@tx_read_only = 0; table seen'; do
		run mysql app_prod -e "$q"
		[ "$status" != 0 ]
	done
	run mysql app_dev -e 'select * from app_prod.seen'
	[[ $output == *"READ ONLY"* ]]
	[ "$(mariadb_state app_prod)" = "$before" ]
	for q in 'show tables' 'select * from orders' 'explain select * from orders' \
		'create temporary table t as select * from orders; select count(*) from t' \
		'set autocommit = 0; select count(*) from orders; commit' \
		'select @@version; select nosuch'; do
		(PATH=$plain_path mysql app_prod -e "$q" || echo "$?") >want 2>&1
		(mysql app_prod -e "$q" || echo "$?") 2>&1 | diff want -
	done
	echo 'select count(*) from orders' | mysql -N app_prod >count
	[ "$(<count)" = 90 ]
}

@test "production is not written to, however it is named" {
	before=$(mariadb_state app_prod)
	denied() {
		run "$@" </dev/null
		[ "$status" = 126 ]
		[[ $output == *prod* ]]
		[[ $output != *hush* ]]
	}
	denied mysql app_prod -e 'delete from orders where id = 1'
	denied mysql -D app_prod -e 'insert into orders values (999, 1, 1)'
	denied mysql --database=app_prod --execute='drop table orders'
	denied mysql --data=app_prod --exec 'drop table orders'
	denied mysql app_dev -e 'use app_prod; drop table orders'
	denied mysql app_dev -e '\u app_prod
		drop table orders'
	denied mysql app_dev -e 'update `app_prod`.orders set total = 0'
	denied mysql app_dev -e 'drop table customers, app_prod.orders'
	denied mysql -e 'drop schema if exists app_prod'
	denied mysql app_dev -e 'delete o from app_dev.orders x join app_prod.orders o'
	denied mysqladmin drop app_prod
	denied mysqlslap --create-schema=app_prod -q 'select 1'
	denied mysqlcheck --repair app_prod
	denied mysqloptimize app_prod
	denied mysqldump app_prod
	denied mysql app_prod -e 'select * from customers'
	denied mysql -h db.prod.example app -e 'create table x (i int)'
	denied mysql -h x.rds.amazonaws.com prod -e 'create table x (i int)'
	printf '[client]\nuser=dev\n[mysql]\ndatabase=app_prod\n' >.my.cnf
	denied mysql -e 'delete from orders'
	printf '[client]\nuser=dev\nhost=db.prod.example\n' >other.cnf
	denied mysql --defaults-file=other.cnf app -e 'delete from orders'
	denied mysql --defaults-extra-file=other.cnf app -e 'drop table orders'
	printf '[client_live]\nhost=db.prod.example\n' >>.my.cnf
	denied mysql --defaults-group-suffix=_live app -e 'drop table orders'
	denied env MYSQL_GROUP_SUFFIX=_live mysql app -e 'drop table orders'
	run bash -c "printf 'drop table orders;' | mysql app_prod"
	[ "$status" = 126 ]
	[ "$(mariadb_state app_prod)" = "$before" ]
	[ "$(mysql --no-defaults -u dev -N app_prod \
		-e 'select count(*) from orders')" = 90 ]
}

@test "shells, files of the server and code do not run" {
	denied() {
		run "$@" </dev/null
		[ "$status" = 126 ]
		[ ! -e leaked ]
	}
	denied mysql app_dev -e '\! touch leaked'
	denied mysql app_dev -e 'system touch leaked'
	denied mysql app_dev -e 'select 1 \! touch leaked'
	denied mysql app_dev -e "select 1 into outfile '/tmp/leaked-by-mysql'"
	denied mysql app_dev -e "load data infile '/etc/passwd' into table orders"
	denied mysql app_dev -e 'set global general_log_file = "/tmp/x"'
	denied mysql app_dev -e 'install plugin x soname "x.so"'
	denied mysql app_dev -e 'shutdown'
	denied mysql app_dev -e 'set names gbk'
	denied mysql app_dev --default-character-set=sjis -e 'select 1'
	denied mysql app_dev -e 'set sql_mode = "NO_BACKSLASH_ESCAPES"'
	denied mysql --print-defaults
	denied mysqladmin shutdown
	denied mysqlslap --pre-system='touch leaked' -a
	denied mysqldump --tab=/tmp app_dev
	printf 'select 1;\nsystem touch leaked\n' >s.sql
	run bash -c 'mysql app_dev <s.sql'
	[ "$status" = 126 ]
	denied mysql -e 'source s.sql'
	printf "/*!50000 select 1 */;\n\\\\! touch leaked\n" >t.sql
	run bash -c 'mysql app_dev <t.sql'
	[ "$status" = 126 ]
	[ ! -e leaked ]
}

@test "output, status and messages are as always" {
	both mysql --version
	both mysql app_dev -e 'select count(*) from orders'
	both mysql -t app_dev -e 'select id, upper('a') from orders where id < 4'
	both mysql app_dev -BNe 'show tables'
	both mysql app_dev --skip-column-names --local-infile=1 -e 'desc orders'
	both mysql app_dev -e 'select nosuch from orders'
	both mysql nosuch -e 'select 1'
	both mysql -h 127.0.0.1 -P 1 -e 'drop table orders'
	both mysql -S "$mariadb_socket" -h localhost app_dev -e 'select 1'
	both bash -c 'printf "select 1;\nselect 2\\G" | mysql app_dev'
	both bash -c 'mysql app_dev <<<"select \"; drop table x\" as a;"'
	both mysql app_dev -e "update orders set total = 5 where id = 7"
	both mysqladmin ping
	both mysqlcheck app_dev
	both mysqlanalyze --version
	both mysqldump --skip-dump-date app_dev orders
	mysqldump app_dev >dump.sql
	mysql -e 'create database fresh'
	mysql fresh -e 'create table n (i int); insert into n values (1), (2)'
	printf '7\n8\n' >in.csv
	mysql fresh -e "load data local infile 'in.csv' into table n"
	[ "$(mysql -N fresh -e 'select sum(i) from n')" = 18 ]
	[ "$("$automode" undo --list)" = "nothing is kept" ]
	mysql app_dev <dump.sql
	[ "$(mysql -N app_dev -e 'select count(*) from orders')" = 90 ]
}
