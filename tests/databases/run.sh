#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What PostgreSQL statements are said to do, beside what the server shows that
# they have done: a server of its own, with TLS and SCRAM.
#
#	run.sh BUILD [PATTERN]
set -u
here=$(cd "$(dirname "$0")" && pwd)
build=${1:?build folder}
case $build in /*) ;; *) build=$PWD/$build ;; esac
# shellcheck source=tests/services/postgres.bash
. "$here/../services/postgres.bash"
if ! postgres_bin >/dev/null; then
	echo "ok 1 - statements # SKIP no PostgreSQL server"
	echo "1..1"
	exit 0
fi
world=$(mktemp -d "${TMPDIR:-/tmp}/automode-databases.XXXXXX")
export HOME=$world/home XDG_RUNTIME_DIR=$world/run
export AUTOMODE_STATE_DIR=$world/state AUTOMODE_SHARE=$build/share/automode
unset AUTOMODE_SESSION
mkdir -p "$HOME"
mkdir -m 700 "$XDG_RUNTIME_DIR"
chmod 755 "$world"
trap 'postgres_stop
	"$build/bin/automode" gateway --stop >/dev/null 2>&1
	rm -rf "$world"' EXIT
postgres_start "$world/pg" && postgres_secure hush || exit 1
postgres_programs=$(postgres_bin)
export postgres_programs PGPASSWORD=hush PGSSLMODE=require postgres_dir postgres_port
"$here/truth.py" "$build" "${2:-}"
