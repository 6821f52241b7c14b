# SPDX-License-Identifier: Apache-2.0
# A PostgreSQL server on a free port of loopback, with the databases app_dev
# (of the superuser dev) and app_prod.  shellcheck shell=bash
#
#	postgres_start DIR	sets PGHOST, PGPORT, PGUSER, PGDATABASE
#	postgres_stop
#	postgres_state [DB]	the whole database as text
#	postgres_root ARGS...	psql as the superuser, behind every shim

. "${BASH_SOURCE[0]%/*}/template.bash"
# shellcheck source=tests/services/port.bash
. "${BASH_SOURCE[0]%/*}/port.bash"

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

# A statement with these words is at work.
postgres_busy() { # WORDS
	[ "$(postgres_root -d postgres -c "select count(*) from pg_stat_activity
		where state = 'active' and pid <> pg_backend_pid()
		and position('$1' in query) > 0")" -gt 0 ]
}

# A cluster with the two databases in DIR/data, ended again.
postgres_make() { # DIR
	local bin postgres_port=5432
	bin=$(postgres_bin) || return 1
	[ "$(id -u)" != 0 ] || chown postgres: "$1"
	cd "$1" || return 1
	LC_ALL=C postgres_as "$bin/initdb" -D data -A trust -U postgres \
		--no-locale -E UTF8 -N --wal-segsize=1 >/dev/null &&
		postgres_launch "$1" -c listen_addresses= &&
		postgres_fill "$1" &&
		postgres_as "$bin/pg_ctl" -w -D data -m fast stop >/dev/null
}

postgres_launch() { # DIR OPTION...
	local dir=$1
	shift
	LC_ALL=C postgres_as "$(postgres_bin)/pg_ctl" -w -D "$dir/data" \
		-l "$dir/log" -o "-p $postgres_port -k $dir -c fsync=off $*" \
		start >/dev/null 3>&-
}

postgres_fill() ( # DIR: where its socket lies
	postgres_root -h "$1" -d postgres -c 'create role dev login superuser' \
		-c 'create role app login' -c 'create database app_dev owner dev' \
		-c 'create database app_prod owner app' || exit 1
	for db in app_dev app_prod; do
		postgres_root -h "$1" -d "$db" <<-'END' || exit 1
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
	postgres_root -h "$1" -d postgres -c checkpoint
)

postgres_start() {
	local from
	postgres_bin >/dev/null || return 1
	postgres_dir=$1
	mkdir -p "$postgres_dir" || return 1
	[ "$(id -u)" != 0 ] || chown postgres: "$postgres_dir"
	if from=$(template postgres postgres_make); then
		cp -a "$from/data" "$postgres_dir/data"
	else
		(postgres_make "$postgres_dir")
	fi || return 1
	postgres_port=$(free_port)
	(
		cd "$postgres_dir" &&
			postgres_launch "$postgres_dir" \
				-c listen_addresses=127.0.0.1
	) || return 1
	export PGHOST=127.0.0.1 PGPORT=$postgres_port PGUSER=dev
	export PGDATABASE=app_dev
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

# From here on dev needs a password (SCRAM) and TLS; the superuser postgres
# comes in as before.  Every statement is in the server's log.
postgres_secure() { # PASSWORD
	postgres_root -d postgres -c "set password_encryption = 'scram-sha-256'" \
		-c "alter role dev password '$1'" || return 1
	openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost \
		-addext 'subjectAltName=DNS:localhost,IP:127.0.0.1' \
		-keyout "$postgres_dir/data/server.key" \
		-out "$postgres_dir/data/server.crt" 2>/dev/null || return 1
	chmod 600 "$postgres_dir/data/server.key"
	[ "$(id -u)" != 0 ] || chown postgres: "$postgres_dir"/data/server.*
	printf '%s\n' 'host all postgres 127.0.0.1/32 trust' \
		'local all postgres trust' \
		'local all all scram-sha-256' \
		'hostssl all all 127.0.0.1/32 scram-sha-256' \
		>"$postgres_dir/data/pg_hba.conf"
	printf '%s\n' 'ssl = on' "log_statement = 'all'" "log_line_prefix = '%u '" \
		'max_prepared_transactions = 5' \
		>>"$postgres_dir/data/postgresql.conf"
	(cd "$postgres_dir" && postgres_as "$(postgres_bin)/pg_ctl" -w -D data \
		-l log restart -m fast >/dev/null 3>&-)
}
