# SPDX-License-Identifier: Apache-2.0
# pgbench -S with and without the relay of a database that is only read, over
# TLS, for run.sh (or alone: database.sh BUILD).  Short rounds of each in turn,
# every one beside those next to it; the median of their quotients: what else
# the machine does meets both.
# shellcheck shell=bash disable=SC2154

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
if [ -z "${world:-}" ]; then
	build=${1:-build}
	case $build in /*) ;; *) build=$PWD/$build ;; esac
	automode=$build/bin/automode plain_path=$PATH
	world=$(mktemp -d "${BENCH_DIR:-${TMPDIR:-/var/tmp}}/automode-bench.XXXXXX")
	export HOME=$world/home XDG_RUNTIME_DIR=$world/run
	export AUTOMODE_STATE_DIR=$world/state AUTOMODE_SHARE=$build/share/automode
	unset AUTOMODE_SESSION
	mkdir -p "$HOME"
	mkdir -m 700 "$XDG_RUNTIME_DIR"
	trap '"$automode" gateway --stop >/dev/null 2>&1
		/usr/bin/rm -rf "$world"' EXIT
	report_least() { printf '%-58s %9s %s (at least %s)\n' "$1" "$2" "$4" "$3"; }
fi
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
