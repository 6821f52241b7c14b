#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# redis-cli against a real server: production stays as it is, the keys that a
# command takes come back with their times, and the rest is as always.

load world
. "$BATS_TEST_DIRNAME/../services/redis.bash"

setup() {
	command -v redis-server >/dev/null || skip "no Redis server"
	make_world
	redis_start "$world/redis"
	cd "$HOME" || return 1
	{
		for i in $(seq 300); do echo "set key:$i value$i"; done
		echo 'set session "a\x00b\nc" EX 5000'
		echo 'rpush list 1 2 3 4 5'
		echo 'hset hash f 1 g 2'
		echo 'zadd board 1 a 2 b 3 c'
		echo 'sadd set a b c'
		echo 'xadd stream 1-1 f v'
		echo 'set "odd \x01key\n" 1'
		echo 'select 1'
		echo 'set other 1 PX 90000000'
	} | redis_plain >/dev/null
	as_agent
	hash -r
}

teardown() {
	redis_stop
	end_world
}

undone() { # ARGS...: allowed, changes something, and comes back
	local before
	before=$(redis_state)
	redis-cli -p "$redis_port" "$@"
	[ "$(redis_state)" != "$before" ]
	"$automode" undo
	after=$(redis_state)
	diff <(echo "$before") <(echo "$after")
}

@test "what is destroyed comes back, with its times" {
	undone flushall
	undone flushdb async
	undone -n 1 FLUSHDB </dev/null
	undone del session key:1 nosuch
	undone unlink list hash
	undone spop set 3
	undone lpop list 9
	undone zpopmin board 9
	undone lmpop 2 nosuch list left count 9
	undone bzmpop 1 1 board max count 5
	undone xadd stream maxlen 0 '*' f w
	before=$(redis_state)
	redis-cli -p "$redis_port" config set maxmemory 1 \
		maxmemory-policy allkeys-random
	redis_plain -n 1 set more 1 >/dev/null || true
	redis_plain config set maxmemory 0
	[ "$(redis_state)" != "$before" ]
	"$automode" undo
	after=$(redis_state)
	diff <(echo "$before") <(echo "$after")
	undone rename key:2 key:3
	undone eval "redis.call('del', 'board') redis.call('set', 'new', 1)" 0
	undone zunionstore board 1 board WEIGHTS 3
	undone ltrim list 4 9
	undone expire key:5 0
	undone pexpire key:9 40
	undone getex key:10 ex 1
	undone getdel key:6
	undone copy key:7 key:8 replace
	undone sort list store set
	undone swapdb 0 1
	undone -u "redis://127.0.0.1:$redis_port/1" del other
	undone --quoted-input del '"odd \x01key\n"'
	printf 'select 1\ndel other\nselect 0\ndel set\n' >cmds
	undone <cmds
	printf '*2\r\n$3\r\nDEL\r\n$4\r\nlist\r\nDEL hash\r\n' >raw
	undone --pipe <raw
	printf session | undone -x del
	printf 'return redis.call("flushall")' >f.lua
	undone --eval f.lua
}

@test "a session in a terminal is kept as a whole" {
	command -v tmux >/dev/null || skip "no tmux"
	t="tmux -L redis$$ -f /dev/null"
	before=$(redis_state)
	$t new-session -d -x 100 -y 40 "redis-cli -p $redis_port" 3>&-
	for _ in $(seq 600); do
		$t capture-pane -p | grep -q '127.0.0.1:.*>' && break
		sleep 0.1
	done
	$t send-keys flushall Enter
	for _ in $(seq 600); do
		[ "$(redis_state)" = "$before" ] || break
		sleep 0.1
	done
	$t send-keys quit Enter
	$t kill-server 2>/dev/null || true
	[ "$(redis_state)" != "$before" ]
	"$automode" undo
	after=$(redis_state)
	diff <(echo "$before") <(echo "$after")
}

@test "undo can be undone; keys that were not there go" {
	before=$(redis_state)
	redis-cli -p "$redis_port" rename key:1 fresh
	after=$(redis_state)
	run "$automode" undo
	[ "$(redis_state)" = "$before" ]
	"$automode" undo "${output##*undo }"
	[ "$(redis_state)" = "$after" ]
}

@test "production is not written to, other machines are asked about" {
	mkdir -p "$HOME/.config/automode"
	printf '[database "cache"]\n\thost = 127.0.0.1:%s\n\taccess = read-only\n' \
		"$redis_port" >"$HOME/.config/automode/policy"
	"$automode" gateway --stop
	before=$(redis_state)
	denied() {
		run redis-cli "$@" </dev/null
		[ "$status" = 126 ]
	}
	denied -p "$redis_port" set a 1
	denied -p "$redis_port" del key:1
	denied -p "$redis_port" FlushAll
	denied -p "$redis_port" config set maxmemory 1
	denied -p "$redis_port" eval 'return 1' 0
	[[ $output == *"destroys data"* ]]
	denied -p "$redis_port" shutdown
	denied -p "$redis_port" unheard-of x
	denied -u "redis://127.0.0.1:$redis_port" incr n
	denied -p "$redis_port" get key:1
	run bash -c "printf 'connect 127.0.0.1 $redis_port\ndel key:1\n' |
		redis-cli -p 1"
	[ "$status" = 126 ]
	denied -h cache.prod.example set a 1
	[[ $output == *production* ]]
	denied -h x.cache.amazonaws.com flushall
	denied -h db.example.com set a 1
	[ "$(redis_state)" = "$before" ]
	redis-cli -p "$redis_port" info server >/dev/null
	[ "$(redis-cli -p "$redis_port" dbsize)" = 307 ]
}

@test "a server is not made to write files or load code" {
	for c in 'config set dir /tmp' 'config set dbfilename x' \
		'module load /tmp/x.so' 'replicaof evil.example 6379' \
		'debug segfault' 'migrate evil.example 6379 key:1 0 100' \
		'function flush'; do
		# shellcheck disable=SC2086
		run redis-cli -p "$redis_port" $c
		[ "$status" = 126 ]
	done
	run redis-cli --cluster reset 127.0.0.1:1
	[ "$status" = 126 ]
}

@test "output, status and messages are as always" {
	p=$redis_port
	both redis-cli -p "$p" ping
	both redis-cli -s "$world/redis/socket" get key:3
	both redis-cli -p "$p" set a b
	both redis-cli -p "$p" -e get
	both redis-cli -p "$p" --no-raw lrange list 0 -1
	both redis-cli -p "$p" --csv hgetall hash
	both redis-cli -p 1 flushall
	both redis-cli -p "$p" -a wrong get a
	both redis-cli --version
	both redis-cli -p "$p" --scan --pattern 'ses*'
	both bash -c "printf 'set x 1\nget x\n' | redis-cli -p $p"
	both bash -c "printf v | redis-cli -p $p -x set y"
	both redis-cli -p "$p" sort list
	both redis-cli -p "$p" expire key:9 5000
	both redis-cli -p "$p" config get maxmemory
	[ "$("$automode" undo --list)" = "nothing is kept" ]
}

@test "the table has every command of the server" {
	table=$BATS_TEST_DIRNAME/../../gateway/parse/redis_commands.c
	export LC_ALL=C
	redis_plain command list | tr '|' ' ' | sort >"$world/commands"
	[ -s "$world/commands" ]
	sed -n 's/^ *{"\([^"]*\)".*/\1/p' "$table" | sort >"$world/table"
	[ -z "$(comm -23 "$world/commands" "$world/table")" ]
}
