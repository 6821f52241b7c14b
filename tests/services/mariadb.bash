# SPDX-License-Identifier: Apache-2.0
# A MariaDB server on a free port of loopback, with the databases app_dev and
# app_prod of the user dev.  shellcheck shell=bash
#
#	mariadb_start DIR	sets mariadb_port, mariadb_socket
#	mariadb_stop
#	mariadb_root ARGS...	the client as root, behind every shim
#	mariadb_state [DB]	the whole database as text

. "${BASH_SOURCE[0]%/*}/template.bash"
# shellcheck source=tests/services/port.bash
. "${BASH_SOURCE[0]%/*}/port.bash"

mariadb_as() { # a server does not run as root
	if [ "$(id -u)" = 0 ]; then
		setpriv --reuid=mysql --regid=mysql --clear-groups "$@"
	else
		"$@"
	fi
}

mariadb_root() {
	/usr/bin/env -u MYSQL_PWD -u MYSQL_HOST -u MYSQL_TCP_PORT \
		/usr/bin/mariadb --no-defaults -u root -S "$mariadb_socket" -N "$@"
}

mariadb_launch() { # DIR OPTION...: sets mariadb_pid
	local dir=$1
	shift
	mariadb_socket=$dir/socket
	mariadb_as mariadbd --no-defaults --datadir="$dir/d" \
		--socket="$mariadb_socket" --skip-log-bin --local-infile=1 \
		--pid-file="$dir/d/pid" --innodb-flush-log-at-trx-commit=0 \
		--innodb-log-file-size=4M "$@" >"$dir/log" 2>&1 3>&- &
	mariadb_pid=$!
	for _ in $(seq 400); do
		mariadb_root -e 'select 1' >/dev/null 2>&1 && return
		sleep 0.05
	done
	return 1
}

# A data folder with the two databases in DIR/d, its server ended again.
mariadb_make() { # DIR
	local mariadb_pid mariadb_socket rc=1
	[ "$(id -u)" != 0 ] || chown mysql: "$1"
	mariadb_as mariadb-install-db --no-defaults --datadir="$1/d" \
		--skip-test-db --auth-root-authentication-method=normal \
		--innodb-log-file-size=4M >"$1/install" 2>&1 3>&- || return 1
	mariadb_launch "$1" --skip-networking && mariadb_fill &&
		mariadb_root -e shutdown && rc=0
	[ $rc = 0 ] || kill "$mariadb_pid"
	wait "$mariadb_pid"
	return $rc
}

mariadb_fill() {
	mariadb_root <<-'END' || return 1
		create user dev@127.0.0.1 identified by 'hush';
		create user dev@localhost identified by 'hush';
		grant all on *.* to dev@127.0.0.1 with grant option;
		grant all on *.* to dev@localhost with grant option;
	END
	for db in app_dev app_prod; do
		mariadb_root <<-END || return 1
			create database $db character set utf8mb4;
			use $db
			create table customers (id int primary key
				auto_increment, name varchar(60) not null,
				email varchar(90) unique, photo blob);
			create table orders (id int primary key, total
				decimal(9,2), customer_id int,
				foreign key (customer_id) references
				customers (id) on delete cascade);
			insert into customers (name, email, photo)
				select concat('c', seq), concat(seq, '@x'),
				unhex('00ff0a5c27') from seq_1_to_30;
			insert into orders select seq, seq * 7, 1 + seq % 30
				from seq_1_to_90;
			create index orders_total on orders (total);
			create view big as select * from orders where total > 70;
			create sequence tickets start with 500;
			delimiter //
			create function twice(i int) returns int deterministic
			begin
				return i * 2;
			end //
			create trigger no_names before insert on customers
			for each row begin
				if new.name = '' then
					set new.name = '?';
				end if;
			end //
			create procedure wipe() begin delete from orders; end //
		END
	done
}

mariadb_start() {
	local from
	mariadb_dir=$1
	mkdir -p "$mariadb_dir" || return 1
	[ "$(id -u)" != 0 ] || chown mysql: "$mariadb_dir"
	if from=$(template mariadb mariadb_make); then
		cp -a "$from/d" "$mariadb_dir/d"
	else
		mariadb_make "$mariadb_dir"
	fi || return 1
	mariadb_port=$(free_port)
	mariadb_launch "$mariadb_dir" --port="$mariadb_port" \
		--bind-address=127.0.0.1
}

mariadb_stop() {
	local server
	[ -n "${mariadb_pid:-}" ] || return 0
	# the one that was started is the shell around it
	server=$(/usr/bin/cat "$mariadb_dir/d/pid" 2>/dev/null) &&
		kill "$server" 2>/dev/null
	wait "$mariadb_pid" 2>/dev/null || true
	mariadb_pid=
}

mariadb_state() {
	/usr/bin/env -u MYSQL_PWD -u MYSQL_HOST -u MYSQL_TCP_PORT \
		/usr/bin/mysqldump --no-defaults -u root -S "$mariadb_socket" \
		--skip-dump-date --routines --triggers --events --databases \
		"${1:-app_dev}"
}
