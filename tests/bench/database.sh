# SPDX-License-Identifier: Apache-2.0
# pgbench -S with and without the relay of a database that is only read, over
# TLS.  Short rounds of each in turn, every one beside those next to it; the
# median of their quotients: what else the machine does meets both.  Part of
# run.sh.
# shellcheck shell=bash disable=SC2154

# shellcheck source=tests/services/postgres.bash
. "$here/../services/postgres.bash"
PATH=$plain_path # no shims but the one that is measured

database_round() { # PGBENCH CLIENTS: transactions in a second
	"$1" -n -S -c "$2" -T "${BENCH_DATABASE_SECONDS:-1}" 2>/dev/null |
		awk '/^tps/ { print $3 }'
}

database_bench() {
	local clients before after relayed rounds=${BENCH_DATABASE_ROUNDS:-9}
	postgres_bin >/dev/null || return 0
	chmod 755 "$world"
	postgres_start "$world/pg" && postgres_secure secret || return 0
	mkdir -p "$HOME/.config/automode"
	printf '[database "main"]\n\thost = 127.0.0.1\n\taccess = read-only\n%s\n' \
		'[effect "db.read"] production = allow' \
		>"$HOME/.config/automode/policy"
	export PGPASSWORD=secret
	pgbench -q -i -s 2 2>/dev/null
	"$automode" gateway --stop >/dev/null
	cd "$HOME" || return
	eval "$("$automode" env)"
	PATH=$plain_path
	for clients in 1 4; do
		before=$(database_round /usr/bin/pgbench "$clients")
		report_least "pgbench -S, clients: $clients: relay / direct" "$(
			for _ in $(seq "$rounds"); do
				relayed=$(database_round \
					"$build/lib/automode/shims/pgbench" "$clients")
				after=$(database_round /usr/bin/pgbench "$clients")
				awk -v r="${relayed:-0}" -v a="${before:-0}" \
					-v b="${after:-0}" \
					'BEGIN { printf "%.2f\n", a + b ? 2 * r / (a + b) : 0 }'
				before=$after
			done | sort -g | sed -n "$(((rounds + 1) / 2))p"
		)" 0.8 x
	done
	postgres_stop
	rm -f "$HOME/.config/automode/policy"
	unset PGPASSWORD PGHOST PGPORT PGUSER PGDATABASE
}

database_bench
