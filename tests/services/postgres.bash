# SPDX-License-Identifier: Apache-2.0
# A PostgreSQL server on a free port of loopback, with the databases app_dev
# (of the superuser dev) and app_prod.  shellcheck shell=bash
#
#	postgres_start DIR	sets PGHOST, PGPORT, PGUSER, PGDATABASE
#	postgres_stop
#	postgres_state [DB]	the whole database as text
#	postgres_root ARGS...	psql as the superuser, behind every shim

postgres_bin() {
	local d
	for d in /usr/lib/postgresql/15/bin /usr/lib/postgresql/*/bin; do
		[ -x "$d/postgres" ] && echo "$d" && return
	done
	return 1
}

postgres_as() { # a server does not run as root
	if [ "$(id -u)" = 0 ]; then
		setpriv --reuid=postgres --regid=postgres --clear-groups "$@"
	else
		"$@"
	fi
}

postgres_root() {
	/usr/bin/psql -XAtq -v ON_ERROR_STOP=1 -h 127.0.0.1 \
		-p "$postgres_port" -U postgres "$@"
}

postgres_start() {
	local bin
	bin=$(postgres_bin) || return 1
	postgres_dir=$1
	mkdir -p "$postgres_dir" || return 1
	[ "$(id -u)" != 0 ] || chown postgres: "$postgres_dir"
	postgres_port=$(python3 -c 'import socket
s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
	(
		cd "$postgres_dir" || exit 1
		export LC_ALL=C
		postgres_as "$bin/initdb" -D data -A trust -U postgres \
			--no-locale -E UTF8 -N >/dev/null || exit 1
		postgres_as "$bin/pg_ctl" -w -D data -l log \
			-o "-p $postgres_port -k $postgres_dir -c fsync=off \
			-c listen_addresses=127.0.0.1" start >/dev/null 3>&-
	) || return 1
	export PGHOST=127.0.0.1 PGPORT=$postgres_port PGUSER=dev
	export PGDATABASE=app_dev
	postgres_root -d postgres -c 'create role dev login superuser' \
		-c 'create role app login' -c 'create database app_dev owner dev' \
		-c 'create database app_prod owner app'
	for db in app_dev app_prod; do
		postgres_root -d "$db" <<-'END'
			set role dev;
			create table customers (id serial primary key,
				name text not null, email text unique);
			create table orders (id int primary key, total numeric,
				customer_id int references customers on delete cascade);
			insert into customers (name, email) select 'c' || g,
				'c' || g || '@x.example' from generate_series(1, 30) g;
			insert into orders select g, g * 7, 1 + g % 30
				from generate_series(1, 90) g;
			create index orders_total on orders (total);
			create view big as select * from orders where total > 70;
			create schema aside;
			create type aside.mood as enum ('sad', 'ok');
			create table aside.notes (m aside.mood, at date default now());
			insert into aside.notes values ('ok');
			create function add(int, int) returns int language sql
				immutable as 'select $1 + $2';
			create sequence tickets start 500;
			select nextval('tickets');
			grant select on customers to app;
			comment on table orders is 'of customers';
		END
	done >/dev/null
}

postgres_stop() {
	[ -n "${postgres_dir:-}" ] || return 0
	(cd "$postgres_dir" && postgres_as "$(postgres_bin)/pg_ctl" -D data \
		-m immediate stop >/dev/null 2>&1) || true
	postgres_dir=
}

postgres_state() {
	/usr/bin/pg_dump -h 127.0.0.1 -p "$postgres_port" -U postgres \
		"${1:-app_dev}" | sed '/^\\restrict/d;/^\\unrestrict/d'
}
