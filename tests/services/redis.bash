# SPDX-License-Identifier: Apache-2.0
# A Redis server on a free port of loopback.  shellcheck shell=bash
#
#	redis_start DIR		sets redis_port
#	redis_stop
#	redis_plain ARGS...	redis-cli, behind every shim
#	redis_state		all keys of all databases as text

# shellcheck source=tests/services/port.bash
. "${BASH_SOURCE[0]%/*}/port.bash"

redis_plain() {
	/usr/bin/redis-cli -p "$redis_port" "$@"
}

redis_start() {
	redis_dir=$1
	mkdir -p "$redis_dir" || return 1
	redis_port=$(free_port)
	redis-server --port "$redis_port" --bind 127.0.0.1 --save '' \
		--dir "$redis_dir" --unixsocket "$redis_dir/socket" \
		>"$redis_dir/log" 2>&1 3>&- &
	redis_pid=$!
	for _ in $(seq 600); do
		[ "$(redis_plain ping 2>/dev/null)" = PONG ] && return
		sleep 0.05
	done
	return 1
}

redis_stop() {
	[ -n "${redis_pid:-}" ] || return 0
	kill "$redis_pid" 2>/dev/null
	wait "$redis_pid" 2>/dev/null || true
	redis_pid=
}

redis_state() {
	local db
	for db in 0 1 2; do
		redis_plain -n "$db" eval "local out = {}
			local all = redis.call('keys', '*')
			table.sort(all)
			for i, k in ipairs(all) do
				local v
				if redis.call('type', k).ok == 'set' then
					v = redis.call('smembers', k)
					table.sort(v)
					v = table.concat(v, ' ')
				else
					v = redis.sha1hex(redis.call('dump', k))
				end
				out[i] = k .. ' ' .. v .. ' ' ..
				    redis.call('pexpiretime', k)
			end
			return out" 0
	done
}
