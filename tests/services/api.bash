# SPDX-License-Identifier: Apache-2.0
# A forge's interface on a free port of localhost, with a certificate of a
# test authority.  shellcheck shell=bash
#
#	api_start DIR [REPOSITORIES]
#			sets api_port, api_ca, api_record, api_pid
#	api_stop
#	api_asked METHOD PATH	was it asked so?

api_start() {
	local dir=$1 here
	here=$(dirname "${BASH_SOURCE[0]}")
	mkdir -p "$dir"
	api_ca=$dir/ca.pem api_record=$dir/record
	: >"$api_record"
	rm -f "$api_record.port"
	/usr/bin/openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
		-keyout "$dir/ca.key" -out "$api_ca" -days 2 \
		-subj /CN=test-authority 2>/dev/null || return 1
	/usr/bin/openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
		-keyout "$dir/key" -out "$dir/csr" -subj /CN=localhost \
		2>/dev/null || return 1
	printf 'subjectAltName=DNS:localhost,IP:127.0.0.1\n' >"$dir/ext"
	/usr/bin/openssl x509 -req -in "$dir/csr" -CA "$api_ca" -CAkey "$dir/ca.key" \
		-CAcreateserial -days 2 -extfile "$dir/ext" \
		-out "$dir/cert" 2>/dev/null || return 1
	python3 "$here/api.py" 0 "$dir/cert" "$dir/key" "$api_record" "${2:-}" \
		>"$dir/log" 2>&1 3>&- &
	api_pid=$!
	for _ in $(seq 600); do
		[ -s "$api_record.port" ] && break
		sleep 0.05
	done
	# shellcheck disable=SC2034 # for the caller
	api_port=$(cat "$api_record.port")
}

api_stop() {
	[ -n "${api_pid:-}" ] || return 0
	kill "$api_pid" 2>/dev/null
	wait "$api_pid" 2>/dev/null || true
	api_pid=
}

api_asked() {
	grep -qF "\"method\": \"$1\", \"path\": \"$2" "$api_record"
}
